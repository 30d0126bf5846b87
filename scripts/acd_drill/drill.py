"""The drill from the first to the last: the lab, the ACD, the days, the books, and what was promised."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import secrets
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from acd.core.ids import OfficeId
from acd.rules.calendar import ROME
from acd.rules.exercise import Exercise
from acd.rules.load import load_rules
from acd_demo.serving import Api, serving
from acd_drill.books import Ledger, Played, compared, played
from acd_drill.callers import Callers
from acd_drill.country import (
    AGENTS,
    CLOSED_BY_SAINT,
    OFFICES,
    TRUNK_CAPACITY,
    VOICEMAIL,
    roster,
    write_rules,
)
from acd_drill.days import BROKEN_OFFICE, BUSY_OFFICE, SUMMARY, Days, Plan, moment
from acd_drill.desk import EFFECT_S_MAX, Desk, Step, pace_of_machine
from acd_drill.lines import Carrier, Manner
from acd_drill.timeline import Timeline
from acd_drill.watching import Watch
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp

__all__ = ["drill", "well"]

SEED: Final = 2212
SAINT_ENDS: Final = "2022-12-02 00:00"
DRAIN_S_MAX: Final = 60.0
LOG_SHOWN: Final = 3_000
CAPACITIES: Final = {place.office: place.capacity for place in OFFICES}

Say = Callable[[str], None]


async def drill(plan: Plan, *, port_offset: int | None, say: Say) -> dict[str, Any]:
    """Live through the days of a plan; returns the figures."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    pace = await pace_of_machine()
    if pace > 1:
        say(f"This machine is busy, everything takes {pace:.1f} times as long: so the days are longer too.")
    plan = plan.at_pace(pace)
    with tempfile.TemporaryDirectory(prefix="acd-drill-") as work:
        folder = Path(work)
        numbers = await asyncio.to_thread(write_rules, folder / "rules")
        lab = await asyncio.to_thread(Lab.up, AGENTS, port_offset, rules=folder / "rules")
        try:
            return {"pace": round(pace, 1), **await _on(lab, plan, folder, numbers, say)}
        except Exception:
            say(f"It went wrong. The ACD said last:\n{_log(folder)[-LOG_SHOWN:]}")
            raise
        finally:
            lab.down()


def _log(folder: Path) -> str:
    log = folder / "acd.log"
    return log.read_text() if log.exists() else ""


async def _on(lab: Lab, plan: Plan, folder: Path, numbers: dict[str, str], say: Say) -> dict[str, Any]:
    exercise = _exercise(plan)
    config = folder / "acd.yaml"
    environment = {
        "ACD_AMI_SECRET": lab.ami_secret,
        "ACD_API_TOKEN": secrets.token_urlsafe(24),
        "ACD_HASH_KEY": secrets.token_hex(32),
        "ACD_CONFIG": str(config),
    }
    config.write_text(_settings(lab, plan, exercise, folder))
    watch = Watch(lab, CAPACITIES, TRUNK_CAPACITY)
    async with Carrier(lab, numbers, _draws()) as carrier:
        with ExitStack() as phones:
            phones.enter_context(Sipp.agent(lab, ring_ms=(500, 1_500), talk_ms=(2_000, 6_000)))
            callers = Callers(lab, _draws(), phones)
            async with serving(config, _url(lab), environment) as api, _running(watch.run()):
                await api.employ(roster().encode())
                timeline = Timeline(exercise, say)
                days = Days(
                    plan, exercise, api, Desk(environment), carrier, callers, folder / "rules", timeline
                )
                await _rehearse(days)
                await days.live()
                await _drain(days)
                counts = (await api.get(SUMMARY))["counts"]
                rows = await _ledger(api)
            begun, failed, called = callers.begun, callers.failed, callers.numbers
        await carrier.close()
    timeline.tell("The books are compared, and the journal is played again")
    ledger = compared(begun, called, counts, rows, environment["ACD_HASH_KEY"])
    journal = await asyncio.to_thread(played, folder / "journal")
    days.promises["callers of the office that has its saint are answered by others"] = _answered_by_others(
        days, rows
    )
    return _figures(days, watch, ledger, journal, counts, (begun, failed))


def _draws() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - a drill, to be the same each time


def _exercise(plan: Plan) -> Exercise:
    """A clock by which the callers come after the rehearsal; whole seconds, as settings say it."""
    begins_s = time.time() + plan.rehearsal_s
    into_day = (moment(plan.begins) - moment(plan.day)) / 86_400_000
    return Exercise(
        day_ms=moment(plan.day),
        begins_ms=round(begins_s - into_day * plan.day_s) * 1_000,
        day_s=plan.day_s,
    )


def _url(lab: Lab) -> str:
    return f"http://127.0.0.1:{lab.settings.port(8088)}"


def _settings(lab: Lab, plan: Plan, exercise: Exercise, folder: Path) -> str:
    begins = f"{dt.datetime.fromtimestamp(exercise.begins_ms / 1_000, ROME):%Y-%m-%d %H:%M:%S}"
    return (
        f"nodes: [{{id: lab, host: 127.0.0.1, port: {lab.ami_port}, username: {lab.ami_user}, "
        f"secret_env: ACD_AMI_SECRET}}]\n"
        f"rules: {folder / 'rules'}\n"
        f"store: {{file: {folder / 'acd.sqlite'}, hash_key_env: ACD_HASH_KEY}}\n"
        f"journal: {{folder: {folder / 'journal'}}}\n"
        f"api: {{port: {lab.settings.port(8088)}, "
        f"tokens: [{{name: drill, role: admin, token_env: ACD_API_TOKEN}}]}}\n"
        f"metrics: {{port: {lab.settings.port(9188)}}}\n"
        f'exercise: {{day: "{plan.day}", begins: "{begins}", day_s: {plan.day_s:g}}}\n'
    )


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _rehearse(days: Days) -> None:
    """The day before: every line is called, and the voicemail is found."""
    days.carrier.manners[VOICEMAIL] = Manner.VOICEMAIL
    step = await days.desk.type("rehearse", long=True)
    lines = (await days.api.get("/api/v1/rehearsal"))["lines"]
    ready = sum(line["ready"] for line in lines)
    days.promises["the rehearsal finds the voicemail, and no other"] = ready == len(OFFICES) - 1
    status = await days.desk.type("status")
    days.promises["acd status says that it is an exercise"] = (
        "EXERCISE: the calendars are at" in status.printed
    )
    days.timeline.tell_step(
        step, f"{ready} of {len(lines)} lines are ready: a voicemail answers in {VOICEMAIL}"
    )


