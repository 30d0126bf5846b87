"""One Chromium for all, one context a test, and two servers: the whole application and a small centre."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from acd.store.records import Role
from acd.web import live
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.browser.looking import SETTLES_MS, Looker
from tests.web.conftest import DAY_MS, record
from tests.web.small_centre import HandClock, SmallCentre

STARTS_S_MAX = 30
FLAGS = ("--no-sandbox",)
"""As root there is none to be had; whoever runs the tests trusts our own pages."""


class Living:
    """The application in a process of its own (``tests.browser.living``).

    Args:
        folder: its store, journal and rules.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, port: int = 0) -> None:
        """Begin to serve; at once where it served before."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.browser.living",
            str(self.folder),
            str(port),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTS_S_MAX):
            self.url = (await self._process.stdout.readline()).decode().strip()
        assert self.url, "the application did not start; its reason stands above"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> int:
        """Ask it to end; its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self.send(signal.SIGTERM)
        async with asyncio.timeout(STARTS_S_MAX):
            return await self._process.wait()


class Small:
    """A centre small enough to see through, served from here; what happens in it is the test's affair."""

    def __init__(self) -> None:
        self.centre = SmallCentre()
        self.clock = HandClock()
        self.url = ""
        for name, role, agent in (
            ("viewer", Role.VIEWER, None),
            ("supervisor", Role.SUPERVISOR, None),
            ("operator", Role.OPERATOR, None),
            ("agent", Role.AGENT, "a0001"),
        ):
            token = record(name, role, agent=agent)
            self.centre.small_store.records[token.id] = token

    async def run_clock(self, every_s: float = 0.05) -> None:
        """Let its time pass."""
        loop = asyncio.get_running_loop()
        begun_ms, begun_s = self.clock.ms, loop.time()
        while True:
            self.clock.ms = begun_ms + int((loop.time() - begun_s) * 1000) % DAY_MS
            await asyncio.sleep(every_s)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    program = shutil.which("chromium")
    assert program, "there is no Chromium on the PATH; scripts/chromium installs it."
    expect.set_options(timeout=SETTLES_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Living]:
    """The whole application, at work."""
    it = Living(tmp_path_factory.mktemp("living"))
    await it.start()
    yield it
    assert await it.stop() == 0


@pytest_asyncio.fixture(loop_scope="session")
async def small(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Small]:
    """A small centre, ten pictures a second."""
    monkeypatch.setattr(live, "EVERY_S", 0.1)
    it = Small()
    server = await serve(build_api(it.centre, Bearers(()), clock=it.clock), "127.0.0.1", 0)
    it.url = server.url
    passing = asyncio.create_task(it.run_clock())
    yield it
    passing.cancel()
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def looker(chromium: Browser) -> AsyncIterator[Looker]:
    """Opens pages; at the end nothing may have gone wrong on any of them."""
    async with AsyncExitStack() as stack:
        it = Looker(chromium, stack)
        yield it
        faults = it.faults
    assert faults == []
