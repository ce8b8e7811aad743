"""Which versions may serve the database: those at or after a revision, so that old and new ones run side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    """Add the table with its one row: a Portcullis of the revision before needs nothing that isn't there."""
    bounds = op.create_table("schema_bounds", sa.Column("oldest_served", sa.Text(), primary_key=True, nullable=False))
    op.bulk_insert(bounds, [{"oldest_served": "0026"}])


def downgrade() -> None:
    """Take it back: a version is served by the revisions that it knows, and no newer one."""
    op.drop_table("schema_bounds")
