"""Work of pure Python beside the loop.

Reading a configuration takes about a second, in a thread. So that the loop, which needs the interpreter's
lock as well, is not held up for 5 ms at each of its turns, the lock changes hands more often meanwhile.
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
    with _breathing():
        return await asyncio.to_thread(work)


@contextlib.contextmanager
def _breathing() -> Iterator[None]:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual_s)
