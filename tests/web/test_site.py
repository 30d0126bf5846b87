"""The pages: who gets in, what a browser holds, what another site cannot do, what is said in which words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

from acd.store.records import Role
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.shell import LOGIN, PAGES, REFUSED
from tests.web.conftest import DAY_MS, SECRET, bearing, machines, secret_of

PATHS = tuple(page.path.replace("{call}", "ast1-1.0") for page in PAGES)
OF_SUPERVISORS = tuple(path for path in PATHS if not path.startswith("/agent"))


@pytest.fixture
async def browser(server):
    """A client that keeps cookies and follows nothing."""
    async with TestClient(server) as it:
        yield it


async def enter(browser, secret, where="", **headers):
    """Send the login's form."""
    form = {"token": secret, "next": where}
    return await browser.post("/login", data=form, headers=headers, allow_redirects=False)


def cookies(browser):
    """What the browser holds."""
    return {cookie.key: cookie for cookie in browser.session.cookie_jar}


# ── in ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_is_sent_to_the_login_and_comes_back(browser, path):
    """With the whole address: a screen's filter is not lost."""
    answer = await browser.get(f"{path}?queues=a,b&kiosk=1", allow_redirects=False)
    assert answer.status == 303
    login = await browser.get(answer.headers["Location"])
    field = re.search(r'name="next" value="([^"]*)"', await login.text())
    assert field is not None
    assert field[1] == f"{path}?queues=a,b&amp;kiosk=1"


async def test_a_token_opens_a_session_of_two_cookies(browser):
    """The one no script reads; the other only proves that a page of ours asks."""
    answer = await enter(browser, secret_of("supervisor"), "/board?queues=a")
    assert (answer.status, answer.headers["Location"]) == (303, "/board?queues=a")
    held = cookies(browser)
    assert set(held) == {"acd_session", "acd_csrf"}
    assert held["acd_session"]["httponly"]
    assert not held["acd_csrf"]["httponly"]
    assert {cookie["samesite"] for cookie in held.values()} == {"Strict"}
    assert not any(secret_of("supervisor") in cookie.value for cookie in held.values())
    assert (await browser.get("/board")).status == 200
    assert (await (await browser.get("/api/v1/me")).json())["who"] == "token:supervisor"


async def test_behind_tls_the_cookies_are_secure_and_bound_to_the_host(browser):
    """Whether the TLS is ours or a proxy's."""
    answer = await enter(browser, secret_of("supervisor"), **{"X-Forwarded-Proto": "https"})
    told = answer.headers.getall("Set-Cookie")
    assert all(each.startswith("__Host-acd_") and "Secure" in each and "Path=/" in each for each in told)


@pytest.mark.parametrize("secret", ["", "acd_nonsense", SECRET.upper(), "x" * 300])
async def test_a_bad_token_opens_nothing(browser, secret):
    """And the page says so, in a sentence, without repeating what was typed."""
    answer = await enter(browser, secret)
    text = await answer.text()
    assert answer.status == 401
    assert "Il token non è valido" in text
    assert not secret or secret not in text
    assert cookies(browser) == {}


async def test_guessing_is_slowed_down(browser):
    """As for every stranger."""
    answers = [await enter(browser, f"acd_guess-{n}") for n in range(25)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await enter(browser, secret_of("viewer"))).status == 303


@pytest.mark.parametrize(
    "where",
    [
        "https://elsewhere.example/board",
        "//elsewhere.example/board",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/api/v1/me",
        "board",
        "/nowhere",
    ],
)
async def test_the_login_leads_to_our_own_pages_only(browser, where):
    """No link to us may be made that ends elsewhere."""
    answer = await enter(browser, secret_of("viewer"), where)
    assert answer.headers["Location"] == "/board"


async def test_a_token_of_the_settings_logs_in_too(browser):
    """It is on no list of the store."""
    assert (await enter(browser, SECRET)).status == 303
    assert (await browser.get("/board")).status == 200


@pytest.mark.parametrize(("who", "home"), [("agent", "/agent"), ("operator", "/board")])
async def test_everybody_has_a_first_page(browser, who, home):
    """An agent their own, all others the board."""
    assert (await enter(browser, secret_of(who))).headers["Location"] == home
    assert (await browser.get("/", allow_redirects=False)).headers["Location"] == home