async def _drain(days: Days) -> None:
    """No new calls; those in progress finish."""
    days.timeline.tell("No new calls; those in progress finish")
    end = time.monotonic() + DRAIN_S_MAX
    while time.monotonic() < end:
        counts = (await days.api.get(SUMMARY))["counts"]
        if counts["in_progress"] == 0 and days.callers.gone:
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)  # SIPp writes its sums once a second, the ACD its ledger


async def _ledger(api: Api) -> list[Any]:
    rows: list[Any] = []
    after = ""
    while True:
        page = await api.get(f"/api/v1/ledger?limit=500{after}")
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = f"&after={page['next']}"


def _answered_by_others(days: Days, rows: list[Any]) -> bool:
    """On its saint's day the office is never called, and callers from there are answered all the same."""
    begin, until = days.real(days.plan.begins), days.real(SAINT_ENDS)
    known = load_rules(days.rules).rules.offices[OfficeId(CLOSED_BY_SAINT)]
    theirs = [
        row["outcome"]
        for row in rows
        if row["province"] == known.province
        and begin <= row["entered_ms"] / 1_000 < until
        and row["outcome"] != "closed"
    ]
    called = days.carrier.count(CLOSED_BY_SAINT, begin, until)
    days.timeline.tell(
        f"{len(theirs)} callers from {CLOSED_BY_SAINT} on its saint's day,"
        f" {theirs.count('answered')} answered elsewhere"
    )
    return not called and "answered" in theirs


# ── figures ──────────────────────────────────────────────────────────────────────────────────


def _figures(
    days: Days,
    watch: Watch,
    ledger: Ledger,
    journal: Played,
    counts: dict[str, Any],
    callers: tuple[int, int],
) -> dict[str, Any]:
    begun, failed = callers
    exceeded = sorted(watch.exceeded | journal.exceeded)
    timed = [step for step in days.desk.steps if step.timed]
    effects = [step.effect_s if step.effect_s is not None else float("inf") for step in timed]
    promises = {
        "unaccounted 0": ledger.unaccounted == 0,
        "no call is lost": counts["lost"] == 0 and counts["safety_net"] == 0,
        "capacity is never exceeded": not exceeded,
        f"each step is in force within {EFFECT_S_MAX:g} s of its command's start": all(
            step.well(days.desk.start_s) for step in days.desk.steps
        ),
        "no caller is left with a voicemail": VOICEMAIL not in ledger.by_office,
        "a carrier's outage is one event": journal.outages == 1,
        "offices that fail are left alone": {BUSY_OFFICE, BROKEN_OFFICE} <= journal.left_alone,
        "offices and agents answer": bool(ledger.by_office) and ledger.by_agents > 0,
        "the journal plays again to the letter": not journal.difference,
        **days.promises,
    }
    return {
        "days": len({at[:10] for at, _ in days.plan.acts}),
        "day_s": days.plan.day_s,
        "callers": begun,
        "callers_failed": failed,
        **{name: count for name, count in counts.items() if name != "agents"},
        "unaccounted": ledger.unaccounted,
        "outcomes": ledger.outcomes,
        "by_office": ledger.by_office,
        "by_agents": ledger.by_agents,
        "wait_s": ledger.wait_s,
        "capacity_exceeded": exceeded,
        "capacity": {
            office: {"takes": takes, "asterisk": watch.most[office], "engine": journal.most[office]}
            for office, takes in CAPACITIES.items()
        },
        "trunk": {"takes": TRUNK_CAPACITY, "asterisk": watch.trunk_most, "engine": journal.trunk_most},
        "looks": watch.looks,
        "start_s": round(days.desk.start_s, 2),
        "effect_s_max": round(max(effects, default=0.0), 2),
        "steps": [
            {
                "command": step.command,
                "status": step.status,
                "took_s": round(step.took_s, 2),
                "effect_s": round(step.effect_s, 2) if step.effect_s is not None else None,
                "engine_s": _rounded(_in_engine(step, journal)),
                "well": step.well(days.desk.start_s),
            }
            for step in days.desk.steps
        ],
        "came_true_s": {what: round(seconds, 2) for what, seconds in days.told.items()},
        "journal": {"facts": journal.facts, "orders": journal.orders, "difference": journal.difference},
        "promises": promises,
        "broken": [promise for promise, kept in promises.items() if not kept],
    }


def _in_engine(step: Step, journal: Played) -> float | None:
    """Seconds from Enter until the engine itself went by it, where that is noted."""
    word = step.command.split()[1]
    if not step.timed or step.expected != 0 or word not in {"apply", "rollback", "transition", "fallback"}:
        return None
    return journal.after(journal.ruled_ms if word in {"apply", "rollback"} else journal.taken_ms, step.began)


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 2) if seconds is not None else None


def well(figures: dict[str, Any]) -> bool:
    """Whether every promise was kept."""
    return not figures["broken"]
