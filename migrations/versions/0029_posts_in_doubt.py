"""Which messages may stand in Slack is asked for each step that is told: an index of those alone, which are few."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

phase = "expand"

NAME = "ix_posts_tenant_id_key_in_doubt"
IN_DOUBT = "posted_at IS NULL AND sure_at IS NOT NULL"


def upgrade() -> None:
    """Make the index."""
    where = sa.text(IN_DOUBT)
    op.create_index(NAME, "posts", ["tenant_id", "key"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(NAME, "posts")
