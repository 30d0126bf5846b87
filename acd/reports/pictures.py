"""Which charts a report has, by the table they stand beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from acd.figures.days import ROME
from acd.reports import words
from acd.reports.charts import Bar, Series, bars, columns, heat, lines
from acd.reports.shape import Figures, Kind, Line, Report
from acd.reports.tables import half_hour_words, profile
from acd.reports.words import Language, say

__all__ = ["pictures"]

BARS_MAX: Final = 80
Pictures = Mapping[str, Sequence[str]]


def pictures(report: Report, lang: Language) -> Pictures:
    """All charts, as figures of the page."""
    made = _Pictures(report, lang)
    found: dict[str, Sequence[str]] = {"queues": made.by_queue()}
    many_days = report.from_day != report.to_day
    if report.kind is Kind.SLA:
        found["levels"] = made.measures()
    if report.kind is Kind.INTERVAL:
        if many_days:
            found["profile"] = made.profile()
            found["half_hours"] = made.heat()
        else:
            found["half_hours"] = made.over_time("half_hour", report.half_hours, made.half_hour)
    if many_days:
        found["days"] = made.over_time("day", report.days, made.day)
    return found


class _Pictures:
    """The charts of one report in one language."""

    def __init__(self, report: Report, lang: Language) -> None:
        self._report = report
        self._lang = lang
        self._formula = words.measure_words(report.headline.value, lang).title

    def over_time(self, what: str, found: Sequence[Line], label: Callable[[str], str]) -> Sequence[str]:
        """Calls as columns, and the service level as a line with its goal."""
        labels = [label(line.key) for line in found]
        told = say(self._lang, f"what.{what}")
        level = say(self._lang, "chart.level", what=told, formula=self._formula)
        return (
            self._calls(say(self._lang, "chart.calls", what=told), labels, found),
            self._levels(level, labels, found),
        )

    def profile(self) -> Sequence[str]:
        """The day's shape."""
        found = profile(self._report)
        told = say(self._lang, "what.half_hour")
        labels = [line.key for line in found]
        title = say(self._lang, "chart.level", what=told, formula=self._formula)
        return (
            self._calls(say(self._lang, "chart.calls", what=told), labels, found),
            self._levels(title, labels, found, bands=False),
        )

    def heat(self) -> Sequence[str]:
        """Days by half hours."""
        found = self._report.half_hours
        at = {line.key: dt.datetime.fromtimestamp(int(line.key) / 1000, ROME) for line in found}
        times = sorted({f"{one:%H:%M}" for one in at.values()})
        days: dict[str, dict[str, tuple[float, bool]]] = {}
        for line in found:
            ratio = line.raw.level.ratio
            row = days.setdefault(at[line.key].date().isoformat(), {})
            if ratio is not None:
                row[f"{at[line.key]:%H:%M}"] = (ratio, line.raw.reached is False)
        title = say(self._lang, "chart.heat")
        known = [cell[0] for row in days.values() for cell in row.values()]
        low, high = (words.percent(edge(known, default=0), self._lang) for edge in (min, max))
        picture = heat(
            title,
            [self.day(day) for day in days],
            times,
            [[row.get(time) for time in times] for row in days.values()],
        )
        return (
            self._figure(title, picture, f"<li>{escape(say(self._lang, 's.heat', low=low, high=high))}</li>"),
        )

    def by_queue(self) -> Sequence[str]:
        """Each queue's service level against its goal, the worst first."""
        rows = [
            self._bar(line.name or line.key, line.raw, line.rebased)
            for line in sorted(self._report.queues, key=_worst_first)
            if line.raw.measured.of
        ]
        if not rows:
            return ()
        formula = words.measure_words(self._report.measure, self._lang).title
        title = say(self._lang, "chart.queues", formula=formula)
        return (self._figure(title, bars(title, rows[:BARS_MAX]), self._keys(*BARS)),)

    def measures(self) -> Sequence[str]:
        """Every formula, raw and re-based."""
        rows = [
            Bar(
                words.measure_words(one.measure, self._lang).title,
                one.raw.ratio,
                self._told(one.raw.ratio, one.rebased.ratio if one.rebased is not None else None),
                self._report.total.raw.goal if one.measure == self._report.measure else None,
                one.rebased.ratio if one.rebased is not None else None,
            )
            for one in self._report.levels
        ]
        title = say(self._lang, "chart.levels")
        return (self._figure(title, bars(title, rows), self._keys(*BARS)),)

    def day(self, key: str) -> str:
        """A day below a chart."""
        return words.weekday(key, self._lang)

    def half_hour(self, key: str) -> str:
        """A half hour below a chart."""
        return half_hour_words(key, self._lang, dated=False)[:5]

    def _bar(self, name: str, raw: Figures, rebased: Figures | None) -> Bar:
        other = rebased.measured.ratio if rebased is not None else None
        mark = {None: "", True: " ✓", False: " ▼"}[raw.reached]
        return Bar(name, raw.measured.ratio, self._told(raw.measured.ratio, other, mark), raw.goal, other)

    def _told(self, ratio: float | None, other: float | None, mark: str = "") -> str:
        told = words.percent(ratio, self._lang) + mark
        return f"{told}  ({words.percent(other, self._lang)})" if other is not None else told

    def _calls(self, title: str, labels: Sequence[str], found: Sequence[Line]) -> str:
        agents = [line.counts.answered - line.counts.answered_by_offices for line in found]
        offices = [line.counts.answered_by_offices for line in found]
        others = [line.counts.offered - line.counts.answered for line in found]
        series = [
            Series("agents", "s-agents", tuple(agents)),
            Series("offices", "s-offices", tuple(offices)),
            Series("unanswered", "s-unanswered", tuple(others)),
        ]
        return self._figure(title, columns(title, labels, series), self._keys(*(one.style for one in series)))

    def _levels(self, title: str, labels: Sequence[str], found: Sequence[Line], *, bands: bool = True) -> str:
        raw = Series("raw", "s-raw", tuple(line.raw.level.ratio for line in found))
        series, steps, keys = [raw], [], ["s-raw"]
        changed = [line.rebased is not None and line.rebased != line.raw for line in found]
        if any(changed):
            rebased = tuple(line.rebased.level.ratio if line.rebased else None for line in found)
            series.insert(0, Series("rebased", "s-rebased", rebased))
            keys.append("s-rebased")
        goals = tuple(line.raw.goal for line in found)
        if self._report.measure == self._report.headline.value and any(goal is not None for goal in goals):
            steps.append(Series("goal", "s-goal", goals))
            keys.append("s-goal")
            others = tuple(_other_goal(line) for line in found)
            if any(goal is not None for goal in others):
                steps.append(Series("rebased_goal", "s-rebased-goal", others))
                keys.append("s-rebased-goal")
        concerned = changed if bands and any(changed) else []
        keys += ["s-emergency"] if concerned else []
        picture = lines(title, labels, series, steps=steps, bands=concerned)
        return self._figure(title, picture, self._keys(*keys))

    def _keys(self, *styles: str) -> str:
        """The legend."""
        more = ("s-rebased-bar",) if "s-raw-bar" in styles and self._report.emergencies else ()
        return "".join(
            f'<li><svg class="key" viewBox="0 0 24 12" aria-hidden="true">{_sample(style)}</svg>'
            f"{escape(say(self._lang, NAMES[style]))}</li>"
            for style in (*styles, *more)
        )

    def _figure(self, title: str, picture: str, keys: str) -> str:
        return (
            f'<figure><figcaption>{escape(title)}</figcaption><div class="wide" tabindex="0" role="group" '
            f'aria-label="{escape(title)}">{picture}</div><ul class="keys">{keys}</ul></figure>'
        )


