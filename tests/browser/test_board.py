"""The board in a browser: live, honest about its age, quiet to the ear, and a view that its address holds."""

from __future__ import annotations

import asyncio
import signal
import time
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from tests.browser.living import MARKUP
from tests.metrics.samples import queue_view
from tests.web.conftest import bearing, secret_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SPOKEN = """() => {
  window.spoken = [];
  const news = document.querySelector("[role=status]");
  const hear = new MutationObserver(() => window.spoken.push(news.textContent));
  hear.observe(news, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps what a screen reader would say."""
OTHER_VOICES = "[aria-live], [role=alert], [role=log], [role=timer], marquee, output"
GREY = "getComputedStyle(document.querySelector('#live')).filter"
GAP_S = 31


def row(page: Page, name: str):
    """The row of a queue."""
    return page.locator("#queues tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))


async def test_the_numbers_are_those_of_the_centre_and_go_on(living, looker):
    """What the API tells stands on the page within seconds, and a second later it has moved."""
    page = await looker.open(living.url, "viewer", "/board")
    offered = row(page, "Informazioni generali").locator("td").nth(6)
    async with asyncio.timeout(15):
        while True:
            answer = await page.request.get("/api/v1/board")
            told = next(q for q in (await answer.json())["queues"] if q["id"] == "generale")
            if await offered.inner_text() == str(told["offered"]) and told["offered"]:
                break
    before = await offered.inner_text()
    await expect(offered).not_to_have_text(before, timeout=15_000)
    await expect(page.locator("#chart svg")).to_have_attribute("role", "img")
    await expect(page.locator("#groups tbody tr")).not_to_have_count(0)


async def test_what_a_name_holds_is_text(living, looker):
    """Markup in a queue's and an office's name makes no element, on the board, the map or in the calls."""
    board = await looker.open(living.url, "operator", "/board?find=espa")
    await expect(board.locator("#queues tbody th")).to_have_text(f"Español {MARKUP}")
    page = await board.context.new_page()
    await looker.go(page, "/map")
    await page.locator("[data-province=AO]").click()
    await expect(page.locator("#details-title")).to_contain_text(MARKUP)
    await looker.go(page, "/call")
    assert await page.locator("main img").count() == 0
    assert await board.locator("main img").count() == 0


async def test_a_frozen_server_makes_the_page_grey_and_then_alarming(living, looker):
    """Its process stands still: after 5 s the colours go, after 15 s a banner speaks; the map too."""
    context = await looker.context(living.url, "viewer")
    await context.clock.install()
    pages = [await context.new_page() for _ in range(2)]
    for page, path in zip(pages, ("/board", "/map"), strict=True):
        await looker.go(page, path)
        assert await page.evaluate(GREY) == "none"
    living.send(signal.SIGSTOP)
    try:
        await asyncio.sleep(0.3)  # what is on its way arrives
        await context.clock.pause_at(await pages[0].evaluate("Date.now() / 1000 + 0.2"))
        await context.clock.run_for(2_000)
        for page in pages:
            await expect(page.locator("#live")).to_have_attribute("data-age", "fresh")
        await context.clock.run_for(4_000)
        for page in pages:
            await expect(page.locator("#live")).to_have_attribute("data-age", "old")
            assert await page.evaluate(GREY) == "grayscale(1)"
            await expect(page.locator("#age")).to_contain_text("s fa")
            await expect(page.locator("#stale")).to_be_hidden()
        await context.clock.run_for(10_000)
        for page in pages:
            await expect(page.locator("#stale")).to_contain_text("Dati fermi da 1")
            await expect(page.locator("[role=status]#news")).to_have_text("Dati fermi.")
    finally:
        living.send(signal.SIGCONT)


async def test_a_restart_ends_in_time_and_the_screen_comes_back_by_itself(living, looker):
    """SIGTERM with open streams takes less than 5 s; a wall needs nobody, people log in again."""
    wall = await looker.open(living.url, "viewer", "/board?kiosk=1&queues=generale")
    context = await looker.context(living.url, "agent")
    await context.clock.install()
    desk = await context.new_page()
    await looker.go(desk, "/agent")
    began = time.monotonic()
    assert await living.stop() == 0
    assert time.monotonic() - began < 5
    await expect(desk.locator("#lost")).to_be_visible()
    await wall.evaluate("document.body.dataset.from = 'before'")
    await living.start(living.port)
    await expect(wall.locator("body:not([data-from]) #live[data-age=fresh]")).to_be_visible(timeout=20_000)
    assert urlsplit(wall.url).query == "kiosk=1&queues=generale"
    await expect(wall.locator("#queues tbody tr")).to_have_count(1)
    await context.clock.fast_forward(5_000)
    await expect(desk.locator("#token")).to_be_visible()
    assert "next=%2Fagent" in desk.url
    looker.forgive("Failed to load resource")


async def test_the_address_holds_the_view(living, looker):
    """Queues, site, search and kiosk; what is typed is kept in it."""
    page = await looker.open(living.url, "viewer", "/board?queues=generale,pensioni")
    rows = page.locator("#queues tbody tr")
    await expect(rows).to_have_count(2)
    await looker.go(page, "/board?site=lecce")
    await expect(page.locator("#site")).to_have_value("lecce")
    await looker.go(page, "/board")
    everything = await rows.count()
    await page.fill("#find", "pens")
    await expect(rows).not_to_have_count(everything)
    few = await rows.count()
    await page.select_option("#site", "roma")
    await expect(page.locator("#groups tbody tr")).to_have_count(1)
    await page.reload()
    await expect(rows).to_have_count(few)
    await expect(page.locator("#groups tbody tr")).to_have_count(1)
    assert urlsplit(page.url).query == "find=pens&site=roma"

    await page.set_viewport_size({"width": 1280, "height": 500})
    await page.clock.install()
    await looker.go(page, "/board?kiosk=1&rotate=5")
    for control in ("header", "#filter", "#pause", "footer"):
        assert not await page.locator(control).locator("visible=true").count(), control
        await expect(page.locator("#age")).to_be_visible()
    await page.clock.fast_forward(5_000)
    await expect(page.locator("#totals-title")).not_to_be_in_viewport()


async def test_a_paused_board_stands_still_and_says_so(small, looker):
    """WCAG 2.2.2: the numbers wait until the reader has read."""
    page = await looker.open(small.url, "viewer", "/board")
    waiting = page.locator("#n-waiting .number")
    await expect(waiting).to_have_text("4")
    await page.locator("#pause").click()
    small.centre.queues = lambda: (queue_view(waiting=7), queue_view("coda1"))
    await expect(page.locator("#age")).to_contain_text("fermato alle")
    await asyncio.sleep(0.5)  # several pictures
    await expect(waiting).to_have_text("4")
    await page.locator("#pause").click()
    await expect(waiting).to_have_text("7")


async def test_a_screen_reader_hears_of_changes_of_state_only_and_seldom(small, looker):
    """No number is ever spoken; news are gathered, politely, every half minute at most."""
    context = await looker.context(small.url, "viewer")
    await context.clock.install()
    page = await context.new_page()
    await looker.go(page, "/board")
    news = page.locator("#news")
    await expect(news).to_have_attribute("role", "status")
    assert await page.locator(OTHER_VOICES).count() == 0
    await page.evaluate(SPOKEN)
    for waiting in range(5, 12):
        small.centre.queues = lambda waiting=waiting: (queue_view(waiting=waiting), queue_view("coda1"))
        await expect(page.locator("#n-waiting .number")).to_have_text(str(waiting))
    assert await page.evaluate("window.spoken") == []

    late = replace(queue_view(waiting=9), longest_wait_ms=3_600_000)
    small.centre.queues = lambda: (late, queue_view("coda1"))
    await expect(news).to_have_text("In difficoltà: Generale.")
    small.centre.queues = lambda: (queue_view(waiting=9), queue_view("coda1"))
    await expect(page.locator("#queues tbody tr").first).not_to_have_attribute("data-state", "alarm")
    await asyncio.sleep(0.5)  # several pictures
    assert await page.evaluate("window.spoken") == ["In difficoltà: Generale."]
    await context.clock.fast_forward(GAP_S * 1000)
    await expect(news).to_contain_text("Non più in difficoltà: Generale.")
    assert len(await page.evaluate("window.spoken")) == 2


async def test_who_may_look_gets_no_more_than_that(living, looker):
    """A viewer's menu has board and map; an agent has a desk and no board; the API agrees."""
    for who, menu in (("viewer", ["Quadro", "Mappa"]), ("supervisor", ["Quadro", "Mappa", "Chiamate"])):
        page = await looker.open(living.url, who, "/board")
        assert await page.locator("nav a").all_inner_texts() == menu
    page = await looker.open(living.url, "agent", "/agent")
    assert await page.locator("nav a").count() == 0
    for path, status in (("/board", 403), ("/map", 403), ("/api/v1/board", 403)):
        assert (await page.request.get(path)).status == status, path
    answer = await page.request.get("/api/v1/board", headers=bearing(secret_of("viewer")))
    assert answer.status == 200
