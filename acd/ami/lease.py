"""Proof of life to the dialplan, and who may give orders.

``ACD_LEASE`` is a global variable: the second, on Asterisk's clock, until which the ACD vouches
for itself. The dialplan reads it before each waiting step; once it lies in the past, callers go to
the safety net. So it is renewed only while the engine is *healthy* (its loop on time, its inbox
young), not while a socket happens to live: a frozen brain must not hold callers.

``ACD_EPOCH`` is the number of the ACD that leads. An order of another epoch is refused by the
dialplan, so a deposed ACD that wakes up late can do no harm. If Asterisk knows a higher epoch than
ours, we are the deposed one: nothing is written.

Neither is declared in the dialplan's ``[globals]`` (a reload would reset them), and a restart of
Asterisk forgets both: nobody is vouched for until the resync is done.
"""

from __future__ import annotations

import asyncio

import structlog

from acd.ami.hardened import Outcome
from acd.ami.link import Link
from acd.ami.wire import Action
from acd.errors import AsteriskError
from acd.runtime.ports import Clock, Health

__all__ = ["Lease"]

log = structlog.get_logger(__name__)


class Lease:
    """Keeps one node's lease while the engine is healthy."""

    def __init__(self, link: Link, *, clock: Clock, health: Health, epoch: int) -> None:
        self._link = link
        self._clock = clock
        self._health = health
        self._epoch = epoch
        self._withheld = ""
        self.renewals = 0
        self.withheld = 0
        """Renewals not made because the engine was not healthy."""

    async def lead(self) -> None:
        """Tell the dialplan whose orders count. Raises as ``Link.act`` does."""
        await self._link.act(Action.of("Setvar", Variable="ACD_EPOCH", Value=self._epoch))

    async def renew(self) -> None:
        """Vouch for the next seconds, if the engine is healthy, and wait for the answer.

        Raises as ``Link.act`` does.
        """
        if self._healthy():
            await self._link.act(self._vouch(self._link.settings.lease_s))
            self.renewals += 1

    def _healthy(self) -> bool:
        why = self._health() or ""
        if why != self._withheld:
            self._withheld = why
            log.warning("lease.withheld", node=self._link.settings.id, why=why) if why else log.info(
                "lease.renewed_again", node=self._link.settings.id
            )
        self.withheld += bool(why)
        return not why

    async def extend(self) -> None:
        """A planned stop: vouch long enough for the next ACD to take over."""
        await self._link.act(self._vouch(self._link.settings.lease_stop_s))

    async def keep(self) -> None:
        """Renew until cancelled. No renewal waits for the one before: a lost answer costs nothing."""
        while True:
            await asyncio.sleep(self._link.settings.lease_renew_s)
            if self._healthy():
                try:
                    self._link.submit((self._vouch(self._link.settings.lease_s), self._answered))
                except AsteriskError as error:
                    self._answered(error)

    def _answered(self, outcome: Outcome | AsteriskError) -> None:
        if isinstance(outcome, AsteriskError):
            log.warning("lease.not_renewed", node=self._link.settings.id, why=str(outcome))
        else:
            self.renewals += 1

    def _vouch(self, seconds: int) -> Action:
        until_s = self._link.offset.to_theirs(self._clock.now_ms()) // 1000 + seconds
        return Action.of("Setvar", Variable="ACD_LEASE", Value=until_s)
