"""Building: what of this machine the build is told, and how long it takes.

A network may sign TLS anew, or have an index of packages of its own. Both are this machine's business and
are read from it: certificates that it believes beside Debian's own become the build argument ``EXTRA_CA``,
an index that pip is configured with becomes a secret of the build. Neither stays in the image, and neither
stands in this repository.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acd_image.engine import Engine
from acd_image.errors import ImageError

ROOT = Path(__file__).resolve().parents[2]
ADDED_CERTIFICATES = Path("/usr/local/share/ca-certificates")
MB = 1_000_000


@dataclass(frozen=True)
class Built:
    """An image and what it cost."""

    tag: str
    seconds: float
    size_mb: float
    base_mb: float


def build(
    engine: Engine, tag: str, *, target: str, base_argument: str, base: str, fresh: bool = False
) -> Built:
    """Build one target of the Dockerfile.

    Args:
        engine: Where.
        tag: The name of the image.
        target: The stage.
        base_argument: The build argument that names the base image.
        base: The base image.
        fresh: Build every step anew, believing no cache.

    Raises:
        ImageError: the build failed.
    """
    command = ["build", "--progress", "plain", "--network", "host", "--tag", tag, "--target", target]
    command += ["--build-arg", f"{base_argument}={base}", "--build-arg", f"VERSION={_version()}"]
    command += ["--build-arg", f"REVISION={_revision()}", *(["--no-cache"] if fresh else [])]
    if certificates := _extra_certificates():
        command += ["--build-arg", f"EXTRA_CA={certificates}"]
    began = time.monotonic()
    with _pip_secret() as secret:
        engine.run(*command, *secret, str(ROOT), limit_s=1_800)
    seconds = time.monotonic() - began
    return Built(
        tag=tag,
        seconds=round(seconds, 1),
        size_mb=_size_mb(engine, tag),
        base_mb=_size_mb(engine, base),
    )


def _size_mb(engine: Engine, image: str) -> float:
    found = engine.attempt("image", "inspect", "--format", "{{.Size}}", image)
    return round(int(found.stdout) / MB, 1) if found.returncode == 0 else 0.0


def _extra_certificates() -> str:
    """Return what this machine believes beside Debian's own authorities, as one PEM text."""
    if named := os.environ.get("ACD_EXTRA_CA"):
        try:
            return Path(named).read_text()
        except OSError as error:
            raise ImageError(
                f"ACD_EXTRA_CA names {named}, which cannot be read: {error.strerror}."
            ) from error
    if not ADDED_CERTIFICATES.is_dir():
        return ""
    return "\n".join(path.read_text().strip() for path in sorted(ADDED_CERTIFICATES.rglob("*.crt")))


@contextmanager
def _pip_secret() -> Iterator[Sequence[str]]:
    """Give the arguments that hand this machine's index of packages to the build, if it has one."""
    index = os.environ.get("PIP_INDEX_URL") or _configured_index()
    if not index:
        yield ()
        return
    with tempfile.NamedTemporaryFile("w", prefix="acd-pip-", suffix=".conf") as file:
        file.write(f"[global]\nindex-url = {index}\n")
        file.flush()
        yield ("--secret", f"id=pip_conf,src={file.name}")


def _configured_index() -> str:
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _revision() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _version() -> str:
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.partition('"')[2].rstrip('"')
    raise ImageError("pyproject.toml names no version.")
