"""What a page of the audit log goes by, however long the log is: indexes for two things at once, and stretches of time.

An index of times isn't needed any more: a window of time is a range of numbers, by the times between which each stretch
of events lies.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

phase = "expand"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

#: As `bot.store.audit_stretches` has it.
STRETCH = 4_000

WIDER = {
    "ix_audit_events_tenant_id_target_seq": ["tenant_id", "target", "seq", "actor", "kind", "request_id"],
    "ix_audit_events_tenant_id_request_id_seq": ["tenant_id", "request_id", "seq", "actor", "kind"],
}
WHOLE = "request_id IS NOT NULL AND substr(kind, 1, 5) <> 'item.' AND substr(kind, 1, 11) <> 'submission.'"


def upgrade() -> None:
    """Make the indexes and the stretches of the events that there are: about a minute for five million of them."""
    op.drop_index("ix_audit_events_tenant_id_at_seq", "audit_events")
    for name, columns in WIDER.items():
        op.drop_index(name, "audit_events")
        op.create_index(name, "audit_events", columns)
    op.create_index("ix_audit_events_tenant_id_actor_kind_seq", "audit_events", ["tenant_id", "actor", "kind", "seq"])
    op.create_index(
        "ix_audit_events_whole_request_seq",
        "audit_events",
        ["tenant_id", "request_id", "seq", "actor", "kind"],
        sqlite_where=sa.text(WHOLE),
        postgresql_where=sa.text(WHOLE),
    )
    op.drop_index("ix_items_tenant_id_value", "items")
    op.create_index("ix_items_tenant_id_value", "items", ["tenant_id", "value", "request_id"])
    op.create_table(
        "audit_stretches",
        sa.Column("tenant_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("earliest", TIME, nullable=False),
        sa.Column("latest", TIME, nullable=False),
    )
    op.execute(
        "INSERT INTO audit_stretches (tenant_id, number, earliest, latest)"  # noqa: S608 - no input
        f" SELECT tenant_id, (seq - 1) / {STRETCH} + 1, min(at), max(at) FROM audit_events"
        f" GROUP BY tenant_id, (seq - 1) / {STRETCH} + 1 HAVING count(*) = {STRETCH}"
    )


def downgrade() -> None:
    """Take it all back: nothing of the log itself is in it."""
    op.drop_table("audit_stretches")
    op.drop_index("ix_items_tenant_id_value", "items")
    op.create_index("ix_items_tenant_id_value", "items", ["tenant_id", "value"])
    op.drop_index("ix_audit_events_whole_request_seq", "audit_events")
    op.drop_index("ix_audit_events_tenant_id_actor_kind_seq", "audit_events")
    for name, columns in WIDER.items():
        op.drop_index(name, "audit_events")
        op.create_index(name, "audit_events", columns[:3])
    op.create_index("ix_audit_events_tenant_id_at_seq", "audit_events", ["tenant_id", "at", "seq"])
