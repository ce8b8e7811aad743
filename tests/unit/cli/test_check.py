"""`portcullis check`: what it prints, for people and for machines, and how it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli.commands.check import check as typed_check
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.errors import SettingsError, SignInFailed
from tests.unit.cli.commands import alone, live, run

LISTS: dict[str, Any] = {
    "as_of": "2026-11-21T12:00:00.0000000Z",
    "policies": [
        {
            "Identity": "Default",
            "Name": "Default",
            "IsDefault": True,
            "IPAllowList": ["203.0.113.0/24", "mail server"],
            "IPBlockList": ["203.0.113.7"],
            "EnableSafeList": False,
        }
    ],
    "items": {
        "Sender": [
            {
                "Identity": "opaque",
                "Value": "evil.example",
                "Action": "Block",
                "Notes": "request 7",
                "ExpirationDate": "2126-11-21T12:00:00.0000000Z",
            }
        ],
        "Url": [],
        "FileHash": [],
        "IP": [],
    },
    "spoof": [{"SpoofedUser": "evil.example", "SendingInfrastructure": "203.0.113.0/24", "Action": "Allow"}],
}


@pytest.fixture
def app() -> typer.Typer:
    return alone(typed_check)


@pytest.fixture
def lists_file(tmp_path: Path) -> Path:
    file = tmp_path / "lists.json"
    file.write_text(json.dumps(LISTS))
    return file


def test_json_has_the_whole_verdict(app: typer.Typer, lists_file: Path) -> None:
    result = run(app, "203.0.113[.]7", "--lists", str(lists_file), "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert set(answer) == {
        "indicator",
        "kind",
        "verdict",
        "because",
        "entries",
        "elsewhere",
        "last_word",
        "whose",
        "limits",
        "unseen",
        "as_of",
    }
    assert answer["whose"] is None
    assert (answer["indicator"], answer["kind"], answer["verdict"]) == ("203.0.113.7", "ipv4", "allowed")
    assert answer["entries"][0] == {
        "list": "connection_filter",
        "action": "allow",
        "value": "203.0.113.0/24",
        "policy": "Default",
        "effect": "covers",
        "wins": True,
        "expires": None,
        "notes": "",
        "recorded": None,
    }
    assert [(entry["value"], entry["wins"]) for entry in answer["entries"][1:]] == [
        ("203.0.113.7", False),
        ("evil.example, 203.0.113.0/24", False),
    ]
    assert "allow list wins" in answer["because"]
    assert answer["unseen"] == []
    assert datetime.fromisoformat(answer["as_of"]) == datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_lists_that_do_not_say_when_they_were_read_have_no_age(app: typer.Typer) -> None:
    undated = json.dumps({key: value for key, value in LISTS.items() if key != "as_of"})
    answer = json.loads(run(app, "evil.example", "--lists", "-", "--json", given=undated).stdout)
    assert (answer["verdict"], answer["as_of"]) == ("blocked", None)
    text = run(app, "evil.example", "--lists", "-", given=undated).stdout
    assert "how old this is, is not known" in " ".join(text.split())
    assert "As of" not in text


def test_dates_are_iso_and_notes_are_given(app: typer.Typer, lists_file: Path) -> None:
    answer = json.loads(run(app, "evil.example", "--lists", str(lists_file), "--json").stdout)
    assert answer["verdict"] == "blocked"
    assert datetime.fromisoformat(answer["entries"][0]["expires"]) == datetime(2126, 11, 21, 12, tzinfo=UTC)
    assert answer["entries"][0]["notes"] == "request 7"


@pytest.mark.parametrize("value", ["198.51.100.1", "evil.example", "203.0.113.7"])
def test_the_exit_code_is_0_whatever_the_verdict(app: typer.Typer, lists_file: Path, value: str) -> None:
    assert run(app, value, "--lists", str(lists_file)).exit_code == 0


def test_people_get_the_verdict_the_reason_and_the_entries(app: typer.Typer, lists_file: Path) -> None:
    text = run(app, "203.0.113.7", "--lists", str(lists_file)).stdout
    for words in ("allowed", "wins", "IP Allow List", "What this does not mean", "As of"):
        assert words in text


def test_control_characters_of_an_entry_do_not_reach_the_terminal(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "lists.json"
    entry = {"Value": "evil.example", "Action": "Block", "Notes": "\x1b]0;owned\x07"}
    file.write_text(json.dumps({"items": {"Sender": [entry]}}))
    text = run(app, "evil.example", "--lists", str(file)).stdout
    assert "owned" in text
    assert "\x1b]" not in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_come_from_standard_input_in_powershells_encodings(app: typer.Typer, encoding: str) -> None:
    result = run(app, "evil.example", "--lists", "-", "--json", given=json.dumps(LISTS).encode(encoding))
    assert json.loads(result.stdout)["verdict"] == "blocked"


def test_a_part_that_is_missing_is_unseen(app: typer.Typer) -> None:
    result = run(app, "evil.example", "--lists", "-", "--json", given=b'{"policies": []}')
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["verdict"] == "unknown"
    assert "could not be read" in answer["because"]
    assert any("domains and addresses" in line for line in answer["unseen"])


def test_what_could_not_be_read_is_told_apart_from_what_can_change_no_verdict(app: typer.Typer) -> None:
    text = run(app, "203.0.113.7", "--lists", "-", given=b'{"policies": []}').stdout
    assert "not listed" in text
    read, _, beside = text.partition("Could not be read either, but can't change the verdict")
    assert "Could not be read" not in read
    assert "URLs" in beside
    text = run(app, "evil.example", "--lists", "-", given=b'{"policies": []}').stdout
    own, _, beside = text.partition("\nCould not be read\n")[2].partition("Could not be read either")
    assert "domains and addresses" in own
    assert "URLs" not in own
    assert "URLs" in beside


FAILURES = [
    ("0x7f.1", b'{"policies": []}', "0x7f.1"),
    ("evil.example", b"not json", "standard input is no JSON"),
    ("evil.example", b"\xff\x00\xff", "standard input is no text"),
    ("evil.example", b"[1, 2]", "lists can't be read"),
    ("evil.example", b"[" * 100_000, "standard input"),
    ("evil.example", b'{"items": {"Sender": [{"Value": 7}]}}', "lists can't be read"),
    ("evil.example", b'{"as_of": "last week", "policies": []}', "as_of"),
    ("evil.example", b'{"policies": [{"Identity": "Default", "SpamAction": "Delete"}]}', "another cmdlet"),
]


@pytest.mark.parametrize(("indicator", "given", "what"), FAILURES)
def test_what_cannot_be_read_is_an_error_on_both_streams(
    app: typer.Typer, indicator: str, given: bytes, what: str
) -> None:
    result = run(app, indicator, "--lists", "-", "--json", given=given)
    assert result.exit_code == 2
    assert what in result.stderr
    assert what in json.loads(result.stdout)["error"]
    plain = run(app, indicator, "--lists", "-", given=given)
    assert plain.exit_code == 2
    assert plain.stdout == ""
    assert what in plain.stderr


def test_a_file_that_is_not_there_is_an_error(app: typer.Typer, tmp_path: Path) -> None:
    result = run(app, "evil.example", "--lists", str(tmp_path / "missing.json"))
    assert result.exit_code == 2
    assert "missing.json can't be read" in result.stderr


def test_without_a_file_the_tenant_is_asked_for_the_lists_that_matter(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry(list=ListName.FILE, action=Action.BLOCK, value="AB" * 32)
    asked = live(monkeypatch, Snapshot(as_of=datetime(2026, 11, 21, tzinfo=UTC), entries=(entry,)))
    answer = json.loads(run(app, "ab" * 32, "--json").stdout)
    assert answer["verdict"] == "blocked"
    assert answer["as_of"] == "2026-11-21T00:00:00+00:00"
    assert asked == [frozenset({ListName.FILE})]


def test_a_tenant_that_cannot_be_read_is_an_error(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch, SignInFailed("No token for the tenant.", "Check the certificate."))
    result = run(app, "evil.example", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {"error": "No token for the tenant. Check the certificate."}


def test_an_entry_is_asked_about_by_its_exact_value(app: typer.Typer) -> None:
    lists = {"items": {"Url": [{"Value": "evil.example/a/#x", "Action": "Block"}]}}
    answer = json.loads(run(app, "evil.example/a/#x", "--lists", "-", "--json", given=json.dumps(lists)).stdout)
    assert (answer["indicator"], answer["verdict"]) == ("evil.example/a/#x", "blocked")


@pytest.mark.parametrize(("typed", "said"), [("nothing", "names nothing"), ("evil.example", "TENANT_ID is missing")])
def test_what_cannot_be_read_is_told_before_settings_that_are_missing(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, typed: str, said: str
) -> None:
    live(monkeypatch, SettingsError(("PORTCULLIS_TENANT_ID is missing.",)))
    ended = run(app, typed)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stderr.count("missing") == (typed != "nothing")
    assert ended.stderr.count("--snapshot") == (typed != "nothing")
