"""Makes a report: asks the ledger slice by slice, adds up, names, and hides what small groups would tell.

It may take a minute for a year of calls, in a process that routes: whatever takes more than a moment happens
in a thread, a slice at a time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar, get_args

import msgspec

from acd.core.ids import QueueId, SkillId
from acd.core.notes import Outcome, Path
from acd.core.policy import Roster, RuleSet
from acd.errors import NotFound, PeriodWrong
from acd.figures.days import ROME
from acd.figures.formulas import Formula
from acd.reports.counting import (
    LEFT_IN_MENU,
    Stretch,
    Sums,
    figures,
    rebased_figures,
    share_of,
    stretches,
    total,
)
from acd.reports.groups import People, hidden_among, people_of_queues, people_of_topics
from acd.reports.shape import Kind, Line, Measured, PartLine, RepeatLine, Report
from acd.rules.goals import Emergency, Goals
from acd.rules.goals_shape import Measure
from acd.rules.reach import topic
from acd.store.port import Store
from acd.store.tallies import Repeats, Tally, TallyBy, slices

__all__ = ["DAYS_MAX", "Asked", "Given", "make_report"]

DAYS_MAX: Final[Mapping[Kind, int]] = {Kind.DAY: 400, Kind.INTERVAL: 31, Kind.SLA: 400}
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
Key = TypeVar("Key", str, int)

DAY_MS: Final = 86_400_000
NOBODY: Final = ""
"""Path of a call that nobody answered."""
PATHS: Final = (Path.PRIMARY, Path.FALLBACK, NOBODY)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which report of which days."""

    kind: Kind
    from_day: dt.date
    to_day: dt.date
    """The last day."""
    queue: str = ""
    """Only calls booked there; empty: all."""


class Given(Protocol):
    """What a report depends on beside the ledger."""

    @property
    def rules(self) -> RuleSet:
        """They name queues and topics."""

    @property
    def roster(self) -> Roster:
        """It says how many people can serve a queue."""

    @property
    def goals(self) -> Goals:
        """What the figures are held against."""

    @property
    def headline(self) -> Formula:
        """The service level that stands first."""

    @property
    def k(self) -> int:
        """The least group."""

    @property
    def now_ms(self) -> int:
        """Now."""


async def make_report(store: Store, asked: Asked, given: Given) -> Report:
    """Make a report.

    Raises:
        PeriodWrong: There is no such period, or it is too long.
        StoreUnavailable: The disk will not.
    """
    from_ms, until_ms = _period(asked)
    return await _Making(store, asked, given, from_ms, until_ms).make()


