"""Work of pure Python beside the loop.

Reading a configuration takes about a second, writing the metrics a tenth, in a thread. So that the loop,
which needs the interpreter's lock as well, is not held up for 5 ms at each of its turns, the lock changes
hands more often meanwhile: from the first such work to the end of the last.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

__all__ = ["beside"]

SWITCH_S: Final = 0.0005
"""So long a thread keeps the interpreter's lock from the loop (usually 5 ms)."""

T = TypeVar("T")


async def beside(work: Callable[[], T]) -> T:
    """Do this in a thread, and let the loop in between."""
    with _pace.quick():
        return await asyncio.to_thread(work)


class _Pace:
    """The pace of the interpreter, and how many works ask for a quick one."""

    def __init__(self) -> None:
        self._works = 0
        self._usual_s = 0.0

    @contextlib.contextmanager
    def quick(self) -> Iterator[None]:
        """Let the lock change hands often; called on the loop alone."""
        if not self._works:
            self._usual_s = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_S)
        self._works += 1
        try:
            yield
        finally:
            self._works -= 1
            if not self._works:
                sys.setswitchinterval(self._usual_s)


_pace: Final = _Pace()
