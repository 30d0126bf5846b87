"""One lab: an Asterisk on loopback that this machine can start, break, restart and end."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from asterisk_lab import configuration, installation
from asterisk_lab.configuration import Settings
from asterisk_lab.errors import LabError
from asterisk_lab.installation import Installation
from asterisk_lab.process import Process

BOOT_S_MAX = 60.0
CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
RUN_INSIDE = "/var/tmp/acd-lab"  # noqa: S108 - below it each lab has a directory of mode 0700


def state_dir() -> Path:
    """Return where the running labs of this user are noted down."""
    return Path(RUN_INSIDE) if os.geteuid() == 0 else Path(f"{RUN_INSIDE}-{os.geteuid()}")


@dataclass
class Lab:
    """A running (or stopped, or killed) Asterisk with the shipped configuration."""

    settings: Settings
    installation: Installation
    ami_secret: str
    phone_secret: str
    process: Process

    ami_user = "acd"
    sip_ip = configuration.ASTERISK_IP
    caller_ip = configuration.CALLER_IP
    agent_ip = configuration.AGENT_IP
    trunk_ip = configuration.TRUNK_IP

    # ---- making and finding

    @classmethod
    def up(
        cls,
        agents: int = 12,
        port_offset: int | None = 0,
        *,
        contact_ports: Mapping[str, int] | None = None,
        registering: int = 3,
        rules: Path | None = None,
    ) -> Self:
        """Start a lab, or return the one that already runs with exactly these settings.

        Args:
            agents: how many phones a0001 … there are.
            port_offset: shifts every port alike; None takes an offset that is free.
            contact_ports: agents whose phone listens on a port of its own, before the offset.
            registering: how many phones r0001 … must register.
            rules: the rule folder whose entry and prompts it runs; None is the demo's.

        Raises:
            LabUnavailableError: no Asterisk here and no right to make one.
            LabError: it did not come up; the message says why.
        """
        made = installation.find_or_make()
        with _locked():
            offset = _free_offset() if port_offset is None else port_offset
            if not 0 <= offset <= configuration.OFFSET_MAX:
                raise LabError(f"The port offset must be from 0 to {configuration.OFFSET_MAX}, not {offset}.")
            folder = str(rules.resolve()) if rules else ""
            settings = Settings(offset, agents, registering, dict(contact_ports or {}), folder)
            running = cls._noted(offset)
            if running and running.process.alive:
                wanted = settings.fingerprint(made)
                if running._noted_fingerprint() == wanted:  # noqa: SLF001
                    return running
                running.process.end()
            _refuse_taken_ports(settings)
            lab = cls(settings, made, secrets.token_urlsafe(32), secrets.token_urlsafe(12), Process(0, 0))
            configuration.write(settings, made, lab.base, lab.ami_secret, lab.phone_secret)
            lab._launch()
        lab._wait_booted()
        return lab

    @classmethod
    def attach(cls, port_offset: int = 0) -> Self:
        """Return the lab that runs at this offset.

        Raises:
            LabError: none does.
        """
        lab = cls._noted(port_offset)
        if lab is None or not lab.process.alive:
            raise LabError(f"No lab runs at port offset {port_offset}: start one with `scripts/lab up`.")
        return lab

    @classmethod
    def running(cls) -> list[Self]:
        """Return every lab of this user that runs now."""
        offsets = sorted(int(path.parent.name) for path in state_dir().glob("*/state.json"))
        labs = [cls._noted(offset) for offset in offsets]
        return [lab for lab in labs if lab and lab.process.alive]

    def down(self) -> None:
        """End this lab's Asterisk and forget it; its directory goes too."""
        self.process.end()
        shutil.rmtree(self.host_dir, ignore_errors=True)
        shutil.rmtree(self._state_path.parent, ignore_errors=True)

    # ---- what a client needs to know

    @property
    def sip_port(self) -> int:
        """Return the UDP port of Asterisk."""
        return self.settings.port(5060)

    @property
    def ami_port(self) -> int:
        """Return the TCP port of the manager interface."""
        return self.settings.port(5038)

    @property
    def agent_port(self) -> int:
        """Return the UDP port where all agents' phones are expected."""
        return self.settings.port(6000)

    @property
    def trunk_port(self) -> int:
        """Return the UDP port where the offices' lines are expected."""
        return self.settings.port(6000)

    @property
    def asterisk_version(self) -> str:
        """Return the version as Asterisk says it."""
        return self.installation.version

    @property
    def base(self) -> str:
        """Return the lab's directory as Asterisk sees it."""
        above = RUN_INSIDE if self.installation.root else state_dir()
        return f"{above}/{self.settings.port_offset}/asterisk"

    @property
    def host_dir(self) -> Path:
        """Return the lab's directory as we see it (etc, log, run, lib below it)."""
        return self.installation.host_path(self.base)

    # ---- what a test does to it

    def rx(self, command: str, limit_s: float = 10.0) -> str:
        """Run a command of Asterisk's command line and return what it prints.

        Raises:
            LabError: Asterisk does not answer.
        """
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(limit_s)
                control.connect(str(self.host_dir / "run/asterisk.ctl"))
                control.recv(256)  # name, number and version of the process
                control.sendall(b"cli quit after " + command.encode() + b"\0")
                parts = iter(lambda: control.recv(65_536), b"")
                text = b"".join(parts).decode("utf-8", "replace")
        except OSError as error:
            raise LabError(
                f"Asterisk at offset {self.settings.port_offset} did not answer `{command}`: {error}"
            ) from error
        return CONTROL.sub("", text).strip("\n")

    def kill(self) -> None:
        """SIGKILL: no BYE, no event, as a crash."""
        self.process.signal(signal.SIGKILL)
        self.process.wait(10.0)

    def signal(self, number: int) -> None:
        """Send Asterisk a signal, such as SIGSTOP and SIGCONT."""
        self.process.signal(number)

    def restart(self) -> None:
        """End Asterisk if it runs and start it again: same ports, same secrets, same database."""
        self.process.end()
        self._launch()
        self._wait_booted()

    # ---- inside

    @property
    def _state_path(self) -> Path:
        return state_dir() / str(self.settings.port_offset) / "state.json"

    def _noted_fingerprint(self) -> str:
        return str(json.loads(self._state_path.read_text())["fingerprint"])

    @classmethod
    def _noted(cls, offset: int) -> Self | None:
        path = state_dir() / str(offset) / "state.json"
        try:
            noted = json.loads(path.read_text())
        except (OSError, ValueError):
            return None
        made = dict(noted["installation"])
        made["root"] = Path(made["root"]) if made["root"] else None
        return cls(
            Settings(**noted["settings"]),
            Installation(**made),
            noted["ami_secret"],
            noted["phone_secret"],
            Process(**noted["process"]),
        )

    def _launch(self) -> None:
        (self.host_dir / "run/asterisk.ctl").unlink(missing_ok=True)
        command = self.installation.command("-f", "-C", f"{self.base}/etc/asterisk.conf")
        self.process = Process.start(command, self.host_dir / "log/start.log")
        noted = {
            "settings": asdict(self.settings),
            "installation": {**asdict(self.installation), "root": str(self.installation.root or "")},
            "ami_secret": self.ami_secret,
            "phone_secret": self.phone_secret,
            "process": asdict(self.process),
            "fingerprint": self.settings.fingerprint(self.installation),
        }
        self._state_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._state_path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(noted, file, indent=1)
        fresh.rename(self._state_path)

    def _wait_booted(self) -> None:
        deadline = time.monotonic() + BOOT_S_MAX
        while time.monotonic() < deadline and self.process.alive:
            try:
                self.rx("core waitfullybooted", limit_s=BOOT_S_MAX)
            except LabError:
                time.sleep(0.02)
            else:
                return
        log = self.host_dir / "log/messages.log"
        tail = log.read_text("utf-8", "replace").splitlines()[-5:] if log.exists() else []
        self.process.end()
        raise LabError(f"Asterisk did not come up; the end of {log}:\n" + "\n".join(tail))


