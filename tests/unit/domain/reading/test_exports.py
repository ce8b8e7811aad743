"""Exports and feeds of the kinds that people import, as files: what each one is read as.

The files are in tests/exports; they are made up, in the layouts that the programs write.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import WHOLE_LINES, Given, ImportReading, read_import

FOLDER = Path(__file__).parents[3] / "exports"
TODAY = date(2030, 1, 2)
OWN = frozenset({"contoso.com"})
H1, H2 = "a1" * 32, "b2" * 32


class Plain(NamedTuple):
    """A file that is read without asking: by which column, and what each line gives (a value, or `? code`)."""

    what: str
    key: str
    found: list[tuple[int, str]]


class Asked(NamedTuple):
    """A file of which only a person can tell the column: the ways that are offered, in order."""

    what: str
    keys: list[str]


DEFENDER = "an export of Defender's indicators"
LISTS = "an export of the Tenant Allow/Block List"

PLAIN = {
    "tabl_senders.csv": Plain(
        LISTS, "Value", [(3, "evil@bad.example"), (4, "bad.example"), (5, "allow partner.example")]
    ),
    # an export is of one list, and only that of URLs has a path in it
    "tabl_urls.csv": Plain(LISTS, "Value", [(2, "evil.example"), (3, "bad.example/login/*"), (4, "~worse.example")]),
    "portal_senders.csv": Plain(
        LISTS, "Value", [(2, "evil@bad.example"), (3, "bad.example"), (4, "allow partner@known.example")]
    ),
    # who is imitated is never blocked for it: a pair is read as a pair
    "tabl_spoofs.csv": Plain(
        "an export of the tenant's spoofed senders",
        "SpoofedUser + SendingInfrastructure",
        [(2, "contoso.com, 203.0.113.0/24"), (3, "ceo@contoso.com, evil.example"), (4, "allow partner.example, *")],
    ),
    "connection_filter.csv": Plain(
        "an export of connection filter policies",
        "IPAllowList + IPBlockList",
        [
            (2, "allow 192.0.2.10"),
            (2, "allow 192.0.2.11"),
            (2, "203.0.113.7"),
            (2, "198.51.100.0/24"),
            (2, "203.0.113.20-203.0.113.29"),
            (3, "? no_values"),
        ],
    ),
    "connection_filter.json": Plain(
        "an export of connection filter policies",
        "IPAllowList + IPBlockList",
        [(3, "allow 192.0.2.10"), (3, "203.0.113.7"), (3, "198.51.100.0/24")],
    ),
    "defender_indicators.csv": Plain(
        DEFENDER,
        "IndicatorValue",
        [
            (2, "evil.example/login"),
            (3, "? row_audits"),
            (4, "allow partner.example"),
            (5, "203.0.113.7"),
            (6, "? row_expired"),
            (7, H1),
            (8, "? other_hash"),
            (9, "? row_type"),
            (10, "? row_audits"),
            (11, "? own"),
        ],
    ),
    "sentinel_indicators.csv": Plain(
        "an export of Sentinel's indicators",
        "observableValue",
        [(2, "evil.example"), (3, "? row_revoked"), (4, "203.0.113.7"), (5, "? row_type")],
    ),
    "sentinel_indicators.json": Plain("a list of STIX indicators", "stix value", [(3, "203.0.113.7")]),
    "quarantine.csv": Plain(
        "an export of quarantined messages", "SenderAddress", [(2, "evil@bad.example"), (3, "? own")]
    ),
    "misp.csv": Plain(
        "a MISP event",
        "value",
        [
            (2, "203.0.113.7"),
            (3, "evil.example"),
            (3, "198.51.100.7"),
            (4, "203.0.113.8"),
            (5, H1),
            (6, "? other_hash"),
            (7, "? row_type"),
            (8, "? row_not_for_detection"),
            (9, "evil.example/a?b=1"),
            (10, "? row_not_for_detection"),
        ],
    ),
    "misp_event.json": Plain(
        "a MISP event",
        "value",
        [
            (7, "203.0.113.7"),
            (15, "? row_not_for_detection"),
            (23, "? row_deleted"),
            (36, "evil@bad.example"),
            (44, "? row_type"),
        ],
    ),
    "urlhaus.csv": Plain(
        "an export of URLhaus", "url", [(6, "evil.example/bin.sh"), (7, "? row_offline"), (8, "bad.example/a,b/c")]
    ),
    "urlhaus.txt": Plain(
        "plain lines", WHOLE_LINES, [(2, "evil.example/bin.sh"), (3, "203.0.113.7/i"), (4, "bad.example/a,b/c")]
    ),
    "feodo.csv": Plain("an export of Feodo Tracker", "dst_ip", [(6, "203.0.113.7"), (7, "? row_offline")]),
    "malwarebazaar.csv": Plain("an export of MalwareBazaar", "sha256_hash", [(6, H1), (7, H2)]),
    "threatfox.csv": Plain(
        "an export of ThreatFox",
        "ioc_value",
        [(3, "203.0.113.7"), (4, "evil.example"), (5, "evil.example/a"), (6, H1), (7, "? other_hash")],
    ),
    "threatfox.json": Plain("an export of ThreatFox", "ioc_value", [(4, "203.0.113.7"), (12, "evil.example")]),
    "otx_pulse.csv": Plain(
        "an OTX pulse",
        "Indicator",
        [
            (2, "203.0.113.7"),
            (3, "evil.example"),
            (4, "www.evil.example"),
            (5, "evil.example/a"),
            (6, H1),
            (7, "? other_hash"),
            (8, "? row_type"),
            (9, "evil@bad.example"),
        ],
    ),
    # it stands on one line: the records are numbered
    "otx_pulse.json": Plain(
        "an OTX pulse", "Indicator", [(1, "evil.example"), (2, "? row_inactive"), (3, "? other_hash")]
    ),
    "drop.txt": Plain("plain lines", WHOLE_LINES, [(3, "192.0.2.0/24"), (4, "198.51.100.0/24"), (5, "? unreadable")]),
    "drop.json": Plain("a list of Spamhaus", "cidr", [(1, "192.0.2.0/24"), (2, "198.51.100.0/24"), (3, "? empty")]),
    "asndrop.json": Plain(
        "a list of whole providers' networks (AS numbers)",
        "asn",
        [(1, "? no_list"), (2, "? no_list"), (3, "? no_list")],
    ),
    "stix_bundle.json": Plain(
        "a STIX bundle",
        "stix value",
        [
            (11, "evil.example"),
            (11, "evil.example/a"),
            (20, H1),
            (20, "? other_hash"),
            (28, "? pattern"),
            (36, "? row_revoked"),
            (45, "? row_expired"),
            (54, "evil@bad.example"),
            (62, "? only_observed"),
        ],
    ),
    "abuseipdb.csv": Plain("a list of AbuseIPDB", "ip", [(2, "203.0.113.7"), (3, "2001:db8::7")]),
    "phishtank.csv": Plain("an export of PhishTank", "url", [(2, "evil.example/bank"), (3, "? row_offline")]),
    "openphish.txt": Plain("plain lines", WHOLE_LINES, [(1, "evil.example/login"), (2, "bad.example/a?b=c")]),
    "hosts.txt": Plain(
        "plain lines",
        WHOLE_LINES,
        [
            (2, "? hosts_own"),
            (3, "? hosts_own"),
            (4, "evil.example"),
            (5, "bad.example"),
            (5, "www.bad.example"),
        ],
    ),
    "spf.txt": Plain(
        "plain lines",
        WHOLE_LINES,
        [(1, "203.0.113.0/24"), (1, "198.51.100.7"), (1, "2001:db8::/48"), (1, "? spf_indirect"), (1, "? spf_owner")],
    ),
    "german.csv": Plain("a table", "Absender", [(4, "evil@bad.example"), (5, "evil@worse.example")]),
    "french.csv": Plain("a table", "Adresse IP", [(3, "203.0.113.7"), (4, "allow 203.0.113.8")]),
    "soc_list.xlsx": Plain("a table", "Domain", [(4, "evil.example"), (5, "bad.example"), (6, "? empty")]),
}

ASKED = {
    # nothing in it says of which list it is
    "tabl_domains.csv": Asked(LISTS, ["Value as senders", "Value as URLs"]),
    "hunting_results.csv": Asked(
        "a result of advanced hunting in mail",
        ["SenderFromAddress", "SenderMailFromAddress", "SenderIPv4", "RecipientEmailAddress"],
    ),
    "message_trace_old.csv": Asked("a message trace", ["sender_address", "original_client_ip", "message_id"]),
    "message_trace_new.csv": Asked("a message trace", ["SenderAddress", "FromIP", "RecipientAddress", "MessageId"]),
    "explorer.csv": Asked(
        "an export of Explorer's messages", ["Sender address", "Sender domain", "Sender IP", "Recipients"]
    ),
    "two_sheets.xlsx": Asked("several tables", ["Senders: Sender", "Addresses: IP"]),
}


def reading(name: str, *, column: str = "", take_ends: bool = False) -> ImportReading:
    content = (FOLDER / name).read_bytes()
    given = Given(content=content, name=name)
    return read_import(given, today=TODAY, accepted_domains=OWN, column=column, take_ends=take_ends)


def found(read: ImportReading) -> list[tuple[int, str]]:
    """What each line gives: a value, with `allow` in front where the row allows it, or the code of its problem."""
    return [
        (
            line.number,
            f"{'allow ' if line.says is Action.ALLOW else ''}{line.indicator.value}"
            if line.indicator
            else f"? {line.code}",
        )
        for line in read.lines
    ]


def test_every_file_has_its_expected_reading() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {*PLAIN, *ASKED}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain(name: str) -> None:
    read = reading(name)
    expected = PLAIN[name]
    assert read.chosen is not None
    assert (read.what, read.chosen.key) == (expected.what, expected.key)
    assert found(read) == expected.found


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked(name: str) -> None:
    read = reading(name)
    expected = ASKED[name]
    assert read.chosen is None
    assert read.question
    assert (read.what, [choice.key for choice in read.choices]) == (expected.what, expected.keys)
    for choice in read.choices:
        assert reading(name, column=choice.key).chosen == choice


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [
        ("tabl_domains.csv", "Value as URLs", ["url", "url"]),
        ("tabl_domains.csv", "Value as senders", ["domain", "domain"]),
        ("hunting_results.csv", "SenderIPv4", ["ipv4", "ipv4"]),
        ("two_sheets.xlsx", "addresses: ip", ["ipv4", "ipv4"]),
        ("two_sheets.xlsx", "Addresses", ["ipv4", "ipv4"]),
        # one's own are read where somebody names the column
        ("quarantine.csv", "SenderAddress", ["address", "address"]),
    ],
)
def test_what_is_chosen(name: str, column: str, values: list[str]) -> None:
    assert [line.indicator.kind for line in reading(name, column=column).lines if line.indicator] == values


ENDS = [
    ("tabl_senders.csv", "ExpirationDate", [date(2030, 1, 28), None, date(2030, 1, 15)]),
    ("portal_senders.csv", "Remove on", [date(2030, 1, 28), None, date(2030, 2, 12)]),
    ("german.csv", "Gültig bis", [date(2030, 1, 31), date(2030, 2, 28)]),
    ("soc_list.xlsx", "Expires", [date(2030, 2, 1), None, None]),
    ("sentinel_indicators.csv", "validUntil", [date(2030, 7, 18), None, None, None]),
]


@pytest.mark.parametrize(("name", "key", "ends"), ENDS)
def test_ends_that_can_be_taken(name: str, key: str, ends: list[date | None]) -> None:
    offered = reading(name).ends
    assert offered is not None
    dated = [end for end in ends if end is not None]
    assert (offered.key, offered.dated, offered.first, offered.last) == (key, len(dated), min(dated), max(dated))
    assert all(line.end is None for line in reading(name).lines)
    assert [line.end for line in reading(name, take_ends=True).lines] == ends


@pytest.mark.parametrize("name", ["quarantine.csv", "urlhaus.csv", "message_trace_new.csv", "openphish.txt"])
def test_other_dates_are_no_ends(name: str) -> None:
    assert reading(name).ends is None


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("tabl_senders.csv", "Invoice fraud, case 4711"),
        ("defender_indicators.csv", "Phish page; Wave of May, second kit"),
        ("german.csv", "Rechnungsbetrug"),
        ("drop.txt", "SBL100001"),
        ("threatfox.csv", "Botty; botnet_cc"),
        ("misp_event.json", "Invoice wave; C2"),
    ],
)
def test_what_explains_a_row_goes_with_it(name: str, remark: str) -> None:
    first = next(line for line in reading(name).lines if line.indicator)
    assert first.remark == remark


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_neither_encoding_nor_line_ends_matter(encoding: str, line_end: str) -> None:
    text = (FOLDER / "sentinel_indicators.csv").read_text(encoding="utf-8")
    content = text.replace("\n", line_end).encode(encoding)
    read = read_import(Given(content=content), today=TODAY, accepted_domains=OWN)
    assert found(read) == PLAIN["sentinel_indicators.csv"].found
