"""`portcullis parse`: its JSON, its readable form, its exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cli.commands.parse import parse
from tests.unit.cli.commands import alone, run

app = alone(parse)


def as_json(*texts: str, stdin: str | None = None, exit_code: int = 0) -> list[dict[str, Any]]:
    result = run(app, "--json", "--", *texts, given=stdin)
    assert result.exit_code == exit_code, result.output
    assert result.output.isascii()
    document: list[dict[str, Any]] = json.loads(result.output)
    return document


def test_one_object_for_each_text_in_order() -> None:
    assert as_json("203.0.113[.]7", "hxxps://evil[.]example/ü", "*.evil.example") == [
        {
            "input": "203.0.113[.]7",
            "kind": "ipv4",
            "value": "203.0.113.7",
            "list": "connection_filter",
            "notes": ["203.0.113.0/24 is for examples in documentation: no mail should come from there."],
            "remark": "",
            "asked": [],
            "error": None,
        },
        {
            "input": "hxxps://evil[.]example/ü",
            "kind": "url",
            "value": "evil.example/%C3%BC",
            "list": "url",
            "notes": [
                "https:// was left out: an entry has no scheme.",
                "Characters that an entry can't have were percent-encoded.",
            ],
            "remark": "",
            "asked": [],
            "error": None,
        },
        {
            "input": "*.evil.example",
            "kind": "domain",
            "value": "*.evil.example",
            "list": "sender",
            "notes": [],
            "remark": "",
            "asked": [],
            "error": None,
        },
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("evil.example", "sender"),
        ("a@evil.example", "sender"),
        ("a" * 64, "file"),
        ("2001:db8::7", "ip"),
        ("203.0.113.0/24", "connection_filter"),
    ],
)
def test_the_list_is_named(text: str, name: str) -> None:
    assert as_json(text)[0]["list"] == name


def test_a_single_text_is_a_list_of_one_and_failure_is_exit_code_1() -> None:
    (reading,) = as_json("0x7f.1", exit_code=1)
    assert (reading["kind"], reading["value"], reading["list"], reading["notes"]) == (None, None, None, [])
    assert "127.0.0.1" in reading["error"]


def test_one_failure_hides_no_other_text() -> None:
    readings = as_json("nonsense", "evil.example", exit_code=1)
    assert [reading["value"] for reading in readings] == [None, "evil.example"]


def test_texts_that_begin_with_a_dash_and_broken_text() -> None:
    readings = as_json("-evil.example", "\udcff", exit_code=1)
    assert [reading["input"] for reading in readings] == ["-evil.example", "\udcff"]


def test_a_dash_reads_lines_from_standard_input() -> None:
    readings = as_json("a.example", "-", stdin="b.example\n\nc.example\r\n")
    assert [reading["value"] for reading in readings] == ["a.example", "b.example", "c.example"]


def test_own_domains_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCULLIS_ACCEPTED_DOMAINS", " Contoso.com , ,fabrikam.com")
    assert as_json("mail.contoso.com")[0]["notes"] == ["contoso.com is one of the tenant's own domains."]


def test_for_people() -> None:
    result = run(app, "hxxp://evil[.]example/[bold]", "0x7f.1", "\udcff\x1b[31m")
    assert result.exit_code == 1
    assert "hxxp://evil[.]example/[bold]" in result.output
    assert "url evil.example/[bold] (list: url)" in result.output
    assert "note: http:// was left out" in result.output
    assert "not usable: ‘0x7f.1’" in result.output
    assert "type that if you mean it." in result.output  # a long line is whole
    assert "\x1b[31m" not in result.output


def test_a_text_with_several_indicators_has_an_object_for_each() -> None:
    readings = as_json("203.0.113.0/24,198.51.100.0/24", "spoof a.example, b.example", "a.example, b.example")
    assert [(reading["kind"], reading["value"]) for reading in readings] == [
        ("ipv4_network", "203.0.113.0/24"),
        ("ipv4_network", "198.51.100.0/24"),
        ("spoof_pair", "a.example, b.example"),
        ("domain", "a.example"),
        ("domain", "b.example"),
    ]


def test_what_is_set_apart_is_a_remark_and_other_words_are_not_usable() -> None:
    set_apart, words, not_usable = as_json("203.0.113.0/24, Spray", "evil.example is ours", exit_code=1)
    assert (set_apart["value"], set_apart["remark"]) == ("203.0.113.0/24", "Spray")
    assert words["value"] == "evil.example"
    assert "is ours" in not_usable["error"]
    result = run(app, "203.0.113.0/24, Spray")
    assert "remark: Spray" in result.output


def test_the_headers_of_a_message_are_named_with_what_they_hold() -> None:
    headers = "X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:NL\nFrom: Boss <boss@evil.example>\n"
    (reading,) = as_json("-", stdin=headers, exit_code=1)
    assert reading["value"] is None
    assert "the connecting IP (CIP) 203.0.113.9; the From address boss@evil.example" in reading["error"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("good.example # whitelisted", ["a request to block: ‘whitelisted’ reads as a reason not to block."]),
        ("evil.example # block", ["a request to allow: ‘block’ says to block, and it is to be allowed."]),
        ("evil.example # seen today", []),
        ("evil.example", []),
        ("evil.example,phish", ["any command: ‘phish’ stands right behind a comma: is it to be listed too"]),
        ("good.example,allow", ["a request to block: ‘allow’"]),
    ],
)
def test_it_says_what_a_command_would_ask_about_a_remark(text: str, asked: list[str]) -> None:
    [found] = as_json(text)
    assert len(found["asked"]) == len(asked)
    assert all(told.startswith(said) for told, said in zip(found["asked"], asked, strict=True)), found["asked"]
    assert ("would be asked about by" in run(app, text).output) is bool(asked)
