"""Where what is handed in is another thing than what was asked for, whoever decides is told so in plain words."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Assessment, Rules
from bot.domain.requests.evidence import AttachedFile, Evidence, MessageHeld
from tests.unit.domain.policies.proposals import OWN, assessed, propose, warning, warnings

ON = Rules(submissions=True, accepted_domains=OWN)
NAMED, OTHER = "ab" * 32, "cd" * 32
MISMATCHES = {
    "submission_unseen",
    "submission_other_sender",
    "submission_sender_unread",
    "submission_not_in_message",
    "submission_other_url",
    "submission_other_file",
    "submission_read_in_part",
}


def given(message: MessageHeld | None = None, *, sha256: str = OTHER) -> Evidence:
    return Evidence(recipient="someone@contoso.com", file_name="given.eml", sha256=sha256, size=900, message=message)


def judged(*values: str, evidence: Evidence | None) -> Assessment:
    return assessed(
        propose(Action.ALLOW, *values, operation=Operation.SUBMIT, evidence=evidence, days=7, reason="Invoices"),
        rules=ON,
    )


def sent_by(*senders: str) -> Evidence:
    return given(MessageHeld(senders=senders))


def with_links(*links: str, more: int = 0) -> Evidence:
    return given(MessageHeld(senders=("a@northwind.example",), links=links, more_links=more))


def with_files(*hashes: str) -> Evidence:
    files = tuple(AttachedFile(name="a.pdf", sha256=each) for each in hashes)
    return given(MessageHeld(senders=("a@northwind.example",), files=files))


AS_ASKED = [
    (["northwind.example"], sent_by("billing@northwind.example")),
    (["billing@northwind.example"], sent_by("Billing@NORTHWIND.example")),
    (["*.northwind.example"], sent_by("billing@mail.northwind.example")),
    (["northwind.example", "fabrikam.example"], sent_by("a@northwind.example", "b@fabrikam.example")),
    (["https://northwind.example/pay"], with_links("other.example/x", "northwind.example/pay")),
    ([NAMED], with_files(OTHER, NAMED)),
    ([NAMED.upper()], with_files(NAMED)),
    ([NAMED], given(sha256=NAMED)),
    (["https://northwind.example/pay"], None),
]


@pytest.mark.parametrize(("values", "evidence"), AS_ASKED)
def test_what_was_asked_for_is_no_warning(values: list[str], evidence: Evidence | None) -> None:
    assert not warnings(judged(*values, evidence=evidence)) & MISMATCHES


BY_ADDRESS = Evidence(recipient="a@contoso.com", message_url="https://graph.microsoft.com/v1.0/users/a/messages/b")
ANOTHER = [
    (
        ["northwind.example"],
        sent_by("ceo@evil.example"),
        "submission_other_sender",
        "from ceo@evil[.]example, not from northwind[.]example",
    ),
    (
        ["northwind.example"],
        sent_by("a@mail.northwind.example"),
        "submission_other_sender",
        "a@mail[.]northwind[.]example",
    ),
    (
        ["northwind.example"],
        sent_by("a@northwind.example", "b@evil.example"),
        "submission_other_sender",
        "from b@evil[.]example",
    ),
    (
        ["*.northwind.example"],
        sent_by("a@northwind.example"),
        "submission_other_sender",
        "not from *[.]northwind[.]example",
    ),
    (
        ["billing@northwind.example"],
        sent_by("other@northwind.example"),
        "submission_other_sender",
        "other@northwind[.]example",
    ),
    (
        ["northwind.example", "fabrikam.example"],
        sent_by("a@northwind.example"),
        "submission_not_in_message",
        "no allow for fabrikam[.]example",
    ),
    (["northwind.example"], sent_by(), "submission_sender_unread", "nobody can tell that it is northwind[.]example"),
    (
        ["https://northwind.example/pay"],
        with_links("evil.example/pay"),
        "submission_other_url",
        "Its links: evil[.]example/pay",
    ),
    (
        ["https://northwind.example/pay"],
        with_links("northwind.example/other"),
        "submission_other_url",
        "no link to northwind[.]example/pay",
    ),
    (["https://northwind.example/pay"], with_links(), "submission_other_url", "Its links: none at all"),
    (
        ["https://northwind.example/pay"],
        with_links("a.example/1", "a.example/2", "a.example/3", more=40),
        "submission_other_url",
        "and 40 more",
    ),
    ([NAMED], with_files(OTHER), "submission_other_file", OTHER),
    ([NAMED], with_files(), "submission_other_file", "it has no files"),
    ([NAMED, OTHER], given(sha256=NAMED), "submission_other_file", OTHER),
    (["northwind.example"], BY_ADDRESS, "submission_unseen", "Portcullis can't look into this message"),
    (["https://northwind.example/pay"], BY_ADDRESS, "submission_unseen", "Open it yourself"),
    (
        ["northwind.example"],
        Evidence(recipient="a@contoso.com", file_name="old.eml"),
        "submission_unseen",
        "Nobody has looked into the file",
    ),
]


@pytest.mark.parametrize(("values", "evidence", "code", "says"), ANOTHER)
def test_what_was_not_asked_for_is_a_serious_warning(
    values: list[str], evidence: Evidence, code: str, says: str
) -> None:
    assessment = judged(*values, evidence=evidence)
    found = warning(assessment, code)
    assert found.serious
    assert says in found.text
    assert warnings(assessment) & MISMATCHES == {code}
    assert assessment.may_proceed, "it is for people to decide"


@pytest.mark.parametrize(("value", "serious"), [("northwind.example", False), ("https://northwind.example/pay", True)])
def test_what_could_only_be_read_in_part_is_told(value: str, serious: bool) -> None:
    links = ("northwind.example/pay",)
    held = MessageHeld(senders=("a@northwind.example",), links=links, is_read_whole=False)
    assert warning(judged(value, evidence=given(held)), "submission_read_in_part").serious is serious
