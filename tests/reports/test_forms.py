"""The forms of a report: a page that stands by itself, CSV that adds up, the same words in both languages."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from acd.reports import Kind, make_report
from acd.reports.csv import csv_text
from acd.reports.page import page
from acd.reports.tables import tables
from acd.reports.texts import TEXTS
from acd.reports.words import clock, count, percent, span
from tests.reports.made import MONDAY, TUESDAY, given, queue, rome
from tests.reports.test_making import asked

EMPTY = {"meta", "br"}


class Nesting(HTMLParser):
    """Complains about what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


async def reports(store, **more):
    return [await make_report(store, asked(kind), given(**more)) for kind in Kind]


async def test_the_page_needs_nothing_else(store):
    """No script, no address but its own; every picture has a title and every table a caption."""
    for report in await reports(store):
        text = page(report, "it", "Ente <di prova>")
        assert not re.search(r"<script|https?:|url\((?!#)|@import|<link|<img", text)
        assert "Ente &lt;di prova&gt;" in text
        pictures = re.findall(r'<svg role="img".*?</svg>', text, re.DOTALL)
        assert pictures
        for picture in pictures:
            root = ET.fromstring(picture)
            assert root.findtext("title")
        assert text.count("<table") == text.count("<caption") > 1
        nesting = Nesting()
        nesting.feed(re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))
        assert not nesting.wrong
        assert not nesting.open


async def test_names_of_the_rules_are_text_in_the_page(store):
    """A queue may be called anything."""
    rules = given().rules
    evil = replace(queue("pensioni"), name='<img src=x onerror="1">')
    rules = replace(rules, queues={**rules.queues, evil.id: evil})
    report = await make_report(store, asked(Kind.DAY), given(rules=rules))
    assert "<img" not in page(report, "it")
    assert "&lt;img src=x" in page(report, "it")


async def test_every_figure_of_the_page_stands_in_a_table_too(store):
    """Raw and re-based, with what they are divided by."""
    sla = await make_report(store, asked(Kind.SLA), given())
    cells = {table.id: {row["key"]: row for row in table.rows} for table in tables(sla, "it")}
    line = cells["levels"]["early_abandons_excluded"]
    assert (line["good"], line["of"], line["rebased_good"], line["rebased_of"]) == (4, 14, 5, 13)
    total = cells["parts"]["total"]
    assert (total["reached"], total["rebased_reached"]) == (False, False)
    assert cells["ends"]["offered"]["calls"] == 17


async def test_csv_adds_up_to_the_total(store):
    """Days, queues, paths and provinces, each to all that were offered."""
    report = await make_report(store, asked(), given())
    rows = list(csv.DictReader(io.StringIO(csv_text(report, "it"))))
    for table in ("total", "days", "queues", "paths", "provinces"):
        assert sum(int(row["offered"]) for row in rows if row["table"] == table) == 17, table
    (monday,) = [row for row in rows if (row["table"], row["key"]) == ("days", MONDAY)]
    assert float(monday["level"]) == pytest.approx(2 / 6, abs=1e-5)
    assert (monday["of"], monday["goal"]) == ("6", "0.5")


async def test_csv_has_no_formula_of_a_spreadsheet(store):
    """A name that begins like one is quoted."""
    rules = given().rules
    evil = replace(queue("pensioni"), name="=cmd()")
    rules = replace(rules, queues={**rules.queues, evil.id: evil})
    text = csv_text(await make_report(store, asked(), given(rules=rules)), "it")
    assert "'=cmd()" in text
    assert ",=cmd()" not in text


async def test_english_tells_the_same_numbers(store):
    """Other words, another comma."""
    for report in await reports(store):
        italian, english = (list(tables(report, lang)) for lang in ("it", "en"))
        assert [table.id for table in italian] == [table.id for table in english]
        assert [len(table.rows) for table in italian] == [len(table.rows) for table in english]
    assert 'lang="en"' in page(report, "en")


async def test_the_paper_of_a_day_without_calls_says_so(store):
    """No chart of nothing."""
    report = await make_report(store, asked(Kind.SLA, "2026-01-01", "2026-01-01"), given())
    text = page(report, "it")
    assert "Nessuna chiamata conclusa in questo periodo." in text
    assert "<svg" not in text


def test_both_languages_have_the_same_texts():
    """With the same places."""
    italian, english = TEXTS["it"], TEXTS["en"]
    assert italian.keys() == english.keys()
    for key, text in italian.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key])), key


def test_a_ratio_is_never_rounded_up_to_a_goal():
    """94.96 % is not the 95.0 % it misses; 94.5 % is itself."""
    assert percent(0.94999, "en") == "94.9 %"
    assert [percent(goal, "it") for goal in (0.932, 0.945, 0.959, 1.0)] == [
        "93,2 %",
        "94,5 %",
        "95,9 %",
        "100,0 %",
    ]
    assert percent(None, "it") == "\N{EN DASH}"


def test_numbers_times_and_spans_as_people_read_them():
    """Thousands apart, seconds as a clock, whole days without an hour."""
    assert (count(1_234_567, "it"), count(1_234_567, "en")) == ("1.234.567", "1,234,567")
    assert (clock(9), clock(65.4), clock(3_661), clock(None)) == ("0:09", "1:05", "1:01:01", "\N{EN DASH}")
    assert span(rome(MONDAY), rome(TUESDAY), "it") == "2/3/2026"
    assert span(rome(MONDAY, "08:00"), rome("2026-03-04"), "it") == "dal 2/3/2026, 08:00 al 3/3/2026"
