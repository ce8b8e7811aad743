"""Exported lists: what stands in which part of the file, and what is missing, cut or of another shape."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import ListName
from bot.errors import InvalidInput
from bot.tenant.exchange.lists_file import read_lists_file
from tests.unit.tenant.exchange.wire_records import QUICK, RECORDS, VALUES, item

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_file_of_lists() -> None:
    lists = read_lists_file(
        {
            "policies": {"Identity": "Default", "IPBlockList": "203.0.113.7"},
            "items": {"Sender": [item()], "url": {"value": []}, "FileHash": [], "IP": None},
            "spoof": [{"SpoofedUser": "*", "SendingInfrastructure": "fabrikam.com", "Action": "Block"}],
        },
        as_of=NOW,
    )
    assert lists.as_of == NOW
    assert [policy.identity for policy in lists.policies] == ["Default"]
    assert {(entry.list, entry.value) for entry in lists.entries} == {
        (ListName.CONNECTION_FILTER, "203.0.113.7"),
        (ListName.SENDER, "evil.example"),
        (ListName.SPOOF, "*, fabrikam.com"),
    }
    assert dict(lists.unreadable) == {ListName.IP: 'the file has no "items"."IP"'}


def test_a_missing_part_of_a_file_is_not_an_empty_list() -> None:
    lists = read_lists_file({"policies": []}, as_of=NOW)
    assert set(lists.unreadable) == set(ListName) - {ListName.CONNECTION_FILTER}


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ([], "none of the parts"),
        ({}, "none of the parts"),
        ("text", "none of the parts"),
        ({"item": {}}, "none of the parts"),
        ({"items": []}, '"items"'),
        ({"items": [1]}, '"items" is no object'),
        ({"items": {"Hosts": []}}, '"Hosts"'),
        ({"items": {"Url": "x"}}, '"items"."Url"'),
        ({"items": {"Sender": [item(), {"Value": "a"}]}}, "Record 2"),
        ({"policies": "x"}, '"policies"'),
        ({"spoof": [{}]}, '"spoof"'),
    ],
)
def test_a_file_of_the_wrong_shape_names_the_part(data: object, part: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_lists_file(data, as_of=NOW)
    assert part in caught.value.what


@QUICK
@given(st.fixed_dictionaries({}, optional={"policies": RECORDS, "items": VALUES, "spoof": RECORDS}))
def test_whatever_a_file_holds_is_read_or_refused(data: object) -> None:
    with suppress(InvalidInput):
        read_lists_file(data, as_of=NOW)
