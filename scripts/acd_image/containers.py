"""Containers of one run, made as a deployment makes them and removed at its end."""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd_image.engine import Engine
from acd_image.errors import ImageError

HARDENED = ("--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""How every container here runs: nothing may be written but what is mounted, and nothing be gained."""


@dataclass(frozen=True)
class Container:
    """One that runs."""

    engine: Engine
    name: str

    def says(self, *command: str, limit_s: float = 60.0) -> str:
        """Run a command inside and return what it prints."""
        return self.engine.run("exec", self.name, *command, limit_s=limit_s)

    def refuses(self, *command: str) -> bool:
        """Tell whether a command inside fails."""
        return self.engine.attempt("exec", self.name, *command, limit_s=60.0).returncode != 0

    def inspected(self) -> dict[str, Any]:
        """Return what the engine knows of it."""
        found: dict[str, Any] = json.loads(self.engine.run("inspect", self.name))[0]
        return found

    def until_healthy(self, limit_s: float) -> float:
        """Wait until its own health check says so; returns the seconds.

        Raises:
            ImageError: it has ended, or is not healthy in time.
        """
        began = time.monotonic()
        while (state := self.inspected()["State"])["Health"]["Status"] != "healthy":
            if not state["Running"] or time.monotonic() - began > limit_s:
                raise ImageError(f"{self.name} does not become healthy; it says:\n{self.log()}")
            time.sleep(0.1)
        return round(time.monotonic() - began, 1)

    def log(self) -> str:
        """Return the end of what it wrote."""
        done = self.engine.attempt("logs", "--tail", "20", self.name)
        return (done.stdout + done.stderr)[-3_000:]

    def stop(self) -> tuple[int, float]:
        """Stop it as an operator does; returns its exit status and how long it took."""
        began = time.monotonic()
        self.engine.run("stop", "--time", "30", self.name)
        return int(self.inspected()["State"]["ExitCode"]), round(time.monotonic() - began, 1)


@contextmanager
def running(engine: Engine, image: str, *arguments: str, name: str) -> Iterator[Container]:
    """Run a container in the background; it is removed at the end, its volumes are not."""
    full = f"acd-image-{secrets.token_hex(4)}-{name}"
    try:
        engine.run("run", "--detach", "--name", full, *HARDENED, *arguments, image)
        yield Container(engine, full)
    finally:
        engine.attempt("rm", "--force", full)


@contextmanager
def a_volume(engine: Engine) -> Iterator[str]:
    """Give a new volume, removed at the end."""
    name = f"acd-image-{secrets.token_hex(4)}"
    engine.run("volume", "create", name)
    try:
        yield name
    finally:
        engine.attempt("volume", "rm", "--force", name)


@contextmanager
def a_folder() -> Iterator[Path]:
    """Give a folder that nobody else can enter, though containers may read what is mounted from it."""
    with tempfile.TemporaryDirectory(prefix="acd-image-") as name:
        yield Path(name)
