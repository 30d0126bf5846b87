"""Files a command reads and writes: ``-`` is stdin or stdout, and a file is replaced whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from acd.errors import ConfigError

__all__ = ["read_text", "write_text"]

BYTES_MAX = 16 * 1024 * 1024
MODE = 0o600


def read_text(file: Path) -> str:
    """The text of a file, or of stdin.

    Raises:
        ConfigError: it cannot be read, or is no UTF-8.
    """
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(BYTES_MAX + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError((f"{file}: this file cannot be read: {error.strerror}.",)) from None
    if len(content) > BYTES_MAX:
        raise ConfigError((f"{file}: this file is larger than {BYTES_MAX} bytes; is it the right one?",))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError((f"{file}:{line}: this is not UTF-8 text; save it as 'CSV UTF-8'.",)) from None


def write_text(file: Path, text: str) -> None:
    """Write a file that only its owner reads, in the place of an earlier one; ``-`` is stdout.

    Raises:
        ConfigError: it cannot be written.
    """
    if str(file) == "-":
        sys.stdout.write(text)
        return
    made: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        made = Path(name)
        with os.fdopen(descriptor, "w") as opened:
            os.fchmod(opened.fileno(), MODE)
            opened.write(text)
        made.replace(file)
    except OSError as error:
        if made is not None:
            made.unlink(missing_ok=True)
        raise ConfigError((f"{file}: this file cannot be written: {error.strerror}.",)) from None
