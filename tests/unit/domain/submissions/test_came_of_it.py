"""Which entries came of a submission: by its id, by what Graph says, or by origin, value and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.submissions.came_of_it import entries_of
from bot.domain.submissions.submission import EntryMade

FILED = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
REFERENCE = "49c5ef5b-1f65-444a-e6b9-08d772ea2059"
WANTED = [(ListName.SENDER, "fabrikam.example")]
BY_VALUE = Entry(
    list=ListName.SENDER,
    action=Action.ALLOW,
    value="Fabrikam.example",
    subtype="Submission",
    submission_id="another one",
    created=FILED + timedelta(minutes=3),
    identity="RgAAAA1",
)
BY_ID = replace(BY_VALUE, value="fabrikam.example/pay", list=ListName.URL, submission_id=REFERENCE.upper())


def came(entry: Entry, *, made: tuple[EntryMade, ...] = ()) -> bool:
    return entries_of([entry], reference=REFERENCE, since=FILED, values=WANTED, made=made) == (entry,)


@pytest.mark.parametrize(
    "entry",
    [
        BY_VALUE,
        BY_ID,
        replace(BY_ID, subtype="Tenant", created=None),
        replace(BY_VALUE, created=FILED - timedelta(minutes=5)),
    ],
)
def test_these_came_of_it(entry: Entry) -> None:
    assert came(entry)


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ("Portcullis request 7, part 2", True),
        ("Portcullis request 8", True),  # as earlier versions called it
        ("Portcullis request 7", False),
        ("Portcullis request 7, part 3", False),
        ("", False),
    ],
)
def test_by_its_note_it_came_of_one_part_of_a_proposal(notes: str, expected: bool) -> None:
    entry = replace(BY_VALUE, value="another.example", notes=notes)
    found = entries_of([entry], reference=REFERENCE, since=FILED, note="Portcullis request 7, part 2", values=WANTED)
    assert bool(found) is expected


@pytest.mark.parametrize(
    "entry",
    [
        replace(BY_ID, action=Action.BLOCK),
        replace(BY_VALUE, action=Action.BLOCK),
        replace(BY_VALUE, value="another.example"),
        replace(BY_VALUE, list=ListName.URL),
        replace(BY_VALUE, subtype="Tenant"),
        replace(BY_VALUE, created=None),
        replace(BY_VALUE, created=FILED - timedelta(minutes=5, seconds=1)),
    ],
)
def test_these_did_not(entry: Entry) -> None:
    assert not came(entry)


def test_what_graph_says_it_made_counts_when_it_did() -> None:
    entry = replace(BY_VALUE, value="x.example", subtype="Tenant", identity="RgAAAA2")
    made = EntryMade(list=ListName.SENDER, value="x.example", identity="RgAAAA2", succeeded=True)
    assert came(entry, made=(made,))
    assert not came(entry, made=(replace(made, succeeded=False),))
    assert not came(entry, made=(replace(made, identity=""),))


def test_a_value_that_graph_names_counts_with_its_origin_and_time() -> None:
    entry = replace(BY_VALUE, value="x.example/a", list=ListName.URL, identity="RgAAAA3")
    assert came(entry, made=(EntryMade(list=ListName.URL, value="x.example/a"),))
    assert not came(entry, made=(EntryMade(list=None, value="x.example/a"),))
