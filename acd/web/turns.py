"""One after the other: what takes the machine a while is done for one asker at a time."""

from __future__ import annotations

import asyncio
from typing import Final

from acd.web.problems import SlowDown

__all__ = ["Turn"]

WAITING_MAX: Final = 3
AGAIN_S: Final = 20


class Turn:
    """Whose turn it is to have a report made."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._asked = 0

    async def __aenter__(self) -> None:
        """Wait for it.

        Raises:
            SlowDown: Too many wait.
        """
        if self._asked > WAITING_MAX:
            raise SlowDown("Other reports are being made; ask again in a while.", AGAIN_S)
        self._asked += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self._asked -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        """It is somebody else's."""
        self._lock.release()
        self._asked -= 1
