"""Roster, tokens, codes and audit: one behaviour, whether the ACD runs or its store lies there alone.

Each test runs twice: against a living centre behind its socket, and against the store of the settings while
nobody listens.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import stat

import pytest
from typer.testing import CliRunner

from acd.cli.commands import app
from acd.cli.tokens import check_digit
from acd.rules.load import load_rules
from acd.rules.settings import StoreSettings
from acd.runtime.clock import SystemClock
from acd.store.hashing import KeyedHash
from acd.store.sql import open_store
from tests.cli.centre import HASH_KEY, ROSTER, RULES, Served, beside, served

NOTICE = "The ACD is not running: working on "
CLASS = next(iter(load_rules(RULES).rules.priority_classes))


@pytest.fixture(params=["running", "resting"])
def books(request, run, tmp_path):
    """Call ``acd`` on books that hold the demo's twelve people, open or at rest."""
    with contextlib.ExitStack() as stack:
        if request.param == "running":
            stack.enter_context(beside(lambda: served(tmp_path)))
        else:
            assert run("roster", "import", str(ROSTER)).exit_code == 0

        def call(*arguments, **more):
            told = run(*arguments, **more)
            assert told.stderr.startswith(NOTICE) == (request.param == "resting"), told.output
            return told

        yield call


def rows(tmp_path, table: str) -> list[tuple]:
    """What stands in the store itself."""
    with contextlib.closing(sqlite3.connect(tmp_path / "acd.sqlite")) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def test_what_is_exported_can_be_imported_and_changes_nothing(books, tmp_path):
    """Export, diff, import: no difference; the file is its owner's alone."""
    file = tmp_path / "people.csv"
    assert books("roster", "export", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == books("roster", "export").stdout
    same = books("roster", "diff", str(file))
    assert (same.exit_code, same.stdout) == (0, "")
    again = books("roster", "import", str(file))
    assert again.exit_code == 0
    assert "0 added, 0 changed, 0 removed" in again.stdout


def test_a_dry_run_tells_and_changes_nothing(books, tmp_path):
    """The same lines as the import, and the roster stays."""
    file = tmp_path / "people.csv"
    file.write_text("agent,employer\na0001,Sispi\na0002,Sispi\n")
    before = books("roster", "export").stdout
    dry = books("roster", "import", str(file), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "Dry run: 0 added, 2 changed, 0 removed" in dry.stdout
    assert books("roster", "export").stdout == before
    real = books("roster", "import", str(file))
    assert real.stdout.splitlines()[:-1] == dry.stdout.splitlines()[:-1]
    after = books("roster", "export").stdout
    assert after.count("Sispi") == 2
    assert "generale:8" in after


def test_diff_is_one_for_what_differs(books, tmp_path):
    """0 the same, 1 differs, 2 cannot be compared."""
    file = tmp_path / "people.csv"
    file.write_text("agent,employer\na0001,Sispi\n")
    differs = books("roster", "diff", str(file))
    assert differs.exit_code == 1
    assert "a0001" in differs.stdout
    gone = books("roster", "diff", str(file), "--remove-missing", "--json")
    assert gone.exit_code == 1
    said = json.loads(gone.stdout)
    assert (said["added"], said["changed"], said["removed"], said["dry_run"]) == (0, 1, 11, True)
    file.write_text("agent,employer\nA 1,Sispi\n")
    assert books("roster", "diff", str(file)).exit_code == 2


def test_an_empty_file_is_a_file_with_a_mistake(books, tmp_path):
    """It is sent and read as any other."""
    file = tmp_path / "people.csv"
    file.touch()
    told = books("roster", "import", str(file))
    assert told.exit_code == 1
    assert f"{file}:1: nobody stands in this file" in told.stderr
    assert "The file has one mistake; nothing of it was taken." in told.stderr


def test_every_mistake_is_told_and_nothing_is_taken(books, tmp_path):
    """Exit 1; file, line and column; the good lines are not applied either."""
    file = tmp_path / "people.csv"
    file.write_text("agent,site,employer\na0001,nowhere,Sispi\na0002,roma,Sispi\na0003,,Sispi\n")
    before = books("roster", "export").stdout
    told = books("roster", "import", str(file))
    assert told.exit_code == 1
    assert f"{file}:2: site: unknown site 'nowhere'" in told.stderr
    assert f"{file}:4: site: the site is missing" in told.stderr
    assert told.stdout == ""
    for_programs = books("roster", "import", str(file), "--json")
    assert for_programs.exit_code == 1
    findings = json.loads(for_programs.stdout)["findings"]
    assert [(finding["line"], finding["column"]) for finding in findings] == [(2, "site"), (4, "site")]
    assert books("roster", "export").stdout == before


def test_an_import_only_of_the_revision_one_has_seen(books, tmp_path):
    """Somebody else was faster: exit 1, and nothing is taken."""
    file = tmp_path / "people.csv"
    file.write_text("agent,employer\na0001,Sispi\n")
    assert books("roster", "import", str(file), "--if-revision", "99").exit_code == 1
    assert "Sispi" not in books("roster", "export").stdout
    assert books("roster", "import", str(file), "--if-revision", "1").exit_code == 0


def test_a_roster_from_stdin(books):
    """As another program makes it."""
    told = books("roster", "import", "-", "--json", stdin="agent,home\na0001,si\n")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["changed"] == 1


def test_a_file_that_is_not_there(run, tmp_path):
    """Exit 2 before anything is opened."""
    told = run("roster", "import", str(tmp_path / "none.csv"))
    assert told.exit_code == 2
    assert "none.csv: this file cannot be read" in told.stderr
    assert not (tmp_path / "acd.sqlite").exists()


def test_a_token_is_shown_once_and_kept_as_a_digest(books, tmp_path):
    """The secret alone on stdout; the store does not hold it; the list does not show it."""
    made = books("token", "create", "--name", "rossi", "--role", "supervisor", "--sites", "roma,bolzano")
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert re.fullmatch(r"acd_[A-Za-z0-9_-]{40,}", secret)
    assert "rossi" in made.stderr
    assert secret not in made.stderr
    assert secret.encode() not in (tmp_path / "acd.sqlite").read_bytes()
    listed = books("token", "list")
    assert listed.exit_code == 0
    assert secret not in listed.output
    assert max(map(len, listed.stdout.splitlines())) <= 80
    for word in ("rossi", "supervisor", "good", "roma"):
        assert word in listed.stdout


def test_a_revoked_token_opens_nothing(books):
    """Revoking names it; the list says so; twice is once."""
    made = json.loads(books("token", "create", "--name", "x", "--role", "viewer", "--json").stdout)
    token_id = made["token"]["id"]
    assert set(made) == {"token", "secret"}
    for _ in range(2):
        gone = books("token", "revoke", token_id)
        assert gone.exit_code == 0, gone.output
    assert "opens nothing any more" in gone.stdout
    items = json.loads(books("token", "list", "--json").stdout)["items"]
    assert [(item["id"], item["revoked_ms"] is not None) for item in items] == [(token_id, True)]
    assert "revoked" in books("token", "list").stdout
    unknown = books("token", "revoke", "nothing")
    assert unknown.exit_code == 1
    assert "no token 'nothing'" in unknown.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--role", "agent"), "role agent"),
        (("--role", "viewer", "--agent", "a0001"), "role agent"),
        (("--role", "agent", "--agent", "nobody"), "nobody"),
        (("--role", "viewer", "--sites", "nowhere"), "nowhere"),
        (("--role", "viewer", "--days", "4000"), "days"),
    ],
)
def test_a_token_that_cannot_be(books, words, why):
    """Exit 1 with the reason; nothing is made."""
    told = books("token", "create", "--name", "x", *words)
    assert told.exit_code == 1
    assert why in told.stderr
    assert told.stdout == ""
    assert "no token" in books("token", "list").stdout


