"""``acd diff``, ``apply``, ``confirm``, ``history``, ``rollback``, ``schema``, ``check`` of files."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from acd.cli.commands import app
from acd.revisions.starting import start
from acd.rules.calendar import today_in_rome
from acd.runtime.clock import SystemClock
from acd.store.sql import open_store
from tests.cli.centre import HASH_KEY
from tests.revisions.made import Places

OFF = ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}')


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path)


@pytest.fixture
def acd(places, tmp_path):
    """Call ``acd`` over a store at rest, with files that a test edits."""
    config = tmp_path / "acd.yaml"
    config.write_text(
        "nodes:\n  - {id: n1, host: 127.0.0.1, port: 1, secret_env: AMI}\n"
        "rules: rules\nfallback: fallback.yaml\napi: {port: 1}\n"
        "store: {file: acd.sqlite, hash_key_env: HASH_KEY}\n"
    )
    env = {"ACD_CONFIG": str(config), "AMI": "secret", "HASH_KEY": HASH_KEY}

    def call(*arguments: str):
        return CliRunner(env=env).invoke(app, list(arguments))

    return call


@pytest.fixture
async def kept(acd, places, tmp_path):
    """A first revision, as the first start makes it."""
    clock = SystemClock()
    store = await open_store(SimpleNamespace(file=tmp_path / "acd.sqlite", ledger_days=9), clock)
    await start(places, store, clock.now_ms(), today_in_rome())
    await store.close()


def test_diff_tells_by_its_exit_status(acd, kept, places):
    """0 the same, 1 another, 2 it cannot be said."""
    same = acd("diff", "--lang", "en")
    assert same.exit_code == 0, same.output
    assert "what lies on the disk is what runs" in same.stdout
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    differs = acd("diff", "--lang", "en")
    assert differs.exit_code == 1
    assert differs.stdout.splitlines()[0] == "queue 'generale', ring_s: 15 → 20"
    assert "Nobody waits" in differs.stdout
    italian = acd("diff")
    assert italian.stdout.splitlines()[0] == "coda 'generale', ring_s: 15 → 20"
    places.change("queues.yaml", "ring_s: 20", "ring_s: soon")
    cannot = acd("diff", "--lang", "en")
    assert cannot.exit_code == 2
    assert "1 to mend" in cannot.stderr
    assert "queues.yaml:" in cannot.stderr
    assert cannot.stdout == ""


def test_apply_history_rollback(acd, kept, places):
    """What changed, the new number; who, when and why; the way back, and that the files say otherwise."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    applied = acd("apply", "--reason", "longer rings", "--lang", "en")
    assert applied.exit_code == 0, applied.output
    assert "queue 'generale', ring_s: 15 → 20" in applied.stdout
    assert "Revision 2 is in force." in applied.stdout
    again = acd("apply", "--lang", "en")
    assert "Nothing to change: revision 2" in again.stdout
    assert acd("diff", "1", "--lang", "en").stdout.splitlines()[0] == "queue 'generale', ring_s: 20 → 15"
    back = acd("rollback", "1", "--lang", "en")
    assert "Revision 3 is in force, and says what revision 1 said." in back.stdout
    assert "still say otherwise" in back.stderr
    listed = acd("history", "--lang", "en").stdout
    assert "rollback of 1" in listed
    assert "longer rings" in listed
    assert [one["number"] for one in json.loads(acd("history", "--json").stdout)["items"]] == [3, 2, 1]
    assert "ring_s: 20" in acd("history", "--show", "2").stdout
    nothing = acd("rollback", "9", "--lang", "it")
    assert nothing.exit_code == 1
    assert "La revisione 9 non esiste" in nothing.stderr


