"""Who is in the user groups that the settings name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the table. It fills as groups are read."""
    op.create_table(
        "user_groups",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("group", sa.Text(), primary_key=True, nullable=False),
        sa.Column("members", JSON, nullable=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=True),
        sa.Column("read_until", TIME, nullable=True),
        sa.Column("limited_until", TIME, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Take it back: each group is read anew."""
    op.drop_table("user_groups")
