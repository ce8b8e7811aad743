"""What is on record of the entries that came of a submission."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.submissions.entry_records import EntryChanges, entry_changes
from tests.unit.domain.requests.cases import DAY, NOW, SECOND, record
from tests.unit.domain.submissions.cases import PAY, SENDER, entry, reading, submission

NONE = EntryChanges(kept=(), expired=(), missing=())


def known(number: int, value: str = SENDER, **changes: object) -> KnownEntry:
    return record(number, value, **{"list": ListName.SENDER, "action": Action.ALLOW, **changes})


def changes(
    *entries: Entry,
    own: tuple[KnownEntry, ...] = (),
    on_record: tuple[KnownEntry, ...] = (),
    unreadable: tuple[ListName, ...] = (),
) -> EntryChanges:
    return entry_changes(
        submission(), entries, reading(*entries, unreadable=unreadable), own=own, on_record=on_record, now=NOW
    )


def test_an_entry_is_known_by_who_asked_and_by_its_own_end() -> None:
    request = submission()
    assert changes(entry(created=NOW - SECOND)).kept == (
        KnownEntry(
            list=ListName.SENDER,
            action=Action.ALLOW,
            value=SENDER,
            requester=request.requester,
            request_id=7,
            reason=request.reason,
            since=NOW - SECOND,
            expires=NOW + 9 * DAY,
        ),
    )


def test_an_entry_without_its_date_is_known_from_now_on() -> None:
    [kept] = changes(entry(PAY, ListName.URL, created=None, expires=None)).kept
    assert (kept.list, kept.value, kept.since, kept.expires) == (ListName.URL, PAY, NOW, None)


def test_an_entry_in_two_spellings_is_one() -> None:
    assert [kept.value for kept in changes(entry(SENDER), entry(SENDER.upper())).kept] == [SENDER.upper()]


@pytest.mark.parametrize(
    ("before", "is_kept", "notes"),
    [
        (known(3, notes="Keep me"), True, "Keep me"),
        (known(7, notes="Keep me"), True, "Keep me"),
        (known(8, notes="Keep me"), False, ""),  # it was given another end since
        (known(8, SENDER.upper()), False, ""),
        (known(8, action=Action.BLOCK), True, ""),
        (known(8, list=ListName.URL), True, ""),
        (known(8, "another.example"), True, ""),
    ],
)
def test_a_later_request_keeps_what_it_gave_another_end(before: KnownEntry, is_kept: bool, notes: str) -> None:
    found = changes(entry(), on_record=(before,))
    assert [kept.notes for kept in found.kept] == ([notes] if is_kept else [])


@pytest.mark.parametrize(
    ("own", "how"),
    [
        (known(7, expires=NOW - SECOND), "expired"),
        (known(7, expires=NOW), "expired"),
        (known(7, expires=NOW + SECOND), "missing"),
        (known(7, expires=None), "missing"),
    ],
)
def test_what_is_no_longer_listed_has_ended_or_is_missing(own: KnownEntry, how: str) -> None:
    found = changes(own=(own,))
    assert found == replace(NONE, **{how: (own,)})
    assert found.gone == (own,)


def test_all_that_is_gone_is_named() -> None:
    on_time, early = known(7, expires=NOW), known(7, PAY, list=ListName.URL)
    assert changes(own=(early, on_time)).gone == (on_time, early)


def test_what_is_still_listed_is_not_gone() -> None:
    assert changes(entry(SENDER.upper()), own=(known(7),)).gone == ()
    assert changes(entry(SENDER), own=(known(7, list=ListName.URL),)).gone == (known(7, list=ListName.URL),)


def test_of_a_list_that_could_not_be_read_nothing_is_gone() -> None:
    own = (known(7), known(7, PAY, list=ListName.URL))
    assert changes(own=own, unreadable=(ListName.SENDER,)).gone == own[1:]
