"""The first tables: roster, sessions, tokens, personal codes, audit, ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, empty; the roster begins at revision 0."""
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.bulk_insert(meta, [{"key": "roster_revision", "value": "0"}])
    _people()
    _access()
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    _ledger()


def _people() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("home", sa.Boolean, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("employer", sa.Text, nullable=False),
        sa.Column("auto_answer", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
    )
    op.create_table(
        "sessions",
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_sessions"),
    )


def _access() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("agent", sa.Text, nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("sha256", name="uq_tokens_sha256"),
    )
    op.create_table(
        "codes",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("priority_class", sa.Text, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_codes"),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("called", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("province", sa.Text, nullable=False),
        sa.Column("priority_class", sa.Text, nullable=False),
        sa.Column("entered_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger, nullable=False),
        sa.Column("wait_ms", sa.BigInteger, nullable=False),
        sa.Column("handle_ms", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_ledger"),
        sa.CheckConstraint("outcome <> ''", name="ck_ledger_outcome_given"),
    )
    op.create_index("ix_ledger_ended_ms_call", "ledger", ["ended_ms", "call"])
