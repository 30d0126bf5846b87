"""The commands of the process: check, doctor, healthcheck, export, demo, version."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.ami.doctor import patience, stream
from acd.cli.commands import app
from tests.ami.patient import Patient
from tests.cli.centre import ROSTER, RULES, beside


@pytest.fixture
def quick(monkeypatch):
    """A doctor who does not wait long."""
    monkeypatch.setattr(patience, "ANSWERS", 20)
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    monkeypatch.setattr(stream, "SETTLES_S", 0.01)


def test_doctor_of_a_healthy_asterisk(run, quick):
    """Exit 0; each finding on a line of its own."""
    patient = Patient()
    patient.functions["QUEUE_EXISTS(acd-net-de)"] = "1"
    with beside(lambda: patient):
        told = run("doctor", "--listen", "0", ami=patient.port)
    assert told.exit_code == 0, told.output
    assert "Asterisk n1\n" in told.output
    assert told.output.splitlines()[-1].startswith("0 wrong, 0 warning")
    assert "\x1b" not in told.output


def test_doctor_of_an_ill_asterisk_in_both_tongues(run, quick):
    """Exit 1, with what to write; the same for programs."""
    patient = Patient()
    del patient.classes["Setvar"]
    with beside(lambda: patient):
        told = run("doctor", "--listen", "0", ami=patient.port)
        for_programs = run("doctor", "--listen", "0", "--json", ami=patient.port)
    assert told.exit_code == for_programs.exit_code == 1
    assert "-> manager.conf, section [acd]: write = call,reporting,agent" in " ".join(told.output.split())
    said = json.loads(for_programs.stdout)
    assert not said["sound"]
    wrong = {finding["check"] for finding in said["nodes"][0]["findings"] if finding["level"] == "wrong"}
    assert "rights" in wrong


def test_doctor_of_an_asterisk_that_is_not_there(run, quick):
    """It could look, and what it saw is wrong: exit 1."""
    told = run("doctor", "--listen", "0")
    assert told.exit_code == 1
    assert "cannot be reached" in told.output


def test_doctor_without_settings_cannot_run(tmp_path):
    """Exit 2."""
    told = CliRunner().invoke(app, ["doctor", "--config", str(tmp_path / "none.yaml")])
    assert told.exit_code == 2
    assert told.stdout == ""


def test_check_reads_rules_and_people_together(run):
    """The roster beside the rules is read too; exit 0 and a line."""
    told = run("check", str(RULES))
    assert told.exit_code == 0, told.output
    assert "revision" in told.stdout
    assert "12 agents" in told.stdout


def test_check_warns_of_what_is_surely_not_meant(run, tmp_path):
    """A queue nobody serves is a warning: exit 0, and 1 for the strict."""
    people = tmp_path / "people.csv"
    people.write_text("agent,site,skills\na0001,roma,pensioni:1\n")
    told = run("check", str(RULES), "--roster", str(people))
    assert told.exit_code == 0, told.output
    assert "warning: nobody holds the skill 'generale'" in told.stderr
    strict = run("check", str(RULES), "--roster", str(people), "--strict", "--json")
    assert strict.exit_code == 1
    said = json.loads(strict.stdout)
    assert (said["sound"], said["findings"], said["agents"]) == (False, [], 1)
    assert said["warnings"]


def test_check_tells_every_finding_of_all_files(run, tmp_path):
    """Rules, people and settings: exit 1, each finding with its file and line, nothing on stdout."""
    rules, people, config = tmp_path / "rules", tmp_path / "people.csv", tmp_path / "wrong.yaml"
    shutil.copytree(RULES, rules)
    people.write_text("agent,site,skills\na0001,nowhere,generale:5\n")
    config.write_text("nodes: []\n")
    told = run("check", str(rules), "--roster", str(people), "--config", str(config))
    assert told.exit_code == 1
    assert f"{people}:2: site: unknown site 'nowhere'" in told.stderr
    assert f"{config}:1:" in told.stderr
    assert told.stdout == ""
    (rules / "queues.yaml").write_text("queues: {}\n")
    broken = run("check", str(rules), "--roster", str(people), "--json")
    assert broken.exit_code == 1
    findings = json.loads(broken.stdout)["findings"]
    assert any("queues.yaml:1" in finding for finding in findings)
    assert "not checked" in findings[-1]


def test_check_tells_the_ways_to_a_queue_and_prompts_that_are_not_there(run, tmp_path):
    """Each called number with its seconds; a directory of prompts that does not fit is a warning."""
    told = run("check", str(RULES), "--prompts", str(tmp_path))
    assert told.exit_code == 0
    assert "803164: to the queue generale after 0 s." in told.stdout
    assert "06164164: silence reaches the queue generale in" in told.stdout
    assert f"warning: {tmp_path}/manifest.json is no manifest of prompts" in told.stderr
    assert run("check", str(RULES), "--prompts", str(tmp_path), "--strict").exit_code == 1


def test_check_tells_how_long_a_call_can_be_passed_over_and_runs_the_cases(run, tmp_path):
    """A bound for each queue; a worked case that does not hold is a finding."""
    told = run("check", str(RULES))
    assert "4 worked cases" in told.stdout
    assert "tedesco: a later call can go first by 600 s at most" in told.stdout
    as_json = json.loads(run("check", str(RULES), "--json").stdout)
    assert (as_json["cases"], len(as_json["starvation"])) == (4, 3)
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    cases = rules / "cases" / "prova.yaml"
    cases.write_text(cases.read_text().replace("{call: c, to: a0001}", "{call: c, to: a0005}"))
    broken = run("check", str(rules))
    assert broken.exit_code == 1
    assert "should come to this: rings a0005, but it rings a0001 after 0 s." in broken.stderr


def test_check_of_a_folder_that_is_not_there(run):
    """A finding: exit 1."""
    assert run("check", "/nowhere").exit_code == 1


def test_healthcheck_tells_whether_it_lives(run, living):
    """Exit 0 over the socket, silently; exit 1 with a sentence once nobody answers."""
    told = run("healthcheck")
    assert (told.exit_code, told.output) == (0, "")
    assert run("healthcheck", "--url", f"http://127.0.0.1:{living.port}").exit_code == 0
    assert run("healthcheck", "--url", "http://127.0.0.1:1").exit_code == 1
    living.socket.unlink()
    dead = run("healthcheck")
    assert dead.exit_code == 1
    assert "does not answer as a living ACD" in dead.stderr


def test_healthcheck_without_settings_is_no_health(tmp_path):
    """Docker knows 0 and 1 only."""
    told = CliRunner().invoke(app, ["healthcheck", "--config", str(tmp_path / "none.yaml")])
    assert told.exit_code == 1


def test_export_writes_once_and_then_leaves_alone(run, tmp_path):
    """What is current is not touched; --check tells, and writes nothing."""
    out = tmp_path / "asterisk"
    out.mkdir()
    ask = ("export", "dialplan", str(RULES), "--out", str(out))
    before = run(*ask, "--check")
    assert before.exit_code == 1
    assert not list(out.iterdir())
    assert run(*ask).exit_code == 0
    assert {path.name for path in out.iterdir()} == {"acd_entry.conf", "acd_offices.conf"}
    after = run(*ask, "--check")
    assert after.exit_code == 0, after.output
    assert "are what the rules say" in after.stdout


def test_export_into_no_folder(run, tmp_path):
    """Exit 2 and a sentence, no traceback."""
    told = run("export", "dialplan", str(RULES), "--out", str(tmp_path / "none"))
    assert told.exit_code == 2
    assert told.stderr == f"{tmp_path}/none: there is no such folder; make it, or name another.\n"


def test_version():
    """One line."""
    told = CliRunner().invoke(app, ["version"])
    assert told.exit_code == 0
    assert told.output.strip().count(".") == 2


def test_the_roster_beside_the_rules_is_the_one_of_the_demo():
    """The tests here stand on it."""
    assert ROSTER.is_file()
