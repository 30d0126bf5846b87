"""The command line of ``scripts/bench``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from acd_bench import offer, routing, routing_table, table
from acd_bench.mixed_day import Extent as Day
from acd_bench.offer import Extent
from asterisk_lab.errors import LabError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> int:
    """Measure, or write the table; 0 well, 1 the table is not current, 2 cannot run.

    A goal missed is no failure of the command: the machine may have been busy.
    """
    arguments = _parser().parse_args()
    if arguments.command == "table":
        pages = {
            "benchmarks.md": table.fill_file(DOCS, check=arguments.check),
            "routing.md": routing_table.fill_file(DOCS, check=arguments.check),
        }
        for page, current in pages.items():
            if not current:
                print(f"docs/{page} is not what was measured: run scripts/bench table", file=sys.stderr)
        return 0 if all(pages.values()) else 1
    if arguments.command == "routing":
        return _routing(arguments)
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


def _routing(arguments: argparse.Namespace) -> int:
    day = Day(agents=arguments.agents, hours=arguments.hours)
    result = routing.measure(day, arguments.loads, arguments.seeds, arguments.jobs, print)
    routing_table.show(result, Console(soft_wrap=True))
    if arguments.json is not None:
        result.write(arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the ACD on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("engine", help="the engine alone, without Asterisk (its own options: --help)")
    one = commands.add_parser("offer", help="caller's INVITE to agent's INVITE on a real Asterisk")
    one.add_argument("--rates", type=_numbers, default=Extent.rates, metavar="R,R", help="calls per second")
    one.add_argument(
        "--seconds", type=float, default=Extent.seconds, metavar="N", help="of callers per way and round"
    )
    one.add_argument("--agents", type=int, default=Extent.agents, metavar="N", help="phones, all logged in")
    one.add_argument(
        "--rounds", type=int, default=Extent.rounds, metavar="N", help="how often the ways take turns"
    )
    one.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    two = commands.add_parser(
        "routing", help="what the disciplines are worth: the engine under virtual time, and beside theory"
    )
    two.add_argument("--seeds", type=int, default=16, metavar="N", help="days")
    two.add_argument(
        "--loads", type=_numbers, default=(0.9, 1.0, 1.1), metavar="L,L", help="work over people"
    )
    two.add_argument("--agents", type=int, default=Day().agents, metavar="N", help="people")
    two.add_argument("--hours", type=float, default=Day().hours, metavar="N", help="of each day")
    two.add_argument("--jobs", type=int, default=routing.processors(), metavar="N", help="runs at once")
    two.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    three = commands.add_parser("table", help="write the tables of docs/ from the figures beside them")
    three.add_argument("--check", action="store_true", help="write nothing, only compare")
    return parser


def _numbers(text: str) -> tuple[float, ...]:
    numbers = tuple(float(word) for word in text.split(","))
    if not numbers or min(numbers) <= 0:
        raise argparse.ArgumentTypeError("each number must be more than 0")
    return numbers


if __name__ == "__main__":
    sys.exit(main())
