"""What ``acd doctor`` looks for with this configuration, and how it shows what it found.

The looking itself is ``acd.ami.doctor``. Here the rules say which queues and called numbers must be on
every node, and our own API says whether an ACD of this configuration is running, so that its lease is
not taken for somebody else's.
"""

from __future__ import annotations

import asyncio
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text

from acd.ami.doctor import Expected, Level, Report, examine
from acd.ami.settings import ami_settings
from acd.cli.client import alive
from acd.cli.place import place_of_settings
from acd.core.policy import RuleSet
from acd.errors import ConfigError
from acd.rules.settings import Settings

__all__ = ["diagnose", "reports_json", "show_reports"]

STYLES: Final = {
    Level.OK: "green",
    Level.UNPROVED: "cyan",
    Level.WARNING: "yellow",
    Level.WRONG: "bold red",
}
WIDTH: Final = max(len(level) for level in Level)
INDENT: Final = WIDTH + 17
ROOM_MIN: Final = 40
"""What a sentence has of a line at least."""


async def diagnose(settings: Settings, rules: RuleSet | None, listen_s: float) -> tuple[Report, ...]:
    """Examine every node of the settings.

    Args:
        settings: Where the nodes are.
        rules: What must be on each; None if they cannot be read.
        listen_s: How long to listen to each node.
    """
    expected = Expected(serving=await asyncio.to_thread(_is_serving, settings), listen_s=listen_s)
    if rules is not None:
        languages = sorted({queue.language for queue in rules.queues.values()})
        expected = msgspec.structs.replace(
            expected, languages=tuple(languages), numbers=tuple(sorted(rules.entry))
        )
    return await examine([ami_settings(node, settings) for node in settings.nodes], expected)


def _is_serving(settings: Settings) -> bool:
    try:
        return alive(place_of_settings(settings))
    except ConfigError:  # the port is chosen at each start: nobody can tell
        return False


def show_reports(reports: Sequence[Report], console: Console) -> None:
    """One line per finding, and below it what to change; a narrow screen breaks both in their column."""
    room = max(ROOM_MIN, console.width - INDENT)

    def broken(sentence: str) -> str:
        lines = textwrap.wrap(sentence, room, break_long_words=False, break_on_hyphens=False)
        return f"\n{'':{INDENT}}".join(lines)

    for report in reports:
        console.print(Text(f"Asterisk {report.node}", style="bold"))
        for finding in report.findings:
            level = Text(f"  {finding.level:<{WIDTH}}  ", style=STYLES[finding.level])
            seen = Text(f"{finding.check:<13}{broken(finding.saw)}", style="default")
            console.print(level + seen, soft_wrap=True)
            if finding.change:
                console.print(Text(f"{'':{INDENT}}{broken(f'-> {finding.change}')}"), soft_wrap=True)
    levels = Counter(finding.level for report in reports for finding in report.findings)
    console.print(Text(", ".join(f"{levels[level]} {level}" for level in reversed(Level))))


def reports_json(reports: Sequence[Report]) -> str:
    """The same for a program."""
    return msgspec.json.encode({"sound": all(report.sound for report in reports), "nodes": reports}).decode()
