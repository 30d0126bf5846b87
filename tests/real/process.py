"""``acd serve`` as a process of its own: started, killed, frozen and thawed by a test.

What such a test knows it knows from outside, as an operator does: from the API, and from
Asterisk's own list of channels (``places``), told apart by the callers' numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp

from asterisk_lab import Lab, LabError
from tests.real.floor import Epochs, net_members

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "token-of-the-tests-only"

RULES = {
    "skills.yaml": "skills:\n  generale: Informazioni\n",
    "sites.yaml": "sites:\n  roma: {name: Roma}\n",
    "offices.yaml": (
        "offices:\n"
        "  roma: {name: Sede di Roma, province: RM, number: '0612345678', trunk: trunk, capacity: 1}\n"
    ),
    "pause_reasons.yaml": (
        "pause_reasons:\n  pausa: {name: Pausa, digit: '1'}\n  mancate: {name: Mancate risposte}\n"
        "missed_reason: mancate\n"
    ),
    "entry.yaml": "entry:\n  '803164': generale\nqueue_by_default: generale\n",
}
QUEUES = """\
queues:
  generale:
    name: Informazioni
    language: it
    needs: {{generale: 1}}
    ring_s: {ring_s}
    wrap_up_s: {wrap_up_s}
"""


@dataclass(frozen=True)
class Place:
    """Where a caller's channel stands in Asterisk, by its own word."""

    context: str
    application: str
    bridged: bool
    uniqueid: str
    channel: str

    @property
    def stage(self) -> str:
        """Say it in one word: hold, ring, talk, net, nettalk; any other context by its name."""
        match self.context, self.application, self.bridged:
            case "acd-hold", _, _:
                return "hold"
            case "acd-offer", "Dial", bridged:
                return "talk" if bridged else "ring"
            case "acd-net", "Queue", True:
                return "nettalk"
            case "acd-net", _, _:
                return "net"
        return self.context


def places(lab: Lab) -> dict[str, Place]:
    """Every caller who came in at the trunk, by number."""
    rows = [line.split("!") for line in lab.rx("core show channels concise").splitlines()]
    return {
        row[7]: Place(row[1], row[5], bool(row[12]), row[13], row[0])
        for row in rows
        if len(row) >= 14 and row[0].startswith("PJSIP/carrier-")
    }


def stages(lab: Lab) -> dict[str, str]:
    """The same in one word each."""
    return {number: place.stage for number, place in places(lab).items()}


