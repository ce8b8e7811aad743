"""An allow that nobody asked for is told from one that was, is news once, and takes the green from its card."""

from __future__ import annotations

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import RequestWarning
from bot.domain.submissions.unnamed import UNNAMED_ALLOW, is_named, newly_unnamed, unnamed_event, with_unnamed
from tests.unit.domain.requests.cases import NOW, record
from tests.unit.domain.submissions.cases import PAY, SENDER, entry, item, submission

URL = ListName.URL
EVIL = entry("evil.example")


@pytest.mark.parametrize(
    ("asked", "name", "value", "expected"),
    [
        ("fabrikam.example", ListName.SENDER, "FABRIKAM.example", True),
        ("fabrikam.example", ListName.SENDER, "a@fabrikam.example", True),
        ("*.fabrikam.example", ListName.SENDER, "a@mail.fabrikam.example", True),
        ("a@fabrikam.example", ListName.SENDER, "fabrikam.example", False),  # wider than asked for
        ("a@fabrikam.example", ListName.SENDER, "b@fabrikam.example", False),
        ("fabrikam.example", ListName.SENDER, "mail.fabrikam.example", False),
        ("fabrikam.example", URL, "fabrikam.example", False),
    ],
)
def test_which_entries_a_request_for_senders_names(asked: str, name: ListName, value: str, expected: bool) -> None:
    assert is_named(submission(item(1, asked)), name, value) is expected


@pytest.mark.parametrize(("value", "expected"), [(PAY, True), ("fabrikam.example/pay?a=1", False), (SENDER, False)])
def test_a_url_is_named_by_itself_only(value: str, expected: bool) -> None:
    assert is_named(submission(item(1, PAY), list=URL), URL, value) is expected


def on_record(value: str) -> KnownEntry:
    return record(7, value, list=ListName.SENDER, action=Action.ALLOW, end=9)


@pytest.mark.parametrize(
    ("entries", "own", "news"),
    [
        ([EVIL], [], [EVIL]),
        ([EVIL], [on_record("Evil.example")], []),
        ([EVIL, entry("EVIL.example")], [], [EVIL]),
        ([entry(), entry("a@fabrikam.example")], [], []),
        ([entry(PAY, URL)], [on_record(SENDER)], [entry(PAY, URL)]),
    ],
)
def test_each_is_news_once(entries: list[Entry], own: list[KnownEntry], news: list[Entry]) -> None:
    assert list(newly_unnamed(submission(), entries, own)) == news


def test_it_is_logged_under_its_own_value_with_who_asked_and_for_what() -> None:
    event = unnamed_event(submission(), EVIL, at=NOW)
    assert (event.kind, event.actor, event.target, event.request_id, event.at) == (
        EventKind.SUBMISSION_UNNAMED, PORTCULLIS, "evil.example", 7, NOW,
    )  # fmt: skip
    assert event.payload == {
        "action": Action.ALLOW,
        "list": ListName.SENDER,
        "value": "evil.example",
        "expires": EVIL.expires,
        "requester": submission().requester,
        "named": [SENDER],
        "outcome": "allowed by the submission of #7, which does not name it",
    }


def test_its_card_begins_with_it_and_keeps_its_other_warnings() -> None:
    before = RequestWarning(code="other", text="Another.")
    told, kept = with_unnamed(submission(warnings=(before,)), [EVIL])
    assert (told.code, told.serious, kept) == (UNNAMED_ALLOW, True, before)
    assert "evil[.]example" in told.text
