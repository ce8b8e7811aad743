"""Which message shows whose the addresses of its request are: the number of the event that says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column: no message shows it yet."""
    op.add_column("messages", sa.Column("owners", NUMBER, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Take it back: what stands on cards stays there, and in the log."""
    op.drop_column("messages", "owners")
