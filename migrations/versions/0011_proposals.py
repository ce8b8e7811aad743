"""The requests of one command, form or file are one proposal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the number of its proposal to each request. Those of before were decided one by one, and stay so."""
    op.add_column("requests", sa.Column("proposal_id", ROW_ID, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE requests SET proposal_id = id")
    op.create_index("ix_requests_tenant_id_proposal_id", "requests", ["tenant_id", "proposal_id"])


def downgrade() -> None:
    """Take it back: each request is decided by itself again. Of several that wait, only the first has its card."""
    op.drop_index("ix_requests_tenant_id_proposal_id", "requests")
    op.drop_column("requests", "proposal_id")
