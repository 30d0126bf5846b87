"""SIPp as callers, agents' phones and office lines.

One SIPp process is many phones: all agents share one address and port, told apart by the name in
the INVITE. A phone of another kind gets a port of its own (``contact_ports`` of the lab). Times
come from SIPp's logs, in microseconds, on this machine's clock, which is also Asterisk's.
"""

from __future__ import annotations

import contextlib
import csv
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from asterisk_lab.errors import LabError
from asterisk_lab.installation import ensure_tool
from asterisk_lab.lab import Lab
from asterisk_lab.process import Process

SCENARIOS = Path(__file__).with_name("sipp")
Span = int | tuple[int, int]
"""Milliseconds: a number, or least and most of a uniform chance."""

BEHAVIOURS = {
    "answer": "rings ring_ms, answers, stays until the other side leaves, or leaves after talk_ms",
    "ring": "rings until CANCEL",
    "refuse": "refuses at once with code",
    "transfer": "answers, after talk_ms sends REFER to target",
    "hold": "answers, after talk_ms holds for held_ms, then stays",
}


@dataclass(frozen=True)
class Counts:
    """Totals of one SIPp process."""

    begun: int
    succeeded: int
    failed: int
    going_on: int


@dataclass(frozen=True)
class Message:
    """One SIP message as SIPp logged it."""

    at: float
    """Seconds since the epoch."""
    sent: bool
    call_id: str
    cseq: str
    """Such as ``1 INVITE``."""
    first_line: str

    @property
    def call_number(self) -> int:
        """Return which call of the process it belongs to (callers only), from 1."""
        return int(self.call_id.partition("-")[0])


@dataclass(frozen=True)
class Invite:
    """An INVITE that reached an agent's phone or an office's line."""

    at: float
    to: str
    from_number: str
    call_id: str


