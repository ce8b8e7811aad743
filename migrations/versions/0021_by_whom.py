"""When the tenant's audit log is asked who made a change that nobody requested, and the question that was left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of what was told before nobody asks."""
    op.add_column("unrequested_changes", sa.Column("ask_at", TIME, nullable=True))
    op.add_column("unrequested_changes", sa.Column("asked", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("unrequested_changes", sa.Column("query", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Take it back: nobody asks any more."""
    op.drop_column("unrequested_changes", "query")
    op.drop_column("unrequested_changes", "asked")
    op.drop_column("unrequested_changes", "ask_at")
