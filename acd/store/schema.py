"""The tables, as the program sees them. The migrations make them; a test compares the two.

Everything here is plain SQL of SQLite and PostgreSQL alike. Times are milliseconds since 1970. What
privacy asks is in the shape of the tables: ``sessions`` has one row for each agent logged in now and no
history, ``ledger`` has no column for an agent, ``tokens`` and ``codes`` hold hashes alone, ``slots``
names a person who volunteered and nowhere one who did not.

Skills stand in their agent's row as JSON: a roster is always read whole, nobody asks SQL for a skill,
and 3,100 agents are 3,100 rows instead of 20,000.
"""

from __future__ import annotations

import sqlalchemy as sa

__all__ = [
    "agents",
    "audit",
    "codes",
    "intraday",
    "intraday_calls",
    "ledger",
    "line_checks",
    "meta",
    "metadata",
    "overrides",
    "revisions",
    "sessions",
    "slots",
    "tokens",
    "transitions",
]

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""``roster_revision``; ``version``: the program that made the present schema; ``tried_ms``: a write that
only looked whether the disk takes one."""

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("skills", sa.JSON, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("home", sa.Boolean, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("employer", sa.Text, nullable=False),
    sa.Column("volunteer", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("auto_answer", sa.Boolean, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("agent", sa.Text, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("worked_since_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("sites", sa.JSON, nullable=False),
    sa.Column("agent", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("revoked_ms", sa.BigInteger),
)

codes = sa.Table(
    "codes",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("priority_class", sa.Text, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("call", sa.Text, primary_key=True),
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
    sa.Column("verified", sa.Boolean),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.CheckConstraint("outcome <> ''", name="outcome_given"),
    sa.Index(None, "ended_ms", "call"),
)

intraday = sa.Table(
    "intraday",
    metadata,
    sa.Column("span", sa.Text, primary_key=True),
    sa.Column("begin_ms", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("queue", sa.Text, primary_key=True),
    sa.Column("counts", sa.JSON, nullable=False),
)
"""Counters of one queue in a half hour of today or a minute of the last thirty; sums, of nobody."""

intraday_calls = sa.Table(
    "intraday_calls",
    metadata,
    sa.Column("call", sa.Text, primary_key=True),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("answered_ms", sa.BigInteger, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
)
"""Calls in progress that stand in ``intraday`` already; a row goes with its call."""

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("of", sa.Integer),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("disk_digest", sa.Text, nullable=False),
    sa.Column("confirm_by_ms", sa.BigInteger),
    sa.Column("confirmed_ms", sa.BigInteger),
)

overrides = sa.Table(
    "overrides",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False),
    sa.Column("from_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("ended_ms", sa.BigInteger),
    sa.Column("ended_by", sa.Text, nullable=False),
    sa.Index(None, "until_ms"),
    sqlite_autoincrement=True,
)
"""``sqlite_autoincrement`` here and in ``slots``: what was purged does not give its number to another."""

transitions = sa.Table(
    "transitions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

line_checks = sa.Table(
    "line_checks",
    metadata,
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("ring_ms", sa.BigInteger, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("from_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("accepted_ms", sa.BigInteger, nullable=False),
    sa.Column("withdrawn_ms", sa.BigInteger),
    sa.Column("confirmed_ms", sa.BigInteger),
    sa.Index(None, "agent", "until_ms"),
    sa.Index(None, "until_ms"),
    sqlite_autoincrement=True,
)
