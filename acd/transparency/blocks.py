"""What a sheet is made of: plain text in four forms, none of which knows how it will be written down."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Block", "Bullets", "Grid", "Heading", "Sheet", "Text"]


class Heading(NamedTuple):
    """A title within the sheet; level 2 is a part of it, 3 a part of that."""

    level: int
    text: str


class Text(NamedTuple):
    """A paragraph."""

    text: str


class Bullets(NamedTuple):
    """A list; its order means nothing."""

    items: tuple[str, ...]


class Grid(NamedTuple):
    """A table with a caption and a heading for each column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Text | Bullets | Grid


class Sheet(NamedTuple):
    """The whole of it."""

    title: str
    blocks: tuple[Block, ...]
