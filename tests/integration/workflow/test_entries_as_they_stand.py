"""What stands in the tenant is extended, annotated and removed as it is, also what nobody could add today."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.request import ItemState, Status
from tests.integration.workflow.conftest import Stage

ListType = Literal["Sender", "Url", "FileHash", "IP"]

#: What is held in the Tenant Allow/Block List or, without a type, in the connection filter; and how it is typed.
STANDING: list[tuple[ListType | None, str, str]] = [
    ("Url", "evil.example/folder/#x=1", "https://evil.example/folder/#x=1"),
    ("Url", "evil.example/o'brien", "evil.example/o'brien"),
    ("Url", "évil.example/straße", "évil.example/straße"),
    ("Url", "*contoso.com", "*contoso.com"),
    ("Url", "[2001:DB8::1]/a", "[2001:db8::1]/a"),
    ("Url", "2001:db8::1/a", "2001:db8::1/a"),
    ("Sender", "*@evil.example", "*@evil.example"),
    ("IP", "2001:db8::/129", "2001:db8::/129"),
    (None, "10.0.0.0/8", "10.0.0.0/8"),
    (None, "mail server", "mail server"),
    (None, "2001:db8::1", "filter:2001:db8::1"),
]


def held(stage: Stage, list_type: ListType | None) -> list[str]:
    lists = stage.standin.lists()
    if list_type is None:
        policies = lists["policies"]
        assert isinstance(policies, list)
        return list(policies[0]["IPBlockList"])
    items = lists["items"]
    assert isinstance(items, dict)
    return [item["Value"] for item in items[list_type]]


@pytest.mark.parametrize(("list_type", "value", "typed"), STANDING)
async def test_it_is_changed_and_removed_by_its_exact_value(
    stage: Stage, list_type: ListType | None, value: str, typed: str
) -> None:
    stage.standin.hold(value, list_type=list_type)

    extended = await stage.want(Operation.EXTEND, typed, end="20d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    noted = await stage.want(Operation.ANNOTATE, typed, reason="Asked for by the help desk")
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert {(await stage.request(each)).status for each in (extended, noted)} == {Status.APPLIED}
    assert held(stage, list_type) == [value]

    removed = await stage.want(Operation.REMOVE, typed)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert (await stage.item(removed)).state is ItemState.CONFIRMED
    assert held(stage, list_type) == []
    [last] = [call for call in stage.standin.calls() if str(call["cmdlet"]).startswith(("Remove-", "Set-Hosted"))]
    assert value in str(last["parameters"])


async def test_an_allow_that_is_junk_is_removed_by_one_approver(stage: Stage) -> None:
    stage.standin.hold("10.0.0.0/8", action="Allow")
    request = await stage.want(Operation.REMOVE, "10.0.0.0/8", action=Action.ALLOW)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert (await stage.request(request)).status is Status.APPLIED
