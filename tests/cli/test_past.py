"""``acd explain``, ``why-not``, ``state``, ``replay``: the past, from the journal of a stopped ACD."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from acd.cli.past import instant
from acd.errors import RequestError
from acd.journal.frames import frame
from acd.journal.segments import Segment
from tests.core.builders import agent
from tests.journal.made import RecordedCentre, segments

CALL = "milano-1700000000.7"
JOURNAL = "journal: {folder: journal}\n"
WHY = ("--purpose", "the caller complained")


@pytest.fixture
def scene(tmp_path: Path) -> RecordedCentre:
    """Twelve people of Rome and one of Bari; one call, answered."""
    people = [agent(f"a{number:04}") for number in range(12)] + [agent("bruno", "bari")]
    centre = RecordedCentre(tmp_path / "journal", agents=people)
    centre.pauses("bruno")
    centre.later(1_000)
    centre.enters(CALL)
    centre.talks(CALL)
    centre.later(65_000)
    centre.agent_hangs_up(CALL)
    centre.close()
    return centre


def audited(run) -> list[tuple[str, str, str]]:
    """What the audit has: action, target, detail."""
    told = json.loads(run("audit", "list", "--json", more=JOURNAL).stdout)["items"]
    return [(each["entry"]["action"], each["entry"]["target"], each["entry"]["detail"]) for each in told]


def test_explain(run, scene):
    """In Italian, by site, audited with the purpose."""
    told = run("explain", CALL, *WHY, more=JOURNAL)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].startswith("2023-11-14 23:13:21  Chi chiama è entrato nella coda Generale")
    assert "un operatore della sede roma" in told.stdout
    assert "a0000" not in told.stdout
    assert lines[-1].endswith("durata 1 min 05 s.")
    assert ("call.story", CALL, "purpose: the caller complained") in audited(run)


def test_explain_for_programs_in_english_with_agents(run, scene):
    """The API's object; naming agents is audited as such."""
    told = run("explain", CALL, *WHY, "--agents", "--lang", "en", "--json", more=JOURNAL)
    said = json.loads(told.stdout)
    assert (said["call"], said["lang"], said["ended"]) == (CALL, "en", True)
    rung = next(event for event in said["events"] if event["kind"] == "rung")
    assert rung["what"]["agent"] == "a0000"
    assert audited(run)[0][2].endswith("; with agents")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (("explain", "milano-1700000000.8", *WHY), 1, "nothing of a call"),
        (("explain", CALL, "--purpose", "short"), 1, "purpose"),
        (("explain", CALL), 2, "--purpose"),
        (("why-not", "--call", CALL, "--agent", "zoe", *WHY), 1, "no agent 'zoe'"),
        (("why-not", "--call", CALL, "--agent", "bruno", "--at", "noon", *WHY), 1, "is no moment"),
        (("why-not", "--call", CALL, "--agent", "bruno", "--at", "2020-01-01", *WHY), 2, "begins later"),
        (("state", "--at", "2020-01-01"), 2, "begins later"),
        (("replay", "nowhere"), 2, "is no segment"),
    ],
)
def test_what_cannot_be_told(run, scene, arguments, exit_code, sentence):
    """A sentence, and the exit status of the rest of the command."""
    told = run(*arguments, more=JOURNAL)
    assert (told.exit_code, told.stdout) == (exit_code, "")
    assert sentence in told.stderr


def test_without_a_journal_in_the_settings(run):
    """It says what is missing."""
    told = run("explain", CALL, *WHY)
    assert told.exit_code != 0
    assert "keeps no journal" in told.stderr
    assert "name no journal" in run("replay").stderr


def test_why_not(run, scene):
    """At the moment somebody was chosen, and at another; audited with call and agent."""
    told = run("why-not", "--call", CALL, "--agent", "bruno", *WHY, "--lang", "en", more=JOURNAL)
    assert told.stdout == "At 2023-11-14 23:13:21 bruno of site bari was paused.\n"
    asked = ("why-not", "--call", CALL, "--agent", "bruno", *WHY, "--at", "2023-11-14T23:14:00", "--json")
    said = json.loads(run(*asked, more=JOURNAL).stdout)
    assert (said["reason"], said["agent_state"]) == ("not_waiting", "paused")
    assert ("call.why-not", f"{CALL} bruno", "purpose: the caller complained") in audited(run)


def test_state(run, scene):
    """Queues and groups as they were; a small group is not told apart."""
    told = run("state", "--at", "2023-11-14T23:14:00", more=JOURNAL)
    assert told.exit_code == 0, told.output
    assert "1 in progress of 1" in told.stdout
    assert "bari" not in told.stdout
    said = json.loads(run("state", "--at", "2023-11-14T23:14:00", "--json", more=JOURNAL).stdout)
    assert said["queues"][0]["talking"] == 1
    assert said["counts"]["in_progress"] == 1
    assert "bari" not in said["counts"]["agents"]
    later = json.loads(run("state", "--at", "2023-11-14T23:20", "--json", more=JOURNAL).stdout)
    assert (later["counts"]["in_progress"], later["counts"]["answered"]) == (0, 1)


def test_state_of_a_folder_without_any_settings(run, scene, tmp_path):
    """A copy of a journal, on another machine."""
    told = run("state", "--at", "2023-11-14T23:14:00", "--journal", str(tmp_path / "journal"), "--json")
    assert json.loads(told.stdout)["counts"]["in_progress"] == 1


def test_replay(run, scene):
    """Every order, byte for byte, and how fast."""
    told = run("replay", more=JOURNAL)
    assert told.exit_code == 0, told.output
    assert "the same, byte for byte" in told.stdout
    said = json.loads(run("replay", "--json", more=JOURNAL).stdout)
    assert said["difference"] is None
    assert said["facts"] > 20
    assert said["facts_per_s"] > 0


def test_a_replay_that_differs_names_the_first_order(run, scene, tmp_path):
    """Exit 1: fact, moment, expected, got."""
    (file,) = segments(tmp_path / "journal")
    segment = Segment(file)
    header, frames = segment.header, [bytes(each) for each in segment.frames()]
    queue = msgspec.structs.replace(header.rules.queues["generale"], ring_s=44)
    rules = msgspec.structs.replace(header.rules, queues={"generale": queue})
    frames[0] = msgspec.msgpack.encode(msgspec.structs.replace(header, rules=rules))
    file.write_bytes(b"".join(map(frame, frames)))
    told = run("replay", str(file))
    assert told.exit_code == 1
    assert "at 2023-11-14 23:13:21 is another" in told.stdout
    assert "ring_s=20" in told.stdout
    assert "ring_s=44" in told.stdout


def test_moments_are_on_romes_clock():
    """Winter and summer; another zone where it is named."""
    assert instant("2022-12-01T09:31") == 1_669_883_460_000
    assert instant("2022-07-01T09:31") == 1_656_660_660_000
    assert instant("2022-12-01T08:31:00+00:00") == 1_669_883_460_000
    with pytest.raises(RequestError, match="is no moment"):
        instant("yesterday")
