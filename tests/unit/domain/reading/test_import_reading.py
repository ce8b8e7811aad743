"""What an import can be read as: which way is plain, what is asked, and what each row gives."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import WHOLE_LINES, Given, ImportReading, read_import
from bot.domain.reading.line_ends import lines_of
from bot.errors import InvalidInput

TODAY = date(2030, 1, 2)
OWN = frozenset({"contoso.com"})
HASH = "ab" * 32


def reading(text: str, *, column: str = "", take_ends: bool = False) -> ImportReading:
    return read_import(Given(content=text), today=TODAY, accepted_domains=OWN, column=column, take_ends=take_ends)


def values(found: ImportReading) -> list[tuple[int, str]]:
    """Line and value of each indicator; of a problem its code."""
    return [(line.number, line.indicator.value if line.indicator else f"? {line.code}") for line in found.lines]


#: Text, the key of the way that is chosen, and what it gives.
PLAIN = [
    # lines, which are no table
    ("evil.example\nbad.example", WHOLE_LINES, [(1, "evil.example"), (2, "bad.example")]),
    (
        "evil.example bad.example; 203.0.113.7",
        WHOLE_LINES,
        [(1, "evil.example"), (1, "bad.example"), (1, "203.0.113.7")],
    ),
    (
        "\ufeffevil.example\r\n\r\nbad.example\r203.0.113.7",
        WHOLE_LINES,
        [(1, "evil.example"), (3, "bad.example"), (4, "203.0.113.7")],
    ),
    ("# all\n  # comments", WHOLE_LINES, []),
    ("", WHOLE_LINES, []),
    # a number with its sign in front is no comment
    ("Ticket,Domain\n#12,evil.example\n#13,bad.example", "Domain", [(2, "evil.example"), (3, "bad.example")]),
    ("Ticket;Domain\n#12;evil.example\n", "Domain", [(2, "evil.example")]),
    # a row that begins like a comment
    ("Tag,Domain\n#urgent,evil.example\nx,bad.example", "Domain", [(2, "? commented_out"), (3, "bad.example")]),
    ("Path;Domain\n// x;evil.example\n# a;note\nx;bad.example", "Domain", [(2, "? commented_out"), (4, "bad.example")]),
    ("Domain,Note\n#evil.example,x\n# see, bad.example, 2\ny.example,z", "Domain", [(4, "y.example")]),
    ("Nr\tDomain\n#1\tevil.example", "Domain", [(2, "evil.example")]),
    ("#1 evil.example\n#2. of the list", WHOLE_LINES, [(1, "? unreadable")]),
    ("#203.0.113.7\n#evil.example\n#7\n#12: bad.example", WHOLE_LINES, []),
    # what was taken out of a file of settings
    ("evil.example\n;bad.example", WHOLE_LINES, [(1, "evil.example"), (2, "? exception")]),
    ("Report\nevil.example\nbad.example", WHOLE_LINES, [(1, "? unreadable"), (2, "evil.example"), (3, "bad.example")]),
    # what stands beside each indicator is a remark, whether one looks at the lines or at the columns
    ("evil.example,phishing\nbad.example,malware", WHOLE_LINES, [(1, "evil.example"), (2, "bad.example")]),
    ("203.0.113.0/24 ; SBL1\n198.51.100.0/24 ; SBL2", WHOLE_LINES, [(1, "203.0.113.0/24"), (2, "198.51.100.0/24")]),
    ("; a list\n; of networks\n203.0.113.0/24 ; SBL1", WHOLE_LINES, [(3, "203.0.113.0/24")]),
    # a column that the header names
    ("indicator,type\nevil.example,domain\n203.0.113.7,ip", "indicator", [(2, "evil.example"), (3, "203.0.113.7")]),
    ("type,value,comment\nip,203.0.113.7,see bad.example", "value", [(2, "203.0.113.7")]),
    ("# exported\n\nType;IOC Value\ndomain;evil.example", "IOC Value", [(4, "evil.example")]),
    ("Name\tSHA-256\tSize\ninvoice.exe\t" + HASH + "\t12", "SHA-256", [(2, HASH)]),
    ("Sender address|Subject\nevil@bad.example|You won", "Sender address", [(2, "evil@bad.example")]),
    ("| Domain | Why |\n|---|---|\n| evil.example | phish |", "Domain", [(3, "evil.example")]),
    ("url\nevil.example\nbad.example/a,b", "url", [(2, "evil.example"), (3, "bad.example/a,b")]),
    (
        'value\n"evil.example; bad.example 203.0.113.7"',
        "value",
        [(2, "evil.example"), (2, "bad.example"), (2, "203.0.113.7")],
    ),
    (
        "Webseite;Grund\nhttps://evil.example/a;Phish\nhttps://bad.example/b;Phish",
        "Webseite",
        [(2, "evil.example/a"), (3, "bad.example/b")],
    ),
    # one for all kinds goes before one of a kind
    ("ip,indicator\n203.0.113.7,evil.example", "indicator", [(2, "evil.example")]),
    # columns that complete each other
    ("ip,domain\n203.0.113.7,\n,evil.example", "ip + domain", [(2, "203.0.113.7"), (3, "evil.example")]),
    # the header needn't be the first line
    ("Blocked by the SOC, May\n\nDomain,Reason\nevil.example,phish", "Domain", [(4, "evil.example")]),
    ("sep=;\nDomain;Reason\nevil.example;a, b", "Domain", [(3, "evil.example")]),
    (
        "# feed\n# id,url,note\n1,https://evil.example/a,x\n2,https://bad.example/a,x",
        "url",
        [(3, "evil.example/a"), (4, "bad.example/a")],
    ),
    # rows are told, never shifted
    ("Domain,Reason\nevil.example,a,b\nbad.example", "Domain", [(2, "? ragged"), (3, "bad.example")]),
    ("Domain,Reason\nevil.example,a,,\nDomain,Reason", "Domain", [(2, "evil.example"), (3, "? header_again")]),
    (
        "indicator,note\n,\nevil.example,x\n,only a note\n# c\n\nbad.example",
        "indicator",
        [(3, "evil.example"), (4, "? empty"), (7, "bad.example")],
    ),
    # a list of pairs is one of lines
    (
        "spoof contoso.com,evil.example\nspoof contoso.com,203.0.113.0/24",
        WHOLE_LINES,
        [(1, "contoso.com, evil.example"), (2, "contoso.com, 203.0.113.0/24")],
    ),
    # the bar in a link of Slack's separates nothing
    (
        "<https://evil.example/a|evil.example/a>\n<https://bad.example/b|bad.example/b>",
        WHOLE_LINES,
        [(1, "evil.example/a"), (2, "bad.example/b")],
    ),
    # whatever ends a line for a command ends it here
    *[
        (f"# harmless{end}evil.example\nbad.example", WHOLE_LINES, [(2, "evil.example"), (3, "bad.example")])
        for end in ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e")
    ],
    # names of addresses
    ("Name,ExternalEmailAddress\nx,a@evil.example", "ExternalEmailAddress", [(2, "a@evil.example")]),
    ("EmailAddresses,Name\nsmtp:a@evil.example,x", "EmailAddresses", [(2, "a@evil.example")]),
    # a second header begins another table
    (
        "Domain,Count\nevil.example,1\n\nRecipient,Count\nanna@bad.example,2\nbob@bad.example,3",
        "Domain",
        [(2, "evil.example"), (4, "? header_again"), (5, "? second_table"), (6, "? second_table")],
    ),
    (
        "Domain\nevil.example\n\nRecipient,Count\nanna@bad.example,2",
        "Domain",
        [(2, "evil.example"), (4, "? header_again"), (5, "? second_table")],
    ),
    ("Malicious domains,Comment\nevil.example,phish", "Malicious domains", [(2, "evil.example")]),
    ("Suspicious URL,Why\nevil.example,phish", "Suspicious URL", [(2, "evil.example")]),
    # headings in a list of one column
    (
        "IOCs\n\nDomains:\nevil.example\n\nURLs:\nhttps://evil.example/a\nbad.example\n\nIPs:\n203.0.113.7",
        "IOCs",
        [
            *[(3, "? heading"), (4, "evil.example"), (6, "? heading"), (7, "evil.example/a"), (8, "? second_table")],
            *[(10, "? heading"), (11, "203.0.113.7")],
        ],
    ),
    # comments in a table
    (
        "Domain\nevil.example\n; evil2.example\n// evil3.example\n# evil4.example\nbad.example",
        "Domain",
        [(2, "evil.example"), (6, "bad.example")],
    ),
    ("Domain,Why\n; evil2.example,x\n// evil3.example,x\nbad.example,x", "Domain", [(4, "bad.example")]),
    # quoted fields, over several lines too
    (
        'indicator,note\nevil.example,"one\ntwo"\nbad.example,"say ""no"""',
        "indicator",
        [(2, "evil.example"), (4, "bad.example")],
    ),
    ('indicator,note\nevil.example,12" disk\nbad.example,x', "indicator", [(2, "evil.example"), (3, "bad.example")]),
    ('"indicator", "note"\n"evil.example", "a, b"', "indicator", [(2, "evil.example")]),
    # recipients aren't what is meant
    ("Absender;Empfänger\nevil@bad.example;anna@contoso.com", "Absender", [(2, "evil@bad.example")]),
    ("expéditeur;destinataire\nevil@bad.example;anna@contoso.com", "expéditeur", [(2, "evil@bad.example")]),
    ("Remitente;Destinatario\nevil@bad.example;anna@contoso.com", "Remitente", [(2, "evil@bad.example")]),
    ("Mittente;Destinatario\nevil@bad.example;anna@contoso.com", "Mittente", [(2, "evil@bad.example")]),
    ("Afzender;Ontvanger\nevil@bad.example;anna@contoso.com", "Afzender", [(2, "evil@bad.example")]),
    ("Remetente;Destinatário\nevil@bad.example;anna@contoso.com", "Remetente", [(2, "evil@bad.example")]),
    # one's own aren't the attacker, unless somebody says so
    ("sender,subject\nboss@contoso.com,x\nevil@bad.example,x", "sender", [(2, "? own"), (3, "evil@bad.example")]),
]


