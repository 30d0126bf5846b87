"""The set of documents of the configuration: taken from the disk at one moment, or out of a revision.

A text is taken once, and the same text is checked, compared and kept. So nobody who saves a file meanwhile
can bring in what was not checked.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

from acd.rules.cases import CASES
from acd.rules.sources import KeptPath, Texts
from acd.store.records import Revision

__all__ = ["FALLBACK", "GOALS", "PRIVACY", "RULES", "Documents", "Places", "documents_of", "take_documents"]

RULES: Final = "rules"
FALLBACK: Final = "fallback.yaml"
PRIVACY: Final = "privacy.yaml"
GOALS: Final = "goals.yaml"

SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
"""A file larger than this is none of ours; it is not even read."""


class Places(Protocol):
    """What of the settings says where the documents lie."""

    @property
    def rules(self) -> Path:
        """The rule folder."""

    @property
    def fallback(self) -> Path | None:
        """``fallback.yaml``, if there is to be one."""

    @property
    def privacy(self) -> Path | None:
        """``privacy.yaml``, if there is to be one."""

    @property
    def goals(self) -> Path | None:
        """``goals.yaml``, if there is to be one."""


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    texts: Texts
    """``rules/queues.yaml``, ``rules/cases/…``, ``fallback.yaml``, ``privacy.yaml``, ``goals.yaml``."""
    shown: Mapping[str, str]
    """How findings name ``rules`` and the files beside them."""
    digest: str
    """Of names and texts, and of why a text is not to be had; in hex."""

    def path(self, name: str) -> KeptPath:
        """Where to read one of them."""
        return KeptPath(self.texts, name, self.shown[name])

    def files(self) -> dict[str, str]:
        """The texts of a set in which nothing is wrong, as a revision keeps them."""
        return {name: text.decode() for name, text in self.texts.items() if isinstance(text, bytes)}


def take_documents(places: Places) -> Documents:
    """Read what lies on the disk now. Never raises: what cannot be read is found when it is checked."""
    texts: dict[str, bytes | OSError] = {}
    for path in _rule_files(places.rules):
        texts[f"{RULES}/{path.relative_to(places.rules).as_posix()}"] = _read(path)
    for name, file in ((FALLBACK, places.fallback), (PRIVACY, places.privacy), (GOALS, places.goals)):
        if file is not None:
            texts[name] = _read(file)
    shown = {
        RULES: places.rules.as_posix(),
        FALLBACK: (places.fallback or Path(FALLBACK)).as_posix(),
        PRIVACY: (places.privacy or Path(PRIVACY)).as_posix(),
        GOALS: (places.goals or Path(GOALS)).as_posix(),
    }
    return Documents(texts=texts, shown=shown, digest=_digest(texts))


def documents_of(revision: Revision) -> Documents:
    """Give the set that a revision keeps."""
    texts = {name: text.encode() for name, text in revision.files.items()}
    shown = {name: f"revision {revision.number}: {name}" for name in (RULES, FALLBACK, PRIVACY, GOALS)}
    return Documents(texts=texts, shown=shown, digest=_digest(texts))


def _rule_files(folder: Path) -> Iterator[Path]:
    for pattern in ("*.yaml", "*.yml", f"{CASES}/*.yaml", f"{CASES}/*.yml"):
        yield from sorted(folder.glob(pattern))


def _read(path: Path) -> bytes | OSError:
    try:
        if path.stat().st_size > SIZE_BYTES_MAX:
            return OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return path.read_bytes()
    except OSError as error:
        return error


def _digest(texts: Texts) -> str:
    digest = hashlib.sha256()
    for name in sorted(texts):
        text = texts[name]
        content = text if isinstance(text, bytes) else f"cannot be read: {text.strerror}".encode()
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
