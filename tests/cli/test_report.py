"""``acd report``, as a supervisor types it: whether the ACD runs or its store lies there alone."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json

import pytest

from acd.rules.settings import StoreSettings
from acd.runtime.clock import SystemClock
from acd.store.sql import open_store
from tests.cli.centre import beside, served
from tests.reports.made import CALLS, MONDAY, TUESDAY

PERIOD = ("--from", MONDAY, "--to", TUESDAY)
GOALS = (
    f'goals: [{{from_day: "{MONDAY}", ratio: 0.5}}, {{from_day: "{TUESDAY}", ratio: 0.6}}]\n'
    "emergencies:\n"
    f'- {{id: guasto, begins: "{TUESDAY} 10:00", ends: "{TUESDAY}", reason: "rete interrotta", '
    'act: "Determina 1 del 3 marzo", ratio: 0.3, threshold_s: 300}\n'
)


@pytest.fixture
def ledger(tmp_path):
    """A store with the calls of two days, closed again."""

    async def fill() -> None:
        store = await open_store(StoreSettings(file=tmp_path / "acd.sqlite"), SystemClock())
        for row in CALLS:
            store.tell_call(row)
        await store.close()

    asyncio.run(fill())
    (tmp_path / "goals.yaml").write_text(GOALS)


@pytest.fixture(params=["running", "resting"])
def asked(request, run, ledger, tmp_path):
    """Call ``acd`` on the books, open or at rest."""
    with contextlib.ExitStack() as stack:
        if request.param == "running":
            stack.enter_context(beside(lambda: served(tmp_path)))
        yield run


@pytest.mark.parametrize("kind", ["day", "interval", "sla"])
def test_every_report_tells_what_it_divides(asked, kind):
    """Offered, answered, the level and of how many calls; and how all of it is counted."""
    told = asked("report", kind, *PERIOD)
    assert told.exit_code == 0, told.output
    assert "17" in told.stdout
    assert "28,5 %" in told.stdout, "4 of 14"
    assert "- Livello di servizio: senza gli abbandoni entro soglia." in told.stdout
    assert "Per coda" in told.stdout


def test_json_is_what_the_api_answers(asked):
    """One object, with both numbers of each share."""
    made = json.loads(asked("report", "sla", *PERIOD, "--json").stdout)
    assert made["total"]["raw"]["level"] == {"good": 4, "of": 14, "ratio": pytest.approx(4 / 14)}


def test_raw_and_rebased_stand_side_by_side(run, ledger):
    """With the goals of the settings, at rest; the emergency is named with its act."""
    told = run("report", "sla", *PERIOD, "--lang", "en", more="goals: goals.yaml\n")
    assert told.exit_code == 0, told.output
    assert "guasto: 3 Mar 2026, 10:00 to 3 Mar 2026" in told.stdout
    assert "declared by: Determina 1 del 3 marzo" in told.stdout
    whole = json.loads(run("report", "sla", *PERIOD, "--json", more="goals: goals.yaml\n").stdout)
    assert whole["total"]["rebased"]["level"] == {"good": 5, "of": 13, "ratio": pytest.approx(5 / 13)}


def test_the_headline_is_that_of_the_settings_at_rest_too(run, ledger):
    """Its name stands where the number does."""
    told = run("report", "sla", *PERIOD, "--json", more="service_level: answered_only\n")
    made = json.loads(told.stdout)
    assert made["headline"] == "answered_only"
    assert made["total"]["raw"]["level"]["of"] == 8


def test_csv_and_page_go_into_files(asked, tmp_path):
    """Whole, and their owner's alone."""
    for form, name in (("--csv", "r.csv"), ("--html", "r.html")):
        told = asked("report", "day", *PERIOD, form, "--out", str(tmp_path / name))
        assert told.exit_code == 0, told.output
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text())))
    assert [row["offered"] for row in rows if row["table"] == "days"] == ["9", "8"]
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_today_is_the_period_that_is_not_given(run, ledger):
    """Of which the ledger has nothing: that is said."""
    told = run("report", "day")
    assert told.exit_code == 0
    assert "Nessuna chiamata conclusa in questo periodo." in told.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("day", "--from", "lunedì"), 1, "'lunedì' is no day"),
        (("day", "--from", TUESDAY, "--to", MONDAY), 1, "is before"),
        (("day", *PERIOD, "--csv", "--html"), 2, "one form at a time"),
        (("day", *PERIOD, "--out", "x"), 2, "into a file write --csv"),
        (("day", *PERIOD, "--queue", "pensoni"), 1, "There is no queue 'pensoni'"),
        (("week",), 2, "'week' is not one of"),
    ],
)
def test_what_cannot_be_reported_is_told(run, ledger, arguments, status, sentence):
    """In a sentence."""
    told = run("report", *arguments)
    assert told.exit_code == status
    assert sentence in told.output


def test_a_narrow_terminal_says_that_columns_are_left_out(run, ledger, monkeypatch):
    """And keeps within its width."""
    monkeypatch.setenv("COLUMNS", "60")
    told = run("report", "day", *PERIOD)
    assert "Some columns are left out" in told.stderr
    table = [line for line in told.stdout.splitlines() if line.startswith(("lun ", "mar "))]
    assert table
    assert all(len(line) <= 60 for line in table)


def test_no_number_of_a_caller_leaves_the_store(run, ledger):
    """Hashes neither, in no form."""
    hashes = {row.caller for row in CALLS if row.caller}
    calls = {row.call for row in CALLS}
    for form in ("--json", "--csv", "--html"):
        text = run("report", "day", *PERIOD, form).stdout
        assert not [one for one in hashes if one in text]
        assert not [one for one in calls if one in text]
