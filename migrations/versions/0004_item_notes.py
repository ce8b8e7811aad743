"""What was noticed when an item was read, and changed on the way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column. Items that are there have no notes."""
    op.add_column("items", sa.Column("notes", JSON, nullable=True))


def downgrade() -> None:
    """Take it back: the notes are lost, the items stay."""
    op.drop_column("items", "notes")
