"""Do by hand what the ACD does: see callers come, write an order, kick, repeat the kick."""

from __future__ import annotations

import asyncio
import itertools
import time

from tests.lab.manager import Manager, Message, Refused


class Hand:
    """Orders over one manager connection."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self._numbers = itertools.count(1)

    async def held(self, call) -> Message:
        """Wait until this call of a phone is held; return its ACDEnter."""
        since = len(self.manager.events)
        for _ in range(200):
            for entered in self.manager.seen("ACDEnter"):
                if entered["CallerIDNum"] == call.phone.name and self.bridge(entered):
                    return entered
            await asyncio.sleep(0.01)
        raise AssertionError(f"{call.phone.name} is not held; since then {self.manager.events[since:]}")

    def bridge(self, entered: Message) -> Message | None:
        """Return the latest waiting step of a caller."""
        steps = self.manager.seen(
            "BridgeEnter", Uniqueid=entered["Uniqueid"], BridgeTechnology="holding_bridge"
        )
        return steps[-1] if steps else None

    async def kick(self, entered: Message, step: Message) -> None:
        """End this waiting step of the caller, and nothing else."""
        await self.manager.act(
            "BridgeKick", BridgeUniqueid=step["BridgeUniqueid"], Channel=entered["Channel"]
        )

    async def order(
        self, entered: Message, verb: str, target="-", via="-", seconds="10", *, raw: str = ""
    ) -> str:
        """Write an order, kick, and repeat the kick until the order is taken; return the attempt."""
        attempt = f"acd-{int(time.time() * 1000)}-{next(self._numbers):04}"
        step = self.bridge(entered)
        counted = "/bolzano/1/-" if verb == "line" else ""
        text = raw or f"{attempt}/7/{verb}/{target}/{via}/{seconds}/{int(time.time()) + 3}{counted}"
        await self.manager.setvar("ACD_ORDER", text, entered["Uniqueid"])
        for _ in range(50):
            try:
                await self.kick(entered, step)
            except Refused:
                await asyncio.sleep(0.01)
                step = self.bridge(entered)
            else:
                return attempt
        raise AssertionError("the kick was refused for half a second")

    async def ended(self, attempt: str, limit_s: float = 5.0) -> Message:
        """Wait for the end of an attempt."""
        return await self.manager.until("ACDOfferEnd", limit_s, Attempt=attempt)
