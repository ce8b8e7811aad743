"""What the lists of one mailbox say of a sender: by itself, by its domain, or by one above."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.safe_senders import JunkSettings, SenderList, SenderStanding, in_mailbox


def sender(value: str) -> Indicator:
    return Indicator(kind=Kind.ADDRESS if "@" in value else Kind.DOMAIN, value=value)


def holding(*values: str, is_whole: bool = True) -> SenderList:
    addresses = frozenset(value for value in values if "@" in value)
    return SenderList(addresses=addresses, domains=frozenset(values) - addresses, is_whole=is_whole)


@pytest.mark.parametrize(
    ("asked", "listed", "standing"),
    [
        ("info@evil.example", ["info@evil.example"], SenderStanding.DIRECTLY),
        ("info@evil.example", ["evil.example"], SenderStanding.BY_DOMAIN),
        ("info@evil.example", ["evil.example", "info@evil.example"], SenderStanding.DIRECTLY),
        ("info@mail.evil.example", ["evil.example"], SenderStanding.BY_PARENT),
        ("info@mail.evil.example", ["*.evil.example"], SenderStanding.BY_PARENT),
        ("info@evil.example", ["other@evil.example"], SenderStanding.NOT_LISTED),
        ("info@evil.example", ["example"], SenderStanding.NOT_LISTED),
        ("info@devil.example", ["evil.example"], SenderStanding.NOT_LISTED),
        ("evil.example", ["evil.example"], SenderStanding.DIRECTLY),
        ("evil.example", ["info@evil.example"], SenderStanding.NOT_LISTED),
        ("mail.evil.example", ["evil.example"], SenderStanding.BY_PARENT),
        ("*.evil.example", ["evil.example"], SenderStanding.BY_PARENT),
        ("*.evil.example", ["*.evil.example"], SenderStanding.DIRECTLY),
        # The tenant's lists have the + in per cent signs, a mailbox has it as it is.
        ("in%2Bfo@evil.example", ["in+fo@evil.example"], SenderStanding.DIRECTLY),
        ("evil.example", [], SenderStanding.NOT_LISTED),
    ],
)
def test_how_a_sender_stands(asked: str, listed: list[str], standing: SenderStanding) -> None:
    assert holding(*listed).standing(sender(asked)) is standing


@pytest.mark.parametrize(
    ("listed", "standing"), [(["evil.example"], SenderStanding.DIRECTLY), (["other.example"], SenderStanding.UNKNOWN)]
)
def test_of_a_list_that_is_not_whole_only_what_was_seen_is_said(listed: list[str], standing: SenderStanding) -> None:
    assert holding(*listed, is_whole=False).standing(sender("evil.example")) is standing


def test_what_is_kept_says_nothing_of_anybody_else() -> None:
    settings = JunkSettings(safe=holding("evil.example", "doctor@clinic.example"), blocked=holding("union.example"))
    found = in_mailbox(sender("evil.example"), settings)
    assert (found.safe, found.blocked) == (SenderStanding.DIRECTLY, SenderStanding.NOT_LISTED)
    for shown in (repr(settings), repr(found)):
        assert "clinic" not in shown
        assert "union" not in shown
