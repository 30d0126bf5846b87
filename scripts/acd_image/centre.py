"""``compose.yaml`` at work: its Asterisk and its ACD come up together and find each other.

Prometheus and Grafana are left out here: their images come from a registry, and there is nothing of ours
in them but the files that the gate checks anyway.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from acd_image.build import ROOT
from acd_image.containers import a_folder
from acd_image.engine import Engine
from acd_image.errors import ImageError
from asterisk_lab.errors import LabError
from asterisk_lab.installation import ensure_tool

UP_S_MAX = 120.0
PORTS = (
    (socket.SOCK_DGRAM, 5060),
    (socket.SOCK_STREAM, 5038),
    (socket.SOCK_STREAM, 8088),
    (socket.SOCK_STREAM, 9188),
)
COPIED = ("compose.yaml", "Dockerfile", "config", "routing_rules")
SECRETS = {"ami_secret": 10001, "hash_key": 10001, "manager_secret.conf": 10002, "grafana_password": 472}
"""Each secret's file and the user of the container that reads it."""


def proves_compose(engine: Engine, acd: str, asterisk: str) -> dict[str, Any]:
    """Asterisk and ACD of compose.yaml come up, the doctor is content, and calls could be routed."""
    for kind, port in PORTS:
        _is_free(kind, port)
    with a_folder() as folder:
        site = folder / "site"
        site.mkdir()
        for name in COPIED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, site / name)
        (site / "prompts").mkdir()
        _write_secrets(site / "secrets")
        compose = Compose(engine, site, {"ACD_IMAGE": acd, "ASTERISK_IMAGE": asterisk})
        try:
            return _run(compose)
        except ImageError as error:
            raise ImageError(f"{error}\n{compose.attempt('logs', '--tail', '30')}") from None
        finally:
            compose.attempt("down", "--volumes", "--timeout", "20")


class Compose:
    """Docker Compose, as a plugin of the client or as a program of its own."""

    def __init__(self, engine: Engine, folder: Path, more: dict[str, str]) -> None:
        plugin = [engine.program, "compose"]
        if engine.attempt("compose", "version", limit_s=30).returncode:
            try:
                plugin = [ensure_tool("docker-compose", "docker-compose")]
            except LabError as error:
                raise ImageError(str(error)) from error
        name = f"acd-image-{secrets.token_hex(4)}"
        self._command = [*plugin, "--project-name", name]
        self._folder = folder
        self._environment = {**os.environ, **engine.environment, **more}

    def run(self, *arguments: str) -> str:
        """Run one command and return what it prints."""
        done = self._do(*arguments)
        if done.returncode:
            raise ImageError(
                f"`docker compose {' '.join(arguments)}` failed:\n{(done.stderr + done.stdout)[-2_000:]}"
            )
        return done.stdout.strip()

    def attempt(self, *arguments: str) -> str:
        """Run one command that may fail and return all it says."""
        done = self._do(*arguments)
        return (done.stdout + done.stderr).strip()

    def _do(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments], cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


def _run(compose: Compose) -> dict[str, Any]:
    compose.run("config", "--quiet")
    began = time.monotonic()
    compose.run("up", "--detach", "--no-build", "asterisk", "acd")
    said = ""
    while "ready" not in (said := compose.attempt("exec", "-T", "acd", "acd", "status", "--json")) or (
        json.loads(said)["ready"] is not True
    ):
        if time.monotonic() - began > UP_S_MAX:
            raise ImageError(f"The ACD does not become ready beside its Asterisk: {said}")
        time.sleep(0.2)
    ready_s = round(time.monotonic() - began, 1)
    exported = compose.run("run", "--rm", "--user", f"{os.geteuid()}:{os.getegid()}", "dialplan")
    reloaded = compose.run("exec", "-T", "asterisk", "asterisk", "-rx", "dialplan reload")
    doctor = json.loads(compose.run("exec", "-T", "acd", "acd", "doctor", "--json"))
    findings = [finding for node in doctor["nodes"] for finding in node["findings"]]
    return {
        "compose_ready_s": ready_s,
        "exported": exported.splitlines(),
        "reloaded": reloaded,
        "doctor_ok": sum(finding["level"] == "ok" for finding in findings),
        "doctor_says": [finding for finding in findings if finding["level"] != "ok"],
    }


def _write_secrets(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    ami = secrets.token_urlsafe(32)
    texts = {
        "ami_secret": ami,
        "manager_secret.conf": f"secret = {ami}\n",
        "hash_key": secrets.token_urlsafe(32),
        "grafana_password": secrets.token_urlsafe(32),
    }
    for name, user in SECRETS.items():
        path = folder / name
        path.write_text(texts[name])
        path.chmod(0o400)
        if os.geteuid() == 0:
            os.chown(path, user, user)
        else:
            path.chmod(0o444)


def _is_free(kind: socket.SocketKind, port: int) -> None:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ImageError(f"Port {port}, which compose.yaml uses, is taken: end what has it.") from error
