"""A click counts under what Portcullis posted for this request and this purpose, in the version of now."""

from __future__ import annotations

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import (
    CardOnRecord,
    Purpose,
    ShownCard,
    Unbound,
    may_catch_up,
    unbound_error,
    unbound_event,
    why_not_posted,
    why_unbound,
)
from bot.domain.requests.request import Status
from tests.support.samples import NOW, request

REQUEST = request(request_id=7, version=57)


def seen(version: int = 57) -> ShownCard:
    return ShownCard(channel="C1", ts="1.1", version=version)


def on_record(version: int = 57, request_id: int | None = 7, purpose: str = "card") -> CardOnRecord:
    return CardOnRecord(request_id=request_id, purpose=purpose, version=version)


#: What was shown, what is on record of it, and why it decides nothing; None: it decides.
CLICKS: list[tuple[ShownCard, CardOnRecord | None, Unbound | None]] = [
    (seen(), on_record(), None),
    (seen(), None, Unbound.UNKNOWN_MESSAGE),
    (seen(), on_record(request_id=8), Unbound.OTHER_REQUEST),
    (seen(), on_record(request_id=None), Unbound.OTHER_REQUEST),
    (seen(), on_record(purpose="copy"), Unbound.OTHER_MESSAGE),
    (seen(), on_record(purpose="thread"), Unbound.OTHER_MESSAGE),
    (seen(), on_record(purpose="result"), Unbound.OTHER_MESSAGE),
    (seen(56), on_record(56), Unbound.OLD_VERSION),  # the request has moved on
    (seen(56), on_record(), Unbound.OLD_VERSION),  # so has the card, since it was on the screen
    (seen(), on_record(56), Unbound.OLD_VERSION),  # the button says more than was ever posted
    (seen(58), on_record(58), Unbound.OLD_VERSION),
    (seen(0), on_record(0), Unbound.OLD_VERSION),  # it has to be rendered anew
]


@pytest.mark.parametrize(("shown", "posted", "why"), CLICKS)
def test_a_click_is_bound_or_says_why_not(shown: ShownCard, posted: CardOnRecord | None, why: Unbound | None) -> None:
    assert why_unbound(REQUEST, shown, posted, purpose=Purpose.CARD) is why


@pytest.mark.parametrize(("shown", "posted", "why"), CLICKS)
def test_where_the_version_says_nothing_it_is_not_looked_at(
    shown: ShownCard, posted: CardOnRecord | None, why: Unbound | None
) -> None:
    told = why_not_posted(REQUEST, posted, purpose=Purpose.CARD)
    assert told is (None if why is Unbound.OLD_VERSION else why)


#: What is on record of the form that the decision was made in, and why it decides nothing.
FORMS: list[tuple[CardOnRecord | None, Unbound | None]] = [
    (on_record(purpose="form"), None),
    (None, Unbound.UNKNOWN_FORM),
    (on_record(purpose="card"), Unbound.UNKNOWN_FORM),
    (on_record(purpose="form", request_id=8), Unbound.UNKNOWN_FORM),
    (on_record(56, purpose="form"), Unbound.UNKNOWN_FORM),
]


@pytest.mark.parametrize(("form", "why"), FORMS)
def test_a_form_counts_if_portcullis_opened_it(form: CardOnRecord | None, why: Unbound | None) -> None:
    shown = ShownCard(channel="C1", ts="1.1", version=57, form="V1")
    assert why_unbound(REQUEST, shown, on_record(), purpose=Purpose.CARD, form_on_record=form) is why
    assert why_unbound(REQUEST, shown, None, purpose=Purpose.CARD, form_on_record=form) is Unbound.UNKNOWN_MESSAGE


