"""Which Asterisk the lab runs: an installed one that is new enough, else one made by debootstrap.

Debian 12 and 13 have no ``asterisk`` package, the next release has. So where none is installed
and the user is root, a small Debian root with Asterisk in it is made once, in a cache outside the
checkout (``ACD_LAB_CACHE``, else ``/var/cache/acd-lab``), and Asterisk runs in it by ``chroot``.
The root is shared by all labs; each has its own directories inside. The mirror is the one this
machine's own apt uses, and signatures are checked. Nothing is mounted, so that this also works in
a container without ``CAP_SYS_ADMIN``.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_lab.errors import LabError, LabUnavailableError
from asterisk_lab.progress import Progress

SUITE = "forky"
PACKAGES = ("asterisk", "asterisk-core-sounds-it", "asterisk-core-sounds-it-wav")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
VERSIONS_MIN = {20: (20, 11), 22: (22, 1)}
"""Advanced event filters exist from these on; other majors below 22 have none."""


@dataclass(frozen=True)
class Installation:
    """One Asterisk that can be started: on this machine itself, or in a root made for it."""

    root: Path | None
    binary: str
    version: str
    module_dir: str
    data_dir: str

    def command(self, *arguments: str) -> list[str]:
        """Give the argument vector that runs Asterisk with these arguments."""
        chroot = ["chroot", str(self.root)] if self.root else []
        return [*chroot, self.binary, *arguments]

    def host_path(self, inside: str) -> Path:
        """Say where a path that Asterisk sees lies for us."""
        return Path(f"{self.root}{inside}") if self.root else Path(inside)


def find_or_make() -> Installation:
    """Return an Asterisk that is new enough, making one if need be (about a minute, once).

    Raises:
        LabUnavailableError: none is installed and we may not make one.
        LabError: making it failed.
    """
    installed = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    version = _version([installed]) if installed else ""
    if installed and new_enough(version):
        return _describe(None, installed, version)
    if os.geteuid() != 0:
        found = (
            f"the Asterisk installed here ({version}) is too old"
            if installed
            else "no Asterisk is installed here"
        )
        raise LabUnavailableError(
            f"The lab needs Asterisk 20.11, 22.1 or later and {found}: install one, or run this as root on"
            " Debian so that the lab makes its own, or use what works without Asterisk (--simulated, --fast)."
        )
    root = _made_root()
    _write_name_service(root)
    return _describe(root, "/usr/sbin/asterisk", _version(["chroot", str(root), "/usr/sbin/asterisk"]))


def new_enough(version: str) -> bool:
    """Tell whether this Asterisk version has all that the configuration uses."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found:
        return False
    number = (int(found[1]), int(found[2]))
    return number >= VERSIONS_MIN.get(number[0], (22, 1))


def cache_dir() -> Path:
    """Return the directory that outlives checkouts."""
    if configured := os.environ.get("ACD_LAB_CACHE"):
        return Path(configured)
    return Path("/var/cache/acd-lab") if os.geteuid() == 0 else Path.home() / ".cache" / "acd-lab"


def ensure_tool(program: str, package: str) -> str:
    """Return the path of a program, installing its Debian package if we may.

    Raises:
        LabUnavailableError: it is absent and we are not root.
        LabError: apt could not install it.
    """
    if path := shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return path
    if os.geteuid() != 0:
        raise LabUnavailableError(
            f"The program {program} is missing: install the package {package}, or run this as root."
        )
    progress = Progress(f"Installing {package}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise LabError(
                f"`{' '.join(command)}` failed, install {package} by hand: {result.stderr.strip()[-500:]}"
            )
    progress.done()
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if not path:
        raise LabError(f"The package {package} is installed but holds no {program}.")
    return path


def _version(command: list[str]) -> str:
    answer = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False, timeout=20)
    return answer.stdout.strip().removeprefix("Asterisk").strip()


