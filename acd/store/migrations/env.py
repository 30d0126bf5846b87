"""What Alembic runs to migrate: on the connection it is handed, within that connection's transaction.

``transactional_ddl``: our SQLite connections do put CREATE and ALTER in the transaction
(``acd.store.sqlite``), so an upgrade that fails half-way leaves the old schema whole.
"""

from __future__ import annotations

from alembic import context

from acd.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
