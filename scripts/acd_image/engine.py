"""A container engine: the one that runs here, else Debian's own, started for this run and ended with it.

Where no engine answers and the user is root on Debian, the package ``docker.io`` is installed and its
``dockerd`` started with a data root and a socket of its own, without iptables and without a bridge, so
that nothing of the machine's network is touched; containers use the network of the host. The daemon is
known by its process, and that very process is ended at the end.

Such a machine often reaches no registry of images either. The base images are then made of Debian's
archive by ``debootstrap`` and ``docker import``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from acd_image.errors import ImageError, NoEngineError
from asterisk_lab.errors import LabError
from asterisk_lab.installation import bootstrap, ensure_tool
from asterisk_lab.process import Process
from asterisk_lab.progress import Progress

START_S_MAX = 60.0
PROGRAM = "/usr/bin/docker"
"""Debian's client: another one on the PATH may want a builder that is not there."""

LEFT_OUT = ("./var/cache/apt/", "./var/lib/apt/lists/", "./usr/share/doc/", "./usr/share/man/",
            "./usr/share/locale/", "./usr/share/info/", "./var/log/")  # fmt: skip
"""What an image of Debian does not carry either."""


@dataclass(frozen=True)
class Base:
    """A base image that can be made of Debian's archive."""

    suite: str
    packages: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name the image gets here."""
        return f"acd-base:{self.suite}"


PYTHON = Base("bookworm", ("python3", "python3-venv"))
DEBIAN = Base("forky", ("ca-certificates",))


@dataclass
class Engine:
    """How to speak to the engine, and whether it is ours."""

    program: str
    environment: Mapping[str, str] = field(default_factory=dict)
    own: bool = False

    def run(self, *arguments: str, limit_s: float = 600.0, fed: str | None = None) -> str:
        """Run one command and return what it prints.

        Raises:
            ImageError: it failed, with the end of what it said.
        """
        done = self.attempt(*arguments, limit_s=limit_s, fed=fed)
        if done.returncode:
            said = "\n".join(line[:200] for line in (done.stderr or done.stdout).strip().splitlines()[-40:])
            raise ImageError(f"`docker {arguments[0]} …` failed with {done.returncode}; it says:\n{said}")
        return done.stdout.strip()

    def attempt(
        self, *arguments: str, limit_s: float = 600.0, fed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command that may fail."""
        try:
            return subprocess.run(
                [self.program, *arguments],
                env={**os.environ, "DOCKER_BUILDKIT": "1", **self.environment},
                input=fed,
                stdin=None if fed is not None else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired:
            raise ImageError(
                f"`docker {' '.join(arguments)[:200]}` has not ended in {limit_s:.0f} s."
            ) from None


@contextmanager
def an_engine() -> Iterator[Engine]:
    """Give the engine that runs here, else start one for as long as it is needed.

    Raises:
        NoEngineError: there is none, and we may not start one.
        ImageError: the one we started does not answer.
    """
    present = shutil.which("docker")
    if present and not Engine(present).attempt("info", limit_s=30).returncode:
        yield Engine(present)
        return
    if os.geteuid() != 0:
        raise NoEngineError(
            "No container engine answers here: start Docker and let this user reach it, or run this as root"
            " on Debian, which starts one of its own."
        )
    try:
        daemon = ensure_tool("dockerd", "docker.io")
    except LabError as error:
        raise NoEngineError(str(error)) from error
    with _locked(), _own(daemon) as engine:
        yield engine


def cache_dir() -> Path:
    """Return the directory that outlives checkouts."""
    return Path(os.environ.get("ACD_IMAGE_CACHE", "/var/cache/acd-image"))


def base_image(engine: Engine, base: Base, named: str | None, usual: str) -> str:
    """Return the base image to build on: the one named, the usual one, or one made here.

    Raises:
        ImageError: it could not be made.
    """
    if named or not engine.own:
        return named or usual
    if not engine.attempt("image", "inspect", base.name).returncode:
        return base.name
    cache = cache_dir()
    root, archive = cache / f"root-{base.suite}", cache / f"root-{base.suite}.tar"
    progress = Progress(f"Making the base image {base.name} of Debian's archive (once, about a minute)")
    shutil.rmtree(root, ignore_errors=True)
    try:
        tool = ensure_tool("debootstrap", "debootstrap")
        bootstrap(tool, base.suite, base.packages, root, cache / "debootstrap.log", progress)
    except LabError as error:
        raise ImageError(str(error)) from error
    # The archive a closed network reaches may be a snapshot, whose lists are older than they say they may be.
    (root / "etc/apt/apt.conf.d/90snapshot").write_text('Acquire::Check-Valid-Until "false";\n')
    with tarfile.open(archive, "w") as tar:
        tar.add(root, ".", filter=_kept)
    engine.run("import", str(archive), base.name)
    archive.unlink()
    shutil.rmtree(root)
    progress.done()
    return base.name


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out the content of some directories, and device nodes."""
    if member.isdev() or any(member.name.startswith(prefix) for prefix in LEFT_OUT):
        return None
    return member


@contextmanager
def _own(daemon: str) -> Iterator[Engine]:
    cache = cache_dir()
    socket = cache / "docker.sock"
    command = [
        daemon, "--iptables=false", "--ip-forward=false", "--bridge=none", "--data-root", str(cache / "data"),
        "--exec-root", str(cache / "run"), "--pidfile", str(cache / "dockerd.pid"), "--host", f"unix://{socket}",
    ]  # fmt: skip
    socket.unlink(missing_ok=True)
    log = cache / "dockerd.log"
    process = Process.start(command, log)
    engine = Engine(PROGRAM, {"DOCKER_HOST": f"unix://{socket}"}, own=True)
    try:
        end = time.monotonic() + START_S_MAX
        while engine.attempt("info", limit_s=30).returncode:
            if not process.alive or time.monotonic() > end:
                said = log.read_text("utf-8", "replace")[-1_500:]
                raise ImageError(f"dockerd does not come up here; the end of {log}:\n{said}")
            time.sleep(0.1)
        yield engine
    finally:
        process.end(grace_s=30.0)
        for left in ("data", "run/netns/default"):  # dockerd leaves these mounted
            subprocess.run(["umount", str(cache / left)], capture_output=True, check=False)


@contextmanager
def _locked() -> Iterator[None]:
    """One engine of ours at a time has the data root."""
    cache_dir().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (cache_dir() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
