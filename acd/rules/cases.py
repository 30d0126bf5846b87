"""Worked cases: what the rules in force do with these agents and this call, and why.

They stand beside the rules (``cases/*.yaml``) and are run by ``acd check`` and by the tests, on the engine
itself (`acd.rules.case_world`), with the rules of the folder as they are. So whoever changes a rule learns
at once which of the promises made to people no longer holds, and whoever wonders reads what was meant.
Their shape is told in `acd.rules.case_shape`.

A case that does not hold is a finding at its line, like any mistake in the rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from acd.core.policy import RuleSet
from acd.rules.case_shape import CasesFile, CaseShape, ExpectShape
from acd.rules.case_world import Happened, play
from acd.rules.document import Document, Finding, Loc
from acd.rules.load import ReadRules
from acd.rules.reading import read_document
from acd.rules.sentences import did_you_mean, shown, validate_partly
from acd.rules.sources import Source

__all__ = ["CASES", "Played", "run_cases"]

CASES = "cases"
"""The folder beside the rules."""


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all cases of a folder."""

    findings: tuple[str, ...]
    """Whatever does not hold, or is no case: ``file:line:col: sentence``."""
    held: tuple[str, ...]
    """The names of those that hold."""
    shown: frozenset[str]
    """The features they show."""


def run_cases(folder: Source, read: ReadRules) -> Played:
    """Run the worked cases beside a rule folder that was read."""
    findings: list[Finding] = []
    held: list[str] = []
    features: set[str] = set()
    known = _Known(read.today.rules)
    by_day: dict[dt.date, RuleSet] = {}
    taken: dict[str, str] = {}
    for path in sorted((folder / CASES).glob("*.y*ml"), key=lambda path: path.name):
        document = read_document(path)
        file = validate_partly(document, CasesFile)
        for name, case in file.cases.items() if file is not None else ():
            here: Loc = ("cases", name)
            if name in taken:
                sentence = f"'{name}' is a case of {taken[name]} already; give another name."
                document.complain(document.key_mark(here), sentence)
                continue
            taken[name] = path.name
            if not _check(document, here, case, known):
                continue
            day = dt.date.fromisoformat(case.at[:10])
            if day not in by_day:
                by_day[day] = read.on(day).rules
            if _holds(document, here, case, play(case, by_day[day])):
                held.append(name)
                features.add(case.shows)
        findings += sorted(document.findings)
    return Played(findings=tuple(map(str, findings)), held=tuple(held), shown=frozenset(features))


# ── is it a case of these rules? ─────────────────────────────────────────────────────────────────────