def test_a_form_that_asks_why_somebody_denies_shows_not_all_and_counts_as_nothing_else() -> None:
    shown = ShownCard(channel="C1", ts="1.1", version=57, form="V1", form_is=Purpose.DENY_FORM)
    assert not shown.in_full
    for purpose, why in (("deny_form", None), ("form", Unbound.UNKNOWN_FORM)):
        form = on_record(purpose=purpose)
        assert why_unbound(REQUEST, shown, on_record(), purpose=Purpose.CARD, form_on_record=form) is why
    read = ShownCard(channel="C1", ts="1.1", version=57, form="V1")
    form = on_record(purpose="deny_form")
    assert why_unbound(REQUEST, read, on_record(), purpose=Purpose.CARD, form_on_record=form) is Unbound.UNKNOWN_FORM


@pytest.mark.parametrize(
    ("form", "version", "why"),
    [
        (on_record(purpose="form"), 57, None),
        (None, 57, Unbound.UNKNOWN_FORM),
        (on_record(purpose="deny_form"), 57, Unbound.UNKNOWN_FORM),
        (on_record(purpose="form", request_id=8), 57, Unbound.UNKNOWN_FORM),
        (on_record(56, purpose="form"), 57, Unbound.UNKNOWN_FORM),
        (on_record(56, purpose="form"), 56, Unbound.OLD_VERSION),
    ],
)
def test_a_form_that_opened_from_no_card_counts_by_itself(
    form: CardOnRecord | None, version: int, why: Unbound | None
) -> None:
    shown = ShownCard(channel="", ts="", version=version, form="V1")
    assert why_unbound(REQUEST, shown, None, purpose=Purpose.CARD, form_on_record=form) is why
    assert not may_catch_up(REQUEST, shown, None), "it is on record before anybody can send it"


def test_a_click_that_names_neither_card_nor_form_decides_nothing() -> None:
    shown = ShownCard(channel="", ts="", version=57)
    form = on_record(purpose="form")
    assert why_unbound(REQUEST, shown, None, purpose=Purpose.CARD, form_on_record=form) is Unbound.UNKNOWN_MESSAGE


#: What was shown, what is on record, how the request stands, and whether the record may yet catch up.
EARLY: list[tuple[ShownCard, CardOnRecord | None, Status, bool]] = [
    (seen(), None, Status.PENDING, True),
    (seen(), on_record(56), Status.PENDING, True),
    (seen(), on_record(0), Status.PENDING, True),
    (seen(), on_record(), Status.PENDING, False),  # it is on record
    (seen(), on_record(56), Status.APPROVED, False),  # there is nothing to wait for
    (seen(), None, Status.DENIED, False),
    (seen(56), None, Status.PENDING, False),  # it is late, not early
    (seen(58), None, Status.PENDING, False),  # nothing can have shown that
    (seen(), on_record(56, request_id=8), Status.PENDING, False),
]


@pytest.mark.parametrize(("shown", "posted", "status", "waits"), EARLY)
def test_only_what_shows_the_request_as_it_is_now_is_waited_for(
    shown: ShownCard, posted: CardOnRecord | None, status: Status, waits: bool
) -> None:
    assert may_catch_up(request(request_id=7, version=57, status=status), shown, posted) is waits


@pytest.mark.parametrize("why", Unbound)
@pytest.mark.parametrize("purpose", Purpose)
def test_the_person_is_told_to_look_again_and_click_again(why: Unbound, purpose: Purpose) -> None:
    error = unbound_error(REQUEST, why, purpose=purpose)
    assert "7" in error.what
    assert "our click decided nothing" in error.what
    assert "ook at" in error.remedy
    assert "click" in error.remedy


def test_what_is_logged_says_what_was_clicked_on_and_never_changes_the_card() -> None:
    shown = ShownCard(channel="C" * 500, ts="1.1", version=3)
    event = unbound_event(REQUEST, shown, Unbound.OLD_VERSION, actor="U1", wanted="approve", at=NOW)
    assert (event.kind, event.actor, event.request_id) == (EventKind.CLICK_REFUSED, "U1", 7)
    assert event.payload == {
        "wanted": "approve",
        "why": "old_version",
        "channel": "C" * 40,
        "ts": "1.1",
        "shown": 3,
        "version": 57,
    }
