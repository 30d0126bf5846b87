"""The pages over a real Asterisk: what a supervisor sees is what happened to real calls."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from acd.rules.calendar import today_in_rome
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.browser.looking import Looker
from tests.real.process import TOKEN, AcdProcess, until

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

AGENTS = 3
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def asterisk() -> Iterator[Lab]:
    """An Asterisk for these tests alone."""
    made = Lab.up(agents=AGENTS, port_offset=None)
    try:
        yield made
    finally:
        made.down()


async def page_of(looker: Looker, acd: AcdProcess, path: str) -> Page:
    """A page as whoever holds the token of the settings sees it."""
    context = await looker.context(acd.api)
    form = {"token": TOKEN, "next": ""}
    assert (await context.request.post("/login", form=form, max_redirects=0)).status == 303
    page = await context.new_page()
    await looker.go(page, path)
    return page


async def acd_says(acd: AcdProcess, *words: str) -> dict[str, Any]:
    """What a command of ours answers a program."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "acd",
        *words,
        "--json",
        "--config",
        str(acd.folder / "acd.yaml"),
        env={**os.environ, "ACD_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    found: dict[str, Any] = json.loads(out)
    return found


async def test_a_real_call_from_the_wall_to_the_report(asterisk: Lab, looker: Looker, tmp_path: Path) -> None:
    """It waits on the board, is answered there, ends, is found in the list, told as a story, and reported."""
    async with AcdProcess([asterisk], tmp_path, agents=AGENTS, own_labs=True, journal=True) as acd:
        board = await page_of(looker, acd, "/board")
        waiting, answered = (board.locator(f"#n-{name} .number") for name in ("waiting", "answered"))
        with (
            Sipp.agent(asterisk, "answer", talk_ms=1_500),
            Sipp.callers(asterisk, from_numbers=["0612345678"]) as callers,
        ):
            await expect(waiting).to_have_text("1")
            await acd.login("a0001")
            await expect(answered).to_have_text("1")
            await expect(waiting).to_have_text("0")
            assert callers.wait(30).failed == 0
        assert "0612345678" not in await board.content()
        await board.context.close()
        await _is_told(looker, acd)

        today = today_in_rome()
        days = ("--from", f"{today - dt.timedelta(days=1)}", "--to", f"{today}")
        told = json.dumps(await acd_says(acd, "report", "day", *days))
        assert '"offered": 1' in told
        assert '"answered": 1' in told
        assert (await acd_says(acd, "status"))["summary"]["counts"]["answered"] == 1
        await until(lambda: "|CONNECT|" in acd.queue_log.read_text(), "the queue_log has the answer")


async def _is_told(looker: Looker, acd: AcdProcess) -> None:
    """From the list to the story."""
    calls = await page_of(looker, acd, "/call")
    await calls.locator("#ended tbody a").click()
    await calls.fill("#purpose", "una prova sul telefono vero")
    await calls.locator("#asking button").click()
    await expect(calls.locator("#line li[data-kind=answered]")).to_have_count(1)
    await expect(calls.locator("#line li[data-kind=ended]")).to_have_count(1)
    await calls.context.close()
