"""A process that writes until it is killed: ``python -m tests.store.killed FILE``."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import RosterChange
from tests.store.made import agent, call, entry, opened

ROUND = 100


async def write_on(file: Path) -> None:
    """Tell a hundred calls and entries and one login, change the roster, say the round; again."""
    store = await opened(file)
    for turn in count(1):
        for number in range(ROUND * turn, ROUND * (turn + 1)):
            store.tell_audit(entry(number))
            store.tell_call(call(number))
        store.tell_session(AgentId("a0001"), Session(agent=AgentId("a0001"), phone=str(turn)))
        await store.flush()
        await store.change_roster(RosterChange(upserts=(agent(2 * turn), agent(2 * turn + 1))))
        print(turn, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(write_on(Path(sys.argv[1])))
