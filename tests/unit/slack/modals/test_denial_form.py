"""The form that asks why somebody denies: what is chosen and what is written is the reason."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.reviewing import DENIAL_REASONS
from bot.errors import InvalidInput
from bot.slack.block_kit.ids import CallbackId
from bot.slack.modals import denial_form
from tests.support.samples import HOSTILE, facts

CARD = ShownCard(channel="C0APPROVALS", ts="1700000000.000100", version=57)


def built(reasons: tuple[str, ...] = DENIAL_REASONS, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - samples' own
    return denial_form.build(facts(**changes), shown=CARD, reasons=reasons).to_dict()


def sent(chosen: str = "", written: str | None = None) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": chosen}, "value": "0"} if chosen else None
    values = {
        "ready": {"value": {"type": "radio_buttons", "selected_option": option}},
        "comment": {"value": {"type": "plain_text_input", "value": written}},
    }
    return {**built(), "id": "V1", "state": {"values": values}}


def test_it_offers_the_reasons_that_are_set_and_asks_for_own_words() -> None:
    form = built(("Not ours", "x" * 75))
    [ready, written] = [block for block in form["blocks"] if block["type"] == "input"]
    assert [option["text"]["text"] for option in ready["element"]["options"]] == ["Not ours", "x" * 75]
    assert (ready["optional"], written["optional"]) == (True, True), "one of both is asked for when it is sent"
    assert ready["label"]["text"] == "Why not? Choose one, or write one below", "Slack adds that it is optional"
    assert written["hint"]["text"].startswith("Needed where none is chosen above.")
    assert (form["callback_id"], form["submit"]["text"]) == (CallbackId.DENIAL, "Deny")


def test_without_reasons_to_choose_from_own_words_are_needed_from_the_beginning() -> None:
    [written] = [block for block in built(())["blocks"] if block["type"] == "input"]
    assert (written["block_id"], written["label"]["text"], written["optional"]) == ("comment", "Why not?", False)


@pytest.mark.parametrize(
    ("chosen", "written", "why"),
    [
        ("Too wide", None, "Too wide"),
        ("", "  Ask  for the\nhost alone ", "Ask for the host alone"),
        ("Too wide.", "Ask for the host alone.", "Too wide. Ask for the host alone."),
        ("", " \n", ""),
        ("", None, ""),
    ],
)
def test_what_is_chosen_and_what_is_written_is_the_reason(chosen: str, written: str | None, why: str) -> None:
    request_id, shown, said = denial_form.parse(sent(chosen, written))
    assert (request_id, said) == (42, why)
    assert shown == ShownCard(channel=CARD.channel, ts=CARD.ts, version=57, form="V1", form_is=Purpose.DENY_FORM)


@pytest.mark.parametrize("view", [None, {}, {"id": "V1"}, {"id": "V1", "private_metadata": "["}, {**sent(), "id": 7}])
def test_another_shape_is_refused(view: object) -> None:
    with pytest.raises(InvalidInput):
        denial_form.parse(view)


@pytest.mark.parametrize("state", [None, [], {"values": []}, {"values": {"ready": [], "comment": {"value": "x"}}}])
def test_odd_answers_are_no_reason(state: object) -> None:
    assert denial_form.parse({**sent(), "state": state})[2] == ""


def test_more_than_the_field_takes_is_refused() -> None:
    with pytest.raises(InvalidInput):
        denial_form.parse(sent(written="x" * 5_000))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_wrote_breaks_it(text: str) -> None:
    assert built(reason=text)
