"""What people are called in their profiles, beside their handles: people type the name that Slack shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both names, unknown until the profile is read."""
    op.add_column("people", sa.Column("display_name", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("real_name", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them back."""
    op.drop_column("people", "real_name")
    op.drop_column("people", "display_name")
