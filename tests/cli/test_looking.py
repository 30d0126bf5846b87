"""``acd queues``, ``calls``, ``offices``: aligned for people, the API's own items for programs."""

from __future__ import annotations

import json


def columns_fit(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


def test_queues(run, living):
    """Trouble first for people, the order of the rules for programs."""
    told = run("queues")
    assert told.exit_code == 0, told.output
    assert columns_fit(told.stdout)
    first = told.stdout.splitlines()[1]
    said = json.loads(run("queues", "--json").stdout)
    assert first.startswith(said["items"][2]["name"])
    assert [item["waiting"] for item in said["items"]] == [0, 4, 2]


def test_calls(run, living):
    """All, or those of one queue, at most so many."""
    told = run("calls")
    assert told.exit_code == 0, told.output
    assert columns_fit(told.stdout)
    assert "1:30" in told.stdout
    assert len(json.loads(run("calls", "--json").stdout)["items"]) == 5
    some = run("calls", "--limit", "2")
    assert len(some.stdout.splitlines()) == 3
    assert "The first 2 are shown" in some.stderr


def test_calls_of_a_queue_nobody_knows(run, living):
    """Exit 1 with the API's sentence."""
    told = run("calls", "--queue", "nowhere")
    assert told.exit_code == 1
    assert "nowhere" in told.stderr
    assert told.stdout == ""


def test_no_call(run, living):
    """A sentence, not an empty table."""
    living.centre.calls_count = 0
    assert run("calls").stdout == "No call is in progress.\n"
    assert json.loads(run("calls", "--json").stdout) == {"items": []}


def test_offices(run, living):
    """A full line says so in a word; --in-use leaves out the idle ones."""
    told = run("offices")
    assert told.exit_code == 0, told.output
    assert columns_fit(told.stdout)
    assert told.stdout.count("full") == 1
    everybody = json.loads(run("offices", "--json").stdout)["items"]
    busy = json.loads(run("offices", "--in-use", "--json").stdout)["items"]
    assert len(busy) == 1 < len(everybody)
    assert [office["id"] for office in everybody] == list(living.centre.rules().offices)


def test_a_viewer_sees_no_calls(run, living):
    """Exit 1: the role does not allow it, and the sentence says which would."""
    told = run("calls", "--url", f"http://127.0.0.1:{living.port}", "--token-env", "WALL")
    assert told.exit_code == 1
    assert "supervisor" in told.stderr
