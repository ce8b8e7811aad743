"""What a message says of itself, and that a hostile one costs no more time than an ordinary one."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.requests.evidence import AttachedFile, MessageHeld
from bot.domain.submissions.message import LONGEST_KEPT, MOST_KEPT, read_message

PDF = b"%PDF-1.7 a price list"
HEADERS = (
    b"Return-Path: <bounce@mailer.example>\r\nReceived: from mail.fabrikam.example\r\n"
    b"Message-ID: <0042@fabrikam.example>\r\n"
    b"Date: Wed, 2 Jan 2030 03:04:05 +0000\r\nFrom: Billing <billing@fabrikam.example>\r\nSubject: Your invoice\r\n"
)
TEXT = HEADERS + b"\r\nPay at https://fabrikam.example/pay?id=1. Or hxxps://fabrikam.example/other\r\n"
IN_PARTS = (
    HEADERS + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'<a href=3D"https://fabrikam.example/pay?a=3D1&amp;b=3D2">Pay</a>\r\n'
    b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=prices.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(PDF) + b"\r\n--b--\r\n"
)


def test_headers_and_links_of_a_plain_message() -> None:
    assert read_message(TEXT) == MessageHeld(
        senders=("billing@fabrikam.example",),
        written_from="Billing <billing@fabrikam.example>",
        return_path="bounce@mailer.example",
        subject="Your invoice",
        date="Wed, 2 Jan 2030 03:04:05 +0000",
        message_id="0042@fabrikam.example",
        links=("fabrikam.example/pay?id=1", "fabrikam.example/other"),
    )


def test_links_and_files_within_parts() -> None:
    held = read_message(IN_PARTS)
    assert held.links == ("fabrikam.example/pay?a=1&b=2",)
    assert held.files == (AttachedFile(name="prices.pdf", sha256=sha256(PDF).hexdigest()),)
    assert held.is_read_whole


SENDERS = [
    (b"From: a@evil.example", ("a@evil.example",)),
    (b'From: "billing@fabrikam.example" <a@evil.example>', ("a@evil.example",)),
    (b"From: =?utf-8?b?YmlsbGluZ0BmYWJyaWthbS5leGFtcGxl?= <a@evil.example>", ("a@evil.example",)),
    (b"From: billing@fabrikam.example\r\nFrom: a@evil.example", ("billing@fabrikam.example", "a@evil.example")),
    (b"From: billing@fabrikam.example, a@evil.example", ("billing@fabrikam.example", "a@evil.example")),
    (b"From:\r\n  a@evil.example", ("a@evil.example",)),
    (b"From: nobody", ()),
    (b"From: " + b"a@evil.example, " * 5_000, ("a@evil.example",)),
]


@pytest.mark.parametrize(("written", "senders"), SENDERS)
def test_every_address_that_some_program_may_show_is_a_sender(written: bytes, senders: tuple[str, ...]) -> None:
    assert read_message(written + b"\r\nDate: now\r\n\r\nText").senders == senders


@pytest.mark.parametrize("nested", [b"(", b"((a)", b":"])
def test_a_sender_that_no_parser_can_follow_is_none(nested: bytes) -> None:
    written = nested * 3_000 + b" a@evil.example"
    held = read_message(HEADERS.replace(b"Billing <billing@fabrikam.example>", written))
    assert held.senders == ()
    assert held.written_from.startswith(nested.decode())
    assert held.subject == "Your invoice"


def test_encoded_words_are_decoded_and_nothing_is_longer_than_it_may_be() -> None:
    held = read_message(b"From: a@b.example\r\nSubject: =?utf-8?q?Rechnung_=C3=BCber?= " + b"x" * 4_000 + b"\r\n\r\n")
    assert held.subject.startswith("Rechnung über")
    assert len(held.subject) == LONGEST_KEPT
    assert "\n" not in held.subject


def test_what_was_asked_for_is_kept_of_many() -> None:
    links = "\r\n".join(f"https://fabrikam.example/{number}" for number in range(40))
    held = read_message(HEADERS + b"\r\n" + links.encode(), wanted=["fabrikam.example/39"])
    assert (held.links[0], len(held.links), held.more_links) == ("fabrikam.example/39", MOST_KEPT, 30)


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000))
TOO_MUCH = [
    HEADERS + NESTED + b"x\r\n" * 50_000,
    HEADERS + b"\r\n" + b"x\n" * 200_000,
    HEADERS + b"Content-Type: text/plain; a=" + b'";' * 300_000 + b"\r\n\r\nText",
    HEADERS + b"Content-Type: text/plain;" + b'\r\n a=";' * 50_000 + b"\r\n\r\nText",
    HEADERS + b"\r\n" + b"".join(b"https://fabrikam.example/%d\r\n" % n for n in range(2_000)),
]


@pytest.mark.parametrize("content", TOO_MUCH, ids=["deep", "long", "parameters", "folded", "links"])
def test_of_what_is_too_much_the_headers_are_read_and_the_rest_is_said_to_be_unread(content: bytes) -> None:
    held = read_message(content)
    assert held.senders == ("billing@fabrikam.example",)
    assert not held.is_read_whole


PIECES = st.sampled_from(
    [
        *(
            HEADERS,
            IN_PARTS,
            b"\r\n",
            b"\n",
            b"From: ",
            b"=?utf-8?b?",
            b"?=",
            b"a@b.example",
            b"\xff",
            b"\0",
            b"--b\r\n",
        ),
        *(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"Content-Type: text/html; charset=nope\r\n\r\n"),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: uuencode\r\n", b"https://[::1/%%"),
        *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Disposition: attachment; filename*=x'y'%ff\r\n", b":"),
    ]
)


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=12).map(b"".join)))
def test_whatever_the_bytes_are_they_are_read(content: bytes) -> None:
    held = read_message(content)
    texts = [held.written_from, held.subject, held.return_path, held.date, held.message_id, *held.senders]
    assert all(len(text) <= LONGEST_KEPT and text.encode() is not None for text in texts)
