"""The commands as an operator calls them: what they print, and with which status they end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from acd.ami.doctor import patience, stream
from acd.cli import app
from acd.core.notes import AgentState
from acd.web.app import build_api
from acd.web.serve import Server, serve
from acd.web.tokens import Tokens
from tests.ami.patient import Patient
from tests.web.small_centre import SmallCentre

TOKEN = "a-long-random-secret-of-the-tests"
RULES = Path(__file__).parents[1] / "routing_rules"

Made = TypeVar("Made")


@contextlib.contextmanager
def beside(make: Callable[[], AbstractAsyncContextManager[Made]]) -> Iterator[Made]:
    """Run a server on a loop of its own, for a command has one too."""
    up, down, made = threading.Event(), asyncio.Event(), []
    loop = asyncio.new_event_loop()

    async def keep() -> None:
        async with make() as it:
            made.append(it)
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(keep()))
    thread.start()
    try:
        assert up.wait(5)
        yield made[0]
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(5)
        loop.close()


@contextlib.asynccontextmanager
async def served(centre: SmallCentre) -> AsyncIterator[Server]:
    server = await serve(build_api(centre, Tokens.from_secrets({"ops": TOKEN})), "127.0.0.1", 0)
    yield server
    await server.stop()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call ``acd`` with settings of these ports."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(patience, "ANSWERS", 20)
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    monkeypatch.setattr(stream, "SETTLES_S", 0.01)

    def call(*arguments: str, api: int = 1, ami: int = 1) -> Result:
        config = tmp_path / "acd.yaml"
        config.write_text(
            f"nodes:\n  - {{id: n1, host: 127.0.0.1, port: {ami}, secret_env: AMI}}\nrules: {RULES}\n"
            f"api:\n  port: {api}\n  tokens:\n    - {{name: ops, role: admin, token_env: TOKEN}}\n"
        )
        return CliRunner(env={"AMI": "secret", "TOKEN": TOKEN}).invoke(
            app, [*arguments, "--config", str(config)]
        )

    return call


def test_status_shows_a_ready_centre_on_one_screen(run):
    """Nodes, calls, queues, agents by site, revision; exit 0."""
    with beside(lambda: served(SmallCentre())) as server:
        told = run("status", api=server.port)
    assert told.exit_code == 0, told.output
    assert told.output.startswith("ready")
    for word in ("22.10.1", "in progress", "Waiting", "roma", "30"):
        assert word in told.output
    assert len(told.output.splitlines()) < 24
    assert "\x1b" not in told.output


def test_status_says_why_not_ready(run):
    """Exit 1, and the reason of readyz."""
    centre = SmallCentre()
    centre.why_not = "n1: login refused"
    with beside(lambda: served(centre)) as server:
        told = run("status", api=server.port)
        for_programs = run("status", "--json", api=server.port)
    assert told.exit_code == for_programs.exit_code == 1
    assert "not ready: n1: login refused" in told.output
    said = json.loads(for_programs.stdout)
    assert (said["ready"], said["summary"]["not_ready"]) == (False, "n1: login refused")
    assert [queue["waiting"] for queue in said["queues"]] == [4, 0]


def test_status_never_names_a_small_group(run):
    """Three people of one site are nobody to be shown by themselves."""
    centre = SmallCentre()
    centre.people = {"aosta": {AgentState.PAUSED: 3}}
    with beside(lambda: served(centre)) as server:
        told = run("status", api=server.port)
    assert told.exit_code == 0
    assert "aosta" not in told.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "start the ACD, or give --url"),
        (("--url", "http://127.0.0.1:1", "--token-env", "NO_SUCH"), "NO_SUCH holds no token"),
        (("--url", "nonsense"), "cannot be asked"),
    ],
)
def test_status_that_cannot_ask_says_so(run, arguments, sentence):
    """Exit 2 and one sentence, no traceback."""
    told = run("status", *arguments)
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert told.stdout == ""


def test_status_with_a_token_that_is_not_known(run, monkeypatch):
    """Exit 2: the API answered, but not to us."""
    monkeypatch.setenv("OTHER", "some-other-long-random-token")
    with beside(lambda: served(SmallCentre())) as server:
        told = run("status", "--url", f"http://127.0.0.1:{server.port}", "--token-env", "OTHER")
    assert told.exit_code == 2
    assert "does not know the token" in told.stderr


def test_doctor_of_a_healthy_asterisk(run):
    """Exit 0; each finding on a line of its own."""
    patient = Patient()
    patient.functions["QUEUE_EXISTS(acd-net-de)"] = "1"
    with beside(lambda: patient):
        told = run("doctor", "--listen", "0", ami=patient.port)
    assert told.exit_code == 0, told.output
    assert "Asterisk n1\n" in told.output
    assert told.output.splitlines()[-1].startswith("0 wrong, 0 warning")
    assert "\x1b" not in told.output


def test_doctor_of_an_ill_asterisk_in_both_tongues(run):
    """Exit 1, with what to write; the same for programs."""
    patient = Patient()
    del patient.classes["Setvar"]
    with beside(lambda: patient):
        told = run("doctor", "--listen", "0", ami=patient.port)
        for_programs = run("doctor", "--listen", "0", "--json", ami=patient.port)
    assert told.exit_code == for_programs.exit_code == 1
    assert "-> manager.conf, section [acd]: write = call,reporting,agent" in told.output
    said = json.loads(for_programs.stdout)
    assert not said["sound"]
    wrong = {finding["check"] for finding in said["nodes"][0]["findings"] if finding["level"] == "wrong"}
    assert "rights" in wrong


def test_doctor_of_an_asterisk_that_is_not_there(run):
    """It could look, and what it saw is wrong: exit 1."""
    told = run("doctor", "--listen", "0")
    assert told.exit_code == 1
    assert "cannot be reached" in told.output


def test_doctor_without_settings_cannot_run(run, tmp_path):
    """Exit 2."""
    told = CliRunner().invoke(app, ["doctor", "--config", str(tmp_path / "none.yaml")])
    assert told.exit_code == 2
    assert told.stdout == ""


def test_check_and_version(run):
    """The other commands that end by themselves."""
    assert "revision" in CliRunner().invoke(app, ["check", str(RULES)]).output
    assert CliRunner().invoke(app, ["check", "/nowhere"]).exit_code == 1
    assert CliRunner().invoke(app, ["version"]).output.strip()
