"""What message trace and advanced hunting are asked: no value gets out of the literal that it stands in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.tenant.tracing import hunting, message_trace
from bot.tenant.tracing.kql import LONGEST, literal

#: A string literal as the query language reads it: anything but quotes, backslashes and ends of lines, or an escape.
_LITERAL = re.compile(r'"(?:[^"\\\r\n]|\\u[0-9a-f]{4})*"')
NASTY = ['" | union x //', "'; drop", "\\", "\n", "`", "\u2028", "𝕏", '\\" or "" == "', "```", "\x00", "\ud800"]


def read(written: str) -> str:
    """What the query language makes of a literal."""
    units = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), written[1:-1])
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@given(st.text(max_size=200) | st.sampled_from(NASTY))
def test_a_value_stays_in_its_literal(value: str) -> None:
    written = literal(value)
    assert _LITERAL.fullmatch(written)
    assert written.isascii()
    assert read(written) == value


def test_no_value_is_endless() -> None:
    with pytest.raises(ValueError, match="none that mail has"):
        literal("a" * (LONGEST + 1))


_KINDS = st.sampled_from([Kind.ADDRESS, Kind.DOMAIN, Kind.URL, Kind.FILE])


@given(_KINDS, st.text(max_size=60) | st.sampled_from(NASTY))
def test_without_its_literals_a_query_is_the_same_whatever_the_value(kind: Kind, value: str) -> None:
    indicator = Indicator(kind=kind, value=value)
    bare = _LITERAL.sub('""', hunting.counts_query(indicator))
    assert '"' not in bare.replace('""', "")
    words = set(re.findall(r"[^\s\"]+", bare))
    assert words <= _ALL_WORDS[kind]


def _words(kind: Kind, *values: str) -> set[str]:
    queries = [hunting.counts_query(Indicator(kind=kind, value=value)) for value in values]
    return {word for query in queries for word in re.findall(r"[^\s\"]+", _LITERAL.sub('""', query))}


_ALL_WORDS = {
    Kind.ADDRESS: _words(Kind.ADDRESS, "a@b.example"),
    Kind.DOMAIN: _words(Kind.DOMAIN, "b.example", "*.b.example"),
    Kind.URL: _words(Kind.URL, "b.example", "b.example/a", "~b.example", "*.b.example/*"),
    Kind.FILE: _words(Kind.FILE, "0" * 64),
}


@given(st.text(max_size=60) | st.sampled_from(NASTY))
def test_a_value_stays_in_its_literal_of_a_filter(value: str) -> None:
    where = message_trace.mail_from(Indicator(kind=Kind.ADDRESS, value=f"{value}@evil.example"))
    assert re.fullmatch(r"senderAddress eq '(?:[^']|'')*'", where, re.DOTALL)


@pytest.mark.parametrize(
    ("kind", "value", "condition"),
    [
        (Kind.ADDRESS, "%22a%2Bb%22@evil.example", 'SenderFromAddress =~ "\\u0022a+b\\u0022@evil.example"'),
        (Kind.DOMAIN, "evil.example", 'SenderFromDomain =~ "evil.example" or SenderMailFromDomain =~ "evil.example"'),
        (Kind.DOMAIN, "*.evil.example", 'SenderFromDomain endswith ".evil.example"'),
        (Kind.IPV4, "203.0.113.7", 'ipv4_is_in_range(SenderIPv4, "203.0.113.7/32")'),
        (
            Kind.IPV4_RANGE,
            "203.0.113.0-203.0.113.2",
            '"203.0.113.0/31") or ipv4_is_in_range(SenderIPv4, "203.0.113.2/32")',
        ),
        (Kind.IPV6_NETWORK, "2001:db8::/64", 'ipv6_is_in_range(SenderIPv6, "2001:db8::/64")'),
        (Kind.URL, "evil.example", '(UrlDomain =~ "evil.example" or UrlDomain endswith ".evil.example")'),
        (Kind.URL, "evil.example/a/*", '(UrlDomain =~ "evil.example") and Url contains "evil.example/a/"'),
        (Kind.URL, "~evil.example~", 'UrlDomain endswith ".evil.example"'),
        (Kind.URL, "*.example/*", 'where (UrlDomain endswith ".example") | distinct'),
        (Kind.URL, "*.evil.example", 'where (UrlDomain endswith ".evil.example") | distinct'),
        (Kind.URL, "evil.example/*", 'where (UrlDomain =~ "evil.example") | distinct'),
        (
            Kind.URL,
            "evil.example/a",
            'Url endswith "evil.example/a" or Url contains "evil.example/a/" or Url contains "evil.example/a?"',
        ),
        (Kind.FILE, "ab" * 32, f'SHA256 =~ "{"ab" * 32}"'),
    ],
)
def test_advanced_hunting_is_asked_for(kind: Kind, value: str, condition: str) -> None:
    assert condition in hunting.counts_query(Indicator(kind=kind, value=value))


@pytest.mark.parametrize(
    ("kind", "value", "where"),
    [
        (Kind.ADDRESS, "o'b@evil.example", "senderAddress eq 'o''b@evil.example'"),
        (Kind.ADDRESS, "a%2Bb@evil.example", "senderAddress eq 'a+b@evil.example'"),
        (Kind.DOMAIN, "evil.example", "senderAddress eq '*@evil.example'"),
        (Kind.IPV4, "203.0.113.7", "fromIP eq '203.0.113.7'"),
    ],
)
def test_message_trace_is_asked_for(kind: Kind, value: str, where: str) -> None:
    assert message_trace.mail_from(Indicator(kind=kind, value=value)) == where


def test_ten_days_are_asked_for_and_none_of_the_future() -> None:
    query = message_trace.query_of("x", now=datetime(2030, 1, 12, tzinfo=UTC))
    since, until = (datetime.fromisoformat(found) for found in re.findall(r"20\S+Z", query["$filter"]))
    assert until - since == timedelta(days=10)
    assert until < datetime(2030, 1, 12, tzinfo=UTC)


SENDER = Indicator(kind=Kind.ADDRESS, value="a@evil.example")


def row(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"{number}",
        "messageId": f"<{number}@evil.example>",
        "senderAddress": "A@evil.example",
        "recipientAddress": "user@contoso.example",
        "receivedDateTime": f"2030-01-0{number}T00:00:00Z",
        "subject": f"Invoice {number}",
        "status": "delivered",
        **more,
    }


def test_a_message_counts_once_by_how_it_fared_best() -> None:
    read_rows = message_trace.rows_from(
        [
            row(1),
            row(1, recipientAddress="other@contoso.example", status="quarantined"),
            row(2, status="quarantined"),
            row(3, status="Failed", recipientAddress="USER@contoso.example"),
            row(4, status="filteredAsSpam", subject=None),
            row(5, status="somethingNew", messageId=None),
        ],
        SENDER,
    )
    found = message_trace.figures_of(read_rows, is_whole=True, subjects=True, written_to=2)
    assert (found.messages, found.people) == (5, 2)
    assert (found.delivered, found.junk, found.quarantined, found.stopped) == (1, 1, 1, 1)
    assert found.subjects == ("Invoice 5", "Invoice 3", "Invoice 2")
    assert message_trace.count_messages(read_rows) == 5


def test_messages_to_which_their_sender_gave_one_message_id_are_several() -> None:
    read_rows = message_trace.rows_from(
        [row(number, messageId="<same@evil.example>") for number in range(1, 6)], SENDER
    )
    assert message_trace.figures_of(read_rows, is_whole=True, subjects=False, written_to=None).messages == 5
    assert message_trace.count_messages(read_rows) == 5


@pytest.mark.parametrize(
    "odd",
    [
        row(1, senderAddress="b@evil.example"),
        row(1, senderAddress=None),
        row(1, id=7),
        row(1, recipientAddress=None),
        {"id": "1"},
        {},
    ],
)
def test_what_is_no_row_or_is_about_something_else_is_set_aside(odd: dict[str, object]) -> None:
    read_rows = message_trace.rows_from([odd, row(2)], SENDER)
    assert (len(read_rows.rows), read_rows.set_aside) == (1, 1)


COUNTS = {"Messages": 5, "People": "3", "Delivered": 2, "Junk": 0, "Quarantined": 3, "Stopped": 0, "FailedDmarc": 1}


def test_the_counts_of_advanced_hunting_are_read() -> None:
    found = hunting.figures_of({"schema": [], "results": [{**COUNTS, "WrittenTo": None}]}, subjects=["x"])
    assert found is not None
    assert (found.messages, found.people, found.quarantined, found.failed_dmarc) == (5, 3, 3, 1)
    assert found.written_to is None
    assert found.is_whole


@pytest.mark.parametrize(
    "answer",
    [{}, {"results": []}, {"results": None}, {"results": [3]}, {"results": [COUNTS, COUNTS]}]
    + [{"results": [{**COUNTS, "Messages": odd}]} for odd in (-1, None, "many", 1.5, True, 10**20)]
    + [{"results": [{**COUNTS, "Quarantined": odd}]} for odd in (-1, None, "many", 4)],
)
def test_an_answer_that_holds_no_counts_is_none(answer: dict[str, object]) -> None:
    assert hunting.figures_of(answer) is None


def test_subjects_are_texts_and_few() -> None:
    rows = [{"Subject": "a\nb"}, {"Subject": 3}, {}, {"Subject": " "}, *({"Subject": str(n)} for n in range(9))]
    assert hunting.subjects_of({"results": rows}) == ("a b", "0", "1")
