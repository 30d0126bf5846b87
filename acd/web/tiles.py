"""Italy in tiles: one square of the same size for each province, near where it lies.

On a true map Trieste is a dot and Nuoro a field, though each has one office. Here each has one square. From
the provinces' centroids the squares are first pushed apart until none overlaps, gently held where they
belong; then they are put on a grid so that the sum of the squared ways is least (the Hungarian method,
O(n²m)). Deterministic, and a second's work: done once, by ``python -m acd.web.tiles``, which writes
``static/provinces.js``; with ``--check`` it compares.

Sources: H. W. Kuhn, The Hungarian Method for the Assignment Problem (1955); D. Dorling, Area Cartograms
(1996).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

from acd.rules.provinces import provinces

__all__ = ["Tile", "lay_out", "script"]

SCRIPT: Final = Path(__file__).resolve().parent / "static" / "provinces.js"

TILE_KM: Final = 60.0
"""Side of a square: Italy fits 17 by 20 of them."""
KM_PER_DEGREE: Final = 111.2
MIDDLE: Final = math.radians(42)
"""Latitude at which a degree of longitude is measured."""
ROUNDS: Final = 400
PUSH: Final = 0.25
"""Of an overlap, per round, for each of the two."""
PULL: Final = 0.02
"""Of the way home, per round."""


class Tile(NamedTuple):
    """Where a province's square is."""

    province: str
    name: str
    region: str
    column: int
    row: int


def lay_out() -> list[Tile]:
    """Every province's tile, by column and row from 0, in the order of reading."""
    places = _pushed_apart(
        [
            [p.longitude * math.cos(MIDDLE) * KM_PER_DEGREE / TILE_KM, -p.latitude * KM_PER_DEGREE / TILE_KM]
            for p in provinces()
        ]
    )
    left, top = min(x for x, _ in places), min(y for _, y in places)
    columns = math.ceil(max(x for x, _ in places) - left) + 1
    rows = math.ceil(max(y for _, y in places) - top) + 1
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    costs = [[(x - left - column) ** 2 + (y - top - row) ** 2 for column, row in cells] for x, y in places]
    chosen = assign(costs)
    tiles = [
        Tile(p.sigla, p.name, p.region, *cells[cell]) for p, cell in zip(provinces(), chosen, strict=True)
    ]
    return sorted(tiles, key=lambda tile: (tile.row, tile.column))


def _pushed_apart(places: list[list[float]]) -> list[list[float]]:
    """Points at least a tile apart, or nearly, and not far from where they were."""
    homes = [tuple(place) for place in places]
    for _ in range(ROUNDS):
        for one, other in combinations(places, 2):
            dx, dy = other[0] - one[0], other[1] - one[1]
            distance = math.hypot(dx, dy)
            if 0 < distance < 1:
                push = (1 - distance) * PUSH / distance
                one[0] -= dx * push
                one[1] -= dy * push
                other[0] += dx * push
                other[1] += dy * push
        for place, home in zip(places, homes, strict=True):
            place[0] += (home[0] - place[0]) * PULL
            place[1] += (home[1] - place[1]) * PULL
    return places


def assign(costs: Sequence[Sequence[float]]) -> list[int]:
    """For each row a column of its own, so that the sum of the costs is least.

    Args:
        costs: no more rows than columns.
    """
    columns = len(costs[0])
    of_row, of_column = [0.0] * len(costs), [0.0] * (columns + 1)
    taker = [-1] * (columns + 1)
    for start in range(len(costs)):
        taker[columns] = start  # a column beside the others, where each search begins
        here, least, came_from, seen = columns, [math.inf] * columns, [columns] * columns, [False] * columns
        while taker[here] != -1:
            row, there, step = taker[here], -1, math.inf
            if here != columns:
                seen[here] = True
            for column in range(columns):
                if seen[column]:
                    continue
                cost = costs[row][column] - of_row[row] - of_column[column]
                if cost < least[column]:
                    least[column], came_from[column] = cost, here
                if least[column] < step:
                    there, step = column, least[column]
            of_row[start] += step
            for column in range(columns):
                if seen[column]:
                    of_row[taker[column]] += step
                    of_column[column] -= step
                else:
                    least[column] -= step
            here = there
        while here != columns:
            taker[here] = taker[came_from[here]]
            here = came_from[here]
    chosen = [-1] * len(costs)
    for column in range(columns):
        if taker[column] != -1:
            chosen[taker[column]] = column
    return chosen


def script() -> str:
    """The module for the browser."""
    rows = ",\n".join(
        f"  {json.dumps(tile.province)}: {json.dumps(list(tile[1:]), ensure_ascii=False)}"
        for tile in lay_out()
    )
    return (
        "/* Written by `python -m acd.web.tiles`: name, region, column and row of each province. */\n\n"
        f"export const PROVINCES = {{\n{rows},\n}};\n"
    )


def main(arguments: Iterable[str]) -> int:
    """Write the module, or compare; the exit status."""
    text = script()
    if "--check" not in arguments:
        SCRIPT.write_text(text, encoding="utf-8")
    elif not SCRIPT.exists() or SCRIPT.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{SCRIPT} differs from the provinces; run python -m acd.web.tiles\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
