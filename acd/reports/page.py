"""A report as one page that needs nothing else: no script, no font, nothing from elsewhere.

Light and dark as the reader's system wishes, dense on paper. Every chart stands beside the table it repeats;
tables have captions and headings with their scope, the language is told, nothing depends on a colour alone,
what is wide scrolls by itself and can be reached by keyboard (WCAG 2.1 AA, as L. 4/2004 asks).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

import msgspec

from acd.reports import words
from acd.reports.pictures import pictures
from acd.reports.shape import Figures, Report
from acd.reports.style import STYLE
from acd.reports.tables import Column, Row, Table, tables
from acd.reports.told import cell, emergency_words, heading, notes, period_words
from acd.reports.words import Language, say

__all__ = ["page"]

FOLDED: Final = {"half_hours", "provinces"}
"""Long tables: closed until somebody opens them."""
FOLDED_ROWS_MIN: Final = 12
TIGHT: Final = {"days", "half_hours", "profile", "parts", "provinces"}
"""Tables whose rows have short names, which are not broken."""


def page(report: Report, lang: Language, body_name: str = "") -> str:
    """The whole page."""
    title = f"{heading(report, lang)}, {period_words(report, lang)}"
    parts = [
        "<!doctype html>",
        f'<html lang="{lang}">',
        f'<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<style>\n{STYLE}</style>\n</head>",
        "<body>",
        *_header(report, lang, body_name),
        "<main>",
        *_cards(report, lang),
        *_emergencies(report, lang),
        *_sections(report, lang),
        *_notes(report, lang),
        "</main>\n</body>\n</html>",
    ]
    return "\n".join(parts) + "\n"


def _header(report: Report, lang: Language, body_name: str) -> Iterator[str]:
    yield "<header>"
    if body_name:
        yield f'<p class="body"><span>{escape(body_name)}</span></p>'
    yield f"<div><h1>{escape(heading(report, lang))}</h1>"
    told = [period_words(report, lang)]
    if report.queue:
        name = next((line.name for line in report.queues if line.key == report.queue), "") or report.queue
        told.append(say(lang, "only.queue", queue=name))
    told.append(say(lang, "made", moment=words.moment(report.made_ms, lang)))
    yield f'<p class="period">{escape(", ".join(told))}</p>'
    yield "</div></header>"


def _cards(report: Report, lang: Language) -> Iterator[str]:
    """The numbers that matter, large."""
    counts, raw = report.total.counts, report.total.raw
    share = counts.answered / counts.offered if counts.offered else None
    yield '<ul class="cards">'
    yield _card(say(lang, "card.offered"), words.count(counts.offered, lang))
    offices = say(lang, "card.offices", count=words.count(counts.answered_by_offices, lang))
    yield _card(say(lang, "card.answered"), words.percent(share, lang), offices)
    lost = say(
        lang,
        "card.of",
        good=words.count(counts.abandoned, lang),
        of=words.count(counts.offered, lang),
    )
    yield _card(say(lang, "card.abandoned"), words.percent(counts.abandonment, lang), lost)
    wait_ms = counts.wait_mean_ms
    yield _card(say(lang, "card.wait"), words.clock(None if wait_ms is None else wait_ms / 1000))
    yield _level_card(say(lang, "card.level"), report, raw, lang)
    if report.measure != report.headline.value:
        yield _measured_card(report, raw, lang)
    if report.total.rebased is not None:
        yield _level_card(say(lang, "card.rebased"), report, report.total.rebased, lang)
    yield "</ul>"


def _level_card(title: str, report: Report, figures: Figures, lang: Language) -> str:
    level = figures.level
    formula = words.measure_words(report.headline.value, lang).title
    of = say(lang, "card.of", good=words.count(level.good, lang), of=words.count(level.of, lang))
    is_measured = report.measure == report.headline.value
    goal = _goal_words(figures, lang) if is_measured else ""
    return _card(title, words.percent(level.ratio, lang), f"{formula}; {of}", goal, figures.reached)


def _measured_card(report: Report, figures: Figures, lang: Language) -> str:
    share = figures.measured
    title = words.measure_words(report.measure, lang).title
    of = say(lang, "card.of", good=words.count(share.good, lang), of=words.count(share.of, lang))
    told = _goal_words(figures, lang)
    ratio = words.percent(share.ratio, lang)
    return _card(say(lang, "card.measured"), ratio, f"{title}; {of}", told, figures.reached)


def _goal_words(figures: Figures, lang: Language) -> str:
    if figures.goal is None:
        return say(lang, "no goal")
    reached = say(lang, "reached" if figures.reached else "missed")
    return say(lang, "card.goal", goal=words.percent(figures.goal, lang), reached=reached)


def _card(title: str, number: str, told: str = "", goal: str = "", reached: bool | None = None) -> str:
    style = {None: "calm", True: "good", False: "bad"}[reached if goal else None]
    mark = {None: "", True: "✓ ", False: "▼ "}[reached]
    parts = [f'<li class="{style}"><span class="what">{escape(title)}</span>']
    parts.append(f'<span class="number">{escape(number)}</span>')
    if told:
        parts.append(f'<span class="told">{escape(told)}</span>')
    if goal:
        parts.append(f'<span class="goal">{mark}{escape(goal)}</span>')
    return "".join([*parts, "</li>"])


def _emergencies(report: Report, lang: Language) -> Iterator[str]:
    if not report.emergencies:
        return
    yield f'<section class="emergencies"><h2>{escape(say(lang, "emergencies"))}</h2>'
    for one in report.emergencies:
        first, *more = emergency_words(one, lang)
        yield f"<p><strong>{escape(first)}</strong><br>{'<br>'.join(map(escape, more))}</p>"
    yield "</section>"


def _sections(report: Report, lang: Language) -> Iterator[str]:
    charts = pictures(report, lang)
    if not report.total.counts.offered:
        yield f"<p>{escape(say(lang, 'empty'))}</p>"
        return
    whole, *others = tables(report, lang)
    for table in others:
        yield f'<section aria-labelledby="t-{table.id}">'
        yield f'<h2 id="t-{table.id}">{escape(table.caption)}</h2>'
        yield from charts.get(table.id, ())
        total = {**whole.rows[0], "key": "total", "queue": say(lang, "total")}
        rows = (*table.rows, total) if table.id == "queues" else table.rows
        yield _table(msgspec.structs.replace(table, rows=rows), lang)
        yield "</section>"


def _table(table: Table, lang: Language) -> str:
    head = "".join(f'<th scope="col"{_right(column)}>{escape(column.title)}</th>' for column in table.columns)
    rows = "\n".join(_row(table, row, lang) for row in table.rows)
    label = escape(table.caption)
    breaks = "tight" if table.id in TIGHT else "roomy"
    made = (
        f'<div class="wide" tabindex="0" role="group" aria-label="{label}"><table class="{breaks}">\n'
        f'<caption class="unseen">{label}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )
    if table.id in FOLDED and len(table.rows) >= FOLDED_ROWS_MIN:
        return f"<details><summary>{label}: {words.count(len(table.rows), lang)}</summary>{made}</details>"
    return made


def _row(table: Table, row: Row, lang: Language) -> str:
    first, *others = table.columns
    cells = [f'<th scope="row">{escape(cell(row.get(first.id), first.style, lang))}</th>']
    for column in others:
        value = row.get(column.id)
        mark = ' class="no"' if value is False else ""
        cells.append(f"<td{mark or _right(column)}>{escape(cell(value, column.style, lang))}</td>")
    whole = ' class="whole"' if row.get("key") == "total" else ""
    return f"<tr{whole}>{''.join(cells)}</tr>"


def _right(column: Column) -> str:
    return "" if column.style == "text" else ' class="n"'


def _notes(report: Report, lang: Language) -> Iterator[str]:
    yield f'<section class="notes"><h2>{escape(say(lang, "notes"))}</h2><ul>'
    for note in notes(report, lang):
        yield f"<li>{escape(note)}</li>"
    yield "</ul></section>"
