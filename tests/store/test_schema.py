"""What the migrations make is what the program sees; what is not ours is left alone."""

from __future__ import annotations

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from acd.core.facts import Session
from acd.core.policy import Agent
from acd.store import schema
from acd.store.records import LedgerRow, PersonalCode, TokenRecord


async def test_the_tables_are_what_the_migrations_make(store, file):
    """Neither can be changed without the other."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (schema.agents, Agent),
        (schema.sessions, Session),
        (schema.tokens, TokenRecord),
        (schema.codes, PersonalCode),
        (schema.ledger, LedgerRow),
    ],
)
def test_a_column_stands_for_each_field(table, record):
    """A field added to a record and forgotten in its table is found here, not on a busy day."""
    assert [column.name for column in table.columns] == [
        field.name for field in msgspec.structs.fields(record)
    ]


def test_the_ledger_knows_no_agent():
    """Privacy by design: there is no column to put one in."""
    assert not [column.name for column in schema.ledger.columns if "agent" in column.name]
