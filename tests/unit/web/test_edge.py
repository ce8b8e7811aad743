"""Reading what Slack posts: whatever comes is an object or refused, and a form is what it was before it was encoded."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.web.edge import read_delivery

FIELDS = st.dictionaries(st.text(min_size=1, max_size=10), st.text(max_size=20), min_size=1, max_size=5)
OBJECTS = st.dictionaries(st.text(max_size=10), st.none() | st.booleans() | st.integers() | st.text(max_size=10))


@given(body=st.binary(max_size=80) | st.text(alphabet='{}[]":,payload=%&+1', max_size=80).map(str.encode))
@example(b'{"a":' * 100_000)
@example(b"payload=" + b"[" * 100_000)
@example(b"payload=%FF")
@example(b"&" * 100_000)
def test_whatever_is_posted_it_is_an_object_or_refused(body: bytes) -> None:
    try:
        delivery = read_delivery(body)
    except ValueError:
        return
    assert all(isinstance(name, str) for name in delivery)


@given(fields=FIELDS.filter(lambda fields: "payload" not in fields and not next(iter(fields)).startswith("{")))
def test_a_form_is_read_as_its_fields(fields: dict[str, str]) -> None:
    assert read_delivery(urlencode(fields).encode()) == fields


@given(sent=OBJECTS)
def test_an_object_is_read_alike_by_itself_and_in_the_field_of_a_form(sent: dict[str, object]) -> None:
    text = json.dumps(sent)
    assert read_delivery(text.encode()) == sent
    assert read_delivery(urlencode({"payload": text}).encode()) == sent


@pytest.mark.parametrize("body", [b"payload=7", b"payload=[]", b"payload=", b"{", b"\xff", b"payload=%7B"])
def test_what_holds_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the readers refuses it makes no difference
        read_delivery(body)
