"""Imports that are shown before anything of them is requested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: What is text and always there.
TEXTS = (
    "owner",
    "state",
    "delivery",
    "operation",
    "action",
    "end",
    "reason",
    "name",
    "sha256",
    "read_by",
    "channel",
    "ts",
)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "import_previews",
        sa.Column("id", ROW_ID, primary_key=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("takes_ends", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("shown", JSON, nullable=True),
        sa.Column("is_text", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint("tenant_id", "delivery"),
        sqlite_autoincrement=True,
    )
    for columns in (("tenant_id", "state", "created_at"), ("tenant_id", "owner", "state")):
        op.create_index(f"ix_import_previews_{'_'.join(columns)}", "import_previews", list(columns))


def downgrade() -> None:
    """Take it back: what was shown and not requested is lost."""
    op.drop_table("import_previews")
