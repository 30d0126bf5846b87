"""Brings the schema up to date at open, in process: no alembic.ini, no second program, no half step.

The whole upgrade is one transaction. A schema this program does not know was made by a newer one:
it is refused, since an older program would write rows the newer cannot believe. A database that holds
tables but no schema version is not a store of ours and is left alone.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from acd.errors import ConfigError
from acd.store.schema import meta

__all__ = ["is_current", "upgrade"]

STEPS: Final = Path(__file__).parent / "migrations"


def is_current(connection: sa.Connection, file: Path) -> bool:
    """Whether the schema is the one this program works with.

    Raises:
        ConfigError: It is a newer program's, or no store of ours.
    """
    here = MigrationContext.configure(connection).get_current_revision()
    steps = ScriptDirectory.from_config(_config())
    if here is None:
        if sa.inspect(connection).get_table_names():
            raise ConfigError((f"{file} is a database of something else; name another file for the store.",))
        return False
    if here not in {step.revision for step in steps.walk_revisions()}:
        sentence = (
            f"{file} was written by ACD {_writer(connection)}, whose schema ({here}) this version "
            f"({version('acd')}) does not know; run that version, or put back a backup of this one's."
        )
        raise ConfigError((sentence,))
    return here == steps.get_current_head()


def upgrade(connection: sa.Connection) -> None:
    """Make the schema current, within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(sa.delete(meta).where(meta.c.key == "version"))
    connection.execute(sa.insert(meta), {"key": "version", "value": version("acd")})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    return config


def _writer(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("meta"):
        return "of another version"
    said = connection.execute(sa.select(meta.c.value).where(meta.c.key == "version")).scalar()
    return str(said or "of another version")