async def test_a_screen_logs_itself_in_after_a_restart(browser, centre, clock):
    """Who may only look keeps the token where only the login gets it; a revoked one is thrown away."""
    answer = await enter(browser, secret_of("viewer"), "/board?kiosk=1")
    screen = answer.cookies["acd_screen"]
    assert (screen["path"], screen["httponly"], screen["samesite"]) == ("/login", True, "Strict")
    kept = {"Cookie": f"acd_session=of-before; acd_screen={screen.value}"}
    async with TestClient(TestServer(build_api(centre, Bearers(machines()), clock=clock))) as after:
        sent = await after.get("/board?kiosk=1", headers=kept, allow_redirects=False)
        back = await after.get(sent.headers["Location"], headers=kept, allow_redirects=False)
        assert (back.status, back.headers["Location"]) == (303, "/board?kiosk=1")
        assert back.cookies["acd_session"].value
        await after.delete("/api/v1/tokens/id-viewer", headers=bearing(SECRET))
        again = await after.get("/login", headers=kept, allow_redirects=False)
        assert (again.status, again.cookies["acd_screen"].value) == (401, "")


async def test_a_screen_tries_again_while_the_tokens_cannot_be_read(centre, clock):
    """By itself: nobody stands before it."""
    centre.small_store.broken = True
    kept = {"Cookie": f"acd_screen={secret_of('viewer')}"}
    async with TestClient(TestServer(build_api(centre, Bearers(machines()), clock=clock))) as after:
        answer = await after.get("/login?next=/board", headers=kept)
        assert (answer.status, answer.headers["Refresh"]) == (503, "15")


# ── out ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_ends_at_logout_and_its_cookie_opens_nothing_after(browser):
    """Even where somebody kept the cookie."""
    await enter(browser, secret_of("viewer"))
    held = {name: cookie.value for name, cookie in cookies(browser).items()}
    answer = await browser.post("/logout", data={"csrf": held["acd_csrf"]}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in held.items())}
    assert (await browser.get("/api/v1/me", headers=kept)).status == 401
    assert (await browser.get("/board", headers=kept, allow_redirects=False)).status == 303


async def test_a_session_opens_no_more_than_its_token(browser, client_of, clock):
    """Revoked or expired, it is over."""
    await enter(browser, secret_of("viewer"))
    assert (await browser.get("/api/v1/me")).status == 200
    assert (await client_of("admin").delete("/api/v1/tokens/id-viewer")).status == 200
    assert (await browser.get("/api/v1/me")).status == 401
    await enter(browser, secret_of("supervisor"))
    clock.ms += DAY_MS
    assert (await browser.get("/api/v1/me")).status == 401


async def test_a_session_lasts_a_working_day_and_a_screens_as_long_as_its_token(browser, clock):
    """Who can change something logs in every day; a screen on a wall has nobody to do it."""
    await enter(browser, SECRET)
    clock.ms += 12 * 3_600_000 - 1
    assert (await browser.get("/api/v1/me")).status == 200
    clock.ms += 1
    assert (await browser.get("/api/v1/me")).status == 401


async def test_in_and_out_are_audited(browser, centre):
    """With the name of the token; of an agent not whose."""
    for who in ("operator", "agent"):
        await enter(browser, secret_of(who))
        await browser.post(
            "/logout", data={"csrf": cookies(browser)["acd_csrf"].value}, allow_redirects=False
        )
    told = [(entry.who, entry.action) for entry in centre.small_store.entries]
    assert told == [
        ("token:operator", "session.open"),
        ("token:operator", "session.close"),
        ("agent", "session.open"),
        ("agent", "session.close"),
    ]


# ── what another site cannot do ──────────────────────────────────────────────────────────────


async def test_a_write_by_cookie_needs_the_word_of_our_own_page(browser, centre):
    """A form on another site sends the cookie at most, never the header."""
    await enter(browser, secret_of("agent"))
    right = cookies(browser)["acd_csrf"].value
    for headers in ({}, {"X-ACD-CSRF": ""}, {"X-ACD-CSRF": "x" * len(right)}, {"X-ACD-CSRF": "é"}):
        answer = await browser.post("/api/v1/agents/a0001/ready", headers=headers)
        assert (answer.status, (await answer.json())["id"]) == (403, "forbidden")
    assert centre.facts == []
    answer = await browser.post("/api/v1/agents/a0001/ready", headers={"X-ACD-CSRF": right})
    assert (answer.status, len(centre.facts)) == (200, 1)


async def test_the_word_is_the_sessions_own(browser, server):
    """That of another session, set as a cookie by a neighbour host, is none."""
    await enter(browser, secret_of("agent"))
    other = TestClient(server)
    await enter(other, secret_of("viewer"))
    foreign = cookies(other)["acd_csrf"].value
    await other.session.close()
    held = cookies(browser)["acd_session"].value
    headers = {"X-ACD-CSRF": foreign, "Cookie": f"acd_session={held}; acd_csrf={foreign}"}
    assert (await browser.post("/api/v1/agents/a0001/ready", headers=headers)).status == 403


