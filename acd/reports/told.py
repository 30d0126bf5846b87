"""What a report says in sentences, and a value as a cell: the same for the terminal and the page."""

from __future__ import annotations

from collections.abc import Iterator

from acd.reports import words
from acd.reports.shape import Kind, Report
from acd.reports.tables import Style, Value
from acd.reports.words import NOTHING, Language, say
from acd.rules.goals import Emergency

__all__ = ["cell", "emergency_words", "heading", "notes", "period_words"]


def heading(report: Report, lang: Language) -> str:
    """Which report it is."""
    return say(lang, f"title.{report.kind.value}")


def period_words(report: Report, lang: Language) -> str:
    """Which days."""
    first, last = words.day(report.from_day, lang), words.day(report.to_day, lang)
    return say(lang, "period.one" if first == last else "period", first=first, last=last)


def emergency_words(one: Emergency, lang: Language) -> Iterator[str]:
    """What was declared, from when to when, why, by whom, and what it changes."""
    yield f"{one.id}: {words.span(one.from_ms, one.until_ms, lang)}"
    yield one.reason
    yield say(lang, "e.act", act=one.act)
    if one.suspended:
        yield say(lang, "e.suspended")
    if one.ratio is not None:
        yield say(lang, "e.ratio", ratio=words.percent(one.ratio, lang))
    if one.threshold_ms:
        yield say(lang, "e.threshold", wait=words.clock(one.threshold_ms / 1000))


def notes(report: Report, lang: Language) -> Iterator[str]:
    """How everything is counted, with the numbers of this report."""
    counts = report.total.counts
    events = counts.met + counts.missed + counts.abandoned_early
    told = {
        "menu": counts.left_in_menu,
        "met": counts.met,
        "missed": counts.missed,
        "early": counts.abandoned_early,
        "none": counts.offered - events,
    }
    numbers = {name: words.count(value, lang) for name, value in told.items()}
    yield say(lang, "n.entry", **numbers)
    yield say(lang, "n.events", **numbers)
    headline = words.measure_words(report.headline.value, lang)
    yield say(lang, "n.headline", title=headline.title, definition=headline.definition)
    if report.measure != report.headline.value:
        measure = words.measure_words(report.measure, lang)
        yield say(lang, "n.measure", title=measure.title, definition=measure.definition)
    if report.total.raw.goal is not None:
        yield say(lang, "n.goal")
    if report.emergencies:
        yield say(lang, "n.rebased")
    yield say(lang, "n.offices")
    yield say(lang, "n.abandoned")
    yield say(lang, "n.wait")
    yield say(lang, "n.k", k=report.k)
    if report.kind is Kind.DAY:
        yield say(lang, "n.settled")
        yield say(lang, "n.repeats", days=report.repeat_days)


def cell(value: Value, style: Style, lang: Language) -> str:
    """A value as people read it."""
    match value:
        case None:
            return NOTHING
        case bool():
            return say(lang, "yes" if value else "no")
        case str():
            return value
        case _ if style == "ratio":
            return words.percent(value, lang)
        case _ if style == "time":
            return words.clock(value)
        case _:
            return words.count(round(value), lang)
