"""Times without a Socket Mode connection, and the table that is written to only to see whether that can be done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add both tables, empty."""
    op.create_table(
        "write_probes",
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("filler", sa.Text(), nullable=False),
    )
    op.create_table(
        "socket_outages",
        sa.Column("id", NUMBER, primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_socket_outages_tenant_id_ended_at", "socket_outages", ["tenant_id", "ended_at"])


def downgrade() -> None:
    """Take it back: an alert of a lost connection that stands in Slack stays as it is."""
    op.drop_table("socket_outages")
    op.drop_table("write_probes")