def test_codes_are_shown_once_and_kept_as_hashes(books, tmp_path):
    """Ten digits with their check digit, one a line; the store holds keyed hashes."""
    told = books("code", "generate", "--class", CLASS, "--count", "3", "--days", "30")
    assert told.exit_code == 0, told.output
    codes = told.stdout.split()
    assert len(set(codes)) == 3
    assert all(re.fullmatch("[0-9]{10}", code) and check_digit(code[:-1]) == code[-1] for code in codes)
    assert "3 personal codes" in told.stderr
    held = {row[0] for row in rows(tmp_path, "codes")}
    assert held == {KeyedHash(HASH_KEY).code(code) for code in codes}
    more = json.loads(books("code", "generate", "--class", CLASS, "--json").stdout)
    assert set(more) == {"priority_class", "expires", "kept", "total", "codes"}
    assert (more["kept"], more["total"], len(more["codes"])) == (1, 4, 1)


def test_codes_made_elsewhere(books, tmp_path):
    """They are kept, and not repeated on the screen."""
    file = tmp_path / "codes.txt"
    file.write_text("1234567890\n98765\n")
    told = books("code", "import", str(file), "--class", CLASS)
    assert told.exit_code == 0, told.output
    assert told.stdout == ""
    assert len(rows(tmp_path, "codes")) == 2


def test_codes_with_mistakes(run, tmp_path):
    """Each bad line is told, and the store is not even opened; exit 1."""
    file = tmp_path / "codes.txt"
    file.write_text("1234567890\n12a4\n\n1234567890\n")
    told = run("code", "import", str(file), "--class", CLASS)
    assert told.exit_code == 1
    assert f"{file}:2: this is no code" in told.stderr
    assert f"{file}:4: this code stands in line 1 already" in told.stderr
    assert not (tmp_path / "acd.sqlite").exists()


