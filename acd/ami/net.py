"""The safety net's membership, kept true while we live.

When the ACD is gone, Asterisk rings the members of one native queue per language. Who they are must
be right at that very moment, so each login, logout and pause is mirrored there. ``want`` writes down
what must hold; one worker compares it with what Asterisk has and sends the difference, one change
at a time and at a limited rate (3,100 logins at once would keep Asterisk busy for four seconds).

It is declarative: a resync brings what Asterisk really has, and only the difference is repaired. A
member nobody has spoken of yet is left alone: after a restart of ours the net is where the engine
learns who was logged in. A refused change is believed to be done already (member there, member
gone); one with an unknown outcome is left to the next resync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import structlog

from acd.ami.link import Link
from acd.ami.snapshot import NET_PREFIX, NetMember
from acd.ami.wire import Action
from acd.core.orders import SetNetMember
from acd.errors import ActionRefused, AsteriskError

__all__ = ["NetMirror"]

log = structlog.get_logger(__name__)

Membership = tuple[bool, str] | None
"""(paused, reason), or None for no member."""
Key = tuple[str, str]
"""(queue, interface)."""


class NetMirror:
    """What the net must be, what it is, and the worker that closes the gap."""

    def __init__(self, link: Link, languages: Iterable[str]) -> None:
        self._link = link
        self._queues = tuple(NET_PREFIX + language for language in languages)
        self._wanted: dict[Key, Membership] = {}
        self._known: dict[Key, Membership] = {}
        self._dirty: dict[Key, None] = {}
        self._work = asyncio.Event()
        self.changes = 0

    @property
    def behind(self) -> int:
        """Changes not yet made."""
        return len(self._dirty)

    def want(self, order: SetNetMember) -> None:
        """Write down what must hold for this agent; the worker sees to it."""
        interface = f"PJSIP/{order.endpoint}"
        member: Membership = (order.paused, order.reason if order.paused else "")
        spoken = {NET_PREFIX + language for language in order.languages} if order.logged_in else set()
        for queue in self._queues:
            key = (queue, interface)
            self._wanted[key] = member if queue in spoken else None
            self._mark(key)

    def speak(self, languages: Iterable[str]) -> None:
        """Other languages from now on: nobody is a member for one that is gone."""
        self._queues = tuple(NET_PREFIX + language for language in languages)
        for key in self._wanted:
            if key[0] not in self._queues:
                self._wanted[key] = None
                self._mark(key)

    def found(self, rows: Iterable[NetMember]) -> None:
        """Take what a resync found; whatever differs is repaired."""
        self._known = {(row.queue, row.interface): (row.paused, row.reason) for row in rows}
        self._dirty.clear()
        for key in self._wanted:
            self._mark(key)

    def _mark(self, key: Key) -> None:
        if self._wanted[key] == self._known.get(key):
            self._dirty.pop(key, None)
        else:
            self._dirty[key] = None
            self._work.set()

    async def keep(self) -> None:
        """Close the gap until cancelled."""
        while True:
            while self._dirty:
                key = next(iter(self._dirty))
                del self._dirty[key]
                for action in self._difference(key):
                    await self._change(key, action)
                    await asyncio.sleep(1 / self._link.settings.net_per_s)
            self._work.clear()
            await self._work.wait()

    def _difference(self, key: Key) -> Iterator[Action]:
        queue, interface = key
        wanted, known = self._wanted[key], self._known.get(key)
        self._known[key] = wanted
        if wanted is None:
            if known is not None:
                yield Action.of("QueueRemove", Queue=queue, Interface=interface)
            return
        paused, reason = wanted
        if known is None:
            name = interface.removeprefix("PJSIP/")
            yield Action.of(
                "QueueAdd",
                Queue=queue,
                Interface=interface,
                MemberName=name,
                Paused="true" if paused else "false",
            )
        if (known is None and reason) or (known is not None and known != wanted):
            yield Action.of(
                "QueuePause",
                Queue=queue,
                Interface=interface,
                Paused="true" if paused else "false",
                Reason=reason,
            )

    async def _change(self, key: Key, action: Action) -> None:
        self.changes += 1
        try:
            await self._link.act(action)
        except ActionRefused as error:
            log.info("safety_net.no_change", queue=key[0], why=str(error))
        except AsteriskError as error:
            log.warning("safety_net.may_differ", queue=key[0], why=str(error))
