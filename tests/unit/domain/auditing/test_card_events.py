"""Which events make a card old: those that it tells of, and nothing that was only read, asked or refused."""

from __future__ import annotations

from bot.domain.auditing.card_events import CHANGE_THE_CARD, codes_refused
from bot.domain.auditing.events import EventKind
from tests.support.samples import step


def test_reading_and_refusing_make_no_card_old() -> None:
    """Otherwise whoever may look could keep everybody from deciding."""
    others = {kind for kind in EventKind if kind not in CHANGE_THE_CARD}
    assert others >= {
        EventKind.ACCESS_REFUSED,
        EventKind.CLICK_REFUSED,
        EventKind.CARD_REFUSED,
        EventKind.CARD_POSTED,
        EventKind.CARD_ASKED,
        EventKind.AUDIT_READ,
        EventKind.CHECK_ASKED,
        EventKind.IMPORT_READ,
        EventKind.IP_ALLOW_WARNED,
        EventKind.SPOOF_ALLOW_WARNED,
        EventKind.JOB_DEAD,
    }


def test_what_a_card_tells_of_makes_it_old() -> None:
    assert {kind for kind in EventKind if kind.startswith(("request.", "item.", "submission."))} == CHANGE_THE_CARD
    assert EventKind.REQUEST_REVIEWED in CHANGE_THE_CARD
    assert EventKind.REQUEST_REASSESSED in CHANGE_THE_CARD
    assert EventKind.REQUEST_APPROVAL_VOIDED in CHANGE_THE_CARD


def test_a_card_is_refused_until_it_is_posted() -> None:
    refused = step(3, kind=EventKind.CARD_REFUSED, targets=["is_archived"])
    posted = step(5, kind=EventKind.CARD_POSTED)
    again = step(8, kind=EventKind.CARD_REFUSED, count=2, targets=["invalid_auth", "is_archived"])
    assert codes_refused([step(1)]) == ()
    assert codes_refused([refused]) == ("is_archived",)
    assert codes_refused([refused, posted]) == ()
    assert codes_refused([refused, posted, again]) == ("invalid_auth", "is_archived")
