"""A Tuesday of the national centre, in virtual time, from a quarter to eight to a quarter past two.

About 19,000 callers and 178 agents: a tenth of the real size, so that it is lived through in minutes, with
the shipped rules, all 107 offices, and everything a supervisor may have to look at on one day:

| at | what |
|---|---|
| 07:50 | agents log in; callers come from eight on, most of them at half past ten |
| 08:40 | the office of Aosta is switched off by hand until half past three |
| 09:30 | Bari has no electricity for half an hour: offices stand in for its agents |
| 09:05 | who began together takes the break of the law in four parts, until shortly after ten |
| 10:30 | the transition begins: offices answer for everybody, ... |
| 10:45 | ... two of them do not pick up the telephone, and their breakers open; ... |
| 11:20 | ... for four minutes the carrier fails, ... |
| 11:30 | ... and agents come back, step by step, until a quarter to one |
| 12:40 | a change of the rules is refused, a quarter of an hour later the mended one is taken |
| 13:20 | Asterisk cannot be reached for a minute: its safety net has the callers |
| 13:45 | the office of Trento stays on by hand, its people have not gone home |

The same seed gives the same day. What was scraped is written as OpenMetrics text, every sample with its
moment, from which ``promtool`` makes blocks for a Prometheus.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import random
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from acd.core.facts import AgentLoggedOut, CallCoded
from acd.core.ids import AgentId, OutcomeCodeId
from acd.core.policy import Agent
from acd.logs import set_up_logs
from acd.rules.load import load_rules
from acd.rules.roster import parse_roster
from acd.sim.agents import ANSWERS, RINGS_OUT, Behaviour, Temper
from acd.sim.callers import Habits
from acd.sim.faults import cut
from acd.sim.loop import run_virtual
from acd.store.records import OverrideMode
from acd.transition.moves import Move
from acd_panels.centre import AUTHOR, Watched, watched
from acd_panels.visitors import served

__all__ = [
    "BEGINS",
    "ENDS",
    "PEAK_PER_S",
    "RULES",
    "SCRAPE_S",
    "SEED",
    "SILENT",
    "TEMPER",
    "behave",
    "habits",
    "judge",
    "live",
    "provinces",
    "roster_text",
    "shape",
]

ROOT: Final = Path(__file__).resolve().parents[2]
RULES: Final = ROOT / "routing_rules"
PREFIXES: Final = ROOT / "acd" / "rules" / "data" / "prefix_province.csv"
ROME: Final = ZoneInfo("Europe/Rome")
BEGINS: Final = dt.datetime(2026, 3, 10, 7, 45, tzinfo=ROME)
ENDS: Final = dt.datetime(2026, 3, 10, 14, 15, tzinfo=ROME)
SCRAPE_S: Final = 30
SEED: Final = 2212
AGENTS: Final = 210
SITES: Final = {
    "roma": 32, "napoli": 25, "bari": 20, "palermo": 18, "catania": 17, "lecce": 15, "cagliari": 12,
    "rende": 11, "crotone": 11, "laquila": 7, "terni": 6, "bolzano": 4,
}  # fmt: skip
"""People by site; three sites are too small to be shown by themselves."""
TOPICS: Final = {
    "pensioni": 0.5, "famiglia": 0.45, "disoccupazione": 0.4, "invalidita": 0.25, "inclusione": 0.2,
    "domestico": 0.2, "aziende": 0.2, "dipendenti-pubblici": 0.2, "prenotazioni": 0.3, "credenziali": 0.5,
}  # fmt: skip
"""Skill to the share of the people who hold it."""
CALLS: Final = {
    "generale": 20, "pensioni": 18, "famiglia": 13, "disoccupazione": 13, "invalidita": 8, "inclusione": 5,
    "domestico": 4, "aziende": 4, "dipendenti-pubblici": 4, "prenotazioni": 6, "credenziali": 8,
    "generale-de": 2, "pensioni-de": 2, "inglese": 2, "spagnolo": 1,
}  # fmt: skip
"""Queue to its share of the calls, in parts of about a hundred."""
SHAPE: Final = (
    (7.98, 0.0), (8.0, 0.45), (8.5, 0.70), (9.0, 0.88), (9.5, 0.97), (10.0, 1.0), (11.0, 0.98), (11.5, 0.92),
    (12.0, 0.82), (12.5, 0.68), (13.0, 0.56), (13.5, 0.54), (14.0, 0.60),
)  # fmt: skip
"""From this hour on, so much of the busiest half hour."""
PEAK_PER_S: Final = 1.08
CODES: Final = {"risolta": 7, "passata": 1, "da-lavorare-in-sede": 2}
JUDGED: Final = 0.85
TALKED_S: Final = 3.0
CUT_S: Final = 60.0
VISITS_S: Final = (10, 17, 29)
BOARDS: Final = 1
HABITS: Final = Habits(patience_s_mean=300, talk_s_mean=165, names=("",))
TEMPER: Final = Temper(answer_ms=(1_500, 9_000), talk_ms_mean=165_000, rings_out=0.03)
SILENT: Final = ("perugia", "foggia")
"""Offices whose telephone rings and rings."""
NETWORK_DOWN: Final = Behaviour(ring_ms=None, status=503, after_ms=40)


def live(out: Path, say: Callable[[str], None]) -> None:
    """Live through the day and write what a Prometheus would have scraped."""
    set_up_logs("critical")
    with out.open("w", encoding="utf-8") as file:
        run_virtual(_day(file, say))
        file.write("# EOF\n")


async def _day(out: TextIO, say: Callable[[str], None]) -> None:
    loaded = load_rules(RULES, BEGINS.date())
    roster, findings = parse_roster(roster_text(), "roster.csv", loaded.rules)
    assert not findings, findings
    origins = provinces()
    begins_s = BEGINS.hour + BEGINS.minute / 60
    async with (
        watched(
            loaded,
            roster,
            seed=SEED,
            per_s=lambda at_s: PEAK_PER_S * shape(begins_s + at_s / 3600),
            habits=habits(origins),
            temper=TEMPER,
            provinces=origins,
            begins_ms=round(BEGINS.timestamp() * 1000),
        ) as world,
        served(world.centre, visits_s=VISITS_S, boards=BOARDS),
    ):
        story = asyncio.create_task(_story(world, say))
        world.sim.watchers.append(judge(world))
        world.callers.start()
        while world.clock.now_ms() < ENDS.timestamp() * 1000:
            _write(out, await world.centre.exposition.text(), world.clock.now_ms() / 1000)
            if story.done():
                story.result()
            await asyncio.sleep(SCRAPE_S)
        summary = world.centre.summary()
        say(f"{summary.entered} calls, {summary.answered} answered, {summary.to_offices} by offices")
        assert summary.unaccounted == 0
        await story


def _write(out: TextIO, text: bytes, at_s: float) -> None:
    """The samples of one scrape, each with its moment; comments are not needed."""
    out.writelines(
        f"{line} {at_s:.3f}\n" for line in text.decode().splitlines() if line and not line.startswith("#")
    )


# ── what happens ─────────────────────────────────────────────────────────────────────────────


async def _story(world: Watched, say: Callable[[str], None]) -> None:
    people = list(world.roster.agents.values())
    transition = world.centre.transition()

    async def move(step: Move) -> None:
        await transition.move(step, author=AUTHOR, reason="giornata di prova", force=True)

    deeds: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
        ("07:50", "gli operatori arrivano", lambda: _arrive(world, people)),
        ("08:40", "Aosta spenta", lambda: _aosta(world)),
        ("09:30", "Bari senza corrente", lambda: _bari_out(world, people)),
        ("10:00", "Bari di nuovo al lavoro", lambda: world.log_in(_of("bari", people))),
        ("10:30", "gli uffici rispondono per tutti", lambda: move(Move.START)),
        ("10:45", "due uffici non rispondono", lambda: behave(world, True, RINGS_OUT)),
        ("11:20", "il gestore è fermo", lambda: behave(world, False, NETWORK_DOWN)),
        ("11:24", "il gestore risponde", lambda: behave(world, False, None)),
        ("11:30", "10 %", lambda: move(Move.NEXT)),
        ("11:50", "25 %", lambda: move(Move.NEXT)),
        ("12:10", "50 %", lambda: move(Move.NEXT)),
        ("12:30", "100 %", lambda: move(Move.NEXT)),
        ("12:40", "regole con un errore", lambda: _apply(world, "threshold_s: 60", "threshold_s: sessanta")),
        ("12:45", "il passaggio è finito", lambda: move(Move.FINISH)),
        ("12:55", "regole accettate", lambda: _apply(world, "threshold_s: 60", "threshold_s: 45")),
        ("13:20", "Asterisk irraggiungibile per un minuto", lambda: _cut(world)),
        ("13:45", "Trento resta accesa", lambda: _trento(world)),
    )
    for at, what, do in deeds:
        hour, minute = map(int, at.split(":"))
        left_s = BEGINS.replace(hour=hour, minute=minute).timestamp() - world.clock.now_ms() / 1000
        await asyncio.sleep(max(0.0, left_s))
        say(f"{at} {what}")
        await do()


async def _arrive(world: Watched, people: list[Agent]) -> None:
    for index, agent in enumerate(people):
        await world.log_in([agent])
        if index % 8 == 7:
            await asyncio.sleep(40)


async def _aosta(world: Watched) -> None:
    await world.override(
        "office:valle-d-aosta", OverrideMode.FORCED_OFF, 410, "linea guasta, segnalata al gestore"
    )


async def _bari_out(world: Watched, people: list[Agent]) -> None:
    for agent in _of("bari", people):
        await world.centre.submit(AgentLoggedOut(agent=agent.id))
    await world.override("site:bari", OverrideMode.FORCED_ON, 30, "sede senza energia elettrica")


async def behave(world: Watched, silent: bool, behaviour: Behaviour | None) -> None:
    """Have the silent offices, or all others, do so; None: as people do."""
    for office in world.loaded.rules.offices.values():
        if (office.id in SILENT) is silent:
            for number in (office.number, *office.more_numbers):
                phone = world.sim.phone(number)
                phone.temper = TEMPER if behaviour is None else None
                phone.behaviour = behaviour or ANSWERS


async def _apply(world: Watched, old: str, new: str) -> None:
    """Put the rules in force with another threshold for short questions."""
    with tempfile.TemporaryDirectory(prefix="acd-panels-") as folder:
        rules = Path(shutil.copytree(RULES, Path(folder, "rules")))
        file = rules / "queues.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        await world.apply(rules, BEGINS.date())


async def _cut(world: Watched) -> None:
    cut(world.sim)
    world.sim.up = False  # takes no links; what runs there goes on
    await asyncio.sleep(CUT_S)
    world.sim.up = True


async def _trento(world: Watched) -> None:
    await world.override("office:trento", OverrideMode.FORCED_ON, 135, "personale rimasto fino alle 16")


def judge(world: Watched) -> Callable[[float, str, str, str], None]:
    """Agents who say of most calls what became of the question, as soon as they talk."""
    dice = random.Random(SEED)  # noqa: S311 - invented people
    codes = [code for code, share in CODES.items() for _ in range(share)]
    tasks: set[asyncio.Task[object]] = set()

    def told(_: float, what: str, caller: str, number: str) -> None:
        del caller
        if what == "talks" and number in world.roster.agents and dice.random() < JUDGED:
            fact = CallCoded(agent=AgentId(number), code=OutcomeCodeId(dice.choice(codes)))
            task = asyncio.get_running_loop().create_task(_after(TALKED_S, world, fact))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    return told


async def _after(seconds: float, world: Watched, fact: CallCoded) -> None:
    await asyncio.sleep(seconds)
    await world.centre.submit(fact)


def _of(site: str, people: Iterable[Agent]) -> list[Agent]:
    return [agent for agent in people if agent.site == site]


# ── who calls, who answers ───────────────────────────────────────────────────────────────────


def shape(hour: float) -> float:
    """How many call at this hour, as a part of the busiest half hour."""
    index = bisect_right(SHAPE, hour, key=lambda row: row[0]) - 1
    return SHAPE[index][1] if index >= 0 else 0.0


def provinces() -> dict[str, str]:
    """Prefix to the province most of its people live in."""
    found: dict[str, str] = {}
    with PREFIXES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["prefix"], row["province"])
    return found


def habits(origins: dict[str, str]) -> Habits:
    """Callers from everywhere, as many as live there."""
    with PREFIXES.open(encoding="utf-8", newline="") as file:
        people = {row["prefix"]: int(row["population"]) for row in csv.DictReader(file)}
    weighed = [prefix for prefix in origins for _ in range(max(1, people[prefix] // 100_000))]
    numbers = tuple(f"q-{queue}" for queue, share in CALLS.items() for _ in range(share))
    return Habits(
        numbers=numbers,
        patience_s_mean=HABITS.patience_s_mean,
        talk_s_mean=HABITS.talk_s_mean,
        prefixes=tuple(weighed),
        names=HABITS.names,
    )


def roster_text() -> str:
    """The roster as CSV: everybody answers general questions, topics are dealt by chance."""
    dice = random.Random(SEED)  # noqa: S311 - invented people
    lines, number = ["agent,site,skills"], 0
    for site, count in SITES.items():
        for _ in range(count):
            number += 1
            skills = {"generale": dice.randint(4, 10)}
            skills |= {topic: dice.randint(3, 10) for topic, share in TOPICS.items() if dice.random() < share}
            if site in {"crotone", "rende"}:
                skills["prenotazioni"] = dice.randint(4, 10)
            if site == "bolzano" or dice.random() < 0.03:
                skills["tedesco"] = dice.randint(6, 10)
            skills |= {tongue: 7 for tongue in ("inglese", "spagnolo") if dice.random() < 0.12}
            held = " ".join(f"{skill}:{level}" for skill, level in skills.items())
            lines.append(f"{AgentId(f'a{number:04}')},{site},{held}")
    return "\n".join(lines) + "\n"
