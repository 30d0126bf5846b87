"""``acd status``: one screen for whoever was woken, one object for a program."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace

import pytest

from acd.core.notes import AgentState
from acd.rules.exercise import exercise_of
from acd.rules.settings import ExerciseSettings


def test_a_ready_centre_on_one_screen(run, living):
    """Nodes, dialplan, store, calls, queues, offices, agents: within 24 lines of 80 columns; exit 0."""
    told = run("status")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("ready  rules ")
    for word in (
        "22.10.1",
        "as the rules",
        "writes",
        "34 in progress",
        "Longest",
        "1 of 2 in use",
        "30 ready",
    ):
        assert word in told.stdout
    lines = told.stdout.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in told.stdout


def test_queues_in_trouble_stand_first_and_say_so_in_words(run, living):
    """Where callers wait and nobody is there it says nobody; then the longest wait; then the quiet."""
    table = run("status").stdout.split("Queue", 1)[1].splitlines()
    assert "nobody" in table[1]
    assert "1:20" in table[2]
    assert "nobody" not in table[2] + table[3]


def test_why_it_is_not_ready(run, living):
    """Exit 1, and the reason of readyz."""
    living.centre.why_not = "n1: login refused"
    told, for_programs = run("status"), run("status", "--json")
    assert told.exit_code == for_programs.exit_code == 1
    assert "not ready: n1: login refused" in told.stdout


def test_the_object_for_programs(run, living):
    """docs/operations.md names these keys."""
    said = json.loads(run("status", "--json").stdout)
    assert set(said) == {"url", "ready", "summary", "queues", "offices"}
    assert said["ready"] is True
    assert [queue["waiting"] for queue in said["queues"]] == [0, 4, 2]
    assert said["summary"]["nodes"][0]["entry_revision"] == said["summary"]["entry_revision"]
    assert said["summary"]["store"]["writable"] is True


def test_a_dialplan_that_is_not_ours_is_told(run, living):
    """Asterisk runs other menus than the rules have: which, and what to do."""
    living.centre.runs_entry = "0123456789abcdef"
    told = " ".join(run("status").stdout.split())
    assert "0123456789abcdef, not as the rules" in told
    assert f"the rules say {living.centre.entry_revision()}: `acd export dialplan`" in told


def test_a_small_group_is_never_named(run, living):
    """Three people of one site are nobody to be shown by themselves."""
    living.centre.people = {"aosta": {AgentState.PAUSED: 3}}
    for told in (run("status"), run("status", "--all"), run("status", "--json")):
        assert told.exit_code == 0
        assert "aosta" not in told.stdout


def test_everything_on_demand(run, living):
    """--all tells sites, too."""
    assert "roma" in run("status", "--all").stdout


def test_a_viewer_may_look_over_tcp(run, living):
    """With a token from the environment, without the socket."""
    told = run("status", "--url", f"http://127.0.0.1:{living.port}", "--token-env", "WALL")
    assert told.exit_code == 0, told.output


def test_without_a_socket_the_address_and_the_first_token_of_the_settings(run, living):
    """As it was before there was a socket."""
    living.socket.unlink()
    assert run("status", api=living.port).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "start the ACD, or give --url"),
        (("--url", "http://127.0.0.1:1", "--token-env", "NO_SUCH"), "NO_SUCH holds no token"),
        (("--url", "nonsense"), "cannot be asked"),
        (("--watch",), "--watch draws on a terminal"),
    ],
)
def test_who_cannot_ask_says_so(run, arguments, sentence):
    """Exit 2 and one sentence, no traceback."""
    told = run("status", *arguments)
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert told.stdout == ""


def test_a_token_that_is_not_known(run, living, monkeypatch):
    """Exit 2: the API answered, but not to us."""
    monkeypatch.setenv("OTHER", "some-other-long-random-token")
    told = run("status", "--url", f"http://127.0.0.1:{living.port}", "--token-env", "OTHER")
    assert told.exit_code == 2
    assert "does not know the token" in told.stderr


def test_an_exercise_is_told_before_anything_else(run, living, monkeypatch):
    """The opening hours are not those of the day: nobody may take it for service."""
    told = ExerciseSettings(day="2022-12-05", begins="2026-11-23 18:00:00", day_s=180)
    keeper = SimpleNamespace(exercise=exercise_of(told), number=3, confirm_by_ms=None)
    monkeypatch.setattr(living.centre, "configuration", lambda: keeper)
    assert run("status").stdout.splitlines()[1].startswith("EXERCISE: the calendars are at 20")
    said = json.loads(run("status", "--json").stdout)["summary"]["exercise"]
    assert said["day_s"] == 180
    assert dt.datetime.fromisoformat(said["calendar"]).year >= 2022


def test_the_day_has_its_service_level_with_the_name_of_its_formula(run, living):
    """A number without its formula says nothing."""
    told = run("status").stdout
    assert "85.1 % within the threshold (early abandons excluded, of 94 calls)" in told
    assert "100 offered · 88 answered · 6 gave up, 2 more at once" in told
    today = json.loads(run("status", "--json").stdout)["summary"]["today"]
    assert (today["formula"], today["counted"]) == ("early_abandons_excluded", 94)


def test_the_size_of_the_metrics_is_told(run, living):
    """Somebody must notice before Prometheus does."""
    assert "Metrics   5,812 series" in run("status").stdout
