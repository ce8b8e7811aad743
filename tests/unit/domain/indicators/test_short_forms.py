"""What is short for two things is asked about, whoever reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read, read_as
from bot.domain.reading.lines import line_of, read_only
from bot.errors import InvalidIndicator

SHORT = [
    *("evil.example/.test", "evil.example/.org/.net", "evil.example/evil2.example", "evil.example/www.evil2.com"),
    *("bob@evil.example/alice@evil.example", "203.0.113.1/.2", "203.0.113.1/.2/.3", "evil[.]example/.test"),
    *("mail.evil.example/203.0.113.7", "mail[.]evil[.]example/203[.]0[.]113[.]7"),
    *("203.0.113.7/tcp", "203[.]0[.]113[.]7/UDP"),
    *("[www.]evil.example", "(www.)evil.example", "[mail.]evil.example", "{www.}evil.example"),
]


@pytest.mark.parametrize("text", SHORT)
def test_what_is_short_for_two_things_is_asked_about(text: str) -> None:
    with pytest.raises(InvalidIndicator) as error:
        read(text)
    assert error.value.remedy


PLAIN = [
    ("evil.example/.well-known/acme", "evil.example/.well-known/acme"),
    ("evil.example/.git", "evil.example/.git"),
    ("evil.example/index.php", "evil.example/index.php"),
    ("evil.example/login/evil2.example", "evil.example/login/evil2.example"),
    ("https://evil.example/.test", "evil.example/.test"),
    ("https://203.0.113.7/tcp", "203.0.113.7/tcp"),
    ("203.0.113.7/tcp/a", "203.0.113.7/tcp/a"),
    ("https://evil.example/203.0.113.7", "evil.example/203.0.113.7"),
    ("evil.example/203.0.113.7/a", "evil.example/203.0.113.7/a"),
    ("https://evil.example/evil2.example", "evil.example/evil2.example"),
    ("www[.]evil[.]example", "www.evil.example"),
    ("[www.evil.example]", "www.evil.example"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_what_is_one_thing_is_read(text: str, value: str) -> None:
    assert read(text).value == value


@given(
    st.sampled_from(
        ["evil.example/.test", "evil.example/evil2.example", "203.0.113.1/.2", "203.0.113.1/tcp", "evil.example/a"]
    )
)
def test_a_url_of_that_value_is_read_again_by_its_line(value: str) -> None:
    assert read_as(Kind.URL, value).value == value
    assert read_only(line_of(Indicator(kind=Kind.URL, value=value))).value == value


@pytest.mark.parametrize(
    "text", ["include:spf.good.example", "redirect=good.example", "exists:%{i}.good.example", "mx:good.example"]
)
def test_a_part_of_an_spf_record_names_other_peoples_senders(text: str) -> None:
    with pytest.raises(InvalidIndicator):
        read(text)
