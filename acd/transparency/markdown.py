"""A sheet as Markdown. What stands in a rule stays plain text: no mark of it becomes a mark of ours."""

from __future__ import annotations

import re
from typing import Final, assert_never

from acd.transparency.blocks import Block, Bullets, Grid, Heading, Sheet, Text

__all__ = ["markdown"]

_MARKS: Final = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(sheet: Sheet) -> str:
    """The whole text, ending with a newline."""
    parts = [f"# {_plain(sheet.title)}", *map(_block, sheet.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_plain(block.text)}"
        case Text():
            return _plain(block.text)
        case Bullets():
            return "\n".join(f"- {_plain(item)}" for item in block.items)
        case Grid():
            lines = [block.columns, tuple("---" for _ in block.columns), *block.rows]
            rows = [
                f"| {' | '.join(cell if n == 1 else _plain(cell) for cell in line)} |"
                for n, line in enumerate(lines)
            ]
            return f"{_plain(block.caption)}:\n\n" + "\n".join(rows)
        case _:
            assert_never(block)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
