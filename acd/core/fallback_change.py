"""Another fallback under calls that wait: in force at once, put through in slices, and nobody loses a place.

When only offices are switched on or off, those are looked at, one small step each. When the mode or a share
changes, the lines are laid out anew as for new rules (``acd.core.rule_change``), and everybody moves by the
same steps: agents take the profile of their site's tier, calls step back into their lines at the place of
their age, and come by their stages by the wait they have behind them; the last step asks for everybody, in
order. How far the ladder is open stays as it is, and so does what load holds open. Offers and talks go on.

Numbers of calls are counted anew from the moment the transition mode comes on; a call that waits then gets
its number in the order of the entries. In normal mode nothing is left of positions and stages.
"""

from __future__ import annotations

from functools import partial

from acd.core.facts import FallbackChanged
from acd.core.grounds import SHARE_ALL
from acd.core.lines import LineRecord
from acd.core.matching import Matcher
from acd.core.notes import FallbackTaken
from acd.core.offering import find_calls
from acd.core.opening import watch_hours
from acd.core.policy import Fallback
from acd.core.rule_change import WAITS, lay_out_anew
from acd.core.stand_in import settle_anew
from acd.core.world import World


def fallback_changed(world: World, fact: FallbackChanged) -> None:
    """Put another fallback in force; what takes long is done in small steps."""
    before, world.fallback = world.fallback, fact.fallback
    for record in world.lines.values():
        forced = fact.fallback.offices.get(record.office.id)
        if forced is not record.forced:
            _force(world, record, forced)
    if _mode(before) != _mode(fact.fallback):
        _change_mode(world)
    waiting = sum([call.state in WAITS for call in world.calls.values()])
    world.note(FallbackTaken(revision=fact.fallback.revision, on=fact.fallback.on, waiting=waiting))


def _mode(fallback: Fallback) -> dict[str, int] | None:
    """What lines are laid out by; None in normal mode."""
    if not fallback.on:
        return None
    return {site: share for site, share in fallback.shares.items() if share < SHARE_ALL}


def _force(world: World, record: LineRecord, forced: bool | None) -> None:
    record.forced = forced
    watch_hours(world, record)
    if not record.shut:
        record.resting = True  # a new call finds no line that has not had the choice of those who wait
        world.work.append(partial(find_calls, world, record))


def _change_mode(world: World) -> None:
    old = world.matcher
    if old.grounds is None:
        world.numbers.clear()
    for record in world.lines.values():
        record.spots, record.areas = [], []
    world.matcher = Matcher(world.rules, world.lines, old.token, world.fallback)
    for queue, line in world.matcher.lines.items():
        was = old.lines[queue]
        line.recent, line.loads, line.load = was.recent, list(was.loads), was.load
        world.matcher.stirred[queue] = None
    for call in world.calls.values():
        call.place = 0
        settle_anew(world, call)
    lay_out_anew(world)
