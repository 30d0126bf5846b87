"""A report as tables: what the terminal, the page and the CSV are all written from.

Values stay what they are (counts, ratios, seconds); how they are written is for whoever writes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from acd.figures.days import HALF_HOUR_MS, ROME
from acd.reports import words
from acd.reports.counting import total
from acd.reports.shape import Figures, Kind, Line, PartLine, Report, Share
from acd.reports.words import Language, say

__all__ = ["Column", "Row", "Table", "Value", "half_hour_words", "profile", "tables"]

Style = Literal["text", "count", "ratio", "time", "yes"]
Value = str | int | float | bool | None
Row = Mapping[str, Value]
"""By the id of the column; what is not there is not told."""


class Column(msgspec.Struct, frozen=True):
    """A column."""

    id: str
    title: str
    style: Style = "text"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table. A row has a ``key`` beside the columns, for programs."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


STYLES: Mapping[str, Style] = {
    "wait_mean_s": "time",
    "handle_mean_s": "time",
    "level": "ratio",
    "measured": "ratio",
    "goal": "ratio",
    "reached": "yes",
    "rebased": "ratio",
    "rebased_goal": "ratio",
    "rebased_reached": "yes",
    "share": "ratio",
    "settled_rate": "ratio",
    "repeat_rate": "ratio",
    "first_rate": "ratio",
    **dict.fromkeys(("day", "half_hour", "queue", "province", "path", "topic"), "text"),
    **dict.fromkeys(("measure", "of_what", "part", "emergency", "end"), "text"),
}
"""All others are counts."""


def tables(report: Report, lang: Language) -> Iterator[Table]:
    """All tables of a report, in their order."""
    made = _Tables(report, lang)
    yield made.lines("total", None, [report.total])
    if report.kind is Kind.SLA:
        yield made.levels()
        yield made.ends()
    if len(report.parts) > 1 or report.emergencies or report.kind is Kind.SLA:
        yield made.parts()
    if report.kind is Kind.INTERVAL:
        if report.from_day != report.to_day:
            yield made.lines("profile", "half_hour", profile(report))
        yield made.lines("half_hours", "half_hour", report.half_hours)
    if report.from_day != report.to_day:
        yield made.lines("days", "day", report.days)
    yield made.lines("queues", "queue", report.queues)
    if report.kind is Kind.DAY:
        yield made.lines("paths", "path", report.paths)
        yield made.lines("provinces", "province", report.provinces)
        yield made.repeats()


def half_hour_words(key: str, lang: Language, *, dated: bool) -> str:
    """When a half hour begins and ends, on Rome's clock."""
    begin = dt.datetime.fromtimestamp(int(key) / 1000, ROME)
    end = dt.datetime.fromtimestamp((int(key) + HALF_HOUR_MS) / 1000, ROME)
    told = f"{begin:%H:%M}-{end:%H:%M}"
    return f"{words.weekday(begin.date().isoformat(), lang)} {told}" if dated else told


def profile(report: Report) -> tuple[Line, ...]:
    """Half hours of the day, all days together; their goals are not told, for goals are of days."""
    found: dict[str, list[Line]] = {}
    for line in report.half_hours:
        begin = dt.datetime.fromtimestamp(int(line.key) / 1000, ROME)
        found.setdefault(f"{begin:%H:%M}", []).append(line)
    return tuple(
        Line(
            key=key,
            counts=total([line.counts for line in lines]),
            raw=_together([line.raw for line in lines]),
            rebased=_together([line.rebased for line in lines if line.rebased is not None])
            if report.emergencies
            else None,
        )
        for key, lines in sorted(found.items())
    )


