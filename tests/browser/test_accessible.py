"""WCAG 2.1 AA as far as a machine can tell, for every page with data in it: axe, sizes, tables, motion.

Each page is opened as an Italian with a light screen and as an English reader with a dark one, so that both
languages and both themes are seen. What only people can judge is in ``docs/pages.md``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from playwright.async_api import Page, expect

from acd.web.shell import PAGES
from tests.browser.looking import axe, fits, settled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TABLES = """() => [...document.querySelectorAll("table")].filter((table) => {
  const region = table.closest("[role=region]");
  const named = table.caption || region?.ariaLabel || region?.getAttribute("aria-labelledby");
  const heads = [...table.tHead.rows[0].cells].every((cell) => cell.matches("th[scope=col], td:empty"));
  const headed = (row) => row.querySelector("th[scope=row]") || row.cells.length === 1;
  return !(named && heads && [...table.tBodies[0].rows].every(headed));
}).map((table) => table.outerHTML.slice(0, 200))"""
"""Tables without a name, or with a column or row that has no heading."""
MOVING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { animation: 1s probe infinite } @keyframes probe { to { rotate: 1turn } }");
  document.adoptedStyleSheets = [sheet];
  const moving = document.getAnimations().length;
  document.adoptedStyleSheets = [];
  return moving;
}"""
"""How much moves, where every element would if it could."""
SPACED = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
LARGE = "html { font-size: 200% !important; }"
WIDE = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
)
"""WCAG 1.4.12."""


async def nothing(page: Page) -> None:
    """The page is what it is."""


async def wrong_token(page: Page) -> None:
    """The login has refused."""
    await page.fill("#token", "acd_nonsense")
    await page.press("#token", "Enter")
    await expect(page.locator("#wrong")).not_to_be_empty()


async def day_in_numbers(page: Page) -> None:
    """The table of the half hours is open."""
    await page.locator("summary").click()


async def an_office(page: Page) -> None:
    """An office is chosen, and its form was sent without a word."""
    await page.locator("#list tbody button").first.click()
    await page.locator("#force button[type=submit]").click()
    await expect(page.locator("#mode-wrong")).to_be_visible()
    await expect(page.locator("#d-sentence")).to_be_visible()


async def a_story(page: Page) -> None:
    """A call that has ended is told."""
    await page.locator("#ended a").first.click()
    await page.fill("#purpose", "verifica della pagina")
    await page.locator("#asking button").click()
    await expect(page.locator("#line li")).not_to_have_count(0)
    await page.fill("#agent", "a0002")
    await page.locator("#why-not button").click()
    await expect(page.locator("#answer .notice")).to_be_visible()


class View(NamedTuple):
    """A page as somebody has it before them."""

    page: str
    who: str
    path: str
    begin: Callable[[Page], Awaitable[None]] = nothing


VIEWS = (
    View("login", "", "/login", wrong_token),
    View("board", "supervisor", "/board", day_in_numbers),
    View("map", "operator", "/map", an_office),
    View("calls", "supervisor", "/call"),
    View("call", "supervisor", "/call", a_story),
    View("agent", "volunteer", "/agent"),
    View("refused", "agent", "/board"),
)


async def test_every_page_is_looked_at():
    """A new page is tried as the others are."""
    assert {page.name for page in PAGES} <= {view.page for view in VIEWS}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.page)
async def test_a_page_is_for_everybody(living, looker, view):
    """Axe is content; nothing sticks out or is cut off at 320 px, zoomed or spaced; nothing moves."""
    page = await looker.open(living.url, view.who, view.path, color_scheme="light")
    await view.begin(page)
    await expect(page.locator("html")).to_have_attribute("lang", "it")
    assert await axe(page) == []
    assert await page.evaluate(TABLES) == []
    assert await page.locator("h1").count() == 1
    assert await page.evaluate(MOVING) == 0
    for css in (LARGE, WIDE):
        await page.evaluate(SPACED, css)
        assert await fits(page) == [], css
    await page.evaluate(SPACED, "")
    for width in (320, 640, 1280, 1920):
        await page.set_viewport_size({"width": width, "height": 256 if width == 320 else 720})
        assert await fits(page) == [], width

    await page.set_viewport_size({"width": 1280, "height": 900})
    chosen = {"acd_lang": "en", "acd_theme": "dark"}
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": living.url} for name, value in chosen.items()]
    )
    await looker.go(page, view.path)
    await view.begin(page)
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert await axe(page) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await fits(page) == []
    if view.page in {"login", "refused"}:
        looker.forgive("the server responded with a status of 40")


async def test_the_theme_is_the_systems_unless_chosen(living, looker):
    """Dark surfaces where the system is dark; the button goes round and is remembered."""
    page = await looker.open(living.url, "", "/login", color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(ground)
    await page.emulate_media(color_scheme="light")
    light = await page.evaluate(ground)
    assert dark != light
    await page.locator("#theme").click()
    await page.locator("#theme").click()
    await expect(page.locator("#theme-word")).to_have_text("scuro")
    assert await page.evaluate(ground) == dark
    await page.locator("#language").click()
    await expect(page.locator("#theme-word")).to_have_text("dark")
    assert await page.evaluate(ground) == dark
    await settled(page)


async def test_who_allows_motion_gets_none_either_but_could(living, looker):
    """The probe of this file sees motion where the reader has not asked for less."""
    page = await looker.open(living.url, "", "/login", reduced_motion="no-preference")
    assert await page.evaluate("document.getAnimations().length") == 0
    assert await page.evaluate(MOVING) > 0