@pytest.mark.parametrize(("text", "key", "found"), PLAIN)
def test_what_is_plain_is_read(text: str, key: str, found: list[tuple[int, str]]) -> None:
    read = reading(text)
    assert read.chosen is not None
    assert read.question == ""
    assert (read.chosen.key, values(read)) == (key, found)
    assert read.chosen in read.choices


#: Text, and the keys of the ways that are offered, in order.
ASKED = [
    # nothing is named
    ("1,2026-05-01,evil.example/a,online\n2,2026-05-02,evil.example/b,offline", ["3"]),
    # each line as a whole would do as well
    ("evil.example,bad.example\nfoo.example,bar.example", ["1", "2", WHOLE_LINES]),
    # several are named
    ("sender,ip\nevil@bad.example,203.0.113.7", ["sender", "ip"]),
    ("ip,domain\n203.0.113.7,evil.example\n,bad.example", ["ip", "domain"]),
    # a name that says nothing, or that it is somebody else
    ("Bad stuff,Why\nevil.example,phish\nbad.example,phish", ["Bad stuff"]),
    ("recipient,reason\nanna@contoso.com,x", ["recipient"]),
    ("to,bad stuff\nanna@contoso.com,evil.example\nbob@contoso.com,bad.example", ["bad stuff", "to"]),
    # a first row in which nothing reads is a header
    ("a,b\nevil.example,x\nbad.example,x", ["a"]),
    # and so is one from which the column of the values was taken out
    ("IndicatorType,Action,Title\nUrl,Block,foo\nDomainName,Block,bar", []),
    ("observableType,name,revoked\ndomain-name,Kit,\nurl,foo,", []),
    # both senders of a message, and where it came from
    ("From (Header),IP Address\na@evil.example,203.0.113.7", ["From (Header)", "IP Address"]),
    # a name that stands there twice goes by its number
    ("ip,ip\n203.0.113.7,203.0.113.8", ["1", "2"]),
]


