"""A copy of a part of the audit log: what is in it, for whom, and how much of it."""

from __future__ import annotations

import json

import pytest

from bot.domain.auditing.events import EventKind
from bot.errors import InvalidInput, NotPermitted
from bot.workflow.asking import audit_export
from bot.workflow.asking.audit_export import make_export
from bot.workflow.shared.job_kinds import ExportPayload
from tests.integration.workflow.conftest import Stage
from tests.support.people import AUDITOR, REQUESTER


def wanted(stage: Stage, query: str, form: str = "jsonl") -> ExportPayload:
    return ExportPayload(user=AUDITOR.user_id, query=query, format=form, asked_at=stage.clock())


async def write_checks(stage: Stage, number: int) -> None:
    async with stage.context.store.write() as uow:
        for n in range(number):
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target=f"evil{n}.example", at=stage.clock())


async def test_the_events_that_were_looked_for_oldest_first(stage: Stage) -> None:
    await write_checks(stage, 3)
    made = await make_export(stage.context, wanted(stage, "checks"), actor=AUDITOR)
    assert [json.loads(line)["seq"] for line in made.content.decode().splitlines()] == [1, 2, 3]
    assert made.events == 3
    one = await make_export(stage.context, wanted(stage, "evil1.example", "csv"), actor=AUDITOR)
    assert one.events == 1
    assert one.content.startswith(b"\xef\xbb\xbfseq,at,kind")


async def test_more_than_goes_into_a_file_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await write_checks(stage, 3)
    monkeypatch.setattr(audit_export, "MOST_EVENTS", 2)
    with pytest.raises(InvalidInput, match="more than 2 events"):
        await make_export(stage.context, wanted(stage, ""), actor=AUDITOR)


async def test_nothing_makes_no_file(stage: Stage) -> None:
    with pytest.raises(InvalidInput, match="Nothing was found"):
        await make_export(stage.context, wanted(stage, "denied"), actor=AUDITOR)


async def test_who_may_no_longer_read_the_log_gets_none(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        await make_export(stage.context, wanted(stage, ""), actor=REQUESTER)
