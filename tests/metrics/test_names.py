"""The table of metrics keeps its rules, and nothing is exposed that it does not hold."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from acd.metrics import document
from acd.metrics.labels import CORRECTIONS, FACTS
from acd.metrics.names import METRICS, Kind
from acd.metrics.observe import MetricsObserver
from tests.metrics.samples import node, observer, queue_view, summary

OF_THE_RULES = {"queue", "site", "office", "trunk", "code", "phase", "scope", "revision"}
OF_THE_SETTINGS = {"server", "version", "route", "method"}
OF_OURS = {"outcome", "path", "result", "state", "kind", "reason", "fact", "mode", "origin"}
ALLOWED_LABELS = OF_THE_RULES | OF_THE_SETTINGS | OF_OURS
ROOT = Path(__file__).resolve().parents[2]


def exposed() -> MetricsObserver:
    seen = observer()
    seen.refresh(summary(), [queue_view()], [node(ACDEnter=1)])
    return seen


def test_no_metric_knows_an_agent():
    """No label can hold a person, a call or a number: labels come from a short list, reviewed here."""
    assert {label for metric in METRICS for label in metric.labels} <= ALLOWED_LABELS
    assert not [metric.name for metric in METRICS if "agent" in metric.labels]


def test_table_and_exposition_hold_the_same_metrics():
    """Every row is exposed with its type and help, and nothing beside the rows."""
    families = {family.name: family for family in exposed().registry.collect()}
    wanted = {metric.name.removesuffix("_total"): metric for metric in METRICS}
    assert families.keys() == wanted.keys()
    for name, metric in wanted.items():
        assert families[name].type == metric.kind.value, name
        assert families[name].documentation == metric.help, name


def test_samples_carry_exactly_the_labels_of_their_row():
    """A series has the labels the table says, a histogram ``le`` besides."""
    wanted = {metric.name.removesuffix("_total"): set(metric.labels) for metric in METRICS}
    for family in exposed().registry.collect():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == wanted[family.name], sample


def test_names_are_unique_and_follow_the_practice():
    """Prefix, unit and suffix are Prometheus' own practice; a name stands once."""
    assert [name for name, count in Counter(metric.name for metric in METRICS).items() if count > 1] == []
    for metric in METRICS:
        assert metric.name.startswith("acd_")
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric.name
        assert (metric.unit == "seconds") == metric.name.endswith("_seconds"), metric.name
        assert metric.help.endswith("."), metric.name


def test_no_created_series():
    """The ``_created`` series, an eighth of all, are switched off."""
    assert b"_created" not in exposed().render()


def test_promtool_finds_nothing_to_say():
    """The linter of Prometheus itself accepts the exposition."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (scripts/promtool fetches it without starting anything)")
    linted = subprocess.run(
        [promtool, "check", "metrics"], input=exposed().render(), capture_output=True, check=False, timeout=30
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, b"", b"")


def test_document_is_what_the_table_makes():
    """docs/metrics.md is generated; ``python -m acd.metrics.document`` writes it anew."""
    assert document.main(["--check"]) == 0


def test_document_check_says_when_it_differs(tmp_path, monkeypatch, capsys):
    """A document that is not the table's is an error that says what to run."""
    stale = tmp_path / "metrics.md"
    stale.write_text("old", encoding="utf-8")
    monkeypatch.setattr(document, "DOCUMENT", stale)
    assert document.main(["--check"]) == 1
    assert "run python -m acd.metrics.document" in capsys.readouterr().err
    assert document.main([]) == 0
    assert document.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("note", "field", "known"), [("Corrected", "kind", CORRECTIONS), ("Late", "fact", FACTS)]
)
def test_the_words_the_engine_uses_have_a_series_of_their_own(note, field, known):
    """A word the engine writes into a note is in the closed set, so it is not hidden under ``other``."""
    used = {
        keyword.value.value
        for file in (ROOT / "acd" / "core").glob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == note
        for keyword in call.keywords
        if keyword.arg == field and isinstance(keyword.value, ast.Constant)
    }
    assert used <= set(known)
