"""``acd`` as an operator calls it, on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.cli.commands import app
from tests.cli.centre import HASH_KEY, RULES, TOKEN, VIEWER, Served, beside, served

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, 80 columns, and nothing of the environment that would choose an ACD."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("ACD_URL", "ACD_TOKEN", "ACD_TOKEN_FILE", "ACD_CA_FILE", "ACD_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call ``acd`` with settings that name a socket and a store in the test's folder."""

    def call(*arguments: str, api: int = 1, ami: int = 1, more: str = "", stdin: str = "") -> Result:
        config = tmp_path / "acd.yaml"
        config.write_text(
            f"nodes:\n  - {{id: n1, host: 127.0.0.1, port: {ami}, secret_env: AMI}}\nrules: {RULES}\n"
            f"api:\n  port: {api}\n  socket: acd.sock\n  tokens:\n"
            "    - {name: ops, role: admin, token_env: TOKEN}\n"
            f"store: {{file: acd.sqlite, hash_key_env: HASH_KEY}}\n{more}"
        )
        env = {"AMI": "secret", "TOKEN": TOKEN, "HASH_KEY": HASH_KEY, "WALL": VIEWER}
        return CliRunner(env={**env, "ACD_CONFIG": str(config)}).invoke(app, list(arguments), input=stdin)

    return call


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Served]:
    """A living centre behind the socket and the port of the test's settings."""
    with beside(lambda: served(tmp_path)) as it:
        yield it
