"""What the pages' modules work out without touching the page, in a real browser: one start for all of it."""

from __future__ import annotations

import asyncio
import json
import shutil
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

CHROMIUM = shutil.which("chromium")
S = 60.0
PAGE = """<!doctype html><meta charset="utf-8"><pre id="told"></pre><script type="module">
import * as rome from "/rome.js";
import * as agent from "/agent_model.js";
import * as story from "/story_model.js";
const at = (day, time) => new Date(rome.momentOf(day, time)).toISOString();
const of = (state, more = {}) => ({ state, wish: "", call: null, ...more });
const whole = { from_ms: 100, until_ms: 200, withdrawn_ms: null, confirmed_ms: null };
const slot = (more) => agent.standingOf({ ...whole, ...more }, 150);
const event = (kind, at_ms, what = {}) => ({ kind, at_ms, what, sentence: "" });
const told = [
  event("entered", 0, { queue_name: "Pensioni" }), event("rung", 40000), event("rings", 40100),
  event("ring_over", 55000), event("rung", 60000),
  event("answered", 66000, { site: "bari", site_name: "Bari", wait_ms: 66000 }),
  event("talk_over", 366000), event("ended", 366100, { outcome: "answered", wait_ms: 66000, visits: 1 }),
];
const stages = story.stagesOf(told, true, 999999);
document.getElementById("told").textContent = JSON.stringify({
  winter: at("2026-01-02", "09:00"),
  summer: at("2026-07-02", "09:00"),
  skipped: at("2026-03-29", "02:30"),
  twice: at("2026-10-25", "02:30"),
  after: at("2026-10-25", "03:30"),
  rome: rome.romeOf(Date.UTC(2026, 11, 31, 23, 30)),
  next: rome.dayAfter("2026-12-31"),
  moves: Object.fromEntries(Object.keys(agent.LOOKS).map((state) => [state, agent.movesOf(of(state))])),
  wished: agent.movesOf(of("talking", { wish: "pause" })),
  words: [agent.wordsOf(of("talking")), agent.wordsOf(of("paused")), agent.wordsOf(of("ready"))],
  say: ["ringing", "talking", "wrap_up", "paused"].filter((state) => agent.maySay(of(state, { call: {} }))),
  titles: ["ringing", "talking", "wrap_up"].map((state) => agent.callTitle(of(state, { call: {} }))),
  day: agent.dayOf({ ready: 10, reserved: 1, ringing: 2, talking: 5, logged_out: 99 }),
  slots: [slot({}), slot({ from_ms: 160 }), slot({ until_ms: 140 }), slot({ withdrawn_ms: 90 }),
    slot({ withdrawn_ms: 120 }), slot({ confirmed_ms: 1, until_ms: 140 })]
    .map(({ key, moves }) => [key, ...moves]),
  stages: stages.map(({ stage, from_ms, until_ms }) => [stage, from_ms, until_ms]),
  open: story.stagesOf(told.slice(0, 2), false, 50000).map(({ stage, until_ms }) => [stage, until_ms]),
  spent: ["wait", "ring", "talk", "net"].map((stage) => story.spentIn(stages, stage)),
  brief: story.briefOf(told),
  menu: story.briefOf([event("left_menu", 5, { wait_ms: 3 })]),
  parts: ["Squilla (a; b (c)).", "Il gradino 1 (x): la chiamata.", "Finita."].map(story.partsOf),
});
</script>"""


