"""What stands in the tenant is extended, annotated and removed as it is, also what nobody could add today."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given
from bot.domain.requests.request import ItemState, Status
from bot.workflow.importing.importer import request_import
from bot.workflow.importing.judge import ImportOptions, judge_import
from tests.integration.workflow.conftest import Stage
from tests.support.people import REQUESTER

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


#: What somebody exported from the tenant, to have it taken out again.
EXPORT = """Value,Action
evil.example/folder/#x=1,Block
*contoso.com,Block
10.0.0.0/8,Block
evil.example/gone,Block
"""


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_an_import_takes_out_what_an_export_names(stage: Stage) -> None:
    stage.standin.hold("evil.example/folder/#x=1", list_type="Url")
    stage.standin.hold("*contoso.com", list_type="Url")
    stage.standin.hold("10.0.0.0/8")
    await stage.snapshot()
    wanted = ImportOptions(operation=Operation.REMOVE, action=Action.BLOCK, reason="No longer needed, ticket 4711")

    judged = await judge_import(stage.context, actor=REQUESTER, wanted=wanted, given=Given(content=EXPORT))
    imported = await request_import(
        stage.context, actor=REQUESTER, judged=judged, delivery="an import", source={"from": "a test"}
    )

    assert [(outcome.value, outcome.code) for outcome in imported.outcomes] == [
        ("evil.example/folder/#x=1", "requested"),
        ("*contoso.com", "requested"),
        ("10.0.0.0/8", "requested"),
        ("evil.example/gone", "not_listed"),
    ]
    await stage.decide(imported.requests[0])  # the one decision on what is asked for together
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert held(stage, "Url") == held(stage, None) == []