class _Tables:
    """The tables of one report in one language."""

    def __init__(self, report: Report, lang: Language) -> None:
        self._report = report
        self._lang = lang
        self._measured = report.measure != report.headline.value
        self._rebased = bool(report.emergencies)

    def lines(self, table: str, head: str | None, lines: Sequence[Line]) -> Table:
        """Lines of one kind, all with the same columns."""
        work = table in {"total", "queues"}
        ids = [*([head] if head else []), "offered", "answered", "answered_by_offices"]
        ids += self._figure_ids(table)
        ids += ["abandoned", "short_abandoned", "closed", "net_and_lost", "wait_mean_s"]
        ids += ["handle_mean_s", "settled_rate", "said"] if work else []
        rows = [
            {
                "key": line.key,
                **({head: self._head(table, line)} if head else {}),
                **self._row(line, work=work),
            }
            for line in lines
        ]
        return self._table(table, ids, rows)

    def levels(self) -> Table:
        """Every measure, with both numbers."""
        ids = ["measure", "of_what", "good", "of", "level"]
        ids += ["rebased_good", "rebased_of", "rebased"] if self._rebased else []
        rows = []
        for one in self._report.levels:
            told = words.measure_words(one.measure, self._lang)
            row: dict[str, Value] = {"key": one.measure, "measure": told.title, "of_what": told.denominator}
            row.update(_share(one.raw, "good", "of", "level"))
            if one.rebased is not None:
                row.update(_share(one.rebased, "rebased_good", "rebased_of", "rebased"))
            rows.append(row)
        return self._table("levels", ids, rows)

    def ends(self) -> Table:
        """Where all calls went: the ends add up to the offered."""
        counts = self._report.total.counts
        ends = ("answered", "abandoned", "short_abandoned", "closed", "safety_net", "lost")
        rows: list[Row] = [
            {
                "key": end,
                "end": say(self._lang, f"end.{end}"),
                "calls": getattr(counts, end),
                "share": getattr(counts, end) / counts.offered if counts.offered else None,
            }
            for end in (*ends, "offered")
        ]
        menu: Row = {
            "key": "left_in_menu",
            "end": say(self._lang, "end.left_in_menu"),
            "calls": counts.left_in_menu,
        }
        return self._table("ends", ["end", "calls", "share"], [*rows, menu])

    def parts(self) -> Table:
        """The goals, raw and re-based, side by side."""
        ids = ["part", "emergency", "measured", "of", "goal", "reached"]
        ids += ["rebased", "rebased_of", "rebased_goal", "rebased_reached"] if self._rebased else []
        rows = [self._part(part) for part in self._report.parts]
        whole = {"part": say(self._lang, "total"), **self._goals(self._report.total), "key": "total"}
        return self._table("parts", ids, [*rows, whole] if len(rows) > 1 else rows)

    def repeats(self) -> Table:
        """Who calls again."""
        ids = ["topic", "calls", "without_hash", "repeated", "repeat_rate", "first_decided", "first_settled"]
        rows = []
        for one in self._report.repeats:
            first = Share(one.first_settled, one.first_decided)
            row: dict[str, Value] = {
                "key": one.topic,
                "topic": one.name,
                "calls": one.calls,
                "without_hash": one.without_hash,
                "repeated": one.repeated,
                "repeat_rate": Share(one.repeated, one.calls).ratio,
            }
            if one.hidden:
                hidden = say(self._lang, "hidden")
                row.update(dict.fromkeys(("first_decided", "first_settled", "first_rate"), hidden))
            else:
                row.update(_share(first, "first_settled", "first_decided", "first_rate"))
            rows.append(row)
        return self._table("repeats", [*ids, "first_rate"], rows)

    def _figure_ids(self, table: str) -> list[str]:
        if table == "paths":
            return []
        ids = ["level", "of"]
        ids += ["measured"] if self._measured else []
        if table == "profile":
            return ids + (["rebased"] if self._rebased else [])
        ids += ["goal"] if self._report.total.raw.goal is not None else []
        return ids + (["rebased", "rebased_goal"] if self._rebased else [])

    def _row(self, line: Line, *, work: bool) -> dict[str, Value]:
        counts = line.counts
        row: dict[str, Value] = {
            "name": line.name,
            **{name: getattr(counts, name) for name in COUNTED},
            "net_and_lost": counts.safety_net + counts.lost,
            "wait_mean_s": _seconds(counts.wait_mean_ms),
            **_share(line.raw.level, "good", "of", "level"),
            "measured": line.raw.measured.ratio,
            "goal": line.raw.goal,
        }
        if work:
            hidden = say(self._lang, "hidden") if line.hidden else None
            row["handle_mean_s"] = hidden or _seconds(counts.handle_mean_ms)
            row["said"] = hidden or line.said
            row["settled_rate"] = hidden or Share(line.settled, line.said).ratio
        if line.rebased is not None:
            row.update(_share(line.rebased.level, "rebased_good", "rebased_of", "rebased"))
            row["rebased_goal"] = line.rebased.goal
        return row

    def _part(self, part: PartLine) -> dict[str, Value]:
        lang = self._lang
        span = words.span(part.from_ms, part.until_ms, lang)
        row: dict[str, Value] = {"key": str(part.from_ms), "part": span, "emergency": part.emergency}
        row.update(self._goals(part.line))
        if any(one.id == part.emergency and one.suspended for one in self._report.emergencies):
            row["rebased_goal"] = say(lang, "suspended")
        return row

    def _goals(self, line: Line) -> dict[str, Value]:
        row: dict[str, Value] = {**_goal(line.raw, "measured", "of", "goal", "reached")}
        if line.rebased is not None:
            row.update(_goal(line.rebased, "rebased", "rebased_of", "rebased_goal", "rebased_reached"))
        return row

    def _head(self, table: str, line: Line) -> str:
        lang = self._lang
        match table:
            case "days":
                return words.weekday(line.key, lang) + line.key[4:7].replace("-", "/")
            case "half_hours":
                return half_hour_words(line.key, lang, dated=self._report.from_day != self._report.to_day)
            case "paths":
                return say(lang, f"path.{line.key}")
            case "provinces":
                return line.key or say(lang, "province.")
            case _:
                return line.name or line.key

    def _table(self, table: str, ids: Sequence[str], rows: Sequence[Row]) -> Table:
        lang = self._lang
        caption = say(lang, table, days=self._report.repeat_days)
        columns = tuple(Column(name, say(lang, f"c.{name}"), STYLES.get(name, "count")) for name in ids)
        return Table(id=table, caption=caption, columns=columns, rows=tuple(rows))


COUNTED = ("offered", "answered", "answered_by_offices", "abandoned", "short_abandoned", "closed")


def _share(share: Share, good: str, of: str, ratio: str) -> dict[str, Value]:
    return {good: share.good, of: share.of, ratio: share.ratio}


def _goal(figures: Figures, measured: str, of: str, goal: str, reached: str) -> dict[str, Value]:
    share = figures.measured
    return {measured: share.ratio, of: share.of, goal: figures.goal, reached: figures.reached}


def _together(figures: Sequence[Figures]) -> Figures:
    levels, measured = [one.level for one in figures], [one.measured for one in figures]
    return Figures(level=_sum(levels), measured=_sum(measured), goal=None)


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(share.good for share in shares), sum(share.of for share in shares))


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
