"""Closed queues and offices with hours, on a real Asterisk that speaks: said, counted, offered."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from acd.core.ids import AgentId, CalendarId, OfficeId, QueueId, SiteId
from acd.core.notes import CallFinished, CallToldClosed, Decision, ServiceLevelCounted
from acd.core.notes import Path as Way
from acd.core.orders import OfferCall, Say, SendToNet
from acd.core.policy import Agent, Calendar, Roster, RuleSet
from acd.rules.calendar import ROME
from acd.rules.load import load_rules
from asterisk_lab import Lab
from tests.real.asking import Supervisor
from tests.real.conftest import OWN_PORTS
from tests.real.floor import SKILL, Floor
from tests.real.phones import Phones

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[2]
GENERAL, NIGHT = QueueId("generale"), CalendarId("notte")
CLOSED = """
  closed:
    texts:
      it: Il servizio è chiuso.
      de: Der Dienst ist geschlossen.
  inventario:
    texts:
      it: Facciamo l'inventario.
"""
CALENDAR = """\
calendars:
  ore:
    hours: {{mon-sun: ["00:00-24:00"]}}
    holidays: false
    closings:
      - {{from: "{begin}", until: "{until}", reason: Inventario, say: inventario}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's rules, whose general queue is closed from an hour ago for two hours more."""
    folder = Path(shutil.copytree(ROOT / "routing_rules/demo", tmp_path_factory.mktemp("hours") / "rules"))
    shutil.rmtree(folder / "cases")
    now = dt.datetime.now(tz=ROME)
    begin, until = (now + dt.timedelta(hours=by) for by in (-1, 2))
    text = CALENDAR.format(begin=f"{begin:%Y-%m-%d %H:%M}", until=f"{until:%Y-%m-%d %H:%M}")
    (folder / "calendars.yaml").write_text(text)
    queues, prompts = folder / "queues.yaml", folder / "prompts.yaml"
    queues.write_text(queues.read_text().replace("language: it\n", "language: it\n    calendar: ore\n", 1))
    prompts.write_text(prompts.read_text().rstrip() + "\n" + CLOSED)
    return folder


@pytest.fixture(scope="module")
def spoken(folder: Path) -> Iterator[Lab]:
    """An Asterisk with the prompts of these rules."""
    made = Lab.up(agents=9, port_offset=None, contact_ports=OWN_PORTS, rules=folder)
    try:
        yield made
    finally:
        made.down()


@pytest.fixture(scope="module")
def closed(folder: Path) -> RuleSet:
    """The rules as the process loads them."""
    return load_rules(folder).rules


def people() -> Roster:
    """One agent of the general queue."""
    held = {SKILL: 8}
    return Roster(
        agents={
            AgentId("a0001"): Agent(id=AgentId("a0001"), site=SiteId("roma"), endpoint="a0001", skills=held)
        }
    )


def with_hours(rules: RuleSet, floor_now_ms: int, *spans_s: tuple[float, float]) -> Calendar:
    """Open in these spans, in seconds from now."""
    spans = tuple((floor_now_ms + round(b * 1_000), floor_now_ms + round(u * 1_000)) for b, u in spans_s)
    until_ms = rules.calendars[CalendarId("ore")].known_until_ms
    return Calendar(id=NIGHT, spans=spans, known_until_ms=until_ms)


def without_offices(rules: RuleSet) -> RuleSet:
    """The general queue has agents alone."""
    general = msgspec.structs.replace(rules.queues[GENERAL], ladder=())
    return msgspec.structs.replace(rules, queues={**rules.queues, GENERAL: general})


def hours_of_queue(rules: RuleSet, calendar: Calendar) -> RuleSet:
    """The general queue, without offices, by this calendar."""
    rules = without_offices(rules)
    general = msgspec.structs.replace(rules.queues[GENERAL], calendar=calendar.id, ring_s=3)
    calendars = {**rules.calendars, calendar.id: calendar}
    return msgspec.structs.replace(rules, queues={**rules.queues, GENERAL: general}, calendars=calendars)


def heard(lab: Lab) -> str:
    """What Asterisk plays in a farewell now."""
    rows = (row.split("!") for row in lab.rx("core show channels concise").splitlines())
    return next((row[6] for row in rows if row[1] == "acd-say" and row[5] == "Playback"), "")


async def test_a_closed_queue_says_so_and_when_it_opens_and_ends_the_call(
    spoken: Lab, closed: RuleSet, tmp_path: Path
) -> None:
    """An agent is free and is not rung; the caller hears three sentences to their end, and is counted."""
    async with (
        Floor(spoken, people(), without_offices(closed), journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
        await phones.agent("a0001")
        caller = await phones.caller()
        await floor.until(lambda: heard(spoken), "the farewell is said")
        opens = dt.datetime.fromtimestamp(floor.of(CallToldClosed)[0].opens_ms / 1_000, tz=ROME)
        said = heard(spoken).split("&")
        assert said[:2] == ["acd/it/closed", "acd/it/inventario"]
        assert said[2].startswith("acd/it/opens-")
        assert said[2].endswith(f"-{opens:%H%M}")
        sounds = spoken.host_dir / "data/sounds"
        assert [name for name in said if not (sounds / f"{name}.wav").exists()] == []
        began = floor.when(Say)[0][0]
        await asyncio.wait_for(caller.ended.wait(), 20)
        assert caller.got["BYE"] - began > 3.0, "heard out"
        await floor.settled()
        assert floor.outcomes() == ["closed"]
        assert not floor.of(OfferCall)
        assert not floor.of(ServiceLevelCounted)
        summary, queue = floor.centre.summary(), floor.centre.queues()[0]
        assert (summary.entered, summary.closed, summary.abandoned, summary.unaccounted) == (1, 1, 0, 0)
        assert (queue.id, queue.entered, queue.closed) == (GENERAL, 1, 1)
        text = (await floor.centre.exposition.text()).decode()
        assert 'outcome="closed",path="primary",queue="generale"} 1.0' in text
        name = closed.queues[GENERAL].name
        told = await supervisor.story_for_programs(floor.of(CallFinished)[0].call)
        assert (told.lang, told.ended) == ("it", True)
        assert [event.kind for event in told.events] == ["entered", "told_closed", "said", "ended"]
        assert [event.sentence for event in told.events[1:]] == [
            f"La coda {name} era chiusa; a chi chiama è stato detto quando apre: {opens:%Y-%m-%d %H:%M}.",
            f"Chi chiama è stato congedato: {', '.join(said)}.",
            "La chiamata è finita: la coda era chiusa e nessun altro poteva prenderla.",
        ]
        assert told.events[1].what["opens_ms"] == floor.of(CallToldClosed)[0].opens_ms


async def test_a_closed_queue_with_an_open_office_rings_the_office(spoken: Lab, closed: RuleSet) -> None:
    """At once, by the way of its ladder; the agent of the queue is left alone."""
    async with Floor(spoken, people(), closed) as floor, Phones(floor) as phones:
        await phones.agent("a0001")
        office = await phones.office()
        caller = await phones.caller()
        line = await office.ringing()
        assert floor.of(Decision)[0].wait_ms < 200
        line.answer()
        await asyncio.wait_for(line.answered.wait(), 2)
        await asyncio.sleep(1.7)
        await line.bye()
        await asyncio.wait_for(caller.ended.wait(), 5)
        await floor.settled()
        (end,) = floor.of(CallFinished)
        assert (end.outcome.value, end.path) == ("answered", Way.FALLBACK)
        assert end.office in closed.offices
        assert not floor.of(Say)


async def test_an_office_that_does_not_answer_leaves_the_caller_to_be_told(
    spoken: Lab, closed: RuleSet
) -> None:
    """Each office of the ladder has its chance, then the farewell."""
    async with Floor(spoken, people(), closed) as floor, Phones(floor) as phones:
        office = await phones.office()
        caller = await phones.caller()
        named = {name for step in closed.queues[GENERAL].ladder for name in step.offices}
        for _ in named:
            (await office.ringing()).refuse(486)
        await floor.until(lambda: heard(spoken), "the farewell is said")
        await asyncio.wait_for(caller.ended.wait(), 20)
        await floor.settled()
        assert floor.outcomes() == ["closed"]
        assert {note.target for note in floor.of(Decision)} == named


async def test_who_waits_when_the_queue_closes_is_served_on_and_who_comes_after_is_told(
    spoken: Lab, closed: RuleSet
) -> None:
    """The clock passes the end of the hours while one waits; nothing happens to them."""
    now_ms = round(dt.datetime.now(tz=ROME).timestamp() * 1_000)
    rules = hours_of_queue(closed, with_hours(closed, now_ms, (-3_600, 3), (86_400, 90_000)))
    async with Floor(spoken, people(), rules) as floor, Phones(floor) as phones:
        phone = await phones.agent("a0001")
        await floor.pause("a0001")
        await phones.caller()
        assert floor.centre.clock.now_ms() < now_ms + 3_000, "a slow machine: the queue had closed"
        await asyncio.sleep(3.2)
        late = await phones.caller()
        await floor.until(lambda: heard(spoken), "the second is told")
        assert len(floor.of(Say)) == 1
        await floor.ready("a0001")
        await phones.answered(phone)
        assert [note.call for note in floor.of(Decision)] == [floor.of(Decision)[0].call]
        await asyncio.wait_for(late.ended.wait(), 20)
        assert floor.outcomes() == ["closed"]


async def test_an_office_opens_by_the_clock_and_takes_who_waits_for_it(spoken: Lab, closed: RuleSet) -> None:
    """Nobody is logged in, the office is shut for some seconds; at its hour it rings."""
    now_ms = round(dt.datetime.now(tz=ROME).timestamp() * 1_000)
    calendar = with_hours(closed, now_ms, (4, 3_600))
    roma = msgspec.structs.replace(closed.offices[OfficeId("roma")], calendar=calendar.id)
    step = msgspec.structs.replace(closed.queues[GENERAL].ladder[0], after_ms=0, offices=(roma.id,))
    general = msgspec.structs.replace(closed.queues[GENERAL], calendar=None, ladder=(step,))
    rules = msgspec.structs.replace(
        closed,
        queues={**closed.queues, GENERAL: general},
        offices={roma.id: roma},
        calendars={**closed.calendars, calendar.id: calendar},
    )
    others = {name: queue for name, queue in rules.queues.items() if name == GENERAL}
    rules = msgspec.structs.replace(rules, queues=others, entry={"803164": GENERAL})
    async with Floor(spoken, people(), rules) as floor, Phones(floor) as phones:
        office = await phones.office()
        await phones.caller()
        await asyncio.sleep(0.5)
        assert not floor.of(OfferCall)
        line = await office.ringing(6)
        rung_ms = round(floor.when(OfferCall)[0][0] * 1_000)
        assert rung_ms == pytest.approx(now_ms + 4_000, abs=300)
        line.answer()
        await asyncio.wait_for(line.answered.wait(), 2)
        assert not floor.of(SendToNet)
