"""What a request is called in the tenant's notes: by the number that people know, and so that it is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.requests.noted import earlier_reference, is_reference_to, reference, requests_named
from tests.support.samples import request

NUMBERS = st.integers(min_value=1, max_value=10**9)


@pytest.mark.parametrize(
    ("number", "part_of", "expected"),
    [
        (42, None, "Portcullis request 42"),
        (43, 42, "Portcullis request 42, part 2"),
        (45, 42, "Portcullis request 42, part 4"),
    ],
)
def test_a_note_begins_with_the_number_that_people_know(number: int, part_of: int | None, expected: str) -> None:
    assert reference(replace(request(request_id=number), part_of=part_of)) == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("", ()),
        ("By hand", ()),
        ("Portcullis request 42", (42,)),
        ("Wave (Portcullis request 42, part 2)", (43,)),
        ("Wave (Portcullis request 43)", (43,)),  # as earlier versions named a second part
        ("See Portcullis request 7, part 3. Wave (Portcullis request 42)", (9, 42)),
        ("Portcullis request 42, partly", (42,)),
        ("Portcullis request 42nd", ()),
        ("MyPortcullis request 42", ()),
        ("Portcullis request " + "9" * 30, ()),
        ("Portcullis request ٤٢", ()),
    ],
)
def test_a_note_names_requests_by_their_own_numbers(note: str, expected: tuple[int, ...]) -> None:
    assert requests_named(note) == expected


@given(number=NUMBERS, before=st.integers(min_value=0, max_value=100), reason=st.text(max_size=80))
def test_each_request_is_found_by_what_it_was_ever_called(number: int, before: int, reason: str) -> None:
    made = replace(request(request_id=number + before), part_of=number if before else None)
    for called in (reference(made), earlier_reference(made)):
        assert requests_named(f"{reason} ({called})")[-1] == made.id
        assert is_reference_to(f" {called} ", reference(made))


@given(number=NUMBERS, one=st.integers(min_value=0, max_value=20), other=st.integers(min_value=0, max_value=20))
def test_the_parts_of_a_proposal_are_told_apart(number: int, one: int, other: int) -> None:
    parts = [replace(request(request_id=number + at), part_of=number if at else None) for at in (one, other)]
    assert is_reference_to(reference(parts[0]), reference(parts[1])) is (one == other)


@pytest.mark.parametrize("note", ["", "Wave (Portcullis request 42)", "Portcullis request 42 and more", "By hand"])
def test_a_note_that_says_more_is_no_reference(note: str) -> None:
    assert not is_reference_to(note, "Portcullis request 42")
