"""Changes that are right in every file and would still hurt callers: refused unless somebody says why.

Three are looked for, and only as far as the *change* brings them about; what was so before is no reason to
refuse the change that may mend it.

- A queue is left without a destination: nobody in the roster reaches it, and its ladder names no office that
  may be asked.
- More than 30 % of the offices close at once: removed, forced off, or with no opening hours in the next
  seven days.
- Calls are led to an office that cannot be reached: its breaker is open, or the rehearsal of its number found
  nobody. Only what is known counts: an office that was never tried is not refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from acd.core.ids import CalendarId, OfficeId, QueueId
from acd.core.policy import Calendar, Office, Roster
from acd.fallback.base import Base
from acd.fallback.scopes import office_scope
from acd.revisions.configuration import Configuration
from acd.revisions.touching import Reach
from acd.revisions.wording import Language, say
from acd.rules.reach import offices_of
from acd.store.records import LineCheck, OverrideMode

__all__ = ["CLOSED_RATIO_MAX", "REASON_MIN", "Known", "Objection", "objections"]

CLOSED_RATIO_MAX: Final = 0.30
"""So many of the offices may close by one change without a word."""
REASON_MIN: Final = 10
"""Characters of the reason that a forced change needs."""
AHEAD_MS: Final = 7 * 86_400_000
ON: Final = OverrideMode.FORCED_ON
OFF: Final = OverrideMode.FORCED_OFF
REACHED: Final = frozenset({"pressed", "answered"})
NAMED_MAX: Final = 5
LANGUAGES: Final[tuple[Language, ...]] = ("it", "en")

Part = tuple[str, dict[str, str]]
"""A sentence of `acd.revisions.wording` and what stands in its places."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the running ACD knows beside the files."""

    now_ms: int
    roster: Roster
    broken: frozenset[OfficeId] = frozenset()
    """Offices whose breaker is open."""
    checks: tuple[LineCheck, ...] = ()
    """The newest of each number that was rehearsed."""


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """Why a change should not be made."""

    guard: str
    """``no_destination``, ``closes``, ``unreachable``."""
    about: tuple[str, ...]
    """The queues or offices in question."""
    sentences: Mapping[str, str]
    """By language."""

    def in_words(self, lang: Language) -> str:
        """Tell it, without a full stop."""
        return self.sentences[lang]


def objections(before: Configuration, after: Configuration, known: Known) -> tuple[Objection, ...]:
    """Everything that speaks against the change. Pure; runs beside the loop."""
    return (
        *_without_destination(before, after, known),
        *_closing(before, after, known.now_ms),
        *_unreachable(before, after, known),
    )


# ── a queue without destination ──────────────────────────────────────────────────────────────


def _without_destination(before: Configuration, after: Configuration, known: Known) -> Iterator[Objection]:
    reach = Reach(known.roster)
    had = _with_destination(before, reach, known.now_ms)
    has = _with_destination(after, reach, known.now_ms)
    for queue in after.read.today.rules.queues:
        if queue not in has and (queue in had or queue not in before.read.today.rules.queues):
            yield _objection("no_destination", (queue,), queue=queue)


def _with_destination(configuration: Configuration, reach: Reach, now_ms: int) -> frozenset[QueueId]:
    rules, fallback = configuration.read.today.rules, configuration.fallback
    return frozenset(
        name
        for name, queue in rules.queues.items()
        if any(not _is(fallback, office, OFF, now_ms) for office in offices_of(queue))
        or reach.of(queue, rules)
    )


# ── offices that close ───────────────────────────────────────────────────────────────────────


def _closing(before: Configuration, after: Configuration, now_ms: int) -> Iterator[Objection]:
    there = before.read.today.rules.offices
    was_open, is_open = _open_offices(before, now_ms), _open_offices(after, now_ms)
    closed = tuple(office for office in there if office in was_open and office not in is_open)
    if closed and len(closed) > CLOSED_RATIO_MAX * len(there):
        yield _objection(
            "closes",
            closed,
            closed=len(closed),
            all=len(there),
            offices=_few(closed),
            percent=round(CLOSED_RATIO_MAX * 100),
        )


