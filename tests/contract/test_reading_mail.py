"""Mail figures: what message trace and hunting answer, as the bot goes by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.tenant.tracing.hunting import body_of, counts_query, subjects_query
from tests.contract.mail import NOBODY, STATUSES, MailReports

NAMES = {"Messages", "People", "Delivered", "Junk", "Quarantined", "Stopped", "FailedDmarc"}
#: One of each kind that mail is searched for; nobody has any of them.
ASKED = [
    Indicator(kind=Kind.ADDRESS, value=NOBODY),
    Indicator(kind=Kind.ADDRESS, value="o'hara%22%5C%0Acomment//@portcullis.invalid"),
    Indicator(kind=Kind.DOMAIN, value="portcullis.invalid"),
    Indicator(kind=Kind.DOMAIN, value="*.portcullis.invalid"),
    Indicator(kind=Kind.IPV4, value="192.0.2.1"),
    Indicator(kind=Kind.IPV4_RANGE, value="192.0.2.1-192.0.2.9"),
    Indicator(kind=Kind.IPV4_NETWORK, value="192.0.2.0/28"),
    Indicator(kind=Kind.IPV6, value="2001:db8::7"),
    Indicator(kind=Kind.IPV6_NETWORK, value="2001:db8::/48"),
    Indicator(kind=Kind.URL, value="portcullis.invalid/pay"),
    Indicator(kind=Kind.URL, value="~portcullis.invalid"),
    Indicator(kind=Kind.URL, value="*.portcullis.invalid/*"),
    Indicator(kind=Kind.FILE, value="0" * 64),
]


def test_a_trace_has_a_row_for_each_message_and_recipient(mail: MailReports) -> None:
    rows = mail.rows(most=20)
    for row in rows:
        assert all(isinstance(row[name], str) and row[name] for name in ("id", "recipientAddress"))
        assert isinstance(row["senderAddress"], str)  # empty of a bounce
        assert row["status"] in STATUSES
        received = datetime.fromisoformat(row["receivedDateTime"])
        assert datetime.now(UTC) - timedelta(days=9, minutes=5) < received <= datetime.now(UTC)
    assert len({(row["id"], row["recipientAddress"].lower()) for row in rows}) == len(rows)


def test_a_trace_tells_only_of_the_sender_that_was_asked_for(mail: MailReports) -> None:
    senders = [row["senderAddress"] for row in mail.rows(most=20) if row["senderAddress"]]
    if not senders:
        pytest.skip("the tenant has had no mail")
    quoted = senders[0].replace("'", "''")
    rows = mail.rows(f"senderAddress eq '{quoted}'", most=20)
    assert rows
    assert {row["senderAddress"].lower() for row in rows} == {senders[0].lower()}


@pytest.mark.parametrize(
    "where",
    [
        f"senderAddress eq '{NOBODY}'",
        f"recipientAddress eq '{NOBODY}'",
        "senderAddress eq 'o''hara@portcullis.invalid'",
        "fromIP eq '192.0.2.1'",
        "fromIP eq '2001:db8::7'",
    ],
)
def test_what_nobody_has_is_an_empty_list(mail: MailReports, where: str) -> None:
    assert mail.rows(where) == []


def test_more_than_ten_days_are_refused(mail: MailReports) -> None:
    mail.rows(most=1)  # which says whether the caller may ask at all
    assert mail.trace(days=11).status_code == 400


def test_a_page_is_as_long_as_was_asked_and_leads_to_the_next(mail: MailReports) -> None:
    first = mail.trace(most=1)
    assert first.status_code == 200, first.text
    assert len(first.json()["value"]) <= 1
    if (second := mail.next_of(first)) is None:
        pytest.skip("the tenant has had no more than one message")
    assert second.status_code == 200, second.text
    [one], [other] = first.json()["value"], second.json()["value"]
    assert (one["id"], one["recipientAddress"]) != (other["id"], other["recipientAddress"])


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.kind.value} {asked.value}")
def test_a_hunt_counts_in_one_row(mail: MailReports, asked: Indicator) -> None:
    answer = mail.hunt(body_of(counts_query(asked)))
    assert answer.status_code == 200, answer.text
    [row] = answer.json()["results"]
    # Nobody has it. A count may come as a text.
    assert {name: int(row[name]) for name in NAMES} == dict.fromkeys(NAMES, 0)
    if asked.kind in {Kind.ADDRESS, Kind.DOMAIN}:
        assert int(row["WrittenTo"]) == 0


@pytest.mark.parametrize("asked", ASKED[:3], ids=lambda asked: asked.kind.value)
def test_a_hunt_for_subjects_has_nothing_else_in_its_rows(mail: MailReports, asked: Indicator) -> None:
    answer = mail.hunt(body_of(subjects_query(asked)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"] == []


def test_a_hunt_that_cannot_be_read_is_refused(mail: MailReports) -> None:
    mail.hunt(body_of(counts_query(ASKED[0])))  # which says whether the caller may ask at all
    assert mail.hunt(body_of("EmailEvents | where")).status_code == 400
