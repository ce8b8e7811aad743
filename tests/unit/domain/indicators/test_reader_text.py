"""Defanging and its undoing, Slack's link forms, and properties that hold for whatever anybody types."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.reader import read, read_as
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import MAX_TYPED, unescape
from bot.errors import InvalidIndicator


@pytest.mark.parametrize(
    ("defanged", "plain"),
    [
        ("evil.example", "evil.example"),
        ("https://evil.example/a.b?c=d", "https://evil.example/a.b?c=d"),
        # schemes
        ("hxxp://evil.example", "http://evil.example"),
        ("hXXps://evil.example", "https://evil.example"),
        ("HXXP://evil.example", "http://evil.example"),
        ("h**p://evil.example", "http://evil.example"),
        ("h**ps://evil.example", "https://evil.example"),
        ("htxp://evil.example", "http://evil.example"),
        ("hxtps://evil.example", "https://evil.example"),
        ("h__ps://evil.example", "https://evil.example"),
        ("meow://evil.example", "http://evil.example"),
        ("meows://evil.example", "https://evil.example"),
        ("fxp://evil.example", "ftp://evil.example"),
        ("hxxp[s]://evil.example", "https://evil.example"),
        ("hxxp[:]//evil.example", "http://evil.example"),
        ("hxxp[://]evil.example", "http://evil.example"),
        ("hxxps(://)evil.example", "https://evil.example"),
        ("hxxp[:/]/evil.example", "http://evil.example"),
        (r"http:\\evil.example", "http://evil.example"),
        (r"http:\/\/evil.example\/a", "http://evil.example/a"),
        (r"hxxp[:\\]evil.example", "http://evil.example"),
        ("http:/evil.example", "http://evil.example"),
        ("hxxp : //evil.example", "http://evil.example"),
        # dots
        ("evil[.]example", "evil.example"),
        ("evil(.)example", "evil.example"),
        ("evil{.}example", "evil.example"),
        ("evil[dot]example", "evil.example"),
        ("evil(DOT)example", "evil.example"),
        ("evil{dot}example", "evil.example"),
        ("evil [.] example", "evil.example"),
        ("evil[ . ]example", "evil.example"),
        ("evil[[.]]example", "evil.example"),
        ("evil[.example", "evil.example"),
        ("evil.]example", "evil.example"),
        (r"evil\.example", "evil.example"),
        (r"evil[\.]example", "evil.example"),
        ("evil[[[.]]]example", "evil.example"),
        ("evil({[.]})example", "evil.example"),
        ("[" * 900 + "." + "]" * 900, "."),
        (r"evil\\\.example", "evil.example"),
        ("https:////evil.example", "https://evil.example"),
        # what has no partner stays
        ("(see evil[.]example)", "(see evil.example)"),
        ("evil.example/f([.])", "evil.example/f."),
        ("evil.example/a_(b[.])", "evil.example/a_(b.)"),
        ("203[.]0[.]113[.]7", "203.0.113.7"),
        # @ and others
        ("a[@]evil.example", "a@evil.example"),
        ("a[at]evil[dot]example", "a@evil.example"),
        ("a(at)evil.example", "a@evil.example"),
        ("a{AT}evil.example", "a@evil.example"),
        ("evil.example[/]a", "evil.example/a"),
        ("evil.example[:]443", "evil.example:443"),
        # not defanged: prose, brackets that mean something, IPv6
        ("evil dot example", "evil dot example"),
        ("a at evil.example", "a at evil.example"),
        ("evil.example/a_(b)", "evil.example/a_(b)"),
        ("evil.example/a[1]", "evil.example/a[1]"),
        ("[2001:db8::7]", "[2001:db8::7]"),
        ("http.example", "http.example"),
        ("hxxp.example", "hxxp.example"),
    ],
)
def test_refang(defanged: str, plain: str) -> None:
    assert refang(defanged) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("<https://x.example|x.example>", "https://x.example"),
        ("<http://x.example|x.example>", "x.example"),
        ("<http://X.example|x.EXAMPLE>", "x.EXAMPLE"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<mailto:a@b.example>", "a@b.example"),
        ("<https://x.example/?a=1&amp;b=2|https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
        ("a <http://x.example|x.example> b", "a x.example b"),
        ("<a@b.example>", "<a@b.example>"),
        ("1 < 2 > 1", "1 < 2 > 1"),
    ],
)
def test_slacks_links_become_what_was_typed(typed: str, plain: str) -> None:
    assert unlink(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("a&amp;b", "a&b"),
        ("&lt;a&gt;", "<a>"),
        ("&amp;lt;", "<"),
        ("&amp;amp;amp;", "&"),
        ("&quot;&nbsp;", "&quot;&nbsp;"),
    ],
)
def test_entities(typed: str, plain: str) -> None:
    assert unescape(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("(a.example)", "a.example"),
        ("'\"a.example\"'", "a.example"),
        ("a.example),", "a.example"),
        ("a.example/(b)", "a.example/(b)"),
        ("(a.example/(b))", "a.example/(b)"),
        ("(a.example) (", "a.example"),
        ('"a b"@c.example', '"a b"@c.example'),
        ("::", "::"),
        ("2001:db8::.", "2001:db8::"),
        ("!?", ""),
        ("(" * 900 + "a" + ")" * 900, "a"),
        ("(" * 900 + "a", "a"),
        ("a" + ")" * 900, "a"),
        ("\"'" * 400 + "a" + "'\"" * 400, "a"),
        ("- - - a", "a"),
        ("(a) and (b)", "(a) and (b)"),
    ],
)
def test_unwrap(typed: str, plain: str) -> None:
    assert unwrap(typed) == plain


#: Pieces of what people type, so that the properties below meet more than noise.
PIECES = st.sampled_from(
    [
        *"./@:*~-–,; <>|()[]{}\\?#%='\"`$…“üа☃１．a",
        *["evil", "example", "com", "xn--", "http", "hxxps", "mailto:", "sha256:", "spoof", "30d", "f" * 64],
        *["203", "0x7f", "010", "/24", "::", "2001:db8::", "*.", "/*", "//", "://", "..", "[.]", "(dot)", "[at]"],
        *["&amp;", "&lt;", "%2B", "%22", "\u200b", "\u202e", "\ud800", "\x00"],
        *["From:", "ip4:", "URL:", "SHA256=", "foo:", ":25", "#/a", "*.top", "a@", "<mailto:", "|"],
        *["https://x.safelinks.protection.outlook.com/?url=", "https%3A%2F%2F", "&data=", "urldefense.com", "/v3/__"],
        *["__;", "!!", "google.com/url?q=", "l.wl.co/l?u=", "protect.checkpoint.com/v2/___", "___."],
    ]
)
TYPED = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=40),
    st.lists(PIECES, max_size=14).map("".join),
)


@given(TYPED)
@example("http://\ud800.example")
@example("[" * 500 + "." + "]" * 500)
@example("a@" + "\"'" * 300)
@example("xn--\uff0e.com")
@example("𐄀.example")
@example("/#([")
def test_whatever_is_typed_it_is_read_or_refused_with_a_reason(text: str) -> None:
    outcome: Indicator | InvalidIndicator
    try:
        outcome = read(text)
    except InvalidIndicator as error:
        outcome = error
    if isinstance(outcome, InvalidIndicator):
        assert outcome.what
        assert str(outcome).isprintable()
    else:
        assert all(note.text.strip() for note in outcome.notes)
        assert outcome.value
        assert outcome.value.isascii()
        assert outcome.value.isprintable()
        assert all(note.text.isprintable() for note in outcome.notes)


@given(TYPED)
@example("https://evil.example/a).#f")
@example("https://evil.example/a?#")
@example("evil.example/&amp;amp;lt;")
@example("evil.example/[[.]]")
@example("evil.example/a'(")
@example("https://[2001:db8::7]/")
def test_a_normal_form_reads_as_itself(text: str) -> None:
    try:
        indicator = read(text)
    except InvalidIndicator:
        return
    again = read_as(indicator.kind, indicator.value)
    assert (again.kind, again.value) == (indicator.kind, indicator.value)
    if indicator.kind is not Kind.URL or "/" in indicator.value[:-3]:
        # A URL without a path reads as a domain or an IP address when nothing says that it is a URL.
        assert read(indicator.value).value == indicator.value


@pytest.mark.parametrize("text", [r"https://good.example\@evil.example/a", r"hxxps://good.example:443\\@evil.example"])
def test_a_link_that_leads_browsers_elsewhere_than_others_is_refused(text: str) -> None:
    with pytest.raises(InvalidIndicator, match="backslash in front of its @"):
        read(text)


def test_an_at_sign_escaped_for_markdown_is_an_at_sign() -> None:
    assert read(r"bob\@evil.example").value == "bob@evil.example"


def test_what_is_defanged_over_and_over_is_refused() -> None:
    with pytest.raises(InvalidIndicator, match="within each other"):
        read(r"evil.example/" + r"[\ " * 60 + r"[\." + "]" * 60)


LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
HOST = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
IPV4 = st.ip_addresses(v=4).map(str)
INDICATORS = st.one_of(
    HOST.map(lambda host: (Kind.DOMAIN, host)),
    HOST.map(lambda host: (Kind.DOMAIN, f"*.{host}")),
    IPV4.map(lambda address: (Kind.IPV4, address)),
    IPV4.map(lambda address: (Kind.IPV4_NETWORK, f"{address}/32")),
    st.ip_addresses(v=6).filter(lambda a: a.ipv4_mapped is None).map(lambda a: (Kind.IPV6, str(a))),
    st.tuples(LABEL, HOST).map(lambda parts: (Kind.ADDRESS, "@".join(parts))),
    st.tuples(HOST, LABEL).map(lambda parts: (Kind.URL, "/".join(parts))),
    st.binary(min_size=32, max_size=32).map(lambda digest: (Kind.FILE, digest.hex())),
    st.tuples(HOST, HOST).map(lambda parts: (Kind.SPOOF_PAIR, ", ".join(parts))),
)


@given(INDICATORS, st.sampled_from(["{}", " {} ", "({}).", "“{}”", "`{}`,", "\u200b{}\u00a0"]))
def test_what_was_defanged_and_wrapped_reads_as_it_was(indicator: tuple[Kind, str], around: str) -> None:
    kind, value = indicator
    typed = around.format(defanged(value))
    read_back = read_as(kind, typed) if kind is Kind.SPOOF_PAIR else read(typed)
    assert (read_back.kind, read_back.value) == (kind, value)


@given(HOST, LABEL)
def test_a_defanged_link_reads_as_the_link(host: str, path: str) -> None:
    url = f"https://{host}/{path}"
    assert read(defanged(url)) == read(url) == read(f"<{url}|{url}>")


@pytest.mark.parametrize(
    "unit",
    ["[", "(.", "&amp;", "a.", "*.", "1.", "0x", ":", "%", '"', "a@", "<", "<a|", "\\", " ", "ü.", "~", "(", "[.]"],
)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * MAX_TYPED)[:MAX_TYPED]
    started = time.process_time()
    with pytest.raises(InvalidIndicator):
        read(text)
    # Far above what it takes (some milliseconds), far below what a runaway expression would.
    assert time.process_time() - started < 2


def test_notes_have_stable_codes_and_texts_for_people() -> None:
    indicator: Indicator = read("https://user@pаypal.example:8443/a#b")
    assert [note.code for note in indicator.notes] == [
        "scheme_stripped", "fragment_stripped", "user_stripped", "port_stripped", "punycode", "mixed_scripts"
    ]  # fmt: skip
    assert all(note.text.endswith(".") for note in indicator.notes)
