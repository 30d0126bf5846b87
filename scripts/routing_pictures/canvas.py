"""A small sheet of paper: SVG with a light ground, a title and a description for who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#1b1f24"
FAINT: Final = "#59636e"
RULE: Final = "#d1d9e0"
PAPER: Final = "#ffffff"
BLUE: Final = "#0072b2"
SKY: Final = "#cfe3f1"
ORANGE: Final = "#b85c00"
PEACH: Final = "#f7dcc0"
GREEN: Final = "#00785a"
MINT: Final = "#cbe8de"
GREY: Final = "#e6eaef"
"""Colours that people with any kind of sight can tell apart (after Okabe and Ito), each with a pale one."""

FONT: Final = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"


class Canvas:
    """One picture; lengths are pixels, the origin is the upper left corner."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self.width, self.height = width, height
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"',
            f'height="{height}" role="img" aria-labelledby="title description"',
            f"font-family={quoteattr(FONT)}>",
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
        ]
        self.box(0, 0, width, height, PAPER)
        self.text(24, 36, title, size=19, bold=True)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = 14,
        colour: str = INK,
        bold: bool = False,
        at: Literal["start", "middle", "end"] = "start",
    ) -> None:
        """One line of words; ``y`` is its base line, ``at`` what of it stands at ``x``."""
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{colour}" text-anchor="{at}"{weight}>'
            f"{escape(words)}</text>"
        )

    def foot(self, y: float, *lines: str) -> None:
        """Small print, line by line from here on."""
        for number, words in enumerate(lines):
            self.text(24, y + 19 * number, words, size=13, colour=FAINT)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, edge: str = "", round_by: int = 0
    ) -> None:
        """A filled rectangle."""
        stroke = f' stroke="{edge}"' if edge else ""
        corner = f' rx="{round_by}"' if round_by else ""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"'
            f"{stroke}{corner}/>"
        )

    def line(
        self, points: Sequence[tuple[float, float]], colour: str = RULE, *, width: float = 1, dashes: str = ""
    ) -> None:
        """A line through these points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{dashed}/>'
        )

    def dot(self, x: float, y: float, colour: str, *, radius: float = 4) -> None:
        """A round mark."""
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}"/>')

    def badge(self, x: float, y: float, words: str, colour: str) -> None:
        """A few letters in a filled disc around this point."""
        self.dot(x, y, colour, radius=13)
        self.text(x, y + 5, words, colour=PAPER, bold=True, at="middle")

    def __str__(self) -> str:
        """The whole picture."""
        return "\n".join([*self._parts, "</svg>", ""])


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
