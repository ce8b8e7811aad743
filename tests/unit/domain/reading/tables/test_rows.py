"""A row means what it says: its type, its action, its status, its end."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.indicators.indicator import Kind, NoteCode
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_reading import Given, read_import
from bot.domain.reading.listed import Listed
from bot.errors import InvalidInput
from tests.unit.domain.tenant_lists import entry

TODAY = date(2030, 1, 2)
OWN = frozenset({"contoso.com"})
HASH = "ab" * 32


def lines(text: str, *entries: Entry, column: str = "", take_ends: bool = False) -> tuple[Line, ...]:
    listed = Listed(entries) if entries else None
    given = Given(content=text)
    return read_import(
        given, today=TODAY, accepted_domains=OWN, listed=listed, column=column, take_ends=take_ends
    ).lines


def one(text: str, *entries: Entry) -> str:
    """What the only row gives: kind and value, or the code of its problem."""
    [line] = lines(text, *entries)
    return f"{line.indicator.kind} {line.indicator.value}" if line.indicator else f"? {line.code}"


TYPED = [
    ("Url", "evil.example", "url evil.example"),
    ("DomainName", "evil.example", "domain evil.example"),
    ("DomainName", "https://evil.example/a", "? type_differs"),
    ("ip-dst", "203.0.113.7", "ipv4 203.0.113.7"),
    ("IpAddress", "evil.example", "? type_differs"),
    ("ip:port", "203.0.113.7:443", "ipv4 203.0.113.7"),
    ("ip:port", "[2001:db8::7]:443", "ipv6 2001:db8::7"),
    ("ip:port", "2001:db8::7", "ipv6 2001:db8::7"),
    ("sha256", HASH, f"file {HASH}"),
    ("sha256", "ab" * 20, "? unreadable"),
    ("md5", "ab" * 16, "? other_hash"),
    ("email-src", "evil@bad.example", "address evil@bad.example"),
    ("email-src", "bad.example", "? type_differs"),
    ("spoof", "contoso.com, 203.0.113.0/24", "spoof_pair contoso.com, 203.0.113.0/24"),
    ("mutex", "evil.example", "? row_type"),
    # a word that isn't known says nothing
    ("phishing", "evil.example", "domain evil.example"),
    ("", "evil.example", "domain evil.example"),
]


@pytest.mark.parametrize(("word", "value", "found"), TYPED)
def test_the_type_decides(word: str, value: str, found: str) -> None:
    assert one(f'type;value\n{word};"{value}"') == found


def test_a_port_that_was_left_out_is_noted() -> None:
    [line] = lines("type,value\nip:port,203.0.113.7:443")
    assert line.indicator is not None
    assert line.indicator.has_note(NoteCode.PORT_STRIPPED)


SAYS = [
    ("action\nBlock", Action.BLOCK),
    ("action\nAllowed", Action.ALLOW),
    ("note\nAllow", Action.ALLOW),
    ("note\nphish", None),
    *[(f"{name}\nAllow", Action.ALLOW) for name in ("Block?", "ListType", "Policy", "Result", "Final action", "x")],
    *[(f"{name}\nBlock", Action.BLOCK) for name in ("Block?", "ListType", "Policy", "Response", "Final action", "x")],
    *[
        (f"{name}\n{word}", Action.BLOCK)
        for name in ("Block", "Blocked", "is_malicious")
        for word in ("TRUE", "yes", "1")
    ],
    *[(f"{name}\n{word}", Action.ALLOW) for name in ("Allow", "Allowed") for word in ("TRUE", "yes", "x")],
    ("Allowed\nno", None),
    *[("Name\nAllowedSenderDomains", Action.ALLOW), ("Setting\nSafe senders", Action.ALLOW), ("Name\nBad Guy", None)],
    ("Verdict\nTrusted", Action.ALLOW),
    ("Verdict\nmalicious", None),
    ("Severity\nWarning", None),
    ("SPF\npass", None),
    ("Delivery action\nDelivered", None),
    # nothing at all stands in the column
    ("action\n", None),
]


@pytest.mark.parametrize(("cells", "says"), SAYS)
def test_what_a_row_says_to_do_goes_with_its_line(cells: str, says: Action | None) -> None:
    name, word = cells.split("\n")
    [line] = lines(f"domain,{name}\nevil.example,{word}")
    assert line.indicator is not None
    assert line.says is says


#: A table's header and first row, and why the row gives nothing.
SET_ASIDE = [
    *[("Domain,Action", word, "row_action") for word in ("something", "Tenant")],
    *[("Domain,Action", word, "row_unblocks") for word in ("Unblock", "Not blocked", "Do not block", "Remove")],
    *[("Domain,Action", word, "row_false_positive") for word in ("Clean", "Benign", "False positive")],
    *[("Domain,Action", word, "row_inactive") for word in ("Inactive", "closed", "resolved")],
    *[("Domain,Response", word, "row_unblocks") for word in ("Unblock", "Released")],
    *[
        (f"Domain,{name}", word, "row_not_blocked")
        for name in ("Block", "Blocked", "Block?", "is_malicious")
        for word in ("no", "FALSE", "0")
    ],
    *[
        (f"Domain,{name}", word, "row_false_positive")
        for name in ("verdict", "classification", "Reputation")
        for word in ("Clean", "benign", "False positive")
    ],
    *[("Domain,Verdict", word, "row_unverified") for word in ("unknown", "Undetected")],
    ("Domain,Approved", "no", "row_unverified"),
    *[(f"Domain,{name}", word, "row_unverified") for name in ("Threat", "Risk") for word in ("none", "Keine")],
    ("Domain,Risk score", "0", "row_unverified"),
    ("Domain,Severity", "None", "row_unverified"),
    ("Domain,Score", "0", "row_unverified"),
    ("Domain,Confidence", "none", "row_unverified"),
    *[(f"Domain,{name}", "no", "row_not_blocked") for name in ("Is spam", "Phishing", "suspicious")],
    ("Domain,Keep", "yes", "row_unblocks"),
    *[
        (f"Domain,{name}", "no", "row_not_blocked")
        for name in ("Zu sperren", "À bloquer", "On blocklist", "Should be blocked", "Safe to block", "Include")
    ],
    ("Domain,Change", "removed", "row_unblocks"),
    ("Domain,Operation", "-", "row_unblocks"),
    *[(f"Domain,{name}", "ja", "row_unblocks") for name in ("Freigegeben", "Entsperrt")],
    ("Domain,Remove", "yes", "row_unblocks"),
    ("Domain,Action", '"Block, then allow"', "row_action"),
    ("Domain,Action", "Block (not yet)", "row_action"),
    ("Domain,Is FP", "yes", "row_false_positive"),
    ("Domain,Note", "do not block", "row_unblocks"),
    ("Domain,Note", "false positive", "row_false_positive"),
    *[("IOC,Type", word, "row_type_unknown") for word in ("Victim", "User", "Tool", "Registrar", "Empfänger")],
    *[("IOC,Typ", word, "type_differs") for word in ("Datei", "fichier")],
    ("IOC,Type", "Dateiname", "row_type"),
    *[("IOC,Role", word, "row_party") for word in ("victim", "target", "recipient", "ours", "Opfer")],
    *[("IOC,Verdict", word, "row_false_positive") for word in ("not phishing", "good", "NotJunk", "kein Spam")],
    *[("IOC,Marked as", word, "row_false_positive") for word in ("not spam", "Not junk")],
    *[("IOC,Verdict", word, "row_verdict_unknown") for word in ("see below", "7", "in progress")],
    *[("IOC,VirusTotal", word, "row_unverified") for word in ("0/94", "0")],
    *[(f"IOC,{name}", word, "row_unblocks") for name in ("Exception", "Do not block") for word in ("yes", "✔", "☑")],
    *[(f"IOC,{name}", "yes", "own") for name in ("Our domain", "Internal")],
    *[("IOC,Status", word, "row_status_unknown") for word in ("pending", "in review", "?")],
    *[("IOC,Removed", word, "row_deleted") for word in ("2029-01-03", "jdoe", "✅")],
    ("IOC,Entfernt am", "03.01.2029", "row_deleted"),
    *[("IOC,Blocked", word, "row_not_blocked") for word in ("❌", "☐", "-", "no (see ticket)")],
    *[
        (f"IOC,{name}", word, "row_false_positive")
        for name in ("Description", "Comment", "Notes", "Bemerkung", "commentaire", "Something")
        for word in (
            "bitte nicht sperren",
            "benign (AWS)",
            "Ausnahme",
            "à ne pas bloquer svp",
            "3; please do not block",
        )
    ],
    *[(f"IOC,{name}", "2031-01-01", "row_not_yet") for name in ("Valid from", "Gültig ab", "Start date", "desde")],
    *[("IOC,Gesperrt bis", word, "row_expired") for word in ("2029-01-01", "40000", "1500000000", "1500000000000")],
    ("IOC,Expired", "2029-01-01", "row_expired"),
    ("IOC,Match type", "regex", "row_scope"),
    ("Domain,Action,Policy", "Block,Allow", "row_contradicts"),
    ("Domain,Block,Allow", "yes,yes", "row_contradicts"),
    ("Domain,Action,Note", "Block,Allow", "row_contradicts"),
]


@pytest.mark.parametrize(("header", "cells", "code"), SET_ASIDE)
def test_a_row_that_may_not_be_meant_for_blocking_is_set_aside(header: str, cells: str, code: str) -> None:
    [line] = lines(f"{header}\ngood.example,{cells}")
    assert (line.indicator, line.code) == (None, code)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        *[("IOC,Type", word) for word in ("phishing", "Malicious domain", "C2 domain", "Domäne")],
        *[("IOC,Role", word) for word in ("attacker", "Sender", "")],
        *[("IOC,Verdict", word) for word in ("phishing", "confirmed malicious", "HighConfPhish", "")],
        ("IOC,VirusTotal", "12/94"),
        *[("IOC,Severity", word) for word in ("Low", "High", "Informational", "")],
        *[("IOC,Score", word) for word in ("2", "2/10", "98.5", "")],
        *[("IOC,Exception", word) for word in ("no", "", "❌")],
        *[("IOC,Status", word) for word in ("active", "new", "confirmed", "aktiv", "")],
        ("IOC,Blocked", "✅"),
        *[
            ("IOC,Comment", word)
            for word in (
                *("blocked mail to our users", "not a false positive", "do not reply", "benign-looking page"),
                *("was allowed by mistake", "kein Fehlalarm", "reported by a user"),
            )
        ],
        # what a message says is no word of whoever made the table
        ("Sender,Subject", "Please whitelist us"),
        ("IOC,SPF", "pass"),
        ("IOC,Valid from", "2029-01-01"),
        ("IOC,Gesperrt bis", "2031-01-01"),
        ("IOC,Match type", "exact"),
    ],
)
def test_an_ordinary_row_is_read(header: str, cells: str) -> None:
    [line] = lines(f"{header}\nevil.example,{cells}")
    assert line.indicator is not None, line.problem
    assert line.says is not Action.ALLOW


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("good.example - do not block", "row_unblocks"),
        ("good.example (benign)", "row_false_positive"),
        ("evil.example, phish evil2.example", "remark_names"),
    ],
)
def test_what_stands_behind_an_indicator_in_its_cell_counts(cell: str, code: str) -> None:
    [line] = lines(f'IOC,Wave\n"{cell}",3')
    assert (line.indicator, line.code) == (None, code)


def test_where_others_say_what_to_do_a_row_that_does_not_is_set_aside() -> None:
    found = lines("Domain,Foo\nevil.example,Block\nbad.example,Block\nother.example,\nfourth.example,odd")
    assert [line.says or line.code for line in found] == [Action.BLOCK, Action.BLOCK, "row_action", "row_action"]
    assert found[3].problem == "The row says ‘odd’ in ‘Foo’, which isn't known as a block."


@pytest.mark.parametrize(
    "text",
    [
        "Domain,Action\nevil.example,Unblock",
        "Domain,Remove\nevil.example,yes",
        "Domain,Blocked\nevil.example,no",
        "Domain,Verdict\nevil.example,false positive",
        "Domain,Status\nevil.example,False positive",
        "Domain\n# Allow\nevil.example",
        "evil.example, unblock",
        "evil.example # false positive",
        "# Unblock\nevil.example",
        "Do not block:\nevil.example",
    ],
)
def test_what_is_no_block_may_well_be_removed(text: str) -> None:
    blocked = entry(ListName.SENDER, Action.BLOCK, "evil.example")
    *_, line = lines(text, blocked)
    assert (line.indicator is not None, line.says) == (True, None)
    *_, line = lines(text)
    assert line.indicator is None or line.says is Action.ALLOW


@pytest.mark.parametrize("key", ["allow", "allowlist", "safe_senders", "Whitelist"])
def test_a_key_of_json_that_allows_says_so_of_each_row(key: str) -> None:
    rows = f'"{key}": [{{"domain": "good.example"}}]'
    [good] = lines(f"{{{rows}}}")
    assert good.says is Action.ALLOW
    good, evil, odd = lines(
        f'{{{rows}, "blocklist": [{{"domain": "evil.example"}}], "others": [{{"domain": "odd.example"}}]}}'
    )
    assert (good.says, evil.says, odd.code) == (Action.ALLOW, Action.BLOCK, "row_action")
    [line] = lines(f'{{"{key}": ["good.example"]}}', column="1")
    assert line.says is Action.ALLOW


@pytest.mark.parametrize("name", ["IPAllowList", "Allow", "Allowlist", "White list", "Safe IPs", "Allowed IPs"])
def test_a_column_that_allows_by_its_name_says_so_of_each_row(name: str) -> None:
    text = f"{name},Note\n192.0.2.10,partner"
    assert [line.says for line in lines(text, column="1")] == [Action.ALLOW]
    assert {line.says for line in lines(text)} <= {Action.ALLOW}


@pytest.mark.parametrize("separator", [",", ", ", ";", "\t", " | "])
def test_without_a_header_too(separator: str) -> None:
    rows = [
        ("evil.example", "Block"),
        ("partner.example", "Allow"),
        ("seen.example", "Audit"),
        ("bad.example", "phish"),
    ]
    found = lines("\n".join(map(separator.join, rows)))
    assert [(line.says, line.indicator is not None, line.code) for line in found] == [
        (Action.BLOCK, True, "unreadable"),
        (Action.ALLOW, True, "unreadable"),
        (None, False, "row_audits"),
        (None, True, "unreadable"),
    ]


def test_nor_where_somebody_chose_the_column() -> None:
    rows = ["1,evil.example,Allow,x", "2,bad.example,Block,y"]
    assert [line.says for line in lines("\n".join(rows), column="2")] == [Action.ALLOW, Action.BLOCK]


@pytest.mark.parametrize(
    "heading",
    [
        *("Top recipients", "Exceptions", "Exceptions,", "Removed,,", "Allow list", "Ausnahmen,", "False positives,4"),
        *("Victims", "# Allowed", "Destinataires,", "Empfänger", "Top 10 recipients,2"),
    ],
)
def test_a_heading_between_the_rows_says_what_those_below_are(heading: str) -> None:
    found = lines(f"Domain,Hits\nevil.example,3\n{heading}\ngood.example,9\nBlocked\nbad.example,1")
    said = {line.indicator.value: line.says for line in found if line.indicator}
    assert said == {"evil.example": None, "good.example": Action.ALLOW, "bad.example": Action.BLOCK}
    assert all(line.code == "heading" for line in found if line.indicator is None)


ENTRY = entry(ListName.SENDER, Action.BLOCK, "mail.contoso.com")


@pytest.mark.parametrize("row", ["mail.contoso.com,2030-06-01", "evil.example,2029-06-01"])
def test_what_is_not_to_be_added_may_be_removed(row: str) -> None:
    table = f"domain,expires\n{row}"
    assert one(table) in {"? own", "? row_expired"}
    assert one(table, ENTRY).startswith("domain ")


def test_an_end_that_nobody_can_tell_for_sure_is_told_where_ends_are_taken() -> None:
    table = "domain,expires\na.example,2030-06-01\nb.example,soon\nc.example,\nd.example,2030-07-01"
    assert [line.end for line in lines(table)] == [None] * 4
    taken = lines(table, take_ends=True)
    assert [(line.end, line.problem and line.code) for line in taken] == [
        (date(2030, 6, 1), None),
        (None, "end_unreadable"),
        (None, None),
        (date(2030, 7, 1), None),
    ]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Domain,Valid until", "01/02/2020"),
        ("Domain,Expires", "2030-01-01"),
        ("Domain,Expires", "yesterday"),
        ("Domain,Expires", "2020-05-06 10:00"),
        ("Domain,Expires,Valid until", "2020-01-01,"),
        ("Domain,Expires,Valid until", ",01/02/2020"),
        ("Domain,Expires,Valid until", "2031-01-01,2020-01-01"),
    ],
)
def test_a_row_whose_end_has_passed_is_set_aside(header: str, cells: str) -> None:
    assert one(f"{header}\nevil.example,{cells}") == "? row_expired"


def test_a_row_that_never_ends_does_not_get_the_end_of_the_others() -> None:
    table = "domain,expires\na.example,2030-06-01\nb.example,Never"
    assert [line.problem and line.code for line in lines(table)] == [None, None]
    assert [line.problem and line.code for line in lines(table, take_ends=True)] == [None, "end_never"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Gesperrt bis",
            "Bis",
            "Blocked until",
            "Valid to",
            "Fin",
            "Hasta",
            "Expires",
            "Ende",
            "Geldig tot",
            "Scadenza",
        ),
        *("Duration", "Dauer", "TTL", "Durée", "Duración", "Durata"),
    ],
)
@pytest.mark.parametrize("cell", ["2030-01-31", "47514", "1896048000", "1896048000000", "29d", "29 Tage"])
def test_an_end_in_any_of_its_spellings_can_be_taken(name: str, cell: str) -> None:
    [line] = lines(f"Domain,{name}\nevil.example,{cell}", take_ends=True)
    assert line.end == date(2030, 1, 31)
    [line] = lines(f"Domain,{name}\nevil.example,{cell}")
    assert line.end is None


@pytest.mark.parametrize("name", ["Duration (days)", "Dauer in Tagen", "TTL days", "Tage"])
def test_numbers_of_days(name: str) -> None:
    [line] = lines(f"Domain,{name}\nevil.example,29", take_ends=True)
    assert line.end == date(2030, 1, 31)


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("Domain,Bis", "3/4/2030", "Its column Bis says until when"),
        ("Domain,TTL", "86400", "Its column TTL says until when"),
        ("Domain,Expires,Valid until", "2030-02-01,2030-03-01", "Its columns Expires and Valid until both say"),
        ("Domain,Expires", "2030-02-01", ""),
        ("Domain,Expires", "", ""),
    ],
)
def test_ends_that_cannot_be_taken_are_told(header: str, cells: str, told: str) -> None:
    read = read_import(Given(content=f"{header}\nevil.example,{cells}"), today=TODAY)
    assert "; ".join(read.told).startswith(told)
    assert bool(read.told) is bool(told)


@pytest.mark.parametrize("cell", ["3/4/2030", "soon", "2020-01-01"])
def test_ends_are_not_offered_where_none_can_be_told(cell: str) -> None:
    read = read_import(Given(content=f"domain,expires\nevil.example,{cell}"), today=TODAY)
    assert read.ends is None
    with pytest.raises(InvalidInput, match="ends"):
        lines(f"domain,expires\nevil.example,{cell}", take_ends=True)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("System.Object[]", ["no_values"]),
        ("Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]", ["no_values"]),
        ("{203.0.113.7, 203.0.113.8}", ["203.0.113.7", "203.0.113.8"]),
        ("{203.0.113.7, 203.0.113.8...}", ["cut_short"]),
        ("203.0.113.7 junk", ["203.0.113.7", "unreadable"]),
        ("203.0.113.7 203.0.113.7", ["203.0.113.7"]),
    ],
)
def test_a_cell_with_a_list(cell: str, codes: list[str]) -> None:
    found = lines(f'Name,IPAllowList,IPBlockList\nDefault,,"{cell}"')
    assert [line.indicator.value if line.indicator else line.code for line in found] == codes


NETS = ["ipv4_network 203.0.113.0/24", "ipv4_network 198.51.100.0/24"]
URLS = ["url evil.example/a", "url evil.example/b"]

#: The header, a cell below it, and what that gives: kind and value, or the code of the problem.
CELLS = [
    *[("IP,Note", f'"203.0.113.0/24{mark}198.51.100.0/24",x', NETS) for mark in (",", ";", "|", " ", ", ", "\n")],
    ("IP", "203.0.113.0/24,198.51.100.0/24", NETS),
    ("IP,Note", '"203.0.113.0/24,Spray",', NETS[:1]),
    ("IP,Note", "evil.example/a,x", ["type_differs"]),
    ("Sender IP,Note", "https://203.0.113.7/a,x", ["type_differs"]),
    ("Indicator,Note", '"203.0.113.0/24,Spray",x', NETS[:1]),
    ("Indicator,Note", '"evil.example, bad.example",x', ["domain evil.example", "domain bad.example"]),
    # a comma in a URL, or two indicators: a command asks as well
    ("Indicator,Note", '"https://evil.example/a,evil2.example",x', ["unreadable"]),
    ("URL,Note", '"https://evil.example/a,evil2.example",x', ["unreadable"]),
    ("URL,Note", '"https://evil.example/a b",x', ["unreadable"]),
    ("URL,Note", "https://evil.example/a|b,x", ["unreadable"]),
    ("URL,Note", '"bad.example/a,b",x', ["url bad.example/a,b"]),
    ("URL,Note", '"evil.example bad.example",x', ["url evil.example", "url bad.example"]),
    *[
        ("URL,Note", f'"https://evil.example/a{mark}https://evil.example/b",x', URLS)
        for mark in (" ", "\n", ",", ";", ", ", " ; ")
    ],
    # a mail address in a column of URLs would block its whole domain
    ("url,Note", "bob@evil.example,x", ["type_differs"]),
    ("Website,Note", "bob@evil.example,x", ["type_differs"]),
    ("Indicator,Type", "bob@evil.example,url", ["type_differs"]),
    ("url,Note", "https://bob@evil.example/a,x", ["url evil.example/a"]),
    # the exceptions of a list of filters
    ("Domain,Note", "!good.example,x", ["exception"]),
    ("Domain,Note", "@@||good.example^,x", ["exception"]),
]


@pytest.mark.parametrize(("header", "row", "found"), CELLS)
def test_a_cell_is_read_like_a_line_and_as_its_column_demands(header: str, row: str, found: list[str]) -> None:
    given = lines(f"{header}\n{row}")
    assert [f"{line.indicator.kind} {line.indicator.value}" if line.indicator else line.code for line in given] == found


def test_what_a_cell_says_beside_its_indicator_is_kept() -> None:
    [line] = lines('IP,Note\n"203.0.113.0/24,Spray",Wave')
    assert line.remark == "Spray; Wave"


def test_half_a_pair_is_none() -> None:
    assert one("SpoofedUser,SendingInfrastructure\ncontoso.com,") == "? empty"


def test_a_column_of_pairs() -> None:
    assert one('spoof pair,note\n"contoso.com, 203.0.113.0/24",x') == "spoof_pair contoso.com, 203.0.113.0/24"
    [line, other] = lines("domain\ncontoso.example, evil.example")
    assert [found.indicator.kind for found in (line, other) if found.indicator] == [Kind.DOMAIN, Kind.DOMAIN]


def test_a_long_cell_is_set_aside_unread() -> None:
    assert one("domain;x\n" + "a.example, " * 100 + ";x") == "? too_long"
