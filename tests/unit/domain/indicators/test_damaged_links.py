"""Links that were cut off, or that another program wrote by its own rules: an entry of one would match nothing."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read, read_as
from bot.errors import InvalidIndicator
from tests.unit.domain.indicators.readings import refused

DAMAGED = [
    # cut off by whoever showed them
    ("https://evil.example/login/a…", "is cut off"),
    ("https://evil.example/login/a...", "is cut off"),
    ("hxxps://evil[.]example/login/a...", "is cut off"),
    ("(https://evil.example/login/a...)", "is cut off"),
    ("https://evil.example/lo…in", "is cut off"),
    ("https://evil.example/a[...]b", "is cut off"),
    ("https://evil.example/[snip]", "is cut off"),
    ("https://evil.example/<redacted>", "is cut off"),
    ("evil.example/…", "is cut off"),
    ("evil.example/...", "is cut off"),
    # as programs write text
    (r"https://evil.example/a\nhttps://evil2.example/b", r"‘\n’ in it"),
    (r"https://evil.example/a\r\n", r"‘\r\n’ in it"),
    (r"https://evil.example/a\nevil2.example", r"‘\n’ in it"),
    (r'"https://evil.example/a\"', r"in it"),
    (r"evil.example\n", r"‘\n’ in it"),
    (r"evil.example\tphish", r"‘\t’ in it"),
    # as the source of a message has them
    ("https://evil.example/?id=3D1&user=3Danna", "=3D where links have ="),
    ("evil.example/?id=3D1", "=3D where links have ="),
]


@pytest.mark.parametrize(("typed", "what"), DAMAGED)
def test_a_link_that_is_no_longer_what_it_was_is_asked_about(typed: str, what: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert error.remedy


@pytest.mark.parametrize(("typed", "what"), DAMAGED)
def test_it_is_so_among_urls(typed: str, what: str) -> None:
    with pytest.raises(InvalidIndicator, match=r"is cut off|in it|where links have"):
        read_as(Kind.URL, typed)


SOUND = [
    ("evil.example…", "evil.example"),
    ("evil.example...", "evil.example"),
    ("https://evil.example…", "evil.example"),
    ("https://evil.example/a...b", "evil.example/a...b"),
    ("https://evil.example/a.", "evil.example/a"),
    (r"http://evil.example\test", "evil.example/test"),
    (r"http://evil.example\new\x", "evil.example/new/x"),
    (r"https:\/\/evil.example\/a", "evil.example/a"),
    (r"hxxp:\\evil[.]example\login", "evil.example/login"),
    ("https://evil.example/?q=a=3Db", "evil.example/?q=a=3Db"),
    ("https://evil.example/?q=%3D", "evil.example/?q=%3D"),
]


@pytest.mark.parametrize(("typed", "value"), SOUND)
def test_what_only_resembles_one_is_read(typed: str, value: str) -> None:
    assert read(typed).value == value
