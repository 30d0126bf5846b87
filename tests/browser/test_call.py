"""A call's story in a browser: found, opened for a purpose that the audit keeps, told, and asked further."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PURPOSE = "reclamo per attesa lunga, perché"


async def entries_of(living, looker, call: str) -> list[dict[str, str]]:
    """What the audit says of a call."""
    admin = await looker.context(living.url, "admin")
    answer = await (await admin.request.get("/api/v1/audit?limit=1000")).json()
    return [row["entry"] for row in answer["items"] if call in json.dumps(row["entry"])]


async def test_a_story_opens_for_a_purpose_that_is_kept(living, looker):
    """By keyboard from the list: too short a purpose is refused, a good one is in the audit."""
    page = await looker.open(living.url, "supervisor", "/call")
    link = page.locator("#ended tbody a").first
    call = await link.inner_text()
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#id")).to_have_text(call)
    await expect(page.locator("#naming")).to_be_hidden()
    await expect(page.locator("#told")).to_be_hidden()
    await page.focus("#purpose")
    await page.keyboard.type("perché sì")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#told")).to_be_hidden()
    assert await entries_of(living, looker, call) == []

    await page.fill("#purpose", PURPOSE)
    await page.focus("#asking button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#story-title")).to_be_focused()
    await expect(page.locator("#line li[data-kind=ended]")).to_have_count(1)
    await expect(page.locator("#facts")).to_contain_text("Coda")
    kept = await entries_of(living, looker, call)
    assert [(entry["who"], entry["result"]) for entry in kept] == [("token:supervisor", "done")]
    assert PURPOSE in json.dumps(kept[0], ensure_ascii=False)

    await page.fill("#agent", "a0001")
    await page.press("#agent", "Enter")
    await expect(page.locator("#answer")).to_contain_text("a0001")
    assert len(await entries_of(living, looker, call)) == 2
    text = await page.locator("#line").inner_text()
    assert "a00" not in text


async def test_who_may_not_read_stories_reads_none(living, looker):
    """Viewers and agents get no page and no answer; an unknown call is said to be unknown."""
    for who in ("viewer", "agent"):
        context = await looker.context(living.url, who)
        assert (await context.request.get("/call")).status == 403
        answer = await context.request.get("/api/v1/calls/ast1-1.1/story", headers={"X-Purpose": PURPOSE})
        assert answer.status == 403
    page = await looker.open(living.url, "supervisor", "/call/ast1-none")
    await page.fill("#purpose", PURPOSE)
    await page.locator("#asking button").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("#told")).to_be_hidden()
    looker.forgive("404")
