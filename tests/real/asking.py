"""What a supervisor asks: the real command, a process of its own, about what a test has just seen.

Of a centre in this process it asks the API, served on a Unix socket as a service does; of a process that has
ended it asks the files. Sentences come back without their moments.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path
from typing import Final, Self

import msgspec

from acd.cli.answers import StoryTold
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.real.floor import Floor

__all__ = ["ROOT", "WHY", "Supervisor", "acd", "at", "story"]

ROOT: Final = Path(__file__).resolve().parents[2]
WHY: Final = ("--purpose", "a test asks what happened")
MOMENT: Final = len("2026-10-05 10:00:00  ")


async def acd(*arguments: str, env: dict[str, str] | None = None) -> str:
    """What the command says; it must succeed."""
    asked = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "acd",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
    )
    said, complaint = await asked.communicate()
    assert asked.returncode == 0, (arguments, complaint.decode())
    return said.decode()


async def story(call: str, *how: str, env: dict[str, str] | None = None) -> list[str]:
    """The sentences of ``acd explain``."""
    return [line[MOMENT:] for line in (await acd("explain", call, *WHY, *how, env=env)).splitlines()]


def at(moment_ms: int) -> str:
    """A moment as ``--at`` takes it."""
    return dt.datetime.fromtimestamp(moment_ms / 1_000, tz=dt.UTC).isoformat()


class Supervisor:
    """Asks the centre of a floor that keeps a journal."""

    def __init__(self, floor: Floor) -> None:
        self._api = build_api(floor.centre, Bearers(()), clock=floor.centre.clock)
        self._folder = tempfile.TemporaryDirectory(prefix="acd-")
        self._socket = Path(self._folder.name) / "api"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._api, "127.0.0.1", 0, socket_path=self._socket)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()
        self._folder.cleanup()

    async def story(self, call: str, *how: str) -> list[str]:
        """The sentences of a call's story."""
        return await story(call, *how, "--url", f"unix:{self._socket}")

    async def story_for_programs(self, call: str) -> StoryTold:
        """The same with ``--json``."""
        said = await acd("explain", call, *WHY, "--json", "--url", f"unix:{self._socket}")
        return msgspec.json.decode(said, type=StoryTold)

    async def why_not(self, call: str, agent: str, *how: str) -> str:
        """Why this agent did not get the call."""
        asked = ("why-not", "--call", call, "--agent", agent, *WHY, *how)
        return (await acd(*asked, "--url", f"unix:{self._socket}")).strip()
