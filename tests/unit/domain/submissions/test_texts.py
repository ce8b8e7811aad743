"""What people are told of submissions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.submissions.submission import FiledStatus
from bot.domain.submissions.texts import PAGE, entries_words, filed_words, not_filed_words, result_words, steps_by_hand

STANDS_BY = "Microsoft stands by its verdict: ask yourself whether it should be let through."
NOT_FOUND = "Microsoft can't find the message: submit it as a file."
REFERENCE = "49c5ef5b-1f65-444a-e6b9-08d772ea2059"


@pytest.mark.parametrize("name", [ListName.SENDER, ListName.URL, ListName.FILE])
def test_the_steps_begin_at_the_page_and_end_with_the_allow(name: ListName) -> None:
    steps = steps_by_hand(name)
    assert PAGE in steps[0]
    assert "Allow this" in steps[-1]
    assert "45 days after its last use, or a date 30 days ahead at most" in steps[-1]


@pytest.mark.parametrize("name", [ListName.CONNECTION_FILTER, ListName.IP, ListName.SPOOF])
def test_lists_with_other_ways_have_no_steps(name: ListName) -> None:
    assert steps_by_hand(name) == ()
    assert not_filed_words("Why not.", name) == "Why not."


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        (ListName.SENDER, "tab Emails, and choose “Allow this message”."),
        (ListName.URL, "tab URLs, and choose “Allow this URL”."),
        (ListName.FILE, "tab Email attachments, and choose “Allow this file”."),
    ],
)
@pytest.mark.parametrize("why", ["Its end date has passed", "Its end date has passed."])
def test_what_was_not_submitted_can_be_by_hand(name: ListName, by_hand: str, why: str) -> None:
    assert not_filed_words(why, name) == f"Its end date has passed. By hand: submit it at {PAGE}, {by_hand}"


def test_a_submission_without_an_allow_says_that_no_entry_will_come_of_it_and_how_to_have_one() -> None:
    words = filed_words(REFERENCE, asks_allow=False, name=ListName.URL)
    assert words.startswith(f"submitted to Microsoft, reference {REFERENCE}; ")
    assert "no entry will come of it" in words
    assert f"{PAGE}, tab URLs" in words
    assert filed_words(REFERENCE, asks_allow=True, name=ListName.URL).endswith(REFERENCE)


@pytest.mark.parametrize(
    ("status", "category", "detail", "words"),
    [
        (FiledStatus.RUNNING, "notJunk", "none", "Microsoft is still looking at it."),
        (FiledStatus.UNANSWERED, "", "", "Microsoft gave no result in the time that was waited."),
        (
            FiledStatus.SUCCEEDED,
            "notJunk",
            "badReclassifiedAsGood",
            "Microsoft has looked at it: clean. Microsoft agrees: its filters learn from it.",
        ),
        (
            FiledStatus.SUCCEEDED,
            "phishing",
            "badReclassifiedAsBad",
            f"Microsoft has looked at it: phishing. {STANDS_BY}",
        ),
        (FiledStatus.SUCCEEDED, "", "", "Microsoft has looked at it."),
        (FiledStatus.SUCCEEDED, "unknownFutureValue", "none", "Microsoft has looked at it."),
        (
            FiledStatus.SUCCEEDED,
            "reasonLostInTransit",
            "somethingNewIsHere",
            "Microsoft has looked at it: reason lost in transit. In Microsoft's words: something new is here.",
        ),
        (FiledStatus.FAILED, "", "messageNotFound", f"Microsoft could not analyze it. {NOT_FOUND}"),
        (FiledStatus.SKIPPED, "", "", "Microsoft left it out."),
        (FiledStatus.LOST, "", "", "It is not to be found at Microsoft."),
    ],
)
def test_a_result_is_told_with_what_to_do(status: FiledStatus, category: str, detail: str, words: str) -> None:
    assert result_words(status, category, detail) == words


def test_microsoft_may_say_no_more_than_that_it_is_done() -> None:
    assert result_words(FiledStatus.SUCCEEDED) == "Microsoft has looked at it."


def test_a_word_from_outside_is_cut() -> None:
    assert result_words(FiledStatus.SUCCEEDED, "a" * 5_000, "b" * 5_000) == (
        f"Microsoft has looked at it: {'a' * 80}. In Microsoft's words: {'b' * 80}."
    )


def test_entries_are_named_with_their_list_and_end_and_defanged() -> None:
    url = Entry(
        list=ListName.URL,
        action=Action.ALLOW,
        value="fabrikam.example/pay",
        expires=datetime(2030, 1, 9, 3, 4, tzinfo=UTC),
    )
    sender = replace(url, list=ListName.SENDER, value="fabrikam.example", expires=None)
    of_url = "fabrikam[.]example/pay (Tenant Allow/Block List's allowed URLs, until 2030-01-09 03:04 UTC)"
    of_sender = "fabrikam[.]example (Tenant Allow/Block List's allowed domains and addresses, without an end)"
    assert entries_words([url]) == f"Allowed now: {of_url}."
    assert entries_words([url, sender]) == f"Allowed now: {of_url}; {of_sender}."
    assert entries_words([]) == "No entry has come of it so far."
    assert entries_words([], over=True) == "No entry came of it."
