"""What comes of a delivery: the reference of a job, and the references under which events were logged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add both, empty: of what was done before, nobody knows which delivery it came of."""
    op.add_column("jobs", sa.Column("reference", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "event_references",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("first_seq", NUMBER, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("last_seq", NUMBER, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
    )
    op.create_index("ix_event_references_tenant_id_reference", "event_references", ["tenant_id", "reference"])


def downgrade() -> None:
    """Take them back: the events and the jobs stay, and nobody knows any more what they came of."""
    op.drop_table("event_references")
    op.drop_column("jobs", "reference")
