"""``acd serve`` beside a lab, and its API: what the demonstration and the drill have in common."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from acd.errors import ConfigError

START_S_MAX = 20.0
LOG_SHOWN = 2_000


class Api:
    """The ACD's own API, as any client would use it."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.url = url
        self._session = session

    async def get(self, path: str, token: str = "") -> Any:
        """Read one resource, with a token of somebody else's if one is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.get(self.url + path, headers=headers) as answer:
            return await answer.json(content_type=None)

    async def log_in(self, agent: str) -> None:
        """Log one agent in."""
        async with self._session.post(f"{self.url}/api/v1/agents/{agent}/login") as answer:
            answer.raise_for_status()

    async def employ(self, roster: bytes) -> None:
        """Import everybody."""
        headers = {"Content-Type": "text/csv"}
        path = f"{self.url}/api/v1/roster/import"
        async with self._session.post(path, data=roster, headers=headers) as answer:
            answer.raise_for_status()

    async def ready(self) -> bool:
        """Whether the ACD can route."""
        try:
            async with self._session.get(self.url + "/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def serving(config: Path, url: str, environment: Mapping[str, str]) -> AsyncIterator[Api]:
    """Run ``acd serve`` with these settings, and end it in order.

    Args:
        config: The settings; the log is written beside them.
        url: Where they say that the API listens.
        environment: The secrets that they name; ``ACD_API_TOKEN`` is the one we use.

    Raises:
        ConfigError: It did not become ready; the end of its log is in the sentence.
    """
    log = config.with_suffix(".log")
    with log.open("w") as stderr:
        acd = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "acd",
            "serve",
            "--config",
            str(config),
            env={**os.environ, **environment},
            stderr=stderr,
            start_new_session=True,  # Ctrl-C is for whoever started us, who ends it in order
        )
    try:
        headers = {"Authorization": f"Bearer {environment['ACD_API_TOKEN']}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            api = Api(session, url)
            await _until_ready(api, acd, log)
            yield api
    finally:
        if acd.returncode is None:
            acd.send_signal(signal.SIGTERM)
            await acd.wait()


async def _until_ready(api: Api, acd: asyncio.subprocess.Process, log: Path) -> None:
    end = time.monotonic() + START_S_MAX
    while not await api.ready():
        if acd.returncode is not None or time.monotonic() > end:
            raise ConfigError((f"acd serve did not become ready; it says:\n{log.read_text()[-LOG_SHOWN:]}",))
        await asyncio.sleep(0.1)
