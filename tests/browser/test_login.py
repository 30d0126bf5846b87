"""In and out: by keyboard, with cookies no script reads, and no write that a page of ours did not ask for."""

from __future__ import annotations

import pytest
from playwright.async_api import Error, Route, expect

from tests.web.conftest import secret_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WRITE = """(headers) => fetch("/api/v1/overrides", { method: "POST", headers, body: "{}" }).then(
  (answer) => answer.status)"""
INLINE = (
    "<script>window.ran = 1</script><style>h1 { display: none }</style>"
    '<p id="got-in" onclick="window.ran = 1">x</p>'
)
FRAME = """(there) => new Promise((done) => {
  const frame = Object.assign(document.createElement("iframe"), { src: there });
  addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
  document.body.append(frame);
})"""
ELSEWHERE = "() => fetch('http://127.0.0.1:9/').then(() => 'asked', (error) => error.message)"
MARKUP = "() => { document.body.innerHTML = '<b>x</b>'; }"


async def test_login_and_logout_by_keyboard(living, looker):
    """A refused token is said aloud; a good one leads where one wanted to go; after logout nothing opens."""
    page = await looker.open(living.url, "", "/board?find=pens")
    await expect(page).to_have_title("Accesso · Ente di prova")
    await page.focus("#token")
    await page.keyboard.type("acd_nonsense")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text(
        "Il token non è valido, è scaduto o è stato revocato."
    )
    looker.forgive("401")
    await page.focus("#token")
    await page.keyboard.type(secret_of("supervisor"))
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{living.url}/board?find=pens")
    await expect(page.locator("#live")).to_have_attribute("data-age", "fresh")
    await page.focus("form[action='/logout'] button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#token")).to_be_visible()
    await page.goto("/board")
    await expect(page.locator("#token")).to_be_visible()


async def test_what_the_browser_holds(living, looker):
    """The session is HttpOnly and SameSite=Strict; no script sees it, nor the token of a screen."""
    page = await looker.open(living.url, "viewer", "/board")
    held = {cookie["name"]: cookie for cookie in await page.context.cookies([f"{living.url}/login"])}
    assert set(held) == {"acd_session", "acd_csrf", "acd_screen"}
    assert {cookie["sameSite"] for cookie in held.values()} == {"Strict"}
    assert {name for name, cookie in held.items() if cookie["httpOnly"]} == {"acd_session", "acd_screen"}
    assert held["acd_screen"]["path"] == "/login"
    assert "acd_csrf=" in await page.evaluate("document.cookie")
    assert "acd_s" not in await page.evaluate("document.cookie")
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_a_write_without_the_sessions_word_is_refused(living, looker):
    """The cookie alone opens no write; with the word the request is looked at, and its body found wanting."""
    page = await looker.open(living.url, "operator", "/board")
    word = next(c["value"] for c in await page.context.cookies() if c["name"] == "acd_csrf")
    kind = {"Content-Type": "application/json"}
    assert await page.evaluate(WRITE, kind) == 403
    assert await page.evaluate(WRITE, {**kind, "X-ACD-CSRF": f"{word}x"}) == 403
    assert await page.evaluate(WRITE, {**kind, "X-ACD-CSRF": word}) == 400
    looker.forgive("Failed to load resource")


async def test_the_policy_holds_against_what_gets_into_a_page(living, looker):
    """No inline script, handler or style has effect; nobody else is asked; text is not made into elements."""
    page = await looker.open(living.url, "viewer", "/board")

    async def slip_in(route: Route) -> None:
        answer = await route.fetch()
        body = (await answer.text()).replace("</main>", f"{INLINE}</main>")
        await route.fulfill(response=answer, body=body)

    await page.route("**/board", slip_in)
    await looker.go(page, "/board")
    await page.locator("#got-in").click()
    assert await page.evaluate("window.ran") is None
    await expect(page.locator("h1")).to_be_visible()
    assert await page.evaluate(ELSEWHERE) == "Failed to fetch"
    with pytest.raises(Error, match="TrustedHTML"):
        await page.evaluate(MARKUP)
    assert await page.evaluate(FRAME, "/login") == "frame-src"
    for words in (
        "inline script",
        "inline style",
        "event handler",
        "Refused to connect",
        "connect-src",
        "TrustedHTML",
        "Framing",
    ):
        looker.forgive(words)
