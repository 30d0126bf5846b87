"""What happens on which day, at what hour of the calendar; everything by the ACD's own commands.

Two timetables of the same acts: four days, or two for the gate. An act that is late because the one before
took long happens as soon as it can. What must come true at once is timed by the desk; what depends on callers
coming (a breaker that opens, a carrier that is found out) is told with its time and has to come at all.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from acd.rules.calendar import ROME
from acd.rules.exercise import Exercise
from acd_demo.serving import Api
from acd_drill.callers import BATCH_S, Callers
from acd_drill.country import CLOSED_BY_SAINT, SITES, VOICEMAIL, VOLUNTEER
from acd_drill.desk import Desk, Step
from acd_drill.lines import Carrier, Manner
from acd_drill.timeline import Timeline
from asterisk_lab.phones import Sipp

__all__ = ["FULL", "SHORT", "Days", "Plan"]

SUMMARY: Final = "/api/v1/summary"
FALLBACK: Final = "/api/v1/fallback"
OFFICES: Final = "/api/v1/offices?limit=100"
BUSY_OFFICE, BROKEN_OFFICE, SWITCHED_OFFICE = "bari", "verona", "perugia"
NATIONAL_PHASE, RETURN_PHASE = "uffici", "rientro"
PACE_MAX: Final = 4.0
GOOD_RING_S: Final = 6
SOME: Final = 4
"""Callers of an office that something happens to."""
VOLUNTEERS_OFFICE: Final = "lecce"
LOG_IN: Final = "*11"
WISHES: Final = {"logged_out": "logout"}
"""What is granted after the present call."""
BAD_NEED: Final = "needs: {pensoni: 1}"


@dataclass(frozen=True)
class Plan:
    """How long, how many, and when."""

    day: str
    """The first."""
    begins: str
    """When the callers begin to come."""
    ends: str
    day_s: float
    rate: float
    """Callers a second while the national queue is open …"""
    rate_closed: float
    """… and while it is closed."""
    override_s: int
    outage_s: float
    rehearsal_s: float
    """So long before the callers come the ACD starts, for its lines to be rehearsed."""
    comes_s_max: float
    """So long for what depends on callers."""
    acts: tuple[tuple[str, str], ...]
    """Moment and act."""

    def at_pace(self, pace: float) -> Plan:
        """The same for a machine so many times slower: longer days."""
        pace = min(pace, PACE_MAX)
        return replace(
            self,
            day_s=round(self.day_s * pace),
            rate=self.rate / pace,
            rate_closed=self.rate_closed / pace,
            override_s=round(self.override_s * pace),
            outage_s=self.outage_s * pace,
            rehearsal_s=self.rehearsal_s * pace,
            comes_s_max=self.comes_s_max * pace,
        )


FULL: Final = Plan(
    day="2022-12-01",
    begins="2022-12-01 07:30",
    ends="2022-12-04 14:30",
    day_s=180,
    rate=2.0,
    rate_closed=0.15,
    override_s=20,
    outage_s=14,
    rehearsal_s=15,
    comes_s_max=120,
    acts=(
        ("2022-12-01 08:20", "start"),
        ("2022-12-01 09:30", "saint"),
        ("2022-12-01 10:00", "fail"),
        ("2022-12-01 13:00", "switch_off"),
        ("2022-12-02 09:00", "bad_apply"),
        ("2022-12-02 10:00", "good_apply"),
        ("2022-12-02 11:30", "rollback"),
        ("2022-12-02 12:30", "outage"),
        ("2022-12-02 16:30", "ten"),
        ("2022-12-03 08:30", "twenty_five"),
        ("2022-12-03 10:00", "opt_in"),
        ("2022-12-03 11:00", "fifty"),
        ("2022-12-04 09:00", "opt_out"),
        ("2022-12-04 10:00", "hundred"),
        ("2022-12-04 12:00", "finish"),
    ),
)
SHORT: Final = Plan(
    day="2022-12-01",
    begins="2022-12-01 08:00",
    ends="2022-12-02 18:30",
    day_s=40,
    rate=2.2,
    rate_closed=0.3,
    override_s=8,
    outage_s=5,
    rehearsal_s=15,
    comes_s_max=40,
    acts=(
        ("2022-12-01 08:20", "start"),
        ("2022-12-01 08:30", "fail"),
        ("2022-12-01 09:00", "saint"),
        ("2022-12-01 09:10", "switch_off"),
        ("2022-12-01 10:30", "bad_apply"),
        ("2022-12-01 11:30", "good_apply"),
        ("2022-12-01 13:00", "rollback"),
        ("2022-12-01 15:00", "ten"),
        ("2022-12-02 09:00", "outage"),
        ("2022-12-02 11:30", "twenty_five"),
        ("2022-12-02 12:00", "opt_in"),
        ("2022-12-02 14:00", "fifty"),
        ("2022-12-02 16:20", "opt_out"),
        ("2022-12-02 16:40", "hundred"),
        ("2022-12-02 17:30", "finish"),
    ),
)


def moment(text: str) -> int:
    """A moment of the calendar, in milliseconds."""
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp() * 1_000)


@dataclass
class Days:
    """The days as they are lived."""

    plan: Plan
    exercise: Exercise
    api: Api
    desk: Desk
    carrier: Carrier
    callers: Callers
    rules: Path
    timeline: Timeline
    promises: dict[str, bool] = field(default_factory=dict)
    """What was promised of an act, and whether it came so."""
    told: dict[str, float] = field(default_factory=dict)
    """Seconds until what depends on callers came true."""
    _volunteers_token: str = ""
    _followed: set[asyncio.Task[None]] = field(default_factory=set)

    async def live(self) -> None:
        """From the first caller to the last act."""
        traffic = asyncio.create_task(self._traffic())
        try:
            for at, act in self.plan.acts:
                await self._until(at)
                await getattr(self, f"_{act}")()
            await self._until(self.plan.ends)
            await asyncio.gather(*self._followed)
        finally:
            traffic.cancel()
            await asyncio.gather(traffic, return_exceptions=True)
            for task in self._followed:
                task.cancel()

    def real(self, at: str) -> float:
        """A moment of the calendar, in real seconds since the epoch."""
        return self.exercise.real_ms(moment(at)) / 1_000

    async def _until(self, at: str) -> None:
        await asyncio.sleep(max(0.0, self.real(at) - time.time()))

    async def _traffic(self) -> None:
        """Callers by the hour: many while the queue is open, few while it is closed."""
        last = self.real(self.plan.ends)
        next_at = self.real(self.plan.begins)
        while next_at < last:
            await asyncio.sleep(max(0.0, next_at - time.time()))
            calendar = dt.datetime.fromtimestamp(
                self.exercise.calendar_ms(round(next_at * 1_000)) / 1_000, ROME
            )
            is_open = 8 <= calendar.hour < (20 if calendar.weekday() < 5 else 14)
            span_s = min(BATCH_S, last - next_at)
            self.callers.start(self.plan.rate if is_open else self.plan.rate_closed, span_s)
            next_at += span_s

    # ── acts ─────────────────────────────────────────────────────────────────────────────────

    async def _start(self) -> None:
        step = await self.desk.type(
            "transition", "start", "--yes", "--reason", "dal primo dicembre rispondono le sedi",
            effect=self._shows(lambda summary: summary["fallback"]["on"]),
        )  # fmt: skip
        self.timeline.tell_step(step, "The offices answer for the country: national agents 0 %")
        self._follow(self._first_ring(step))

    async def _first_ring(self, step: Step) -> None:
        """Callers wait already, so an office rings at once."""
        await self._comes("first ring at an office", step.began, self._rang_since(step.began))
        self.timeline.tell(
            f"  the first office rang {self.told['first ring at an office']:.2f} s after Enter"
        )

    def _rang_since(self, began: float) -> Callable[[], Awaitable[bool]]:
        async def rang() -> bool:
            return any(rung.at >= began for rung in self.carrier.rung)

        return rang

    async def _saint(self) -> None:
        office = await self._office(CLOSED_BY_SAINT)
        self.promises["an office is closed on its patron saint's day"] = not office["open"]
        self.callers.start_from(CLOSED_BY_SAINT, SOME, 2.0)
        self.timeline.tell("Sant'Ansano: Siena is closed, its callers are answered by other offices")

    async def _fail(self) -> None:
        began = time.time()
        self.carrier.manners[BUSY_OFFICE] = Manner.BUSY
        self.carrier.manners[BROKEN_OFFICE] = Manner.FAILS
        self.timeline.tell(f"Two offices fail: {BUSY_OFFICE} is busy for ever, {BROKEN_OFFICE} answers 503")
        for office in (BUSY_OFFICE, BROKEN_OFFICE):
            self.callers.start_from(office, SOME, 2.0)
            self._follow(self._left_alone(office, began))

    async def _left_alone(self, office: str, began: float) -> None:
        what = f"{office} is left alone"

        async def is_open() -> bool:
            return bool((await self._office(office))["breaker"] != "closed")

        await self._comes(what, began, is_open)
        if what in self.told:
            self.timeline.tell(f"  {what}: noticed {self.told[what]:.1f} s after it failed")

    async def _switch_off(self) -> None:
        step = await self.desk.type(
            "fallback", "off", f"office:{SWITCHED_OFFICE}", "--for", f"{self.plan.override_s}s",
            "--reason", "linea guasta, segnalata al gestore",
            effect=self._office_shows(SWITCHED_OFFICE, "forced", wanted=False),
        )  # fmt: skip
        self.timeline.tell_step(step, f"{SWITCHED_OFFICE} is switched off for {self.plan.override_s} s")
        overrides = (await self.api.get("/api/v1/overrides"))["items"]
        self._follow(self._switched_off_until(overrides[0]["until_ms"] / 1_000, time.time()))

    async def _switched_off_until(self, ended: float, from_s: float) -> None:
        what = "an override is over by itself"
        await asyncio.sleep(max(0.0, ended - time.time()))
        asked = self.carrier.count(SWITCHED_OFFICE, from_s, ended)
        self.promises["an office that is switched off is not called"] = asked == 0
        await self._comes(what, ended, self._office_shows(SWITCHED_OFFICE, "forced", wanted=None))
        self.promises["an override ends in time, by itself"] = self.told.get(what, 99.0) < 2.0
        self.timeline.tell(f"  {SWITCHED_OFFICE} is called again: the override is over by itself")

    async def _outage(self) -> None:
        began = time.time()
        self.carrier.out = True
        self.timeline.tell("The carrier is out: every call to every office fails")
        self._follow(self._outage_from(began))

    async def _outage_from(self, began: float) -> None:
        out = "the carrier's outage is found out"
        await self._comes(out, began, self._carrier_shows(out=True))
        if out in self.told:
            self.timeline.tell(f"  found out in {self.told[out]:.1f} s; callers wait, and none is lost")
        await asyncio.sleep(max(0.0, began + self.plan.outage_s - time.time()))
        self.carrier.out = False
        ended = time.time()
        self.timeline.tell("The carrier is back")
        back = "the carrier is used again"
        await self._comes(back, ended, self._carrier_shows(out=False))
        if back in self.told:
            self.timeline.tell(f"  found by a probe call in {self.told[back]:.1f} s")

    async def _bad_apply(self) -> None:
        queues = self.rules / "queues.yaml"
        good = queues.read_text()
        queues.write_text(good.replace("needs: {generale: 1}", BAD_NEED, 1))
        before = await self.api.get(SUMMARY)
        step = await self.desk.type(
            "apply", "--lang", "en", "--reason", "richiesta delle sedi",
            expected=1,
            effect=self._shows(lambda summary: summary["rules_refused"]),
        )  # fmt: skip
        after = await self.api.get(SUMMARY)
        kept = (before["configuration"], before["revision"]) == (after["configuration"], after["revision"])
        self.promises["a change with a mistake is refused whole"] = kept and "queues.yaml:" in step.said
        self.timeline.tell_step(step, f"Refused; revision {after['configuration']} runs on")
        where = next((line for line in step.said.splitlines() if "queues.yaml:" in line), "")
        self.timeline.tell(f"  it says: {where.strip()[-120:]}")
        queues.write_text(good)

    async def _good_apply(self) -> None:
        queues = self.rules / "queues.yaml"
        queues.write_text(queues.read_text().replace("ring_s: 8", f"ring_s: {GOOD_RING_S}"))
        wanted = (await self.api.get(SUMMARY))["configuration"] + 1
        step = await self.desk.type(
            "apply", "--lang", "en", "--reason", "squilli più brevi",
            effect=self._shows(
                lambda summary: summary["configuration"] == wanted and not summary["rules_refused"]
            ),
        )  # fmt: skip
        self.timeline.tell_step(step, f"Revision {wanted} is in force")

    async def _rollback(self) -> None:
        before = await self.api.get(SUMMARY)
        wanted = before["configuration"] + 1
        step = await self.desk.type(
            "rollback", str(wanted - 2), "--lang", "en", "--reason", "le sedi preferiscono come prima",
            effect=self._shows(lambda summary: summary["configuration"] == wanted),
        )  # fmt: skip
        after = await self.api.get(SUMMARY)
        self.promises["a rollback brings back what was"] = after["revision"] != before["revision"]
        self.timeline.tell_step(step, f"Revision {wanted} says again what revision {wanted - 2} said")

    async def _ten(self) -> None:
        await self._alive("roma")
        await self._next(0, {"roma": 10, "lecce": 0, "bolzano": 0}, "10 % of the calls go to Rome's agents")

    async def _twenty_five(self) -> None:
        await self._alive("lecce")
        await self._next(1, {"roma": 25, "lecce": 25, "bolzano": 0}, "25 % to Rome and Lecce")

    async def _fifty(self) -> None:
        await self._alive("bolzano")
        await self._next(2, {"roma": 50, "lecce": 50, "bolzano": 50}, "50 % to all three sites")

    async def _opt_in(self) -> None:
        """The volunteer accepts a slot and logs in at the phone: both are nobody else's to do."""
        made = await self.desk.type(
            "token", "create", "--name", "volontaria", "--role", "agent", "--agent", VOLUNTEER
        )
        self._volunteers_token = made.printed
        until = dt.datetime.now(ROME) + dt.timedelta(hours=1)
        step = await self.desk.type(
            "slots", "accept", VOLUNTEERS_OFFICE, "now", f"{until:%Y-%m-%dT%H:%M}",
            token=self._volunteers_token,
        )  # fmt: skip
        self.timeline.tell_step(step, f"A volunteer of {VOLUNTEERS_OFFICE} accepts a slot")
        dialled = Sipp.dial(self.carrier.lab, VOLUNTEER, LOG_IN)
        await self._comes("the volunteer is logged in", time.time(), self._volunteer_is("ready"))
        await asyncio.to_thread(dialled.stop)

    async def _opt_out(self) -> None:
        step = await self.desk.type(
            "slots", "withdraw", "1", token=self._volunteers_token, effect=self._volunteer_is("logged_out")
        )
        self.timeline.tell_step(step, "The volunteer opts out: no call any more, a present one is finished")
        self._follow(self._leaves(step.began))

    async def _leaves(self, began: float) -> None:
        what = "a volunteer who opts out is logged out after the present call"
        await self._comes(what, began, self._volunteer_is("logged_out", present=False))

    def _volunteer_is(self, state: str, *, present: bool = True) -> Callable[[], Awaitable[bool]]:
        """Whether the volunteer is in a state, or will be after the present call."""

        async def shown() -> bool:
            me = await self.api.get(f"/api/v1/agents/{VOLUNTEER}", self._volunteers_token)
            return me["state"] == state or (present and me["wish"] == WISHES.get(state, "-"))

        return shown

    async def _hundred(self) -> None:
        await self._next(3, {"roma": 100, "lecce": 100, "bolzano": 100}, "100 %: all calls are the agents'")

    async def _alive(self, site: str) -> None:
        names = [name for number in SITES[site] if (name := f"a{number:04}") != VOLUNTEER]
        step = await self.desk.type("agents", "login", *names)
        self.timeline.tell_step(step, f"The workstations of {site} are alive")

    async def _next(self, number: int, shares: Mapping[str, int], meaning: str) -> None:
        async def moved() -> bool:
            items = (await self.api.get(FALLBACK))["items"]
            found = {item["scope"]: item["share"] for item in items}
            return all(found.get(f"site:{site}") in {share, None} for site, share in shares.items()) and (
                await self._stands(number)
            )

        step = await self.desk.type(
            "transition", "next", "--yes", "--reason", f"passo {number + 1} del rientro", effect=moved
        )
        self.timeline.tell_step(step, meaning)

    async def _stands(self, number: int) -> bool:
        here = (await self.api.get("/api/v1/transition"))["here"]
        return here is not None and (here["phase"], here["step"]) == (RETURN_PHASE, number)

    async def _finish(self) -> None:
        step = await self.desk.type(
            "transition", "finish", "--yes", "--reason", "tutte le sedi sono attive",
            effect=self._shows(lambda summary: not summary["fallback"]["on"]),
        )  # fmt: skip
        self.timeline.tell_step(step, "The switch-off is over: agents first, offices as the ladders say")

    # ── what is looked for ───────────────────────────────────────────────────────────────────

    def _shows(self, true: Callable[[dict[str, Any]], object]) -> Callable[[], Awaitable[bool]]:
        async def shown() -> bool:
            return bool(true(await self.api.get(SUMMARY)))

        return shown

    async def _office(self, office: str) -> dict[str, Any]:
        items: list[dict[str, Any]] = (await self.api.get(OFFICES))["items"]
        return next(item for item in items if item["id"] == office)

    def _office_shows(self, office: str, key: str, *, wanted: object) -> Callable[[], Awaitable[bool]]:
        async def shown() -> bool:
            return (await self._office(office))[key] is wanted

        return shown

    def _carrier_shows(self, *, out: bool) -> Callable[[], Awaitable[bool]]:
        return self._office_shows(VOICEMAIL, "carrier_out", wanted=out)

    def _follow(self, work: Any) -> None:
        """Let something come true beside the acts."""
        self._followed.add(asyncio.create_task(work))

    async def _comes(self, what: str, began: float, true: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it has come true, and remember how long that took."""
        while time.time() < began + self.plan.comes_s_max:
            if await true():
                self.told[what] = time.time() - began
                self.promises[what] = True
                return
            await asyncio.sleep(0.05)
        self.promises[what] = False
        self.timeline.tell(f"  NOT within {self.plan.comes_s_max:.0f} s: {what}")
