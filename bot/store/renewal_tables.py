"""The tables of renewals: each round of asking an entry's owner, and the message in which somebody reads theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.column_types import JsonValue, RowId
from bot.store.table import NUMBERED, Table, only_where


class RenewalRow(Table):
    """One round of one entry. Of several rows for one entry, one at most is not closed: nobody is asked twice."""

    __tablename__ = "renewals"
    __table_args__ = (
        Index(
            "uq_renewals_open",
            "tenant_id",
            "list",
            "action",
            "value",
            unique=True,
            info=only_where("closed_at IS NULL"),
        ),
        Index("ix_renewals_tenant_id_state_owner_id", "tenant_id", "state", "owner", "id"),
        Index("ix_renewals_tenant_id_value", "tenant_id", "value"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    list: Mapped[str]
    action: Mapped[str]
    value: Mapped[str]
    request_id: Mapped[int] = mapped_column(RowId, ForeignKey("requests.id"))
    owner: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    why: Mapped[str]
    answer: Mapped[str]
    answer_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("requests.id"))
    closed_at: Mapped[datetime | None]
    closing: Mapped[str]
    figures: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)  #: of its mail, as they were when it was asked


class RenewalMessageRow(Table):
    """The last message in which somebody, or the approvers together, were asked."""

    __tablename__ = "renewal_messages"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    channel: Mapped[str]
    ts: Mapped[str]
    shown: Mapped[Sequence[Any]] = mapped_column(JsonValue)