def _describe(root: Path | None, binary: str, version: str) -> Installation:
    if not new_enough(version):
        raise LabError(
            f"The Asterisk in {root or binary} is {version or 'broken'}; 20.11, 22.1 or later is needed:"
            f" remove {root} and start again."
        )
    directories = {"astmoddir": "/usr/lib/asterisk/modules", "astdatadir": "/var/lib/asterisk"}
    main = Path(f"{root or ''}/etc/asterisk/asterisk.conf")
    if main.is_file():
        for line in main.read_text("utf-8", "replace").splitlines():
            key, arrow, value = line.split(";")[0].partition("=")
            if arrow and key.strip() in directories:
                directories[key.strip()] = value.lstrip("> ").strip()
    return Installation(root, binary, version, directories["astmoddir"], directories["astdatadir"])


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_root() -> Path:
    cache = cache_dir()
    root = cache / f"root-{SUITE}"
    if (root / ".complete").exists():
        return root
    debootstrap = ensure_tool("debootstrap", "debootstrap")
    with _locked(cache):
        if not (root / ".complete").exists():
            partial = cache / f"root-{SUITE}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.rmtree(root, ignore_errors=True)
            progress = Progress(f"Making an Asterisk in {cache} (once, about a minute)")
            bootstrap(debootstrap, SUITE, PACKAGES, partial, cache / "debootstrap.log", progress)
            progress.done()
            (partial / "etc/resolv.conf").unlink(missing_ok=True)
            (partial / "etc/resolv.conf").touch()
            (partial / ".complete").touch()
            partial.rename(root)
    return root


def bootstrap(
    program: str, suite: str, packages: Sequence[str], root: Path, log: Path, progress: Progress
) -> None:
    """Make a small Debian root with these packages in it; 150 packages take about 45 s.

    Raises:
        LabUnavailableError: apt names no archive to make it from.
        LabError: debootstrap failed.
    """
    script = Path("/usr/share/debootstrap/scripts") / suite
    command = [
        program, "--variant=minbase", f"--include={','.join(packages)}", f"--keyring={KEYRING}",
        suite, str(root), _mirror(), str(script if script.exists() else script.with_name("sid")),
    ]  # fmt: skip
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **_apt_proxy()}
    with (
        log.open("w") as out,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as running,
    ):
        assert running.stdout is not None
        for line in running.stdout:
            out.write(line)
            progress.tick(line.removeprefix("I: ").strip())
    if running.returncode:
        tail = " | ".join(log.read_text().splitlines()[-3:])
        raise LabError(f"debootstrap failed ({tail}); the whole story is in {log}.")


def _mirror() -> str:
    """Return the Debian mirror that this machine's apt uses (one-line and deb822 sources alike)."""
    wanted = "$(REPO_URI) $(SUITE) $(CODENAME) $(RELEASE)"
    command = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        uri, *suites = line.split()
        archive = not any(re.search(r"-(security|updates|backports)|/updates", suite) for suite in suites)
        if (
            archive
            and uri.startswith(("http://", "https://", "file:"))
            and "debian" in uri
            and "security" not in uri
        ):
            return uri.rstrip("/")
    raise LabUnavailableError(
        "No Asterisk is installed here and apt names no Debian archive to make one from:"
        " install Asterisk 20.11, 22.1 or later, or use what works without it (--simulated, --fast)."
    )


def _apt_proxy() -> dict[str, str]:
    answer = subprocess.run(
        ["apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return dict(re.findall(r"^(\w+)='(.+)'$", answer.stdout, re.MULTILINE))


def _write_name_service(root: Path) -> None:
    """Let Asterisk resolve its own host name: without this each leg waits 5 s for DNS."""
    hosts = root / "etc/hosts"
    text = f"127.0.0.1 localhost {socket.gethostname()}\n"
    if not hosts.exists() or hosts.read_text() != text:
        fresh = hosts.with_name(f"hosts.{os.getpid()}")
        fresh.write_text(text)
        fresh.rename(hosts)
