"""The switch on the map: by keyboard, with reason and expiry, seen by everybody; for operators alone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REASON = "ufficio allagato <b>da stamattina</b>"
FORCE = "#force"
TILE = "[data-province=BZ]"


async def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there."""
    for _ in range(20):
        await page.keyboard.press(key)
        if await page.evaluate("(there) => document.activeElement.matches(there)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


async def test_an_office_is_forced_off_and_released_by_keyboard_and_everybody_sees_it(living, looker):
    """Tile, details, form, question, answer: the office rests for all, and the audit has who and why."""
    page = await looker.open(living.url, "operator", "/map?office=bolzano")
    board = await looker.open(living.url, "viewer", "/board")
    colleague = await looker.open(living.url, "supervisor", "/map?office=bolzano")
    await page.focus(TILE)
    await page.keyboard.press("Enter")
    await expect(page.locator("#details-title")).to_be_focused()
    await tab_to(page, "input[name=mode]")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("input[value=forced_off]")).to_be_checked()
    await tab_to(page, "#hours")
    await page.keyboard.press("ArrowUp")
    await tab_to(page, "#reason")
    await page.keyboard.type("breve")
    await tab_to(page, f"{FORCE} button[type=submit]")
    await page.keyboard.press("Enter")
    await expect(page.locator("#reason-wrong")).to_be_visible()
    await expect(page.locator("#reason")).to_be_focused()
    await expect(page.locator("#reason")).to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Control+A")
    await page.keyboard.type(REASON)
    await tab_to(page, f"{FORCE} button[type=submit]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text(REASON)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.locator(FORCE).get_by_role("button").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_be_focused()
    await expect(page.locator("#done")).to_have_class("notice ok")

    await expect(page.locator("#d-state")).to_have_text("forzato spento")
    await expect(page.locator(TILE)).to_have_accessible_name(
        re.compile("^Direzione .* Bolzano: forzato spento, ")
    )
    await expect(page.locator("#d-until")).to_have_text(re.compile(r"\d\d:\d\d$"))
    await expect(board.locator("#fallback p")).to_have_text(
        re.compile("uffici forzati: .*(spenti 1|1 spenti)")
    )
    await expect(colleague.locator("#d-state")).to_have_text("forzato spento")
    await colleague.reload()
    await expect(colleague.locator("#d-sentence")).to_contain_text(REASON)
    assert await colleague.locator("#d-sentence b").count() == 0

    await tab_to(page, "#end", "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("Togliere la forzatura")
    await page.keyboard.press("Enter")
    await expect(page.locator("#d-state")).to_have_text("aperto")
    await expect(board.locator("#fallback p")).not_to_contain_text("forzati")
    admin = await looker.context(living.url, "admin")
    entries = [
        row["entry"] for row in (await (await admin.request.get("/api/v1/audit?limit=1000")).json())["items"]
    ]
    done = [e for e in entries if (e["who"], e["result"]) == ("token:operator", "done")]
    own = [entry for entry in done if entry["action"].startswith("override.")]
    assert [entry["action"] for entry in own] == ["override.create", "override.end"]
    assert REASON in own[0]["detail"]


@pytest.mark.parametrize(("who", "sentence"), [("viewer", False), ("supervisor", True)])
async def test_who_may_not_switch_sees_no_switch(living, looker, who, sentence):
    """A viewer sees the state, a supervisor who decided it too; neither a form, and the API refuses."""
    page = await looker.open(living.url, who, "/map?office=roma")
    await expect(page.locator("#details-title")).to_have_text("Coordinamento metropolitano Roma")
    await expect(page.locator("#d-sentence")).to_be_visible(visible=sentence)
    await expect(page.locator(FORCE)).to_be_hidden()
    word = next(c["value"] for c in await page.context.cookies() if c["name"] == "acd_csrf")
    body = {"scope": "office:roma", "mode": "forced_off", "reason": "prova di chi non può", "until_ms": 1}
    answer = await page.request.post("/api/v1/overrides", data=body, headers={"X-ACD-CSRF": word})
    assert answer.status == 403


async def test_a_refusal_is_told_in_the_page(living, looker):
    """An operator of Bari alone may not switch an office of the whole country."""
    page = await looker.open(living.url, "operator-bari", "/map?office=roma")
    await page.check("input[value=forced_on]")
    await page.fill("#reason", "prova di un rifiuto")
    await page.click(f"{FORCE} button[type=submit]")
    await page.get_by_role("dialog").get_by_role("button").first.click()
    await expect(page.locator("#done")).to_have_class("notice alarm")
    await expect(page.locator("#done")).to_contain_text("Non riuscito")
    await expect(page.locator("#d-state")).to_have_text("aperto")
    looker.forgive("403")
