"""Whether what somebody hands in for a submission is what Microsoft takes."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import ListName
from bot.domain.submissions.evidence import Lack, file_lack, is_message, message_url_lack, recipient_lack
from bot.domain.submissions.message import headers_of

MESSAGE = (
    b"Received: from mail.fabrikam.example\r\nMessage-ID: <0042@fabrikam.example>\r\n"
    b"From: billing@fabrikam.example\r\n\r\nHere it is.\r\n"
)
RECIPIENT = "user@contoso.example"


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.microsoft.com/v1.0/users/user@contoso.example/messages/AAMkAGI2",
        "https://graph.microsoft.com/beta/users/c52ce8db-3e4b-4181-93c4-7d6b6bffaf60/messages/AAMk=",
        "https://graph.microsoft.us/v1.0/users/a/messages/b",
    ],
)
def test_addresses_of_messages_in_graph_are_taken(url: str) -> None:
    assert message_url_lack(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://graph.microsoft.com/v1.0/users/a/messages/b",
        "https://graph.microsoft.com.evil.example/v1.0/users/a/messages/b",
        "https://graph.microsoft.com@evil.example/v1.0/users/a/messages/b",
        "https://graph.microsoft.com/v1.0/me/messages/b",
        "https://graph.microsoft.com/v1.0/users/a/messages/b?x=1",
        "https://graph.microsoft.com/v1.0/users/a/messages/b/attachments",
        "https://outlook.office.com/mail/id/AAMk",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert message_url_lack(url) == Lack(
        what="That is no address of a message in Microsoft Graph.",
        remedy=(
            "It looks like https://graph.microsoft.com/v1.0/users/<user>/messages/<id>; without one, save the message "
            "as a file."
        ),
    )


@pytest.mark.parametrize("text", ["user@contoso.example", "a+b@sub.contoso.example"])
def test_recipients_are_addresses(text: str) -> None:
    assert recipient_lack(text) is None


@pytest.mark.parametrize(
    "text", ["", "user", "user@contoso", "<user@contoso.example>", "a b@contoso.example", "a@b@c.de"]
)
def test_what_is_no_address_is_no_recipient(text: str) -> None:
    assert recipient_lack(text) == Lack(
        what="That is no address.", remedy="Give the recipient's full address: name@domain."
    )


def test_a_message_serves_for_a_sender_and_for_a_file_that_came_with_it() -> None:
    assert file_lack(ListName.SENDER, ["fabrikam.example"], MESSAGE, recipient=RECIPIENT) is None
    assert file_lack(ListName.FILE, ["ab" * 32], MESSAGE, recipient=RECIPIENT) is None


def test_a_message_needs_its_recipient() -> None:
    assert file_lack(ListName.SENDER, ["fabrikam.example"], MESSAGE, recipient="") == Lack(
        what="A message needs its recipient: Microsoft checks that mailbox's settings.", remedy="Say who was to get it."
    )


def test_a_file_that_was_named_needs_nothing_else() -> None:
    content = b"%PDF-1.7"
    assert file_lack(ListName.FILE, [sha256(content).hexdigest().upper()], content, recipient="") is None


def test_another_file_says_which_one_it_is() -> None:
    digest = sha256(b"%PDF-1.7").hexdigest()
    assert file_lack(ListName.FILE, ["ab" * 32], b"%PDF-1.7", recipient=RECIPIENT) == Lack(
        what=f"The file is another one than you named, and no message: its SHA-256 is {digest}.",
        remedy="Hand in the file that was blocked, or the message that it came with, as .eml.",
    )


def test_a_file_that_is_no_message_is_none_for_a_sender() -> None:
    content = b"From nothing comes nothing"
    assert file_lack(ListName.SENDER, ["fabrikam.example"], content, recipient=RECIPIENT) == Lack(
        what="The file is no message.",
        remedy="Save the message as .eml (Outlook's .msg is another format), and hand that in.",
    )


SENDER, SENT = b"From: billing@fabrikam.example\r\n", b"Date: Wed, 2 Jan 2030 03:04:05 +0000\r\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (MESSAGE, True),
        (SENDER + SENT + b"\r\n", True),
        (SENDER + b"Message-ID: <0042@fabrikam.example>\r\n\r\n", True),
        (SENDER + b"Received: from mail.fabrikam.example\r\n\r\n", True),
        (SENDER + SENT, True),  # nothing but headers
        ((SENDER + SENT).upper(), True),
        ((SENDER + SENT).lower().replace(b"\r", b""), True),
        (SENDER + b"Subject: Your invoice\r\n\r\n", False),  # notes, with a line that looks like a header
        (SENT + b"Message-ID: <0042@fabrikam.example>\r\n\r\n", False),
        (SENDER + b"\r\n" + SENT, False),  # in the text
        (b"\r\n" + SENDER + SENT, False),
        (b"", False),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", False),  # .msg
    ],
)
def test_a_message_begins_with_the_headers_of_one_that_was_delivered(content: bytes, expected: bool) -> None:
    assert is_message(content) is expected


def within_each_other(count: int) -> bytes:
    """A message of so many parts within parts."""
    parts = (b"Content-Type:\r\n multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))
    return SENDER + SENT + b"".join(parts)


@pytest.mark.parametrize(
    "content",
    [within_each_other(2_000), SENDER + SENT + b"content-type: message/rfc822\n\n" * 2_000],
    ids=["parts", "messages"],
)
def test_what_is_nested_so_deep_that_nobody_sees_it_is_refused_with_the_reason(content: bytes) -> None:
    assert is_message(content)
    lack = file_lack(ListName.SENDER, ["fabrikam.example"], content, recipient=RECIPIENT)
    assert lack is not None
    assert "parts within parts" in lack.what


def test_a_message_that_was_forwarded_a_few_times_is_taken() -> None:
    assert file_lack(ListName.SENDER, ["fabrikam.example"], within_each_other(40), recipient=RECIPIENT) is None


@pytest.mark.parametrize(
    "headers",
    [b"X-A: b\r\n" * 350_000, b"X-A: " + b"b" * 2_900_000, b"From: " + b"a@b.example, " * 220_000],
    ids=["many", "long", "addresses"],
)
def test_of_megabytes_of_headers_no_more_is_read_than_there_can_be(headers: bytes) -> None:
    content = SENDER + SENT + headers + b"X-Last: x\r\n\r\n"
    assert is_message(content)
    assert "X-Last" not in headers_of(content)


LINES = st.sampled_from(
    [SENDER, SENT, b"\r\n", b"\n", b":", b": x\n", b"From \n", b"\tmore\n", b"X-\xff: \xff\n", b"\0"]
)


@given(st.one_of(st.binary(max_size=300), st.lists(LINES).map(b"".join)))
def test_whatever_the_bytes_are_they_are_judged(content: bytes) -> None:
    assert isinstance(is_message(content), bool)
