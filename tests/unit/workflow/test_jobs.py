"""The registry of jobs says at the start what nobody does, and what two do."""

from __future__ import annotations

import ssl
from typing import cast

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.policies.case import Rules
from bot.errors import JobsError
from bot.slack.directory import Directory
from bot.slack.jobs.registry import slack_jobs
from bot.store import Store
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.jobs import JobRegistry
from bot.workflow.shared.context import Context
from tests.support.jobs import declared_kinds
from tests.support.stand_ins import unreached_tenant

# Nothing of these is looked at while no job runs.
CONTEXT = Context(store=Store("sqlite:///none.sqlite3", tenant_id="tenant"), tenant=unreached_tenant(), rules=Rules())
OF_SLACK = slack_jobs(
    context=CONTEXT,
    client=cast("AsyncWebClient", None),
    directory=cast("Directory", None),
    finishers={},
    tls=cast("ssl.SSLContext", None),
    approval_channel="C0APPROVALS",
    alert_channel="C0ALERTS",
)


def test_every_kind_that_is_declared_anywhere_is_done() -> None:
    registry = JobRegistry(CONTEXT, OF_SLACK)
    kinds = declared_kinds()
    assert {"import.read", "evidence.fetch", "request.apply"} <= kinds
    assert kinds <= registry.handlers.keys()


def test_a_kind_that_is_queued_and_done_by_nobody_shows_at_the_start() -> None:
    with pytest.raises(JobsError) as caught:
        JobRegistry(CONTEXT, [job for job in OF_SLACK if job.kind != "request.notify"])
    assert caught.value.problems == ("request.notify is queued, and nobody does it.",)


def test_a_kind_that_is_declared_twice_shows_at_the_start() -> None:
    with pytest.raises(JobsError) as caught:
        JobRegistry(CONTEXT, [*OF_SLACK, APPLY_JOB.bound_to(CONTEXT), *OF_SLACK[:1]])
    assert caught.value.problems == (
        "request.apply is declared 2 times.",
        f"{OF_SLACK[0].kind} is declared 2 times.",
    )