class _AddedUp:
    """The sums by key, by half hour, by path, and of all; who left in a menu is in the last alone."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self.keys: dict[str, Sums] = {}
        self.half_hours: dict[int, Sums] = {}
        self.paths: dict[str, Sums] = {}
        self.whole = Sums(stretches)

    def take(self, found: Iterable[Tally]) -> None:
        """Add a slice."""
        for one in found:
            self.whole.take(one)
            if one.outcome != LEFT_IN_MENU:
                path = one.path if one.outcome == Outcome.ANSWERED else NOBODY
                self._of(self.keys, one.key).take(one)
                self._of(self.half_hours, one.begin_ms).take(one)
                self._of(self.paths, path).take(one)

    def _of(self, lines: dict[Key, Sums], key: Key) -> Sums:
        sums = lines.get(key)
        if sums is None:
            sums = lines[key] = Sums(self._stretches)
        return sums


class _Making:
    """One report on its way."""

    def __init__(self, store: Store, asked: Asked, given: Given, from_ms: int, until_ms: int) -> None:
        self._store = store
        self._asked = asked
        self._given = given
        self._period = (from_ms, until_ms)
        goals = given.goals
        self._stretches = stretches(goals, from_ms, until_ms)
        self._measure: Measure = goals.measure or given.headline.value
        self._emergencies = tuple(one for one in goals.emergencies if _overlap(one, from_ms, until_ms))

    async def make(self) -> Report:
        """Ask, and put together."""
        is_day = self._asked.kind is Kind.DAY
        found = await self._add_up(TallyBy.QUEUE)
        provinces = (await self._add_up(TallyBy.PROVINCE)).keys if is_day else {}
        repeats = await self._ask_repeats() if is_day else ()
        return await asyncio.to_thread(self._put_together, found, provinces, repeats)

    def _put_together(
        self, found: _AddedUp, provinces: Mapping[str, Sums], repeats: Sequence[Repeats]
    ) -> Report:
        asked, given = self._asked, self._given
        queues, half_hours, whole = found.keys, found.half_hours, found.whole
        if asked.queue and asked.queue not in {*queues, *given.rules.queues}:
            raise NotFound(f"There is no queue {asked.queue[:64]!r} in the rules, and no call of it then.")
        people = people_of_queues(given.rules, given.roster)
        hidden = hidden_among(people, queues, given.k) | hidden_among(people, people, given.k)
        too_few = len(frozenset[str]().union(*people.values())) < given.k
        is_day, is_interval = asked.kind is Kind.DAY, asked.kind is Kind.INTERVAL
        return Report(
            kind=asked.kind,
            from_day=asked.from_day.isoformat(),
            to_day=asked.to_day.isoformat(),
            from_ms=self._period[0],
            until_ms=self._period[1],
            made_ms=given.now_ms,
            queue=asked.queue,
            headline=given.headline,
            measure=self._measure,
            k=given.k,
            repeat_days=given.goals.repeat_days,
            total=self._line("", whole, work=not too_few and asked.queue not in hidden),
            levels=tuple(self._level(measure, whole) for measure in MEASURES),
            parts=self._parts(whole),
            emergencies=self._emergencies,
            days=self._lines(sorted(self._days(half_hours).items())),
            half_hours=self._lines((str(begin_ms), sums) for begin_ms, sums in sorted(half_hours.items()))
            if is_interval
            else (),
            queues=tuple(
                self._line(name, queues[name], self._queue_name(name), work=name not in hidden)
                for name in self._in_order(queues)
            ),
            provinces=self._lines(sorted(provinces.items(), key=_unknown_last)),
            paths=self._lines((path, found.paths[path]) for path in PATHS if path in found.paths)
            if is_day
            else (),
            repeats=self._repeats(repeats, people),
        )

    async def _add_up(self, by: TallyBy) -> _AddedUp:
        parts = [stretch.part for stretch in self._stretches]
        queue, settled = self._asked.queue or None, self._given.goals.solved
        sums = _AddedUp(self._stretches)
        for ended in slices(*self._period):
            found = await self._store.tally(by, parts, ended, queue=queue, settled=settled)
            await asyncio.to_thread(sums.take, found)
        return sums

    def _days(self, half_hours: Mapping[int, Sums]) -> dict[str, Sums]:
        """Half hours put together to local days."""
        days: dict[str, Sums] = {}
        for begin_ms, sums in half_hours.items():
            day = dt.datetime.fromtimestamp(begin_ms / 1000, ROME).date().isoformat()
            days.setdefault(day, Sums(self._stretches)).add(sums)
        return days

    def _lines(self, found: Iterable[tuple[str, Sums]]) -> tuple[Line, ...]:
        return tuple(self._line(key, sums) for key, sums in found)

    def _line(self, key: str, sums: Sums, name: str = "", *, work: bool | None = None) -> Line:
        """One line; ``work``: whether how people work may be told; None: of such lines it never is."""
        given = self._given
        counts = total(sums.raw)
        if not work:
            counts.handled = counts.handle_ms = 0
        more = (self._stretches, given.headline, self._measure)
        return Line(
            key=key,
            name=name,
            counts=counts,
            raw=figures(sums, *more),
            rebased=rebased_figures(sums, *more) if self._emergencies else None,
            said=sums.said if work else 0,
            settled=sums.settled if work else 0,
            hidden=work is False,
        )

    def _level(self, measure: Measure, whole: Sums) -> Measured:
        return Measured(
            measure=measure,
            raw=share_of(measure, total(whole.raw)),
            rebased=share_of(measure, total(whole.rebased)) if self._emergencies else None,
        )

    def _parts(self, whole: Sums) -> tuple[PartLine, ...]:
        found = []
        for index, stretch in enumerate(self._stretches):
            only = Sums(self._stretches)
            only.raw[index], only.rebased[index] = whole.raw[index], whole.rebased[index]
            emergency = stretch.emergency.id if stretch.emergency is not None else ""
            found.append(
                PartLine(
                    from_ms=stretch.part.from_ms,
                    until_ms=stretch.part.until_ms,
                    emergency=emergency,
                    line=self._line("", only),
                )
            )
        return tuple(found)

    def _in_order(self, names: Iterable[str]) -> Sequence[str]:
        """Queues in the order of the rules, then those gone from them."""
        known = list(self._given.rules.queues)
        there = set(names)
        return [name for name in known if name in there] + sorted(there.difference(known))

    def _queue_name(self, name: str) -> str:
        queue = self._given.rules.queues.get(QueueId(name))
        return queue.name if queue is not None else name

    async def _ask_repeats(self) -> tuple[Repeats, ...]:
        given = self._given
        topics = {str(name): str(topic(queue)) for name, queue in given.rules.queues.items()}
        span_ms = given.goals.repeat_days * DAY_MS
        queue = self._asked.queue or None
        return await self._store.repeats(self._period, span_ms, topics, given.now_ms, queue=queue)

    def _repeats(self, found: Sequence[Repeats], people: Mapping[str, People]) -> tuple[RepeatLine, ...]:
        given = self._given
        by_topic = people_of_topics(given.rules, people)
        hidden = hidden_among(by_topic, [one.topic for one in found], given.k)
        lines = []
        for one in found:
            is_hidden = one.topic in hidden
            lines.append(
                RepeatLine(
                    topic=one.topic,
                    name=given.rules.skills.get(SkillId(one.topic), one.topic),
                    without_hash=one.without_hash,
                    calls=one.calls,
                    repeated=one.repeated,
                    first_answered=0 if is_hidden else one.first_answered,
                    first_decided=0 if is_hidden else one.first_decided,
                    first_settled=0 if is_hidden else one.first_settled,
                    hidden=is_hidden,
                )
            )
        return tuple(lines)


def _period(asked: Asked) -> tuple[int, int]:
    days = (asked.to_day - asked.from_day).days + 1
    if days < 1:
        raise PeriodWrong(f"{asked.to_day} is before {asked.from_day}: give the first day, then the last.")
    if days > DAYS_MAX[asked.kind]:
        most = DAYS_MAX[asked.kind]
        raise PeriodWrong(f"These are {days} days; this report has at most {most}: ask for fewer.")
    return _midnight_ms(asked.from_day), _midnight_ms(asked.to_day + dt.timedelta(days=1))


def _midnight_ms(day: dt.date) -> int:
    return round(dt.datetime.combine(day, dt.time(), ROME).timestamp() * 1000)


def _unknown_last(each: tuple[str, Sums]) -> tuple[bool, str]:
    return not each[0], each[0]


def _overlap(emergency: Emergency, from_ms: int, until_ms: int) -> bool:
    return emergency.from_ms < until_ms and emergency.until_ms > from_ms
