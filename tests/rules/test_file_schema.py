"""JSON Schemas for editors: what is written down is what the shapes say, and the files at hand fit."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from acd.errors import NotFound
from acd.rules import file_schema
from acd.rules.file_schema import file_of, main, name_of, schema_of, shapes, text_of
from acd.rules.reading import read_document

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    file
    for folder in ("routing_rules", "routing_rules/cases", "routing_rules/demo", "routing_rules/demo/cases")
    for file in (ROOT / folder).glob("*.yaml")
) + [ROOT / "config" / name for name in ("acd.yaml", "fallback.yaml", "privacy.yaml", "goals.yaml")]


def plain(value):
    """As JSON would have it: lists for tuples."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("name", shapes())
def test_the_schemas_are_current(name):
    """A key that is new in a shape is known to editors."""
    assert file_of(name).read_text() == text_of(name), "run python -m acd.rules.file_schema"


def test_no_schema_is_left_over():
    """Of a file that is no more."""
    assert {file_of(name) for name in shapes()} == set(file_schema.SCHEMAS.glob("*"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_files_fit_their_schema_and_name_it_in_their_first_line(file):
    """An editor that is told of the schema finds nothing to mark in what we ship."""
    name = name_of(file)
    first = file.read_text().partition("\n")[0]
    there = (file.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert there == file_of(name)
    jsonschema_rs.Draft202012Validator(schema_of(name)).validate(plain(read_document(file).data))


def test_a_key_says_what_it_means_and_a_name_what_it_may_be():
    """The sentence below the field, and the pattern of its text."""
    queue = schema_of("queues.yaml")["$defs"]["QueueShape"]["properties"]
    assert queue["needs"]["description"].startswith("The first is the topic")
    site = schema_of("offices.yaml")["$defs"]["OfficeShape"]["properties"]["province"]
    assert site["pattern"] == "^(?:[A-Z]{2})$"


def test_a_secret_is_asked_for_by_its_place():
    """The settings never hold it."""
    node = schema_of("acd.yaml")["$defs"]["NodeSettings"]
    assert {"secret_file", "secret_env"} <= set(node["properties"])
    assert "secret" not in {*node["properties"], *node["required"]}


def test_an_unknown_file_is_said_with_a_guess():
    """By its name alone."""
    with pytest.raises(NotFound, match=r"did you mean 'queues\.yaml'"):
        name_of(Path("rules/queue.yaml"))


def test_the_check_says_which_file_differs(tmp_path, monkeypatch, capsys):
    """Exit status 1 and the file's name; writing mends it."""
    monkeypatch.setattr(file_schema, "SCHEMAS", tmp_path / "schema")
    assert main(["--check"]) == 1
    assert "queues.schema.json differs" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
