"""The form in which what lets strangers in is approved: it shows all that goes out, and carries what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import RequestWarning, SpoofWarning
from bot.domain.telling.sentence import Quoted, Value
from bot.errors import InvalidInput
from bot.slack.block_kit.ids import CallbackId
from bot.slack.modals import approval_form
from bot.slack.modals.approval_form import Box
from tests.support.samples import HOSTILE, facts, ip_allow_facts, item, request, review

CARD = ShownCard(channel="C0APPROVALS", ts="1700000000.000100", version=57)


def test_how_much_mail_each_line_has_had_and_whose_it_is_stands_beside_it() -> None:
    told = ip_allow_facts(items=[item(n, value=f"198.51.100.{n}", kind=Kind.IPV4) for n in (1, 2)])
    first, second = told.items
    beside = replace(
        told,
        items=(replace(first, mail="9 messages to 2 people would skip filtering"), second),
        figures=("Last 10 days: 9 messages, all of ", Value("198.51.100.1")),
        owners=((Value("198.51.100.2"), ": ", Quoted("By DNS it is mail[.]sender[.]example.")),),
    )
    shown = str(approval_form.build(beside, shown=CARD).to_dict()["blocks"])
    assert "• `198.51.100[.]1` · 9 messages to 2 people would skip filtering\\n• `198.51.100[.]2`" in shown
    assert "Last 10 days: 9 messages, all of `198.51.100[.]1`" in shown
    assert "`198.51.100[.]2`: By DNS it is mail[.]sender[.]example." in shown


def test_how_much_mail_a_single_line_has_had_is_said_once() -> None:
    told = ip_allow_facts(items=[item(1, value="198.51.100.1", kind=Kind.IPV4)])
    words = "9 messages to 2 people would skip filtering"
    for figures in ((f"Last 10 days: {words}",), ()):
        one = replace(told, items=(replace(told.items[0], mail=words),), figures=figures)
        assert str(approval_form.build(one, shown=CARD).to_dict()["blocks"]).count(words) == 1


def built(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - samples' own
    return approval_form.build(ip_allow_facts(**changes), shown=CARD).to_dict()


def test_everything_that_goes_out_stands_in_it() -> None:
    networks = [item(n, value=f"198.51.{n}.0/24", kind=Kind.IPV4_NETWORK) for n in range(100)]
    warnings = [RequestWarning(code=f"w{n}", text=f"Warning number {n}. {'x' * 300}", serious=n < 5) for n in range(12)]
    form = built(items=networks, warnings=warnings, reviews=[review()], approvals_needed=2, reason="Scanner in Lyon")
    shown = str(form["blocks"])
    for number in range(100):
        assert f"`198.51.{number}[.]0/24` (256 addresses)" in shown
    assert all(f"Warning number {n}." in shown for n in range(12))
    assert "100 IPs (25,600 addresses)" in shown
    for told in ("Scanner in Lyon", "<@U0REQUESTER>", "Until", "Do you know who sends from there", "Approved before"):
        assert told in shown
    assert (form["callback_id"], form["submit"]["text"]) == (CallbackId.APPROVAL, "Approve")


def sent(*ticked: object) -> dict[str, Any]:
    """The form as it comes back, with these boxes ticked."""
    boxes = [{"value": value} for value in ticked]
    return {"state": {"values": {"keep0": {"value": {"selected_options": boxes}}}}}


def test_each_line_has_a_box_that_is_ticked() -> None:
    choices = [Box(number=100 + n, value=f"evil{n}.example") for n in range(23)]
    form = approval_form.build(facts(items=23), shown=CARD, choices=choices).to_dict()
    boxes = [block["element"] for block in form["blocks"] if block.get("element", {}).get("type") == "checkboxes"]
    assert [len(box["options"]) for box in boxes] == [10, 10, 3]
    assert all(box["initial_options"] == box["options"] for box in boxes)
    assert boxes[2]["options"][0] == {
        "value": "120",
        "text": {"type": "plain_text", "text": "evil20[.]example", "emoji": False},
    }


def of_lists(senders: Sequence[str], urls: Sequence[str]) -> Parts:
    first = request(request_id=7, items=[item(n, value=value) for n, value in enumerate(senders, 1)])
    links = [item(n, value=value) for n, value in enumerate(urls, 101)]
    second = replace(request(request_id=8, items=links, list_name=ListName.URL), part_of=7)
    return Parts(requests=(first, second) if urls else (first,))


LONG = "evil.example/" + "a" * 100


@pytest.mark.parametrize(
    ("senders", "urls", "texts"),
    [
        (["a.example", "b.example"], [], ["a[.]example", "b[.]example"]),
        (["a.example"], ["a.example"], ["Senders: a[.]example", "URLs: a[.]example"]),
        (["a.example", LONG + "/1", LONG + "/2"], [], ["a[.]example", None, None]),
        (["a.example"], [LONG + "/1", LONG + "/2"], ["Senders: a[.]example", None, None]),
        # What differs in the middle alone can't be told apart beside a box: all or nothing.
        (["a.example", LONG + "b" + "a" * 100, LONG + "c" + "a" * 100], [], []),
    ],
)
def test_each_box_says_which_line_it_is(senders: list[str], urls: list[str], texts: list[str | None]) -> None:
    shown = [box.text for box in approval_form.choices_of(of_lists(senders, urls))]
    assert len(shown) == len(set(shown)) == len(texts)
    assert all(len(text) <= 75 for text in shown)
    assert all(expected in {text, None} for text, expected in zip(shown, texts, strict=True))


def test_where_the_boxes_come_back_without_what_is_ticked_nothing_is_kept() -> None:
    """All would go out that somebody has unticked."""
    form = approval_form.build(facts(), shown=CARD, choices=[Box(number=1, value="a.example")]).to_dict()
    for state in ({}, {"state": None}, {"state": {"values": {}}}):
        assert approval_form.kept({**form, **state}) == frozenset()


def test_what_is_still_ticked_is_kept() -> None:
    assert approval_form.kept(sent("101", "103")) == {101, 103}
    assert approval_form.kept(sent()) == frozenset()
    assert approval_form.kept(built()) is None


@pytest.mark.parametrize("value", [None, 7, "", "-1", "1.5", "٣", "9" * 400, ["1"], {"a": 1}])
def test_a_box_that_was_none_keeps_nothing(value: object) -> None:
    assert approval_form.kept(sent(value)) == frozenset()


@pytest.mark.parametrize(
    "state",
    [None, [], {}, {"values": None}, {"values": []}, {"values": {"keep0": None}}, {"values": {"keep0": {"value": 1}}}],
)
def test_a_form_in_another_shape_raises_nothing(state: object) -> None:
    assert not approval_form.kept({"state": state})


def test_it_comes_back_with_what_it_showed() -> None:
    request_id, shown = approval_form.parse({**built(), "id": "V1"})
    assert request_id == 42
    assert shown == ShownCard(channel=CARD.channel, ts=CARD.ts, version=57, form="V1")


def test_a_spoof_allow_says_who_gets_in() -> None:
    warning = RequestWarning(code=SpoofWarning.ANY_SOURCE, text="Anybody at all.", serious=True)
    pair = [item(1, value="contoso.com, *", kind=Kind.SPOOF_PAIR)]
    made = facts(action=Action.ALLOW, list_name=ListName.SPOOF, items=pair, warnings=[warning])
    assert made.alarm == "SPOOF ALLOW"
    shown = str(approval_form.build(made, shown=CARD).to_dict())
    assert "write as others, or as your own people" in shown
    assert "spam filtering" not in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_wrote_breaks_it(text: str) -> None:
    form = built(reason=text, warnings=[RequestWarning(code="w", text=text, serious=True)], items=[item(1, value=text)])
    assert len(form["blocks"]) <= 100


@pytest.mark.parametrize(
    "view",
    [
        None,
        "view",
        {},
        {"private_metadata": None},
        {"private_metadata": "[]"},
        {"private_metadata": "{"},
        {"private_metadata": "[" * 100_000},
        {"private_metadata": '{"request": 42, "channel": "C", "ts": "1"}'},
        {"private_metadata": '{"request": "x", "channel": "C", "ts": "1"}'},
        {"private_metadata": '{"request": "42.57", "channel": "C"}'},
        {"private_metadata": '{"request": "42.57", "channel": ["C"], "ts": "1"}'},
    ],
)
def test_what_comes_back_in_another_shape_is_refused(view: object) -> None:
    for form in ({"id": "V1"}, {"id": ""}, {"id": 7}, {}):
        with pytest.raises(InvalidInput):
            approval_form.parse({**view, **form} if isinstance(view, dict) else view)


@pytest.mark.parametrize("form", [None, "", 7, "V" * 500])
def test_a_form_without_an_id_is_refused(form: object) -> None:
    with pytest.raises(InvalidInput):
        approval_form.parse({**built(), "id": form})


def test_of_more_lines_than_boxes_those_that_are_left_out_are_written_down() -> None:
    view = approval_form.build(facts(), shown=CARD, by_name=True).to_dict()
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == [approval_form.NAMES]
    sent = {**view, "id": "V1", "state": {"values": {approval_form.NAMES: {"value": {"value": "evil.example\n"}}}}}
    assert approval_form.named(sent).strip() == "evil.example"
    assert approval_form.named({**sent, "state": {"values": {}}}) == ""
    with pytest.raises(InvalidInput):
        approval_form.named({**sent, "state": {"values": {approval_form.NAMES: {"value": {"value": "x" * 3_001}}}}})
