"""A mailbox's record read, whatever it is: what can't be read is never taken for an empty list."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.safe_senders import SenderStanding, in_mailbox
from bot.errors import TenantUnavailable
from bot.tenant.exchange.junk_settings import read_record

EVIL = Indicator(kind=Kind.DOMAIN, value="evil.example")
LISTS = ("TrustedSendersAndDomains", "BlockedSendersAndDomains")

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["evil.example", "@a.example"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from([*LISTS, "contactstrusted", "TrustedListsOnly", "Enabled", "X@data.type"]), ANY_JSON, max_size=6
    )
)
def test_any_record_is_read_or_said_to_be_none(record: dict[str, object]) -> None:
    with suppress(TenantUnavailable):
        found = in_mailbox(EVIL, read_record(record))
        assert found.contacts_trusted in {True, False, None}


@given(st.lists(st.from_regex(r"@?[a-z]{1,8}\.example", fullmatch=True), max_size=20), st.booleans())
def test_what_is_listed_is_found_and_what_is_not_is_not(values: list[str], listed: bool) -> None:
    given = [value for value in values if value.lstrip("@") != EVIL.value] + (["Evil.Example"] if listed else [])
    found = in_mailbox(EVIL, read_record({LISTS[0]: given, LISTS[1]: []}))
    assert found.safe is (SenderStanding.DIRECTLY if listed else SenderStanding.NOT_LISTED)
    assert found.blocked is SenderStanding.NOT_LISTED
