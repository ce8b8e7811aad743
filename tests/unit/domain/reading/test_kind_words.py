"""A word for the kind in front of a value says nothing more; one for another kind is asked about."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.reading.command_text import read_command, read_field

TODAY = date(2026, 3, 1)
SHA = "a" * 64


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("domain evil.example", ["evil.example"]),
        ("Domain evil[.]example", ["evil.example"]),
        ("the domain evil.example", ["evil.example"]),
        ("domains a.example b.example", ["a.example", "b.example"]),
        ("sender evil.example", ["evil.example"]),
        ("sender bob@evil.example", ["bob@evil.example"]),
        ("address bob@evil.example", ["bob@evil.example"]),
        ("addresses a@evil.example, b@evil.example", ["a@evil.example", "b@evil.example"]),
        ("email bob@evil.example", ["bob@evil.example"]),
        ("e-mail address bob@evil.example", ["bob@evil.example"]),
        ("mail address <mailto:bob@evil.example|bob@evil.example>", ["bob@evil.example"]),
        ("IP 203.0.113.7", ["203.0.113.7"]),
        ("ip address 203.0.113.7", ["203.0.113.7"]),
        ("IPs 203.0.113.7, 203.0.113.8", ["203.0.113.7", "203.0.113.8"]),
        ("ip range 203.0.113.5 - 203.0.113.9", ["203.0.113.5-203.0.113.9"]),
        ("network 203.0.113.0/24", ["203.0.113.0/24"]),
        ("ipv6 2001:db8::1", ["2001:db8::1"]),
        ("url https://evil.example/login", ["evil.example/login"]),
        ("link <https://evil.example/login>", ["evil.example/login"]),
        (f"file {SHA}", [SHA]),
        (f"hashes {SHA}", [SHA]),
        (f"sha-256 {SHA}", [SHA]),
        (f"file hash {SHA}", [SHA]),
        ("Domäne evil.example", ["evil.example"]),
        ("domain `evil.example`", ["evil.example"]),
    ],
)
def test_it_is_left_out(typed: str, values: list[str]) -> None:
    command = read_command(f"{typed} 30d phishing", today=TODAY)
    assert [found.value for found in command.indicators] == values
    assert command.problems == ()
    assert (str(command.lifetime), command.reason) == ("30d", "phishing")
    found = read_field(typed)
    assert [indicator.value for indicator in found.indicators] == values
    assert found.problems == ()


@pytest.mark.parametrize(
    "typed",
    [
        "ip evil.example",
        "url evil.example",
        "domain bob@evil.example",
        "domain 203.0.113.7",
        "file evil.example",
        "network 203.0.113.7",
        "domain",
        "domain of evil.example",
        "no domain evil.example",
    ],
)
def test_what_doesnt_fit_is_asked_about(typed: str) -> None:
    assert read_command(f"{typed} phishing", today=TODAY).problems


def test_on_a_line_below_it_may_be_the_reason() -> None:
    command = read_command("a.example\ndomain b.example told us", today=TODAY)
    assert [found.value for found in command.indicators] == ["a.example"]


def test_a_line_that_is_nothing_else_is_one_more_of_the_list() -> None:
    command = read_command("domain a.example\ndomain b.example\n30d phishing", today=TODAY)
    assert [found.value for found in command.indicators] == ["a.example", "b.example"]
    assert command.problems == ()


def test_behind_the_first_value_it_is_the_reason() -> None:
    command = read_command("a.example domain b.example told us", today=TODAY)
    assert [found.value for found in command.indicators] == ["a.example"]
