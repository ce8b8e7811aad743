"""Requests that submit something, and what is on record of the submissions, for tables of cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.submissions.submission import Filed, FiledStatus, SubmissionKind
from tests.unit.domain.requests import cases
from tests.unit.domain.requests.cases import DAY, NOW

REFERENCE = "49c5ef5b"
SENDER, PAY = "fabrikam.example", "fabrikam.example/pay"

BY_ADDRESS = Evidence(recipient="user@contoso.example", message_url="https://graph.example/messages/1")
BY_FILE = Evidence(recipient="user@contoso.example", file_name="blocked.eml")


def item(number: int = 1, value: str = SENDER, *, state: ItemState = ItemState.APPLIED, outcome: str = "") -> Item:
    return Item(id=number, kind="domain", value=value, state=state, outcome=outcome)


def submission(*items: Item, **changes: Any) -> Request:  # noqa: ANN401 - any field
    """Request 7: to let mail of a sender through for ten days, by the address of a message that was blocked."""
    plain = cases.request(
        7,
        *(items or (item(),)),
        operation=Operation.SUBMIT,
        action=Action.ALLOW,
        list=ListName.SENDER,
        evidence=BY_ADDRESS,
    )
    return replace(plain, **changes)


def filed(number: int = 1, **changes: Any) -> Filed:  # noqa: ANN401 - any field
    """The record of an item's submission, filed a minute before `NOW`, of which Microsoft has said nothing yet."""
    plain = Filed(
        id=100 + number,
        request_id=7,
        item_id=number,
        kind=SubmissionKind.EMAIL,
        reference=REFERENCE,
        status=FiledStatus.RUNNING,
        filed_at=NOW - DAY / 1440,
    )
    return replace(plain, **changes)


def entry(value: str = SENDER, name: ListName = ListName.SENDER, **changes: Any) -> Entry:  # noqa: ANN401 - any field
    """An allow that came of the submission a moment ago, and ends in nine days."""
    plain = Entry(
        list=name,
        action=Action.ALLOW,
        value=value,
        expires=NOW + 9 * DAY,
        created=NOW,
        subtype="Submission",
        submission_id=REFERENCE,
    )
    return replace(plain, **changes)


def reading(*entries: Entry, unreadable: tuple[ListName, ...] = ()) -> Snapshot:
    return Snapshot(as_of=NOW, entries=entries, unreadable=dict.fromkeys(unreadable, "Forbidden."))
