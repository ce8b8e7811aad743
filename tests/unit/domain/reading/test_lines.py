"""The grammar of one line: indicators, what stands behind them, and what nobody could tell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read, read_as
from bot.domain.reading.command_text import read_lines
from bot.domain.reading.lines import line_of, read_as_logged, read_line, read_only
from bot.errors import InvalidIndicator

NETS = ["203.0.113.0/24", "198.51.100.0/24"]


def values(line: str) -> list[str]:
    return [indicator.value for indicator in read_line(line).indicators]


@pytest.mark.parametrize(
    ("line", "found", "remark"),
    [
        # a slash makes no URL of a network
        ("203.0.113.0/24,198.51.100.0/24", NETS, ""),
        ("203.0.113.0/24;198.51.100.0/24", NETS, ""),
        ("203.0.113.0/24|198.51.100.0/24", NETS, ""),
        ("203.0.113.0/24, 198.51.100.0/24", NETS, ""),
        ("203.0.113.0/24\t198.51.100.0/24", NETS, ""),
        ("203[.]0[.]113[.]0/24,198.51.100.0/24", NETS, ""),
        ("2001:db8::/64,2001:db8:1::/64", ["2001:db8::/64", "2001:db8:1::/64"], ""),
        ("203.0.113.0/24,Spray", ["203.0.113.0/24"], "Spray"),
        ("203.0.113.64/26,spray, since May", ["203.0.113.64/26"], "spray, since May"),
        # URLs with commas in them, and several of them
        ("https://evil.example/a,b", ["evil.example/a,b"], ""),
        ("https://evil.example/a;jsessionid=1", ["evil.example/a;jsessionid=1"], ""),
        ("https://evil.example/@59.3,18.06,15z", ["evil.example/@59.3,18.06,15z"], ""),
        ("https://evil.example/a,https://evil2.example/b", ["evil.example/a", "evil2.example/b"], ""),
        ("hxxps://evil[.]example/a;hxxps://evil2[.]example/b", ["evil.example/a", "evil2.example/b"], ""),
        ("evil.example?x=1;y=2", ["evil.example/?x=1;y=2"], ""),
        ("evil.example?x=1,2", ["evil.example/?x=1,2"], ""),
        ("https://evil.example/?u=a,b&c=d|e", ["evil.example/?u=a,b&c=d|e"], ""),
        ("https://evil.example/a, evil2.example", ["evil.example/a", "evil2.example"], ""),
        ("https://evil.example/a evil2.example", ["evil.example/a", "evil2.example"], ""),
        ('"https://evil.example/a,evil2.example"', ["evil.example/a,evil2.example"], ""),
        ("<https://evil.example/a,evil2.example>", ["evil.example/a,evil2.example"], ""),
        ("https://evil.example/a|phish kit", ["evil.example/a"], "phish kit"),
        # fields in quotation marks
        ('"https://evil.example/a","phish kit"', ["evil.example/a"], "phish kit"),
        ('"evil.example", "phish, kit"', ["evil.example"], "phish, kit"),
        ("'evil.example','phish kit'", ["evil.example"], "'phish kit'"),
        ('"evil.example, bad.example"', ["evil.example", "bad.example"], ""),
        ('"Guy, Bad" <bad@evil.example>, evil.example', ["bad@evil.example", "evil.example"], ""),
        ("Bad Guy <bad@evil.example>", ["bad@evil.example"], ""),
        ("Bad Guy <a@evil.example>; The Other <b@evil.example>", ["a@evil.example", "b@evil.example"], ""),
        ("a@evil.example, Bad Guy &lt;b@evil.example&gt;, c@evil.example", [f"{n}@evil.example" for n in "abc"], ""),
        ("a@evil.example, Bad Guy, <b@evil.example>", ["a@evil.example"], "Bad Guy, <b@evil.example>"),
        # a name that could be listed, with its address
        ("From: ceo@good.example <eve@evil.example>", ["eve@evil.example"], ""),
        ("ceo@good.example <eve@evil.example>", ["eve@evil.example"], ""),
        ("The boss ceo@good.example <eve@evil.example>", ["eve@evil.example"], ""),
        ("ceo@good.example [mailto:eve@evil.example]", ["eve@evil.example"], ""),
        ("The boss [mailto:eve@evil.example]", ["eve@evil.example"], ""),
        ("From: good.example <eve@evil.example>", ["eve@evil.example"], ""),
        ("eve@evil.example (eve@evil.example)", ["eve@evil.example"], ""),
        ("(evil.example) (bad.example)", ["evil.example", "bad.example"], ""),
        ("evil.example (bad page)", ["evil.example"], "(bad page)"),
        ("a@x.example <b@y.example>; c@x.example <d@y.example>", ["b@y.example", "d@y.example"], ""),
        ("<a@x.example> <b@y.example>", ["a@x.example", "b@y.example"], ""),
        # lines of other programs
        ("0.0.0.0 evil.example # ads", ["evil.example"], "ads"),
        ("127.0.0.1\tevil.example evil2.example", ["evil.example", "evil2.example"], ""),
        ("v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all", ["203.0.113.0/24", "2001:db8::/32"], ""),
        # comments behind data
        ("192.0.2.0/24 ; SBL123", ["192.0.2.0/24"], "SBL123"),
        ("evil.example # phishing, May", ["evil.example"], "phishing, May"),
        ("evil.example # see https://report.example", ["evil.example"], "see https://report.example"),
        ("evil.example // see report.example", ["evil.example"], "see report.example"),
        ("evil.example - phishing", ["evil.example"], "phishing"),
        ("evil.example\tphish kit", ["evil.example"], "phish kit"),
        # comments alone
        ("# evil.example", [], ""),
        ("; Spamhaus DROP list", [], ""),
        ("// evil.example", [], ""),
        # two domains are two domains
        ("evil.example,evil2.example", ["evil.example", "evil2.example"], ""),
        ("evil.example, 203.0.113.0/24", ["evil.example", "203.0.113.0/24"], ""),
        ("spoof evil.example, 203.0.113.0/24", ["evil.example, 203.0.113.0/24"], ""),
        ("spoof: *, evil.example", ["*, evil.example"], ""),
        ("spoof evil.example, * # seen twice", ["evil.example, *"], "seen twice"),
        # words between them
        ("evil.example and bad.example", ["evil.example", "bad.example"], ""),
        ("evil.example und bad.example, bad@evil.example", ["evil.example", "bad.example", "bad@evil.example"], ""),
        ("evil.example & bad.example", ["evil.example", "bad.example"], ""),
        ("evil.example &amp; bad.example", ["evil.example", "bad.example"], ""),
        ("evil.example and subdomains", ["evil.example", "*.evil.example"], ""),
        ("evil.example + subdomains", ["evil.example", "*.evil.example"], ""),
        ("evil.example with all its subdomains", ["evil.example", "*.evil.example"], ""),
        ("evil.example (incl. subdomains)", ["evil.example", "*.evil.example"], ""),
        ("evil.example und Subdomains", ["evil.example", "*.evil.example"], ""),
        ("evil.example inklusive aller Subdomains", ["evil.example", "*.evil.example"], ""),
        ("evil.example et sous-domaines", ["evil.example", "*.evil.example"], ""),
        ("a.example, b.example and subdomains", ["a.example", "b.example", "*.a.example", "*.b.example"], ""),
        ("evil.example and subdomain www.evil.example", ["evil.example", "www.evil.example"], ""),
        ("evil.example and subdomains of it", ["evil.example", "*.evil.example"], ""),
        ("evil.example and subdomains of evil2.example", ["evil.example", "*.evil2.example"], ""),
        ("evil.example and the subdomains of evil[.]example", ["evil.example", "*.evil.example"], ""),
        # labels
        ("From: bad@evil.example", ["bad@evil.example"], ""),
        ("From: Bad Guy <bad@evil.example>", ["bad@evil.example"], ""),
        ("De: bad@evil.example", ["bad@evil.example"], ""),
        ("IP Address: 203.0.113.9", ["203.0.113.9"], ""),
        ("Source IP: 203.0.113.9, IP address: 198.51.100.7", ["203.0.113.9", "198.51.100.7"], ""),
        ("Sender IP Address: 203.0.113.9", ["203.0.113.9"], ""),
        ("Source IP: 203.0.113.5 - 203.0.113.9", ["203.0.113.5-203.0.113.9"], ""),
        ("CIP:203.0.113.9, ip4: 198.51.100.0/24", ["203.0.113.9", "198.51.100.0/24"], ""),
        # items of a list
        ("- evil.example", ["evil.example"], ""),
        ("• evil.example", ["evil.example"], ""),
        ("2. evil.example", ["evil.example"], ""),
        ("12) 203.0.113.7", ["203.0.113.7"], ""),
        ("&gt; evil.example", ["evil.example"], ""),
    ],
)  # fmt: skip
def test_what_a_line_says(line: str, found: list[str], remark: str) -> None:
    reading = read_line(line)
    assert [str(problem) for problem in reading.problems] == []
    assert [indicator.value for indicator in reading.indicators] == found
    assert (reading.remark, reading.unplaced) == (remark, "")


@pytest.mark.parametrize(
    ("line", "found", "words"),
    [
        ("evil.example is ours, don't block", ["evil.example"], "is ours, don't block"),
        ("evil.example see bad.example", ["evil.example"], "see bad.example"),
        ("evil.example and phishing", ["evil.example"], "and phishing"),
        ("evil.example 30d", ["evil.example"], "30d"),
    ],
)
def test_words_that_nothing_sets_apart(line: str, found: list[str], words: str) -> None:
    reading = read_line(line)
    assert [indicator.value for indicator in reading.indicators] == found
    assert (reading.remark, reading.unplaced) == ("", words)


@pytest.mark.parametrize(
    ("line", "found", "what", "remedy"),
    [
        ("https://evil.example/a,evil2.example", [], "or several indicators", "into quotation marks"),
        ("https://evil.example/a;203.0.113.7", [], "or several indicators", "a space or a new line"),
        ("evil.example?a=1,evil2.example", [], "or several indicators", "a space or a new line"),
        ("https://evil.example/?a=1|evil2.example", [], "with a bar in it, or several", "a space or a new line"),
        ("https://evil.example/?a=b|phish", [], "and the remark ‘phish’", "into quotation marks"),
        ("https://evil.example/a;30d", [], "with a semicolon in it, or a URL and how long ‘30d’", "a space in front"),
        ("https://evil.example/a,2027-12-31", [], "and how long ‘2027-12-31’", "into quotation marks"),
        ("https://evil.example/a,never", [], "and how long ‘never’", "into quotation marks"),
        ("evil.example/a,bad@evil.example", [], "or several indicators", "into quotation marks"),
        ("https://evil.example/a，evil2.example", [], "or several indicators", "into quotation marks"),
        ("203.0.113.0/24#spray", [], "can be a network with something else", "Type 203.0.113.0/24 for the network"),
        ("203.0.113.7:25/tcp", [], "with a port", "For its mail type 203.0.113.7"),
        ("https://evil.example/a,phish", [], "and the remark ‘phish’", "into quotation marks"),
        ("https://evil.example/a;phish", [], "and the remark ‘phish’", "into quotation marks"),
        ("https://evil.example/a,phish https://evil2.example/b", ["evil2.example/b"], "and the remark", "quotation"),
        ("https://evil.example/a,phish kit", [], "and the remark ‘phish’", "a space in front of what"),
        ("*, 203.0.113.0/24", ["203.0.113.0/24"], "‘*’ alone names nothing", "begins with the word spoof"),
        ("contoso.com, *", ["contoso.com"], "‘*’ alone names nothing", "begins with the word spoof"),
        ("spoof contoso.com", [], "names no pair", "spoof fabrikam.com, 203.0.113.0/24"),
        ("spoof 203.0.113.0/24, evil.example", [], "is an IP address", "spoof evil.example, 203.0.113.0/24"),
        (
            "www.good.example<https://evil.example/a> spray",
            [],
            "shows ‘www.good.example’ but leads to",
            "one of the two",
        ),
        ("evil.example#phish spray", [], "with a remark behind it, or a link", "evil.example # phish"),
        ("203.0.113.7#spray", [], "with a remark behind it, or a link", "203.0.113.7 # spray"),
        ("URL: bob@evil.example", [], "stands before a mail address", "bob@evil.example alone"),
        (
            "url evil.example",
            [],
            "url stands before a domain",
            "evil.example alone if that is meant, or url: evil.example",
        ),
        ("ip evil.example", [], "ip stands before a domain", "Type evil.example alone if that is meant."),
        ("the sender 203.0.113.7", [], "the sender stands before an IPv4 address", "203.0.113.7 alone"),
        ("domain https://evil.example/x", [], "domain stands before a URL", "evil.example/x alone"),
        ("ipv6 203.0.113.7", [], "ipv6 stands before an IPv4 address", "203.0.113.7 alone"),
        ("hash " + "d41d8cd98f00b204" * 2, [], "is an MD5 hash", "SHA-256"),
        ("[good.example](https://evil.example) spray", [], "shows ‘good.example’ but leads to", "one of the two"),
        ("[Click here](https://evil.example/a)", [], "shows ‘Click here’ but leads to", "one of the two"),
        ("spoof contoso.com, 203.0.113.7", [], "a single IP address", "Type 203.0.113.0/24."),
        ("203.0.113.7 and subdomains", ["203.0.113.7"], "stands behind no domain", "evil.example and subdomains"),
        (
            "ceo@good.example (eve@evil.example)",
            [],
            "can be the name before eve@evil.example",
            "eve@evil.example alone",
        ),
        ("good.example <eve@evil.example>", [], "can be the name before eve@evil.example", "a line of its own"),
        *[
            (f"{first} {second}", [first], "or only say more about", "only what is to be listed")
            for first, second in (
                ("evil.example", "(203.0.113.7)"),
                ("203.0.113.7", "[mail.evil.example]"),
                ("eve@evil.example", "(evil[.]example)"),
                ("evil.example", "(good.example)"),
            )
        ],
        ("Domain: evil.example (203.0.113.7)", ["evil.example"], "or only say more about", "only what is to be listed"),
        (r"evil.example\evil2.example", [], "short for two", "a space between two"),
        ("evil.example report.zip", ["evil.example"], "a file's name or a domain", "write report[.]zip"),
        (f"{'a' * 64},evil.zip", ["a" * 64], "a file's name or a domain", "write evil[.]zip"),
        (f"evil.mov {'a' * 64}", ["a" * 64], "a file's name or a domain", "write evil[.]mov"),
        ("evil.example and subdomains evil2.example", ["evil.example"], "whose subdomains", "with a star"),
        ("a.example and subdomains of b.example, c.example", ["a.example", "c.example"], "whose", "with a star"),
        ("evil.example and subdomains of spammers", ["evil.example"], "whose subdomains", "with a star"),
        ("no idea", [], "‘no idea’ names nothing", "Type what it is about"),
        ("evil,example", [], "‘evil,example’ names nothing", "Type what it is about"),
        ("evil ;\texample,", [], "‘evil ; example’ names nothing", "Type what it is about"),
        ("evil - example", [], "‘evil - example’ names nothing", "Type what it is about"),
        ("300.1.1.1", [], "300.1.1.1", ""),
    ],
)
def test_what_nobody_could_tell_is_asked(line: str, found: list[str], what: str, remedy: str) -> None:
    reading = read_line(line)
    assert [indicator.value for indicator in reading.indicators] == found
    (problem,) = reading.problems
    assert what in problem.what
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    "written",
    [
        '"https://evil.example/a,evil2.example"',
        '"https://evil.example/a,phish"',
        "https://evil.example/a evil2.example",
        "https://evil.example/a, kit",
    ],
)
def test_what_the_remedy_says_works(written: str) -> None:
    assert read_line(written).problems == ()


@pytest.mark.parametrize(
    ("line", "found", "rest"),
    [
        ("203.0.113.1 to 203.0.113.9", "203.0.113.1-203.0.113.9", ""),
        ("203.0.113.1 bis 203.0.113.9 spray", "203.0.113.1-203.0.113.9", "spray"),
        ("203.0.113.1 through 203.0.113.9, spray", "203.0.113.1-203.0.113.9", "spray"),
        ("IP: 203.0.113.1 to 203.0.113.9", "203.0.113.1-203.0.113.9", ""),
        ("203.0.113.1 … 203.0.113.9", "203.0.113.1-203.0.113.9", ""),
        ("203.0.113.1 ... 203.0.113.9 spray", "203.0.113.1-203.0.113.9", "spray"),
        ("203.0.113.1 ~ 203.0.113.9", "203.0.113.1-203.0.113.9", ""),
        ("203.0.113.0 /24", "203.0.113.0/24", ""),
        ("203.0.113.0 \\24", "203.0.113.0/24", ""),
        ("203.0.113.0 (/24) spray", "203.0.113.0/24", "spray"),
        ("203.0.113.0/ 24", "203.0.113.0/24", ""),
        ("203.0.113.0 / 24", "203.0.113.0/24", ""),
        ("2001:db8:: /32", "2001:db8::/32", ""),
        ("203.0.113.0 255.255.255.0", "203.0.113.0/24", ""),
        ("203.0.113.0, 255.255.255.0, spray", "203.0.113.0/24", "spray"),
        ("203.0.113[.]0 255.255.255[.]0", "203.0.113.0/24", ""),
        ("203.0.113.0 mask 255.255.255.0 spray", "203.0.113.0/24", "spray"),
        ("IP: 203.0.113.0 255.255.255.0", "203.0.113.0/24", ""),
        ('"203.0.113.0 255.255.255.0"', "203.0.113.0/24", ""),
        # what stands behind an address and is no part of a network
        ("203.0.113.5 to mailbox", "203.0.113.5", "to mailbox"),
        ("203.0.113.0 24 times", "203.0.113.0", "24 times"),
        ("203.0.113.7 24", "203.0.113.7", "24"),
        ("203.0.113.5 -> spam", "203.0.113.5", "-> spam"),
        ("203.0.113.5 24/7 attacks", "203.0.113.5", "24/7 attacks"),
    ],
)
def test_a_range_or_network_with_spaces_in_it(line: str, found: str, rest: str) -> None:
    reading = read_line(line)
    assert [indicator.value for indicator in reading.indicators] == [found]
    assert (reading.rest, reading.problems) == (rest, ())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("203.0.113.0 0.0.0.255", "no usable netmask"),
        ("203.0.113.0 255.255.0.0", "widest network"),
        ("203.0.113.0 24", "can be a network, or an address and a remark"),
        ("203.0.113.0,24", "can be a network, or an address and a remark"),
        ("203.0.113.0\t24", "can be a network, or an address and a remark"),
        ("203.0.113.1 -> 203.0.113.9", "can be a range, or the way of a message"),
        ("203.0.113.1 -&gt; 203.0.113.9", "can be a range, or the way of a message"),
        ("203.0.113.1 to 9", "only a part of the range's last address"),
        ("203.0.113.1 bis .9", "only a part of the range's last address"),
        ("203.0.113.9 to 203.0.113.1", "ends before it starts"),
        ("2001:db8::1 to 2001:db8::9", "a range of IPv6 addresses"),
    ],
)
def test_a_range_or_network_with_spaces_that_no_list_takes(line: str, what: str) -> None:
    reading = read_line(line)
    assert reading.indicators == ()
    assert [what in problem.what for problem in reading.problems] == [True]


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("[evil.example](https://evil.example)", Kind.URL, "evil.example"),
        # As Outlook and Teams copy a name or a link with its target behind it.
        ("Guy<mailto:bob@evil.example>", Kind.ADDRESS, "bob@evil.example"),
        ("good.example<mailto:eve@evil.example>", Kind.ADDRESS, "eve@evil.example"),
        ("https://evil.example/a<https://evil.example/a>", Kind.URL, "evil.example/a"),
        ("anna_fabrikam.com#EXT#@evil.example", Kind.ADDRESS, "anna_fabrikam.com%23ext%23@evil.example"),
        ("[https://evil.example/a_(b)](https://evil.example/a_(b)).", Kind.URL, "evil.example/a_(b)"),
        ("[evil[.]example](https://evil.example)", Kind.URL, "evil.example"),
        (r"[evil\[.\]example](hxxps://evil[.]example)", Kind.URL, "evil.example"),
        ("[evil.example](<https://evil.example>)", Kind.URL, "evil.example"),
        ("[<http://evil.example|evil.example>](<https://evil.example>)", Kind.URL, "evil.example"),
        ("[203.0.113.7](http://203.0.113.7)", Kind.IPV4, "203.0.113.7"),
        ("[bob@evil.example](mailto:bob@evil.example)", Kind.ADDRESS, "bob@evil.example"),
        ("[](https://evil.example/a)", Kind.URL, "evil.example/a"),
    ],
)
def test_a_link_as_markdown_has_it(line: str, kind: Kind, value: str) -> None:
    for written in (line, f"{line} spray", f"198.51.100.7, {line}"):
        indicator = read_line(written).indicators[-1]
        assert (indicator.kind, indicator.value) == (kind, value)
    assert read(line).value == value


@pytest.mark.parametrize("mark", ["，", "；", "、", " ，", "， ", "、 "])
def test_commas_of_other_scripts_stand_between_indicators_as_well(mark: str) -> None:
    assert values(f"203.0.113.0/24{mark}198.51.100.0/24{mark}evil.example") == [
        "203.0.113.0/24",
        "198.51.100.0/24",
        "evil.example",
    ]
    assert read_line(f"203.0.113.0/24{mark}spray").remark == "spray"


def test_two_tokens_of_one_text_are_one_indicator() -> None:
    assert values("evil.example, EVIL.example hxxp://evil.example") == ["evil.example", "evil.example"]


@pytest.mark.parametrize("text", ["spoof a.example, *", "evil.example", "https://a.example/a,b", "From: a@b.example"])
def test_a_text_that_has_to_name_just_one(text: str) -> None:
    assert read_only(text) == read_line(text).indicators[0]


@pytest.mark.parametrize("text", ["", "no idea", "a.example, b.example", "evil.example phish", "300.1.1.1"])
def test_a_text_that_does_not(text: str) -> None:
    with pytest.raises(InvalidIndicator):
        read_only(text)


def test_a_pair_is_looked_up_as_the_log_has_it() -> None:
    assert read_as_logged("contoso.com, *") == read_only("spoof contoso.com, *")
    with pytest.raises(InvalidIndicator, match="more than one"):
        read_as_logged("a.example, b.example, c.example")


@pytest.mark.parametrize(
    "indicator",
    [
        read("evil.example"),
        read("*.evil.example"),
        read("https://evil.example"),
        read("https://evil.example/a,b;c"),
        read("https://evil.example/a?b=c|d#x"),
        read("~evil.example~"),
        read("o'neil@evil.example"),
        read('"a, b"@evil.example'),
        read("203.0.113.5-203.0.113.9"),
        read("2001:db8::/64"),
        read_as(Kind.SPOOF_PAIR, "*, 203.0.113.0/24"),
        read_as(Kind.URL, "evil.example"),
        read("http://203.0.113.0/24"),
        read("http://203.0.113.0/24(spray)"),
        read("http://203.0.113.0/24/a,b"),
        read("http://[2001:db8::]/32"),
    ],
)
def test_an_indicator_as_a_line_reads_as_itself(indicator: Indicator) -> None:
    again = read_only(line_of(indicator))
    assert (again.kind, again.value) == (indicator.kind, indicator.value)


PIECES = st.sampled_from(
    [
        *" ,;|\t\"'`“”„()<>#/*-&",
        *["evil.example", "203.0.113.0/24", "https://evil.example/a", "a@b.example", "spoof", "and", "subdomains"],
        *["From:", "ip4:", "phish kit", "203.0.113.5", " - ", "//", "&lt;", "[.]", "hxxps://", "30d", "*.", '""'],
    ]
)


@example("` `")
@example("-```")
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)))
def test_whatever_a_line_says_it_is_read(line: str) -> None:
    reading = read_line(line)
    assert len({(found.kind, found.value) for found in reading.indicators}) == len(reading.indicators)
    assert not (reading.remark and reading.unplaced)
    assert all(problem.what for problem in reading.problems)
    assert "\n" not in reading.remark
    strict, problems = read_lines(line)
    is_empty_code = not line.strip("` \t-")  # a pasted code block with nothing in it, or with a lone dash, is no line
    assert is_empty_code or bool(reading.problems or reading.unplaced or reading.remark) <= bool(problems)
    assert len(strict) >= len(reading.indicators) or "\n" in line or "\r" in line


def test_a_name_that_is_left_out_is_told() -> None:
    (indicator,) = read_line("ceo@good.example <eve@evil.example>").indicators
    assert [note.text for note in indicator.notes] == ["The display name ‘ceo@good.example’ was left out."]