@pytest.mark.parametrize(("text", "keys"), ASKED)
def test_what_only_a_person_can_tell_is_asked(text: str, keys: list[str]) -> None:
    read = reading(text)
    assert read.chosen is None
    assert read.question
    assert read.lines == ()
    assert [choice.key for choice in read.choices] == keys
    for choice in read.choices:
        named = reading(text, column=choice.key)
        assert named.chosen == choice


@pytest.mark.parametrize(
    "heading",
    ["Allowed domains", "Safe senders", "# Allow", "Allow:", "[allow]", "Whitelist", "## Do not block", "Exceptions:"],
)
def test_what_stands_below_a_heading_that_allows_is_allowed(heading: str) -> None:
    for text in (
        f"evil.example\n\n{heading}\ngood.example\n\nBlocked domains:\nbad.example",
        f"Domain\nevil.example\n{heading}\ngood.example\n[Block]\nbad.example",
        f"Domain,Why\nevil.example,x\n{heading}\ngood.example,x\n[Block]\nbad.example,x",
    ):
        says = {line.indicator.value: line.says for line in reading(text).lines if line.indicator}
        assert says == {"evil.example": None, "good.example": Action.ALLOW, "bad.example": Action.BLOCK}


@pytest.mark.parametrize("remark", ["Allow", "do not block", "false positive", "whitelisted", "Allowed (temp)"])
@pytest.mark.parametrize("mark", [", ", " # ", " - ", "; "])
def test_a_line_beside_which_stands_that_it_is_allowed_is_no_block(remark: str, mark: str) -> None:
    [_, line] = reading(f"evil.example{mark}phish\ngood.example{mark}{remark}").lines
    assert line.indicator is None or line.says is Action.ALLOW


