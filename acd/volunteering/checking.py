"""May a slot be accepted? Looked at before, so that whoever offers it is told before and not after.

Two kinds of flag. What makes no sense is always refused: a slot that ends before it begins, that is over, too
short or too long, too far ahead, for an office nobody knows, or beside another slot of the same person. What
breaks a rule of ``volunteering.yaml`` is refused or only told, as the file says:

* ``home_overtime``: overtime on a day of work from home, its own or that of another slot of the day;
* ``night``: any part of it in the hours in which nobody works;
* ``rest``: too little time between the last slot of one day and the first of another;
* ``contract_hours``: more ordinary hours in a day or a week than the profile of the contract has, or more
  overtime in a week. Counted are slots alone: what somebody works elsewhere is not known here.

A slot belongs to the day on which it begins.

Sources: D.Lgs. 66/2003 art. 7 (rest), the rules on lavoro agile in the public sector (no overtime on a day at
home, 22 to 6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from acd.core.policy import Agent
from acd.rules.volunteering import HourProfile, Volunteering
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.living import counted_ms, counts, ends_ms
from acd.volunteering.rome import day_of, day_span, days_of, moment_told, week_span
from acd.volunteering.words import sentence

__all__ = ["Flag", "check_slot", "refuses"]

LATE_MS: Final = 300_000
"""A slot may begin a little before it is accepted: whoever begins now types for a while."""
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is odd about a slot."""

    rule: str
    """``times``, ``length``, ``ahead``, ``past``, ``office``, ``overlap`` or a rule of the file."""
    refuses: bool
    """Else it is told, and the slot may be accepted."""
    said: Mapping[str, str]
    """The sentence, by language."""


def refuses(flags: Collection[Flag]) -> bool:
    """Whether the slot cannot be accepted."""
    return any(flag.refuses for flag in flags)


def check_slot(
    slot: Slot,
    others: Sequence[Slot],
    agent: Agent,
    rules: Volunteering,
    offices: Collection[str],
    now_ms: int,
) -> tuple[Flag, ...]:
    """Look at a slot before it is accepted.

    Args:
        slot: What is offered; its id and its acceptance do not matter.
        others: The person's other slots, withdrawn ones too.
        agent: The person, as the roster has them.
        rules: ``volunteering.yaml``.
        offices: The offices there are.
        now_ms: The time.

    Returns:
        What is odd about it; empty: nothing is.
    """
    senseless = tuple(_senseless(slot, others, rules, offices, now_ms))
    if any(flag.rule in {"times", "ahead"} for flag in senseless):
        return senseless  # no days are told of what is centuries away
    live = [other for other in others if counts(other)]
    flags = [*senseless, *_home_overtime(slot, live, rules), *_night(slot, rules), *_rest(slot, live, rules)]
    profile = rules.profiles.get(agent.hours)
    if profile is not None:
        flags += _contract_hours(slot, live, rules, profile)
    return tuple(flags)


def _flag(rule: str, key: str, then: str = "refuse", **places: object) -> Flag:
    said = {language: sentence(key, language, **places) for language in ("it", "en")}
    return Flag(rule=rule, refuses=then == "refuse", said=said)


def _hours(ms: int) -> str:
    return f"{ms / HOUR_MS:.4g}"


def _senseless(
    slot: Slot, others: Sequence[Slot], rules: Volunteering, offices: Collection[str], now_ms: int
) -> Iterator[Flag]:
    length_ms = slot.until_ms - slot.from_ms
    if length_ms <= 0 or length_ms > DAY_MS:
        yield _flag("times", "times")
        return
    if not rules.slot_ms_min <= length_ms <= rules.slot_ms_max:
        least, most = _hours(rules.slot_ms_min), _hours(rules.slot_ms_max)
        yield _flag("length", "length", hours=_hours(length_ms), least=least, most=most)
    if slot.from_ms < now_ms - LATE_MS:
        yield _flag("past", "past")
    elif slot.from_ms - now_ms > rules.days_ahead_max * DAY_MS:
        yield _flag("ahead", "ahead", days=rules.days_ahead_max)
        return
    if slot.office not in offices:
        yield _flag("office", "office", office=slot.office)
    for other in others:
        if counts(other) and counted_ms(other, slot.from_ms, slot.until_ms):
            begin, end = moment_told(other.from_ms), moment_told(ends_ms(other))
            yield _flag("overlap", "overlap", begin=begin, end=end)


def _home_overtime(slot: Slot, others: Sequence[Slot], rules: Volunteering) -> Iterator[Flag]:
    days = set(days_of(slot.from_ms, slot.until_ms))
    beside = [other for other in others if days & set(days_of(other.from_ms, ends_ms(other)))]
    of_day = [slot, *beside]
    overtime = [each for each in of_day if each.kind is SlotKind.OVERTIME]
    at_home = [each for each in of_day if each.place is SlotPlace.HOME]
    if overtime and at_home and (slot in overtime or slot in at_home):
        yield _flag("home_overtime", "home_overtime", rules.home_overtime, day=min(days))


def _night(slot: Slot, rules: Volunteering) -> Iterator[Flag]:
    first, last = day_of(slot.from_ms), day_of(slot.until_ms)
    for day in (first - dt.timedelta(days=1), first, last):
        begin_ms, end_ms = day_span(day, rules.night_begins, rules.night_ends)
        if slot.from_ms < end_ms and begin_ms < slot.until_ms:
            yield _flag("night", "night", rules.night, begins=rules.night_begins, ends=rules.night_ends)
            return


def _rest(slot: Slot, others: Sequence[Slot], rules: Volunteering) -> Iterator[Flag]:
    day = day_of(slot.from_ms)
    for other in others:
        gap_ms = max(slot.from_ms - ends_ms(other), other.from_ms - slot.until_ms)
        if day_of(other.from_ms) != day and 0 <= gap_ms < rules.rest_ms:
            yield _flag(
                "rest",
                "rest",
                rules.rest,
                hours=_hours(gap_ms),
                least=_hours(rules.rest_ms),
                day=day_of(other.from_ms),
            )
            return


def _contract_hours(
    slot: Slot, others: Sequence[Slot], rules: Volunteering, profile: HourProfile
) -> Iterator[Flag]:
    if slot.kind is SlotKind.HOLIDAY:
        return
    alike = [slot, *(other for other in others if other.kind is slot.kind)]
    day = day_of(slot.from_ms)
    spans = [("week", week_span(day), profile.weekly_ms), ("day", day_span(day), profile.daily_ms)]
    if slot.kind is SlotKind.OVERTIME:
        spans = [("overtime", week_span(day), profile.overtime_weekly_ms)]
    for name, span, most_ms in spans:
        told_ms = sum(counted_ms(each, *span) for each in alike)
        if told_ms > most_ms:
            yield _flag(
                "contract_hours",
                f"contract_hours.{name}",
                rules.contract_hours,
                hours=_hours(told_ms),
                most=_hours(most_ms),
                day=day,
            )
