"""The command line of ``scripts/drill``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from acd.errors import AcdError
from acd_drill.days import FULL, SHORT
from acd_drill.drill import drill, well
from asterisk_lab.errors import LabError, LabUnavailableError


def main() -> int:
    """Run the drill; 0 only if every promise was kept."""
    arguments = _parser().parse_args()
    plan = SHORT if arguments.short else FULL
    try:
        figures = asyncio.run(drill(plan, port_offset=arguments.port_offset, say=_say))
    except LabUnavailableError as error:
        print(error, file=sys.stderr)
        return 2
    except (LabError, AcdError) as error:
        print(error, file=sys.stderr)
        return 2
    for promise, kept in figures["promises"].items():
        _say(f"{'kept  ' if kept else 'BROKEN'}  {promise}")
    told = json.dumps(figures)
    if arguments.json is not None:
        arguments.json.write_text(f"{told}\n")
    print(told)
    return 0 if well(figures) else 1


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/drill",
        description="A switch-off on a real Asterisk: offices answer for the country, agents come back.",
        epilog="The last line is a JSON summary. Exit 1: a promise was broken.",
    )
    parser.add_argument("--short", action="store_true", help="two days of 40 s instead of four of 3 minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there too")
    parser.add_argument("--port-offset", type=int, metavar="K", help="shift every port (default: a free one)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
