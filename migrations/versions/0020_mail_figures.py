"""Mail figures: what was found of an indicator for an hour, and which figures a card shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the table, empty, and the column: no card shows figures yet."""
    op.create_table(
        "mail_figures",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), primary_key=True, nullable=False),
        sa.Column("value", sa.Text(), primary_key=True, nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("found", JSON, nullable=False),
    )
    op.create_index("ix_mail_figures_tenant_id_as_of", "mail_figures", ["tenant_id", "as_of"])
    op.add_column("messages", sa.Column("figures", NUMBER, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Take it back: figures that stand on cards stay there, and in the log."""
    op.drop_column("messages", "figures")
    op.drop_table("mail_figures")
