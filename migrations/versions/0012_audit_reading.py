"""A view of the audit log for other tools, the names of people, and how far the log has been handed on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: What of a payload is a column of its own. A column is never renamed and never taken away: queries of others name it.
FIELDS = (
    "operation",
    "action",
    "list",
    "reason",
    "expires",
    "decision",
    "comment",
    "outcome",
    "failure",
    "error",
    "why",
    "query",
)
#: By database: a time in the one spelling of the log, a field of the payload, and the payload, as text.
SPELLINGS = {
    "postgresql": (
        """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
        "e.payload ->> '{}'",
        "CAST(e.payload AS text)",
    ),
    "sqlite": ("replace(e.at, ' ', 'T') || 'Z'", "CAST(json_extract(e.payload, '$.{}') AS text)", "e.payload"),
}


def upgrade() -> None:
    """Add them. A later migration that changes what the view names takes it down first, and makes it anew."""
    op.create_table(
        "people",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("user_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("met_at", TIME, nullable=False),
    )
    op.create_table(
        "audit_cursors",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("seq", ROW_ID, nullable=False),
        sa.Column("moved_at", TIME, nullable=False),
    )
    at, field, payload = SPELLINGS[op.get_bind().dialect.name]
    fields = ", ".join(f'{field.format(name)} AS "{name}"' for name in FIELDS)
    op.execute(
        "CREATE VIEW audit_view AS "  # noqa: S608 - made of what stands above
        f"SELECT e.tenant_id, e.seq AS id, {at} AS at, e.kind, e.actor, p.name AS actor_name, e.target, "
        f"e.request_id AS request, r.proposal_id AS proposal, {fields}, {payload} AS payload "
        "FROM audit_events e "
        "LEFT JOIN requests r ON r.id = e.request_id AND r.tenant_id = e.tenant_id "
        "LEFT JOIN people p ON p.user_id = e.actor AND p.tenant_id = e.tenant_id"
    )


def downgrade() -> None:
    """Take them back. Names are learned anew; what was handed on is handed on again."""
    op.execute("DROP VIEW audit_view")
    op.drop_table("audit_cursors")
    op.drop_table("people")
