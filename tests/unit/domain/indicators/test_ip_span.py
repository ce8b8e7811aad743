"""Spans of addresses: held against sets of addresses, counted one by one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.ip_span import IpSpan, read_span, together_hold

#: Few enough addresses that two spans often meet.
SPANS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda ends: IpSpan(4, min(ends), max(ends)))


def addresses(span: IpSpan) -> set[int]:
    return set(range(span.first, span.last + 1))


@given(left=SPANS, right=SPANS)
def test_a_span_holds_and_meets_what_its_addresses_do(left: IpSpan, right: IpSpan) -> None:
    assert left.size == len(addresses(left))
    assert left.holds(right) is (addresses(right) <= addresses(left))
    assert left.meets(right) is bool(addresses(left) & addresses(right))


@given(spans=st.lists(SPANS, max_size=5), whole=SPANS)
def test_spans_hold_a_whole_together_if_none_of_its_addresses_is_left(spans: list[IpSpan], whole: IpSpan) -> None:
    held = set[int]().union(*map(addresses, spans))
    assert together_hold(spans, whole) is (addresses(whole) <= held)


def test_the_versions_have_nothing_in_common() -> None:
    left, right = IpSpan(4, 0, 9), IpSpan(6, 0, 9)
    assert not left.holds(right)
    assert not left.meets(right)
    assert not together_hold([left], right)


@given(address=st.ip_addresses(), data=st.data())
def test_a_network_is_read_with_or_without_host_bits(address: IPv4Address | IPv6Address, data: st.DataObject) -> None:
    prefix = data.draw(st.integers(0, address.max_prefixlen))
    meant = ip_network(f"{address}/{prefix}", strict=False)
    expected = IpSpan(address.version, int(meant.network_address), int(meant.broadcast_address))
    assert read_span(f"{address}/{prefix}") == expected
    assert read_span(f" {meant[0]} - {meant[-1]} ") == expected


@given(
    text=st.text(alphabet="0123456789abc:.%/ ", max_size=24)
    | st.from_regex(r"[0-9a-f:.]{1,20}/[0-9]{1,4}", fullmatch=True)
)
def test_a_text_is_a_network_or_an_address_as_python_reads_it(text: str) -> None:
    try:
        meant = ip_network(text.strip(), strict=False)
    except ValueError:
        assert read_span(text) is None
    else:
        expected = IpSpan(meant.version, int(meant.network_address), int(meant.broadcast_address))
        # Python takes a zone (`fe80::1%2`) and a netmask (`192.0.2.0/255.255.255.0`) too; the service doesn't.
        taken = "%" not in text and "." not in text.partition("/")[2]
        assert read_span(text) == (expected if taken else None)


JUNK = [
    "",
    "-",
    "/",
    "1.2.3.4/",
    "1.2.3.4/+8",
    "1.2.3.4/33",
    "1.2.3.4-",
    "1.2.3.4-1.2.3.3",
    "1.2.3.4-::1",
    "1-2-3",
    "fe80::1%1",
]


@pytest.mark.parametrize("text", JUNK)
def test_junk_names_no_span(text: str) -> None:
    assert read_span(text) is None


@given(text=st.one_of(st.text(max_size=120), st.text(alphabet="0123456789abcdef.:/-% ", max_size=120)))
def test_whatever_an_entry_holds_it_is_a_span_or_none(text: str) -> None:
    span = read_span(text)
    assert span is None or (span.version in {4, 6} and 0 <= span.first <= span.last)
