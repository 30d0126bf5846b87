"""``acd schema``: the JSON Schema of a file of the configuration, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acd.cli.terminal import ending

__all__ = ["schema"]


def schema(
    file: Annotated[
        Path, typer.Argument(help="A file of the configuration, by its name: rules/queues.yaml.")
    ],
) -> None:
    """Write the JSON Schema of a file of the configuration.

    Editors that know YAML schemas take it from the first line of the file, where it names docs/schema/.
    """
    from acd.rules.file_schema import name_of, text_of

    with ending():
        print(text_of(name_of(file)), end="")
