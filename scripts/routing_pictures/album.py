"""All pictures, and the command that writes them or compares."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from routing_pictures import disciplines, german_ladder, growth, next_call, who_rings
from routing_pictures.canvas import Canvas

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs/pictures"
PICTURES: Final[Mapping[str, Callable[[], Canvas]]] = {
    "routing-next-call.svg": next_call.draw,
    "routing-who-rings.svg": who_rings.draw,
    "routing-german-ladder.svg": german_ladder.draw,
    "routing-disciplines.svg": disciplines.draw,
    "engine-growth.svg": growth.draw,
}


def stale() -> list[str]:
    """The names of the pictures that are not what would be drawn now."""
    return [
        name
        for name, draw in PICTURES.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != str(draw())
    ]


def main(arguments: Sequence[str]) -> int:
    """Write the pictures; with ``--check`` only say which are not current, and return 1 then."""
    if "--check" in arguments:
        found = stale()
        for name in found:
            print(
                f"docs/pictures/{name} is not what the engine does; run scripts/draw_routing", file=sys.stderr
            )
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(str(draw()), encoding="utf-8")
    return 0
