"""Alerts fire when they must, stay silent when they must, and tell a person what to do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from acd.metrics.names import METRICS
from acd.rules.settings import MetricsSettings

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "config" / "prometheus"
RULES = [
    rule
    for name in ("acd.rules.yml", "acd.recording.yml")
    for group in YAML(typ="safe").load(PROMETHEUS / name)["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
UNIT_TESTS = sorted(PROMETHEUS.glob("tests/*.test.yml"))
SEVERITIES = {"page", "ticket", "info"}
OWNERS = {"acd", "turno", "operazioni"}
SUFFIX = re.compile(r"_(bucket|sum|count)$")
KNOWN = {metric.name for metric in METRICS}


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (scripts/promtool fetches it without starting anything)")
    return subprocess.run(
        [tool, *arguments], capture_output=True, text=True, check=False, timeout=60, cwd=PROMETHEUS
    )


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_alert_tells_a_person_what_to_do(alert):
    """Owner, severity, Italian summary, a dashboard there is, and a runbook section there is."""
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["labels"]["owner"] in OWNERS
    notes = alert["annotations"]
    assert notes["summary"]
    assert notes["description"]
    file, _, section = notes["runbook_url"].partition("#")
    headings = re.findall(r"^## (\w+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert section in {heading.lower() for heading in headings}
    assert alert["alert"] in headings
    dashboards = "".join(f.read_text("utf-8") for f in (ROOT / "config/grafana/dashboards").glob("*.json"))
    uid, _, chosen = notes["dashboard"].partition("?")
    assert f'"uid": "{uid}"' in dashboards
    variable = re.match(r"var-(\w+)=\{\{ \$labels\.(\w+) \}\}$", chosen)
    assert not chosen or (variable is not None and variable[1] == variable[2])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_rule_asks_for_metrics_there_are(rule):
    """A misspelt metric in ``absent`` would page for ever; elsewhere it would never."""
    recorded = set(re.findall(r"\b\w+:acd_\w+:\w+|\bacd:\w+:\w+", rule["expr"]))
    assert recorded <= RECORDED
    plain = re.sub(r"\b\w+:\w+:\w+", "", rule["expr"])
    asked = set(re.findall(r"\bacd_\w+", plain))
    assert asked or recorded
    assert {name if name in KNOWN else SUFFIX.sub("", name) for name in asked} <= KNOWN


def test_sample_loads_every_rule_file():
    """Who copies the sample has the alerts and the ratios they ask for."""
    sample = YAML(typ="safe").load(PROMETHEUS / "prometheus.yml")
    assert sorted(sample["rule_files"]) == sorted(file.name for file in PROMETHEUS.glob("acd.*.yml"))


def test_no_runbook_without_an_alert():
    """A runbook whose alert is gone would be looked up in vain."""
    headings = re.findall(r"^## (Acd\w+)$", (ROOT / "docs/runbooks.md").read_text("utf-8"), re.MULTILINE)
    assert headings == [alert["alert"] for alert in ALERTS]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_alert_is_seen_to_fire_and_to_be_silent(alert):
    """Each alert has a unit test in which it fires, and one in which it does not."""
    tests = [
        expectation
        for file in UNIT_TESTS
        for test in YAML(typ="safe").load(file)["tests"]
        for expectation in test.get("promql_expr_test", ())
        if re.search(rf"[\"|]{alert['alert']}[\"|]", expectation["expr"])
    ]
    assert any(test["exp_samples"] for test in tests), "it is never seen to fire"
    assert any(not test["exp_samples"] for test in tests), "it is never seen to be silent"


def test_sample_scrapes_the_address_of_the_settings():
    """The sample configuration and the default settings name one address."""
    sample = YAML(typ="safe").load(PROMETHEUS / "prometheus.yml")
    settings = MetricsSettings()
    assert sample["scrape_configs"][0]["static_configs"][0]["targets"] == [
        f"{settings.address}:{settings.port}"
    ]


def test_promtool_accepts_sample_and_rules():
    """Prometheus' own checker reads the sample configuration and the rules."""
    checked = promtool("check", "config", "prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alerts_fire_and_do_not_fire():
    """The unit tests of the rules, in Prometheus' own engine."""
    tested = promtool("test", "rules", *(str(file) for file in UNIT_TESTS))
    assert tested.returncode == 0, tested.stdout + tested.stderr
