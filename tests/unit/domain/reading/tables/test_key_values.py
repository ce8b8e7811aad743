"""Texts of names and values: what stands beside an indicator counts for it, on whatever line it stands."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.tables.key_values import read_records
from bot.errors import InvalidInput

GOOD, EVIL = "allow good.example", "block evil.example"
YAML = "- domain: good.example\n  action: allow\n- domain: evil.example\n  action: block"

RECORDS = [
    ("Domain: good.example\nAction: Allow", [(1, GOOD)]),
    ("Action: Allow\nDomain: good.example", [(2, GOOD)]),
    ("Domain: good.example\n\nAction: Allow", [(1, GOOD)]),
    ("Domäne: good.example\nAktion: zulassen", [(1, GOOD)]),
    ("domaine : good.example\naction : autoriser", [(1, GOOD)]),
    ("Domain: good.example\nAction: Allow\n\nDomain: evil.example\nAction: Block", [(1, GOOD), (4, EVIL)]),
    ("Domain: good.example\nAction: Allow\nDomain: evil.example\nAction: Block", [(1, GOOD), (3, EVIL)]),
    ("Action: Allow\nDomain: good.example\nAction: Block\nDomain: evil.example", [(2, GOOD), (4, EVIL)]),
    (YAML, [(1, GOOD), (3, EVIL)]),
    (f"indicators:\n{YAML}", [(2, GOOD), (4, EVIL)]),
    (YAML.replace("good.example", '"good.example"'), [(1, GOOD), (3, EVIL)]),
    ("[a]\ndomain=good.example\naction=allow\n\n[b]\ndomain=evil.example\naction=block", [(2, GOOD), (6, EVIL)]),
    ("domain: good.example; action: allow", [(1, GOOD)]),
    ("domain: good.example, action: allow", [(1, GOOD)]),
    ("domain=good.example action=allow", [(1, GOOD)]),
    ("domain=good.example,action=allow\ndomain=evil.example,action=block", [(1, GOOD), (2, EVIL)]),
    ("{domain: good.example, action: allow}", [(1, GOOD)]),
    ("domain=evil.example | action=block | note=x", [(1, EVIL)]),
    # what is said of several counts for all of them
    ("Domain: good.example\nDomain: evil.example\nAction: Allow", [(1, GOOD), (2, "allow evil.example")]),
    # whoever says nothing where others say what to do may allow
    ("Action: Allow\nDomain: good.example\n\nevil.example", [(2, GOOD), (4, "? row_action")]),
    ("Domain: evil.example\nStatus: removed", [(1, "? row_deleted")]),
    ("Domain: evil.example\nType: victim", [(1, "? row_type_unknown")]),
    ("Domain: evil.example\nRole: victim", [(1, "? row_party")]),
    ("Domain: evil.example\nVerdict: not phishing", [(1, "? row_false_positive")]),
    ("Domain: evil.example\nComment: please do not block", [(1, "? row_false_positive")]),
    ("Domain: good.example # whitelisted\nReason: x", [(1, GOOD)]),
    ("Domain: evil.example\nReason: phish wave", [(1, "None evil.example")]),
    ("Domain: evil.example\nIP: 203.0.113.7\nReason: phish", [(1, "None evil.example"), (2, "None 203.0.113.7")]),
    ("IP: evil.example\nReason: phish", [(1, "? unreadable")]),
    ("Domain: evil.example\nRecipient: anna@contoso.example\nReason: phish", [(1, "None evil.example")]),
    (
        "allow:\n- domain: good.example\n  reason: partner\nblock:\n- domain: evil.example\n  reason: x",
        [(2, GOOD), (5, EVIL)],
    ),
]


@pytest.mark.parametrize(("text", "found"), RECORDS)
def test_what_a_record_says_counts_for_its_indicators(text: str, found: list[tuple[int, str]]) -> None:
    read = read_import(Given(content=text), today=date(2030, 1, 2))
    assert read.what == "a list of names and values"
    assert [
        (line.number, f"{line.says} {line.indicator.value}" if line.indicator else f"? {line.code}")
        for line in read.lines
    ] == found


def test_a_host_with_a_path_is_asked_about() -> None:
    read = read_import(Given(content="Host: evil.example\nPath: /a"), today=date(2030, 1, 2))
    assert read.chosen is None
    assert "only a part of each value" in read.question


@pytest.mark.parametrize(
    "text",
    [
        "evil.example\nbad.example",
        "Domain: evil.example\nIP: 203.0.113.7",
        "https://evil.example/a?action=allow\nhttps://bad.example/b",
        "Reason: phish\nevil.example\nbad.example",
        "2001:db8::7\nfe80::1",
        "evil.example: phish\nbad.example: spam",
        "# Action: block\nevil.example",
    ],
)
def test_other_lists_are_read_by_their_lines(text: str) -> None:
    assert read_records(text.split("\n")) is None


def test_a_list_and_a_record_below_it() -> None:
    read = read_import(Given(content="evil.example\n\nDomain: good.example\nAction: Allow"), today=date(2030, 1, 2))
    assert [(line.says, line.indicator is not None) for line in read.lines] == [(None, False), (Action.ALLOW, True)]


KEYS = st.sampled_from(["Domain", "Action", "Status", "- domain", "  ip", "x", "[a]", "", "#", "note"])
VALUES = st.sampled_from(["evil.example", "allow", "block", "", "a: b", "x=y", "'q'", "203.0.113.7", "{", "-"])
MARKS = st.sampled_from([": ", "=", ":", ";", " "])


@given(st.lists(st.tuples(KEYS, MARKS, VALUES).map("".join), max_size=8).map("\n".join) | st.text(max_size=200))
def test_nothing_is_raised_and_nothing_that_may_allow_is_blocked(text: str) -> None:
    sheet = read_records(text.split("\n"))
    assert sheet is None or sheet.header[0] == "Indicator"


def test_too_many_records() -> None:
    with pytest.raises(InvalidInput, match="10,000"):
        read_records(["domain=a.example action=block"] * 10_002)
