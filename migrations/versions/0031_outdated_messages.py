"""A message that is to be rendered anew goes on to say which version it shows: a click on that one counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    """Add the column. Version 0, by which another version of Portcullis has a message rendered anew, still does so."""
    op.add_column("messages", sa.Column("is_outdated", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it back, and have what was outdated rendered anew in the way of before."""
    op.execute(sa.text("UPDATE messages SET version = 0 WHERE is_outdated"))
    op.drop_column("messages", "is_outdated")
