"""The same text is read in the same way wherever it is given: command, form, import, command line."""

from __future__ import annotations

from datetime import date

import pytest

from bot.cli.parse import readings_of
from bot.domain.indicators.indicator import Indicator
from bot.domain.reading.command_text import read_command, read_field
from bot.domain.reading.import_lines import read_plain_lines

TODAY = date(2026, 12, 1)

READ = [
    "evil.example",
    "hxxps://evil[.]example/login",
    "203.0.113.0/24,198.51.100.0/24",
    "203.0.113.0/24;198.51.100.0/24",
    "203.0.113.0/24|198.51.100.0/24",
    "203.0.113.5 - 203.0.113.9",
    "203.0.113.0/24, Spray",
    "192.0.2.0/24 ; SBL123",
    "evil.example # phishing, May",
    "evil.example\tphish kit",
    '"https://evil.example/a","phish kit"',
    "https://evil.example/a,https://evil2.example/b",
    "https://evil.example/a,b",
    "<https://evil.example/a,evil2.example>",
    "evil.example,evil2.example",
    "fabrikam.example, 203.0.113.0/24",
    "spoof fabrikam.example, 203.0.113.0/24",
    "From: SMTP:boss@evil.example",
    "CIP: 203.0.113.9",
    "evil.example and subdomains",
    '"Guy, Bad" <bad@evil.example>',
    "- evil.example",
    "0.0.0.0 evil.example",
    "127.0.0.1 evil.example evil2.example",
    "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all",
    '"v=spf1 ip4:203.0.113.0/24 ~all"',
    "# harmless\u2028evil.example",
    "; harmless\x85evil.example",
    "evil.example\x0bevil2.example\x0cevil3.example\x1cevil4.example",
    "ceo@good.example <eve@evil.example>",
    "evil.example?x=1;y=2",
    "evil.example and subdomain www.evil.example",
    "https://evil.example:8080/a#top",
]

NOT_READ = [
    "https://evil.example/a,evil2.example",
    "*, 203.0.113.0/24",
    "spoof fabrikam.example",
    "spoof fabrikam.example, 203.0.113.7",
    "no idea",
    "0x7f.1",
    "evil.example?a=1,evil2.example",
    "https://evil.example/a,30d",
    "v=spf1 include:bad.example -all",
    "127.0.0.1 localhost",
    "203.0.113.0/8",
    "Received: from mail.evil.example (203.0.113.9) by mx.example",
]


def told(indicators: tuple[Indicator, ...]) -> list[tuple[str, str, list[str]]]:
    return [(found.kind.value, found.value, [note.text for note in found.notes]) for found in indicators]


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text: str) -> None:
    command = read_command(text, today=TODAY)
    field = read_field(text)
    lines = read_plain_lines(text)
    printed = readings_of(text)
    assert (command.problems, field.problems, command.lifetime) == ((), (), None)
    assert told(command.indicators)
    assert told(field.indicators) == told(command.indicators)
    assert told(tuple(line.indicator for line in lines if line.indicator)) == told(command.indicators)
    assert [(found["kind"], found["value"], found["notes"]) for found in printed] == told(command.indicators)
    remarks = {command.reason, *field.remarks} - {""}
    assert {line.remark for line in lines} - {""} == remarks
    assert {found["remark"] for found in printed} - {""} == remarks
    assert len(remarks) < 2


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_not(text: str) -> None:
    problems = [str(problem) for problem in read_command(text, today=TODAY).problems]
    assert problems
    assert [str(problem) for problem in read_field(text).problems] == problems
    printed = [found["error"] for found in readings_of(text) if found["error"]]
    assert printed == problems
