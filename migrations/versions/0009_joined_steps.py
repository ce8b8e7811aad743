"""Which steps of a story one message tells together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add the column. What was posted before tells one step each."""
    op.add_column("messages", sa.Column("joined", JSON, nullable=True))


def downgrade() -> None:
    """Take it back: the steps that were told beside others count as not told."""
    op.drop_column("messages", "joined")
