"""Affinity: who calls again soon is brought to the site or office of the last talk, if it costs little.

Kept in memory only, by the keyed hash of the caller's number, for as long as the rules say and for the last
``CALLERS_MAX`` callers; never a person who answered. Where the rules have no affinity nothing is kept.
A site counts as so much longer idle (``Affinity.worth_ms``), an office goes before other open ones; neither
opens a step of the ladder, and nobody waits for it.
"""

from __future__ import annotations

from typing import Final

from acd.core.calls import Call
from acd.core.notes import Path
from acd.core.world import World

CALLERS_MAX: Final = 50_000


def remember(world: World, call: Call) -> None:
    """A call has ended: keep who talked with the caller last."""
    if world.rules.affinity is None or not call.caller or not call.served_by:
        return
    lately = world.lately
    lately.pop(call.caller, None)
    lately[call.caller] = (call.served_by, call.path is Path.FALLBACK, world.now_ms)
    for _ in range(2):  # what is forgotten keeps pace with what is kept
        oldest = next(iter(lately))
        if len(lately) > CALLERS_MAX or lately[oldest][2] < world.now_ms - world.rules.affinity.within_ms:
            del lately[oldest]


def recall(world: World, call: Call) -> None:
    """A caller enters: whom they talked with lately."""
    affinity = world.rules.affinity
    found = world.lately.get(call.caller) if call.caller and affinity is not None else None
    if found is None or affinity is None or found[2] < world.now_ms - affinity.within_ms:
        return
    place, is_office, _ = found
    if is_office:
        call.near_office = place
    else:
        call.near_site = place
