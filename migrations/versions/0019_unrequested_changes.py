"""Each watched place as it was last readable, and the changes in it that nobody requested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add both tables, empty: the first reading after it is what later ones are held against."""
    op.create_table(
        "watched_places",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("place", sa.Text(), primary_key=True, nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
    )
    op.create_table(
        "unrequested_changes",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("reading", NUMBER, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("made_by", JSON, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request_id", NUMBER, sa.ForeignKey("requests.id"), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_at", TIME, nullable=True),
        sa.Column("actor_address", sa.Text(), nullable=False),
    )
    op.create_index("ix_unrequested_changes_tenant_id_request_id", "unrequested_changes", ["tenant_id", "request_id"])
    op.create_index("ix_unrequested_changes_tenant_id_reading", "unrequested_changes", ["tenant_id", "reading"])
    op.create_index(
        "ix_unrequested_changes_tenant_id_place_state", "unrequested_changes", ["tenant_id", "place", "state"]
    )


def downgrade() -> None:
    """Take it back: what was told stays in the log, and alerts that stand in Slack stay as they are."""
    op.drop_table("unrequested_changes")
    op.drop_table("watched_places")
