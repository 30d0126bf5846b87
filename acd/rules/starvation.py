"""For how long can somebody else go first?

**The order.** An agent who becomes free takes, of the calls they may have, the one with the least ::

    score = first entry + threshold of its queue - credits (class, queue) + handicap of the agent there

Every term but the entry is bounded, so waiting always wins in the end. This is least slack with a handicap;
priorities that do not age (weights, strict classes) have no such bound and are not in these rules
(Stanford, Taylor and Ziedins 2014 on accumulating priorities; docs/routing.md).

**The bound.** Let a call of queue *q* wait, and a call of queue *p* enter *d* later. It goes first at agent
*a* only if its score is less, that is if ::

    d  <  (threshold_q - credit_q + handicap_q(a))  -  (threshold_p - credit_p - class credit + handicap_p(a))

The bound of *q* is the greatest right-hand side over all *p* and all *a* who can serve both at any step of
the ladders, *p = q* included: there a class credit alone may overtake. Calls that entered later than
that never go before; so once the bound has passed, whoever is ahead of the call was ahead of it
or entered within the bound, and each agent who is free for *q* brings it nearer.

**Who can serve both.** With a roster: those of its agents who can. Without: any agent there could be, with
every level that the ladders admit; none, if the two queues share no site, or one excludes what
the other never does without. An office has no level, and so no handicap.

**What it does not say.** That somebody is there at all; that is ``wait_s_max`` and the safety net. A call
that an agent has just left ringing is not theirs for ``not_again_s``; other agents have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from acd.core.ids import QueueId
from acd.core.policy import Agent, Queue, Roster, RuleSet
from acd.rules.book import Book
from acd.rules.reach import least_levels, may_serve, offices_of, sites_of, topic

__all__ = ["Overtaking", "check_starvation", "describe_starvation", "starvation_bounds", "worst_overtakings"]

LEVEL_MAX: Final = 10


class Overtaking(NamedTuple):
    """The longest by which a later call can go first."""

    ms: int
    by: QueueId
    """The queue of that call."""


def starvation_bounds(rules: RuleSet, roster: Roster | None = None) -> Mapping[QueueId, int]:
    """Return for each queue the longest by which a later call can go before one of its calls, milliseconds.

    Args:
        rules: The rules.
        roster: Who answers; None: whoever might.
    """
    return {queue: worst.ms for queue, worst in worst_overtakings(rules, roster).items()}


def worst_overtakings(rules: RuleSet, roster: Roster | None = None) -> Mapping[QueueId, Overtaking]:
    """Do as `starvation_bounds`, and say whose calls they are."""
    credit_ms = max((one.credit_ms for one in rules.priority_classes.values()), default=0)
    worst = {queue: Overtaking(credit_ms, queue) for queue in rules.queues}
    for mine, other, handicap_ms in _shared(rules, roster):
        ahead_ms = mine.threshold_ms - mine.credit_ms + handicap_ms
        overtaking = Overtaking(ahead_ms - (other.threshold_ms - other.credit_ms) + credit_ms, other.id)
        if overtaking.ms > worst[mine.id].ms:
            worst[mine.id] = overtaking
    return worst


def describe_starvation(rules: RuleSet, roster: Roster | None = None) -> tuple[str, ...]:
    """Say the bound of each queue in a sentence."""
    return tuple(
        f"{queue}: a later call can go first by {worst.ms / 1_000:.0f} s at most (of {worst.by}); "
        f"wait_s_max is {rules.queues[queue].wait_ms_max / 1_000:.0f} s."
        for queue, worst in worst_overtakings(rules, roster).items()
    )


def check_starvation(book: Book, rules: RuleSet) -> None:
    """Complain about each queue in which a call could be passed over until the safety net takes it."""
    document = book.queues.document
    for name, worst in worst_overtakings(rules).items():
        wait_ms = rules.queues[name].wait_ms_max
        if worst.ms > wait_ms:
            sentence = (
                f"a later call of '{worst.by}' can go before one here by {worst.ms / 1_000:g} s, and here "
                f"nobody waits longer than {wait_ms / 1_000:g} (wait_s_max); lower credits, thresholds or "
                "handicaps, or raise it."
            )
            document.complain(document.value_mark(("queues", name, "wait_s_max")), sentence)


# ── who serves two queues, and at what handicaps ─────────────────────────────────────────────────────


def _shared(rules: RuleSet, roster: Roster | None) -> Iterator[tuple[Queue, Queue, int]]:
    """Yield two queues that share somebody, and the most by which the first's handicap is the greater."""
    queues = list(rules.queues.values())
    for mine in queues:
        for other in queues:
            if mine is not other and not offices_of(mine).isdisjoint(offices_of(other)):
                yield mine, other, 0
    if roster is None:
        for mine in queues:
            for other in queues:
                if _could_share(mine, other):
                    yield mine, other, _difference(rules, mine, other)
        return
    seen: set[tuple[object, ...]] = set()
    for agent in roster.agents.values():
        kind = (agent.site, agent.volunteer, tuple(sorted(agent.skills.items())))
        if kind not in seen:
            seen.add(kind)
            yield from _of_agent(rules, [queue for queue in queues if may_serve(agent, queue)], agent)


def _of_agent(rules: RuleSet, served: list[Queue], agent: Agent) -> Iterator[tuple[Queue, Queue, int]]:
    """Yield for each queue an agent serves the other that overtakes it most."""
    if not served:
        return
    handicaps = {queue.id: handicap_ms(rules, queue, agent.skills.get(topic(queue), 0)) for queue in served}
    other = min(served, key=lambda one: one.threshold_ms - one.credit_ms + handicaps[one.id])
    for mine in served:
        yield mine, other, handicaps[mine.id] - handicaps[other.id]


def handicap_ms(rules: RuleSet, queue: Queue, level: int) -> int:
    """Return the handicap of an agent of this level; one without the skill counts as the last band."""
    band = next((band for band in rules.bands if level >= band.level_min), rules.bands[-1])
    return band.handicap_ms[queue.discipline]


def _could_share(mine: Queue, other: Queue) -> bool:
    """Whether there could be an agent for both."""
    sites = sites_of(mine), sites_of(other)
    if sites[0] is not None and sites[1] is not None and sites[0].isdisjoint(sites[1]):
        return False
    return least_levels(mine).keys().isdisjoint(other.excludes) and least_levels(other).keys().isdisjoint(
        mine.excludes
    )


def _levels(queue: Queue) -> range:
    """The levels an agent may have in the queue's topic."""
    return range(least_levels(queue).get(topic(queue), 0), LEVEL_MAX + 1)


def _difference(rules: RuleSet, mine: Queue, other: Queue) -> int:
    """The most that the handicap of one agent here can exceed the same agent's there."""
    if topic(mine) == topic(other):
        both = range(max(_levels(mine).start, _levels(other).start), LEVEL_MAX + 1)
        return max(handicap_ms(rules, mine, level) - handicap_ms(rules, other, level) for level in both)
    mine_ms = max(handicap_ms(rules, mine, level) for level in _levels(mine))
    return mine_ms - min(handicap_ms(rules, other, level) for level in _levels(other))
