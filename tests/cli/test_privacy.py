"""``acd privacy`` and ``acd transparency``, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "config" / "privacy.yaml"


def test_the_profile_is_shown(run, living):
    """In a table, or whole for programs."""
    found = run("privacy", "show")
    assert found.exit_code == 0
    assert "10 persons" in found.output
    assert "400 days" in found.output
    assert "none: nothing is unlocked" in found.output
    assert "no privacy.yaml" in found.output
    whole = json.loads(run("privacy", "show", "--json").stdout)
    assert whole["retention"]["journal_hours"] == 72


def test_purge_asks_first(run, living):
    """No is no, and is told as refused; the audit knows nothing of it."""
    said_no = run("privacy", "purge", "slots", stdin="n\n")
    assert said_no.exit_code == 1
    assert "slots older than 730 days" in said_no.output
    assert "Nothing was removed." in said_no.output
    said_yes = run("privacy", "purge", "slots", stdin="y\n")
    assert said_yes.exit_code == 0
    assert "slots: 0 rows removed" in said_yes.output


def test_purge_may_be_told_not_to_ask(run, living):
    """For scripts: all kinds, another age, one object."""
    found = run("privacy", "purge", "--older-than", "12h", "--yes", "--json")
    assert found.exit_code == 0
    kinds = [one["kind"] for one in json.loads(found.stdout)["items"]]
    assert kinds == ["ledger", "slots", "overrides", "line_checks", "journal"]
    listed = run("audit", "list").output
    assert "privacy.purge" in listed


def test_an_age_that_is_none_is_told(run, living):
    """Nothing is asked of anybody."""
    found = run("privacy", "purge", "--older-than", "soon", "--yes")
    assert found.exit_code == 2
    assert "write days or hours, such as 30d or 12h" in found.output


def test_a_kind_that_is_none_is_told(run, living):
    """The audit is never purged."""
    found = run("privacy", "purge", "audit", "--yes")
    assert found.exit_code == 2
    assert "'audit' is not kept for a time" in found.output


def test_while_the_acd_rests_the_store_itself_is_asked(run):
    """And says so."""
    found = run("privacy", "purge", "ledger", "--yes")
    assert found.exit_code == 0
    assert "The ACD is not running" in found.output
    assert "ledger: 0 rows removed" in found.output


def test_the_profile_of_the_settings_counts_while_it_rests(run, tmp_path):
    """With its file."""
    (tmp_path / "privacy.yaml").write_text("k_min: 12\n")
    found = run("privacy", "show", more="privacy: privacy.yaml\n")
    assert found.exit_code == 0
    assert "12 persons" in found.output


def test_a_wrong_profile_is_told_with_its_place(run, tmp_path):
    """File, line and column; of a draft too."""
    (tmp_path / "privacy.yaml").write_text("k_min: 2\n")
    found = run("transparency", "--draft", more="privacy: privacy.yaml\n")
    assert found.exit_code == 2
    assert "privacy.yaml:1:8: 'k_min' is 2: too small; the least is 3." in found.output


def test_the_sheet_goes_to_stdout_and_nothing_else_with_it(run, living):
    """So that it can be redirected."""
    found = run("transparency")
    assert found.exit_code == 0
    assert found.stdout.startswith("# Come sono distribuite le chiamate\n")
    assert found.stdout.endswith("|\n")
    assert run("transparency", "--json").exit_code == 0


def test_the_sheet_goes_into_a_file(run, living, tmp_path):
    """As a page; what it is of is said on stderr."""
    out = tmp_path / "foglio.html"
    found = run("transparency", "--html", "--out", str(out))
    assert found.exit_code == 0
    assert found.stdout == ""
    assert out.read_text().startswith('<!doctype html>\n<html lang="it">')
    refused = run("transparency", "--out", str(tmp_path / "no" / "where"))
    assert refused.exit_code == 1
    assert "cannot be written" in refused.output


def test_a_draft_is_drawn_of_the_files_though_nobody_runs(run, tmp_path):
    """It says that it is one."""
    found = run("transparency", "--draft")
    assert found.exit_code == 0
    assert "bozza: queste regole non sono in vigore" in found.stdout
    assert run("transparency", "--draft").stdout == found.stdout