NAMES: Final[Mapping[str, str]] = {
    "s-agents": "s.agents",
    "s-offices": "s.offices",
    "s-unanswered": "s.unanswered",
    "s-raw": "s.raw",
    "s-raw-bar": "s.raw",
    "s-missed": "s.missed",
    "s-rebased": "s.rebased",
    "s-rebased-bar": "s.rebased",
    "s-goal": "s.goal",
    "s-goal-mark": "s.goal",
    "s-rebased-goal": "s.rebased_goal",
    "s-emergency": "s.emergency",
}
BARS: Final = ("s-raw-bar", "s-missed", "s-goal-mark")
LINES: Final = frozenset({"s-raw", "s-rebased", "s-goal", "s-rebased-goal"})


def _sample(style: str) -> str:
    if style in LINES:
        return f'<path class="{style}" d="M1 6H23"/>'
    if style == "s-goal-mark":
        return f'<rect class="{style}" x="11" y="0" width="2.5" height="12"/>'
    return f'<rect class="{style}" x="0" y="0" width="24" height="12"/>'


def _other_goal(line: Line) -> float | None:
    """The re-based goal where it is not the raw one."""
    if line.rebased is None or line.rebased.goal == line.raw.goal:
        return None
    return line.rebased.goal


def _worst_first(line: Line) -> float:
    ratio = line.raw.measured.ratio
    return 2.0 if ratio is None else ratio - (line.raw.goal or 0)
