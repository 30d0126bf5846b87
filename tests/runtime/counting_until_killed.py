"""A process that counts calls until it is killed: ``python -m tests.runtime.counting_until_killed FILE``."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from acd.core.facts import DeadlineReached
from acd.core.ids import CallId, NodeId, QueueId
from acd.core.notes import (
    CallAnswered,
    CallFinished,
    CallOffered,
    Note,
    Outcome,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.core.notes import Path as CallPath
from acd.runtime.intraday import IntradayCounters
from acd.runtime.keeper import StoreKeeper
from tests.store.made import HandClock, opened

TALKS = 20
"""So many calls are in progress at any time."""
TOLD_EVERY = 50


def began(number: int) -> tuple[Note, ...]:
    """A call enters and is answered."""
    call, queue = CallId(f"{number}"), QueueId("generale")
    return (
        CallOffered(call=call, queue=queue, node=NodeId("ast1")),
        ServiceLevelCounted(call=call, queue=queue, result=ServiceLevel.MET),
        CallAnswered(call=call, queue=queue, wait_ms=1_000, path=CallPath.PRIMARY),
    )


def ended(number: int) -> CallFinished:
    """It is over."""
    return CallFinished(
        call=CallId(f"{number}"),
        queue=QueueId("generale"),
        outcome=Outcome.ANSWERED,
        path=CallPath.PRIMARY,
        wait_ms=1_000,
        level=ServiceLevel.MET,
    )


async def count_on(file: Path) -> None:
    """Begin a call, end an older one, say now and then how many; again."""
    clock = HandClock()
    store = await opened(file, clock)
    counters = IntradayCounters(clock, store)
    keeper = StoreKeeper(store, counters.level_of)
    for number in count(1):
        notes = (*began(number), *((ended(number - TALKS),) if number > TALKS else ()))
        for observer in (keeper, counters):
            observer.observe(DeadlineReached(), (), notes, 0.0)
        if number % TOLD_EVERY == 0:
            await asyncio.sleep(0.01)
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(count_on(Path(sys.argv[1])))
