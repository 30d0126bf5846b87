"""Live through a morning and photograph the pages on the way."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from acd_screenshots import scenes
from acd_screenshots.camera import camera
from acd_screenshots.loop import HurryingLoop
from acd_screenshots.morning import morning

__all__ = ["main"]

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main(arguments: list[str]) -> int:
    """Write the pictures; the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description="Photograph the pages in use.")
    parser.add_argument("--chromium", required=True, help="path of the browser")
    parser.add_argument("--out", type=Path, default=PICTURES, help="where the PNG files go")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="acd-screenshots-") as folder,
        asyncio.Runner(loop_factory=HurryingLoop) as runner,
    ):
        runner.run(_take(Path(folder), options.chromium, options.out))
    return 0


async def _take(folder: Path, chromium: str, out: Path) -> None:
    async with (
        morning(folder) as here,
        camera(chromium, here.url, out, here.world.clock.now_ms, _say) as eye,
    ):
        for hour, minute, act in scenes.DAY:
            _say(f"living on to {hour:02}:{minute:02}")
            await here.hurry_to(hour, minute)
            await act(here, eye)


def _say(text: str) -> None:
    """Progress goes to stderr."""
    print(f"screenshots: {text}", file=sys.stderr, flush=True)
