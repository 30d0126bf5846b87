"""What the commands on the journal share: where it lies, and moments on Rome's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from acd.errors import ConfigError, RequestError

if TYPE_CHECKING:
    from acd.journal.segments import Journal

__all__ = ["Language", "Purpose", "instant", "least_group", "open_journal"]

Purpose = Annotated[
    str, typer.Option("--purpose", help="Why you look: 10 characters or more; it is audited.")
]
Language = Annotated[Literal["it", "en"], typer.Option("--lang", help="Language of the sentences.")]


def instant(text: str) -> int:
    """A moment as a person writes it, ``2022-12-01T09:31``, on Rome's clock unless it names another.

    Raises:
        RequestError: it is none.
    """
    import datetime as dt

    from acd.journal.telling import ROME

    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(f"{text!r} is no moment; write it as 2022-12-01T09:31, on Rome's clock.") from None
    return round((found if found.tzinfo else found.replace(tzinfo=ROME)).timestamp() * 1000)


def open_journal(places: Sequence[Path], config: Path, env: Mapping[str, str]) -> Journal:
    """The journal in these files and folders; without any, that of the settings.

    Raises:
        JournalError: there is none, or it cannot be read.
        ConfigError: the settings name none.
    """
    from acd.cli.place import local_settings
    from acd.journal.segments import Journal

    if places:
        return Journal(places)
    settings = local_settings(config, env)
    if settings.journal is None:
        raise ConfigError((f"{config}: the settings name no journal; name a folder, or add a section.",))
    return Journal([settings.journal.folder])


def least_group(config: Path, env: Mapping[str, str]) -> int:
    """How many people a group must have to be shown by itself; where there are no settings, the default.

    Raises:
        ConfigError: the settings or their privacy profile are wrong.
    """
    from acd.cli.place import local_settings
    from acd.rules.privacy import Privacy, read_privacy

    if not config.exists():
        return Privacy().k_min
    settings = local_settings(config, env)
    return read_privacy(settings.privacy, settings).k_min
