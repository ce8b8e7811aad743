"""The service's words in an error's body, Retry-After, and which error a status is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.budgets import LONGEST_HOLD
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.tenant.calling.answers import LONGEST_SERVICE_TEXT, error_for, retry_after, service_text
from bot.tenant.signing_in.entra_errors import sign_in_error

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def error_body(**error: object) -> bytes:
    return json.dumps({"error": {"code": "x", "message": "Invalid Operation", **error}}).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            error_body(
                details=[{"message": "|System.X|detail"}],
                innererror={"internalexception": {"message": "inner", "type": "System.X"}},
            ),
            "inner",
        ),
        (
            error_body(details=[{"message": "|System.ArgumentException|the detail | with a bar"}]),
            "the detail | with a bar",
        ),
        (error_body(details=[{"message": "no type"}]), "no type"),
        (error_body(details=[{"message": "|half"}]), "|half"),
        (error_body(details=[], innererror={}), "Invalid Operation"),
        (error_body(details=None, innererror={"internalexception": None}), "Invalid Operation"),
        (error_body(details=["text"], innererror={"internalexception": {"message": 5}}), "Invalid Operation"),
        (error_body(details=[{"message": "|T|two\r\n lines"}]), "two lines"),
        (error_body(innererror={"internalexception": {"message": "x" * 900}}), "x" * 500),
        (b"", ""),
        (b"\x00\x00", ""),
        (b"<html>", ""),
        (b"[]", ""),
        (b"null", ""),
        (b'{"error": "text"}', ""),
        (b'{"error": null}', ""),
        (b'{"other": 1}', ""),
    ],
)
def test_the_most_telling_text_of_a_body(body: bytes, expected: str) -> None:
    assert service_text(body) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("soon", None),
        ("-3", None),
        ("86400", LONGEST_HOLD),
        ("9" * 400, LONGEST_HOLD),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_HOLD),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:30 -0000", 90.0),
    ],
)
def test_retry_after_as_seconds_or_as_a_date(header: str | None, expected: float | None) -> None:
    assert retry_after(header, now=NOW) == expected


CONCURRENT = error_body(
    innererror={
        "internalexception": {"message": "You have reached the maximum number of concurrent requests per tenant."}
    }
)
PAGINATION = error_body(innererror={"internalexception": {"message": "Expired or Invalid pagination request"}})


@pytest.mark.parametrize(
    ("status", "body", "read", "write"),
    [
        (400, b"", ValueRefused, ValueRefused),
        (400, PAGINATION, IncompleteAnswer, IncompleteAnswer),
        (400, CONCURRENT, Throttled, Throttled),
        (401, b"", SignInFailed, SignInFailed),
        (403, b"\x00", PermissionMissing, PermissionMissing),
        (404, b"", ValueRefused, ValueRefused),
        (405, b"", ValueRefused, ValueRefused),
        (307, b"", ValueRefused, ValueRefused),
        (408, b"", TenantUnavailable, OutcomeUnknown),
        (429, b"", Throttled, Throttled),
        (500, b"", TenantUnavailable, OutcomeUnknown),
        (503, CONCURRENT, Throttled, Throttled),
        (504, b"", TenantUnavailable, OutcomeUnknown),
    ],
)
def test_which_error_a_status_is(status: int, body: bytes, read: type[TenantError], write: type[TenantError]) -> None:
    for is_write, kind in ((False, read), (True, write)):
        error = error_for(status, body, cmdlet="Get-X", write=is_write, reference="ref-1", wait=3.0)
        assert type(error) is kind
        assert error.status == (429 if kind is Throttled else status)
        assert "Get-X" in error.what
        assert "ref-1" in error.what
        assert error.remedy
        if isinstance(error, Throttled):
            assert error.retry_after == 3.0


def test_a_sign_in_error_without_words() -> None:
    assert "gave no reason" in sign_in_error({}).what
    assert "AADSTS90002" in sign_in_error({"error": "x", "error_codes": [90002]}).what
    assert sign_in_error({"error": "invalid_client"}).what == "No token: invalid_client"


#: What a service, or something in front of it, may answer with.
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "details", "innererror", "internalexception", "message"]), inner)
    ),
    max_leaves=12,
)


@example(b"[" * 200_000)
@example(b'{"error":' * 200_000)
@given(body=st.binary(max_size=60) | ANY_JSON.map(lambda answer: json.dumps(answer).encode()))
def test_whatever_a_body_holds_its_text_is_short_and_on_one_line(body: bytes) -> None:
    text = service_text(body)
    assert len(text) <= LONGEST_SERVICE_TEXT
    assert text == " ".join(text.split())


HEADER_PARTS = st.sampled_from(
    ["Sun", "Mon,", "01", "Mar", "2026", "99999999999", "12:00:05", "GMT", "+0000", "+9999", "-", "5", ""]
)


@example("Sun, 01 Mar 99999999999 12:00:05 GMT")
@given(header=st.none() | st.text(max_size=40) | st.lists(HEADER_PARTS, max_size=8).map(" ".join))
def test_whatever_a_retry_after_holds_it_is_a_wait_or_nothing(header: str | None) -> None:
    wait = retry_after(header, now=NOW)
    assert wait is None or 0 <= wait <= LONGEST_HOLD
