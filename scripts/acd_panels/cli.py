"""Draw every dashboard with the data of a simulated day, as a Prometheus answers for it."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from acd_panels import day
from acd_panels.answers import Answer, Window, answer, empty, marks
from acd_panels.dashboards import ALL, Dashboard, read
from acd_panels.draw import draw
from acd_panels.prometheus import Prometheus, PrometheusUnavailableError, find, running

ROOT: Final = Path(__file__).resolve().parents[2]
DASHBOARDS: Final = ROOT / "config" / "grafana" / "dashboards"
PICTURES: Final = ROOT / "docs" / "pictures"
HOURS: Final = 6
STEP_S: Final = 60
END_S: Final = 120
"""So long before the day's last moment the pictures are taken."""
CHOSEN: Final[Mapping[str, Mapping[str, str]]] = {"acd-dettaglio-coda": {"queue": "pensioni"}}
"""What is chosen on a dashboard that is not about everything."""


def main(arguments: list[str]) -> int:
    """Write the pictures; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="acd-panels-") as folder:
            history = options.history or Path(folder) / "day.om"
            if not history.exists():
                _say("living through a day of the national centre (some minutes)")
                day.live(history, _say)
            return asyncio.run(_draw(Path(folder), history, options.out, options.only))
    except PrometheusUnavailableError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/panels", description="Draw the dashboards with data.")
    parser.add_argument("--out", type=Path, default=PICTURES, help="where the PNG files go")
    parser.add_argument(
        "--history", type=Path, help="keep the measures of the day here, or take them from here"
    )
    parser.add_argument("--only", default="", help="draw only dashboards with this in their file's name")
    return parser


async def _draw(folder: Path, history: Path, out: Path, only: str) -> int:
    _say("making blocks for Prometheus")
    making = [
        find("promtool"),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        str(history),
        str(folder / "data"),
    ]
    await asyncio.to_thread(subprocess.run, making, check=True, stdout=subprocess.DEVNULL)
    silent = []
    async with running(folder) as prometheus:
        for file in sorted(each for each in DASHBOARDS.glob("*.json") if only in each.stem):
            silent += await _picture(prometheus, read(file), out / f"cruscotto-{file.stem}.png")
    for sentence in silent:
        print(sentence, file=sys.stderr)
    return 1 if silent else 0


async def _picture(prometheus: Prometheus, dashboard: Dashboard, file: Path) -> list[str]:
    """Draw one dashboard; returns a sentence for each query without an answer."""
    end_s = day.ENDS.timestamp() - END_S
    values = {**dict.fromkeys(dashboard.variables, ALL), **CHOSEN.get(dashboard.uid, {})}
    window = Window(end_s - HOURS * 3600, end_s, STEP_S, day.SCRAPE_S, values)
    answers: dict[str, tuple[Answer, ...]] = {}
    silent = []
    for panel in dashboard.panels:
        if panel.kind == "row":
            continue
        answers[panel.title] = await answer(prometheus, panel, window)
        silent += [
            f"{dashboard.uid}, {panel.title}, query {each.asked.ref}: {why}"
            for each in answers[panel.title]
            if (why := empty(each.series))
        ]
    drawn = [(mark.name, mark.color, await marks(prometheus, mark, window)) for mark in dashboard.marks]
    draw(dashboard, answers, drawn, window, file)
    _say(f"wrote {file}")
    return silent


def _say(text: str) -> None:
    """Progress goes to stderr."""
    print(f"panels: {text}", file=sys.stderr, flush=True)
