"""The headers of a message: told from other texts, and what they hold that can be listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.mail_headers import MOST_OFFERED, offers_of, offers_told

OWN = frozenset({"contoso.example"})
HEADERS = """\
Received: from inner.contoso.example (2001:db8::5) by
 outer.contoso.example with HTTPS; Tue, 1 Dec 2026 10:00:00 +0000
Received: from mail.evil.example (203.0.113.9) by
 mx.contoso.example (10.1.2.3) with SMTP
Authentication-Results: spf=pass (sender IP is 203.0.113.9)
 smtp.mailfrom=bounce.evil.example; dkim=pass (signature was verified)
 header.d=dkim.example;dmarc=pass action=none header.from=evil.example;
Received-SPF: Pass (domain of bounce.evil.example designates 203.0.113.9 as permitted sender)
 client-ip=203.0.113.9; helo=helo.evil.example;
X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:NL;SCL:1;H:mail.evil.example;PTR:ptr.example;
From: "Boss, The" <boss@evil.example>
Reply-To: pay@bad.example
To: user@contoso.example
Return-Path: <b-1@bounce.evil.example>
Subject: hello
"""
FOUND = [
    ("the connecting IP (CIP)", "203.0.113.9"),
    ("the HELO name (H)", "mail.evil.example"),
    ("the host's reverse name (PTR)", "ptr.example"),
    ("the envelope's sender (smtp.mailfrom)", "bounce.evil.example"),
    ("the domain in From (header.from)", "evil.example"),
    ("the DKIM domain (header.d)", "dkim.example"),
    ("the HELO name (Received-SPF)", "helo.evil.example"),
    ("the From address", "boss@evil.example"),
    ("the Reply-To address", "pay@bad.example"),
    ("the Return-Path", "b-1@bounce.evil.example"),
]


def found(text: str) -> list[tuple[str, str]] | None:
    offers = offers_of(text, accepted_domains=OWN)
    return None if offers is None else [(offer.what, offer.indicator.value) for offer in offers]


@pytest.mark.parametrize(
    "text",
    [
        HEADERS,
        HEADERS.replace("\n ", "\n"),  # a copy that lost the space in front of what is folded
        HEADERS.replace("\n", "\r\n"),
        "\n" + HEADERS.replace("\nX-", "\n\nX-"),
        " ".join(HEADERS.split()),  # in one line
    ],
)
def test_what_they_hold_however_they_are_pasted(text: str) -> None:
    assert found(text) == FOUND


def test_nobodys_own_domain_and_no_inner_address_is_offered() -> None:
    text = "Received: from a.contoso.example ([10.1.2.3]) by b ([203.0.113.9])\nFrom: boss@contoso.example\n"
    assert found(text) == [("an IP in Received", "203.0.113.9")]


def test_headers_that_hold_nothing_are_headers_all_the_same() -> None:
    assert found("Received: from nowhere\nSubject: hello") == []
    assert "nothing from outside" in offers_told(())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evil.example",
        "From: boss@evil.example\nReply-To: pay@bad.example",  # two lines with labels
        "evil.example Received: it was",
        "https://evil.example/?a=Received:",
        "we received: evil.example",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert found(text) is None


def test_what_is_offered_is_told_with_what_it_is() -> None:
    told = offers_told(offers_of(HEADERS, accepted_domains=OWN) or ())
    assert "the connecting IP (CIP) 203.0.113.9; the HELO name (H) mail.evil.example" in told
    assert told.endswith("Write down what is meant.")


PIECES = st.sampled_from(
    [
        *[
            "Received: ",
            "From: ",
            "X-Originating-IP: ",
            "CIP:",
            "\n",
            "\n ",
            " ",
            "<",
            ">",
            "[",
            "]",
            "(",
            ")",
            ";",
            ",",
        ],
        *["203.0.113.9", "evil.example", "boss@evil.example", "d=", "DKIM-Signature: ", '"', "\x00", "\ud800", "="],
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_whatever_the_text_it_raises_nothing(text: str) -> None:
    offers = offers_of(text)
    assert offers is None or len(offers) <= MOST_OFFERED


@pytest.mark.parametrize("nested", ["(", "((a)", ":"])
def test_a_sender_that_no_parser_can_follow_is_left_out(nested: str) -> None:
    """`portcullis parse`, a form and a command say what else there is, as for any other headers."""
    text = (
        "Received: from mail.evil.example ([203.0.113.7]) by mx.contoso.example\n"
        f"From: {nested * 3_000} a@evil.example\nTo: user@contoso.example\nSubject: Invoice\n"
        "Date: Wed, 2 Jan 2030 03:04:05 +0000\nMessage-ID: <0042@evil.example>\n"
    )
    offers = offers_of(text)
    assert offers is not None
    assert [offer.indicator.value for offer in offers] == ["203.0.113.7"]
