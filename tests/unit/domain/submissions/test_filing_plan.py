"""How a request is filed, what can't be, and what has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from bot.domain.lists.traits import ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Request
from bot.domain.submissions.filing_plan import (
    FILE_COMES_WITHIN,
    SEEN_WITHIN,
    FilingPlan,
    awaits_file,
    intended,
    may_still_show,
    plan,
    under_way,
)
from bot.domain.submissions.submission import Filed, Submission, SubmissionKind
from tests.unit.domain.requests.cases import DAY, NOW, SECOND
from tests.unit.domain.submissions.cases import BY_ADDRESS, BY_FILE, PAY, filed, item, submission

EMAIL, URL, FILE = SubmissionKind.EMAIL, SubmissionKind.URL, SubmissionKind.FILE
MESSAGE = b"From: somebody"
HASH, ANOTHER = sha256(MESSAGE).hexdigest(), "ab" * 32

OF_SENDERS = submission(item(1), item(2, "contoso.example"))
OF_URLS = submission(item(1, PAY), item(2, "fabrikam.example/buy"), list=ListName.URL, evidence=None)
OF_FILES = submission(item(1, HASH.upper()), item(2, ANOTHER), list=ListName.FILE, evidence=Evidence(file_name="a.pdf"))


def planned(wanted: Request, content: bytes | None = None, *, is_on: bool = True) -> FilingPlan:
    return plan(wanted, wanted.items, content=content, is_on=is_on, now=NOW)


@pytest.mark.parametrize(
    ("wanted", "content", "pieces", "refused"),
    [
        # A message stands for all that it is about.
        (OF_SENDERS, None, [(EMAIL, [1, 2])], []),
        (replace(OF_SENDERS, evidence=BY_FILE), MESSAGE, [(EMAIL, [1, 2])], []),
        (replace(OF_URLS, evidence=BY_ADDRESS), None, [(EMAIL, [1, 2])], []),
        (replace(OF_FILES, evidence=BY_ADDRESS), None, [(EMAIL, [1, 2])], []),
        # Each URL, and the file that was named, stand for themselves.
        (OF_URLS, None, [(URL, [1]), (URL, [2])], []),
        (OF_FILES, MESSAGE, [(FILE, [1])], [2]),
        # There is nothing to hand over.
        (replace(OF_SENDERS, evidence=None), None, [], [1, 2]),
        (replace(OF_FILES, evidence=None), None, [], [1, 2]),
        (replace(OF_FILES, items=OF_FILES.items[1:]), MESSAGE, [], [2]),  # another file, and no recipient
        (replace(OF_SENDERS, evidence=replace(BY_ADDRESS, recipient="")), None, [], [1, 2]),
        (replace(OF_SENDERS, evidence=BY_FILE), None, [], [1, 2]),
        (replace(OF_SENDERS, expires=NOW), None, [], [1, 2]),
        (replace(OF_SENDERS, expires=NOW - SECOND), None, [], [1, 2]),
        (replace(OF_SENDERS, expires=NOW + SECOND), None, [(EMAIL, [1, 2])], []),
        (replace(OF_SENDERS, items=()), None, [], []),
        # Only the file that the request showed is handed over.
        (replace(OF_SENDERS, evidence=replace(BY_FILE, sha256=HASH)), MESSAGE, [(EMAIL, [1, 2])], []),
        (replace(OF_SENDERS, evidence=replace(BY_FILE, sha256=ANOTHER)), MESSAGE, [], [1, 2]),
        # A file that it didn't name is none of its own.
        (OF_URLS, MESSAGE, [], [1, 2]),
        (replace(OF_FILES, evidence=BY_ADDRESS), MESSAGE, [], [1, 2]),
        (OF_SENDERS, MESSAGE, [], [1, 2]),
    ],
)
def test_what_is_filed_as_one(
    wanted: Request, content: bytes | None, pieces: Sequence[tuple[SubmissionKind, list[int]]], refused: list[int]
) -> None:
    made = planned(wanted, content)
    assert [(piece.submission.kind, [found.id for found in piece.items]) for piece in made.pieces] == pieces
    assert sorted(made.refused) == refused


@pytest.mark.parametrize(
    ("wanted", "content"),
    [
        (OF_SENDERS, None),
        (replace(OF_SENDERS, evidence=replace(BY_FILE, sha256=HASH)), MESSAGE),
        (OF_URLS, None),
        (replace(OF_URLS, evidence=BY_ADDRESS), None),
        (replace(OF_FILES, evidence=replace(BY_FILE, sha256=HASH)), MESSAGE),
        (replace(OF_FILES, items=OF_FILES.items[1:], evidence=replace(BY_FILE, sha256=HASH)), MESSAGE),
        (replace(OF_SENDERS, evidence=None), None),
    ],
)
def test_what_is_shown_before_is_what_is_filed(wanted: Request, content: bytes | None) -> None:
    filed_then = [replace(piece.submission, content=None) for piece in planned(wanted, content).pieces]
    assert list(intended(wanted, now=NOW)) == filed_then


@pytest.mark.parametrize(
    ("wanted", "content", "is_on", "why"),
    [
        (OF_SENDERS, None, False, "Portcullis does not file submissions here: whoever runs it has not set that up"),
        (replace(OF_SENDERS, expires=NOW), None, True, "Its end date has passed"),
        (replace(OF_SENDERS, evidence=BY_FILE), None, True, "The file that was handed in is not kept any more"),
        (replace(OF_SENDERS, evidence=None), None, True, "There is no message to submit"),
        (OF_FILES, MESSAGE, True, f"The file that was handed in is another one: its SHA-256 is {HASH}"),
        (
            replace(OF_SENDERS, evidence=replace(BY_FILE, recipient="")),
            MESSAGE,
            True,
            "The submission of a message needs its recipient",
        ),
    ],
)
def test_who_asked_is_told_why_not_and_what_to_do(
    wanted: Request, content: bytes | None, is_on: bool, why: str
) -> None:
    words = planned(wanted, content, is_on=is_on).refused[2]
    assert words.startswith(f"{why}. By hand: submit it at https://security.microsoft.com/reportsubmission, tab ")


@pytest.mark.parametrize(
    ("wanted", "content", "expected"),
    [
        (
            OF_SENDERS,
            None,
            Submission(
                kind=EMAIL,
                note="Portcullis request 7",
                expires=NOW + 10 * DAY,
                recipient="user@contoso.example",
                message_url="https://graph.example/messages/1",
            ),
        ),
        (
            replace(OF_SENDERS, evidence=BY_FILE, expires=None),
            MESSAGE,
            Submission(
                kind=EMAIL,
                note="Portcullis request 7",
                expires=NOW + 30 * DAY,  # as long as Microsoft lets it
                recipient="user@contoso.example",
                content=MESSAGE,
                file_name="blocked.eml",
            ),
        ),
        (
            OF_URLS,
            None,
            Submission(kind=URL, note="Portcullis request 7", expires=NOW + 10 * DAY, url=PAY),
        ),
        (
            OF_FILES,
            MESSAGE,
            Submission(
                kind=FILE, note="Portcullis request 7", expires=NOW + 10 * DAY, content=MESSAGE, file_name="a.pdf"
            ),
        ),
    ],
)
def test_what_is_handed_over(wanted: Request, content: bytes | None, expected: Submission) -> None:
    assert planned(wanted, content).pieces[0].submission == expected


@pytest.mark.parametrize(("wanted", "content"), [(OF_SENDERS, None), (OF_URLS, None), (OF_FILES, MESSAGE)])
def test_without_an_end_its_entries_last_as_long_as_microsoft_lets_them(wanted: Request, content: bytes | None) -> None:
    [piece, *_] = planned(replace(wanted, expires=None), content).pieces
    assert piece.submission.expires == NOW + 30 * DAY


def test_what_was_begun_is_looked_for_as_it_was_begun() -> None:
    records = {1: filed(1, kind=URL), 2: filed(2, kind=URL), 3: filed(3), 4: filed(4)}
    items = [item(number, f"fabrikam.example/{number}") for number in range(1, 6)]
    wanted = submission(*items, list=ListName.URL)
    begun = under_way(wanted, items, records, content=MESSAGE, now=NOW)
    assert [(piece.submission.kind, [found.id for found in piece.items]) for piece in begun] == [
        (URL, [1]),
        (URL, [2]),
        (EMAIL, [3, 4]),
    ]
    assert [piece.submission.url for piece in begun] == ["fabrikam.example/1", "fabrikam.example/2", ""]
    assert [piece.submission.content for piece in begun] == [None, None, None]
    assert {piece.submission.note for piece in begun} == {"Portcullis request 7"}
    assert [piece.submission.message_url for piece in begun] == ["", "", BY_ADDRESS.message_url]
    by_file = replace(wanted, evidence=BY_FILE, expires=None)
    [piece] = under_way(by_file, items[2:], records, content=MESSAGE, now=NOW)
    assert (piece.submission.content, piece.submission.expires) == (MESSAGE, NOW + 30 * DAY)


def test_what_was_not_begun_is_not_looked_for() -> None:
    nothing: dict[int, Filed] = {}
    assert under_way(OF_SENDERS, OF_SENDERS.items, nothing, content=None, now=NOW) == ()


@pytest.mark.parametrize(
    ("evidence", "content", "expires", "asked", "expected"),
    [
        (BY_FILE, None, NOW + DAY, FILE_COMES_WITHIN - SECOND, True),
        (BY_FILE, None, None, FILE_COMES_WITHIN - SECOND, True),
        (BY_FILE, None, NOW + DAY, FILE_COMES_WITHIN, False),
        (BY_FILE, b"", NOW + DAY, timedelta(), False),
        (BY_FILE, None, NOW, timedelta(), False),
        (BY_ADDRESS, None, NOW + DAY, timedelta(), False),
        (None, None, NOW + DAY, timedelta(), False),
    ],
)
def test_a_file_that_is_on_its_way_is_waited_for(
    evidence: Evidence | None, content: bytes | None, expires: datetime | None, asked: timedelta, expected: bool
) -> None:
    wanted = submission(evidence=evidence, expires=expires, created_at=NOW - asked)
    assert awaits_file(wanted, content=content, now=NOW) is expected


@pytest.mark.parametrize(("ago", "expected"), [(timedelta(), True), (SEEN_WITHIN - SECOND, True), (SEEN_WITHIN, False)])
def test_a_lost_answer_is_waited_for_a_quarter_of_an_hour(ago: timedelta, expected: bool) -> None:
    assert timedelta(minutes=15) == SEEN_WITHIN
    assert may_still_show(since=NOW - ago, now=NOW) is expected
