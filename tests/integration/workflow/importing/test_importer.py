"""Many lines at once: what policy says of one of them costs the others nothing."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_reading import Given
from bot.domain.requests.approval import NobodyRule
from bot.errors import NotPermitted
from bot.workflow.importing.importer import request_import
from bot.workflow.importing.judge import ImportOptions, judge_import
from tests.integration.counted import Counted
from tests.integration.workflow.conftest import Stage
from tests.support.people import REQUESTER
from tests.support.requests_made import newest_requests

IPS = ("203.0.113.7", "203.0.113.8", "203.0.113.9")

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_one_that_ends_then_already_costs_the_others_nothing(stage: Stage) -> None:
    """The connection filter keeps no ends: only Portcullis's own records say that one of them needs no other."""
    date = f"{stage.clock() + timedelta(days=20):%Y-%m-%d}"
    await stage.want(Operation.ADD, *IPS[:2], end="5d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    await stage.want(Operation.EXTEND, IPS[0], end=date)
    await stage.run_until_idle(longest=timedelta(hours=1))
    await stage.snapshot()
    wanted = ImportOptions(
        operation=Operation.EXTEND,
        action=Action.BLOCK,
        reason="The wave goes on",
        lifetime=read_lifetime(date, today=stage.clock().date()),
    )
    judged = await judge_import(stage.context, actor=REQUESTER, wanted=wanted, given=Given(content="\n".join(IPS)))
    imported = await request_import(
        stage.context, actor=REQUESTER, judged=judged, delivery=secrets.token_hex(8), source={"from": "a test"}
    )
    assert [(outcome.value, outcome.code) for outcome in imported.outcomes] == [
        (IPS[0], "same_end"),
        (IPS[1], "requested"),
        (IPS[2], "not_listed"),
    ]
    [request] = imported.requests
    assert [item.value for item in request.items] == [IPS[1]]


async def test_what_was_looked_at_is_requested_as_it_was_judged(stage: Stage, counted: Counted) -> None:
    wanted = ImportOptions(operation=Operation.ADD, action=Action.BLOCK, reason="Phishing wave")
    judged = await judge_import(
        stage.context, actor=REQUESTER, wanted=wanted, given=Given(content="evil.example\nnonsense\n")
    )
    assert (counted.judged, counted.checked) == (1, 1)
    imported = await request_import(
        stage.context, actor=REQUESTER, judged=judged, delivery=secrets.token_hex(8), source={"from": "a test"}
    )
    assert [(outcome.typed, outcome.code) for outcome in imported.outcomes] == [
        ("evil.example", "requested"),
        ("nonsense", "unreadable"),
    ]
    assert (counted.judged, counted.checked) == (1, 2), "roles are read at the act, and asking may take long"


async def test_why_no_rule_approves_it_is_told_also_when_it_comes_again(stage: Stage) -> None:
    rule = NobodyRule(name="Quick", lists=frozenset({ListName.SENDER}), requesters=(REQUESTER.user_id,), per_hour=9)
    context = replace(stage.context, rules=replace(stage.context.rules, need_nobody=(rule,)))
    wanted = ImportOptions(operation=Operation.ADD, action=Action.BLOCK, reason="Phishing wave")
    judged = await judge_import(
        context, actor=REQUESTER, wanted=wanted, given=Given(content="evil.example\n203.0.113.7\n")
    )
    for _ in range(2):
        imported = await request_import(
            context, actor=REQUESTER, judged=judged, delivery="once", source={"from": "a test"}
        )
        assert imported.waits_because == "none that names you is about IPs, and it is decided as a whole"


async def test_a_right_that_was_lost_between_looking_and_requesting_counts(stage: Stage) -> None:
    wanted = ImportOptions(operation=Operation.ADD, action=Action.BLOCK, reason="Phishing wave")
    judged = await judge_import(stage.context, actor=REQUESTER, wanted=wanted, given=Given(content="evil.example"))
    with pytest.raises(NotPermitted):
        await request_import(
            stage.context,
            actor=replace(REQUESTER, roles=frozenset()),
            judged=judged,
            delivery=secrets.token_hex(8),
            source={"from": "a test"},
        )
    async with stage.context.store.read() as uow:
        assert await newest_requests(uow) == []
