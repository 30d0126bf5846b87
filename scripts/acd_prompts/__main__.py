"""``scripts/prompts RULES --out DIR [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from acd.errors import ConfigError
from acd.rules.load import load_rules
from acd_prompts import directory
from asterisk_lab.errors import LabError
from asterisk_lab.installation import ensure_tool


def main() -> int:
    """Run the command line; 0 done or current, 1 something is missing, stale or wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/prompts",
        description="Speak every text of a rule set as placeholders; recordings already there stay.",
    )
    parser.add_argument("rules", type=Path, help="the rule folder")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="Asterisk's directory sounds/acd"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; say what is missing or stale")
    arguments = parser.parse_args()
    try:
        plan = load_rules(arguments.rules).entry
        if arguments.check:
            complaints = directory.check(plan, arguments.out)
        else:
            for program in ("espeak-ng", "sox"):
                ensure_tool(program, program)
            outcome = directory.write(plan, arguments.out)
            complaints = tuple(outcome.complaints)
            print(
                f"{outcome.spoken} spoken, {outcome.kept} kept, {outcome.recordings} recordings,"
                f" {outcome.removed} removed: {arguments.out}"
            )
    except (ConfigError, LabError) as error:
        print(error, file=sys.stderr)
        return 1
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
