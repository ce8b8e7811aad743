"""Every kind of indicator: what is read from what people type, and what is refused with which reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind, NoteCode
from bot.domain.indicators.reader import read, read_as
from bot.domain.indicators.typed_text import shown
from bot.errors import InvalidIndicator
from tests.unit.domain.indicators.readings import codes, refused

OWN = frozenset({"contoso.com"})
SHA256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"


@pytest.mark.parametrize(
    ("typed", "kind", "value", "noted"),
    [
        # one of each, as it comes
        ("203.0.113.7", Kind.IPV4, "203.0.113.7", {"documentation"}),
        ("8.8.8.8", Kind.IPV4, "8.8.8.8", set()),
        ("203.0.113.5-203.0.113.9", Kind.IPV4_RANGE, "203.0.113.5-203.0.113.9", {"documentation"}),
        ("8.8.8.0/24", Kind.IPV4_NETWORK, "8.8.8.0/24", set()),
        ("2001:DB8:0:0::7", Kind.IPV6, "2001:db8::7", {"documentation"}),
        ("2606:4700::/32", Kind.IPV6_NETWORK, "2606:4700::/32", set()),
        ("Evil.Example", Kind.DOMAIN, "evil.example", set()),
        ("*.evil.example", Kind.DOMAIN, "*.evil.example", set()),
        ("Sender@Evil.Example", Kind.ADDRESS, "sender@evil.example", set()),
        ("evil.example/Path", Kind.URL, "evil.example/Path", set()),
        (SHA256, Kind.FILE, SHA256.lower(), set()),
        # defanged
        ("hxxps://evil[.]example", Kind.URL, "evil.example", {"scheme_stripped"}),
        ("203.0.113[.]7", Kind.IPV4, "203.0.113.7", {"documentation"}),
        ("user[at]evil.example", Kind.ADDRESS, "user@evil.example", set()),
        ("user [at] evil [dot] example", Kind.ADDRESS, "user@evil.example", set()),
        ("meow://evil(.)example/a", Kind.URL, "evil.example/a", {"scheme_stripped"}),
        ("evil[.]example[.]", Kind.DOMAIN, "evil.example", set()),
        (r"evil\.example", Kind.DOMAIN, "evil.example", set()),
        ("2001[:]db8[:][:]7", Kind.IPV6, "2001:db8::7", {"documentation"}),
        # Slack's forms
        ("<mailto:a@b.example|a@b.example>", Kind.ADDRESS, "a@b.example", set()),
        ("<https://x.example|x.example>", Kind.URL, "x.example", {"scheme_stripped"}),
        ("<https://x.example/a>", Kind.URL, "x.example/a", {"scheme_stripped"}),
        ("<http://evil.example|evil.example>", Kind.DOMAIN, "evil.example", set()),
        ("<http://evil.example/|evil.example>", Kind.DOMAIN, "evil.example", set()),
        ("<http://evil.example|http://evil.example>", Kind.URL, "evil.example", {"scheme_stripped"}),
        ("<http://evil.example/a|evil.example/a>", Kind.URL, "evil.example/a", set()),
        ("<http://203.0.113.7|203.0.113.7>", Kind.IPV4, "203.0.113.7", {"documentation"}),
        ("hxxps://<http://evil.example|evil.example>/a", Kind.URL, "evil.example/a", {"scheme_stripped"}),
        ("<tel:203113007|203.0.113.7>", Kind.IPV4, "203.0.113.7", {"documentation"}),
        ("https://evil.example/?a=1&amp;b=2", Kind.URL, "evil.example/?a=1&b=2", {"scheme_stripped"}),
        ("&lt;https://evil.example/a&gt;", Kind.URL, "evil.example/a", {"scheme_stripped"}),
        # what stands around it
        ("  (evil.example).  ", Kind.DOMAIN, "evil.example", set()),
        ("“evil.example”,", Kind.DOMAIN, "evil.example", set()),
        ("`evil.example`", Kind.DOMAIN, "evil.example", set()),
        ("‘sender@evil.example’;", Kind.ADDRESS, "sender@evil.example", set()),
        ("• 203.0.113.7", Kind.IPV4, "203.0.113.7", {"documentation"}),
        ("evil.example…", Kind.DOMAIN, "evil.example", set()),
        ("(https://evil.example/a_(b))", Kind.URL, "evil.example/a_(b)", {"scheme_stripped"}),
        ("[2001:db8::7]", Kind.IPV6, "2001:db8::7", {"documentation"}),
        ("[2001:db8::7]/64", Kind.IPV6_NETWORK, "2001:db8::/64", {"documentation", "host_bits"}),
        ("2001:db8::", Kind.IPV6, "2001:db8::", {"documentation"}),
        ("::1", Kind.IPV6, "::1", {"loopback"}),
        ("@evil.example", Kind.DOMAIN, "evil.example", set()),
        # characters that nobody sees, or that look like others
        ("ev\u200bil.exam\u00adple", Kind.DOMAIN, "evil.example", {"invisible_stripped"}),
        ("\ufeff203.0.113.7\u00a0", Kind.IPV4, "203.0.113.7", {"documentation", "invisible_stripped"}),
        ("ｅｖｉｌ．example", Kind.DOMAIN, "evil.example", {"characters_folded"}),
        ("ⓔvil.example", Kind.DOMAIN, "evil.example", {"characters_folded"}),
        ("user＠evil。example", Kind.ADDRESS, "user@evil.example", {"characters_folded"}),
    ],
)
def test_reads(typed: str, kind: Kind, value: str, noted: set[str]) -> None:
    indicator = read(typed, accepted_domains=OWN)
    assert (indicator.kind, indicator.value) == (kind, value)
    assert codes(indicator) == noted


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("", "Nothing was typed", "an IP address, a domain"),
        (" \n ", "Nothing was typed", ""),
        ("...", "names nothing", ""),
        ("evil example", "more than one word", ""),
        ("phishing", "has no dot", ""),
        ("ev\x00il.example", "control character", "by hand"),
        ("evil.\x1bexample", "U+001B", ""),
        ("elpmaxe\u202e.com", "direction of text", "by hand"),
        ("evil\ud800.example", "half of a character", ""),
        ("a" * 3000, "3,000 characters long", "one indicator at a time"),
        ("<@U0123ABCD>", "mention", ""),
        ("<#C0123ABCD|general>", "mention", ""),
        ("<!channel>", "mention", ""),
        (
            "<https://evil.example|good.example>",
            "shows ‘good.example’ but leads to ‘https://evil.example’",
            "one of the",
        ),
        ("<mailto:a@evil.example|b@good.example>", "shows ‘b@good.example’", ""),
        ("javascript:alert(1)", "javascript: link", ""),
        ("evil–site.example", "plain hyphen", "by hand"),
    ],
)
def test_refuses_what_is_no_indicator(typed: str, what: str, remedy: str) -> None:
    error = refused(typed, accepted_domains=OWN)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("a" * 200, "a" * 79 + "…"),
        ("a\nb\x07\u202ec", "a b�<U+202E>c"),
        ("\ud800", "<U+D800>"),
        ("x" * 80, "x" * 80),
        ("x" * 400 + "\x00" * 3000, "x" * 79 + "…"),
    ],
)
def test_the_echo_is_one_short_harmless_line(typed: str, text: str) -> None:
    assert shown(typed) == text
    assert len(shown(typed)) <= 80


def test_an_error_repeats_what_was_typed_not_what_was_made_of_it() -> None:
    assert "‘hxxp://evil[.]example/a*’" in refused("hxxp://evil[.]example/a*", accepted_domains=OWN).what


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        ("contoso.com", True),
        ("CONTOSO.com.", True),
        ("mail.contoso.com", True),
        ("user@contoso.com", True),
        ("user@eu.contoso.com", True),
        ("https://www.contoso.com/a", True),
        ("~contoso.com", True),
        ("*.com/*", True),
        ("notcontoso.com", False),
        ("contoso.com.evil.example", False),
        ("https://evil.example/contoso.com", False),
    ],
)
def test_the_tenants_own_domains_are_noted(typed: str, own: bool) -> None:
    assert read(typed, accepted_domains=OWN).has_note(NoteCode.OWN_DOMAIN) is own


def test_a_wildcard_above_an_own_domain_is_noted() -> None:
    assert read("*.co.uk", accepted_domains=frozenset({"Contoso.CO.UK"})).has_note("own_domain")
    assert not read("co.uk", accepted_domains=frozenset({"contoso.co.uk"})).has_note("own_domain")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.URL, "evil.example", "evil.example"),
        (Kind.URL, "203.0.113.7", "203.0.113.7"),
        (Kind.URL, "203.0.113.7/24", "203.0.113.7/24"),
        (Kind.URL, "*.evil.example", "*.evil.example"),
        (Kind.DOMAIN, "evil.example", "evil.example"),
        (Kind.IPV4, "203.0.113.7", "203.0.113.7"),
    ],
)
def test_reads_an_entry_whose_list_is_known(kind: Kind, text: str, value: str) -> None:
    indicator = read_as(kind, text)
    assert (indicator.kind, indicator.value) == (kind, value)


def test_refuses_an_indicator_of_another_kind() -> None:
    with pytest.raises(InvalidIndicator, match="reads as domain, not as ipv4 network"):
        read_as(Kind.IPV4_NETWORK, "evil.example")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("d41d8cd98f00b204e9800998ecf8427e", "an MD5"),
        ("md5:d41d8cd98f00b204e9800998ecf8427e", "an MD5"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "a SHA-1"),
        ("a" * 56, "a SHA-224"),
        ("a" * 96, "a SHA-384"),
        ("a" * 128, "a SHA-512"),
        ("a" * 63, "63 hexadecimal digits"),
        ("a" * 65, "65 hexadecimal digits"),
        ("sha256:" + "g" * 64, "aren't hexadecimal"),
        ("sha1:" + "a" * 64, "named sha1"),
    ],
)
def test_refuses_every_hash_but_sha256(typed: str, reason: str) -> None:
    error = refused(typed, accepted_domains=OWN)
    assert reason in error.what
    assert "SHA-256" in error.remedy


@pytest.mark.parametrize("prefix", ["sha256:", "SHA256=", "sha-256: "])
def test_reads_a_named_sha256(prefix: str) -> None:
    indicator = read(prefix + SHA256)
    assert (indicator.kind, indicator.value) == (Kind.FILE, SHA256.lower())
    assert codes(indicator) == {"label_stripped"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("fabrikam.com,203.0.113.0/24", "fabrikam.com, 203.0.113.0/24"),
        ("User@Fabrikam.com ,  Mail.Evil.Example", "user@fabrikam.com, mail.evil.example"),
        ("*, evil.example", "*, evil.example"),
        ("fabrikam.com, *", "fabrikam.com, *"),
        ("fabrikam[.]com, 203.0.113[.]0/24", "fabrikam.com, 203.0.113.0/24"),
        ("fabrikam.com, 203.0.113.77/24", "fabrikam.com, 203.0.113.0/24"),
        ('"a,b"@fabrikam.com, evil.example', "%22a%2Cb%22@fabrikam.com, evil.example"),
        ("<http://fabrikam.com|fabrikam.com>, <http://evil.example|evil.example>", "fabrikam.com, evil.example"),
    ],
)
def test_reads_spoof_pairs(typed: str, value: str) -> None:
    indicator = read_as(Kind.SPOOF_PAIR, typed)
    assert (indicator.kind, indicator.value) == (Kind.SPOOF_PAIR, value)


def test_a_spoof_pairs_notes_are_those_of_its_halves() -> None:
    assert codes(read_as(Kind.SPOOF_PAIR, "pаypal.com, 203.0.113.77/24")) == {
        "punycode", "mixed_scripts", "host_bits", "documentation"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("*, *", "every user and every infrastructure", ""),
        ("fabrikam.com, 203.0.113.7", "single IP address", "Type 203.0.113.0/24."),
        ("fabrikam.com, 203.0.113.0/25", "isn't a /24", ""),
        ("fabrikam.com, 203.0.113.0-203.0.113.255", "isn't a /24", ""),
        ("fabrikam.com, 2001:db8::/64", "is IPv6", "PTR"),
        ("fabrikam.com, user@evil.example", "is an address", "user goes first"),
        ("203.0.113.7, evil.example", "is an IP address", ""),
        ("*.fabrikam.com, evil.example", "stands alone", "Type fabrikam.com"),
        ("fabrikam.com, evil.example, other.example", "isn't a pair", ""),
        ("fabrikam.com, ,x", "isn't a pair", ""),
    ],
)
def test_refuses_what_is_no_spoof_pair(typed: str, what: str, remedy: str) -> None:
    with pytest.raises(InvalidIndicator) as caught:
        read_as(Kind.SPOOF_PAIR, typed, accepted_domains=OWN)
    assert what in caught.value.what
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("typed", "own"), [("contoso.com, 203.0.113.0/24", True), ("user@contoso.com, *", True), ("*, contoso.com", False)]
)
def test_of_a_pair_it_is_the_user_that_is_noted(typed: str, own: bool) -> None:
    assert read_as(Kind.SPOOF_PAIR, typed, accepted_domains=OWN).has_note(NoteCode.OWN_DOMAIN) is own


@pytest.mark.parametrize("typed", ["fabrikam.com, 203.0.113.0/24", "*, evil.example", "a.example, b.example"])
def test_a_pair_is_none_unless_somebody_says_so(typed: str) -> None:
    error = refused(typed)
    assert "more than one indicator" in error.what
    assert f"spoof {typed}" in error.remedy


@pytest.mark.parametrize("name", ["Default", "Second policy", "evil.example", "203.0.113.7", "(a) “b”", "x" * 300])
def test_a_connection_filter_policy_is_taken_as_it_stands(name: str) -> None:
    assert read_as(Kind.FILTER_POLICY, name) == Indicator(kind=Kind.FILTER_POLICY, value=name)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00", "\u202eDefault"])
def test_but_not_what_is_no_name(name: str) -> None:
    with pytest.raises(InvalidIndicator):
        read_as(Kind.FILTER_POLICY, name)


@given(st.text(max_size=30))
def test_nobody_can_type_one(text: str) -> None:
    with suppress(InvalidIndicator):
        assert read(text).kind is not Kind.FILTER_POLICY