async def _asked() -> dict[str, Any]:
    """What the modules answer in Chromium."""
    app = web.Application()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app.router.add_get("/", page)
    app.router.add_static("/", str(files("acd.web") / "static"))
    async with TestServer(app) as server:
        assert CHROMIUM is not None
        running = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=5000",
            "--dump-dom",
            str(server.make_url("/")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(S):
                out, _ = await running.communicate()
        except TimeoutError:
            running.kill()
            await running.wait()
            raise
    found: dict[str, Any] = json.loads(
        unescape(out.decode().partition('id="told">')[2].partition("</pre>")[0])
    )
    return found


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The answers."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    return asyncio.run(_asked())


def test_a_wall_clock_in_rome_is_one_moment_on_each_day_of_the_year(told):
    """The hour that is there twice is the first one; that which is skipped is an hour later."""
    assert told["winter"] == "2026-01-02T08:00:00.000Z"
    assert told["summer"] == "2026-07-02T07:00:00.000Z"
    assert told["skipped"] == "2026-03-29T01:30:00.000Z"
    assert told["twice"] == "2026-10-25T00:30:00.000Z"
    assert told["after"] == "2026-10-25T02:30:00.000Z"
    assert told["rome"] == {"day": "2027-01-01", "time": "00:30", "month": "2027-01"}
    assert told["next"] == "2027-01-01"


def test_an_agent_is_offered_what_the_engine_would_grant(told):
    """During a call a wish, and the way back from it; extending only a wrap-up."""
    away = ["pause", "logout"]
    assert told["moves"] == {
        "logged_out": ["login"],
        "ready": away,
        "reserved": away,
        "ringing": away,
        "talking": away,
        "wrap_up": ["ready", "wrapup", *away],
        "paused": ["ready", *away],
        "unreachable": ["ready", *away],
    }
    assert told["wished"] == ["ready", *away]
    assert told["words"] == [
        {"ready": "m_unwish", "pause": "m_pause_after", "logout": "m_logout_after"},
        {"ready": "m_ready", "pause": "m_pause_other", "logout": "m_logout"},
        {"ready": "m_ready", "pause": "m_pause", "logout": "m_logout"},
    ]


def test_something_is_said_of_a_call_while_the_engine_would_hear_it(told):
    """In the talk and in its wrap-up."""
    assert told["say"] == ["talking", "wrap_up"]
    assert told["titles"] == ["call_coming", "call", "call_over"]


def test_the_day_is_the_time_on_duty(told):
    """Being reserved is a ring too; what did not happen is nought, and time off duty is nobody's business."""
    assert told["day"]["totalMs"] == 18
    assert told["day"]["rows"] == [
        ["t_ready", 10],
        ["t_ring", 3],
        ["t_talking", 5],
        ["t_wrap_up", 0],
        ["t_paused", 0],
    ]


def test_a_slot_may_be_withdrawn_until_it_is_over_and_confirmed_after(told):
    """One that was withdrawn half way is confirmed for the half; one withdrawn before it began is nothing."""
    assert told["slots"] == [
        ["o_live", "withdraw"],
        ["o_coming", "withdraw"],
        ["o_over", "confirm"],
        ["o_withdrawn"],
        ["o_over", "confirm"],
        ["o_confirmed"],
    ]


def test_a_story_in_short_is_what_the_caller_went_through(told):
    """Instants between two stages are none; a call in progress goes on until now."""
    assert told["stages"] == [
        ["wait", 0, 40_000],
        ["ring", 40_000, 55_000],
        ["wait", 55_000, 60_000],
        ["ring", 60_000, 66_000],
        ["talk", 66_000, 366_000],
    ]
    assert told["open"] == [["wait", 40_000], ["ring", 50_000]]
    assert told["spent"] == [45_000, 21_000, 300_000, 0]
    brief = told["brief"]
    assert (brief["queue"], brief["outcome"], brief["site"], brief["rings"]) == (
        "Pensioni",
        "answered",
        "Bari",
        2,
    )
    assert (brief["wait_ms"], brief["entered_ms"]) == (66_000, 0)
    assert (told["menu"]["outcome"], told["menu"]["wait_ms"]) == ("left_menu", 3)


def test_what_stands_in_the_bracket_at_the_end_of_a_sentence_is_the_detail(told):
    """And no other bracket."""
    assert told["parts"] == [
        ["Squilla.", "a; b (c)"],
        ["Il gradino 1 (x): la chiamata.", ""],
        ["Finita.", ""],
    ]
