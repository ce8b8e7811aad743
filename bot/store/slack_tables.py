"""The tables of what stands in Slack and who is there: messages, deliveries, user groups, reminders, people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.column_types import JsonValue, RowId
from bot.store.table import NUMBERED, Table, only_where


class MessageRow(Table):
    """A message that Portcullis posted, so that it can be updated in place."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "channel", "ts"),
        Index("ix_messages_tenant_id_request_id", "tenant_id", "request_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    request_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("requests.id"))
    purpose: Mapped[str]
    channel: Mapped[str]
    ts: Mapped[str]
    version: Mapped[int] = mapped_column(default=0)
    #: Whether it is to be rendered anew, whichever version it shows.
    is_outdated: Mapped[bool] = mapped_column(default=False, server_default=false())
    figures: Mapped[int] = mapped_column(RowId, default=0, server_default=text("0"))
    #: Likewise of the event that says whose the addresses are.
    owners: Mapped[int] = mapped_column(RowId, default=0, server_default=text("0"))
    joined: Mapped[Sequence[Any] | None] = mapped_column(JsonValue)
    posted_at: Mapped[datetime]


#: What may stand in Slack, and nobody knows.
_IN_DOUBT = "posted_at IS NULL AND sure_at IS NOT NULL"


class PostRow(Table):
    """A message that is to stand in Slack once, written down before it is posted: see `bot.store.posts`."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_tenant_id_channel_ts", "tenant_id", "channel", "ts"),
        Index("ix_posts_tenant_id_begun_at", "tenant_id", "begun_at"),
        Index(
            "ix_posts_tenant_id_key_in_doubt",
            "tenant_id",
            "key",
            info=only_where(_IN_DOUBT),
        ),
    )

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    begun_at: Mapped[datetime]
    calls: Mapped[int]
    sure_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    channel: Mapped[str]
    ts: Mapped[str]
    lost: Mapped[int]


class DeliveryRow(Table):
    """Something that Slack delivered, and the answer to it: a repetition gets the same answer and changes nothing."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "seen_at"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)


class UserGroupRow(Table):
    """Who is in one of Slack's user groups, as it was last read; see `bot.store.user_groups`."""

    __tablename__ = "user_groups"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    members: Mapped[Sequence[Any]] = mapped_column(JsonValue)
    read_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    read_until: Mapped[datetime | None]
    limited_until: Mapped[datetime | None]
    trouble: Mapped[str]


class ApproverRow(Table):
    """When somebody works, as far as Slack says; see `bot.store.approvers`."""

    __tablename__ = "approvers"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    zone: Mapped[str]
    utc_offset: Mapped[int]
    read_at: Mapped[datetime]
    is_gone: Mapped[bool]


class ReminderRow(Table):
    """How often somebody was reminded of a proposal that waits for a decision."""

    __tablename__ = "reminders"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    times: Mapped[int]
    last_at: Mapped[datetime]


class ReminderMessageRow(Table):
    """The last reminder that somebody got, and the proposals that it names."""

    __tablename__ = "reminder_messages"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    channel: Mapped[str]
    ts: Mapped[str]
    shown: Mapped[Sequence[Any]] = mapped_column(JsonValue)


class SocketOutageRow(Table):
    """A time in which a process had no Socket Mode connection, and the message that tells of it."""

    __tablename__ = "socket_outages"
    __table_args__ = (Index(None, "tenant_id", "ended_at"), NUMBERED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    tenant_id: Mapped[str]
    process: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(default="")
    ts: Mapped[str] = mapped_column(default="")


class PersonRow(Table):
    """What somebody is called, as Slack last told; see `bot.store.people`."""

    __tablename__ = "people"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]  #: their handle
    #: As their profile has them; NULL until that was read.
    display_name: Mapped[str | None]
    real_name: Mapped[str | None]
    met_at: Mapped[datetime]
