"""``acd export dialplan``: write the files, or compare them.

Each file is replaced whole (written beside, then renamed), so that Asterisk never reads half of
one; a file that is the same already is left alone, so that nobody who watches it wakes up.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from acd.ami.export import export_dialplan
from acd.rules.entry_prefixes import area_prefixes
from acd.rules.load import load_rules

__all__ = ["write_dialplan"]


def write_dialplan(folder: Path, out: Path, *, check: bool) -> list[str]:
    """Export the dialplan of a rule folder into ``out``.

    Args:
        folder: The rules.
        out: Where Asterisk reads ``acd_entry.conf`` and ``acd_offices.conf``; it must exist.
        check: Write nothing, only compare.

    Returns:
        A line for each file that changed, or with ``check`` would change; empty when all are current.

    Raises:
        ConfigError: The rules are wrong; nothing was written.
        UnsafeValue: Something would break out of its line; nothing was written.
        OSError: A file cannot be read or written.
    """
    if not out.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "there is no such folder; make it, or name another", str(out))
    loaded = load_rules(folder)
    lines = []
    for name, text in export_dialplan(loaded.entry, loaded.rules, area_prefixes()).items():
        path = out / name
        present = path.read_text("utf-8") if path.exists() else None
        if present == text:
            continue
        state = "is missing" if present is None else "is not what the rules say"
        if check:
            lines.append(f"{path} {state}; run `acd export dialplan` to write it.")
        else:
            _replace(path, text)
            lines.append(f"{path} {'is new' if present is None else 'was changed'}.")
    return lines


def _replace(path: Path, text: str) -> None:
    """Put a whole file in the place of another, with the rights it had (else readable by all)."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
