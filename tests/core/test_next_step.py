"""Whatever is switched, whatever the hours: a caller who waits always has a next step by the clock.

A centre of chance: offices with hours or none, queues that close, ladders, agents of two sites. Things
happen: callers enter, modes and shares and offices are switched as in the phases of a transition, people come
and go, time passes. After each of them every waiting call is asked for its next step. Then everybody falls
silent and only the clock runs: each call must have gone through all its stages in time, whoever is free must
have been rung, and at the end the safety net is told to take who is left. No call is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.calls import Call, CallState
from acd.core.deadlines import Due
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    CallEnded,
    CallEntered,
    FallbackChanged,
    OfferEnd,
    RulesChanged,
)
from acd.core.grounds import NAMES
from acd.core.ids import AgentId, CallId, OfficeId, SiteId
from acd.core.notes import StandInWidened
from acd.core.orders import Say, SendToNet, WithdrawOffer
from acd.core.policy import Fallback, Office, RuleSet, StandIn, Step
from tests.core.builders import (
    HOUR_MS,
    HOURS,
    NIGHT,
    NODE,
    Centre,
    agent,
    asking,
    office,
    queue,
    rules,
    step,
    to_offices,
)
from tests.core.profiles import SLOW_IS_FINE

WAIT_MS_MAX: Final = 120_000
PLACES: Final = ("RM", "VT", "NA", "BA", "ZZ")
PEOPLE: Final = (
    agent("anna", "roma", generale=9),
    agent("bruno", "roma", generale=3, tedesco=5),
    agent("carla", "bari", generale=5),
)
LADDERS: Final[Sequence[tuple[Step, ...]]] = (
    (),
    to_offices("o0", after_ms=10_000),
    (step("sedi", 5_000, sites=("bari",)), *to_offices("o1", "o0", after_ms=25_000)),
    (asking(4_000, "tedesco"),),
)
CALENDARS: Final = st.sampled_from([None, None, HOURS, NIGHT])
MOMENTS: Final = st.sampled_from([0, 1, 3_000, 15_000, 20_000, 45_000, 90_000, HOUR_MS - 5_000, HOUR_MS])

OFFICES: Final = st.lists(
    st.builds(
        dict,
        province=st.sampled_from(PLACES),
        provinces=st.sampled_from([(), (), ("RM", "VT"), ("NA",)]),
        languages=st.sampled_from([("it",), ("it", "de")]),
        capacity=st.integers(1, 2),
        weight=st.sampled_from([50, 100]),
        calendar=CALENDARS,
    ),
    max_size=4,
)
FALLBACKS: Final = st.builds(
    Fallback,
    revision=st.just("f"),
    on=st.sampled_from([True, True, True, False]),
    shares=st.dictionaries(
        st.sampled_from([SiteId("roma"), SiteId("bari")]), st.sampled_from([0, 10, 50, 99, 100]), max_size=2
    ),
    offices=st.dictionaries(
        st.sampled_from([OfficeId(f"o{number}") for number in range(4)]), st.booleans(), max_size=3
    ),
)


def _rules(
    offices: list[dict[str, object]],
    hours: str | None,
    ladder: tuple[Step, ...],
    german: tuple[Step, ...],
    times: StandIn,
) -> RuleSet:
    made: list[Office] = []
    for number, given_ in enumerate(offices):
        plain = office(f"o{number}", str(given_["province"]))
        made.append(msgspec.structs.replace(plain, **given_))
    known = {each.id for each in made}
    queues = (
        queue("generale", wait_ms_max=WAIT_MS_MAX, calendar=hours, ladder=_known(ladder, known)),
        queue("tedesco", language="de", wait_ms_max=WAIT_MS_MAX, ladder=_known(german, known)),
    )
    return msgspec.structs.replace(rules(queues, made), stand_in=times)


def _known(ladder: tuple[Step, ...], offices: set[OfficeId]) -> tuple[Step, ...]:
    steps = (
        msgspec.structs.replace(each, offices=tuple(name for name in each.offices if name in offices))
        for each in ladder
    )
    return tuple(each for each in steps if each.offices or each.sites or each.consent)


RULES: Final = st.builds(
    _rules,
    OFFICES,
    CALENDARS,
    st.sampled_from(LADDERS),
    st.sampled_from(LADDERS),
    st.sampled_from([StandIn(), StandIn(own_after_ms=0, region_after_ms=1_000, neighbours_after_ms=1_000)]),
)
EVENTS: Final = st.lists(
    st.one_of(
        st.tuples(
            st.just("enters"), st.sampled_from(["generale", "tedesco"]), st.sampled_from(("", *PLACES))
        ),
        st.tuples(st.just("fallback"), FALLBACKS),
        st.tuples(st.just("rules"), RULES),
        st.tuples(st.just("later"), MOMENTS),
        st.tuples(st.just("in"), st.sampled_from([each.id for each in PEOPLE])),
        st.tuples(st.just("out"), st.sampled_from([each.id for each in PEOPLE])),
        st.tuples(st.just("over"), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=25,
)


def happens(centre: Centre, event: tuple[object, ...]) -> None:
    """One thing of chance."""
    match event:
        case ("enters", str(name), str(province)):
            centre.later(1)
            number = len(centre.world.tombstones) + len(centre.world.calls)
            call = CallId(f"x-1.{number}")
            fact = CallEntered(
                call=call, node=NODE, queue=name, entered_ms=centre.now_ms, province=province, language="it"
            )
            centre.tell(fact)
        case ("fallback", Fallback() as fallback):
            centre.tell(FallbackChanged(fallback=fallback))
        case ("rules", RuleSet() as newer):
            centre.tell(RulesChanged(rules=newer))
        case ("later", int(by_ms)):
            centre.later(by_ms)
        case ("in", str(name)):
            centre.tell(AgentLoggedIn(agent=AgentId(name)))
        case ("out", str(name)):
            for order in centre.tell(AgentLoggedOut(agent=AgentId(name))).orders:
                if isinstance(order, WithdrawOffer):
                    centre.ends_offer(order.call, OfferEnd.WITHDRAWN, attempt=order.attempt)
        case ("over", int(number)):
            calls = list(centre.world.calls)
            if calls:
                centre.tell(CallEnded(call=calls[number % len(calls)]))
        case _:
            raise AssertionError(event)


def has_next_step(centre: Centre, call: Call) -> bool:
    """Whether the clock, a ring or bulk work that is under way leads this call on; not the net alone."""
    world, due_at = centre.world, centre.world.deadlines.due_at
    if due_at(Due.MAX_WAIT, call.id) is None:
        return False
    if world.work or world.recovering or call.resting:
        return due_at(Due.SLICE, "") is not None or due_at(Due.REST, call.id) is not None
    if call.prompt is not None or call.question:
        return due_at(Due.PROMPT, call.id) is not None or due_at(Due.ANSWER, call.id) is not None
    grounds = world.matcher.grounds
    if grounds is None or call.closed:
        return True
    to_come = [stage for _, stage in grounds.of(call).plan if not call.stages & stage]
    return not to_come or due_at(Due.STAGE, call.id) is not None


def falls_silent(centre: Centre) -> None:
    """Nobody does anything any more; only the clock runs until every call has waited as long as it may."""
    waiting = {call.id: call for call in centre.world.calls.values() if call.state is not CallState.FAREWELL}
    times = centre.world.rules.stand_in
    last_ms = max(times.region_after_ms, times.national_after_ms, times.anywhere_after_ms)
    centre.later(times.own_after_ms + last_ms + 2_000)
    grounds = centre.world.matcher.grounds
    for call in waiting.values():
        if grounds is not None and not call.closed and call.state in {CallState.WAITING, CallState.HEARING}:
            assert all(call.stages & stage for _, stage in grounds.of(call).plan), (call, call.stages)
            told = [note.stage for note in centre.noted(StandInWidened) if note.call == call.id]
            assert set(told) >= {NAMES[stage] for _, stage in grounds.of(call).plan}
    centre.later(WAIT_MS_MAX)
    to_net = {order.call for order in centre.ordered(SendToNet)}
    farewells = {order.call for order in centre.ordered(Say) if order.then_hang_up}
    for call in centre.world.calls.values():
        assert call.id in to_net or call.id in farewells, f"{call!r} is forgotten"


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
@given(given_rules=RULES, logged_in=st.booleans(), events=EVENTS)
def test_a_waiting_call_always_has_a_next_step(
    given_rules: RuleSet, logged_in: bool, events: list[tuple[object, ...]]
) -> None:
    """Over random fallbacks, hours and phases of shares; the invariants hold after each fact, too."""
    centre = Centre(agents=PEOPLE, logged_in=logged_in)
    centre.tell(RulesChanged(rules=given_rules))
    centre.settle()
    for event in events:
        happens(centre, event)
        for call in centre.world.calls.values():
            if call.state in {CallState.WAITING, CallState.HEARING}:
                assert has_next_step(centre, call), call
        centre.settle()
    falls_silent(centre)
