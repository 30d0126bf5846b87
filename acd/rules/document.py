"""A file as plain data that remembers where each piece stood.

A supervisor who mistypes a rule needs the line, not a stack trace; so every value keeps its
mark, and every complaint about it is a `Finding` that prints as ``file:line:col: sentence``.

Complaining never stops the reading. What was already complained about is noted in ``told``, and
nobody complains about it again; a mapping that lost a key that way is noted in ``gaps``, so that
the key is not called missing as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Document", "Finding", "Loc", "Mark"]

Loc = tuple[str | int, ...]
"""The way to a value: keys of mappings and indexes of lists, from the top."""


class Mark(NamedTuple):
    """A place in a file, both counted from 1 as editors do."""

    line: int
    col: int


class Finding(NamedTuple):
    """One thing that is wrong, at its place. Sorts in the order a reader meets them."""

    file: str
    line: int
    col: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}: {self.sentence}"


@dataclass(slots=True)
class Document:
    """What one file says, and where.

    ``data`` holds dict, tuple, str, int, float, bool and None only; it is None when the file
    could not be read at all (then ``findings`` says why).
    """

    file: str
    data: object = None
    findings: list[Finding] = field(default_factory=list)
    value_marks: dict[Loc, Mark] = field(default_factory=dict)
    key_marks: dict[Loc, Mark] = field(default_factory=dict)
    written: dict[Loc, str] = field(default_factory=dict)
    """Unquoted values as they stand in the file, for advice such as: quote it."""
    told: set[Loc] = field(default_factory=set)
    """What was complained about: nothing in there is complained about again."""
    gaps: set[Loc] = field(default_factory=set)
    """Mappings of which a key was refused: what seems missing there may be that one."""

    def complain(self, mark: Mark, sentence: str, about: Loc | None = None) -> None:
        """Add a finding; ``about`` is then not complained about again."""
        clean = "".join(letter if letter.isprintable() else "\ufffd" for letter in sentence)
        self.findings.append(Finding(self.file, mark.line, mark.col, clean))
        if about is not None:
            self.told.add(about)

    def value_mark(self, loc: Loc) -> Mark:
        """Where the value at ``loc`` starts, or the nearest place above it."""
        for end in range(len(loc), -1, -1):
            mark = self.value_marks.get(loc[:end])
            if mark is not None:
                return mark
        return Mark(1, 1)

    def key_mark(self, loc: Loc) -> Mark:
        """Where the key at ``loc`` stands, or the nearest place above it."""
        for end in range(len(loc), 0, -1):
            mark = self.key_marks.get(loc[:end])
            if mark is not None:
                return mark
        return Mark(1, 1)

    def is_told(self, loc: Loc) -> bool:
        """Whether ``loc``, or something it lies in, was complained about already."""
        return any(loc[:end] in self.told for end in range(len(loc) + 1))
