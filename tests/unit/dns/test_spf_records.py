"""Whatever SPF records say, reading them ends, asks little, and comes to an answer or to an unusable record."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from bot.dns.lookup import Lookup
from bot.dns.spf import SpfUnusable, stands_in

DOMAINS = ("a.example", "b.example", "c.example")
TERMS = (
    "all",
    "-all",
    "a",
    "mx",
    "a/24",
    "mx//64",
    "ptr",
    "ip4:203.0.113.0/24",
    "ip6:2001:db8::/32",
    "ip4:x",
    "exists:%{i}.a.example",
    "exists:%{",
    "include:%{d}",
    "redirect=b.example",
    "redirect=",
    "exp=x",
    "?include:c.example",
    "include:",
    "a:" + "x" * 300,
    *(f"include:{domain}" for domain in DOMAINS),
    *(f"a:{domain}" for domain in DOMAINS),
)
RECORDS = st.lists(st.sampled_from(TERMS) | st.text(max_size=20), max_size=12).map(
    lambda terms: " ".join(["v=spf1", *terms])
)


class Answers(Lookup):
    """Answers of our own, without DNS."""

    def __init__(self, records: dict[str, str]) -> None:
        super().__init__()
        self.records = records
        self.asked = 0

    async def ask(self, name: str, kind: str) -> tuple[str, ...]:
        self.asked += 1
        if kind == "TXT":
            return (self.records[name],) if name in self.records else ()
        if name not in self.records:
            return ()
        return {"A": ("192.0.2.1",), "AAAA": ("2001:db8:1::1",), "MX": ("a.example",) * 3}[kind]


@given(
    records=st.dictionaries(st.sampled_from(DOMAINS), RECORDS),
    address=st.sampled_from(["203.0.113.7", "2001:db8::7"]),
)
def test_every_record_comes_to_an_end(records: dict[str, str], address: str) -> None:
    answers = Answers(records)
    with suppress(SpfUnusable):
        assert asyncio.run(stands_in(answers, "a.example", ip_address(address))) in {True, False}
    # Ten terms that ask, each with ten hosts at most, and the record of each domain that is included.
    assert answers.asked <= 10 * 11 + 11