def free_port() -> int:
    """A TCP port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(true: Callable[[], object], what: Callable[[], object] | str, limit_s: float = 10.0) -> float:
    """Wait until something is true; returns the moment it was seen."""
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s: {what if isinstance(what, str) else what()}")
        await asyncio.sleep(0.02)
    return time.time()


class AcdProcess:
    """One ACD at a time in front of these labs; the next one has the same settings.

    Leaving the context ends whatever runs, hangs up all calls and empties the safety net.
    """

    def __init__(
        self,
        labs: Sequence[Lab],
        folder: Path,
        *,
        agents: int = 9,
        ring_s: int = 3,
        wrap_up_s: float = 1,
        rules: Path | None = None,
        roster: str = "",
        own_labs: bool = False,
        journal: bool = False,
    ) -> None:
        """Write settings and rules into ``folder``; start nothing.

        Args:
            labs: the Asterisks.
            folder: for settings, rules, store and log.
            agents: so many are employed at the start.
            ring_s: of the one queue of the tests' own rules.
            wrap_up_s: of that queue.
            rules: a rule folder instead of the tests' own.
            roster: CSV of who is employed at the start, instead of ``agents``.
            own_labs: the labs end with the test, so nobody need be logged out of them.
            journal: keep one, in the folder ``journal``.
        """
        self.own_labs = own_labs
        self.journal = journal
        self.queue_log = folder / "queue_log"
        self.labs = tuple(labs)
        self.folder = folder
        self.rules = rules
        self.agents = tuple(f"a{n:04}" for n in range(1, agents + 1))
        self.roster = roster or "agent,site,skills\n" + "".join(
            f"{name},roma,generale:5\n" for name in self.agents
        )
        self.api = f"http://127.0.0.1:{self._write(ring_s, wrap_up_s)}"
        self.running: subprocess.Popen[bytes] | None = None

    def _write(self, ring_s: int, wrap_up_s: float) -> int:
        (self.folder / "rules").mkdir()
        self.rules = self.rules or self.folder / "rules"
        queues = QUEUES.format(ring_s=ring_s, wrap_up_s=wrap_up_s)
        for name, text in {**RULES, "queues.yaml": queues}.items():
            (self.folder / "rules" / name).write_text(text)
        lines = ["nodes:"]
        for n, lab in enumerate(self.labs):
            self._secret(f"ami{n}", lab.ami_secret)
            lines.append(f"  - {{id: lab{n}, host: 127.0.0.1, port: {lab.ami_port}, secret_file: ami{n}}}")
        self._secret("token", TOKEN)
        port = free_port()
        lines += [
            f"rules: {self.rules}",
            f"api: {{port: {port}, tokens: [{{name: test, role: admin, token_file: token}}]}}",
            "metrics: {port: 0}",
            "store: {file: acd.sqlite}",
            "queue_log: {file: queue_log}",
            *(["journal: {folder: journal}"] if self.journal else []),
        ]
        (self.folder / "acd.yaml").write_text("\n".join(lines) + "\n")
        return port

    def _secret(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    # ── life ─────────────────────────────────────────────────────────────────────────────────

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Purpose": "a test looks at its agents"}
        self.client = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=3))
        try:
            await self.start()
            await self.employ(self.roster)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        try:
            self.hang_up_all()
            if not failed:
                await self._leave_in_order()
        finally:
            await self._end()

    def hang_up_all(self) -> None:
        """Let Asterisk end every call."""
        for lab in self.labs:
            with contextlib.suppress(LabError):
                lab.rx("channel request hangup all")

    async def _leave_in_order(self) -> None:
        if not self.own_labs:
            for name in self.agents:
                await self.ask(name, "logout")
            for lab in self.labs:
                await until(lambda lab=lab: not net_members(lab), "the net is empty")
        assert await self.stop() == 0

    async def _end(self) -> None:
        await self.client.close()
        if self.running is not None:
            self.running.kill()  # works on a frozen process too
            self.running.wait(5)
        for lab in () if self.own_labs else self.labs:
            with contextlib.suppress(LabError):
                for name in net_members(lab):
                    lab.rx(f"queue remove member PJSIP/{name} from acd-net-it")

    async def start(self, limit_s: float = 15.0) -> float:
        """Start a process and wait until it routes calls; returns how long that took."""
        assert self.running is None
        await asyncio.sleep(Epochs.last + 1 - time.time())  # its epoch is the second of its start
        began = time.monotonic()
        self.running = self._launch()
        while not await self.ready():
            if self.running.poll() is not None or time.monotonic() > began + limit_s:
                raise AssertionError(f"the ACD did not start:\n{self.log.read_text()[-4_000:]}")
            await asyncio.sleep(0.05)
        Epochs.last = max(Epochs.last, int(time.time()))
        return time.monotonic() - began

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "acd", "serve", "--config", str(self.folder / "acd.yaml")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

    def kill(self) -> float:
        """SIGKILL; returns the moment."""
        assert self.running is not None
        self.running.kill()
        self.running.wait(5)
        self.running = None
        return time.time()

    async def stop(self, limit_s: float = 10.0) -> int:
        """SIGTERM; returns the exit status."""
        assert self.running is not None
        self.running.send_signal(signal.SIGTERM)
        ended = self.running
        await until(lambda: ended.poll() is not None, "the ACD has ended", limit_s)
        self.running = None
        return ended.returncode

    def freeze(self) -> float:
        """SIGSTOP; returns the moment."""
        assert self.running is not None
        self.running.send_signal(signal.SIGSTOP)
        return time.time()

    def thaw(self) -> float:
        """SIGCONT; returns the moment."""
        assert self.running is not None
        self.running.send_signal(signal.SIGCONT)
        return time.time()

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    @property
    def log(self) -> Path:
        """What all its processes said."""
        return self.folder / "acd.log"

    async def ready(self) -> bool:
        """Whether it routes calls now."""
        try:
            async with self.client.get(f"{self.api}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def get(self, path: str) -> Any:
        """One page of the API."""
        async with self.client.get(f"{self.api}/api/v1/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def ask(self, agent: str, verb: str, **body: str) -> dict[str, Any]:
        """Ask something for an agent (login, logout, ready, pause); returns the agent afterwards."""
        path = f"{self.api}/api/v1/agents/{agent}/{verb}"
        async with self.client.post(path, json=body or None) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def employ(self, roster: str) -> dict[str, Any]:
        """Import people (CSV) while the ACD runs; returns its report."""
        path, headers = f"{self.api}/api/v1/roster/import", {"Content-Type": "text/csv"}
        async with self.client.post(path, data=roster.encode(), headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def login(self, *names: str) -> None:
        """Log these agents in, one after the other."""
        for name in names:
            await self.ask(name, "login")

    async def counts(self) -> dict[str, Any]:
        """The books."""
        found: dict[str, Any] = (await self.get("summary"))["counts"]
        return found

    async def state(self, agent: str) -> str:
        """Where an agent stands."""
        found: str = (await self.get(f"agents/{agent}"))["state"]
        return found

    async def states(self, *agents: str) -> list[str]:
        """Where these agents stand."""
        return [await self.state(name) for name in agents]

    async def calls(self) -> list[dict[str, Any]]:
        """Calls in progress, oldest first."""
        found: list[dict[str, Any]] = (await self.get("calls"))["items"]
        return found

    async def comes_true(self, check: Callable[[], Any], wanted: object, limit_s: float = 5.0) -> None:
        """Wait until an answer of the API is the wanted one."""
        end = time.monotonic() + limit_s
        while (found := await check()) != wanted:
            assert time.monotonic() < end, f"{found!r} after {limit_s} s, not {wanted!r}"
            await asyncio.sleep(0.05)
