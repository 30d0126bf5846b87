"""Who answers only when a ladder has come to volunteers; until now nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whoever is there is no volunteer."""
    op.add_column("agents", sa.Column("volunteer", sa.Boolean, nullable=False, server_default=sa.false()))
