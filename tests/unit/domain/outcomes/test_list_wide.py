"""Which refusals are worth asking for another value: a table, because nobody knows what the service says."""

from __future__ import annotations

import pytest

from bot.domain.outcomes.list_wide import MANY_ALIKE, RefusedAlone, may_be_list_wide

FULL = "The limit of 500 block entries for the list Sender is reached."
VALUE = "bad.example"


@pytest.mark.parametrize(
    ("words", "value", "alike", "any_taken", "expected"),
    [
        (FULL, VALUE, 1, True, True),
        (FULL, VALUE, 1, False, True),
        ("IPBlockList can hold at most 1273 entries.", "203.0.113.7", 1, True, True),
        ("You have exceeded the maximum number of entries.", VALUE, 1, True, True),
        ("The list is FULL.", VALUE, 1, True, True),
        # About the value: it is named, or the limit is one of its length.
        ("Invalid value to add: bad.example - Duplicate value..", VALUE, MANY_ALIKE, False, False),
        ("BAD.EXAMPLE exceeds the limit.", VALUE, 1, False, False),
        ("No more than one entry for mail.example is possible.", "a@b.example, mail.example", 1, False, False),
        ("The value is longer than the maximum of 250 characters.", VALUE, 1, False, False),
        ("The entry exceeds the maximum length.", VALUE, 1, False, False),
        # Whatever the words say: only where many in a row had them, and nothing was ever taken.
        ("This needs Microsoft Defender for Office 365.", VALUE, MANY_ALIKE - 1, False, False),
        ("This needs Microsoft Defender for Office 365.", VALUE, MANY_ALIKE, False, True),
        ("This needs Microsoft Defender for Office 365.", VALUE, MANY_ALIKE, True, False),
        ("", VALUE, MANY_ALIKE, False, True),
        ("", VALUE, 1, False, False),
    ],
)
def test_whether_another_value_is_worth_a_call(
    words: str, value: str, alike: int, any_taken: bool, expected: bool
) -> None:
    refusal = RefusedAlone(status=400, words=words)
    assert may_be_list_wide(refusal, value, alike=alike, any_taken=any_taken) is expected
