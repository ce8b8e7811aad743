"""What approved a request, where it wasn't reviews: a rule, or an emergency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column. Requests of before were approved by reviews."""
    op.add_column("requests", sa.Column("approval", JSON, nullable=True))


def downgrade() -> None:
    """Take it back: what was approved without reviews then contradicts the log, and nothing of it is sent."""
    op.drop_column("requests", "approval")
