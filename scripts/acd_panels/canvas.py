"""The sheet a dashboard is drawn on: Grafana's grid in pixels, with the colours and type of our pages.

The colours are those of ``acd/web/static/tokens.css`` in its light theme. Only colours that are told in
words too are used for meaning.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from PIL import Image

from acd_panels.dashboards import Box

__all__ = ["COLOURS", "INK", "LINE", "PAGE", "PALETTE", "SOFT", "SURFACE", "Frame", "Sheet", "colour"]

INK: Final = "#17324d"
SOFT: Final = "#47617a"
LINE: Final = "#d5dee8"
PAGE: Final = "#f4f7fa"
SURFACE: Final = "#ffffff"
BLUE: Final = "#0066cc"
COLOURS: Final = {
    "text": INK, "green": "#008055", "yellow": "#b36b00", "orange": "#cc5200", "red": "#cc1f3c",
    "blue": BLUE, "purple": "#6d3fc0", "super-light-blue": "#9fcbf5", "light-blue": "#4d9fe6",
    "dark-blue": "#003366", "light-green": "#66bf9b", "light-red": "#ea8fa0", "light-yellow": "#e6b34d",
    "semi-dark-orange": "#d97a1f", "gray": "#a9b7c6", "#808080": "#a9b7c6",
}  # fmt: skip
"""Grafana's names of colours, as we print them."""
PALETTE: Final = (
    BLUE, "#008055", "#d97a1f", "#6d3fc0", "#cc1f3c", "#00a0b0", "#b36b00", "#4d9fe6", "#66bf9b", "#a0569c",
    "#5c6f82", "#ea8fa0", "#003366", "#8fa63f", "#e6b34d", "#9fcbf5",
)  # fmt: skip
"""For curves to which no colour is given."""

WIDTH: Final = 1600
MARGIN: Final = 24
GAP: Final = 10
ROW: Final = 37
HEAD: Final = 84
FOOT: Final = 40
COLUMNS: Final = 24
DPI: Final = 100
SHARPER: Final = 1.25
FONTS: Final = ("Titillium Web", "Noto Sans", "Liberation Sans", "DejaVu Sans")


def colour(name: str) -> str:
    """A colour by Grafana's name or its own."""
    return COLOURS.get(name, name)


class Frame(NamedTuple):
    """A rectangle on the sheet in pixels, from the upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, left: float, top: float, right: float, bottom: float) -> Frame:
        """What is left inside these margins."""
        return Frame(
            self.x + left,
            self.y + top,
            max(1.0, self.width - left - right),
            max(1.0, self.height - top - bottom),
        )


class Sheet:
    """One picture in the making."""

    def __init__(self, rows: int) -> None:
        """A sheet for so many rows of the grid."""
        known = {font.name for font in fontManager.ttflist}
        mpl.rcParams["font.family"] = [name for name in FONTS if name in known]
        self.height = HEAD + rows * ROW + FOOT
        self._figure = Figure(figsize=(WIDTH / DPI, self.height / DPI), dpi=DPI, facecolor=PAGE)
        FigureCanvasAgg(self._figure)

    def frame(self, box: Box) -> Frame:
        """Where a box of the grid lies."""
        column = (WIDTH - 2 * MARGIN + GAP) / COLUMNS
        return Frame(
            MARGIN + box.x * column,
            HEAD + box.y * ROW,
            box.width * column - GAP,
            box.height * ROW - GAP,
        )

    def card(self, frame: Frame) -> None:
        """The white ground of a panel."""
        left, bottom, width, height = self._share(frame)
        self._figure.add_artist(
            FancyBboxPatch(
                (left, bottom),
                width,
                height,
                boxstyle="round,pad=0,rounding_size=0.0025",
                mutation_aspect=WIDTH / self.height,
                facecolor=SURFACE,
                edgecolor=LINE,
                linewidth=0.8,
                zorder=-2,
            )
        )

    def block(self, frame: Frame, face: str) -> None:
        """A plain rectangle."""
        left, bottom, width, height = self._share(frame)
        self._figure.add_artist(
            Rectangle((left, bottom), width, height, facecolor=face, edgecolor="none", zorder=-1)
        )

    def axes(self, frame: Frame) -> Axes:
        """Axes that fill a frame, without decoration."""
        axes = self._figure.add_axes(self._share(frame))
        axes.set_facecolor("none")
        for side in axes.spines.values():
            side.set_visible(False)
        return axes

    def write(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        face: str = INK,
        bold: bool = False,
        across: str = "left",
        down: str = "center",
        room: float = math.inf,
    ) -> float:
        """Write words at a point and return their width; too long for the room, they end in dots."""
        text = self._figure.text(
            x / WIDTH,
            1 - y / self.height,
            words.replace("$", r"\$"),
            fontsize=size * 0.72,
            color=face,
            fontweight="bold" if bold else "normal",
            ha=across,
            va={"center": "center_baseline"}.get(down, down),
        )
        width = self._width(text)
        while width > room and len(words) > 1:
            words = words[:-1].rstrip(" .,;:")
            text.set_text(words.replace("$", r"\$") + "…")
            width = self._width(text)
        return width

    def save(self, file: Path) -> None:
        """Write the picture in 256 colours, with nothing in it that differs from one making to the next."""
        drawn = io.BytesIO()
        self._figure.savefig(drawn, dpi=DPI * SHARPER, facecolor=PAGE, metadata={"Software": None})
        with Image.open(drawn) as picture:
            few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            few.save(file, format="PNG", optimize=True)

    def _width(self, text: Text) -> float:
        return float(text.get_window_extent().width)

    def _share(self, frame: Frame) -> tuple[float, float, float, float]:
        return (
            frame.x / WIDTH,
            1 - (frame.y + frame.height) / self.height,
            frame.width / WIDTH,
            frame.height / self.height,
        )
