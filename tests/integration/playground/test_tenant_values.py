"""Which values the block list takes, over the wire: a case for each rule of syntax that Microsoft documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.playground.tenant_wire import ITEMS, Wire, new_stand_in, served

LONG = "contoso.example/" + "a" * 234


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    return shared


def taken(wire: Wire, list_type: str, value: str, action: str = "Block") -> bool:
    answer = wire.post(f"New-{ITEMS}", **{"ListType": list_type, "Entries": [value], action: True})
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        inner = answer.json()["error"]["innererror"]["internalexception"]
        assert inner["message"].startswith(f"Invalid value to add: {value} - ")
    assert wire.values(list_type) == ([value] if answer.status_code == 200 else [])
    return answer.status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        *("bad.example", "sub.bad.example", "*.bad.example", "xn--bcher-kva.example", "BAD.example"),
        *("*.top", "*.xn--p1ai", "*.internal", "*.co.uk", "*.com"),
        *("user@bad.example", "first.last@bad.example", "a_b-c@bad.example"),
        "%22bad%2B%20attacker%22@fourthcoffee.example",
    ],
)
def test_senders_that_are_taken(wire: Wire, value: str) -> None:
    assert taken(wire, "Sender", value)


@pytest.mark.parametrize(
    "value",
    [
        *("bad", "", "*", "bad..example", ".bad.example", "-bad.example", "bücher.example", "192.0.2.1", "2001:db8::1"),
        *("https://bad.example", "bad.example/a", "*bad.example", "bad.*.example", "*.*.bad.example"),
        *("top", ".top", "*top", "*.*", "*.t", "*.7", "*.top/*", "*.-top", "*.192.0.2.1"),
        *("a+b@bad.example", '"a b"@bad.example', "a b@bad.example", "a%zz@bad.example", "*@bad.example"),
        *("@bad.example", "user@", "user@bad", "user@*.bad.example", "a@b@bad.example", ".a@bad.example"),
    ],
)
def test_senders_that_are_not(wire: Wire, value: str) -> None:
    assert not taken(wire, "Sender", value)


@pytest.mark.parametrize(
    "value",
    [
        *("contoso.example", "contoso.example/a/b", "contoso.example/?q=whatever@fabrikam.example"),
        *("*.contoso.example", "*.contoso.example/*", "contoso.example/*", "contoso.example/a/*"),
        *("~contoso.example", "~contoso.example~", "*.zip/*", "192.0.2.4", "192.0.2.4/*", "192.0.2.4/a"),
        *("contoso.example/folder/#x=1", "contoso.example/#/login", "contoso.example/a#b", "contoso.example/?a=b#c"),
        *("[2001:db8::1]/a", "[2001:db8::1]", "[2001:db8::1]/*", "2001:db8::1", "2001:db8::1/a", "2001:DB8::1/a"),
        *("xn--bcher-kva.example/a", "contoso.example/~user/a", "contoso.example/?to=https://x.example", LONG),
    ],
)
def test_urls_that_may_be_blocked(wire: Wire, value: str) -> None:
    assert taken(wire, "Url", value)


@pytest.mark.parametrize(
    "value",
    [
        *("contoso", "*.contoso.*", "*.com", "*.pdf", "*contoso.com", "contoso.com*", "*1.2.3.4", "1.2.3.4*"),
        *("contoso.com/a*", "contoso.com:443", "*", "*.*", "conto*so.com", "conto~so.com", "contoso.com/**"),
        *("contoso.com/*/*", "https://contoso.com", "user@contoso.com", "contoso.com/'a'", 'contoso.com/"a"'),
        *("contoso.com/ a", "bücher.example", "contoso.com/ü", "contoso.c", ".com", ".pdf", "*.1.2.3.4", "~1.2.3.4"),
        *("*.com/a", "~com/*", "contoso.com~", "contoso.com/a~", "contoso.com/*/a", "", "/", "/a", LONG + "a"),
        *("contoso.com:443/a", "ftp://contoso.com/a", "*.*.contoso.com", "~*.contoso.com"),
        *(
            "contoso.com#a",
            "#a",
            "contoso/#a",
            "*.[2001:db8::1]",
            "~2001:db8::1",
            "[2001:db8::1]:443/a",
            "[2001:db8::1",
        ),
        *("2001:db8::1*", "[2001:db8::]/64/a*", "[203.0.113.7]/a", "[fe80::1%1]/a", "2001:db8::/129#*"),
    ],
)
def test_urls_that_may_not(wire: Wire, value: str) -> None:
    assert not taken(wire, "Url", value)


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("contoso.example", True),
        ("contoso.example/*", True),
        ("192.0.2.4/*", True),
        ("*.contoso.example", False),
        ("*.contoso.example/*", False),
        ("~contoso.example", False),
        ("~contoso.example~", False),
        ("*.zip/*", False),
    ],
)
def test_leading_wildcards_are_for_blocks(wire: Wire, value: str, *, allowed: bool) -> None:
    assert taken(wire, "Url", value, "Allow") is allowed


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("ab" * 32, True),
        ("AB" * 32, True),
        ("ab" * 20, False),
        ("ab" * 16, False),
        ("ab" * 31 + "zz", False),
        ("", False),
    ],
)
def test_files_are_sha256(wire: Wire, value: str, *, good: bool) -> None:
    assert taken(wire, "FileHash", value) is good


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("2001:db8::1", True),
        ("2001:DB8:0:0::1", True),
        ("2001:db8::/32", True),
        ("2001:db8::/1", True),
        ("2001:db8::1/128", True),
        ("2001:db8::/0", False),
        ("2001:db8::/129", False),
        ("2001:db8::/", False),
        ("fe80::1%eth0", False),
        ("192.0.2.1", False),
        ("192.0.2.0/24", False),
        ("2001:db8::1-2001:db8::9", False),
        ("junk", False),
    ],
)
def test_ips_are_ipv6(wire: Wire, value: str, *, good: bool) -> None:
    assert taken(wire, "IP", value) is good
