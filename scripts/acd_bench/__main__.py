"""The command line of ``scripts/bench``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from acd_bench import offer, table
from acd_bench.offer import Extent
from asterisk_lab.errors import LabError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> int:
    """Measure, or write the table; 0 well, 1 the table is not current, 2 cannot run.

    A goal missed is no failure of the command: the machine may have been busy.
    """
    arguments = _parser().parse_args()
    if arguments.command == "table":
        current = table.fill_file(DOCS, check=arguments.check)
        if not current:
            print("benchmarks.md is not what benchmarks.json says: run scripts/bench table", file=sys.stderr)
        return 0 if current else 1
    try:
        result = offer.run(
            Extent(
                rates=arguments.rates,
                seconds=arguments.seconds,
                rounds=arguments.rounds,
                agents=arguments.agents,
            )
        )
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    table.show(result, Console(soft_wrap=True))
    if arguments.json is not None:
        result.write(arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the ACD on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("engine", help="the engine alone, without Asterisk (its own options: --help)")
    one = commands.add_parser("offer", help="caller's INVITE to agent's INVITE on a real Asterisk")
    one.add_argument("--rates", type=_rates, default=Extent.rates, metavar="R,R", help="calls per second")
    one.add_argument(
        "--seconds", type=float, default=Extent.seconds, metavar="N", help="of callers per way and round"
    )
    one.add_argument("--agents", type=int, default=Extent.agents, metavar="N", help="phones, all logged in")
    one.add_argument(
        "--rounds", type=int, default=Extent.rounds, metavar="N", help="how often the ways take turns"
    )
    one.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    two = commands.add_parser("table", help="write the table of docs/benchmarks.md from docs/benchmarks.json")
    two.add_argument("--check", action="store_true", help="write nothing, only compare")
    return parser


def _rates(text: str) -> tuple[float, ...]:
    rates = tuple(float(word) for word in text.split(","))
    if not rates or min(rates) <= 0:
        raise argparse.ArgumentTypeError("calls per second must be more than 0")
    return rates


if __name__ == "__main__":
    sys.exit(main())
