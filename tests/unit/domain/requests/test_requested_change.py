"""What the tenant is told in its notes: why, and the way back to the people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.requests.requested_change import LONGEST_REASON, change_for
from tests.support.samples import request


@pytest.mark.parametrize(
    ("reason", "notes"),
    [
        ("Phishing wave", "Phishing wave (Portcullis request 42)"),
        ("  Phishing\nwave,\tsince\u2028Monday ", "Phishing wave, since Monday (Portcullis request 42)"),
        ("Phish\x00ing \u202ewave", "Phish ing wave (Portcullis request 42)"),
        ("", "Portcullis request 42"),
        (" \u200b ", "Portcullis request 42"),
        ("word " * 100, f"{'word ' * 38}word… (Portcullis request 42)"),
        ("x" * 500, f"{'x' * 199}… (Portcullis request 42)"),
    ],
)
def test_an_added_entry_says_why_in_a_line(reason: str, notes: str) -> None:
    made = request(reason=reason)
    said = change_for(made, made.items).notes
    assert said == notes
    assert len(said) <= LONGEST_REASON + len(" (Portcullis request 42)")


def test_another_note_goes_out_as_it_was_approved_and_a_removal_has_none() -> None:
    noted = request(operation=Operation.ANNOTATE, reason="Case 4711\nInvoice fraud")
    assert change_for(noted, noted.items).notes == "Case 4711\nInvoice fraud (Portcullis request 42)"
    assert change_for(noted, noted.items).earlier_notes == change_for(noted, noted.items).notes
    second = replace(noted, id=43, part_of=42)
    assert change_for(second, second.items).notes == "Case 4711\nInvoice fraud (Portcullis request 42, part 2)"
    assert change_for(second, second.items).earlier_notes == "Case 4711\nInvoice fraud (Portcullis request 43)"
    removed = request(operation=Operation.REMOVE)
    assert change_for(removed, removed.items).notes == ""
