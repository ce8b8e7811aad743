"""IP addresses, ranges and networks: what the connection filter and the list of IPs take."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read
from tests.unit.domain.indicators.readings import codes, refused


@pytest.mark.parametrize(
    ("typed", "reason", "remedy"),
    [
        ("0x7f.1", "hexadecimal", "A browser reads it as 127.0.0.1; type that if you mean it."),
        ("0xcb.0.0x71.7", "hexadecimal", "203.0.113.7"),
        ("0x7f000001", "hexadecimal", "127.0.0.1"),
        ("0177.0.0.1", "leading zeros", "as 127.0.0.1, others read it as 177.0.0.1; type the one that you mean."),
        ("192.0.2.010", "leading zeros", "as 192.0.2.8, others read it as 192.0.2.10"),
        ("192.0.2.09", "leading zeros", "192.0.2.9"),
        ("127.1", "2 numbers instead of four", "127.0.0.1"),
        ("1.2.3", "3 numbers instead of four", "For the network type 1.2.3.0/24; for one address type all four"),
        ("203.0.113.", "3 numbers instead of four", "For the network type 203.0.113.0/24;"),
        ("http://1.2.3/", "3 numbers instead of four", "1.2.0.3"),
        ("2130706433", "1 number instead of four", "127.0.0.1"),
        ("1.2.3.4.5", "5 numbers instead of four", "Type four numbers"),
        ("256.1.2.3", "above 255", "Type four numbers"),
        ("1.2.3.999", "above 255", "Type four numbers"),
        ("99999999999999999999", "1 number instead of four", "Type four numbers"),
        ("１２7.0.0.1", "aren't the plain 0 to 9", "127.0.0.1"),
        ("127。0。0。１", "aren't the plain 0 to 9", "127.0.0.1"),
        ("𝟏27.0.0.1", "aren't the plain 0 to 9", "127.0.0.1"),
        ("http://0x7f.1/a", "hexadecimal", "127.0.0.1"),
        ("http://2130706433/", "1 number", "127.0.0.1"),
        ("http://１.2.3.4/", "aren't the plain 0 to 9", "1.2.3.4"),
    ],
)
def test_odd_spellings_are_refused_never_guessed(typed: str, reason: str, remedy: str) -> None:
    error = refused(typed)
    assert reason in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("203.0.113.7:25", "with a port", "Type 203.0.113.7 alone."),
        ("203.0.113.7:25/tcp", "with a port", "For its mail type 203.0.113.7;"),
        ("[2001:db8::7]:25", "with a port", "Type 2001:db8::7 alone."),
        ("::ffff:203.0.113.7", "IPv4 address in IPv6", "Type 203.0.113.7."),
        ("::ffff:203.0.113.0/120", "IPv4 address in IPv6", "Type 203.0.113.0/24."),
        ("fe80::1%eth0", "zone", "Type fe80::1 without it."),
        ("2001:db8::1-2001:db8::5", "range of IPv6", "2001:db8::/64"),
        ("2001:db8:::7", "isn't an IPv6 address", ""),
        ("2001:db8::7/0", "/1 to /128", ""),
        ("2001:db8::7/129", "/1 to /128", ""),
        ("2001:db8::7/", "/1 to /128", ""),
        ("203.0.113.5-20", "only a part", "203.0.113.5-203.0.113.20"),
        ("203.0.113.9-203.0.113.5", "ends before it starts", "203.0.113.5-203.0.113.9"),
        ("203.0.113.0-203.0.114.0", "257 addresses", "smaller ranges"),
        ("203.0.113.5-203.0.113.010", "leading zeros", ""),
        ("203.0.113.0/23", "widest network", "2 of them"),
        ("10.0.0.0/8", "16,777,216 addresses", "65,536 of them"),
        ("0.0.0.0/0", "widest network", "16,777,216 of them"),
        ("203.0.113.7/33", "prefix length", "http:// in front"),
        ("203.0.113.7/024", "prefix length", ""),
        ("203.0.113/24", "shortened network", "203.0.113.0/24"),
        ("203.0.113.0/255.0.255.0", "netmask", "203.0.113.0/24"),
        ("203.0.113.0/0.0.0.255", "netmask", ""),
        ("203.0.113.0/255.255.0.0", "widest network", "256 of them"),
        ("255.255.255.0", "is a netmask", "such as 203.0.113.0/24"),
        ("255.0.0.0", "is a netmask", ""),
        ("203.0.113.*", "has a star", "203.0.113.0/24"),
        ("203.0.*.*", "has a star", "203.0.113.0/24"),
    ],
)
def test_refuses(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("typed", "network"),
    [
        ("203.0.113.0\\24", "203.0.113.0/24"),
        ("203.0.113.0//24", "203.0.113.0/24"),
        ("203.0.113.0/24#spray", "203.0.113.0/24"),
        ("203.0.113.0/24(spray)", "203.0.113.0/24"),
        ("203.0.113.0/24spray", "203.0.113.0/24"),
        ("203.0.113.0/26-spray", "203.0.113.0/26"),
        ("203.0.113.0/26:spray", "203.0.113.0/26"),
        ("203.0.113.0/24?spray", "203.0.113.0/24"),
        ("203.0.113.0/24/25", "203.0.113.0/24"),
        ("203.0.113.0/24/198.51.100.0/24", "203.0.113.0/24"),
        ("203.0.113.0/26–198.51.100.1", "203.0.113.0/26"),
        ("203.0.113.0/255.255.255.0#spray", "203.0.113.0/255.255.255.0"),
        ("203.0.113.0/24；198.51.100.0/24", "203.0.113.0/24"),
        ("203.0.113.0/24、198.51.100.0/24", "203.0.113.0/24"),
        ("[2001:db8::]/32#spray", "2001:db8::/32"),
        ("2001:db8::/32-spray", "2001:db8::/32"),
    ],
)
def test_a_network_with_something_behind_it_is_no_url(typed: str, network: str) -> None:
    error = refused(typed)
    assert "can be a network with something else behind it, or a URL" in error.what
    assert f"Type {network} for the network" in error.remedy
    assert "http://" in error.remedy


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("203.0.113.7/1.exe", "203.0.113.7/1.exe"),
        ("203.0.113.7/24.php?x=1", "203.0.113.7/24.php?x=1"),
        ("203.0.113.7/2026/a.html", "203.0.113.7/2026/a.html"),
        ("203.0.113.7:8080/24/a", "203.0.113.7/24/a"),
        ("203.0.113.7/a24", "203.0.113.7/a24"),
        ("http://203.0.113.0/24", "203.0.113.0/24"),
        ("http://203.0.113.0/24/25", "203.0.113.0/24/25"),
        ("URL: 203.0.113.0/24", "203.0.113.0/24"),
    ],
)
def test_a_link_to_an_ip_address_is_a_url(typed: str, value: str) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.URL, value)


@pytest.mark.parametrize("dash", [*"-‐‑‒–—―−－", "--", " - ", " – ", " —", "- ", " -- "])
def test_ranges_take_every_dash_with_and_without_spaces(dash: str) -> None:
    indicator = read(f"203.0.113.5{dash}203.0.113.9")
    assert (indicator.kind, indicator.value) == (Kind.IPV4_RANGE, "203.0.113.5-203.0.113.9")


def test_a_range_has_at_most_256_addresses() -> None:
    assert read("203.0.113.1-203.0.114.0").value == "203.0.113.1-203.0.114.0"


def test_a_range_of_one_is_an_address() -> None:
    assert read("203.0.113.7-203.0.113.7").kind is Kind.IPV4


@pytest.mark.parametrize(
    ("typed", "value", "noted"),
    [
        ("8.8.8.0/24", "8.8.8.0/24", set()),
        ("8.8.8.8/24", "8.8.8.0/24", {"host_bits"}),
        ("192.168.0.1/25", "192.168.0.0/25", {"host_bits", "private"}),
        ("8.8.8.8/32", "8.8.8.8/32", set()),
        ("8.8.8.0 / 24", "8.8.8.0/24", set()),
        ("8.8.8.0/255.255.255.0", "8.8.8.0/24", {"netmask"}),
        ("8.8.8.8/255.255.255.255", "8.8.8.8/32", {"netmask"}),
    ],
)
def test_ipv4_networks(typed: str, value: str, noted: set[str]) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.IPV4_NETWORK, value)
    assert codes(indicator) == noted


def test_the_note_on_host_bits_names_what_was_typed_and_what_it_is() -> None:
    (note,) = read("8.8.8.8/25").notes
    assert "8.8.8.8/25 was typed" in note.text
    assert "8.8.8.0 to 8.8.8.127" in note.text


@pytest.mark.parametrize(
    ("typed", "value", "noted"),
    [
        ("2606:4700:0::1/48", "2606:4700::/48", {"host_bits"}),
        ("2606:4700::/1", "::/1", {"host_bits"}),
        ("2606:4700::1/128", "2606:4700::1/128", set()),
    ],
)
def test_ipv6_networks(typed: str, value: str, noted: set[str]) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.IPV6_NETWORK, value)
    assert noted <= codes(indicator)


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        ("10.1.2.3", {"private"}),
        ("172.31.255.255", {"private"}),
        ("172.32.0.0", set()),
        ("192.168.1.1", {"private"}),
        ("127.0.0.1", {"loopback"}),
        ("169.254.1.1", {"link_local"}),
        ("100.64.0.1", {"shared"}),
        ("100.63.255.255", set()),
        ("100.128.0.0", set()),
        ("192.0.2.1", {"documentation"}),
        ("198.51.100.1", {"documentation"}),
        ("203.0.113.1", {"documentation"}),
        ("224.0.0.1", {"multicast"}),
        ("240.0.0.1", {"reserved"}),
        ("255.255.255.255", {"reserved"}),
        ("198.18.0.1", {"reserved"}),
        ("0.1.2.3", {"unspecified"}),
        ("9.255.255.250-10.0.0.3", {"private"}),
        ("100.127.255.250-100.128.0.5", {"shared"}),
        ("::", {"unspecified"}),
        ("::1", {"loopback"}),
        ("fe80::1", {"link_local"}),
        ("fd00::1", {"private"}),
        ("ff02::1", {"multicast"}),
        ("2001:db8::1", {"documentation"}),
        ("3fff::1", {"documentation"}),
        ("2002::1", {"reserved"}),
        ("4000::1", {"reserved"}),
        ("2606:4700::1", set()),
        ("2001:da8::/31", set()),
        ("2001:db0::/28", {"documentation"}),
        ("http://10.0.0.1/a", {"private", "scheme_stripped"}),
        ("http://[::1]/a", {"loopback", "scheme_stripped"}),
    ],
)
def test_special_ranges_are_noted_when_any_part_touches_them(typed: str, noted: set[str]) -> None:
    assert codes(read(typed)) == noted
