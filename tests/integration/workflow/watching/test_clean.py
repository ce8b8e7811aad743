"""What the housekeeping forgets: what nobody needs any more, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request
from bot.store.messages import PostedMessage
from bot.workflow.requesting.bound import remember_form
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue
from bot.workflow.watching.watch import REMEMBER_FORMS, clean
from tests.integration.workflow.conftest import Stage
from tests.support.people import APPROVER


async def clean_up(stage: Stage, *, groups: frozenset[str] | None = None) -> None:
    store = stage.context.store
    async with store.write() as uow:
        await enqueue(uow, JobKind.CLEAN, NothingPayload(), key="cleaning")
    async with store.write() as uow:
        [job] = [job for job in await uow.jobs.claim("test", stage.clock(), 30, 100) if job.kind == JobKind.CLEAN]
    await clean(replace(stage.context, user_groups=groups), job, NothingPayload())


async def posted_for(stage: Stage, request: Request) -> list[PostedMessage]:
    async with stage.context.store.read() as uow:
        return await uow.messages.of_request(request.id)


async def test_a_form_is_forgotten_after_a_day_and_cards_never(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    before = await posted_for(stage, request)
    await remember_form(stage.context, request, "V1", actor=APPROVER)
    stage.clock.now += REMEMBER_FORMS
    await remember_form(stage.context, request, "V2", actor=APPROVER)
    await clean_up(stage)
    assert len(await posted_for(stage, request)) == len(before) + 2, "a day has not passed"
    stage.clock.now += timedelta(seconds=1)
    await clean_up(stage)
    assert [each.ts for each in await posted_for(stage, request) if each.purpose == Purpose.FORM] == ["V2"]
    assert [each for each in await posted_for(stage, request) if each.purpose != Purpose.FORM] == before


async def test_who_is_in_a_group_is_kept_of_groups_that_give_a_role(stage: Stage) -> None:
    async with stage.context.store.write() as uow:
        for group in ("S0SET", "S0BEFORE"):
            await uow.user_groups.save(group, ["U0ONE1"], asked_at=stage.clock())

    async def kept() -> list[str]:
        async with stage.context.store.read() as uow:
            return sorted(await uow.user_groups.kept(["S0SET", "S0BEFORE"]))

    await clean_up(stage)
    assert await kept() == ["S0BEFORE", "S0SET"], "which give a role was not said"
    await clean_up(stage, groups=frozenset({"S0SET", "S0NEW"}))
    assert await kept() == ["S0SET"]
    await clean_up(stage, groups=frozenset())
    assert await kept() == []
