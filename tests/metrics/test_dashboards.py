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
    """Unit, Italian title and description, the chosen data source, and nothing but ``$__rate_interval``."""
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["title"]
    assert len(panel["description"]) > 20
    assert not ENGLISH.search(panel["title"] + " " + panel["description"].replace("contact center", ""))
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"
        assert set(re.findall(r"\[([^]]*)\]", target["expr"])) <= {"$__rate_interval"}


@pytest.mark.parametrize("panel", panels())
def test_thresholds_are_told_in_words_too(panel):
    """A colour that means something has its limits in the description, for those who see no colours."""
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    if len(steps) > 1:
        assert re.search(r"[Rr]osso", panel["description"])


@pytest.mark.parametrize("panel", panels())
def test_expressions_ask_for_metrics_and_labels_there_are(panel):
    """A misspelt metric or label is found here, not by an empty panel; no label names an agent."""
    for target in panel["targets"]:
        series = series_of(target["expr"])
        assert series, target["expr"]
        assert series <= SERIES.keys()
        known = {"le", *(label for name in series for label in SERIES[name].labels)}
        assert labels_of(target["expr"]) <= known, target["expr"]


def test_variables_ask_for_metrics_there_are():
    """The list of queues comes from a metric of ours."""
    for file in FILES:
        for variable in load(file)["templating"]["list"]:
            assert series_of(variable["query"]) <= SERIES.keys()


def test_provisioning_is_yaml():
    """What a deployment copies can be read."""
    for file in GRAFANA.glob("provisioning/*/*.yaml"):
        assert YAML(typ="safe").load(file)["apiVersion"] == 1
