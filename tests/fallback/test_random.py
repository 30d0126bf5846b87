"""Over random files, overrides, transitions and times: one voice decides, and no change comes unannounced.

What decides is said a second time here, in another way: plainly, and by leaving each voice out.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.core.ids import SiteId
from acd.fallback.base import Base, Toggle
from acd.fallback.resolving import Effective, Source, TransitionNow, Word, resolve
from acd.fallback.sentences import sentence
from acd.store.records import Override, OverrideMode
from tests.fallback.made import AUTO, NOW, OFF, OFFICES, ON, SITES, override

STEP = 60_000
SCOPES = ("national", "site:bari", "site:lecce", "office:aosta")
moments = st.integers(-6, 6).map(lambda step: NOW + step * STEP)
scopes = st.sampled_from(SCOPES)
toggles = st.builds(
    Toggle,
    mode=st.sampled_from((ON, OFF)),
    reason=st.just("the file's reason"),
    until_ms=st.none() | moments,
    line=st.integers(1, 99),
)
bases = st.dictionaries(scopes, toggles).map(lambda toggles: Base(toggles=toggles))


@st.composite
def overrides(draw: st.DrawFn) -> tuple[Override, ...]:
    """Up to six, some not begun, some over, some ended by hand."""
    made = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        begin = draw(moments)
        until = begin + draw(st.integers(1, 6)) * STEP
        ended = draw(st.none() | moments)
        mode = draw(st.sampled_from(OverrideMode))
        times = {"from_ms": begin, "until_ms": until, "ended_ms": ended}
        made.append(override(number, draw(scopes), mode, **times))
    return tuple(draw(st.permutations(made)))


transitions = st.builds(
    TransitionNow,
    on=st.booleans(),
    shares=st.dictionaries(st.sampled_from(SITES), st.integers(0, 100)),
    phase=st.just("mattina"),
    changes_ms=st.none() | moments,
)
worlds = st.tuples(bases, overrides(), transitions)
gently = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def at(world: tuple[Base, tuple[Override, ...], TransitionNow], now_ms: int) -> Effective:
    said, made, transition = world
    return resolve(said, made, transition, SITES, OFFICES, now_ms)


def mode_of(world, scope: str, now_ms: int) -> tuple[OverrideMode, str]:
    """What a scope's own toggle says, and its name: the last override that is live, else the file's line."""
    said, made, _ = world
    live = [o for o in made if o.scope == scope and o.from_ms <= now_ms < o.until_ms]
    live = [o for o in live if o.ended_ms is None or now_ms < o.ended_ms]
    if live:
        last = max(live, key=lambda o: o.id)
        return last.mode, f"override {last.id}"
    toggle = said.toggles.get(scope)
    if toggle is not None and (toggle.until_ms is None or now_ms < toggle.until_ms):
        return toggle.mode, f"{scope} line {toggle.line}"
    return AUTO, ""


def expected(world, now_ms: int) -> dict[str, tuple[object, str]]:
    """What each scope must come to, and who must be named."""
    transition = world[2]
    national, by_national = mode_of(world, "national", now_ms)
    sites = {site: mode_of(world, f"site:{site}", now_ms) for site in SITES}
    alone = [by for mode, by in sites.values() if mode is ON]
    on = {ON: True, OFF: False, AUTO: transition.on or bool(alone)}[national]
    by = by_national or (alone[0] if alone and not transition.on else "transition")
    found: dict[str, tuple[object, str]] = {"national": (on, by)}
    for site, (mode, own) in sites.items():
        share = {ON: 0, OFF: 100, AUTO: transition.shares.get(site, 100) if transition.on else 100}[mode]
        by = own or "transition"
        if mode is AUTO and national is ON:
            share, by = 0, own or by_national
        if national is OFF:
            share, by = 100, by_national
        found[f"site:{site}"] = (share, by)
    for office in OFFICES:
        mode, own = mode_of(world, f"office:{office}", now_ms)
        found[f"office:{office}"] = ({ON: True, OFF: False, AUTO: None}[mode], own or "hours")
    return found


def named(found: Effective, scope: str) -> str:
    """Whom the explanation names."""
    by = found.decisions[scope].by
    match by.source:
        case Source.OVERRIDE:
            return f"override {by.override.id}"
        case Source.FILE:
            return f"{by.scope} line {by.line}"
        case other:
            return other.value


@gently
@given(worlds, moments)
def test_the_explanation_names_the_one_voice_that_decides(world, now_ms):
    """Value and voice are those that the plain reading gives, for each scope, and the sentence names it."""
    found = at(world, now_ms)
    for scope, (value, by) in expected(world, now_ms).items():
        decision = found.decisions[scope]
        match scope.partition(":")[0]:
            case "national":
                assert (found.fallback.on, decision.value.word is Word.ON) == (value, value)
            case "site":
                assert decision.value.share == value
                shares = found.fallback.shares
                assert shares.get(SiteId(scope[5:]), 100) == (value if found.fallback.on else 100)
            case _:
                assert found.fallback.offices.get(scope[7:]) is value
        assert named(found, scope) == by
        for language in ("it", "en"):
            told = sentence(decision, found, language)
            if decision.by.override is not None:
                assert f"(override {decision.by.override.id}" in told
                assert decision.by.override.author in told
            elif decision.by.source is Source.FILE:
                assert f" {decision.by.line} " in told


@gently
@given(worlds, moments)
def test_without_its_voice_a_scope_comes_to_what_the_explanation_says(world, now_ms):
    """Leave out the override or the line that decides, and look."""
    said, made, transition = world
    for scope, decision in at(world, now_ms).decisions.items():
        by = decision.by
        if by.override is not None:
            less = (said, tuple(o for o in made if o.id != by.override.id), transition)
        elif by.source is Source.FILE:
            toggles = {name: toggle for name, toggle in said.toggles.items() if name != by.scope}
            less = (Base(toggles=toggles), made, transition)
        else:
            assert decision.without is None
            continue
        assert at(less, now_ms).decisions[scope].value == decision.without.value


@gently
@given(worlds, moments)
def test_no_change_comes_unannounced(world, now_ms):
    """Until ``changes_next_ms`` every moment gives what this one gives; the engine may sleep so long."""
    found = at(world, now_ms)
    last = found.changes_next_ms if found.changes_next_ms is not None else NOW + 13 * STEP
    assert last > now_ms
    for later in {*range(now_ms, last, STEP), last - 1}:
        then = at(world, later)
        assert then.fallback == found.fallback
        assert {s: d.by for s, d in then.decisions.items()} == {s: d.by for s, d in found.decisions.items()}
