"""Deadlines: in order of time, each once, and no more memory than what is armed."""

from __future__ import annotations

from heapq import heappop, heappush

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.deadlines import Deadlines, Due, Key

KINDS = st.sampled_from([Due.OFFER, Due.LOOK, Due.STEP])
KEYS = st.sampled_from(["a", "b", "c", "d"])
TIMES = st.one_of(st.integers(0, 3_000), st.integers(0, 50_000), st.integers(0, 20_000_000))
DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("arm"), KINDS, KEYS, TIMES),
        st.tuples(st.just("disarm"), KINDS, KEYS, st.just(0)),
        st.tuples(st.just("pass"), KINDS, KEYS, TIMES),
    ),
    max_size=200,
)


@settings(max_examples=300, deadline=None)
@given(DOINGS)
def test_it_is_one_heap_to_whoever_looks(doings: list[tuple[str, Due, str, int]]) -> None:
    """Whatever lies in buckets, due deadlines come in order of time, equal ones in order of arming."""
    deadlines, heap = Deadlines(), []
    armed: dict[tuple[Due, Key], tuple[int, int]] = {}
    now_ms = 0
    for number, (what, kind, key, by_ms) in enumerate(doings):
        match what:
            case "arm":
                deadlines.arm(kind, key, now_ms + by_ms)
                armed[kind, key] = (now_ms + by_ms, number)
                heappush(heap, (now_ms + by_ms, number, kind, key))
            case "disarm":
                deadlines.disarm(kind, key)
                armed.pop((kind, key), None)
            case _:
                now_ms += by_ms
                while (taken := deadlines.take(now_ms)) is not None:
                    due_ms, arming, *found = heappop(heap)
                    while armed.get(tuple(found)) != (due_ms, arming):
                        due_ms, arming, *found = heappop(heap)
                    assert taken == tuple(found)
                    del armed[taken]
                assert all(due_ms > now_ms for due_ms, _ in armed.values())
        assert len(deadlines) == len(armed)
        assert deadlines.next_ms() == min((due_ms for due_ms, _ in armed.values()), default=None)


def test_what_is_disarmed_does_not_pile_up() -> None:
    """A day of calls leaves no more behind than what is armed, near and far."""
    deadlines = Deadlines()
    for number in range(60_000):
        for far_ms in (20, 5_000, 1_800_000, 14_400_000):
            deadlines.arm(Due.LOOK, f"{number}-{far_ms}", number * 10 + far_ms)
        for far_ms in (20, 5_000, 1_800_000, 14_400_000):
            deadlines.disarm(Due.LOOK, f"{number}-{far_ms}")
    assert deadlines._count == len(deadlines._soon) + sum(map(len, deadlines._buckets.values()))
    assert deadlines._count < 5_000
