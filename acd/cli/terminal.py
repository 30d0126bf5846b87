"""What all commands share at the terminal: where words go, how a command ends, the common options.

On a terminal a table keeps within its width. Into a pipe or a file it is as wide as it must be, so
that nothing is cut off before ``grep`` sees it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from acd.errors import AcdError, RequestError, StoreUnavailable

__all__ = [
    "CONFIG",
    "AsJson",
    "ConfigFile",
    "Exit",
    "TokenEnv",
    "Url",
    "complain",
    "console",
    "ending",
    "exit_of",
    "say",
    "show_json",
    "table",
]

CONFIG = next(
    (path for path in (Path("config/acd.yaml"), Path("/etc/acd/acd.yaml")) if path.exists()),
    Path("config/acd.yaml"),
)
"""The settings of the folder we are in, else of the installation."""
PIPE_COLUMNS = 1000
"""Into a pipe nothing is as wide as this."""

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="Process settings.", envvar="ACD_CONFIG")]
Url = Annotated[
    str,
    typer.Option(
        help="Another ACD's API (http://, https://, unix:/path), not that of the settings.", envvar="ACD_URL"
    ),
]
TokenEnv = Annotated[
    str,
    typer.Option(
        help="Environment variable that holds the token; else ACD_TOKEN, or the file ACD_TOKEN_FILE names."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    """Done, and all is well."""
    REFUSED = 1
    """Asked and answered: refused, findings, differences, not ready."""
    UNUSABLE = 2
    """Could not ask: nobody answers, the token or the settings do not do, the command was mistyped."""


def console(*, stderr: bool = False) -> Console:
    """A console of this moment: width, colour and NO_COLOR as they are now."""
    stream = sys.stderr if stderr else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, highlight=False, width=None if known else PIPE_COLUMNS)


def say(sentence: str) -> None:
    """Words for a person, on stdout; a terminal breaks the line, we do not."""
    console().print(sentence, markup=False, soft_wrap=True)


def complain(sentence: str) -> None:
    """Say what is wrong, or what should be known beside the result; on stderr."""
    console(stderr=True).print(sentence, markup=False, soft_wrap=True)


def show_json(document: object) -> None:
    """One JSON object on stdout, and nothing else."""
    import msgspec

    print(msgspec.json.encode(document).decode())


def table(*columns: str, right: tuple[str, ...] = (), folds: str = "") -> Table:
    """A table without lines.

    Args:
        columns: The headings.
        right: Those of them whose cells stand to the right: numbers.
        folds: The one that gives way when the terminal is narrow.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name != folds,
            overflow="fold" if name == folds else "ellipsis",
        )
    return made


def exit_of(error: AcdError) -> Exit:
    """The exit status of an error: asked and refused, or not to be asked at all."""
    return Exit.REFUSED if isinstance(error, RequestError | StoreUnavailable) else Exit.UNUSABLE


@contextmanager
def ending() -> Iterator[None]:
    """End the command with one sentence and the right status when something expected goes wrong."""
    try:
        yield
    except AcdError as error:
        complain(str(error))
        raise typer.Exit(exit_of(error)) from None