@dataclass
class Sipp:
    """One running SIPp."""

    process: Process
    work: tempfile.TemporaryDirectory[str]

    # ---- starting

    @classmethod
    def callers(
        cls,
        lab: Lab,
        number: str | Sequence[str] = "803164",
        *,
        count: int = 1,
        rate: float = 20,
        stay_ms: int | Sequence[int] = 600_000,
        names: Sequence[str] = ("",),
        from_numbers: Sequence[str] = (),
        log_messages: bool = True,
    ) -> Self:
        """Start callers who each stay so long, unless the other side leaves first.

        Args:
            lab: whom they call.
            number: what they dial; a sequence is gone through call by call.
            count: how many calls.
            rate: new calls per second.
            stay_ms: from answer to BYE; a sequence is gone through call by call.
            names: display names with their quotes as they go on the wire, gone through call by call.
            from_numbers: the callers' numbers; by default 061 and the number of the call.
            log_messages: note each message (``messages``); off for load beyond 50 calls/s.
        """
        stays = [stay_ms] if isinstance(stay_ms, int) else stay_ms
        numbers = [number] if isinstance(number, str) else number
        rows = [
            (
                names[n % len(names)],
                from_numbers[n % len(from_numbers)] if from_numbers else f"061{n + 1:07}",
                numbers[n % len(numbers)],
                str(stays[n % len(stays)]),
            )
            for n in range(count)
        ]
        options = ["-m", str(count), "-r", f"{rate:g}", "-l", str(max(count, 1))]
        return cls._start(lab, "caller.xml", lab.caller_ip, 0, options, rows=rows, log_messages=log_messages)

    @classmethod
    def agent(
        cls,
        lab: Lab,
        behaviour: str = "answer",
        *,
        port: int = 6000,
        ring_ms: Span = 0,
        talk_ms: Span | None = None,
        held_ms: Span = 500,
        code: int = 486,
        target: str = "",
        office: bool = False,
        log_messages: bool = False,
    ) -> Self:
        """Start phones that behave as ``BEHAVIOURS`` says, on this port (before the offset)."""
        if behaviour == "refuse":
            words = {"code": str(code)}
            scenario = "agent_refuse.xml"
        else:
            scenario = "agent.xml"
            then = {"answer": "stay" if talk_ms is None else "hang_up", "ring": "stay"}.get(
                behaviour, behaviour
            )
            words = {
                "then": (SCENARIOS / f"then_{then}.xml").read_text(),
                "ring": _pause(600_000 if behaviour == "ring" else ring_ms),
                "talk": _pause(talk_ms or 0),
                "held": _pause(held_ms),
                "target": target,
            }
        address = lab.trunk_ip if office else lab.agent_ip
        shifted = lab.settings.port(port)
        started = cls._start(lab, scenario, address, shifted, [], words=words, log_messages=log_messages)
        started._wait_listening(address, shifted)  # noqa: SLF001
        return started

    @classmethod
    def register(cls, lab: Lab, name: str, *, port: int = 6000, expires_s: int = 300) -> Self:
        """Register a phone r0001 … whose contact is this port of the agents' address; 0 s = unregister."""
        row = (name, lab.phone_secret, f"{lab.agent_ip}:{lab.settings.port(port)}", str(expires_s))
        return cls._start(lab, "register.xml", lab.agent_ip, 0, ["-m", "1"], rows=[row])

    @classmethod
    def dial(cls, lab: Lab, name: str, number: str) -> Self:
        """Let an agent's phone a0001 … dial a feature code; it ends when Asterisk hangs up."""
        row = (name, "", number)
        return cls._start(lab, "dial.xml", lab.agent_ip, 0, ["-m", "1"], rows=[row], log_messages=True)

    # ---- looking

    @property
    def directory(self) -> Path:
        """Return where its logs are, until it is stopped."""
        return Path(self.work.name)

    def wait(self, limit_s: float) -> Counts:
        """Wait until all its calls are over and return the totals.

        Raises:
            LabError: they were not over in time.
        """
        if not self.process.wait(limit_s):
            raise LabError(f"SIPp's calls were not over after {limit_s:g} s: {self.counts()}")
        return self.counts()

    def counts(self) -> Counts:
        """Return the totals so far (a second old at most)."""
        try:
            with (self.directory / "stat.csv").open(newline="") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
        except OSError:
            rows = []
        if not rows:
            return Counts(0, 0, 0, 0)
        last = rows[-1]
        begun = int(last["TotalCallCreated"])
        return Counts(
            begun, int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), int(last["CurrentCall"])
        )

    def messages(self) -> list[Message]:
        """Return every message logged so far (needs ``log_messages``)."""
        try:
            lines = (self.directory / "messages.log").read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            fields = line.split("\t")
            if len(fields) >= 7:
                cseq = fields[5].removeprefix("CSeq:").strip()
                found.append(Message(float(fields[2]), fields[3] == "S", fields[4], cseq, fields[6]))
        return found

    def invites(self) -> list[Invite]:
        """Return every INVITE that reached these phones so far (agents and offices)."""
        try:
            lines = (self.directory / "log.log").read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        rows = [line.split() for line in lines]
        return [Invite(int(float(r[0])) + float(r[1]) / 1e6, r[2], r[3], r[4]) for r in rows if len(r) == 5]

    def stop(self) -> Counts:
        """End it, whatever its calls are doing, and return the last totals."""
        self.process.signal(signal.SIGUSR1)
        self.process.wait(0.2)
        self.process.end(grace_s=1.0)
        counts = self.counts()
        self.work.cleanup()
        return counts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ---- inside

    @classmethod
    def _start(
        cls,
        lab: Lab,
        scenario: str,
        address: str,
        port: int,
        options: list[str],
        *,
        rows: Sequence[tuple[str, ...]] = (),
        words: dict[str, str] | None = None,
        log_messages: bool = False,
    ) -> Self:
        program = ensure_tool("sipp", "sip-tester")
        work = tempfile.TemporaryDirectory(prefix="acd-sipp-")
        directory = Path(work.name)
        (directory / scenario).write_text(_filled((SCENARIOS / scenario).read_text(), words or {}))
        command = [
            program, f"{lab.sip_ip}:{lab.sip_port}", "-sf", str(directory / scenario),
            "-i", address, "-p", str(port or _free_port(address)), "-nostdin", "-timer_resol", "1",
            "-mp", str(_free_media_port(address)),
            "-trace_stat", "-fd", "1", "-stf", str(directory / "stat.csv"), "-f", "3600",
            "-trace_logs", "-log_file", str(directory / "log.log"),
            "-trace_err", "-error_file", str(directory / "errors.log"),
            *options,
        ]  # fmt: skip
        if log_messages:
            command += ["-trace_shortmsg", "-shortmessage_file", str(directory / "messages.log")]
        if rows:
            lines = ["SEQUENTIAL", *(";".join(row) for row in rows)]
            (directory / "rows.csv").write_text("\n".join(lines) + "\n", "utf-8", "surrogateescape")
            command += ["-inf", str(directory / "rows.csv")]
        return cls(Process.start(command, directory / "output.log"), work)

    def _wait_listening(self, address: str, port: int) -> None:
        local = "".join(f"{part:02X}" for part in reversed(socket.inet_aton(address))) + f":{port:04X}"
        deadline = time.monotonic() + 5
        while not self._holds_socket(local):
            if not self.process.alive or time.monotonic() > deadline:
                log = self.directory / "errors.log"
                why = log.read_text() if log.exists() else (self.directory / "output.log").read_text()
                self.stop()
                raise LabError(f"SIPp does not listen on {address}:{port}: {why}")
            time.sleep(0.005)

    def _holds_socket(self, local: str) -> bool:
        rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()]
        inodes = {f"socket:[{row[9]}]" for row in rows if row[1] == local}
        try:
            return any(str(fd.readlink()) in inodes for fd in Path(f"/proc/{self.process.pid}/fd").iterdir())
        except OSError:  # a file was closed, or the process ended, while we looked
            return False


def _pause(span: Span) -> str:
    if isinstance(span, int):
        return f'<pause milliseconds="{span}"/>' if span else ""
    return f'<pause distribution="uniform" min="{span[0]}" max="{span[1]}"/>'


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():  # `then` comes first and holds others
        text = text.replace(f"@{name}@", word)
    return text


def _free_media_port(address: str) -> int:
    """Return a port that is free with the nine after it; SIPp takes some of them for media."""
    while True:
        first = 40_000 + secrets.randbelow(2_000) * 10
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for port in range(first, first + 10):
                probe = probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                probe.bind((address, port))
            return first


def _free_port(address: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port
