"""Every page by keyboard alone: each control is reached, in order, and one sees where one is."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STOPS = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const groups = new Set();
  window.stops = all.filter((each) => {
    if (!each.checkVisibility() || each.disabled || each.tabIndex < 0) return false;
    if (each.type !== "radio") return true;
    return !groups.has(each.name) && groups.add(each.name);
  });
  return window.stops.map((each) => each.id || each.outerHTML.slice(0, 90));
}"""
"""What the Tab key must reach: one of a group of radio buttons, one tile of the map."""
HERE = """() => {
  const here = document.activeElement;
  const box = here.getBoundingClientRect();
  const style = getComputedStyle(here);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inSight = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  const seen = here.matches(":focus-visible") && ring && inSight;
  return { place: window.stops.indexOf(here), seen, what: here.outerHTML.slice(0, 90) };
}"""
"""Where the focus is, and whether one sees it."""
FEWER = """() => {
  const find = document.getElementById("find");
  find.value = "lazio";
  find.dispatchEvent(new Event("input"));
}"""
"""Five offices in the list, with the focus where it is."""
WHERE = "document.activeElement.getBoundingClientRect().toJSON()"
ARROWS = (("ArrowUp", "y", -1), ("ArrowDown", "y", 1), ("ArrowLeft", "x", -1), ("ArrowRight", "x", 1))
PAGES = (
    ("", "/login"),
    ("supervisor", "/board"),
    ("operator", "/map?office=roma"),
    ("supervisor", "/call/none-such"),
    ("volunteer", "/agent"),
)


async def walk(page: Page) -> tuple[list[int], list[str]]:
    """Press Tab from the top to the end: the places that were reached, and what could not be seen."""
    reached: list[int] = []
    unseen = []
    stops = await page.evaluate(STOPS)
    for _ in range(3 * len(stops)):  # a field for a date holds several stops of its own
        await page.keyboard.press("Tab")
        here = await page.evaluate(HERE)
        if here["place"] < 0 and reached:
            break
        if reached and here["place"] == reached[-1]:
            continue
        reached.append(here["place"])
        if not here["seen"]:
            unseen.append(here["what"])
    return reached, unseen


@pytest.mark.parametrize(("who", "path"), PAGES, ids=lambda value: value or "stranger")
async def test_the_tab_key_reaches_every_control_in_order(living, looker, who, path):
    """None is skipped, none holds the focus, and each shows that it has it."""
    page = await looker.open(living.url, who, path)
    if path.startswith("/map"):
        await page.evaluate(FEWER)
        await expect(page.locator("#list tbody tr")).to_have_count(5)
    reached, unseen = await walk(page)
    assert unseen == []
    assert reached == list(range(len(await page.evaluate("() => window.stops.map(String)"))))


async def test_the_first_stop_leads_past_the_header(living, looker):
    """Who pressed it is in the content with the next Tab."""
    page = await looker.open(living.url, "supervisor", "/board")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await expect(page.locator(".skip")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.locator("#pause")).to_be_focused()


async def test_arrows_go_over_the_map_and_enter_opens_the_details(living, looker):
    """One stop for Tab; the nearest tile on that side; the edges hold."""
    page = await looker.open(living.url, "viewer", "/map")
    tile = page.locator(".tile[tabindex='0']")
    await expect(tile).to_have_count(1)
    await tile.focus()
    for key, axis, sign in ARROWS:
        before = await page.evaluate(WHERE)
        await page.keyboard.press(key)
        assert ((await page.evaluate(WHERE))[axis] - before[axis]) * sign > 0, key
    for _ in range(40):
        await page.keyboard.press("ArrowUp")
    top = await page.evaluate("document.activeElement.dataset.province")
    await page.keyboard.press("ArrowUp")
    assert await page.evaluate("document.activeElement.dataset.province") == top
    await expect(tile).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#details-title")).to_be_focused()
    await expect(page.locator("#d-province")).to_contain_text(f"({top})")
