"""What a message holds that can be listed: offered, each once, and the tenant's own domains apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.reading.free_text import LOOKED_AT, indicators_in

OWN = frozenset({"contoso.example"})
HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Phishing from bad@evil.example, please block", ["bad@evil.example"]),
        ("It leads to hxxps://login[.]evil[.]example/o365 (Office)", ["login.evil.example/o365"]),
        ("<https://evil.example/a|click here>", ["evil.example/a"]),
        ("<http://evil.example|evil.example>", ["evil.example"]),
        ("<https://evil.example/|good.example>", ["evil.example", "good.example"]),
        ("<mailto:bad@evil.example|bad@evil.example>", ["bad@evil.example"]),
        ("From 203.0.113.7 and 2001:db8::1, in 198.51.100.0/24", ["203.0.113.7", "2001:db8::1", "198.51.100.0/24"]),
        (f"sha256: {HASH}.", [HASH]),
        (f"sha256:{HASH}", [HASH]),
        ("*evil.example* _evil2.example_ ~evil3.example~", ["evil.example", "evil2.example", "evil3.example"]),
        ("**evil.example**, see [here](https://evil2.example/a)", ["evil.example", "evil2.example/a"]),
        ("From: Evil &lt;bad@evil.example&gt;", ["bad@evil.example"]),
        ("&lt;<mailto:bad@evil.example|bad@evil.example>&gt;", ["bad@evil.example"]),
        ("https://evil.example/a?x=1&amp;y=2", ["evil.example/a?x=1&y=2"]),
        ('{"ip":"203.0.113.7","url":"https://evil.example/a"}', ["203.0.113.7", "evil.example/a"]),
        ("src_ip=203.0.113.7:443 sender:bad@evil.example", ["203.0.113.7", "bad@evil.example"]),
        ("203.0.113.7:443", ["203.0.113.7"]),
        ("run(setup.exe) at=12:30 v1.2.3", []),
        ("evil[dot]example and evil . example", ["evil.example"]),
        ("evil.example EVIL.example evil[.]example", ["evil.example"]),
        ("evil.example\n- evil2.example\n* evil3.example", ["evil.example", "evil2.example", "evil3.example"]),
        ("See report.pdf, Readme.md and archive.zip", []),
        ("archive[.]zip", ["archive.zip"]),
        ("At 10:30, e.g. version v1.2.3 or 1.5. Next.Then", []),
        ("<@U0SOMEBODY> <#C0GENERAL|general> <!here>", []),
        ("on 10.0.0.5 and 127.0.0.1 and 192.168.1.0/24", []),
        ("", []),
        ("plain words only", []),
    ],
)
def test_what_is_offered(text: str, found: list[str]) -> None:
    read = indicators_in(text)
    assert [indicator.value for indicator in read.found] == found
    assert (read.own, read.is_whole) == ((), True)


@pytest.mark.parametrize("text", ["user@contoso.example", "https://mail.contoso.example/x", "contoso.example"])
def test_own_domains_are_named_apart(text: str) -> None:
    read = indicators_in(f"{text} wrote to bad@evil.example", accepted_domains=OWN)
    assert [indicator.value for indicator in read.found] == ["bad@evil.example"]
    assert len(read.own) == 1


def test_the_headers_of_a_message_are_read_as_such() -> None:
    headers = "Received: from evil.example ([203.0.113.7])\nFrom: Boss <boss@evil.example>\nSubject: Invoice"
    assert {"203.0.113.7", "boss@evil.example"} <= {indicator.value for indicator in indicators_in(headers).found}


def test_of_a_long_text_the_beginning_is_read_and_that_is_said() -> None:
    text = "evil.example " + "word " * LOOKED_AT + "evil2.example"
    read = indicators_in(text)
    assert [indicator.value for indicator in read.found] == ["evil.example"]
    assert not read.is_whole


def test_of_very_many_values_not_all_are_read_and_that_is_said() -> None:
    read = indicators_in(" ".join(f"evil{number}.example" for number in range(2_000)))
    assert len(read.found) == 500
    assert not read.is_whole


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_it_reads_whatever_there_is(text: str) -> None:
    indicators_in(text, accepted_domains=OWN)
