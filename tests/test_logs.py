"""What we log holds no caller's number, whatever breaks."""

from __future__ import annotations

import sys

import pytest
import structlog

from acd.logs import set_up_logs

NUMBER = "3331234567"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_shows_no_values(monkeypatch, capsys, terminal):
    """On a terminal, too, a defect is told by its lines and not by what they were working on."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    set_up_logs("info")

    def decode(number: str) -> None:
        raise LookupError(len(number))

    try:
        decode("".join(NUMBER))
    except LookupError:
        structlog.get_logger().exception("a message could not be handled")
    finally:
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert "LookupError" in told
    assert NUMBER not in told.replace("decode(", "")
