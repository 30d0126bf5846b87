"""The desk in a browser, beside a simulated phone that rings: an agent's quarter of an hour."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.browser.living import MARKUP
from tests.browser.looking import axe, fits

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_agents_duty(living, looker):
    """On duty, a call with its topic and language, identity and outcome, more time, a pause, and off duty."""
    page = await looker.open(living.url, "agent", "/agent")
    state, moves = page.locator("#state"), page.locator("#moves")
    await expect(state).to_have_text("Fuori servizio")
    await expect(page.locator("#rest")).to_be_hidden()
    await page.get_by_role("button", name="Inizia il servizio").focus()
    await page.keyboard.press("Enter")

    await expect(state).to_have_text("In conversazione", timeout=20_000)
    await expect(page.locator("#topic")).to_have_text(f"Español {MARKUP}")
    await expect(page.locator("#facts")).to_contain_text("spagnolo")
    await expect(page.locator("#facts")).to_contain_text("Ha atteso")
    await expect(moves.get_by_role("button", name="Pausa dopo la chiamata")).to_be_visible()
    await page.get_by_role("button", name="Verificata con domande").click()
    await expect(page.get_by_role("button", name="Verificata con domande")).to_have_attribute(
        "aria-pressed", "true"
    )

    await expect(state).to_have_text("Post-chiamata", timeout=20_000)
    await page.locator("#codes button").first.click()
    await expect(page.locator("#codes button").first).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#until")).to_have_text(re.compile(r"^finisce fra 0:[12]\d$"))
    await moves.get_by_role("button", name="Ancora tempo").click()
    await expect(page.locator("#until")).to_have_text(re.compile(r"^finisce fra (0:[45]\d|1:\d\d)$"))
    assert await axe(page) == []

    await page.select_option("#reason", "pasto")
    await moves.get_by_role("button", name="Vai in pausa").click()
    await expect(state).to_have_text("In pausa")
    await expect(page.locator("#since")).to_contain_text("Pausa pasto, da 0:0")
    assert await page.locator("main img").count() == 0

    await expect(page.locator("#due")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    await expect(page.locator("#due-in")).to_have_text(re.compile(r"^fra 1[012]\d min$"))
    await expect(page.locator("#times tbody")).to_contain_text("1 ")
    await expect(page.locator("#total")).not_to_have_text("0:00")
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await fits(page) == []
    await moves.get_by_role("button", name="Termina il servizio").click()
    await expect(state).to_have_text("Fuori servizio")
    await expect(page.get_by_role("button", name="Inizia il servizio")).to_be_visible()


async def test_a_volunteers_slot(living, looker):
    """Looked at while it is typed, and refused if against the rules; accepted, listed, withdrawn."""
    page = await looker.open(living.url, "volunteer", "/agent")
    day = dt.datetime.now(ZoneInfo("Europe/Rome")).date() + dt.timedelta(days=2)
    await page.fill("#day", day.isoformat())
    await page.fill("#from", "23:00")
    await page.fill("#to", "23:45")
    await expect(page.locator("#flags .notice.alarm")).not_to_have_count(0)
    await expect(page.locator("#accept")).to_be_disabled()
    await page.fill("#from", "18:00")
    await page.fill("#to", "19:30")
    await expect(page.locator("#flags .notice.alarm")).to_have_count(0)
    await page.locator("#accept").click()
    slot = page.locator("#own tbody tr").filter(has_text=re.compile(r"18:00.19:30"))
    await expect(slot).to_have_count(1)
    assert await axe(page) == []
    await slot.get_by_role("button").first.focus()
    await page.keyboard.press("Enter")
    await expect(slot.get_by_role("button")).to_have_count(0)
    await expect(page.locator("#csv")).to_have_attribute("href", re.compile(r"/slots\.csv\?month="))