def test_a_choice_says_what_it_would_give() -> None:
    first, second = reading("sender,ip\nevil@bad.example,203.0.113.7\nno one,203.0.113.8\n,203.0.113.9").choices
    assert (first.title, first.total, first.read, first.set_aside) == ("column sender", 3, 1, 2)
    assert (second.first, second.read) == (("203.0.113.7", "203.0.113.8", "203.0.113.9"), 3)


def test_of_a_large_table_the_other_columns_are_told_by_their_looks() -> None:
    rows = [f"evil{number}@bad.example,203.0.113.{number % 256}" for number in range(1_000)]
    first, second = reading("\n".join(["sender,ip", *rows, "nobody,-"])).choices
    assert (first.total, first.read, first.first) == (
        1_001,
        1_000,
        ("evil0@bad.example", "evil1@bad.example", "evil2@bad.example"),
    )
    assert (second.total, second.read) == (1_001, 1_000)


@pytest.mark.parametrize("column", ["Sender Address", "sender_address", "SENDERADDRESS", "2"])
def test_a_column_is_named_in_any_spelling_or_by_its_number(column: str) -> None:
    read = reading("ip,Sender Address\n203.0.113.7,boss@contoso.com", column=column)
    assert values(read) == [(2, "boss@contoso.com")]


def test_a_column_that_nothing_was_found_in_can_be_named_too() -> None:
    assert values(reading("ip,note\n203.0.113.7,x", column="note")) == [(2, "? unreadable")]


@pytest.mark.parametrize(
    ("text", "column"), [("ip,note\n203.0.113.7,x", "sender"), ("ip,note\n203.0.113.7,x", "3"), ("evil.example", "1")]
)
def test_a_column_that_is_not_there_is_refused(text: str, column: str) -> None:
    with pytest.raises(InvalidInput, match="column"):
        reading(text, column=column)


def test_each_line_as_a_whole_can_be_chosen() -> None:
    text = "evil.example; bad.example\nfoo.example; bar.example"
    read = reading(text, column=WHOLE_LINES)
    assert [value for _, value in values(read)] == ["evil.example", "bad.example", "foo.example", "bar.example"]


def test_a_column_of_urls_has_urls() -> None:
    read = reading("url,note\nevil.example,x\n203.0.113.7,x")
    assert [line.indicator.kind for line in read.lines if line.indicator] == [Kind.URL, Kind.URL]


def test_the_rest_of_the_row_that_explains_is_kept() -> None:
    read = reading("Title,Domain,Size,Description\nWave,evil.example,12,Phish page\n,bad.example,,\nA,foo.example,,A")
    assert [line.remark for line in read.lines] == ["Wave; Phish page", "", "A"]


def test_what_stands_beside_an_indicator_on_its_line_is_kept() -> None:
    read = reading('"https://evil.example/a","phish kit"\n203.0.113.0/24,Spray\nbad.example # seen in May')
    assert [line.remark for line in read.lines] == ["phish kit", "Spray", "seen in May"]


def test_a_quotation_mark_that_is_never_closed_costs_no_other_line() -> None:
    rows = [f"evil{number}.example,x" for number in range(100)]
    text = "\n".join(["indicator,note", *rows[:50], 'bad.example,"oh', *rows[50:]])
    assert len([line for line in reading(text).lines if line.indicator]) == 101


