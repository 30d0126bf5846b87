"""Where rule files are read from: a folder on the disk, or texts that were kept of one.

What runs is a revision, and a revision is texts: they must be read, checked and complained about exactly as
the files on the disk they once were. So whoever reads asks a `Source` for the little that is needed of a
`pathlib.Path`, and a `KeptPath` gives that over a mapping.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Protocol, Self

__all__ = ["KeptPath", "Source", "Texts"]

Texts = Mapping[str, bytes | OSError]
"""Names such as ``rules/queues.yaml`` to what stands in them, or why that cannot be read."""


class Source(Protocol):
    """A file or a folder; a `pathlib.Path` is one."""

    @property
    def name(self) -> str:
        """The last part of its path."""

    def __truediv__(self, name: str, /) -> Self:
        """What is of this name in the folder."""

    def is_dir(self) -> bool:
        """Whether it is a folder that is there."""

    def exists(self) -> bool:
        """Whether it is there."""

    def glob(self, pattern: str, /) -> Iterator[Self]:
        """What in the folder has such a name."""

    def as_posix(self) -> str:
        """As findings name it."""

    def read_bytes(self) -> bytes:
        """The content; OSError if there is none to be had."""


class KeptPath:
    """A file or a folder of kept texts."""

    def __init__(self, texts: Texts, inside: str, shown: str) -> None:
        """Stand at one place.

        Args:
            texts: All of them.
            inside: The name of the place among them: ``rules``, ``rules/queues.yaml``.
            shown: The same as findings name it.
        """
        self._texts = texts
        self._inside = inside
        self._shown = shown

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self._inside.rpartition("/")[2]

    def __truediv__(self, name: str) -> Self:
        return type(self)(self._texts, f"{self._inside}/{name}", f"{self._shown}/{name}")

    def is_dir(self) -> bool:
        """Whether any text lies in it."""
        return any(name.startswith(f"{self._inside}/") for name in self._texts)

    def exists(self) -> bool:
        """Whether it is there, be it that it cannot be read."""
        return self._inside in self._texts or self.is_dir()

    def glob(self, pattern: str) -> Iterator[Self]:
        """Files right in the folder whose names fit."""
        for text in self._texts:
            folder, _, name = text.rpartition("/")
            if folder == self._inside and fnmatchcase(name, pattern):
                yield self / name

    def as_posix(self) -> str:
        """As findings name it."""
        return self._shown

    def read_bytes(self) -> bytes:
        """The content."""
        text = self._texts.get(self._inside)
        if text is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self._shown)
        if isinstance(text, OSError):
            raise text
        return text
