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
ALERTS = [
    rule
    for group in YAML(typ="safe").load(PROMETHEUS / "acd.rules.yml")["groups"]
    for rule in group["rules"]
    if "alert" in rule
]


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
    assert alert["labels"].keys() >= {"severity", "owner"}
    notes = alert["annotations"]
    assert notes["summary"]
    assert notes["description"]
    file, _, section = notes["runbook_url"].partition("#")
    headings = re.findall(r"^## (\w+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert section in {heading.lower() for heading in headings}
    assert alert["alert"] in headings
    dashboards = "".join(f.read_text("utf-8") for f in (ROOT / "config/grafana/dashboards").glob("*.json"))
    assert f'"uid": "{notes["dashboard"]}"' in dashboards


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_alert_asks_for_metrics_there_are(alert):
    """A misspelt metric in ``absent`` would page for ever; elsewhere it would never."""
    assert set(re.findall(r"\bacd_\w+", alert["expr"])) <= {metric.name for metric in METRICS}


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
    """The unit tests of the rules: absent for two minutes pages, a restart does not."""
    tested = promtool("test", "rules", *(str(file) for file in sorted(PROMETHEUS.glob("tests/*.test.yml"))))
    assert tested.returncode == 0, tested.stdout + tested.stderr