@contextmanager
def _locked() -> Iterator[None]:
    """Let one lab at a time look for ports and start."""
    state_dir().mkdir(mode=0o755, parents=True, exist_ok=True)
    with (state_dir() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_taken_ports(settings: Settings) -> None:
    for kind, port in ((socket.SOCK_DGRAM, settings.port(5060)), (socket.SOCK_STREAM, settings.port(5038))):
        if not _is_free(kind, port):
            raise LabError(
                f"Port {port} of {configuration.ASTERISK_IP} is taken by something that is not this lab:"
                " end it, or give another --port-offset."
            )


def _is_free(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind == socket.SOCK_STREAM else 0)
        try:
            probe.bind((configuration.ASTERISK_IP, port))
        except OSError:
            return False
    return True


def _free_offset() -> int:
    """Return an offset of which no lab and nobody else uses the ports."""
    for offset in range(1_000, configuration.OFFSET_MAX, 100):
        noted = (state_dir() / str(offset) / "state.json").exists()
        free = _is_free(socket.SOCK_DGRAM, 5060 + offset) and _is_free(socket.SOCK_STREAM, 5038 + offset)
        if free and not (noted and (found := Lab._noted(offset)) and found.process.alive):  # noqa: SLF001
            return offset
    raise LabError("No port offset is free: end some labs with `scripts/lab down --all`.")
