"""Labels in front of a value: what is read behind each, and what is asked about."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.labels import is_label
from bot.domain.indicators.reader import read, read_as
from bot.errors import InvalidIndicator
from tests.unit.domain.indicators.readings import codes, refused

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        # Exchange's proxy addresses, and links to an address
        ("SMTP:bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("smtp: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("sip:bob@evil.example;transport=tls", Kind.ADDRESS, "bob@evil.example"),
        ("MAILTO:bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("mailto://bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("<mailto:SMTP:bob@evil.example|SMTP:bob@evil.example>", Kind.ADDRESS, "bob@evil.example"),
        # headers, in English and German
        ("From:bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("From:<mailto:bob@evil.example|bob@evil.example>", Kind.ADDRESS, "bob@evil.example"),
        ('From: "Bad Guy" <bad@evil.example>', Kind.ADDRESS, "bad@evil.example"),
        ("From: Bad Guy <bad@evil.example>", Kind.ADDRESS, "bad@evil.example"),
        ("Reply-To: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("Return-Path: <bob@evil.example>", Kind.ADDRESS, "bob@evil.example"),
        ("Sender: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("Email: bob[at]evil[.]example", Kind.ADDRESS, "bob@evil.example"),
        ("Von: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("Absender: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("Antwort an: bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("X-Originating-IP: [203.0.113.9]", Kind.IPV4, "203.0.113.9"),
        ("CIP:203.0.113.9", Kind.IPV4, "203.0.113.9"),
        # what Authentication-Results and Received-SPF say
        ("smtp.mailfrom=bob@evil.example;", Kind.ADDRESS, "bob@evil.example"),
        ("smtp.mailfrom=evil.example", Kind.DOMAIN, "evil.example"),
        ("user=bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("smtp.auth=bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
        ("header.from=evil.example", Kind.DOMAIN, "evil.example"),
        ("header.d=evil.example", Kind.DOMAIN, "evil.example"),
        ("header.i=@evil.example", Kind.DOMAIN, "evil.example"),
        ("d=evil.example;", Kind.DOMAIN, "evil.example"),
        ("envelope-from=<bob@evil.example>", Kind.ADDRESS, "bob@evil.example"),
        ("client-ip=203.0.113.9;", Kind.IPV4, "203.0.113.9"),
        ("client-ip=2001:db8::7;", Kind.IPV6, "2001:db8::7"),
        ("helo=mail.evil.example;", Kind.DOMAIN, "mail.evil.example"),
        ("helo=[203.0.113.9]", Kind.IPV4, "203.0.113.9"),
        # SPF records
        ("ip4:203.0.113.0/24", Kind.IPV4_NETWORK, "203.0.113.0/24"),
        ("+ip4:203.0.113.9", Kind.IPV4, "203.0.113.9"),
        ("ip6:2001:db8::/32", Kind.IPV6_NETWORK, "2001:db8::/32"),
        # reports, tables and JSON
        ("IPv4: 203.0.113[.]9", Kind.IPV4, "203.0.113.9"),
        ("IPv6: 2001:db8::7", Kind.IPV6, "2001:db8::7"),
        ("IP: 203.0.113.5-203.0.113.9", Kind.IPV4_RANGE, "203.0.113.5-203.0.113.9"),
        ("Source IP: 203.0.113.9", Kind.IPV4, "203.0.113.9"),
        ("src_ip=203.0.113.9", Kind.IPV4, "203.0.113.9"),
        ("IP-Adresse: 203.0.113.9", Kind.IPV4, "203.0.113.9"),
        (f"SHA256: {SHA256}", Kind.FILE, SHA256),
        (f"sha-256={SHA256}", Kind.FILE, SHA256),
        (f"Prüfsumme: {SHA256}", Kind.FILE, SHA256),
        ("URL: hxxps://evil[.]example/a", Kind.URL, "evil.example/a"),
        ("URL:https://evil.example/a", Kind.URL, "evil.example/a"),
        ("URL: evil.example", Kind.URL, "evil.example"),
        ("Link: 203.0.113.9/a", Kind.URL, "203.0.113.9/a"),
        ("domain: evil[.]example", Kind.DOMAIN, "evil.example"),
        ("Domäne: evil.example", Kind.DOMAIN, "evil.example"),
        ("host: evil.example", Kind.DOMAIN, "evil.example"),
        ("IOC: 203.0.113.9", Kind.IPV4, "203.0.113.9"),
        ("IOC: https://evil.example/a", Kind.URL, "evil.example/a"),
        ('"From": "bob@evil.example",', Kind.ADDRESS, "bob@evil.example"),
        # one label behind the other
        ("From: SMTP:bob@evil.example", Kind.ADDRESS, "bob@evil.example"),
    ],
)
def test_the_value_behind_a_label_is_read_and_the_label_is_told(typed: str, kind: Kind, value: str) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (kind, value)
    assert "label_stripped" in codes(indicator)


def test_the_note_names_the_label() -> None:
    (note,) = read("Return-Path: bob@evil.example").notes
    assert note.text == "‘Return-Path:’ was left out: it says what stands behind it."


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("IPv6: 203.0.113.9", "IPv6: stands before an IPv4 address", "Type 203.0.113.9 alone if that is meant."),
        ("ip4:2001:db8::7", "ip4: stands before an IPv6 address", "2001:db8::7 alone"),
        ("IP: evil.example", "IP: stands before a domain", "evil.example alone"),
        ("From: 203.0.113.9", "From: stands before an IPv4 address", ""),
        ("SMTP:evil.example", "SMTP: stands before a domain", "evil.example alone"),
        ("Email: evil.example", "Email: stands before a domain", ""),
        ("Domain: https://evil.example/a", "Domain: stands before a URL", "evil.example/a alone"),
        ("Domain: bob@evil.example", "Domain: stands before a mail address", ""),
        ("SHA256: d41d8cd98f00b204e9800998ecf8427e", "an MD5", "SHA-256"),
        ("SHA256: evil.example", "aren't hexadecimal", ""),
        ("URL: contoso", "has no dot", ""),
        # what no list takes
        ("To: bob@contoso.com", "To: names who got the message", "From:"),
        ("An: bob@contoso.com", "An: names who got the message", ""),
        ("X500:/o=contoso/cn=bob", "a mailbox's name inside Exchange", "SMTP:"),
        ("Return-Path: <>", "nothing behind ‘Return-Path:’", ""),
        # no label known here
        ("foo:bob@evil.example", "begins with ‘foo:’", "Type bob@evil.example alone"),
        ("foo: evil.example", "more than one word", ""),
        (
            "foo=bob@evil.example",
            "is ‘foo=’ a part of the address?",
            "Type foo%3Dbob@evil.example if it is, or bob@evil.example if it isn't.",
        ),
        ("x-auth-id=bob.smith@evil.example", "is ‘x-auth-id=’ a part", "or bob.smith@evil.example if"),
        ("From: foo=bob@evil.example", "is ‘foo=’ a part", "or bob@evil.example if"),
        ("foo=<bob@evil.example>", "begins with ‘foo=’", "Type bob@evil.example alone"),
        ("foo=203.0.113.7", "begins with ‘foo=’", "Type 203.0.113.7 alone"),
        ("foo=https://evil.example/a", "begins with ‘foo=’", "Type https://evil.example/a alone"),
        ("orig_to=<bob@contoso.com>", "names who got the message", ""),
        ("rcpt=bob@contoso.com", "rcpt= names who got the message", ""),
    ],
)
def test_a_label_that_says_something_else_is_asked_about(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        # what looks like a label and is a part of the value
        ("d::1", Kind.IPV6, "d::1"),
        ("fe:2::1", Kind.IPV6, "fe:2::1"),
        ("https://from:x@evil.example/a", Kind.URL, "evil.example/a"),
        ("evil.example/from:bob", Kind.URL, "evil.example/from:bob"),
        ("bounce=a@evil.example", Kind.ADDRESS, "bounce%3Da@evil.example"),
        ("prvs=1=bob@evil.example", Kind.ADDRESS, "prvs%3D1%3Dbob@evil.example"),
        ("bounce+x=y.example@evil.example", Kind.ADDRESS, "bounce%2Bx%3Dy.example@evil.example"),
        ("SRS0=a=b=y.example=bob@evil.example", Kind.ADDRESS, "srs0%3Da%3Db%3Dy.example%3Dbob@evil.example"),
        ("bob=contoso.com@evil.example", Kind.ADDRESS, "bob%3Dcontoso.com@evil.example"),
        ('"foo=bob"@evil.example', Kind.ADDRESS, "foo%3Dbob@evil.example"),
        ("foo%3Dbob@evil.example", Kind.ADDRESS, "foo%3Dbob@evil.example"),
    ],
)
def test_what_is_no_label_stays(typed: str, kind: Kind, value: str) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (kind, value)
    assert "label_stripped" not in codes(indicator)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.DOMAIN, "Domain: evil.example", "evil.example"),
        (Kind.URL, "URL: evil.example", "evil.example"),
        (Kind.IPV4, "ip4:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_entry_whose_list_is_known_may_have_its_label(kind: Kind, text: str, value: str) -> None:
    assert read_as(kind, text).value == value


def test_but_no_other_label() -> None:
    with pytest.raises(InvalidIndicator, match="reads as domain, not as url"):
        read_as(Kind.URL, "Domain: evil.example")


@pytest.mark.parametrize(
    ("token", "alone"),
    [
        ("From:", True),
        ("ip4:", True),
        ("client-ip=", True),
        ("Absender:", True),
        ("d=", True),
        ("d:", False),
        ("foo:", False),
        ("From", False),
        ("From:bob@evil.example", False),
        ("evil.example:", False),
        ("2001:db8::", False),
        (":", False),
        ("", False),
    ],
)
def test_a_label_alone_belongs_to_the_next_token(token: str, alone: bool) -> None:
    assert is_label(token) is alone


@given(
    st.text(max_size=40), st.sampled_from(["From", "ip6", "SHA-256", "url", "IOC", "x", "Prüfsumme", "an"]), st.text()
)
def test_whatever_stands_behind_a_label_is_read_or_refused(before: str, label: str, behind: str) -> None:
    for text in (f"{label}:{behind}", f"{before}{label}= {behind}"):
        with suppress(InvalidIndicator):
            assert read(text).value
