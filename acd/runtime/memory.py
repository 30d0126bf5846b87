"""How the garbage collector is kept from holding the loop.

The core makes few cycles: nearly all of it is freed by count, and a collection finds next to nothing. It
costs going through what lives, 100 ms with 3,100 agents if everything is looked at. So what lives as long as
the process is taken out of its rounds once, and rounds are rare: the young after 20,000 objects instead of
700, the old after a thousand of those.
"""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["settle_memory"]

YOUNG: Final = 20_000
"""Objects made beyond those freed before the young are looked through."""
MIDDLE: Final = 20
OLD: Final = 50
"""So many rounds of the generation before each: all that lives is looked through after 20 million objects."""


def settle_memory() -> None:
    """Call it once, when all has been built and before the first call is served."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
