"""What an approver asks the requester about a proposal, and the answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the last question about a proposal to its first request; nobody was asked anything before."""
    op.add_column("requests", sa.Column("asked_back", JSON, nullable=True))


def downgrade() -> None:
    """Take it back. What was asked and answered stays in the audit log."""
    op.drop_column("requests", "asked_back")