def _open_offices(configuration: Configuration, now_ms: int) -> frozenset[OfficeId]:
    rules = configuration.read.today.rules
    return frozenset(
        name
        for name, office in rules.offices.items()
        if not _is(configuration.fallback, name, OFF, now_ms)
        and (_is(configuration.fallback, name, ON, now_ms) or _opens_soon(office, rules.calendars, now_ms))
    )


def _opens_soon(office: Office, calendars: Mapping[CalendarId, Calendar], now_ms: int) -> bool:
    if office.calendar is None:
        return True
    calendar = calendars[office.calendar]
    opens = calendar.opens_next(now_ms)
    return calendar.open_at(now_ms) or (opens is not None and opens < now_ms + AHEAD_MS)


# ── offices that cannot be reached ───────────────────────────────────────────────────────────


def _unreachable(before: Configuration, after: Configuration, known: Known) -> Iterator[Objection]:
    now_ms = known.now_ms
    failed = {(one.office, one.number): one for one in known.checks if one.result not in REACHED}
    for name, office in after.read.today.rules.offices.items():
        why = _why_unreachable(office, known.broken, failed)
        who = _newly_led(name, before, after, now_ms) if why is not None else None
        if why is not None and who is not None:
            sentences: dict[str, str] = {
                lang: say(lang, "unreachable", office=name, why=_told(lang, why), who=_told(lang, who))
                for lang in LANGUAGES
            }
            yield Objection(guard="unreachable", about=(name,), sentences=sentences)


def _why_unreachable(
    office: Office, broken: frozenset[OfficeId], failed: Mapping[tuple[str, str], LineCheck]
) -> Part | None:
    """Tell what is known against it; of several numbers one that answers is enough."""
    if office.id in broken:
        return "why.breaker", {}
    numbers = (office.number, *office.more_numbers)
    wrong = [failed[office.id, number] for number in numbers if (office.id, number) in failed]
    if len(wrong) < len(numbers):
        return None
    return "why.check", {"number": wrong[0].number, "result": wrong[0].result}


def _newly_led(name: OfficeId, before: Configuration, after: Configuration, now_ms: int) -> Part | None:
    """Who would be led there and is not now; None: nobody."""
    old, new = before.read.today.rules, after.read.today.rules
    if _is(after.fallback, name, ON, now_ms) and not _is(before.fallback, name, ON, now_ms):
        return "who.forced", {}
    moved = name not in old.offices or _numbers(old.offices[name]) != _numbers(new.offices[name])
    for queue in new.queues.values():
        if name not in offices_of(queue):
            continue
        if queue.id not in old.queues or name not in offices_of(old.queues[queue.id]):
            return "who.queue", {"queue": queue.id}
        if moved:
            return "who.number", {}
    return None


def _numbers(office: Office) -> tuple[str, ...]:
    return (office.number, *office.more_numbers)


# ── what all three ask ───────────────────────────────────────────────────────────────────────


def _is(fallback: Base, office: str, mode: OverrideMode, now_ms: int) -> bool:
    """Whether the file forces the office now; a toggle whose end has come forces nothing."""
    toggle = fallback.toggles.get(office_scope(office))
    return (
        toggle is not None and toggle.mode is mode and (toggle.until_ms is None or now_ms < toggle.until_ms)
    )


def _told(lang: Language, part: Part) -> str:
    text, places = part
    return say(lang, text, **places)


def _objection(guard: str, about: Sequence[str], **places: object) -> Objection:
    sentences: dict[str, str] = {lang: say(lang, guard, **places) for lang in LANGUAGES}
    return Objection(guard=guard, about=tuple(about), sentences=sentences)


def _few(names: Sequence[str]) -> str:
    more = f" + {len(names) - NAMED_MAX}" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more
