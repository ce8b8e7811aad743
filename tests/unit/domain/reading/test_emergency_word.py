"""The word `emergency` behind /block: where it says so, and where it may be a part of the reason."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.emergency_word import EmergencyText, may_be_meant, read_emergency, without_because

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("emergency evil.example because of a phishing wave", "evil.example because of a phishing wave"),
        ("Emergency: evil.example 1d phishing", "evil.example 1d phishing"),
        ("EMERGENCY! evil.example", "evil.example"),
        ("--emergency evil.example", "evil.example"),
        ("*emergency* evil.example phishing", "evil.example phishing"),
        ("  emergency\nevil.example\nbad.example phishing", "evil.example\nbad.example phishing"),
        ("emergency", ""),
        ("evil.example emergency because of a wave", "evil.example because of a wave"),
        ("evil.example 1d, emergency because of a wave", "evil.example 1d, because of a wave"),
    ],
)
def test_it_is_one(typed: str, rest: str) -> None:
    assert read_emergency(typed, today=TODAY) == EmergencyText(is_emergency=True, text=rest)


@pytest.mark.parametrize(
    "typed",
    [
        "evil.example phishing",
        "evil.example emergency at the bank",
        "evil.example because of an emergency",
        "evil.example a false emergency because somebody said so",
        "emergency.example phishing",
        "emergency@evil.example phishing",
        "emergency-room.example phishing",
        "",
    ],
)
def test_it_is_none_and_the_text_stays(typed: str) -> None:
    assert read_emergency(typed, today=TODAY) == EmergencyText(is_emergency=False, text=typed)


@given(st.text())
def test_any_text_is_read_and_nothing_else_is_taken_from_it(text: str) -> None:
    found = read_emergency(text, today=TODAY)
    assert found.is_emergency or found.text == text


@pytest.mark.parametrize(
    ("reason", "may"),
    [("emergency at the bank", True), ("Emergency: phishing", True), ("a false emergency", False), ("", False)],
)
def test_a_reason_that_begins_with_it_may_mean_it(reason: str, may: bool) -> None:
    assert may_be_meant(reason) is may


@pytest.mark.parametrize(
    ("said", "reason"), [("because of a wave", "a wave"), ("because: a wave", "a wave"), ("a wave", "a wave")]
)
def test_the_reason_is_what_stands_behind_because(said: str, reason: str) -> None:
    assert without_because(said) == reason
