"""The warning before an IP allow, and the form under it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.requests.request import RequestWarning
from bot.domain.telling.sentence import Value
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Modal
from bot.slack.modals import ip_allow_form, proposal_form
from bot.slack.modals.form_input import FormInput
from tests.support.samples import HOSTILE, NOW, any_text, any_warning
from tests.unit.slack.rendered import blocks_by_id, formatted, texts

ASSESSMENT = Assessment(
    warnings=(
        RequestWarning(code="range", text="A range is wider than you think."),
        RequestWarning(code="skips", text="Skips spam filtering, SPF, DKIM and DMARC.", serious=True),
    ),
    approvals_needed=2,
    latest_expiry=NOW + timedelta(days=7),
    needs_acknowledgement=True,
    better_ways=("Submit the message as wrongly blocked.", "Use a mail flow rule."),
)


BLANK = FormInput(operation=Operation.ADD, action=Action.ALLOW, indicators="203.0.113.7")


def form(**values: str | bool | frozenset[str]) -> FormInput:
    return replace(BLANK, **values)


def build(given_form: FormInput = BLANK, *, problems: Mapping[Field, str] | None = None, **changes: object) -> Modal:
    return ip_allow_form.build(given_form, replace(ASSESSMENT, **changes), now=NOW, problems=problems)


def build_about(values: Sequence[str]) -> Modal:
    return ip_allow_form.build(BLANK, ASSESSMENT, now=NOW, about=values)


def ends(view: Modal) -> list[str]:
    return [option["value"] for option in blocks_by_id(view)["end"]["element"]["options"]]


def test_the_warning_stands_above_every_field_with_the_serious_part_first() -> None:
    blocks = build().to_dict()["blocks"]
    kinds = [block["type"] for block in blocks]
    assert kinds.index("input") > 2
    assert "IP allow switches filtering off" in blocks[0]["text"]["text"]
    assert blocks[1]["text"]["text"].startswith(":rotating_light: Skips spam filtering")


def test_how_much_mail_it_has_had_stands_below_the_warning_where_that_is_known() -> None:
    mail = [(Value("203.0.113.7"), ": 9 messages to 2 people (9 delivered)")]
    assert "Mail of the last 10 days" not in texts(build())
    known = texts(ip_allow_form.build(BLANK, ASSESSMENT, now=NOW, mail=mail))
    assert "Mail of the last 10 days:\n• `203.0.113[.]7`: 9 messages to 2 people (9 delivered)" in known


def test_the_better_ways_are_in_their_order() -> None:
    assert "1. Submit the message as wrongly blocked.\n2. Use a mail flow rule." in texts(build())
    assert "Better ways" not in texts(build(better_ways=()))


def test_without_warnings_it_still_warns() -> None:
    assert "skips spam filtering" in texts(build(warnings=()))


def test_it_says_how_many_must_approve() -> None:
    assert "2 approvals by others" in texts(build())


def test_a_choice_made_in_the_proposal_form_does_not_linger_in_this_one() -> None:
    ordinary = blocks_by_id(proposal_form.build(Operation.ADD, Action.ALLOW))["end"]["element"]
    assert blocks_by_id(build())["end"]["element"]["action_id"] != ordinary["action_id"]


@pytest.mark.parametrize(("days", "offered"), [(1, ["1d"]), (7, ["1d", "3d", "7d"]), (10, ["1d", "3d", "7d", "10d"])])
def test_no_longer_end_is_offered_than_is_allowed(days: int, offered: list[str]) -> None:
    assert ends(build(latest_expiry=NOW + timedelta(days=days))) == offered


def test_an_ip_allow_never_offers_never() -> None:
    assert "never" not in ends(build(latest_expiry=None))


@pytest.mark.parametrize(
    ("end", "chosen"),
    [
        ("7d", "7d"),
        ("5d", "5d"),
        ("90d", "7d"),
        ("never", "7d"),
        ("2026-03-04", "3d"),
        ("2026-03-01", "1d"),
        ("2026-12-31", "7d"),
        ("9999-12-31", "7d"),
        ("nonsense", "1d"),
        ("", "1d"),
    ],
)
def test_the_end_that_was_given_is_chosen_or_the_limit_when_it_is_too_long(end: str, chosen: str) -> None:
    assert blocks_by_id(build(form(end=end)))["end"]["element"]["initial_option"]["value"] == chosen


def test_the_box_is_not_ticked_and_must_be() -> None:
    block = blocks_by_id(build())["acknowledged"]
    assert "initial_options" not in block["element"]
    assert block["optional"] is False


#: The box under a warning about 203.0.113.7.
TICK = blocks_by_id(build_about(["203.0.113.7"]))["acknowledged"]["element"]["action_id"]


def submitted(*, ticked: bool = True, **values: object) -> dict[str, Any]:
    options = [{"text": {}, "value": "acknowledged"}] if ticked else []
    state: dict[str, Any] = {
        "indicators": {"value": {"value": "203.0.113.7"}},
        "end": {"days": {"selected_option": {"value": "7d"}}},
        "reason": {"value": {"value": "Scanner"}},
        "acknowledged": {TICK: {"type": "checkboxes", "selected_options": options}},
    }
    metadata = {"operation": "add", "action": "allow", "warned": ["203.0.113.7"]}
    return {"private_metadata": json.dumps(metadata), "state": {"values": {**state, **values}}}


def test_a_submission_is_read() -> None:
    assert ip_allow_form.parse(submitted()) == form(
        end="7d", reason="Scanner", acknowledged=True, warned=frozenset({"203.0.113.7"})
    )


def test_an_untouched_box_is_no_tick() -> None:
    assert not ip_allow_form.parse(submitted(ticked=False)).acknowledged
    assert not ip_allow_form.parse(submitted(acknowledged={TICK: {}})).acknowledged


def test_a_box_of_another_warning_is_no_tick() -> None:
    ticked = {"selected_options": [{"value": "acknowledged"}]}
    assert not ip_allow_form.parse(submitted(acknowledged={"value": ticked})).acknowledged


@pytest.mark.parametrize("count", [1, 3, 100, 300])
def test_the_form_carries_what_its_warning_was_about(count: int) -> None:
    values = [f"2001:db8:{number:x}::1111:2222:3333/128" for number in range(count)]
    view = build_about(values)
    assert len(view.to_dict()["private_metadata"]) <= 3_000
    brought = ip_allow_form.parse({**submitted(), "private_metadata": view.to_dict()["private_metadata"]})
    assert ip_allow_form.was_warned(brought, values[::-1])
    assert not ip_allow_form.was_warned(brought, [*values, "203.0.113.7"])


def test_without_a_warning_nobody_was_warned() -> None:
    assert not ip_allow_form.was_warned(form(), ["203.0.113.7"])
    assert not ip_allow_form.was_warned(form(), [])


def test_fewer_than_were_warned_about_are_covered() -> None:
    assert ip_allow_form.was_warned(form(warned=frozenset({"203.0.113.7", "203.0.113.8"})), ["203.0.113.8"])


def test_another_warning_has_another_box() -> None:
    boxes = [blocks_by_id(build_about([value]))["acknowledged"]["element"]["action_id"] for value in ("a", "b", "a")]
    assert boxes[0] == boxes[2] != boxes[1]


@pytest.mark.parametrize(
    "box",
    [
        {TICK: {"selected_options": "acknowledged"}},
        {TICK: {"selected_options": ["acknowledged"]}},
        {TICK: 1},
        1,
    ],
)
def test_an_odd_tick_is_invalid_input(box: object) -> None:
    with pytest.raises(InvalidInput):
        ip_allow_form.parse(submitted(acknowledged=box))


def test_another_tick_does_not_count() -> None:
    box = {TICK: {"selected_options": [{"value": "something else"}]}}
    assert not ip_allow_form.parse(submitted(acknowledged=box)).acknowledged


def test_every_error_stands_at_a_field_that_the_form_has() -> None:
    refusals = [Refusal(code="a", text="t", remedy="r", field=field) for field in Field]
    inputs = {block["block_id"] for block in build().to_dict()["blocks"] if block["type"] == "input"}
    assert set(ip_allow_form.errors(refusals)) == {"indicators", "reason", "end", "acknowledged"} == inputs


def test_problems_stand_directly_under_their_fields() -> None:
    order = [block.get("block_id") for block in build(problems={Field.EXPIRES: "At most 7 days."}).to_dict()["blocks"]]
    assert order.index("problem_end") == order.index("end") + 1


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    view = build(
        form(indicators=hostile, end=hostile, reason=hostile),
        warnings=(RequestWarning(code=hostile, text=hostile, serious=True),) * 50,
        better_ways=(hostile,) * 50,
        problems=dict.fromkeys(Field, hostile),
    )
    assert "<!channel>" not in formatted(view)


@given(st.lists(any_warning, max_size=9), st.lists(any_text, max_size=9), any_text, st.integers(0, 5000))
@settings(deadline=None)
def test_no_input_makes_a_form_that_slack_refuses(
    warnings: list[RequestWarning], better_ways: list[str], typed: str, days: int
) -> None:
    view = build(
        form(indicators=typed, end=typed, reason=typed, acknowledged=True),
        warnings=tuple(warnings),
        better_ways=tuple(better_ways),
        latest_expiry=NOW + timedelta(days=days),
    )
    assert view.to_dict()


def test_an_ipv6_allow_is_not_said_to_switch_filtering_off() -> None:
    overrides = RequestWarning(
        code="ipv6_allow_overrides_ip_filters", text="Overrides the IP filters only.", serious=True
    )
    assert "overrides the IP filters" in build(warnings=(overrides,)).to_dict()["blocks"][0]["text"]["text"]
