"""The form for what of a message is meant: nothing ticked, what is left out is said, and what comes back is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain.reading.free_text import FreeText, indicators_in
from bot.domain.requests.people import Person, Right, Role
from bot.errors import InvalidInput
from bot.slack.modals import choose_form
from tests.support.samples import any_text
from tests.unit.slack.rendered import blocks_by_id, texts


def many(count: int) -> FreeText:
    return indicators_in("\n".join(f"evil{number}.example" for number in range(count)))


def answered(what: object, **ticked: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        block: {"value": {"selected_options": [{"value": line} for line in lines]}} for block, lines in ticked.items()
    }
    return {
        "private_metadata": "{}",
        "state": {"values": {**values, "what": {"value": {"selected_option": {"value": what}}}}},
    }


def test_nothing_is_ticked_beforehand() -> None:
    view = choose_form.build(many(2), rights=Right)
    element = blocks_by_id(view)["offers0"]["element"]
    assert [option["value"] for option in element["options"]] == ["evil0.example", "evil1.example"]
    assert [option["text"]["text"] for option in element["options"]] == ["evil0[.]example", "evil1[.]example"]
    assert "initial_options" not in element


def test_what_does_not_fit_is_counted() -> None:
    view = choose_form.build(many(33), rights=Right)
    assert len([name for name in blocks_by_id(view) if name.startswith("offers")]) == 3
    assert "3 mores" not in texts(view)
    assert "3 more that can't be ticked here" in texts(view)


def test_what_is_longer_than_a_choice_can_be_ticked_all_the_same() -> None:
    urls = [f"https://evil{number}.example/{'a' * 200}" for number in range(3)]
    view = choose_form.build(indicators_in("\n".join(["evil.example", *urls])), rights=Right)
    options = blocks_by_id(view)["offers0"]["element"]["options"]
    answer = answered("block", offers0=[option["value"] for option in options])
    answer["private_metadata"] = view.to_dict()["private_metadata"]
    choice = choose_form.parse(answer)
    assert [read.value for line in choice.lines for read in indicators_in(line).found] == [
        "evil.example",
        *(url.removeprefix("https://") for url in urls),
    ]


def test_what_the_form_can_not_carry_is_counted() -> None:
    urls = [f"https://evil{number}.example/{'a' * 200}" for number in range(20)]
    view = choose_form.build(indicators_in("\n".join(urls)), rights=Right)
    offered = [
        option
        for name, block in blocks_by_id(view).items()
        if name.startswith("offers")
        for option in block["element"]["options"]
    ]
    assert 10 <= len(offered) < 20
    assert f"{20 - len(offered)} more that can't be ticked here" in texts(view)


def test_where_nothing_can_be_ticked_there_is_no_form() -> None:
    [found] = indicators_in("https://evil.example/a").found
    too_long = replace(found, value=f"evil.example/{'a' * 4_000}")
    with pytest.raises(InvalidInput, match="too long"):
        choose_form.build(FreeText(found=(too_long,)), rights=Right)


def test_own_domains_are_said_to_be_left_out() -> None:
    found = indicators_in("evil.example from user@contoso.example", accepted_domains=frozenset({"contoso.example"}))
    view = choose_form.build(found, rights=Right)
    assert "Left out, because they are your own domains:\n`user@contoso[.]example`" in texts(view)


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.REQUESTER, ["block", "unblock", "allow", "check"]), (Role.AUDITOR, ["check"])]
)
def test_only_what_a_role_may_do_is_offered(role: Role, offered: list[str]) -> None:
    rights = Person(user_id="U0PERSON01", roles=frozenset({role})).rights
    element = blocks_by_id(choose_form.build(many(1), rights=rights))["what"]["element"]
    assert [option["value"] for option in element["options"]] == offered


def test_what_was_ticked_in_any_group_is_read_once() -> None:
    choice = choose_form.parse(
        answered("block", offers0=["a.example", "b.example"], offers2=["a.example", "c.example"])
    )
    assert (choice.lines, choice.what) == (("a.example", "b.example", "c.example"), "block")


@pytest.mark.parametrize(
    "view",
    [{}, answered("fly"), answered(None), answered("block", offers0=[7]), None, answered("block", offers0=["#0"])],
)  # type: ignore[list-item]
def test_any_other_shape_is_refused(view: object) -> None:
    with pytest.raises(InvalidInput):
        choose_form.parse(view)


@given(any_text)
@settings(max_examples=30, deadline=None)
def test_whatever_a_message_says_the_form_fits(text: str) -> None:
    found = indicators_in(f"evil.example {text}", accepted_domains=frozenset({"contoso.example"}))
    choose_form.build(found, rights=Right)
