"""The whole command: its help, its speed, its behaviour on a terminal and in a pipe."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli.commands import GROUPS, app

HEAVY = (
    "aiohttp",
    "asyncio",
    "pydantic",
    "ruamel",
    "sqlalchemy",
    "alembic",
    "structlog",
    "prometheus_client",
)
ACD = (sys.executable, "-m", "acd")
DOCS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_help_shows_every_command_whole():
    """Each in one group, its sentence not cut off, the exit status below."""
    told = CliRunner().invoke(app, ["--help"]).output
    named = [name for names in GROUPS.values() for name in names]
    registered = [command.name or command.callback.__name__ for command in app.registered_commands]
    registered += [group.name for group in app.registered_groups]
    assert sorted(named) == sorted(registered)
    for name in named:
        line = next(line for line in told.splitlines() if re.match(rf"  {name} ", line))
        assert line.rstrip().endswith("."), line
    assert "Exit status:" in told
    assert max(map(len, told.splitlines())) <= 80


def test_every_command_stands_in_the_documentation():
    """docs/operations.md has a row for each, and for each below it."""
    text = DOCS.read_text()
    for command in app.registered_commands:
        assert f"`acd {command.name or command.callback.__name__}" in text
    for group in app.registered_groups:
        for command in group.typer_instance.registered_commands:
            assert f"`acd {group.name} {command.name or command.callback.__name__}" in text


def test_a_mistyped_command_is_guessed():
    """Exit 2."""
    told = CliRunner().invoke(app, ["stauts"])
    assert told.exit_code == 2
    assert "Did you mean 'status'" in told.stderr


def test_nothing_heavy_is_imported_before_it_is_needed():
    """`acd version` and each completion pay only for what they use."""
    script = f"import sys, acd.cli.commands; print([name for name in {HEAVY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_the_shell_completes_commands():
    """As typer has it."""
    env = {**os.environ, "_ACD_COMPLETE": "complete_bash", "COMP_WORDS": "acd ros", "COMP_CWORD": "1"}
    script = "import sys; sys.argv = ['acd']; from acd.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert told.stdout.split() == ["roster"]


def test_a_reader_who_stops_reading_is_no_failure_of_ours(run, living):
    """`acd agents | head -1`: no traceback."""
    told = subprocess.run(
        f"{sys.executable} -m acd agents --url unix:{living.socket} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("Agent")
    assert "Traceback" not in told.stderr


def test_into_a_pipe_nothing_is_cut_off(living):
    """Without COLUMNS a line is as long as it must be."""
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    living.centre.queue_name = "A name that is longer than what eighty columns leave for the name of a queue"
    ask = [*ACD, "queues", "--url", f"unix:{living.socket}"]
    told = subprocess.run(ask, env=env, capture_output=True, text=True, check=True)
    assert living.centre.queue_name in told.stdout
    narrow = subprocess.run(ask, env={**env, "COLUMNS": "80"}, capture_output=True, text=True, check=True)
    assert living.centre.queue_name not in narrow.stdout
    assert max(map(len, narrow.stdout.splitlines())) <= 80


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        leader, follower = pty.openpty()
        env = {**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
        self.process = subprocess.Popen(
            [*ACD, *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=env,
            preexec_fn=_hears_ctrl_c,  # noqa: PLW1509  # no thread runs here
        )
        os.close(follower)
        self._leader = leader
        self.seen = ""

    def read_until(self, word: str, times: int = 1) -> None:
        """Read until a word has come so often."""
        end = time.monotonic() + 20
        while self.seen.count(word) < times:
            assert select.select([self._leader], [], [], max(0, end - time.monotonic()))[0], self.seen
            self.seen += os.read(self._leader, 65536).decode()

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self._leader)


def _hears_ctrl_c() -> None:
    """A suite that runs in the background ignores SIGINT, and its children would with it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_watch_draws_again_and_ends_with_what_it_saw_last(living):
    """Twice ready, then not ready; Ctrl-C ends it with the status of the last picture: 1."""
    watch = Terminal("status", "--watch", "--every", "0.5", "--url", f"unix:{living.socket}")
    try:
        watch.read_until("in progress", 2)
        living.centre.why_not = "n1: login refused"
        watch.read_until("not ready")
    finally:
        status = watch.interrupt()
    assert status == 1
    assert "Traceback" not in watch.seen


def test_watch_outlives_the_acd(living):
    """Nobody answers: it says so and goes on looking; Ctrl-C then ends with 2."""
    away = living.socket.with_name("away")
    watch = Terminal("status", "--watch", "--every", "0.5", "--url", f"unix:{living.socket}")
    try:
        watch.read_until("in progress")
        living.socket.rename(away)
        watch.read_until("nobody listens there")
        assert watch.process.poll() is None
    finally:
        away.rename(living.socket)
        status = watch.interrupt()
    assert status in {0, 2}


def test_watch_for_a_program_is_a_line_each_time(living):
    """One object per line."""
    command = [*ACD, "status", "--watch", "--every", "0.5", "--json", "--url", f"unix:{living.socket}"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_ctrl_c,  # noqa: PLW1509  # no thread runs here
    ) as process:
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert [json.loads(line)["ready"] for line in lines] == [True, True]


@pytest.mark.parametrize("colour", ["", "1"])
def test_no_colour_where_none_is_wanted(living, colour, monkeypatch):
    """NO_COLOR is respected on a terminal too; the words say what the colours say."""
    monkeypatch.setenv("NO_COLOR", colour)
    living.centre.why_not = "n1: login refused"
    terminal = Terminal("status", "--url", f"unix:{living.socket}")
    terminal.read_until("Agents")
    assert terminal.process.wait(10) == 1
    assert "not ready" in terminal.seen
    assert ("\x1b[1;31m" in terminal.seen) == (colour == "")