def test_rows_count_and_not_the_lines_that_they_go_over() -> None:
    rows = [f'evil{number}.example,"one\ntwo"' for number in range(9_000)]
    assert len(reading("\n".join(["domain,note", *rows])).lines) == 9_000
    document = json.dumps([{"value": f"evil{number}.example", "note": "x"} for number in range(9_000)], indent=1)
    assert len(reading(document).lines) == 9_000


@pytest.mark.parametrize("head", ["", "domain,note\n", '{"value": "first.example"}\n'])
def test_more_than_one_import_takes_is_refused(head: str) -> None:
    line = '{"value": "a.example"}' if head.startswith("{") else "a.example"
    with pytest.raises(InvalidInput, match="at most 10,000"):
        reading(head + "\n".join([line] * 10_003))


CELLS = st.sampled_from(
    [
        "evil.example",
        "203.0.113.7",
        "a@b.example",
        HASH,
        "indicator",
        "url",
        "sender",
        "note",
        "#",
        "",
        " ",
        "foo",
        "1",
        '"',
        "x y",
        "2031-05-06",
        "Allow",
        "é",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(CELLS | st.sampled_from([",", ";", "\t", "|", "\n", "\r\n", "\r", "\n\n"]), max_size=60).map("".join),
    st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=10).map("\n".join),
)


@given(TEXTS)
def test_every_row_is_in_exactly_one_place(text: str) -> None:
    physical = lines_of(text.removeprefix("\ufeff"))
    read = reading(text)
    ways = [read] if read.chosen else []
    ways += [reading(text, column=choice.key) for choice in read.choices]
    for way in ways:
        assert way.chosen is not None
        numbers = [line.number for line in way.lines]
        assert numbers == sorted(numbers), "in order"
        assert way.chosen.total == len(set(numbers))
        for line in way.lines:
            assert (line.indicator is None) is (line.problem is not None)
            assert 1 <= line.number <= len(physical)
        if '"' in text:
            continue  # a row may go on for several lines: the first stands for all
        for number in range(1, len(physical) + 1):
            line = physical[number - 1]
            comments = ("#", ";", "//")
            says_nothing = all(mark.isspace() or mark in ",;|:+=-" for mark in line) or line.strip().startswith(
                comments
            )
            if number not in numbers and not says_nothing:
                assert not any(before < number for before in numbers), "only the header and its title are no rows"
                assert not (way.chosen.key == WHOLE_LINES and read.what == "plain lines")


def test_a_header_that_is_not_known_is_one() -> None:
    read = reading("Bad ones,Seen\nevil.example,x\nbad.example,x")
    assert "without names" not in read.question
    assert [choice.total for choice in read.choices] == [2]


@given(st.binary(max_size=300))
def test_bytes_raise_nothing_but_our_own_error(content: bytes) -> None:
    with suppress(InvalidInput):
        assert read_import(Given(content=content), today=TODAY).what


def said(text: str) -> list[tuple[int, str]]:
    read = read_import(Given(content=text), today=date(2030, 1, 2))
    return [
        (line.number, f"{line.says or 'block'} {line.indicator.value}" if line.indicator else f"? {line.code}")
        for line in read.lines
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # what a comment says in a hosts file
        ("0.0.0.0 evil.example # ads", [(1, "block evil.example")]),
        ("0.0.0.0 good.example # whitelisted", [(1, "allow good.example")]),
        ("0.0.0.0 good.example # FP", [(1, "? row_false_positive")]),
        # a table below lines, whose columns nobody would read in its lines
        (
            "evil.example\nbad.example\n\nDomain,Status\ngood.example,removed\nother.example,x",
            [
                (1, "block evil.example"),
                (2, "block bad.example"),
                (4, "? header_again"),
                *[(n, "? second_table") for n in (5, 6)],
            ],
        ),
        (
            "evil.example\nIOC;Type\ngood.example;victim\nbad.example",
            [
                (1, "block evil.example"),
                (2, "? header_again"),
                (3, "? second_table"),
                (4, "block bad.example"),
            ],
        ),
        # what stands behind an indicator, and may be meant as well
        ("evil.example, phish evil2.example", [(1, "? unreadable")]),
        ("evil.example, phish, see evil2.example", [(1, "block evil.example")]),
    ],
)
def test_what_stands_beside_the_lines_counts(text: str, found: list[tuple[int, str]]) -> None:
    assert said(text) == found
