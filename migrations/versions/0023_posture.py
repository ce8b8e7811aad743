"""The posture: since when each fault has been seen, and what each scan came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables, empty: what is there at the first scan has been seen since then."""
    op.create_table(
        "posture_faults",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("finding", sa.Text(), primary_key=True, nullable=False),
        sa.Column("fault", sa.Text(), primary_key=True, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "posture_scans",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("findings", NUMBER, nullable=False),
        sa.Column("grave", NUMBER, nullable=False),
        sa.Column("added", NUMBER, nullable=False),
        sa.Column("gone", NUMBER, nullable=False),
        sa.Column("worse_count", NUMBER, nullable=False),
        sa.Column("unseen", JSON, nullable=False),
        sa.Column("worse", JSON, nullable=False),
        sa.Column("gravest", JSON, nullable=False),
        sa.Column("summary_of", TIME, nullable=True),
    )
    op.create_index("ix_posture_scans_tenant_id_at", "posture_scans", ["tenant_id", "at"])


def downgrade() -> None:
    """Take it back: since when anything has been so is forgotten."""
    op.drop_table("posture_scans")
    op.drop_table("posture_faults")
