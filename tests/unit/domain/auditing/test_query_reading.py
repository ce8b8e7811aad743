"""What is asked of the audit log: words in any order, and what isn't understood is said."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.query import TOPICS, AuditQuery
from bot.domain.auditing.query_reading import read_query
from bot.errors import InvalidInput

#: A Sunday.
NOW = datetime(2030, 12, 29, 10, 30, tzinfo=UTC)
TODAY = datetime(2030, 12, 29, tzinfo=UTC)
DAY = timedelta(days=1)
ME = "U0ME"


def read(text: str) -> AuditQuery:
    return read_query(text, now=NOW, me=ME)


@pytest.mark.parametrize(
    "text", ["6", "#6", "request 6", "Request #6", "requests: 6", "`#6`", "everything about request 6"]
)
def test_a_request(text: str) -> None:
    assert read(text) == AuditQuery(request_id=6)


@pytest.mark.parametrize(
    ("text", "actor", "name"),
    [
        ("<@U012ABC34|anna>", "U012ABC34", ""),
        ("<@U012ABC34|Anna Maier>", "U012ABC34", ""),
        ("@U012ABC34", "U012ABC34", ""),
        ("U012ABC34", "U012ABC34", ""),
        ("by W012ABC34", "W012ABC34", ""),
        ("me", ME, ""),
        ("by me", ME, ""),
        ("by Portcullis", "portcullis", ""),
        ("@Anna.Maier", None, "anna.maier"),
        ("by Anna", None, "anna"),
    ],
)
def test_a_person(text: str, actor: str | None, name: str) -> None:
    assert read(text) == AuditQuery(actor=actor, name=name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("evil[.]example", "evil.example"),
        ("hxxps://evil[.]example/login", "evil.example/login"),
        ("<http://evil.example|evil.example>", "evil.example"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.0.0/16", "203.0.0.0/16"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("about *.evil.example", "*.evil.example"),
        ("what covers evil.example", "evil.example"),
        ("evil.example and what covers it", "evil.example"),
        ("spoof user@contoso.example, 203.0.113.0/24", "user@contoso.example, 203.0.113.0/24"),
    ],
)
def test_an_indicator(text: str, value: str) -> None:
    found = read(text).indicator
    assert found is not None
    assert found.value == value


TIMES: list[tuple[str, datetime | None, datetime | None]] = [
    ("7d", NOW - 7 * DAY, None),
    ("last 7 days", NOW - 7 * DAY, None),
    ("in the past 12 hours", NOW - DAY / 2, None),
    ("30m", NOW - timedelta(minutes=30), None),
    ("2 weeks ago", NOW - 14 * DAY, None),
    ("since 2 days ago", NOW - 2 * DAY, None),
    ("last 2 months", datetime(2030, 10, 29, 10, 30, tzinfo=UTC), None),
    ("today", TODAY, TODAY + DAY),
    ("yesterday", TODAY - DAY, TODAY),
    ("until yesterday", None, TODAY),
    ("before yesterday", None, TODAY - DAY),
    ("since monday", TODAY - 6 * DAY, None),
    ("on monday", TODAY - 6 * DAY, TODAY - 5 * DAY),
    ("sunday", TODAY, TODAY + DAY),
    ("this week", TODAY - 6 * DAY, None),
    ("since 2030-12-01", datetime(2030, 12, 1, tzinfo=UTC), None),
    ("after 1 Dec 2030", datetime(2030, 12, 2, tzinfo=UTC), None),
    ("from 31.10.2030 to 1 Nov 2030", datetime(2030, 10, 31, tzinfo=UTC), datetime(2030, 11, 2, tzinfo=UTC)),
    ("since 2030-12-01T08:00Z", datetime(2030, 12, 1, 8, tzinfo=UTC), None),
    ("since 2030-12-01 8:00", datetime(2030, 12, 1, 8, tzinfo=UTC), None),
    ("until now", None, NOW),
    ("", None, None),
]


@pytest.mark.parametrize(("text", "since", "until"), TIMES)
def test_a_time(text: str, since: datetime | None, until: datetime | None) -> None:
    assert read(text) == AuditQuery(since=since, until=until)


@pytest.mark.parametrize(
    ("text", "kinds", "decisions"),
    [
        ("approved", {"request.approved"}, set()),
        ("denied", {"request.denied"}, set()),
        ("approved by @anna", set(), {"approve"}),
        ("denied by me", set(), {"deny"}),
        ("who approved", set(), {"approve"}),
        ("reviews", {"request.reviewed"}, set()),
        ("who approved withdrawn", {"request.withdrawn"}, {"approve"}),
        ("imports", {"import.read"}, set()),
        ("kept last 7 days", {"request.kept"}, set()),
        ("taken out by @anna", {"request.taken_out"}, set()),
        ("questions", {"request.asked", "request.answered"}, set()),
        ("left out", {"request.left_out"}, set()),
        ("left_out", {"request.left_out"}, set()),
        ("tried_again 7d", {"request.tried_again"}, set()),
        (
            "who was called",
            {
                "approvers.called",
                "approvers.called_late",
                "approvers.told_late",
                "approver.reminded",
                "request.reminded",
            },
            set(),
        ),
        ("expired undecided", {"request.lapsed"}, set()),
        ("readings", {"audit.read", "audit.exported", "requests.read", "lists.read", "posture.read"}, set()),
        ("posture", {"posture.scanned", "posture.read"}, set()),
        ("request.lapsed", {"request.lapsed"}, set()),
    ],
)
def test_kinds_of_event(text: str, kinds: set[str], decisions: set[str]) -> None:
    query = read(text)
    assert (query.kinds, query.decisions) == (kinds, decisions)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("blocks", [("add", "block", None)]),
        ("ip allow", [("add", "allow", "connection_filter")]),
        ("url blocks", [("add", "block", "url")]),
        ("who blocked evil.example", [("add", "block", None)]),
        ("why was evil.example allowed", [("add", "allow", None)]),
        ("IP allows", [("add", "allow", "connection_filter")]),
        ("blocks unblocks", [("add", "block", None), ("remove", "block", None)]),
        ("extensions", [("extend", None, None)]),
    ],
)
def test_sorts_of_request(text: str, subjects: list[tuple[str | None, str | None, str | None]]) -> None:
    query = read(text)
    assert sorted((each.operation, each.action, each.list) for each in query.subjects) == subjects
    assert not query.kinds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frobnicate", "‘frobnicate’ isn't understood"),
        ("denied frobnicate 7d", "‘frobnicate’ isn't understood"),
        ("evil.example evil2.example", "isn't understood"),
        ("1 2", "One query can't be about several requests"),
        ("@anna @bob", "several people"),
        ("03/04/2030", "can mean two days"),
        ("30/30/2030", "no day of the calendar"),
        ("last week", "can mean two times"),
        ("7d 8d", "Two different times"),
        ("since today until yesterday", "ends before it begins"),
        ("2030-12-01 08:00", "is one moment"),
        ("0d", "isn't a time to look back over"),
        ("999999d", "isn't a time to look back over"),
        ("by", "isn't understood"),
        ("since", "isn't understood"),
        ("since evil.example", "isn't understood"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(text)


def test_every_word_for_a_topic_is_read_as_it() -> None:
    for words, topic in TOPICS.items():
        assert read(" ".join(words)).topics == (topic,)
    assert {kind.value for kind in EventKind} <= {words[0] for words in TOPICS}


UNITS = [
    "#6",
    "by <@U012ABC34|anna>",
    "evil[.]example",
    "last 7 days",
    "until yesterday",
    "who approved",
    "denied",
    "ip allow",
    "blocks",
    "readings",
]


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    units = draw(st.lists(st.sampled_from(UNITS), unique=True))
    return units, draw(st.permutations(units))


@given(two_orders())
def test_any_order_asks_the_same(orders: tuple[list[str], list[str]]) -> None:
    given_order, other_order = orders
    assert read(" ".join(given_order)) == read(" ".join(other_order))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert isinstance(read(text), AuditQuery)
