"""Domains, addresses and URLs: names, and the patterns that the lists take."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read, read_as
from bot.errors import InvalidIndicator
from tests.unit.domain.indicators.readings import codes, refused


@pytest.mark.parametrize(
    ("typed", "value", "noted"),
    [
        ("evil.example.", "evil.example", set()),
        ("a_b.evil.example", "a_b.evil.example", set()),
        ("r3---sn.evil.example", "r3---sn.evil.example", set()),
        ("3com.example", "3com.example", set()),
        ("t.co", "t.co", set()),
        ("BÜCHER.example", "xn--bcher-kva.example", {"punycode"}),
        ("faß.example", "xn--fa-hia.example", {"punycode"}),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", {"punycode"}),
        ("*.bücher.example", "*.xn--bcher-kva.example", {"punycode"}),
        ("日本語カナひらabc.example", "xn--abc-0c4bpesi2h3141bdocu19k.example", {"punycode"}),
        ("pаypal.example", "xn--pypal-4ve.example", {"punycode", "mixed_scripts"}),
        ("xn--pypal-4ve.example", "xn--pypal-4ve.example", {"punycode", "mixed_scripts"}),
        ("gооgle.example", "xn--ggle-55da.example", {"punycode", "mixed_scripts"}),
        ("αlpha.example", "xn--lpha-zld.example", {"punycode", "mixed_scripts"}),
        ("xn--n3h.example", "xn--n3h.example", {"punycode"}),
        ("co.uk", "co.uk", {"public_suffix"}),
        ("*.co.uk", "*.co.uk", {"public_suffix"}),
        ("*.com", "*.com", {"public_suffix"}),
        ("*.TOP", "*.top", {"public_suffix"}),
        ("*.рф", "*.xn--p1ai", {"punycode", "public_suffix"}),
        ("*.local", "*.local", set()),
        ("*.nowhere", "*.nowhere", {"unknown_suffix"}),
        ("github.io", "github.io", {"public_suffix"}),
        ("evil.co.uk", "evil.co.uk", set()),
        ("evil.exmaple", "evil.exmaple", {"unknown_suffix"}),
        ("host.localdomain", "host.localdomain", set()),
        ("evil.рф", "evil.xn--p1ai", {"punycode"}),
    ],
)
def test_reads_domains(typed: str, value: str, noted: set[str]) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.DOMAIN, value)
    assert codes(indicator) == noted


def test_the_note_on_punycode_shows_the_name_as_people_see_it() -> None:
    assert "‘bücher.example’" in read("xn--bcher-kva.example").notes[0].text


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        (
            "com",
            "whole top-level domain",
            "For every sender under it type *.com, for links",
        ),
        ("*.pdf", "name of a file", "SHA-256"),
        ("invoice.pdf", "name of a file", "SHA-256"),
        (".evil.example", "nothing before its first dot", "*.evil.example"),
        (".com", "nothing before its first dot", ""),
        ("evil..example", "two dots in a row", ""),
        ("-evil.example", "hyphen at the start", ""),
        ("evil-.example", "hyphen at the start or the end", ""),
        ("ev!il.example", "it can't have ‘!’", ""),
        ("ex%61mple.example", "it can't have ‘%’", "A browser reads it as example.example"),
        ("evil.e", "can't be a top-level domain", ""),
        ("evil.123", "ends in a number", ""),
        ("evil.0x1", "ends in a number", ""),
        ("a" * 64 + ".example", "64 characters", ""),
        (".".join(["abcdefg"] * 32) + ".example", "too long for a name", ""),
        ("*.*", "star where none", ""),
        ("*.contoso.*", "star where none", ""),
        ("*.*.contoso.com", "star where none", ""),
        ("203.0.113.0⁄24", "only looks like a slash", "a plain slash (/)"),
        ("evil.example∕a", "only looks like a slash", "a plain slash (/)"),
        ("evil、evil2.example", "more than one name", "Write them apart"),
        ("☃.example", "isn't a valid name", "type xn--n3h.example"),
        ("xn--.ü.example", "hyphen at the start or the end", ""),
        ("7.113.0.203.in-addr.arpa", "no sender's domain", "Type 203.0.113.7 if"),
        ("7.113.0.203.IN-ADDR.ARPA.", "no sender's domain", "Type 203.0.113.7 if"),
        ("113.0.203.in-addr.arpa", "no sender's domain", "the network that is meant"),
        ("1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa", "no sender's domain", "Type 2001:db8::1 if"),
        ("hxxp___evil.example", "what is left of a link", "Type evil.example for its mail"),
        ("*.203.0.113.7", "IP address where only a name can be", "Type 203.0.113.7 alone"),
    ],
)
def test_refuses_what_is_no_domain(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "value", "noted"),
    [
        ("Sender@Evil.Example", "sender@evil.example", set()),
        ("a.b_c-d@evil.example", "a.b_c-d@evil.example", set()),
        ("user+tag@evil.example", "user%2Btag@evil.example", {"percent_encoded"}),
        ("user%2btag@evil.example", "user%2Btag@evil.example", set()),
        ("o’brien@evil.example", "o%27brien@evil.example", {"percent_encoded"}),
        ("bounce=a@evil.example", "bounce%3Da@evil.example", {"percent_encoded"}),
        ("100%@evil.example", "100%25@evil.example", {"percent_encoded"}),
        ("a/b@evil.example", "a%2Fb@evil.example", {"percent_encoded"}),
        ('"bad+ attacker"@fourthcoffee.com', "%22bad%2B%20attacker%22@fourthcoffee.com", {"percent_encoded"}),
        ("“bad+ attacker”@fourthcoffee.com", "%22bad%2B%20attacker%22@fourthcoffee.com", {"percent_encoded"}),
        ("%22bad%2B%20attacker%22@fourthcoffee.com", "%22bad%2B%20attacker%22@fourthcoffee.com", set()),
        ('"plain"@evil.example', "plain@evil.example", {"percent_encoded"}),
        ('"a@b"@evil.example', "%22a%40b%22@evil.example", {"percent_encoded"}),
        ("user@bücher.example", "user@xn--bcher-kva.example", {"punycode"}),
        ("user@pаypal.example", "user@xn--pypal-4ve.example", {"punycode", "mixed_scripts"}),
        ('"Bad Guy" <bad@evil.example>', "bad@evil.example", {"display_name_stripped"}),
        ("Bad Guy <bad@evil.example>", "bad@evil.example", {"display_name_stripped"}),
        ("“Bad Guy” &lt;<mailto:bad@evil.example|bad@evil.example>&gt;", "bad@evil.example", {"display_name_stripped"}),
        ('"ceo@fabrikam.com" <bad@evil.example>', "bad@evil.example", {"display_name_stripped"}),
        ("<bad@evil.example>", "bad@evil.example", set()),
        ("mailto:bad@evil.example?subject=x", "bad@evil.example", {"label_stripped", "query_stripped"}),
        ("root@host.localdomain", "root@host.localdomain", set()),
        ("a@evil.test", "a@evil.test", set()),
        ("a@evil.invalid", "a@evil.invalid", set()),
        ("bad@github.io", "bad@github.io", set()),
    ],
)
def test_reads_addresses(typed: str, value: str, noted: set[str]) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.ADDRESS, value)
    assert codes(indicator) == noted


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("üser@evil.example", "beyond ASCII before the @", "domain instead: evil.example"),
        ("%c3%bcser@evil.example", "beyond ASCII before the @", "evil.example"),
        ("user@", "nothing after the @", ""),
        ("user@evil", "has no dot", ""),
        ("a@b@evil.example", "isn't a mail address", ""),
        (".a@evil.example", "isn't a mail address", ""),
        ("a..b@evil.example", "isn't a mail address", ""),
        ("a b@evil.example", "isn't a mail address", ""),
        ("%20@evil.example", "isn't a mail address", ""),
        ("%00@evil.example", "isn't a mail address", ""),
        ("user@[203.0.113.7]", "IP address after the @", "203.0.113.7"),
        ("user@203.0.113.7", "IP address where only a name can be", "203.0.113.7 alone"),
        ("*@evil.example", "has a star", "domain alone: evil.example"),
        ("a*b@evil.example", "has a star", "evil.example"),
        ("user@*.evil.example", "has a star", "*.evil.example"),
        ("x" * 65 + "@evil.example", "65 characters before the @", ""),
    ],
)
def test_refuses_what_is_no_address(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "value", "noted"),
    [
        # the documented patterns
        ("https://contoso.com", "contoso.com", {"scheme_stripped"}),
        ("contoso.com/a", "contoso.com/a", set()),
        ("contoso.com/*", "contoso.com/*", set()),
        ("contoso.com/a/*", "contoso.com/a/*", set()),
        ("*.contoso.com/*", "*.contoso.com/*", set()),
        ("~contoso.com", "~contoso.com", set()),
        ("~contoso.com~", "~contoso.com~", set()),
        ("*.com/*", "*.com/*", {"public_suffix"}),
        ("https://1.1.1.1", "1.1.1.1", {"scheme_stripped"}),
        ("1.1.1.1/*", "1.1.1.1/*", set()),
        ("1.1.1.1/a", "1.1.1.1/a", set()),
        ("https://*.contoso.com", "*.contoso.com", {"scheme_stripped"}),
        # what is left out
        ("HTTPS://Evil.Example/Path", "evil.example/Path", {"scheme_stripped"}),
        ("https://evil.example/", "evil.example", {"scheme_stripped"}),
        ("ftp://evil.example/a", "evil.example/a", {"scheme_stripped"}),
        ("evil.example:8443/a", "evil.example/a", {"port_stripped"}),
        ("https://evil.example:/a", "evil.example/a", {"scheme_stripped"}),
        ("http://1.1.1.1:8080/a", "1.1.1.1/a", {"scheme_stripped", "port_stripped"}),
        ("https://user:word@evil.example/a", "evil.example/a", {"scheme_stripped", "user_stripped"}),
        ("https://fabrikam.com@evil.example", "evil.example", {"scheme_stripped", "user_stripped"}),
        ("evil.example/a#f", "evil.example/a", {"fragment_stripped"}),
        ("evil.example/a.#f", "evil.example/a", {"fragment_stripped"}),
        ("evil.example/?a=1#f", "evil.example/?a=1", {"fragment_stripped"}),
        ("https://evil.example/#", "evil.example", {"scheme_stripped", "fragment_stripped"}),
        ("https://evil.example/#/login", "evil.example", {"scheme_stripped", "fragment_widened"}),
        ("https://evil.example#login", "evil.example", {"scheme_stripped", "fragment_widened"}),
        ("evil.example/#/login", "evil.example", {"fragment_widened"}),
        # what stays, and how
        ("evil.example/?q=a@fabrikam.com", "evil.example/?q=a@fabrikam.com", set()),
        ("evil.example?q=1", "evil.example/?q=1", set()),
        ("evil.example/@user", "evil.example/@user", set()),
        ("evil.example/a%20b", "evil.example/a%20b", set()),
        ("evil.example/ü", "evil.example/%C3%BC", {"percent_encoded"}),
        ("evil.example/a,b", "evil.example/a,b", set()),
        ("evil.example/o'b\"c/d", "evil.example/o%27b%22c/d", {"percent_encoded"}),
        ("evil.example/~john/a", "evil.example/~john/a", set()),
        (r"https:\\evil.example\a\b", "evil.example/a/b", {"scheme_stripped"}),
        ("bücher.example/a", "xn--bcher-kva.example/a", {"punycode"}),
        ("https://[2606:4700:0::1]:443/a", "[2606:4700::1]/a", {"scheme_stripped", "port_stripped"}),
    ],
)
def test_reads_urls(typed: str, value: str, noted: set[str]) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.URL, value)
    assert codes(indicator) == noted


@pytest.mark.parametrize("typed", ["evil.example:443", "203.0.113.7:443", "[2001:db8::7]:443", "evil.example:80"])
def test_a_port_makes_no_link_of_an_entry_for_urls_either(typed: str) -> None:
    with pytest.raises(InvalidIndicator, match="with a port") as caught:
        read_as(Kind.URL, typed)
    assert "https://" in caught.value.remedy


def test_a_password_is_in_no_note() -> None:
    assert not any("word" in note.text for note in read("https://user:word@evil.example/a").notes)


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        # the documented invalid entries
        ("contoso", "has no dot", ""),
        ("*.contoso.*", "star where none", ""),
        ("https://*.com", "whole top-level domain", "Type *.com/*."),
        ("*.pdf", "name of a file", ""),
        ("*contoso.com", "star where none", "*.contoso.com"),
        ("contoso.com*", "star where none", "contoso.com/*"),
        ("*1.2.3.4", "star where none", "type 1.2.3.4"),
        ("1.2.3.4*", "star where none", "1.2.3.4/*"),
        ("contoso.com/a*", "straight after a slash", "contoso.com/*"),
        ("contoso.com/ab*", "straight after a slash", ""),
        ("*", "star where none", ""),
        ("*.*", "star where none", ""),
        ("conto*so.com", "star where none", ""),
        ("conto~so.com", "~ where none can be", ""),
        ("contoso.com/**", "straight after a slash", ""),
        ("contoso.com/*/*", "one at most", ""),
        # and what follows from the rules
        ("*.com*", "star where none", ""),
        ("contoso.com/*/a", "one at most", "contoso.com/*"),
        ("contoso.com/a?b=*", "star in its query", "%2A"),
        ("contoso.com/*?a=b", "one at most", ""),
        ("~conto~so.com", "~ where none can be", ""),
        ("contoso.com~", "~ where none can be", "~contoso.com~"),
        ("~contoso.com~/a", "path after the right ~", "~contoso.com~"),
        ("~contoso", "has no dot", ""),
        ("~1.1.1.1", "no star or tilde", "1.1.1.1/*"),
        ("*.1.1.1.1/*", "no star or tilde", "1.1.1.1/*"),
        ("~[2606:4700::1]/", "no star or tilde", ""),
        ("https://contoso/a", "has no dot", ""),
        ("https://.com/a", "nothing before its first dot", ""),
        ("https:///", "names no host", ""),
        ("file:///etc/hosts", "leads to no host", ""),
        ("http://localhost/a", "has no dot", ""),
        # a host with a port says where something connected, and is no link
        (
            "evil.example:25",
            "a host with a port",
            "For its mail type evil.example; for links to it type https://evil.example.",
        ),
        ("contoso.com:443", "a host with a port", "https://contoso.com"),
        ("evil[.]example[:]443", "a host with a port", "https://evil.example"),
        ("<http://evil.example:25|evil.example:25>", "a host with a port", "https://evil.example"),
        ("user@evil.example:25", "an address with a port", "Type the address alone: user@evil.example."),
        # a user and a password are read behind a scheme only
        ("user:word@evil.example", "begins with ‘user:’", "Type word@evil.example alone"),
        ("foo:evil.example/a", "begins with ‘foo:’", "Type evil.example/a alone"),
        # an address or a URL? never guessed
        ("user@evil.example/a", "can't have ‘/’", ""),
        ("user@evil.example?a", "can't have ‘?’", ""),
        ("https://evil.e/a", "can't be a top-level domain", ""),
        ("https://ev_il/", "has no dot", ""),
        ("https://evil.example/" + "a" * 250, "263 characters long", "evil.example/*"),
        ("https://evil.example/a b", "more than one word", ""),
        ("https://[2001:db8::g]/", "isn't an IPv6", ""),
    ],
)
def test_refuses_what_is_no_url(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy


def test_a_url_of_250_characters_is_taken() -> None:
    path = "/" + "a" * (250 - len("evil.example/"))
    assert read(f"https://evil.example{path}").value == f"evil.example{path}"
