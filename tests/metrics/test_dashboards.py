"""The committed dashboards are what the code makes, keep the house rules, and ask for metrics there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from acd.metrics.names import METRICS, Kind
from grafana_dashboards import cli
from grafana_dashboards.sdk import JSONEncoder, model, register_default_plugins

GRAFANA = cli.FOLDER.parent
FILES = sorted(cli.FOLDER.glob("*.json"))
SUFFIXES = {
    Kind.COUNTER: ("",),
    Kind.GAUGE: ("",),
    Kind.HISTOGRAM: ("_bucket", "_sum", "_count"),
    Kind.SUMMARY: ("_sum", "_count"),
}
SERIES = {metric.name + suffix: metric for metric in METRICS for suffix in SUFFIXES[metric.kind]}
SPANS = {"rate": "$__rate_interval", "changes": "$__rate_interval"}
SMOOTHED = {"avg_over_time": {"$__rate_interval", "$__range"}}
ENGLISH = re.compile(r"\b(the|calls?|waiting|agents?|queues?|service level)\b", re.IGNORECASE)


def load(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def panels() -> list:
    return [
        pytest.param(panel, id=f"{file.stem}: {panel['title']}")
        for file in FILES
        for panel in load(file)["panels"]
        if panel["type"] != "row"
    ]


def series_of(expression: str) -> set[str]:
    return set(re.findall(r"\bacd_\w+", expression))


def labels_of(expression: str) -> set[str]:
    matched = re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)\s*\"", expression)
    grouped = re.findall(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", expression)
    return {*matched, *(label.strip() for group in grouped for label in group.split(",") if label.strip())}


def test_files_are_what_the_generator_makes():
    """Nobody edits the JSON: ``scripts/dashboards`` writes it, and no file is left over."""
    assert cli.main(["--check"]) == 0
    assert {file.name for file in FILES} == set(cli.DASHBOARDS)


def test_generator_says_which_file_is_stale(tmp_path, monkeypatch, capsys):
    """A changed or missing file is an error that says what to run."""
    monkeypatch.setattr(cli, "FOLDER", tmp_path)
    assert cli.main(["--check"]) == 1
    assert "run it and commit" in capsys.readouterr().err
    assert cli.main([]) == 0
    assert cli.main(["--check"]) == 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_json_survives_a_round_trip_through_the_model(file):
    """What we commit is wholly understood by Grafana's own model: nothing is lost or added."""
    register_default_plugins()
    text = file.read_text(encoding="utf-8")
    read = model.Dashboard.from_json(json.loads(text))
    assert json.loads(json.dumps(read, cls=JSONEncoder)) == json.loads(text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_dashboard_is_found_by_a_stable_name(file):
    """A fixed uid and no numeric id, so that alerts can link to it and provisioning can replace it."""
    dashboard = load(file)
    assert dashboard["uid"].startswith("acd-")
    assert "id" not in dashboard
    assert dashboard["title"]
    assert dashboard["description"]
    assert next(variable["name"] for variable in dashboard["templating"]["list"]) == "datasource"


@pytest.mark.parametrize("panel", panels())
def test_panel_keeps_the_house_rules(panel):
    """Unit, Italian title and description, the chosen data source, nothing of a fixed length."""
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["title"]
    assert len(panel["description"]) > 20
    assert not ENGLISH.search(panel["title"] + " " + panel["description"].replace("contact center", ""))
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"
        for function, span in re.findall(r"(\w+)\([^()[]*\[([^]]*)\]", target["expr"]):
            allowed = SMOOTHED.get(function, {SPANS.get(function, "$__range")})
            assert span in allowed, target["expr"]
        if "$__range]" in target["expr"].replace("$__range] @ end()", ""):
            assert target["instant"], "a total over what is looked at is one number, no curve"


@pytest.mark.parametrize("panel", panels())
def test_thresholds_are_told_in_words_too(panel):
    """A colour that means something has its limits in the description, for those who see no colours."""
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    if len(steps) > 1:
        assert re.search(r"[Rr]osso|[Aa]rancione", panel["description"])


@pytest.mark.parametrize("panel", panels())
def test_expressions_ask_for_metrics_and_labels_there_are(panel):
    """A misspelt metric or label is found here, not by an empty panel; no label names an agent."""
    for target in panel["targets"]:
        series = series_of(target["expr"])
        assert series, target["expr"]
        assert series <= SERIES.keys()
        known = {"le", *(label for name in series for label in SERIES[name].labels)}
        made = set(re.findall(r'label_replace\(.*?, "(\w+)"', target["expr"]))
        assert labels_of(target["expr"]) <= known | made, target["expr"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_has_a_title_of_its_own_and_a_place_of_its_own(file):
    """Whoever speaks of a panel names one; nothing lies upon another, nothing beyond the edge."""
    panels = load(file)["panels"]
    titles = [panel["title"] for panel in panels if panel["type"] != "row"]
    assert len(titles) == len(set(titles))
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_overrides_and_steps_of_the_transition_are_marked(file):
    """Every dashboard shows when somebody switched, and asks metrics there are for it."""
    marks = {mark["name"]: mark for mark in load(file)["annotations"]["list"]}
    assert {"Override", "Passaggio", "Regole"} <= marks.keys()
    for mark in marks.values():
        assert mark["datasource"]["uid"] == "${datasource}"
        assert series_of(mark["expr"]) <= SERIES.keys()
        assert set(re.findall(r"\[([^]]*)\]", mark["expr"])) == {"$__rate_interval"}


def test_the_five_dashboards_lead_to_each_other():
    """All carry one tag, and a link to whatever carries it."""
    assert {load(file)["title"] for file in FILES} == {
        "Panoramica nazionale",
        "Dettaglio coda",
        "Uffici e fallback",
        "Motore",
        "Configurazione",
    }
    for file in FILES:
        dashboard = load(file)
        assert dashboard["tags"] == ["acd"]
        assert [link["tags"] for link in dashboard["links"]] == [["acd"]]


def test_variables_ask_for_metrics_there_are():
    """The list of queues comes from a metric of ours."""
    for file in FILES:
        for variable in load(file)["templating"]["list"]:
            assert series_of(variable["query"]) <= SERIES.keys()


def test_provisioning_is_yaml():
    """What a deployment copies can be read."""
    for file in GRAFANA.glob("provisioning/*/*.yaml"):
        assert YAML(typ="safe").load(file)["apiVersion"] == 1
