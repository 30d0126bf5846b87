"""Slots of volunteers: accepted, withdrawn and confirmed by their person; the engine told who is opted in.

At the start the engine is told before any login is restored. From then on it is told at each begin of a slot;
the end it knows by itself (``OptInTold.until_ms``). Slots that touch are told as one time.

**Withdrawing cannot fail.** The engine is told first, the disk second: a disk that will not is tried again
until it does, and meanwhile the slot is withdrawn in memory. Accepting is the other way round: on the disk
first, in force second, so that nobody is rung for what a restart would forget.

A person's slots are given to that person alone. For everybody else there are sums (``lent``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from acd.core.facts import Fact, OptInTold
from acd.core.ids import AgentId
from acd.core.policy import Roster, RuleSet
from acd.errors import Conflict, NotFound, StoreUnavailable
from acd.rules.volunteering import Volunteering
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.checking import Flag, check_slot, refuses
from acd.volunteering.living import counts, is_over, next_begin_ms, opted_in_until_ms
from acd.volunteering.rome import month_span
from acd.volunteering.sums import Lent, lent

__all__ = ["Accepted", "Offered", "OptInKeeper"]

LOOK_S: Final = 1.0
"""So often it is looked whether a slot has begun: a clock that was set makes nothing late for longer."""
DAY_MS: Final = 86_400_000
BESIDE_MS: Final = 8 * DAY_MS
"""Slots so far before and after another may be of its week, or too near for the rest between them."""

Submit = Callable[[Fact], Awaitable[object]]

log = structlog.get_logger(__name__)


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What a person offers."""

    office: str
    from_ms: int
    until_ms: int
    kind: SlotKind
    place: SlotPlace


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that was accepted, and what it was told of all the same."""

    slot: Slot
    flags: tuple[Flag, ...]


class OptInKeeper:
    """Keeps the slots of one centre and its engine told."""

    def __init__(
        self,
        rules: Volunteering,
        slots: Iterable[Slot] = (),
        *,
        in_force: Callable[[], RuleSet],
        roster: Callable[[], Roster],
        clock: Clock,
        store: Store | None,
        submit: Submit | None,
    ) -> None:
        """Begin with what is known at the start; nothing is told yet.

        Args:
            rules: ``volunteering.yaml``.
            slots: Those that are not over.
            in_force: The rules in force, for the offices there are.
            roster: Everybody who may log in.
            clock: Wall milliseconds.
            store: Where slots are kept; None: there are none, as in a trial.
            submit: Lets the engine handle a fact; None: there is no engine, as in a store at rest.
        """
        self._rules = rules
        self._slots = {slot.id: slot for slot in slots}
        self._in_force = in_force
        self._roster = roster
        self._clock = clock
        self._store = store
        self._submit = submit
        self._told: dict[AgentId, int] = {}
        """Until when the engine believes each to be opted in."""
        self._unwritten: dict[int, int] = {}
        """Withdrawals that the disk has not taken, with their moments."""
        self._begins_ms: int | None = None
        """When the next slot begins."""
        self._one_at_a_time = asyncio.Lock()

    # ── the engine ───────────────────────────────────────────────────────────────────────────

    def first(self) -> tuple[OptInTold, ...]:
        """What the engine is told before any login is restored."""
        return tuple(self._news())

    async def run(self) -> None:
        """Tell each begin, and write what could not be written, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            async with self._one_at_a_time:
                await self._write_again()
                if self._begins_ms is not None and self._clock.now_ms() >= self._begins_ms:
                    for fact in self._news():
                        await self._tell(fact)

    def take_rules(self, rules: Volunteering) -> None:
        """Other rules hold for what is accepted from now on; what was accepted stays."""
        self._rules = rules

    @property
    def rules(self) -> Volunteering:
        """The rules in force."""
        return self._rules

    # ── the person ───────────────────────────────────────────────────────────────────────────

    async def own(self, agent: AgentId, since_ms: int, until_ms: int | None) -> tuple[Slot, ...]:
        """The person's slots that touch a time, by begin, withdrawn ones too.

        Raises:
            StoreUnavailable: the disk will not.
        """
        found = await self._kept().slots(agent=agent, since_ms=since_ms, until_ms=until_ms)
        return tuple(self._as_withdrawn(slot) for slot in found)

    async def check(self, agent: AgentId, offered: Offered) -> tuple[Flag, ...]:
        """What is odd about a slot, before it is accepted.

        Raises:
            Conflict: the person is no volunteer.
            StoreUnavailable: the disk will not.
        """
        person = self._roster().agents.get(agent)
        if person is None or not person.volunteer:
            raise Conflict(
                "Slots are for volunteers of the offices; the roster does not have you as one. "
                "Ask whoever keeps the roster."
            )
        since_ms, until_ms = offered.from_ms - BESIDE_MS, offered.until_ms + BESIDE_MS
        others = await self.own(agent, max(0, since_ms), until_ms)
        slot = _slot(agent, offered, self._clock.now_ms())
        offices = self._in_force().offices
        return check_slot(slot, others, person, self._rules, offices, self._clock.now_ms())

    async def accept(self, agent: AgentId, offered: Offered, language: str) -> Accepted:
        """Opt in; when it returns it is on the disk, and in force if it has begun.

        Raises:
            Conflict: the slot is refused, with a sentence for each reason; or the person is no volunteer.
            StoreUnavailable: the disk will not; nothing was changed.
        """
        async with self._one_at_a_time:
            flags = await self.check(agent, offered)
            if refuses(flags):
                raise Conflict(" ".join(flag.said[language] for flag in flags if flag.refuses))
            slot = await self._kept().add_slot(_slot(agent, offered, self._clock.now_ms()))
            self._slots[slot.id] = slot
            await self._tell_of(agent)
            return Accepted(slot=slot, flags=flags)

    async def withdraw(self, agent: AgentId, slot_id: int) -> Slot:
        """Opt out; when it returns the engine knows, whatever the disk says. Twice is once.

        Raises:
            NotFound: the person has no such slot.
            Conflict: it is over; there is nothing left to withdraw.
            StoreUnavailable: it is withdrawn, and will be written as soon as the disk takes it.
        """
        async with self._one_at_a_time:
            now_ms = self._clock.now_ms()
            slot = self._slots.get(slot_id) or await self._find(agent, slot_id)
            if slot.agent != agent:
                raise _no_slot(slot_id)
            if slot.withdrawn_ms is not None and slot_id not in self._unwritten:
                return slot
            if is_over(slot, now_ms) and slot_id not in self._unwritten:
                raise Conflict(
                    f"Slot {slot_id} is over, there is nothing left to withdraw; "
                    "do not confirm it if it is wrong."
                )
            withdrawn = msgspec.structs.replace(slot, withdrawn_ms=self._unwritten.get(slot_id, now_ms))
            self._slots[slot_id] = withdrawn
            self._unwritten.setdefault(slot_id, now_ms)
            await self._tell_of(agent)
            return await self._write_withdrawal(slot_id)

    async def confirm(self, agent: AgentId, slot_id: int) -> Slot:
        """The person says that the time is right: what payroll gets. Twice is once.

        Raises:
            NotFound: the person has no such slot.
            Conflict: it is not over, or came to nothing.
            StoreUnavailable: the disk will not; nothing was changed.
        """
        async with self._one_at_a_time:
            slot = await self._find(agent, slot_id)
            if not counts(slot):
                raise Conflict(f"Slot {slot_id} was withdrawn before it began; there is no time to confirm.")
            if not is_over(slot, self._clock.now_ms()):
                raise Conflict(f"Slot {slot_id} is not over; confirm it when it is.")
            return await self._kept().confirm_slot(slot_id, self._clock.now_ms())

    # ── everybody else ───────────────────────────────────────────────────────────────────────

    async def lent(self, month: str, k: int) -> Lent:
        """Sums of a month that is over, of groups of at least ``k`` people.

        Raises:
            RequestError: it is no month.
            Conflict: it is not over.
            StoreUnavailable: the disk will not.
        """
        since_ms, until_ms = month_span(month)
        now_ms = self._clock.now_ms()
        slots: Sequence[Slot] = ()
        if now_ms >= until_ms:
            slots = await self._kept().slots(since_ms=since_ms, until_ms=until_ms)
        return lent((self._as_withdrawn(slot) for slot in slots), month, now_ms, k)

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _news(self) -> list[OptInTold]:
        """Who is opted in otherwise than the engine believes; what is over is forgotten."""
        now_ms = self._clock.now_ms()
        for slot_id in [slot.id for slot in self._slots.values() if is_over(slot, now_ms)]:
            if slot_id not in self._unwritten:
                del self._slots[slot_id]
        by_agent: dict[AgentId, list[Slot]] = {}
        for slot in self._slots.values():
            by_agent.setdefault(slot.agent, []).append(slot)
        self._told = {agent: until for agent, until in self._told.items() if until > now_ms}
        news: list[OptInTold] = []
        for agent, slots in by_agent.items():
            until_ms = opted_in_until_ms(slots, now_ms)
            if until_ms != self._told.get(agent, 0):
                self._told[agent] = until_ms
                news.append(OptInTold(agent=agent, until_ms=until_ms))
        self._begins_ms = next_begin_ms(self._slots.values(), now_ms)
        return news

    async def _tell_of(self, agent: AgentId) -> None:
        """Tell the engine how this person stands now, said before or not."""
        slots = [slot for slot in self._slots.values() if slot.agent == agent]
        until_ms = opted_in_until_ms(slots, self._clock.now_ms())
        self._told[agent] = until_ms
        self._begins_ms = next_begin_ms(self._slots.values(), self._clock.now_ms())
        await self._tell(OptInTold(agent=agent, until_ms=until_ms))

    async def _tell(self, fact: OptInTold) -> None:
        if self._submit is not None:
            await self._submit(fact)

    async def _write_again(self) -> None:
        for slot_id in list(self._unwritten):
            with contextlib.suppress(StoreUnavailable):
                await self._write_withdrawal(slot_id)

    async def _write_withdrawal(self, slot_id: int) -> Slot:
        try:
            slot = await self._kept().withdraw_slot(slot_id, self._unwritten[slot_id])
        except NotFound:
            log.warning("slot.gone", slot=slot_id)
            slot = self._slots[slot_id]
        self._unwritten.pop(slot_id, None)
        return slot

    def _as_withdrawn(self, slot: Slot) -> Slot:
        moment = self._unwritten.get(slot.id)
        return slot if moment is None else msgspec.structs.replace(slot, withdrawn_ms=moment)

    async def _find(self, agent: AgentId, slot_id: int) -> Slot:
        for slot in await self.own(agent, 0, None):
            if slot.id == slot_id:
                return slot
        raise _no_slot(slot_id)

    def _kept(self) -> Store:
        if self._store is None:
            raise StoreUnavailable("This ACD runs without a store, so nobody can opt in; give it one.")
        return self._store


def _slot(agent: AgentId, offered: Offered, now_ms: int) -> Slot:
    return Slot(
        id=0,
        agent=agent,
        office=offered.office,
        from_ms=offered.from_ms,
        until_ms=offered.until_ms,
        kind=offered.kind,
        place=offered.place,
        accepted_ms=now_ms,
    )


def _no_slot(slot_id: int) -> NotFound:
    return NotFound(f"You have no slot {slot_id}; list your slots to see their numbers.")
