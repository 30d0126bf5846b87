"""A sheet as one page that needs nothing else: no script, no font, no picture; readable on paper too.

Tables have captions and headings with their scope, the language is told, nothing depends on a colour
(WCAG 2.1 AA, as L. 4/2004 asks).
"""

from __future__ import annotations

from html import escape
from typing import Final, assert_never

from acd.transparency.blocks import Block, Bullets, Grid, Heading, Sheet, Text

__all__ = ["html"]

_STYLE: Final = """\
body { font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #fff;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #767676; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
caption { text-align: left; font-weight: bold; padding: .25rem 0; }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { background: #eee; }
@media print { body { max-width: none; margin: 0; } tr { break-inside: avoid; } }
"""


def html(sheet: Sheet) -> str:
    """The whole page."""
    title = escape(sheet.title)
    parts = [
        "<!doctype html>",
        '<html lang="it">',
        f'<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>\n{_STYLE}</style>\n</head>",
        f"<body>\n<main>\n<h1>{title}</h1>",
        *map(_block, sheet.blocks),
        "</main>\n</body>\n</html>",
    ]
    return "\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Text():
            return f"<p>{escape(block.text)}</p>"
        case Bullets():
            items = "\n".join(f"<li>{escape(item)}</li>" for item in block.items)
            return f"<ul>\n{items}\n</ul>"
        case Grid():
            return _table(block)
        case _:
            assert_never(block)


def _table(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in grid.rows
    )
    return (
        f"<table>\n<caption>{escape(grid.caption)}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>"
    )
