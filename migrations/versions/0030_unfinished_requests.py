"""A large proposal is written down in portions, by nobody's name until all of it is there: which those are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

phase = "expand"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNFINISHED = "SELECT request_id FROM unfinished_requests"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "unfinished_requests",
        sa.Column(
            "request_id",
            NUMBER,
            sa.ForeignKey("requests.id", name="fk_unfinished_requests_request_id_requests"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_unfinished_requests_tenant_id_delivery", "unfinished_requests", ["tenant_id", "delivery"])


def downgrade() -> None:
    """Take it away, with what is not finished: nobody has seen it."""
    for table in ("items", "set_aside_lines"):
        op.execute(f"DELETE FROM {table} WHERE request_id IN ({UNFINISHED})")  # noqa: S608 - no input
    op.execute(f"CREATE TEMPORARY TABLE going AS {UNFINISHED}")
    op.drop_table("unfinished_requests")
    op.execute("DELETE FROM requests WHERE id IN (SELECT request_id FROM going)")
    op.execute("DROP TABLE going")
