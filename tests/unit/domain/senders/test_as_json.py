"""Whose addresses are, as the log has it: what is read back is what was found, and anything else is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import plain
from bot.domain.senders.as_json import owners_in, owners_out
from bot.domain.senders.owner import AddressOwner

_TEXTS = st.lists(st.text(alphabet="abc.-é", max_size=8), max_size=3).map(tuple)
OWNERS = st.builds(AddressOwner, address=st.text(max_size=8), names=_TEXTS, shared_by=_TEXTS, is_complete=st.booleans())


@given(owners=st.lists(OWNERS, max_size=3).map(tuple))
def test_what_is_read_back_is_what_was_written(owners: tuple[AddressOwner, ...]) -> None:
    written = owners_out(owners)
    plain(written)
    assert owners_in(written) == owners


@pytest.mark.parametrize("payload", [{}, {"owners": 7}, {"owners": [{"names": 7}]}, {"owners": ["203.0.113.7"]}])
def test_what_is_none_is_nothing(payload: dict[str, object]) -> None:
    assert owners_in(payload) == ()