def test_a_refused_apply_says_why_and_changes_nothing(acd, kept, places):
    """Exit 1: a mistake with its place, a guard with what would happen; force needs a reason."""
    places.change(*OFF)
    guarded = acd("apply", "--lang", "en")
    assert guarded.exit_code == 1
    assert "Would be refused" in guarded.stderr
    assert "1 of 2 offices would close (roma)" in guarded.stderr
    assert acd("apply", "--force", "--reason", "short").exit_code == 1
    forced = acd("apply", "--force", "--reason", "the carrier asked us", "--lang", "en")
    assert "Revision 2 is in force." in forced.stdout
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    broken = acd("reload")
    assert broken.exit_code == 1
    assert "queues.yaml:" in broken.stderr
    assert acd("history", "--json").stdout.count('"number"') == 2


def test_a_change_that_waits_says_until_when_and_is_confirmed(acd, kept, places):
    """Exit 0 each; nonsense for a length of time is refused before anything is asked."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    assert acd("apply", "--confirm-within", "soon").exit_code == 1
    applied = acd("apply", "--confirm-within", "5m", "--lang", "en")
    assert "It undoes itself at " in applied.stderr
    assert "waits to be confirmed" in " ".join(acd("history", "--lang", "en").stdout.split())
    confirmed = acd("confirm", "--lang", "en")
    assert (confirmed.exit_code, confirmed.stdout) == (0, "Revision 2 stays.\n")


def test_a_broken_folder_hinders_no_other_command_at_rest(acd, kept, places):
    """What runs is the newest revision, and the roster is checked against that."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    told = acd("roster", "export")
    assert told.exit_code == 0, told.output


def test_schema_is_written_for_any_file_by_its_name(acd):
    """Exit 0 and JSON; an unknown name is guessed at, exit 1."""
    told = acd("schema", "rules/queues.yaml")
    assert json.loads(told.stdout)["title"] == "queues.yaml"
    assert json.loads(acd("schema", "cases/any.yaml").stdout)["title"] == "cases/"
    unknown = acd("schema", "queue.yaml")
    assert unknown.exit_code == 1
    assert "did you mean 'queues.yaml'" in unknown.stderr


def test_check_takes_single_files_of_any_kind(acd, places, tmp_path):
    """Each in its place: a rule file with its folder, toggles and people against the rules."""
    people = tmp_path / "people.csv"
    people.write_text("agent,site,skills\na0001,roma,generale:5\n")
    private = tmp_path / "privacy.yaml"
    private.write_text("k_min: 12\n")
    files = [places.file(name) for name in ("queues.yaml", "fallback.yaml", "cases/prova.yaml")]
    good = acd("check", *map(str, (*files, people, private, tmp_path / "acd.yaml")))
    assert good.exit_code == 0, good.output
    assert "no finding" in good.stdout
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    places.change("offices.yaml", "capacity: 2", "capacity: two")
    wrong = acd("check", str(places.file("queues.yaml")))
    assert wrong.exit_code == 1
    assert "queues.yaml:" in wrong.stderr
    assert "offices.yaml:" not in wrong.stderr
    assert "warning: " in wrong.stderr


@pytest.mark.parametrize("name", ["none.yaml", "strange.yaml"])
def test_check_of_what_cannot_be_checked_ends_with_2(acd, tmp_path, name):
    """Nobody is there, or nobody can say what it is."""
    (tmp_path / "strange.yaml").write_text("what: this\n")
    told = acd("check", str(tmp_path / name))
    assert told.exit_code == 2
    assert name in told.stderr


def test_check_for_machines(acd, places):
    """GitHub's annotations and SARIF, each finding at its place."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    file = places.file("queues.yaml")
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "soon" in text)
    github = acd("check", str(file), "--format", "github")
    assert github.exit_code == 1
    assert github.stdout.startswith(
        f"::error file={file},line={line},col=13::'ring_s' must be a whole number"
    )
    result = json.loads(acd("check", str(file), "--format", "sarif").stdout)["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (str(file), line)
    assert result["level"] == "error"


def test_the_files_beside_the_rules_are_checked_with_the_settings(acd, places, tmp_path: Path):
    """`acd check --config`, as before a restart."""
    places.fallback.write_text("national: {mode: perhaps}\n")
    told = acd("check", str(places.rules), "--config", str(tmp_path / "acd.yaml"))
    assert told.exit_code == 1
    assert f"{places.fallback}:1:" in told.stderr
