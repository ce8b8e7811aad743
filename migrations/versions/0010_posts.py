"""What is posted to Slack, written down before it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table. What was posted before stays on record as it was: its first post is over."""
    op.create_table(
        "posts",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("key", sa.Text(), primary_key=True, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("sure_at", TIME, nullable=True),
        sa.Column("posted_at", TIME, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
    )
    op.create_index("ix_posts_tenant_id_channel_ts", "posts", ["tenant_id", "channel", "ts"])
    op.create_index("ix_posts_tenant_id_begun_at", "posts", ["tenant_id", "begun_at"])


def downgrade() -> None:
    """Take it back: a message whose answer is lost is posted a second time."""
    op.drop_table("posts")
