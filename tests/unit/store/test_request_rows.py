"""What the columns of an item hold, and have held in every version, is read as members of the domain's enums."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind, Note
from bot.domain.requests.request import ItemState
from bot.store.request_rows import item, notes_out

#: Spelled out, not taken from the enum: a database that was written years ago holds these, whatever is renamed since.
KINDS = [
    ("ipv4", Kind.IPV4),
    ("ipv4_range", Kind.IPV4_RANGE),
    ("ipv4_network", Kind.IPV4_NETWORK),
    ("ipv6", Kind.IPV6),
    ("ipv6_network", Kind.IPV6_NETWORK),
    ("domain", Kind.DOMAIN),
    ("address", Kind.ADDRESS),
    ("url", Kind.URL),
    ("file", Kind.FILE),
    ("spoof_pair", Kind.SPOOF_PAIR),
    ("filter_policy", Kind.FILTER_POLICY),
]
STATES = [
    ("proposed", ItemState.PROPOSED),
    ("intended", ItemState.INTENDED),
    ("applied", ItemState.APPLIED),
    ("already_so", ItemState.ALREADY_SO),
    ("refused", ItemState.REFUSED),
    ("confirmed", ItemState.CONFIRMED),
    ("expired", ItemState.EXPIRED),
    ("removed", ItemState.REMOVED),
    ("left_out", ItemState.LEFT_OUT),
]


@pytest.mark.parametrize(("column", "kind"), KINDS)
def test_a_kind_is_read(column: str, kind: Kind) -> None:
    assert item((7, 1, column, "evil.example", "applied", "", None, None)).kind is kind


@pytest.mark.parametrize(("column", "state"), STATES)
def test_a_state_is_read(column: str, state: ItemState) -> None:
    assert item((7, 1, "domain", "evil.example", column, "", None, None)).state is state


def test_every_kind_and_state_can_be_read_back() -> None:
    assert [kind for _, kind in KINDS] == list(Kind)
    assert [state for _, state in STATES] == list(ItemState)


@pytest.mark.parametrize(
    ("column", "notes"),
    [
        (None, ()),
        ([], ()),
        ([{"code": "punycode", "text": "It has umlauts."}], (Note(code="punycode", text="It has umlauts."),)),
    ],
)
def test_what_was_noticed_is_read(column: list[dict[str, str]] | None, notes: tuple[Note, ...]) -> None:
    assert item((7, 1, "domain", "evil.example", "applied", "", None, column)).notes == notes
    assert (notes_out(notes) or []) == (column or [])
