"""What the image of the ACD promises, tried on the image itself.

Each function tries one promise and returns figures, or raises ``ImageError`` with the sentence that says
what is not kept. The containers are as a deployment's: root file system read-only, no capability, no gain
of rights, the network of the host; only the store and the socket's folder can be written.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

from acd_image.build import ROOT
from acd_image.containers import HARDENED, Container, a_folder, a_volume, running
from acd_image.engine import Engine
from acd_image.errors import ImageError

USER = 10001
HEALTHY_S_MAX = 60.0
STOP_S_MAX = 15.0
DEMO_SECONDS = 600


def holds_the_package(engine: Engine, image: str) -> dict[str, Any]:
    """Every file of ``acd/`` is installed, and each module compiled."""
    listing = (
        "import pathlib, acd; root = pathlib.Path(acd.__file__).parent;"
        "print(*(p.relative_to(root) for p in root.rglob('*') if p.is_file()), sep='\\n')"
    )
    there = set(_once(engine, image, "python3", "-c", listing).splitlines())
    here = {
        str(path.relative_to(ROOT / "acd"))
        for path in (ROOT / "acd").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    if missing := sorted(here - there):
        raise ImageError(f"The image lacks files of the package: {', '.join(missing[:10])}.")
    modules = [name for name in there if name.endswith(".py")]
    compiled = [name for name in there if name.endswith(".pyc")]
    if len(compiled) < len(modules):
        raise ImageError(f"{len(modules) - len(compiled)} of {len(modules)} modules are not compiled.")
    return {"modules": len(modules)}


def shows_the_demonstration(engine: Engine, image: str) -> dict[str, Any]:
    """``acd demo --simulated`` answers calls and accounts for every one, with nothing to write to."""
    began = time.monotonic()
    said = engine.run(
        "run", "--rm", *HARDENED, image, "demo", "--simulated", "--seconds", str(DEMO_SECONDS), "--json",
        limit_s=300,
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    if figures["unaccounted"] or not figures["answered"]:
        raise ImageError(f"The demonstration in the image did not go well: {figures}")
    return {"demo_s": round(time.monotonic() - began, 1), **figures}


def checks_and_exports(engine: Engine, image: str) -> dict[str, Any]:
    """The rules it carries are right, and it writes the dialplan of them."""
    told = engine.run("run", "--rm", *HARDENED, image, "check", "/etc/acd/routing_rules")
    with a_folder() as folder:
        folder.chmod(0o777)  # the user of the image writes here; only we can enter the folder above
        mounted = f"{folder}:/out"
        export = ("export", "dialplan", "/etc/acd/routing_rules", "--out", "/out")
        engine.run("run", "--rm", *HARDENED, "--volume", mounted, image, *export)
        written = sorted(path.name for path in folder.iterdir())
        engine.run("run", "--rm", *HARDENED, "--volume", mounted, image, *export, "--check")
    if written != ["acd_entry.conf", "acd_offices.conf"]:
        raise ImageError(f"`acd export dialplan` wrote {written}.")
    return {"check": told.splitlines()[0], "dialplan": written}


def serves(engine: Engine, image: str) -> dict[str, Any]:
    """It starts, is healthy, cannot write outside, keeps its store over a restart, and stops as asked."""
    with a_volume(engine) as store, a_folder() as folder:
        ports = _free_port(), _free_port()
        mounts = [*_mounts(folder, ports), "--volume", f"{store}:/var/lib/acd", "--health-interval", "1s"]
        began = time.monotonic()
        with running(engine, image, *mounts, name="first") as container:
            _until_alive(container, ports[0])
            cold_s = round(time.monotonic() - began, 2)
            healthy_s = container.until_healthy(HEALTHY_S_MAX)
            _is_confined(container)
            added = _people_come_in(container)
            health_ms = _timed_ms(container, "acd", "healthcheck")
            status, stop_s = container.stop()
            if status or stop_s > STOP_S_MAX:
                raise ImageError(f"It ended with {status} after {stop_s} s:\n{container.log()}")
        began = time.monotonic()
        with running(engine, image, *mounts, name="second") as container:
            _until_alive(container, ports[0])
            again_s = round(time.monotonic() - began, 2)
            if _people(container) != added:
                raise ImageError("The second start does not find the people of the first in the store.")
            memory = container.says("python3", "-c", "print(open('/proc/1/status').read())")
    resident = re.search(r"VmRSS:\s+(\d+) kB", memory)
    return {
        "cold_start_s": cold_s,
        "second_start_s": again_s,
        "healthy_s": healthy_s,
        "healthcheck_ms": health_ms,
        "stop_s": stop_s,
        "resident_mb": round(int(resident[1]) / 1_000, 1) if resident else None,
        "people": added,
    }


def files_of(engine: Engine, image: str) -> dict[str, str]:
    """Return what we put into the image: each file with its mode, its time and the digest of its content."""
    listing = (
        "import hashlib, pathlib\n"
        "for path in sorted(p for top in ('/opt/acd', '/etc/acd') for p in pathlib.Path(top).rglob('*')):\n"
        "    if path.is_file():\n"
        "        found, digest = path.stat(), hashlib.sha256(path.read_bytes()).hexdigest()\n"
        "        time = found.st_mtime if path.is_relative_to('/opt') else '-'\n"
        "        print(path, f'{found.st_mode:o}', time, digest, sep='|')\n"
    )
    lines = _once(engine, image, "python3", "-c", listing).splitlines()
    return dict(line.split("|", 1) for line in lines)


def _once(engine: Engine, image: str, program: str, *arguments: str) -> str:
    return engine.run("run", "--rm", *HARDENED, "--entrypoint", program, image, *arguments)


def _mounts(folder: Path, ports: tuple[int, int]) -> list[str]:
    """Settings on free ports, and secrets that only this run knows."""
    text = (ROOT / "config/acd.installed.yaml").read_text()
    for written, port in zip(("port: 8088", "port: 9188"), ports, strict=True):
        text = text.replace(written, f"port: {port}")
    text = text.replace("port: 5038", f"port: {_free_port()}")
    (folder / "acd.yaml").write_text(text)
    keys = folder / "secrets"
    keys.mkdir()
    for name in ("ami_secret", "hash_key"):
        (keys / name).write_text(secrets.token_urlsafe(32))
        (keys / name).chmod(0o444)
    return [
        "--volume", f"{folder}/acd.yaml:/etc/acd/acd.yaml:ro",
        "--volume", f"{keys}:/run/credentials/acd.service:ro",
        "--tmpfs", f"/run/acd:uid={USER},gid={USER},mode=0755",
    ]  # fmt: skip


def _until_alive(container: Container, port: int) -> None:
    end = time.monotonic() + HEALTHY_S_MAX
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > end or not container.inspected()["State"]["Running"]:
                raise ImageError(f"It does not serve; it says:\n{container.log()}") from None
        time.sleep(0.02)


def _is_confined(container: Container) -> None:
    """Not root, nothing to write to but what was given, nothing to gain."""
    told = container.says("python3", "-c", "print(open('/proc/1/status').read())")
    user = re.search(r"^Uid:\t(\d+)", told, re.MULTILINE)
    rights = re.search(r"^CapEff:\t(\w+)", told, re.MULTILINE)
    if not user or int(user[1]) != USER or not rights or int(rights[1], 16):
        raise ImageError(f"It runs as {user and user[1]} with capabilities {rights and rights[1]}.")
    for path in ("/etc/acd/new", "/opt/acd/new", "/new"):
        if not container.refuses("python3", "-c", f"open({path!r}, 'w')"):
            raise ImageError(f"{path} could be written in a container whose root is read-only.")
    container.says("python3", "-c", "open('/var/lib/acd/new', 'w')")


def _people_come_in(container: Container) -> int:
    """Import the small roster over the socket, as docs/deploy.md does."""
    container.says("acd", "roster", "import", "/etc/acd/routing_rules/demo/roster.csv")
    return _people(container)


def _people(container: Container) -> int:
    return len(container.says("acd", "roster", "export").splitlines()) - 1


def _timed_ms(container: Container, *command: str) -> int:
    began = time.monotonic()
    container.says(*command)
    return round((time.monotonic() - began) * 1_000)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
