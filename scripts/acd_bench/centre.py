"""``acd serve`` beside a lab, a process of its own as in a deployment, with generated rules."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from acd.rules.generate import generate_rules
from asterisk_lab import Lab, LabError

SEED = 1
READY_S_MAX = 20.0
NET_QUEUE = "acd-net-it"
"""Its members are whoever is logged in: the ACD's mirror, and the queue app_queue is measured with."""


class Centre:
    """A running ACD; everybody in the roster serves the queue that is called."""

    def __init__(self, lab: Lab, agents: int) -> None:
        self.lab = lab
        self._token = secrets.token_urlsafe(24)
        self._work = tempfile.TemporaryDirectory(prefix="acd-bench-")
        self._folder = Path(self._work.name)
        self._log = self._folder / "acd.log"
        self._write(agents)
        self._roster = (self._folder / "rules" / "roster.csv").read_bytes()
        environment = {**os.environ, "ACD_AMI_SECRET": lab.ami_secret, "ACD_API_TOKEN": self._token}
        command = [sys.executable, "-m", "acd", "serve", "--config", str(self._folder / "acd.yaml")]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, env=environment, stderr=log)
        self._api = http.client.HTTPConnection("127.0.0.1", lab.settings.port(8088), timeout=10)

    def __enter__(self) -> Self:
        try:
            self._wait_ready()
            self._employ()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._api.close()
        self._work.cleanup()

    @property
    def pid(self) -> int:
        """Return the number of its process, for a profiler."""
        return self._process.pid

    def log_in(self, names: Iterable[str]) -> None:
        """Log these agents in and wait until the safety net holds them all."""
        for name in names:
            status = self._ask("POST", f"/api/v1/agents/{name}/login")
            if status != http.client.OK:
                raise LabError(f"The ACD did not log {name} in: HTTP status {status}.")

    def members(self) -> int:
        """Return how many members the safety net's queue has now."""
        return self.lab.rx(f"queue show {NET_QUEUE}").count("(PJSIP/")

    # ---- inside

    def _write(self, agents: int) -> None:
        """Generated rules, but nobody has wrap-up: the gap between two calls is what is measured."""
        rules = self._folder / "rules"
        rules.mkdir()
        for name, text in generate_rules(agents, SEED).items():
            (rules / name).write_text(text.replace("wrap_up_s: 10", "wrap_up_s: 0"), encoding="utf-8")
        node = {
            "id": "lab",
            "host": self.lab.sip_ip,
            "port": self.lab.ami_port,
            "username": self.lab.ami_user,
            "secret_env": "ACD_AMI_SECRET",
        }
        token = {"name": "bench", "role": "admin", "token_env": "ACD_API_TOKEN"}
        settings = {
            "nodes": [node],
            "rules": str(rules),
            "api": {"address": "127.0.0.1", "port": self.lab.settings.port(8088), "tokens": [token]},
            "metrics": {"address": "127.0.0.1", "port": self.lab.settings.port(9188)},
            "store": {"file": "acd.sqlite"},
        }
        (self._folder / "acd.yaml").write_text(json.dumps(settings))  # JSON is YAML too

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_S_MAX
        while True:
            try:
                if self._ask("GET", "/readyz") == http.client.OK:
                    return
            except (OSError, http.client.HTTPException):
                self._api.close()
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"acd serve did not become ready; it says:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _employ(self) -> None:
        status = self._ask("POST", "/api/v1/roster/import", self._roster, "text/csv")
        if status != http.client.OK:
            raise LabError(f"The ACD did not take the roster: HTTP status {status}.")

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> int:
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Content-Type": kind} if kind else {})
        self._api.request(method, path, body, headers)
        answer = self._api.getresponse()
        answer.read()
        return answer.status
