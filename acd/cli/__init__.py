"""The command ``acd``: everything a person or a script asks of the ACD from a shell.

A command parses, asks, shows and sets the exit status; it decides nothing. What runs is asked over
the API (``client``), by the Unix socket of this machine or by TCP with a token, and the API alone
knows what is allowed. While nothing runs, the *books* (roster, tokens, personal codes, audit) are
opened from the store itself by whoever may read the file (``books``).

Every command that reads has ``--json``: one object on stdout whose shape docs/operations.md gives.
Words meant for people may change any day; nobody should parse them. Findings, warnings and refusals go
to stderr. Colour only repeats what a word says, so it may be missing (``NO_COLOR``).

Exit status: 0 done, and all is well; 1 answered, and refused, wrong or not ready; 2 could not ask.

``import`` is what makes a command slow, so a module here imports at its top only what `acd --help`
needs, and the rest inside the command that uses it.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Entry point of the command."""
    from acd.cli.commands import app

    app()
