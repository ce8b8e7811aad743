"""Whether what somebody hands in for a submission is what Microsoft takes."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.traits import ListName
from bot.domain.submissions.evidence import file_lack, is_message, message_url_lack, recipient_lack

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
    assert message_url_lack(url) is not None


@pytest.mark.parametrize("text", ["user@contoso.example", "a+b@sub.contoso.example"])
def test_recipients_are_addresses(text: str) -> None:
    assert recipient_lack(text) is None


@pytest.mark.parametrize(
    "text", ["", "user", "user@contoso", "<user@contoso.example>", "a b@contoso.example", "a@b@c.de"]
)
def test_what_is_no_address_is_no_recipient(text: str) -> None:
    assert recipient_lack(text) is not None


def test_a_message_serves_for_a_sender_and_for_a_file_that_came_with_it() -> None:
    assert file_lack(ListName.SENDER, ["fabrikam.example"], MESSAGE, recipient=RECIPIENT) is None
    assert file_lack(ListName.FILE, ["ab" * 32], MESSAGE, recipient=RECIPIENT) is None


def test_a_message_needs_its_recipient() -> None:
    lack = file_lack(ListName.SENDER, ["fabrikam.example"], MESSAGE, recipient="")
    assert lack is not None
    assert "recipient" in lack.what


def test_a_file_that_was_named_needs_nothing_else() -> None:
    content = b"%PDF-1.7"
    assert file_lack(ListName.FILE, [sha256(content).hexdigest().upper()], content, recipient="") is None


def test_another_file_says_which_one_it_is() -> None:
    lack = file_lack(ListName.FILE, ["ab" * 32], b"%PDF-1.7", recipient=RECIPIENT)
    assert lack is not None
    assert sha256(b"%PDF-1.7").hexdigest() in lack.what


def test_a_file_that_is_no_message_is_none_for_a_sender() -> None:
    lack = file_lack(ListName.SENDER, ["fabrikam.example"], b"From nothing comes nothing", recipient=RECIPIENT)
    assert lack is not None
    assert ".eml" in lack.remedy


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_judged(content: bytes) -> None:
    assert isinstance(is_message(content), bool)