async def test_logout_too_needs_the_word(browser):
    """Nobody is logged out by a picture on another site."""
    await enter(browser, secret_of("viewer"))
    assert (await browser.post("/logout", allow_redirects=False)).status == 403
    assert (await browser.get("/api/v1/me")).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
async def test_another_sites_form_logs_nobody_in(browser, headers):
    """Else a victim would work under the attacker's name."""
    answer = await enter(browser, secret_of("viewer"), **headers)
    assert answer.status == 403
    assert cookies(browser) == {}


async def test_a_bearers_write_needs_no_word(client_of):
    """A token in a header is proof enough: no browser sends one by itself."""
    assert (await client_of("agent").post("/api/v1/agents/a0001/ready")).status == 200


async def test_a_large_form_is_refused(browser):
    """As every body."""
    assert (await browser.post("/login", data={"token": "x" * 5000})).status == 413


# ── the pages ────────────────────────────────────────────────────────────────────────────────


class Looked(HTMLParser):
    """What of a page could act: scripts, styles, handlers, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []
        self.language = ""
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action"} and value]
        if tag == "html":
            self.language = found["lang"] or ""
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in in {"script", "style"} and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("path", ["/login", *OF_SUPERVISORS])
@pytest.mark.parametrize("language", ["it", "en"])
async def test_a_page_loads_our_own_files_only_and_holds_no_script_or_style(browser, path, language):
    """So the policy of the browser can forbid all others."""
    if path != "/login":
        await enter(browser, secret_of("operator"))
    answer = await browser.get(f"{path}?lang={language}")
    looked = Looked()
    looked.feed(await answer.text())
    assert (answer.status, looked.inline, looked.language) == (200, [], language)
    assert all(each.startswith(("/", "#")) and not urlsplit(each).netloc for each in looked.addresses)
    for each in looked.addresses:
        if each.startswith("/static/"):
            assert (await browser.get(each)).status == 200, each
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


async def test_language_and_theme_are_the_readers(browser):
    """The address goes before the cookie, Italian and the system's theme before nothing."""
    for query, cookie, found in (
        ("", "", 'lang="it" data-theme="auto"'),
        ("", "acd_lang=en; acd_theme=dark", 'lang="en" data-theme="dark"'),
        ("?lang=it&theme=light", "acd_lang=en; acd_theme=dark", 'lang="it" data-theme="light"'),
        ("?lang=xx&theme=<b>", "acd_lang=%22", 'lang="it" data-theme="auto"'),
    ):
        answer = await browser.get(f"/login{query}", headers={"Cookie": cookie})
        assert found in await answer.text()


async def test_what_somebody_wrote_is_text_on_the_page(browser):
    """A name or an address with a tag in it makes none."""
    answer = await browser.get("/login?next=/board?queues=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    text = await answer.text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("who", ["agent", "viewer", "supervisor", "operator"])
async def test_a_page_is_for_its_roles(browser, who):
    """Who may not open it reads why, and the menu does not name it."""
    await enter(browser, secret_of(who))
    ladder = {"viewer": 1, "supervisor": 2, "operator": 3, "admin": 4}
    for page in PAGES:
        path = page.path.replace("{call}", "ast1-1.0")
        may = who == "agent" if page.role is Role.AGENT else ladder.get(who, 0) >= ladder[str(page.role)]
        answer = await browser.get(path)
        assert answer.status == (200 if may else 403), path
        if not may:
            assert "Pagina riservata" in await answer.text()
            assert f'<a href="{path}"' not in await answer.text()


# ── files ────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_is_kept_for_ever_under_its_digest_and_asked_for_again_under_another(browser):
    """A page of before an upgrade still gets its files."""
    page = await (await browser.get("/login")).text()
    found = re.search(r"/static/([0-9a-f]+)/base\.css", page)
    assert found is not None
    answer = await browser.get(found[0])
    assert answer.content_type == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    old = await browser.get(found[0].replace(found[1], "0" * 16))
    assert (old.status, old.headers["Cache-Control"]) == (200, "no-cache")
    again = await browser.get(found[0], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("name", ["nothing.js", "..%2fshell.py", ".", "board.html"])
async def test_nothing_else_is_served(browser, name):
    """Only what was read at the start, by its name."""
    assert (await browser.get(f"/static/0/{name}", headers=bearing(SECRET))).status == 404


def test_every_page_has_its_place():
    """Names are those of files; a page of a menu has a word for it."""
    assert len({page.name for page in (LOGIN, REFUSED, *PAGES)}) == len(PAGES) + 2
