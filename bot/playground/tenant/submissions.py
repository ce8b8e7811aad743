"""Submissions to Microsoft as the tenant holds them, and the allow entries that come of them.

What a submitted message was blocked by decides which entries it makes; that is told by whoever plays Microsoft
(`Known`), and is the message's sender when nobody has. Entries come a moment after the submission, its result later:
both by the tenant's clock. Sources: Microsoft Learn, "Manage allows and blocks in the Tenant Allow/Block List" (which
entries, for 30 days at most) and "Use the Submissions page"; Microsoft Graph, "submissionResult".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from .errors import CmdletRefused
from .state import Item, ListType, State
from .values import check_item, item_key

LASTS = timedelta(days=30)
#: "After a few moments", and less than the day that Microsoft's people may take: short, so that one can watch.
ENTRIES_AFTER = timedelta(seconds=5)
RESULT_AFTER = timedelta(minutes=1)

Collection = Literal["emailThreats", "urlThreats", "fileThreats"]
#: What stopped a message besides its sender, a URL or a file: then no entry comes of it.
Otherwise = Literal["impersonation", "nothing", "not_found", "malicious"]
#: What becomes of the action on anything but an email, which Microsoft doesn't document.
ActionElsewhere = Literal["refused", "taken", "ignored"]


class SubmissionItem(BaseModel):
    """What the submitted message was blocked by, and so what gets an allow entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list_type: ListType
    value: str


class Known(BaseModel):
    """What Microsoft knows of a message, a URL or a file.

    `name` is how it is submitted: the message's address in Graph or its Message-ID, the URL without a scheme, or the
    file's SHA-256.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sender: str = ""
    subject: str = ""
    blocked_by: tuple[SubmissionItem, ...] = ()
    otherwise: Otherwise | None = None


@dataclass(frozen=True, kw_only=True)
class Allow:
    """The action that a submission carries."""

    expires: datetime
    note: str


@dataclass(kw_only=True)
class EntryResult:
    """An entry that a submission asks for, and how far it has come."""

    item: SubmissionItem
    status: Literal["notStarted", "succeeded", "skipped"] = "notStarted"
    identity: str = ""


@dataclass(kw_only=True)
class Submitted:
    """One submission. `facts` are the properties of its own kind, as they go over the wire."""

    collection: Collection
    type: str
    category: str
    created: datetime
    facts: dict[str, object]
    allow: Allow | None
    entries: list[EntryResult]
    otherwise: Otherwise | None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    hidden: int = 0  #: reads that don't show it yet
    status: Literal["running", "succeeded"] = "running"
    result: dict[str, str] = field(default_factory=lambda: {"detail": "underInvestigation"})


class Microsoft:
    """Everything that was submitted, and what Microsoft knows."""

    def __init__(self) -> None:
        self._submitted: list[Submitted] = []
        self._known: dict[str, Known] = {}

    def know(self, known: Known) -> None:
        """Tells what blocked a message, a URL or a file."""
        self._known[known.name.lower()] = known

    def known(self, *names: str) -> Known | None:
        """What is known under the first of these names that says anything."""
        return next((self._known[name.lower()] for name in names if name and name.lower() in self._known), None)

    def take(self, submitted: Submitted) -> None:
        self._submitted.append(submitted)

    def all(self, collection: Collection) -> list[Submitted]:
        """The submissions of a collection, newest first. Each reading counts for those that show late."""
        found = []
        for submitted in reversed(self._submitted):
            if submitted.collection != collection:
                continue
            if submitted.hidden:
                submitted.hidden -= 1
                continue
            found.append(submitted)
        return found

    def find(self, collection: Collection, submission_id: str) -> Submitted | None:
        return next(
            (
                submission
                for submission in self._submitted
                if submission.collection == collection and submission.id == submission_id
            ),
            None,
        )

    def everything(self) -> list[Submitted]:
        """For the page: all of them, newest first, and no reading of the service."""
        return self._submitted[::-1]

    def clear(self) -> None:
        self._submitted.clear()
        self._known.clear()

    def go_on(self, state: State, *, now: datetime, at_once: bool = False) -> bool:
        """Makes the entries and gives the results that are due, or all of them at once; whether anything came."""
        came = False
        for submitted in self._submitted:
            waiting = [entry for entry in submitted.entries if entry.status == "notStarted"]
            if waiting and (at_once or submitted.created + ENTRIES_AFTER <= now):
                came = True
                for entry in waiting:
                    _make(state, submitted, entry, now)
            if submitted.status == "running" and (at_once or submitted.created + RESULT_AFTER <= now):
                came = True
                submitted.status, submitted.result = "succeeded", _result(submitted)
        return came


def _make(state: State, submitted: Submitted, entry: EntryResult, now: datetime) -> None:
    """An entry that is there already, whichever way, is left alone."""
    assert submitted.allow is not None  # noqa: S101 - entries are asked for with the action only
    try:
        item = add_entry(
            state, entry.item, now=now, expires=submitted.allow.expires, note=submitted.allow.note, by=submitted.id
        )
    except CmdletRefused:
        entry.status = "skipped"
    else:
        entry.status, entry.identity = "succeeded", item.identity


_RESULTS: dict[Otherwise, dict[str, str]] = {
    "impersonation": {"category": "notJunk", "detail": "domainImpersonation"},
    "nothing": {"category": "notJunk", "detail": "invalidFalsePositive"},
    "not_found": {"category": "unknown", "detail": "messageNotFound"},
    "malicious": {"category": "phishing", "detail": "badReclassifiedAsBad"},
}


def _result(submitted: Submitted) -> dict[str, str]:
    if submitted.otherwise is not None:
        return dict(_RESULTS[submitted.otherwise])
    is_email = submitted.collection == "emailThreats"
    return {"category": "notJunk", "detail": "badReclassifiedAsGood" if is_email else "urlFileShouldNotBeBlocked"}


def entries_for(known: Known | None, otherwise: Iterable[SubmissionItem]) -> list[EntryResult]:
    """The entries that a submission asks for: what is known to have blocked it, else `otherwise`."""
    if known is not None and known.otherwise is not None:
        return []
    items = known.blocked_by if known is not None and known.blocked_by else tuple(otherwise)
    return [EntryResult(item=item) for item in items]


def add_entry(
    state: State, submission: SubmissionItem, *, now: datetime, expires: datetime, note: str, by: str
) -> Item:
    """Adds the allow entry of a submission. Raises CmdletRefused when the value is no good or is listed already."""
    kind, value = submission.list_type, submission.value
    if reason := check_item(value, list_type=kind, action="Allow", sub_type="Submission"):
        raise CmdletRefused(f"Invalid value to add: {value} - {reason}..")
    key = item_key(value, list_type=kind)
    if key in state.items[kind]:
        raise CmdletRefused(f"Invalid value to add: {value} - Duplicate value..")
    item = Item(
        list_type=kind,
        value=value,
        action="Allow",
        sub_type="Submission",
        submission_id=by,
        created=now,
        modified=now,
        modified_by="",
        notes=note,
        expires=expires,
    )
    state.items[kind][key] = item
    return item
