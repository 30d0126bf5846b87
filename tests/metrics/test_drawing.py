"""Pictures of the dashboards: variables as Grafana fills them, figures as Italians read them, a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd_panels.answers import Answer, Window, name_of
from acd_panels.dashboards import Asked, filled, read
from acd_panels.draw import draw
from acd_panels.figures import NOTHING, colour_of, figure
from acd_panels.prometheus import Series

ROOT = Path(__file__).resolve().parents[2]
DASHBOARDS = sorted((ROOT / "config" / "grafana" / "dashboards").glob("*.json"))
NOW_S = 1_773_148_380.0


@pytest.mark.parametrize(
    ("step_s", "rate"),
    [pytest.param(15, "60s", id="four scrapes at least"), pytest.param(1800, "1815s", id="step and scrape")],
)
def test_the_rate_interval_is_grafanas(step_s, rate):
    """The step and one scrape more, four scrapes at least; what is no variable stays."""
    expr = 'rate(a{q=~"$queue"}[$__rate_interval]) + increase(b[$__range]) + label_replace(c, "d", "$1")'
    assert filled(expr, {"queue": ".*"}, step_s=step_s, scrape_s=15, range_s=21_600) == (
        f'rate(a{{q=~".*"}}[{rate}]) + increase(b[21600s]) + label_replace(c, "d", "$1")'
    )


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.959, "percentunit", "95,9 %"),
        (12_345, "short", "12\u2009345"),
        (4.25, "short", "4,25"),
        (0.00042, "s", "420 µs"),
        (17.8, "s", "17,8 s"),
        (400, "s", "6:40 min"),
        (7_500, "s", "2:05 h"),
        (61.2, "cpm", "61,2/min"),
        (float("nan"), "s", NOTHING),
        ((NOW_S - 3_600) * 1000, "dateTimeFromNow", "1 ora fa"),
        ((NOW_S + 7_000) * 1000, "dateTimeFromNow", "fra 2 ore"),
        (NOW_S * 1000, "dateTimeAsIso", "10/03/2026 14:13"),
    ],
)
def test_figures_are_told_as_italians_read_them(value, unit, words):
    """A comma before the decimals, minutes as a clock has them, distances in words."""
    assert figure(value, {"unit": unit}, NOW_S) == words


def test_a_value_has_its_word_and_its_colour():
    """Mappings go before thresholds."""
    mappings = [{"type": "value", "options": {"1": {"text": "attivo", "color": "orange"}}}]
    steps = [{"value": None, "color": "green"}, {"value": 2, "color": "red"}]
    defaults = {"unit": "short", "mappings": mappings, "thresholds": {"steps": steps}}
    assert (figure(1, defaults), colour_of(1, defaults)) == ("attivo", "orange")
    assert (figure(2, defaults), colour_of(2, defaults)) == ("2", "red")
    assert colour_of(0, defaults) == "green"


def test_a_legend_is_filled_from_labels():
    """As Grafana's ``{{label}}``; without a legend, the labels' values."""
    series = Series({"queue": "pensioni"}, ((NOW_S, 1.0),))
    assert name_of(series, Asked("A", "x", "{{queue}}: liberi", instant=True)) == "pensioni: liberi"
    assert name_of(series, Asked("A", "x", "", instant=True)) == "pensioni"


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_is_drawn_with_and_without_data(file, tmp_path):
    """Every kind of panel that a dashboard has can be drawn, a silent query makes no gap in the sheet."""
    dashboard = read(file)
    window = Window(NOW_S - 3_600, NOW_S, 60, 15, {"queue": ".*"})
    labels = ("queue", "office", "site", "server", "scope", "revision")
    points = tuple((NOW_S - 3_600 + 60 * index, float(index % 3)) for index in range(61))
    several = [Series(dict.fromkeys(labels, name), points) for name in ("pensioni", "famiglia")]
    for name, series in (("full", tuple(several)), ("empty", ())):
        answers = {
            panel.title: tuple(Answer(asked, series) for asked in panel.asked)
            for panel in dashboard.panels
            if panel.kind != "row"
        }
        draw(
            dashboard, answers, [("Override", "orange", [(NOW_S - 600, "national")])], window, tmp_path / name
        )
    assert (tmp_path / "full").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "empty").read_bytes().startswith(b"\x89PNG")