class _Known:
    """The names that a case may use."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.steps = {step.id for queue in rules.queues.values() for step in queue.ladder}


def _check(document: Document, here: Loc, case: CaseShape, known: _Known) -> bool:
    """Complain about names that are none, and expectations that say nothing; True when there is none."""
    before = len(document.findings)
    for loc, name, kind, names in _names(case, known):
        if name not in names:
            sentence = f"unknown {kind} '{shown(name)}';{did_you_mean(name, list(names))}"
            document.complain(document.value_mark((*here, *loc)), sentence)
    for index, expected in enumerate(case.expect):
        told = [expected.to, expected.office, expected.says, expected.ends, expected.nobody or None]
        if sum(one is not None for one in told) != 1:
            sentence = "say one thing that happens: to, office, says, ends or nobody."
            document.complain(document.value_mark((*here, "expect", index)), sentence)
    return len(document.findings) == before


def _names(case: CaseShape, known: _Known) -> Iterator[tuple[Loc, str, str, Iterable[str]]]:
    rules = known.rules
    for name, agent in case.agents.items():
        yield ("agents", name, "site"), agent.site, "site", rules.sites
        for skill in agent.skills:
            yield ("agents", name, "skills", skill), skill, "skill", rules.skills
    for name, call in case.calls.items():
        yield ("calls", name, "queue"), call.queue, "queue", rules.queues
        if call.priority_class is not None:
            yield ("calls", name, "class"), call.priority_class, "priority class", rules.priority_classes
        if call.passed_on is not None:
            yield ("calls", name, "passed_on", "to"), call.passed_on.to, "queue", rules.queues
    calls = [
        each
        for name, call in case.calls.items()
        for each in ([name] if call.count == 1 else [f"{name}-{n}" for n in range(1, call.count + 1)])
    ]
    for index, expected in enumerate(case.expect):
        here: Loc = ("expect", index)
        yield (*here, "call"), expected.call, "call", calls
        if expected.to is not None:
            yield (*here, "to"), expected.to, "agent", case.agents
        if expected.office is not None:
            yield (*here, "office"), expected.office, "office", rules.offices
        if expected.step is not None:
            yield (*here, "step"), expected.step, "step", known.steps


# ── does it hold? ────────────────────────────────────────────────────────────────────────────────────


def _holds(document: Document, here: Loc, case: CaseShape, happened: list[Happened]) -> bool:
    """Compare what happened to the calls that are expected something of; complain about the first odds."""
    before = len(document.findings)
    for name in dict.fromkeys(expected.call for expected in case.expect):
        theirs = [one for one in happened if one.call == name]
        wanted = [
            (index, one) for index, one in enumerate(case.expect) if one.call == name and not one.nobody
        ]
        for place, (index, expected) in enumerate(wanted):
            odd = _odd(expected, theirs[place]) if place < len(theirs) else "nothing happens to it any more"
            if odd:
                mark = document.value_mark((*here, "expect", index))
                document.complain(mark, f"{_told(expected)}, but {odd}. Expected because: {case.because}")
                break
        else:
            if len(theirs) > len(wanted):
                last = next(index for index, one in enumerate(case.expect) if one.call == name)
                mark = document.value_mark((*here, "expect", wanted[-1][0] if wanted else last))
                sentence = f"'{name}' should come to no more, but {_seen(theirs[len(wanted)])}."
                document.complain(mark, f"{sentence} Expected because: {case.because}")
    return len(document.findings) == before


def _odd(expected: ExpectShape, seen: Happened) -> str:
    """Say in what the two differ, empty if in nothing."""
    kind, what = _wanted(expected)
    if kind != seen.kind or what not in seen.what:
        return _seen(seen)
    if expected.waited_s is None and not seen.at_moment:
        return f"{_seen(seen)}, not at the moment of the case"
    if expected.waited_s is not None and abs(expected.waited_s - seen.waited_s) > 1:
        return _seen(seen)
    if expected.step is not None and expected.step != seen.step:
        return f"the ladder was open to '{seen.step or 'the beginning'}'"
    if expected.opened is not None and expected.opened != seen.opened:
        return f"the step '{seen.step}' was open because '{seen.opened}'"
    for reason, number in expected.passed_over.items():
        if seen.passed_over.get(reason, 0) != number:
            told = ", ".join(f"{one} {count}" for one, count in seen.passed_over.items()) or "nobody"
            return f"passed over were {told}"
    return ""


def _wanted(expected: ExpectShape) -> tuple[str, str]:
    if expected.to is not None:
        return "to", expected.to
    if expected.office is not None:
        return "office", expected.office
    if expected.says is not None:
        return "says", expected.says
    assert expected.ends is not None, "an expectation says one thing"
    return "ends", expected.ends.value


_TOLD = {"to": "rings", "office": "rings the office", "says": "hears", "ends": "ends as"}


def _told(expected: ExpectShape) -> str:
    kind, what = _wanted(expected)
    when = "" if expected.waited_s is None else f" after {expected.waited_s:g} s"
    return f"'{expected.call}' should come to this: {_TOLD[kind]} {what}{when}"


def _seen(seen: Happened) -> str:
    return f"it {_TOLD[seen.kind]} {', '.join(seen.what)} after {seen.waited_s:g} s"
