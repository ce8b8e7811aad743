"""What was approved without reviews is found without a look at all requests: which emergency blocks wait for theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_APPROVED_OTHERWISE = sa.text("approval IS NOT NULL")


def upgrade() -> None:
    """Add an index of those alone: most requests are approved by reviews."""
    op.create_index(
        "ix_requests_tenant_id_approved_otherwise",
        "requests",
        ["tenant_id", "id"],
        sqlite_where=_APPROVED_OTHERWISE,
        postgresql_where=_APPROVED_OTHERWISE,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_requests_tenant_id_approved_otherwise", table_name="requests")
