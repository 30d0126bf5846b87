"""What we log: stable names that are documented, no number of a caller's, and nobody waits for a reader."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
import sys
import threading
from pathlib import Path

import pytest
import structlog

from acd.logs import LineWriter, _Libraries, flush_logs, set_up_logs

ROOT = Path(__file__).resolve().parent.parent
NUMBER = "3331234567"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
NAME = re.compile(r"[a-z_]+\.[a-z_]+")


def begin(monkeypatch, *, terminal: bool = False) -> structlog.typing.FilteringBoundLogger:
    """Set up the logs as `acd serve` does, for a terminal or a machine."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    set_up_logs("info")
    return structlog.get_logger()


def told(capsys) -> str:
    """What has been written."""
    flush_logs()
    return capsys.readouterr().err


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_shows_no_values(monkeypatch, capsys, terminal):
    """A defect is told by its lines and not by what they were working on; a number in it is hidden."""
    logs = begin(monkeypatch, terminal=terminal)

    def decode(number: str) -> None:
        raise LookupError(number)

    try:
        decode("".join(NUMBER))
    except LookupError:
        logs.exception("ami.message_failed")
    text = told(capsys)
    assert "LookupError" in text
    assert NUMBER not in text


@pytest.mark.parametrize("number", [NUMBER, "+39" + NUMBER, "39" + NUMBER, "0612345678", "+4915112345678"])
def test_what_looks_like_a_telephone_number_is_hidden(monkeypatch, capsys, number):
    """Whoever passes one in a sentence: names of calls and times of ours are no such thing."""
    call = "ast1-1800000000.331234567"
    begin(monkeypatch).warning(
        "ami.action_refused", why=f"Channel: sip:{number}@host", call=call, revision="0" * 12
    )
    line = json.loads(told(capsys))
    assert line["why"] == "Channel: sip:…@host"
    assert (line["call"], line["revision"]) == (call, "0" * 12)


def test_libraries_log_in_the_same_form(monkeypatch, capsys):
    """One object a line, their numbers hidden."""
    begin(monkeypatch)
    library = logging.getLogger("some.library")
    monkeypatch.setattr(library, "handlers", [_Libraries()])
    library.error("cannot read %s", NUMBER, exc_info=KeyError(NUMBER))
    line = json.loads(told(capsys))
    assert (line["event"], line["level"], line["library"]) == ("library.said", "error", "some.library")
    assert line["text"] == "cannot read …"
    assert "KeyError" in line["exception"]
    assert NUMBER not in json.dumps(line)


class Stuck(io.StringIO):
    """A pipe that nobody empties, until somebody does."""

    def __init__(self) -> None:
        super().__init__()
        self.full, self.free = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        """Block."""
        self.full.set()
        assert self.free.wait(10)
        return super().write(text)


def test_who_logs_never_waits_for_who_reads(monkeypatch):
    """Lines gather up to the bound, further ones are counted, and the rest is in order."""
    said = []
    monkeypatch.setattr("acd.logs.log.warning", lambda event, **fields: said.append((event, fields)))
    pipe = Stuck()
    writer = LineWriter(pipe, lines_max=3)
    writer.put("first")
    assert pipe.full.wait(10)
    for number in range(5):
        writer.put(str(number))
    assert writer.dropped == 2
    pipe.free.set()
    writer.close()
    writer._thread.join(10)
    assert pipe.getvalue().split() == ["first", "0", "1", "2"]
    assert said == [("logs.dropped", {"lines": 2})]


def test_a_reader_that_has_gone_harms_nobody():
    """A closed pipe ends the writing and nothing else."""
    pipe = io.StringIO()
    pipe.close()
    writer = LineWriter(pipe)
    writer.put("unheard")
    writer._thread.join(10)
    writer.put("unheard")
    assert writer.flush()


# ── the names ────────────────────────────────────────────────────────────────────────────────


def calls_of_log(path: Path) -> list[ast.Call]:
    """Where a module logs."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.func.attr in LEVELS | {"log"}
    ]


def events_of_the_code() -> set[str]:
    """Every event that is logged; each is a constant name."""
    found = set()
    for path in sorted((ROOT / "acd").rglob("*.py")):
        for call in calls_of_log(path):
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert isinstance(call.func, ast.Attribute)
            event = call.args[call.func.attr == "log"]
            assert isinstance(event, ast.Constant), f"{where}: the event is no constant"
            assert NAME.fullmatch(event.value), f"{where}: {event.value!r} is no name of the form area.what"
            assert not any(key.arg in {"agent", "phone", "endpoint"} for key in call.keywords), where
            found.add(event.value)
    return found


def events_of_the_document() -> list[str]:
    """The first cell of each row of the tables in docs/logs.md."""
    rows = (line for line in (ROOT / "docs/logs.md").read_text().splitlines() if line.startswith("| `"))
    return [name for row in rows for name in NAME.findall(row.split("|")[1])]


def test_each_event_is_documented_once_and_each_documented_event_is_logged():
    """A name that is in use outside may not be changed unseen."""
    documented = events_of_the_document()
    assert len(documented) == len(set(documented))
    assert events_of_the_code() == set(documented)
