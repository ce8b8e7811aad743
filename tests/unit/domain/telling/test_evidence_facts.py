"""What stands on the card of a submission before anybody approves it, and what is said where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import AttachedFile, Evidence, MessageHeld
from bot.domain.telling.evidence_facts import EvidenceLine, evidence_lines, held_lines
from tests.support.samples import request
from tests.unit.domain.telling.plain_text import in_words

HELD = MessageHeld(
    senders=("a@evil.example",),
    written_from="billing@fabrikam.example <a@evil.example>",
    return_path="bounce@mailer.example",
    subject="Your invoice",
    date="Wed, 2 Jan 2030 03:04:05 +0000",
    message_id="0042@evil.example",
    links=("evil.example/pay",),
    files=(AttachedFile(name="prices.pdf", sha256="cd" * 32),),
    more_links=3,
)
TO = "user@contoso.example"
ADDRESS = "https://graph.microsoft.com/v1.0/users/u/messages/m"
A_MESSAGE = Evidence(recipient=TO, file_name="blocked.eml", sha256="ab" * 32, size=2_345, message=HELD)


def told(lines: Sequence[EvidenceLine]) -> dict[str, str]:
    return {line.label: in_words(line.said) for line in lines}


def of(evidence: Evidence | None, name: ListName = ListName.SENDER) -> dict[str, str]:
    return told(
        evidence_lines(
            request(operation=Operation.SUBMIT, action=Action.ALLOW, list_name=name, items=1, evidence=evidence)
        )
    )


CASES = [
    (
        A_MESSAGE,
        {
            "Handed over": "a message, as a file",
            "From": "a@evil.example, written billing@fabrikam.example <a@evil.example>",
            "Return-Path": "bounce@mailer.example",
            "Subject": "Your invoice",
            "Date": "Wed, 2 Jan 2030 03:04:05 +0000",
            "Message-ID": "0042@evil.example",
            "To (the mailbox)": TO,
            "File": "blocked.eml, 2,345 bytes",
            "SHA-256": "ab" * 32,
        },
    ),
    (
        Evidence(recipient=TO, message_url=ADDRESS),
        {
            "Handed over": "a message, by its address in the tenant",
            "Address": ADDRESS,
            "Not known before": "From, Return-Path, Subject, Date, Message-ID, SHA-256, size, links and files",
            "To (the mailbox)": TO,
        },
    ),
    (
        Evidence(file_name="prices.pdf", sha256="ab" * 32, size=1),
        {"Handed over": "a file", "File": "prices.pdf, 1 byte", "SHA-256": "ab" * 32},
    ),
    (
        Evidence(file_name="old.eml"),
        {
            "Handed over": "a file",
            "Not known": "what the file holds, its SHA-256 and its size",
            "File": "old.eml",
        },
    ),
    (None, {"Handed over": "the URL by itself, without a message"}),
]


@pytest.mark.parametrize(("evidence", "expected"), CASES)
def test_what_is_handed_over_is_told_before_anybody_approves_it(
    evidence: Evidence | None, expected: dict[str, str]
) -> None:
    assert of(evidence) == expected


def test_what_a_message_lacks_is_said() -> None:
    found = of(Evidence(recipient=TO, file_name="a.eml", sha256="ab" * 32, message=MessageHeld(written_from="nobody")))
    assert found["From"] == "no address that can be read, written nobody"
    assert found["Subject"] == "not in the message"


def test_the_details_have_its_links_and_files() -> None:
    made = request(operation=Operation.SUBMIT, action=Action.ALLOW, evidence=A_MESSAGE)
    assert told(held_lines(made)) == {
        "Its links": "evil.example/pay and 3 more",
        "Its files": f"prices.pdf, SHA-256 {'cd' * 32}",
    }


def test_no_other_request_has_any() -> None:
    assert evidence_lines(request()) == held_lines(request()) == ()
