"""The grammar of slash commands, and the lines of the form's field."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import NoteCode
from bot.domain.lists.traits import Action
from bot.domain.reading.command_text import CommandText, read_command, read_field, read_lines
from bot.domain.reading.command_words import read_target
from bot.domain.reading.durations import NEVER, Lifetime

TODAY = date(2026, 3, 1)
MONTH = Lifetime(days=30)


def values(command: CommandText) -> list[str]:
    return [indicator.value for indicator in command.indicators]


@pytest.mark.parametrize(
    ("text", "found", "lifetime", "reason"),
    [
        ("evil.example", ["evil.example"], None, ""),
        ("evil.example 30d phishing campaign", ["evil.example"], MONTH, "phishing campaign"),
        ("evil.example phishing campaign", ["evil.example"], None, "phishing campaign"),
        ("evil.example never", ["evil.example"], NEVER, ""),
        ("evil.example 2026-12-31 till then", ["evil.example"], Lifetime(until=date(2026, 12, 31)), "till then"),
        ("30d", [], MONTH, ""),
        ("", [], None, ""),
        # several, however separated
        ("a.example b.example,c.example; d.example\ne.example", [f"{n}.example" for n in "abcde"], None, ""),
        ("a.example, b.example 30d x", ["a.example", "b.example"], MONTH, "x"),
        ("evil.example EVIL[.]example hxxp://evil.example", ["evil.example", "evil.example"], None, ""),
        # commas and semicolons inside URLs and Slack's entities
        ("https://a.example/x,y https://b.example/z why", ["a.example/x,y", "b.example/z"], None, "why"),
        ("https://a.example/x,https://b.example/y", ["a.example/x", "b.example/y"], None, ""),
        ("https://a.example/?a=1&amp;b=2; b.example", ["a.example/?a=1&b=2", "b.example"], None, ""),
        # ranges
        ("203.0.113.5-203.0.113.9 30d x", ["203.0.113.5-203.0.113.9"], MONTH, "x"),
        ("203.0.113.5 - 203.0.113.9 30d x", ["203.0.113.5-203.0.113.9"], MONTH, "x"),
        ("203.0.113.5 — 203.0.113.9", ["203.0.113.5-203.0.113.9"], None, ""),
        ("203.0.113.5 -- 203.0.113[.]9 x", ["203.0.113.5-203.0.113.9"], None, "x"),
        ("203.0.113.5- 203.0.113.9", ["203.0.113.5-203.0.113.9"], None, ""),
        ("203.0.113.5 –203.0.113.9", ["203.0.113.5-203.0.113.9"], None, ""),
        ("203.0.113.5.. 203.0.113.9 x", ["203.0.113.5-203.0.113.9"], None, "x"),
        ("203.0.113.5… 203.0.113.9", ["203.0.113.5-203.0.113.9"], None, ""),
        (
            "<http://203.0.113.5|203.0.113.5> - <http://203.0.113.9|203.0.113.9>",
            ["203.0.113.5-203.0.113.9"], None, "",
        ),
        ("203.0.113.5, 203.0.113.9", ["203.0.113.5", "203.0.113.9"], None, ""),
        ("203.0.113.5 - 20 reports since monday", ["203.0.113.5"], None, "20 reports since monday"),
        ("203.0.113.5 - 30d x", ["203.0.113.5"], MONTH, "x"),
        # Slack's forms
        ("<http://evil.example|evil.example> — seen by <@U123>", ["evil.example"], None, "seen by <@U123>"),
        ("<mailto:a@evil.example|a@evil.example> 30d “x”", ["a@evil.example"], MONTH, '"x"'),
        ("“Bad Guy” &lt;<mailto:a@evil.example|a@evil.example>&gt; x", ["a@evil.example"], None, "x"),
        ('"bad attacker"@evil.example x', ["%22bad%20attacker%22@evil.example"], None, "x"),
        ("evil [.] example x", ["evil.example"], None, "x"),
        ("user [at] evil [dot] example", ["user@evil.example"], None, ""),
        # how long, without spaces
        ("evil.example,phish,30d", ["evil.example"], MONTH, "phish"),
        ("evil.example;phish;2026-12-31", ["evil.example"], Lifetime(until=date(2026, 12, 31)), "phish"),
        ("0.0.0.0 evil.example 30d ads", ["evil.example"], MONTH, "ads"),
        ("v=spf1 ip4:203.0.113.0/24 -all 30d ads", ["203.0.113.0/24"], MONTH, "ads"),
        ("127.0.0.1 phishing tests", ["127.0.0.1"], None, "phishing tests"),
        # where the reason starts, though it has a full stop, a date, a slash
        ("evil.example phishing. Seen today.", ["evil.example"], None, "phishing. Seen today."),
        ("evil.example 24/7 spam", ["evil.example"], None, "24/7 spam"),
        ("evil.example 10:30 spam", ["evil.example"], None, "10:30 spam"),
        ("evil.example e.g. spam", ["evil.example"], None, "e.g. spam"),
        ("evil.example report.pdf was sent", ["evil.example"], None, "report.pdf was sent"),
        ("evil.example <@U0123ABCD> asked", ["evil.example"], None, "<@U0123ABCD> asked"),
        ("evil.example:  - because\nof   this", ["evil.example"], None, "because of this"),
        ("evil.example phish see https://good.example", ["evil.example"], None, "phish see https://good.example"),
        ("evil.example 30d good.example told us", ["evil.example"], MONTH, "good.example told us"),
        # a length of time in two words
        ("evil.example 7 days phishing", ["evil.example"], Lifetime(days=7), "phishing"),
        ("evil.example 2 Weeks", ["evil.example"], Lifetime(days=14), ""),
        ("evil.example 48 hours, phishing", ["evil.example"], Lifetime(days=2), "phishing"),
        ("evil.example - 1 day: phishing", ["evil.example"], Lifetime(days=1), "phishing"),
        ("203.0.113.5 - 20 days x", ["203.0.113.5"], Lifetime(days=20), "x"),
        ("spoof fabrikam.com, 203.0.113.0/24 7 days x", ["fabrikam.com, 203.0.113.0/24"], Lifetime(days=7), "x"),
        ("evil.example 7 phishing mails", ["evil.example"], None, "7 phishing mails"),
        ("evil.example 7, days", ["evil.example"], None, "7, days"),
        ("evil.example 2 hours ago it came", ["evil.example"], None, "2 hours ago it came"),
        ("evil.example 5 minutes after the first", ["evil.example"], None, "5 minutes after the first"),
        # words of a sentence that could be read as hosts
        ("evil.example Readme.md says so", ["evil.example"], None, "Readme.md says so"),
        ("evil.example <http://Readme.md|Readme.md> x", ["evil.example"], None, "<http://Readme.md|Readme.md> x"),
        ("evil.example readme.md says so", ["evil.example"], None, "readme.md says so"),
        ("evil.example Invoice.zip was attached", ["evil.example"], None, "Invoice.zip was attached"),
        ("evil.example sentence.Another follows", ["evil.example"], None, "sentence.Another follows"),
        ("evil.example config.foobar/x in b.example", ["evil.example"], None, "config.foobar/x in b.example"),
        ("Readme.md says so", ["readme.md"], None, "says so"),
        ("host.foobar x", ["host.foobar"], None, "x"),
        ("evil.example other[.]md https://evil.zip x", ["evil.example", "other.md", "evil.zip"], None, "x"),
        ("evil.example Www.Contoso.MD x", ["evil.example", "www.contoso.md"], None, "x"),
        ("evil.example Readme[.]md other[.]foobar", ["evil.example", "readme.md", "other.foobar"], None, ""),
        ("evil.example https://Readme.md a@b.foobar", ["evil.example", "readme.md", "a@b.foobar"], None, ""),
        (
            "evil.example a.test b.invalid c.local d.com e.co.uk",
            ["evil.example", "a.test", "b.invalid", "c.local", "d.com", "e.co.uk"], None, "",
        ),
        ("evil.example pay\u202eload\x07", ["evil.example"], None, "payload"),
    ],
)  # fmt: skip
def test_a_command_without_problems(text: str, found: list[str], lifetime: Lifetime | None, reason: str) -> None:
    command = read_command(text, today=TODAY)
    assert values(command) == found
    assert command.problems == ()
    assert command.lifetime == lifetime
    assert command.reason == reason
    assert not command.wants_help


FIELDS = [
    ('"evil.example","30d","phish kit"', MONTH, '"phish kit"'),
    ("evil.example;30d;phish kit", MONTH, "phish kit"),
    ("evil.example|30d|phish kit", MONTH, "phish kit"),
    ("evil.example\t30d\tphish kit", MONTH, "phish kit"),
    ("evil.example,phish kit,30d", MONTH, "phish kit"),
]


@pytest.mark.parametrize(("text", "lifetime", "reason"), FIELDS)
def test_fields_beside_each_other(text: str, lifetime: Lifetime, reason: str) -> None:
    command = read_command(text, today=TODAY)
    assert command.problems == ()
    assert (values(command), command.lifetime, command.reason) == (["evil.example"], lifetime, reason)


SEVERAL_LINES = [
    ("a.example\nb.example\n30d phishing", ["a.example", "b.example"], MONTH, "phishing"),
    ("a.example spam\nb.example phish", ["a.example", "b.example"], None, "spam; phish"),
    ("192.0.2.0/24 ; SBL1\n; a list\n198.51.100.0/24 ; SBL2", ["192.0.2.0/24", "198.51.100.0/24"], None, "SBL1; SBL2"),
    ("a.example 30d spam\nb.example 30d spam", ["a.example", "b.example"], MONTH, "spam"),
    ("1. a.example\n2. b.example\n3. c.example", ["a.example", "b.example", "c.example"], None, ""),
    ("• a.example\n• b.example spam", ["a.example", "b.example"], None, "spam"),
    ("* a.example\n* b.example\n\n30d phish", ["a.example", "b.example"], MONTH, "phish"),
    ("a.example\n1) phish\n2) spam", ["a.example"], None, "1) phish 2) spam"),
    ("30d\na.example phish", ["a.example"], MONTH, "phish"),
    ("spoof a.example, *\nspoof b.example, *\nfake invoices", ["a.example, *", "b.example, *"], None, "fake invoices"),
    ("a.example phishing wave\nof mails\nfor 2 weeks", ["a.example"], Lifetime(days=14), "phishing wave of mails"),
]


@pytest.mark.parametrize(("text", "found", "lifetime", "reason"), SEVERAL_LINES)
def test_a_command_of_several_lines(text: str, found: list[str], lifetime: Lifetime | None, reason: str) -> None:
    command = read_command(text, today=TODAY)
    assert command.problems == ()
    assert (values(command), command.lifetime, command.reason) == (found, lifetime, reason)


STRAYS = [
    ("evil.example 30d evil2.example", "evil2.example"),
    ("evil.example phish evil2[.]example", "evil2[.]example"),
    ("evil.example phish 203.0.113.7", "203.0.113.7"),
    ("evil.example phish (evil2.example too)", "(evil2.example"),
    ("evil.example phish (evil2.example)", "(evil2.example)"),
    ("evil.example or evil2.example", "evil2.example"),
    ("evil.example oder evil2.example", "evil2.example"),
    ("evil.example y evil2.example", "evil2.example"),
    ("evil.example as well as evil2.example", "evil2.example"),
    ("evil.example 30d phish, evil2.example", "evil2.example"),
    ("evil.example see good.example phish evil2.example", "evil2.example"),
    ("evil.example subdomains", "subdomains"),
    ("evil.example, subdomains", "subdomains"),
    ("evil.example all its subdomains", "all its subdomains"),
    ("evil.example 30d and subdomains", "and subdomains"),
    ("evil.example phish incl. subdomains", "incl. subdomains"),
    ("evil.example\nand subdomains", "and subdomains"),
    ("evil.example and everything under it", "everything under it"),
]


@pytest.mark.parametrize(("text", "stray"), STRAYS)
def test_what_stands_in_the_reason_and_may_be_meant_is_asked_about(text: str, stray: str) -> None:
    command = read_command(text, today=TODAY)
    (problem,) = command.problems
    assert (values(command), problem.text, problem.about_lifetime) == (["evil.example"], stray, False)
    assert "stands in the reason" in problem.what
    assert problem.may_stay
    assert stray in command.reason
    assert command.typed == "evil.example"


INSTEAD = [
    # the victim in front
    ("good.example spoofed by evil.example", "spoofed by evil.example", "victim"),
    ("good.example (spoofed by evil.example)", "spoofed by evil.example", "victim"),
    ("good.example (via evil.example).", "via evil.example", "which of the two"),
    ("evil.example (not mail.evil.example)", "not mail.evil.example", "exceptions"),
    ("good.example is being impersonated by evil.example", "impersonated by evil.example", "victim"),
    ("good.example gefälscht von evil.example", "gefälscht von evil.example", "victim"),
    ("good.example usurpé par evil.example", "usurpé par evil.example", "victim"),
    ("good.example suplantado por 203.0.113.7", "suplantado por 203.0.113.7", "victim"),
    # the two ends of a message's way
    ("ceo@good.example via evil.example", "via evil.example", "which of the two"),
    ("bob@x.example to anna@y.example", "to anna@y.example", "which of the two"),
    ("bob@x.example -> anna@y.example", "> anna@y.example", "which of the two"),
    ("bob@x.example an anna@y.example", "an anna@y.example", "which of the two"),
    ("good.example from evil.example", "from evil.example", "which of the two"),
    ("203.0.113.5 up to 203.0.113.9", "up to 203.0.113.9", "which of the two"),
    ("good.example on behalf of evil.example", "behalf of evil.example", "which of the two"),
    # exceptions
    ("evil.example instead of good.example", "instead of good.example", "exceptions"),
    ("evil.example but not mail.evil.example", "but not mail.evil.example", "exceptions"),
    ("203.0.113.0/24 except 203.0.113.7", "except 203.0.113.7", "exceptions"),
    ("203.0.113.0/24 außer 203.0.113.7", "außer 203.0.113.7", "exceptions"),
    ("evil.example phish, sauf mail.evil.example", "phish, sauf mail.evil.example", "exceptions"),
    ("evil.example salvo mail.evil.example", "salvo mail.evil.example", "exceptions"),
    ("evil.example\nnot good.example", "not good.example", "exceptions"),
]


@pytest.mark.parametrize(("text", "words", "why"), INSTEAD)
def test_what_may_be_meant_instead_or_not_at_all_is_asked_about(text: str, words: str, why: str) -> None:
    command = read_command(text, today=TODAY)
    (problem,) = command.problems
    assert (problem.text.strip("(.)"), problem.about_reason) == (words, True)
    assert why in problem.what
    field = read_field(text.replace(" ", " # ", 1))
    assert "\n" in text or [stray.text.strip("(.)") for stray in field.problems] == [words]


OTHERWISE = [
    ("evil.example as URL", "as URL", "is a link meant?"),
    ("evil.example (url)", "(url)", "is a link meant?"),
    ("evil.example url only 30d phish", "url only", "is a link meant?"),
    ("evil.example sender and url, phish", "sender and url", "is a link meant?"),
    ("evil.example als Link", "als Link", "is a link meant?"),
    ("https://evil.example as sender", "as sender", "is a sender meant?"),
    ("https://evil.example (sender)", "(sender)", "is a sender meant?"),
    ("203.0.113.7 and the /24", "and the /24", "is a network meant?"),
    ("203.0.113.7 and subnet, spray", "and subnet", "is a network meant?"),
    ("203.0.113.0/24 but not .7", "but not .7", "has no exceptions"),
    ("203.0.113.0/24 außer .7 30d", "außer .7", "has no exceptions"),
    ("evil.example with subs", "with subs", "subdomains to be listed"),
    ("evil.example + all subs", "all subs", "subdomains to be listed"),
]


@pytest.mark.parametrize(("text", "words", "what"), OTHERWISE)
def test_words_by_which_another_list_or_more_or_less_is_meant_are_asked_about(text: str, words: str, what: str) -> None:
    (problem,) = read_command(text, today=TODAY).problems
    assert (problem.text.removeprefix("+ "), problem.about_reason, problem.may_stay) == (words, True, True)
    assert what in problem.what
    value, _, behind = text.partition(" ")
    assert [asked.text.removeprefix("+ ") for asked in read_field(f"{value} # {behind}").problems] == [words]


@pytest.mark.parametrize(
    "text",
    [
        *("evil.example links to malware", "evil.example url shortener abuse", "evil.example as seen in links"),
        *(
            "evil.example https://evil.example/a as URL",
            "evil.example sender spoofing",
            "evil.example mail and links sent",
        ),
        *("203.0.113.7 and network scans", "203.0.113.7 not ours", "203.0.113.7 and neighbourhood watch"),
        *("https://evil.example sender of spam", "evil.example submarine phish"),
    ],
)
def test_words_of_a_sentence_that_are_like_them_are_not(text: str) -> None:
    assert read_command(text, today=TODAY).problems == ()


CONTINUED = [
    ("https://evil.example/my file.php?id=1", "file.php?id=1"),
    ("https://evil.example/a b/c.html phish", "b/c.html"),
    ("<https://evil.example/Invoice> 2026.pdf", "2026.pdf"),
    ("evil.example/a b?id=1 phish", "b?id=1"),
    ("evil.example /login", "/login"),
    ("hxxps://evil[.]example /login.php phish", "/login.php"),
]


@pytest.mark.parametrize(("text", "word"), CONTINUED)
def test_what_may_go_on_with_a_link_behind_a_space_is_asked_about(text: str, word: str) -> None:
    command = read_command(text, today=TODAY)
    (problem,) = command.problems
    assert (problem.text, problem.about_reason, problem.may_stay) == (word, True, True)
    assert "is it a part of it" in problem.what
    assert len(command.indicators) == 1


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://evil.example/a 24/7 spam",
            "https://evil.example/a phish/spam",
            "evil.example/a phish, report.pdf sent",
        ),
        *("evil.example 24/7 spam", "evil.example and/or phish", "evil.example report.pdf was sent", "evil.example /s"),
        *("https://evil.example/a - report.pdf", "evil.example // phish", "https://evil.example report.pdf attached"),
    ],
)
def test_what_is_no_piece_of_a_link_is_part_of_the_reason(text: str) -> None:
    assert read_command(text, today=TODAY).problems == ()


@pytest.mark.parametrize("text", ["#1 evil.example phish", "a.example\n#2 evil.example"])
def test_a_number_with_its_sign_in_front_is_no_comment(text: str) -> None:
    assert read_command(text, today=TODAY).problems
    assert read_field(text).problems


@pytest.mark.parametrize("text", ["not good.example", "except good.example", "mail from evil.example to our.example"])
def test_words_in_front_are_asked_about(text: str) -> None:
    assert read_command(text, today=TODAY).problems
    assert read_field(text).problems


TOLD = [
    "evil.example phish, see https://good.example/ticket/1",
    "evil.example reported by bob@good.example and alice@good.example",
    "evil.example bob@good.example reported it",
    "evil.example impersonates good.example",
    "evil.example phish evil.example",
    "evil.example phish from contoso.com users, told boss@contoso.com",
    "evil.example uses many subdomains",
    "*.evil.example, evil.example and all subdomains",
    "evil.example Invoice.zip was attached",
    "evil.example phish with report.zip",
    "evil.example version 1.2.3.4",
    "203.0.113.7 all under control",
    "evil.example impersonating good.example",
    "evil.example (sends to good.example)",
    "evil.example it is not good.example",
    "evil.example flagged by good.example",
    "evil.example T1566.002",
    "evil.example 0day exploit kit",
    "evil.example 30d phish (T1566.002)",
]


@pytest.mark.parametrize("text", TOLD)
def test_what_a_sentence_names_is_part_of_the_reason(text: str) -> None:
    assert read_command(text, today=TODAY, accepted_domains=frozenset({"contoso.com"})).problems == ()


def test_a_line_that_may_be_part_of_the_reason_is_asked_about() -> None:
    command = read_command("a.example phishing, see\nhttps://report.example/1", today=TODAY)
    (problem,) = command.problems
    assert (values(command), problem.text) == (["a.example"], "https://report.example/1")
    assert command.reason == "phishing, see https://report.example/1"


def test_lines_that_name_several_ends_are_asked_about() -> None:
    command = read_command("a.example 30d spam\nb.example 7d phish", today=TODAY)
    assert [(problem.about_lifetime, problem.what) for problem in command.problems] == [
        (True, "The lines name several ends: 30d, 7d.")
    ]
    assert (command.lifetime, command.reason) == (None, "spam; phish")


@pytest.mark.parametrize("text", ["help", " HELP ", "?", "--help", "—help", "-h"])
def test_help(text: str) -> None:
    assert read_command(text, today=TODAY) == CommandText(wants_help=True)


def test_help_among_other_words_is_no_call_for_help() -> None:
    assert not read_command("evil.example help", today=TODAY).wants_help


@pytest.mark.parametrize(
    ("text", "found", "problems", "reason"),
    [
        ("0x7f.1 phishing", [], ["0x7f.1"], "phishing"),
        ("evil.example 1.2.3 phishing", ["evil.example"], ["1.2.3"], "phishing"),
        ("evil.example a@b phishing", ["evil.example"], ["a@b"], "phishing"),
        ("evil.example bad[.]e x", ["evil.example"], ["bad[.]e"], "x"),
        ("evil.example 203.0.113.0/8 x", ["evil.example"], ["203.0.113.0/8"], "x"),
        ("evil.example 2001:db8:::7 x", ["evil.example"], ["2001:db8:::7"], "x"),
        (
            "evil.example d41d8cd98f00b204e9800998ecf8427e x",
            ["evil.example"],
            ["d41d8cd98f00b204e9800998ecf8427e"],
            "x",
        ),
        ("evil.example evil..com x", ["evil.example"], ["evil..com"], "x"),
        ("evil.example https://conto*so.com x", ["evil.example"], ["https://conto*so.com"], "x"),
        ("<https://evil.example|good.example> x", [], ["<https://evil.example|good.example>"], "x"),
        ("evil.example:25 x", [], ["evil.example:25"], "x"),
        ("a.example evil.example:443 x", ["a.example"], ["evil.example:443"], "x"),
        ("Email:evil.example x", [], ["Email:evil.example"], "x"),
        ("203.0.113.5 - 20", [], ["203.0.113.5-20"], ""),
        ("203.0.113.9 - 203.0.113.5 x", [], ["203.0.113.9-203.0.113.5"], "x"),
        ("please block 203.0.113.7 phishing", ["203.0.113.7"], ["please block"], "phishing"),
        ("phishing mails today", [], ["phishing mails today"], ""),
        ("phishing 30d today", [], ["phishing"], "today"),
        ("a.example 1.2.3 b.example 30d x", ["a.example", "b.example"], ["1.2.3"], "x"),
    ],
)
def test_what_can_not_be_used_is_a_problem(text: str, found: list[str], problems: list[str], reason: str) -> None:
    command = read_command(text, today=TODAY)
    assert values(command) == found
    assert [problem.text for problem in command.problems] == problems
    assert all(problem.what for problem in command.problems)
    assert command.reason == reason


@pytest.mark.parametrize(
    "text", ["evil.example 0d x", "evil.example 2020-01-01 x", "evil.example 90y x", "evil.example 0 days x"]
)
def test_a_bad_lifetime_is_a_problem_of_its_own(text: str) -> None:
    command = read_command(text, today=TODAY)
    assert [problem.about_lifetime for problem in command.problems] == [True]
    assert command.lifetime is None
    assert command.reason == "x"


@pytest.mark.parametrize(
    ("text", "value", "lifetime", "reason"),
    [
        ("spoof fabrikam.com, 203.0.113.0/24", "fabrikam.com, 203.0.113.0/24", None, ""),
        ("spoof fabrikam.com, 203.0.113.0/24 30d because", "fabrikam.com, 203.0.113.0/24", MONTH, "because"),
        ("Spoof: user@fabrikam.com,evil.example because", "user@fabrikam.com, evil.example", None, "because"),
        ("spoof *, evil.example never", "*, evil.example", NEVER, ""),
        ("spoof fabrikam.com *", "fabrikam.com, *", None, ""),
        ("spoof <http://a.example|a.example>, <http://b.example|b.example> x", "a.example, b.example", None, "x"),
    ],
)  # fmt: skip
def test_a_spoof_pair(text: str, value: str, lifetime: Lifetime | None, reason: str) -> None:
    command = read_command(text, today=TODAY)
    assert values(command) == [value]
    assert command.problems == ()
    assert (command.lifetime, command.reason) == (lifetime, reason)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("spoof", "spoof fabrikam.com, 203.0.113.0/24"),
        ("spoof fabrikam.com", "spoof fabrikam.com, 203.0.113.0/24"),
        ("spoof fabrikam.com, 203.0.113.7 30d x", "Type 203.0.113.0/24."),
        ("spoof *, *", "fabrikam.com"),
    ],
)
def test_a_spoof_pair_that_is_none(text: str, remedy: str) -> None:
    command = read_command(text, today=TODAY)
    assert command.indicators == ()
    (problem,) = command.problems
    assert remedy in problem.remedy


def test_a_domain_that_starts_with_spoof_is_a_domain() -> None:
    assert values(read_command("spoof.example why", today=TODAY)) == ["spoof.example"]


@pytest.mark.parametrize(
    "text",
    [
        "a.example, b.example 30d x",
        "203.0.113.5 — 203.0.113.9 x",
        "spoof fabrikam.com, 203.0.113.0/24 30d x",
        "https://a.example/x,y b.example",
        "“Bad Guy” &lt;<mailto:a@evil.example|a@evil.example>&gt; x",
        "a.example 1.2.3 x",
        "please block a.example x",
        "a.example report.zip x",
        f"report.zip {'a' * 64} x",
        "a.example and subdomains of spammers",
    ],
)
def test_what_was_typed_fills_the_field_and_reads_back(text: str) -> None:
    command = read_command(text, today=TODAY)
    indicators, problems = read_lines(command.typed)
    assert tuple(indicators) == command.indicators
    assert len(problems) == len(command.problems)


@pytest.mark.parametrize(
    ("text", "found", "problems"),
    [
        ("", [], []),
        ("a.example\n\n b.example \r\na.example", ["a.example", "b.example"], []),
        ("- a.example\n• b.example", ["a.example", "b.example"], []),
        ("a.example b.example; c.example", ["a.example", "b.example", "c.example"], []),
        ("203.0.113.5 - 203.0.113.9", ["203.0.113.5-203.0.113.9"], []),
        ("fabrikam.com, 203.0.113.0/24", ["fabrikam.com", "203.0.113.0/24"], []),
        ("spoof fabrikam.com, 203.0.113.0/24", ["fabrikam.com, 203.0.113.0/24"], []),
        ("spoof fabrikam.com, evil.example", ["fabrikam.com, evil.example"], []),
        ("203.0.113.1, 203.0.113.2", ["203.0.113.1", "203.0.113.2"], []),
        ("a.example, b.example, c.example", ["a.example", "b.example", "c.example"], []),
        ("spoof fabrikam.com, 203.0.113.7", [], ["fabrikam.com, 203.0.113.7"]),
        ("spoof *, *", [], ["*, *"]),
        ("203.0.113.7 because of this", ["203.0.113.7"], ["because of this"]),
        ("a.example 30d", ["a.example"], ["30d"]),
        ("0x7f.1\na.example", ["a.example"], ["0x7f.1"]),
        ("'Bad Guy' <bad@evil.example>", ["bad@evil.example"], []),
    ],
)
def test_lines_of_the_form(text: str, found: list[str], problems: list[str]) -> None:
    indicators, wrong = read_lines(text)
    assert [indicator.value for indicator in indicators] == found
    assert [problem.text for problem in wrong] == problems


def test_the_tenants_own_domains_reach_the_reader() -> None:
    own = frozenset({"contoso.com"})
    (indicator,) = read_command("contoso.com x", today=TODAY, accepted_domains=own).indicators
    assert indicator.has_note(NoteCode.OWN_DOMAIN)
    ((indicator,), _) = read_lines("contoso.com", accepted_domains=own)
    assert indicator.has_note(NoteCode.OWN_DOMAIN)


WORDS = st.sampled_from(
    [
        *" ,;\n-—<>|\"“'()?*/.:",
        *["evil.example", "203.0.113.5", "203.0.113.9", "a@b.example", "1.2.3", "::1", "2001:db8::/64", "24/7"],
        *[
            "30d",
            "7 days",
            "hours",
            "readme.md",
            "a.foobar",
            "never",
            "0d",
            "spoof",
            "help",
            "because",
            "phishing.",
            "[.]",
            "(dot)",
            "&lt;",
            "&amp;",
            "\ud800",
        ],
        *["https://a.example/b,c", "<http://a.example|a.example>", "<@U123>"],
    ]
)


@given(
    st.one_of(
        st.text(max_size=80), st.lists(WORDS, max_size=16).map("".join), st.lists(WORDS, max_size=9).map(" ".join)
    )
)
def test_whatever_is_typed_the_grammar_reads_it(text: str) -> None:
    command = read_command(text, today=TODAY)
    assert len({(indicator.kind, indicator.value) for indicator in command.indicators}) == len(command.indicators)
    about_indicators = [problem for problem in command.problems if problem.text and not problem.about_lifetime]
    assert bool(command.typed) == bool(command.indicators or about_indicators)
    assert command.reason == " ".join(command.reason.split())
    read_lines(text)


@pytest.mark.parametrize(
    "unit", ["a.example ", '"', "a/,", "203.0.113.5 - ", "<", "- ", "(.) ", ",", "spoof ", "phish "]
)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * 4000)[:4000]
    started = time.process_time()
    read_command(text, today=TODAY)
    read_lines(text)
    # Far above what it takes, far below what a runaway expression would.
    assert time.process_time() - started < 5


TARGETS = [
    ("block evil.example 30d still at it", Action.BLOCK, "evil.example 30d still at it"),
    ("allow 203.0.113.7", Action.ALLOW, "203.0.113.7"),
    ("  BLOCKED  evil.example", Action.BLOCK, "evil.example"),
    ("allowed\nevil.example", Action.ALLOW, "evil.example"),
    ("block", Action.BLOCK, ""),
    ("evil.example block", None, "evil.example block"),
    ("block.example 30d", None, "block.example 30d"),
    ("allow@evil.example", None, "allow@evil.example"),
    ("blocks evil.example", None, "blocks evil.example"),
    ("", None, ""),
]


@pytest.mark.parametrize(("text", "action", "rest"), TARGETS)
def test_which_list_is_meant(text: str, action: Action | None, rest: str) -> None:
    assert read_target(text) == (action, rest)


NOTES = [
    ("evil.example 30d is how long they pause", ["evil.example"], "30d is how long they pause"),
    ("evil.example 7 days of spam", ["evil.example"], "7 days of spam"),
    ("203.0.113.7 never again", ["203.0.113.7"], "never again"),
    ("evil.example, bad.example Same gang", ["evil.example", "bad.example"], "Same gang"),
    ("spoof contoso.com, * 2w", ["contoso.com, *"], "2w"),
    ("evil.example", ["evil.example"], ""),
]


@pytest.mark.parametrize(("text", "found", "note"), NOTES)
def test_in_a_note_a_lifetime_is_a_word_like_any_other(text: str, found: list[str], note: str) -> None:
    command = read_command(text, today=TODAY, takes_lifetime=False)
    assert values(command) == found
    assert (command.lifetime, command.reason, command.problems) == (None, note, ())


@pytest.mark.parametrize(
    "line", ["a.example, 30d", "a.example,phish,30d", "a.example (30d)", "a.example # 2027-12-31; phish"]
)
def test_how_long_beside_an_indicator_of_the_form_has_a_field_of_its_own(line: str) -> None:
    field = read_field(line)
    assert [(problem.what.split("’")[0], problem.remedy) for problem in field.problems] == [
        (f"‘{'2027-12-31' if '#' in line else '30d'}", "How long stands in a field of its own.")
    ]


@pytest.mark.parametrize("words", ["only 7 days", "until Friday", "valid until 2027-12-31", "03/04/2027", "36h"])
def test_so_has_what_says_it_in_other_words(words: str) -> None:
    for line in (f"a.example # {words}", f"a.example, phish, {words}"):
        (problem,) = read_field(line, today=TODAY).problems
        assert (problem.text, problem.remedy) == (words, "How long stands in a field of its own.")
    assert read_field(f"a.example # phish {words}", today=TODAY).problems == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("evil.example,phish 30d", "phish"),
        ("evil.example,phish", "phish"),
        ("203.0.113.7;phish 30d", "phish"),
        ("user@evil.example,phish 30d", "phish"),
        ("evil.example,evil2.exampl 30d", "evil2.exampl"),
        ("evil.example,evil2.example,phish", "phish"),
        ("a.example,phish\nb.example,spam", "phish"),
    ],
)
def test_a_word_right_behind_a_comma_may_be_the_next_of_a_list(text: str, word: str) -> None:
    [problem] = read_command(text, today=TODAY).problems
    assert (problem.text, problem.about_reason, problem.may_stay) == (word, True, True)
    assert "is it to be listed too, or is it the reason?" in problem.what
    assert any(
        "stands right behind a comma" in problem.what for problem in read_field(text.split(" ", maxsplit=1)[0]).problems
    )


@pytest.mark.parametrize(
    "text",
    [
        "evil.example, phish 30d",
        "evil.example 30d phish",
        "evil.example,phishing wave 30d",
        "evil.example,reason: phish",
        "evil.example,# phish",
        "evil.example,30d phish",
        "evil.example,phish,30d",
        'evil.example,"phish"',
    ],
)
def test_a_reason_that_is_marked_or_stands_apart_is_one(text: str) -> None:
    assert read_command(text, today=TODAY).problems == ()
