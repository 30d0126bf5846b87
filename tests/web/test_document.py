"""What is written down is what the code does."""

from __future__ import annotations

import json

import pytest

from acd.web import document
from acd.web.answers import AgentAnswer, LedgerAnswer, PersonAnswer
from acd.web.document import DOCS, files, guide, main, openapi
from acd.web.problems import KINDS
from acd.web.table import ROUTES


def test_the_documents_are_current():
    """docs/openapi.json and the tables of docs/api.md are what the route table makes."""
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, f"run python -m acd.web.document ({path.name})"


async def test_the_served_document_is_the_committed_one(client_of):
    """Whoever has a token may read it, an agent too."""
    served = await (await client_of("agent").get("/api/v1/openapi.json")).json()
    assert served == json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))


def test_the_check_says_which_file_differs(tmp_path, monkeypatch, capsys):
    """Exit status 1 and the file's name; writing mends it."""
    guide_file = tmp_path / "api.md"
    guide_file.write_text((DOCS / "api.md").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(document, "OPENAPI", tmp_path / "openapi.json")
    monkeypatch.setattr(document, "GUIDE", guide_file)
    assert main(["--check"]) == 1
    assert "openapi.json differs" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_a_guide_without_its_marks_is_refused():
    """The tables cannot silently be written nowhere."""
    with pytest.raises(ValueError, match="lost the marks around the table of routes"):
        guide("# API\n")


def test_every_operation_names_itself_once_and_says_who_may():
    """Ids are what generated clients call."""
    operations = [one for path in openapi()["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids)) == len(ROUTES)
    assert all(one["description"].startswith("For: ") for one in operations)


def test_every_problem_of_a_route_is_known():
    """No route promises an id that is none."""
    assert {problem for route in ROUTES for problem in route.problems} <= set(KINDS)


def test_every_write_is_named_in_the_audit_and_reads_in_numbers_are_not():
    """A write without a word for the audit would leave no trace; so would a look into the past of people."""
    read = ("/audit", "/story", "/why-not")
    for route in ROUTES:
        is_told = route.is_write or any(each in route.path for each in read)
        assert bool(route.action) == is_told, route.path


def test_no_answer_but_ones_own_state_tells_a_persons_state():
    """Lists of people hold no live state, ended calls no agent, and calls in progress neither."""
    live = {"state", "since_ms", "reason", "until_ms", "phone", "wish", "call"}
    assert not live & set(PersonAnswer.model_fields)
    assert live < set(AgentAnswer.model_fields)
    assert "agent" not in LedgerAnswer.model_fields
    told = [route.path for route in ROUTES if route.answer is AgentAnswer]
    assert all(path.startswith("/agents/{agent}") for path in told)


def test_every_schema_is_closed():
    """A field nobody names is not told, and not read."""
    for name, schema in openapi()["components"]["schemas"].items():
        if schema.get("type") == "object" and name != "OpenApi":
            assert schema.get("additionalProperties") is False, name
