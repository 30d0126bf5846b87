"""The command line of ``scripts/demo``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from acd.demo import simulated
from acd.demo.board import told, well
from acd.errors import AcdError
from acd_demo import real
from asterisk_lab.errors import LabError, LabUnavailableError


def main() -> int:
    """Run the demonstration; 0 only if calls were answered and every call is accounted for."""
    arguments = _parser().parse_args()
    if arguments.seconds is None and arguments.simulated:
        arguments.seconds = 600.0
    elif arguments.seconds is None and arguments.json:
        arguments.seconds = 60.0
    try:
        if arguments.simulated:
            result = simulated.run(real.RULES, arguments.seconds, quiet=arguments.json)
        else:
            result = asyncio.run(
                real.run(arguments.seconds, quiet=arguments.json, port_offset=arguments.port_offset)
            )
    except LabUnavailableError as error:
        print(error, file=sys.stderr)
        print("Or see the same without Asterisk: scripts/demo --simulated", file=sys.stderr)
        return 2
    except (LabError, AcdError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(result) if arguments.json else told(result))
    return 0 if well(result) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A small call centre at work.")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after this (without: Ctrl-C)")
    parser.add_argument(
        "--json", action="store_true", help="no terminal; one JSON object at the end (60 s; simulated 600)"
    )
    parser.add_argument("--simulated", action="store_true", help="against the simulated Asterisk, in seconds")
    parser.add_argument("--port-offset", type=int, metavar="K", help="shift every port (default: a free one)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
