"""What is photographed, in the order of the day: each picture is a page as somebody uses it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from acd.core.notes import AgentState
from acd.sim.agents import RINGS_OUT
from acd.store.records import OverrideMode
from acd.transition.moves import Move
from acd_panels import day
from acd_screenshots.camera import PHONE, Camera
from acd_screenshots.morning import AGENT, BEGINS, BODY_NAME, Morning

__all__ = ["DAY"]

FRESH: Final = "#live[data-age=fresh]"
STALE_S: Final = 60
DESK: Final = (1280, 860)
WALL: Final = (1920, 1080)
REASON: Final = "guasto elettrico in ufficio, ticket 4711"
WHO: Final = "m.rossi"
BACK_MS: Final = 600_000
LOOKED_AT: Final = 12
PURPOSE: Final = "reclamo per attesa lunga, pratica 12/2026"


async def ordinary(here: Morning, camera: Camera) -> None:
    """The board on a busy morning."""
    viewer = await here.token("sala-1", "viewer")
    async with camera.looking("/login", size=(1280, 760)) as page:
        await camera.shot(page, "login")
    for name, path, size, dark, height in (
        ("board", "/board", (1440, 900), False, 1300),
        ("board-dark", "/board", (1440, 900), True, 1000),
        ("board-phone", "/board", PHONE, False, 1500),
        ("board-kiosk", "/board?kiosk=1&theme=dark", WALL, True, None),
    ):
        async with camera.looking(path, viewer, size=size, dark=dark) as page:
            await page.wait_for_selector(FRESH)
            await camera.shot(page, name, height=height)


async def desk(here: Morning, camera: Camera) -> None:
    """An agent in a call, then in the wrap-up on a phone."""
    agent = await here.token("postazione-33", "agent", AGENT)
    await here.hurry_until(AGENT, AgentState.TALKING)
    async with camera.looking("/agent", agent, size=DESK) as page:
        await page.wait_for_selector("#times tbody tr")
        await page.locator("#verified button").nth(1).click()
        await page.locator("#codes button").first.click()
        await page.wait_for_selector("#codes button[aria-pressed=true]")
        await camera.shot(page, "agent-call", height=1000)
    await here.hurry_until(AGENT, AgentState.WRAP_UP)
    async with camera.looking("/agent", agent, size=PHONE, dark=True) as page:
        await page.wait_for_selector("#times tbody tr")
        await camera.shot(page, "agent-phone", height=1400)


async def calls(here: Morning, camera: Camera) -> None:
    """The list of calls, and the story of one that waited."""
    supervisor = await here.token("turno-mattina", "supervisor")
    async with camera.looking("/call", supervisor) as page:
        await page.wait_for_selector("#ended tbody th")
        await camera.shot(page, "calls")
    async with camera.looking(f"/call/{await _told(here)}", supervisor) as page:
        await page.fill("#purpose", PURPOSE)
        await page.click("#asking button[type=submit]")
        await page.wait_for_selector("#line li")
        await camera.shot(page, "story", height=1100)


async def _told(here: Morning) -> str:
    """A call of the last minutes that was answered after a wait: of some, the one that rang most phones."""
    since_ms = here.world.clock.now_ms() - BACK_MS
    rows = (await here.ask("GET", f"/ledger?since_ms={since_ms}&limit=1000"))["items"]
    answered = [row for row in rows if row["outcome"] == "answered" and row["site"]]
    found = []
    for row in sorted(answered, key=lambda row: -row["wait_ms"])[:LOOKED_AT]:
        told = await here.ask("GET", f"/calls/{row['call']}/story", purpose=PURPOSE)
        found.append((sum(event["kind"] == "rung" for event in told["events"]), row["call"]))
    chosen: str = max(found)[1]
    return chosen


async def begin_trouble(here: Morning, _: Camera) -> None:
    """People switch offices, the transition begins, two offices do not pick up."""
    world = here.world
    await world.override(
        "office:valle-d-aosta", OverrideMode.FORCED_OFF, 310, "linea guasta, segnalata al gestore"
    )
    await world.override("office:trento", OverrideMode.FORCED_ON, 195, "personale in più fino alle 14")
    await day.behave(world, True, RINGS_OUT)
    transition = world.centre.transition()
    await transition.move(Move.START, author=WHO, reason="avvio della fase di prova", force=True)
    await world.override("national", OverrideMode.FORCED_ON, 145, "sala di Roma senza collegamento di rete")


async def trouble(here: Morning, camera: Camera) -> None:
    """The offices stand in for everybody, two of them do not answer: map, switch, a free agent, board."""
    viewer = await here.token("sala-1", "viewer")
    operator = await here.token(WHO, "operator")
    async with camera.looking("/map?office=napoli", viewer, dark=True) as page:
        await page.wait_for_selector(FRESH)
        await camera.shot(page, "map-dark", height=1000)
    async with camera.looking("/map?office=torino", operator) as page:
        await page.wait_for_selector("#d-sentence:not([hidden])")
        await page.check("[name=mode][value=forced_off]")
        await page.fill("#reason", REASON)
        await camera.shot(page, "map-switch", height=1100)
    supervisor = await here.token("turno-mattina", "supervisor")
    async with camera.looking("/map?office=valle-d-aosta", supervisor) as page:
        await page.wait_for_selector("#d-sentence:not([hidden])")
        await camera.shot(page, "map", height=1300)
    agent = await here.token("postazione-33", "agent", AGENT)
    async with camera.looking("/agent", agent, size=DESK) as page:
        await page.wait_for_selector("#times tbody tr")
        await camera.shot(page, "agent")
    async with camera.looking("/board", viewer) as page:
        await page.wait_for_selector(FRESH)
        await camera.shot(page, "board-fallback", height=1000)
        await here.door.close()
        await page.wait_for_selector("#live[data-age=stopped]", timeout=STALE_S * 1000)
        await camera.shot(page, "board-stale")
    await here.door.open()


async def report(here: Morning, camera: Camera) -> None:
    """The morning as the command reports it."""
    settings, file = here.folder / "acd.yaml", here.folder / "report.html"
    node = {"id": "ast1", "host": "127.0.0.1", "secret_env": "SECRET"}
    settings.write_text(json.dumps({"body_name": BODY_NAME, "nodes": [node], "rules": str(day.RULES)}))
    today = BEGINS.date().isoformat()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acd", "report", "day", "--from", today, "--html", "--out", str(file)),
        *("--url", here.url, "--config", str(settings)),
        env={**os.environ, "SECRET": "simulated", "ACD_TOKEN": await here.token("m.bianchi", "supervisor")},
    )
    assert await process.wait() == 0, "acd report failed"
    async with camera.looking(file.as_uri(), size=(1440, 900)) as page:
        await camera.shot(page, "report", height=1500)


DAY: Final[tuple[tuple[int, int, Callable[[Morning, Camera], Awaitable[None]]], ...]] = (
    (9, 10, desk),
    (10, 5, ordinary),
    (10, 6, calls),
    (10, 7, begin_trouble),
    (10, 25, trouble),
    (11, 0, report),
)
"""When what is looked at."""
