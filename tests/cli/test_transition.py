"""``acd transition``, ``acd rehearse`` and ``acd forecast`` as an operator types them."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import msgspec
import pytest

from acd.cli import rehearse as rehearse_module
from acd.core.ids import SiteId
from acd.transition.rehearsing import LineResult, Trial, Tried

WHY = ("--reason", "spegnimento nazionale")


class Callee:
    """Every line presses the key, but those a test names."""

    def __init__(self, **results: LineResult) -> None:
        self.results = results

    async def try_line(self, trial: Trial) -> Tried:
        await asyncio.sleep(0)
        return Tried(result=self.results.get(trial.line.office, LineResult.PRESSED), ring_ms=1_200)


@pytest.fixture
def callee(living, monkeypatch: pytest.MonkeyPatch) -> Callee:
    """Who answers at the offices' lines."""
    made = Callee()
    monkeypatch.setattr(rehearse_module, "LOOK_S", 0.05)
    living.centre.rehearsal()._triers = lambda: [made]
    living.centre.rehearsal()._offices = lambda: [
        msgspec.structs.replace(view, in_use=0) for view in living.centre.offices()
    ]
    return made


def test_a_whole_transition_by_command(run, living, callee):
    """Rehearse, start, next, back, finish; each says where it stands and is in force when it ends."""
    assert run("rehearse").exit_code == 0
    started = run("transition", "start", *WHY)
    assert started.exit_code == 0, started.output
    assert "Now: uffici 1/1 (Rispondono gli uffici), offices first but for 0 % of all sites" in started.stdout
    assert "Offered to offices first: 0 calls/h, now 0." in started.stderr
    assert living.centre.fallback().told().on
    assert "rientro 1/3" in run("transition", "next", *WHY).stdout
    assert living.centre.fallback().told().shares[SiteId("roma")] == 10
    back = run("transition", "back", *WHY)
    assert back.stdout.splitlines()[-1].startswith("Now: uffici 1/1")
    assert "Offered" not in back.stderr, "no forecast, no question"
    assert (
        run("transition", "finish", *WHY, "--yes").stdout.splitlines()[-1] == "The transition does not run."
    )
    assert not living.centre.fallback().told().on


def test_it_is_refused_while_the_lines_are_not_ready_unless_forced(run, living, callee):
    refused = run("transition", "start", *WHY)
    assert refused.exit_code == 1
    assert "0 of 2 lines are ready, and 90% are wanted: none was ever tried" in refused.stderr
    assert run("transition", "start", "--force", *WHY).exit_code == 0


@pytest.mark.parametrize("move", ["next", "back", "finish"])
def test_what_leads_nowhere_is_refused_in_a_sentence(run, living, move: str):
    told = run("transition", move, *WHY)
    assert told.exit_code == 1
    assert told.stderr.count("The transition does not run") == 1


def test_a_reason_is_wanted_and_a_short_one_is_none(run, living):
    assert run("transition", "back").exit_code == 2
    short = run("transition", "back", "--reason", "boh")
    assert short.exit_code == 1
    assert "10 to" in short.stderr


def test_the_status_says_what_lies_ahead_and_who_did_what(run, living, callee):
    run("rehearse")
    run("transition", "start", *WHY)
    told = run("transition", "status")
    assert told.exit_code == 0, told.output
    assert "next: rientro 1/3 (Rientrano gli operatori), offices first but for 0 % bolzano" in told.stdout
    assert "Lines ready: 2 of 2; a start wants 90%." in told.stdout
    assert "spegnimento nazionale" in told.stdout
    found = json.loads(run("transition", "status", "--json").stdout)
    assert (found["here"]["phase"], found["ahead"]["step"], found["behind"]) == ("uffici", 0, None)


def test_a_rehearsal_as_table_json_and_csv(run, living, callee):
    """One office answers with a voicemail: exit 1, and the transition would not start."""
    callee.results["bolzano"] = LineResult.ANSWERED
    told = run("rehearse")
    assert told.exit_code == 1
    assert "pressed" in told.stdout
    assert "1 of 2 lines are ready; a start wants 90%." in told.stdout
    assert "The transition would not start" in told.stderr
    rows = list(csv.DictReader(io.StringIO(run("rehearse", "--list", "--csv").stdout)))
    assert [(row["office"], row["result"], row["ready"], row["ring_s"]) for row in rows] == [
        ("roma", "pressed", "yes", "1.2"),
        ("bolzano", "answered", "no", "1.2"),
    ]
    callee.results.clear()
    assert run("rehearse", "--missing").exit_code == 0
    found = json.loads(run("rehearse", "--list", "--json").stdout)
    assert (found["to_try"], found["readiness"]["ready"]) == (1, 2)
    assert run("rehearse", "--missing").exit_code == 1, "nothing is left to try"
    assert "no office 'nessuno'" in run("rehearse", "nessuno").stderr
    assert run("rehearse", "--stop").exit_code == 1


def test_while_the_acd_rests_nobody_is_called(run):
    told = run("rehearse")
    assert told.exit_code == 1
    assert "No Asterisk is connected" in told.stderr


def test_a_forecast_of_a_toggle_names_who_would_be_out_of_reach(run, living, callee):
    told = run("forecast", "fallback-off", "--scope", "office:roma")
    assert told.exit_code == 1
    assert "Own offices all closed or switched off: RM." in told.stderr
    assert "a talk takes 300 s (assumed: too few talks)" in told.stdout
    found = json.loads(run("forecast", "start", "--json").stdout)
    assert (found["calls"], found["out_of_reach"], found["offices_h"]) == (0, [], 36.0)
    assert run("forecast", "next").exit_code == 1
