"""Who begins a break when: people who began to work together do not all leave together.

A break is due after so much work; it may begin up to ``early_ms`` sooner, never later. The law forbids to be
late, and to save breaks up for the end or the beginning of the day (D.Lgs. 81/2008 art. 175); sooner is in
favour of who works. So whoever comes to work is given, then and there, a moment between the earliest and the
due one, and it can be told to them hours before.

**The rule.** Seen from the due moment backwards, in steps of a third of a break: the first moment at which
enough of the others are at work; failing that the one at which most are. Equally good moments: the latest.
*Enough* is judged in each group that the person belongs to, everybody and the holders of each of their
skills, for a break of all who speak German is as bad as one of all. Enough are there when of the group's
people at work no more than ``fair_share`` have a break planned for then: the share that would be away if
everybody went at the earliest moment, evenly over the day. So in a centre whose people come one by one nobody
goes sooner than due, and a cohort goes in ``early_ms / for_ms + 1`` parts, which is the best there is.

**Why no rule on the moment's load.** It would tell nobody beforehand, would ask again at each event, and
would send everybody at the earliest moment on a quiet day. Nothing is drawn by lot either: the order of
facts decides, so a journal replays.

**What it costs.** A few counters for each group, when somebody comes to work, leaves it or has a break;
nothing per call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from acd.core.agents import AgentRecord
    from acd.core.policy import Breaks

__all__ = ["PARTS", "Booking", "Group", "Stagger", "fair_share"]

PARTS: Final = 3
"""A break is counted in so many slots of time, and moments are looked at in such steps."""
EVERYBODY: Final = ""
NOT_BOOKED: Final = -1


class Group:
    """Everybody at work, or those of them who hold one skill. On a break is at work here."""

    __slots__ = ("at_work", "booked")

    def __init__(self) -> None:
        self.at_work = 0
        self.booked: dict[int, int] = {}
        """Slot of time to how many have their break then; only where somebody has."""


class Booking:
    """One person at work: the groups they are counted in, and from which slot on their break is counted."""

    __slots__ = ("first", "groups")

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self.groups = groups
        self.first = NOT_BOOKED

    @property
    def is_booked(self) -> bool:
        """Whether a break is counted."""
        return self.first != NOT_BOOKED


class Stagger:
    """The breaks of the whole centre, planned and under way, by one rule of breaks."""

    __slots__ = ("groups",)

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    def enlist(self, record: AgentRecord) -> Booking:
        """Count somebody who is at work, with the skills they have now; without a break yet."""
        self.dismiss(record)
        names = (EVERYBODY, *record.agent.skills)
        booking = record.booking = Booking(tuple(self.groups.setdefault(name, Group()) for name in names))
        for group in booking.groups:
            group.at_work += 1
        return booking

    def dismiss(self, record: AgentRecord) -> None:
        """Count somebody no more, wherever they were counted."""
        booking, record.booking = record.booking, None
        if booking is None:
            return
        for group in booking.groups:
            group.at_work -= 1
            if booking.is_booked:
                _take_out(group, booking.first)

    def book(self, booking: Booking, rule: Breaks, begins_ms: int) -> None:
        """Count a break that begins then."""
        booking.first = _slot(rule, begins_ms)
        for group in booking.groups:
            for slot in range(booking.first, booking.first + PARTS):
                group.booked[slot] = group.booked.get(slot, 0) + 1

    def moment(self, booking: Booking, rule: Breaks, earliest_ms: int, due_ms: int) -> int:
        """When a break of somebody who has none booked should begin, from the one to the other."""
        enough = fair_share(rule)
        best_ms, least = due_ms, _crowd(booking, _slot(rule, due_ms))
        at_ms = due_ms - _slot_ms(rule)
        while least > enough and at_ms >= earliest_ms:
            crowd = _crowd(booking, _slot(rule, at_ms))
            if crowd < least:
                best_ms, least = at_ms, crowd
            at_ms -= _slot_ms(rule)
        return best_ms


def fair_share(rule: Breaks) -> float:
    """The share of people on a break if all went at the earliest moment, evenly over the day."""
    return rule.for_ms / (rule.after_ms - rule.early_ms + rule.for_ms)


def _slot_ms(rule: Breaks) -> int:
    return max(1, rule.for_ms // PARTS)


def _slot(rule: Breaks, at_ms: int) -> int:
    """The slot whose beginning is nearest, so that a break fills exactly its parts."""
    slot_ms = _slot_ms(rule)
    return (at_ms + slot_ms // 2) // slot_ms


def _crowd(booking: Booking, first: int) -> float:
    """The greatest share of any of these groups that has a break during one from this slot on."""
    return max(
        group.booked.get(slot, 0) / group.at_work
        for group in booking.groups
        for slot in range(first, first + PARTS)
    )


def _take_out(group: Group, first: int) -> None:
    for slot in range(first, first + PARTS):
        left = group.booked[slot] - 1
        if left:
            group.booked[slot] = left
        else:
            del group.booked[slot]
