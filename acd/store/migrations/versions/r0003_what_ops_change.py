"""What ops change: revisions of the configuration, overrides, the transition, line checks, slots.

And a login remembers since when its agent works without a break, so that a restart postpones none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, empty; who is logged in now begins to work at the next start."""
    _configuration()
    _toggles()
    _transition()
    _volunteers()


def _configuration() -> None:
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("of", sa.Integer, nullable=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("disk_digest", sa.Text, nullable=False),
        sa.Column("confirm_by_ms", sa.BigInteger, nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_revisions"),
    )


def _toggles() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger, nullable=True),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_overrides_until_ms", "overrides", ["until_ms"])


def _transition() -> None:
    op.create_table(
        "transitions",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_transitions"),
    )
    op.create_table(
        "line_checks",
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("ring_ms", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("office", "number", name="pk_line_checks"),
    )


def _volunteers() -> None:
    op.add_column(
        "sessions",
        sa.Column("worked_since_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("accepted_ms", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_ms", sa.BigInteger, nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_slots"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_slots_agent_until_ms", "slots", ["agent", "until_ms"])
    op.create_index("ix_slots_until_ms", "slots", ["until_ms"])
