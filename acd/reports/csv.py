"""A report as one CSV: every table below the other under one heading, for spreadsheets and programs.

The columns are the ids of `acd.reports.tables`, the same in both languages; ``table`` and ``key`` say what a
row is. Ratios are numbers from 0 to 1 with a point, times seconds, moments of half hours milliseconds since
1970 in ``key``. A cell that is empty is not told or does not exist. Lines end as RFC 4180 says.
"""

from __future__ import annotations

import csv
import io

from acd.reports.shape import Report
from acd.reports.tables import Value, tables
from acd.reports.words import Language

__all__ = ["csv_text"]

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins with one of these would be worked out by a spreadsheet."""


def csv_text(report: Report, lang: Language) -> str:
    """All tables."""
    found = list(tables(report, lang))
    fields = list(dict.fromkeys(column.id for table in found for column in table.columns))
    fields += [name for name in ("good", "rebased_good", "rebased_of") if name not in fields]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["table", "key", *fields])
    for table in found:
        for row in table.rows:
            writer.writerow([table.id, row.get("key", ""), *(_cell(row.get(name)) for name in fields)])
    return written.getvalue()


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case str():
            return f"'{value}" if value.startswith(FORMULAS) else value
        case _:
            return str(value)