def test_codes_of_a_class_nobody_knows(books):
    """Exit 1, and no code is shown."""
    told = books("code", "generate", "--class", "nowhere")
    assert told.exit_code == 1
    assert "nowhere" in told.stderr
    assert told.stdout == ""


def test_every_change_stands_in_the_audit(books):
    """Who, what, with what result; never a secret; the chain is whole."""
    secret = books("token", "create", "--name", "rossi", "--role", "viewer").stdout.strip()
    books("token", "revoke", "nothing")
    codes = books("code", "generate", "--class", CLASS).stdout.split()
    listed = books("audit", "list", "--json")
    items = json.loads(listed.stdout)["items"]
    told = [(item["entry"]["who"], item["entry"]["action"], item["entry"]["result"]) for item in items]
    me = f"uid:{os.getuid()}"
    assert (me, "token.create", "done") in told
    assert any(who == me and action == "token.revoke" and "refused" in result for who, action, result in told)
    assert secret not in listed.stdout
    assert codes[0] not in listed.stdout
    for_people = books("audit", "list", "--last", "3")
    assert for_people.exit_code == 0
    assert max(map(len, for_people.stdout.splitlines())) <= 80
    verified = books("audit", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.startswith("whole: ")
    assert json.loads(books("audit", "verify", "--json").stdout)["broken_at"] is None


def test_a_broken_chain_is_found(run, tmp_path):
    """Somebody edited the store by hand: exit 1, and which entry."""
    assert run("roster", "import", str(ROSTER)).exit_code == 0
    run("token", "create", "--name", "rossi", "--role", "viewer")
    with contextlib.closing(sqlite3.connect(tmp_path / "acd.sqlite")) as connection, connection:
        changed = "UPDATE audit SET entry = replace(entry, 'roster.import', 'roster.look') WHERE seq = 1"
        assert connection.execute(changed).rowcount == 1
    told = run("audit", "verify")
    assert told.exit_code == 1
    assert told.stdout.startswith("broken at entry 1: ")
    assert "the chain is broken at entry 1" in run("audit", "list").stderr


def test_a_store_somebody_has_open_is_left_alone(run, tmp_path):
    """No socket and no port, but a process holds the store: exit 1, and the sentence says which."""

    @contextlib.asynccontextmanager
    async def held():
        store = await open_store(StoreSettings(file=tmp_path / "acd.sqlite"), SystemClock())
        yield store
        await store.close()

    with beside(held):
        told = run("roster", "export")
    assert told.exit_code == 1
    assert f"in use by process {os.getpid()}" in told.stderr


def test_settings_without_a_store(tmp_path):
    """Nothing to open: exit 2, and what to do."""
    config = tmp_path / "acd.yaml"
    config.write_text(
        f"nodes: [{{id: n1, host: 127.0.0.1, secret_env: AMI}}]\nrules: {RULES}\napi: {{port: 1}}\n"
    )
    told = CliRunner().invoke(app, ["token", "list", "--config", str(config)])
    assert told.exit_code == 2
    assert "they name no store" in told.stderr


def test_no_secret_of_the_service_is_needed(tmp_path):
    """Root without the service's environment may keep the books; only codes need the key of the hashes."""
    config = tmp_path / "acd.yaml"
    config.write_text(
        f"nodes: [{{id: n1, host: 127.0.0.1, secret_env: ACD_NOT_SET}}]\nrules: {RULES}\n"
        "api: {port: 1, tokens: [{name: ops, role: admin, token_env: ACD_NOT_SET}]}\n"
        "store: {file: acd.sqlite, hash_key_env: ACD_NOT_SET}\n"
    )
    runner = CliRunner(env={"ACD_CONFIG": str(config)})
    assert runner.invoke(app, ["roster", "import", str(ROSTER)]).exit_code == 0
    assert runner.invoke(app, ["token", "list"]).exit_code == 0
    refused = runner.invoke(app, ["code", "generate", "--class", CLASS])
    assert refused.exit_code == 2
    assert "ACD_NOT_SET is not set" in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(run, tmp_path):
    """The service starts afterwards under its own user."""
    os.chown(tmp_path, 4321, 4321)
    assert run("roster", "import", str(ROSTER)).exit_code == 0
    made = list(tmp_path.glob("acd.sqlite*"))
    assert len(made) >= 2
    assert {path.stat().st_uid for path in made} == {4321}


def test_the_living_centre_hears_of_an_import(run, living: Served, tmp_path):
    """A change goes through the ACD that runs, not behind its back."""
    file = tmp_path / "people.csv"
    file.write_text("agent,site,skills\na0099,roma,generale:5\n")
    assert run("roster", "import", str(file)).exit_code == 0
    assert "a0099" in living.centre.roster().roster.agents
