"""The counters of the day, what was counted of calls in progress, and the service level of each call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, empty: the day begins at this start; of calls ended before, no service level is known."""
    op.add_column("ledger", sa.Column("level", sa.Text, nullable=False, server_default=sa.text("''")))
    op.create_table(
        "intraday",
        sa.Column("span", sa.Text, nullable=False),
        sa.Column("begin_ms", sa.BigInteger, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("span", "begin_ms", "queue", name="pk_intraday"),
    )
    op.create_table(
        "intraday_calls",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("answered_ms", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_intraday_calls"),
    )
