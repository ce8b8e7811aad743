"""How long what a request asks for lasts, counted from its approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Requests of before keep their day."""
    op.add_column("requests", sa.Column("lasts", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back: what waits ends as if it had been approved at once. The log says otherwise of what was approved."""
    op.drop_column("requests", "lasts")
