"""Builds the whole from the settings: the only module that knows all the others."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot import settings as env
from bot.domain.lists import Plan
from bot.domain.policy import IpAllow, Rules
from bot.jobs.backoff import Backoff
from bot.jobs.schedule import Schedule, Scheduler
from bot.jobs.worker import Handler, Worker
from bot.slack.app import Workspace, build_app
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.notifier import Notifier
from bot.store import Job, Store, UnitOfWork
from bot.tenant.settings import Cloud, TenantSettings
from bot.tenant.tenant import Tenant
from bot.tls import outside_context
from bot.workflow import apply, close, confirm, expire, watch
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind, alert

#: An outage of Slack or of the tenant is survived for about six hours: work goes on ten minutes after its end at the
#: latest. The alert channel hears of an approved change that waits within minutes. (`workflow/apply.py`)
_LONGEST_BACKOFF = 600.0
_MOST_ATTEMPTS = 60


def tenant_settings(settings: env.TenantSettings) -> TenantSettings:
    """Where the tenant is and who we are, as the tenant's side reads it. Raises SettingsError."""
    return TenantSettings(
        tenant_id=settings.tenant_id,
        client_id=settings.client_id,
        certificate=settings.certificate_pem,
        secret=settings.client_secret.get_secret_value() if settings.client_secret else None,
        cloud=Cloud(settings.cloud),
        exchange_url=settings.exchange_url,
        authority_url=settings.authority_url,
        ssl_context=outside_context(),
    )


def build_tenant(settings: env.TenantSettings) -> Tenant:
    """The tenant as the settings describe it. No call goes out yet. Raises SettingsError."""
    return Tenant(tenant_settings(settings))


def build_rules(settings: env.PolicySettings) -> Rules:
    """What the operator has set, as policy reads it."""
    return Rules(
        plan=Plan(settings.tenant_plan),
        ip_allow=IpAllow(settings.ip_allow),
        ip_allow_max_days=settings.ip_allow_max_days,
        accepted_domains=frozenset(domain.lower() for domain in settings.accepted_domains),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Portcullis:
    """The parts of a running bot."""

    context: Context
    workspace: Workspace
    slack: AsyncApp
    worker: Worker
    scheduler: Scheduler


def build(settings: env.Settings) -> Portcullis:
    """Put the parts together. Nothing runs and nothing is called yet."""
    context = Context(
        store=Store(settings.database.database_url, tenant_id=settings.tenant.tenant_id),
        tenant=build_tenant(settings.tenant),
        rules=build_rules(settings.policy),
        lapse_after=settings.policy.request_lapses_after,
        confirm_after=settings.policy.confirm_after,
    )
    slack = settings.slack
    tls = outside_context()
    client = web_client(slack.slack_bot_token.get_secret_value(), api_url=slack.slack_api_url, context=tls)
    workspace = Workspace(client=client, team_id=slack.slack_team_id)
    directory = Directory(client, requesters=slack.requesters, approvers=slack.approvers, auditors=slack.auditors)
    notifier = Notifier(
        context=context,
        client=client,
        tls=tls,
        approval_channel=slack.approval_channel,
        alert_channel=slack.alert_channel or slack.approval_channel,
    )
    handlers: dict[str, Handler] = {
        JobKind.APPLY: partial(apply.apply, context),
        JobKind.CONFIRM: partial(confirm.confirm, context),
        JobKind.EXPIRE: partial(expire.expire, context),
        JobKind.LAPSE: partial(close.lapse, context),
        JobKind.WATCH: partial(watch.watch, context),
        JobKind.CLEAN: partial(watch.clean, context),
        JobKind.NOTIFY: notifier.notify,
        JobKind.ALERT: notifier.alert,
        JobKind.CHECK: notifier.check,
        JobKind.REPLY: notifier.reply,
    }
    return Portcullis(
        context=context,
        workspace=workspace,
        slack=build_app(workspace=workspace, directory=directory, context=context),
        worker=Worker(
            context.store,
            handlers,
            name=f"{socket.gethostname()}:{os.getpid()}",
            backoff=Backoff(longest=_LONGEST_BACKOFF),
            max_attempts=_MOST_ATTEMPTS,
            on_dead=partial(_bury, context),
        ),
        scheduler=Scheduler(
            context.store,
            (
                Schedule(kind=JobKind.WATCH, every=settings.policy.watch_every),
                Schedule(kind=JobKind.CLEAN, every=watch.CLEAN_EVERY),
            ),
        ),
    )


async def _bury(context: Context, uow: UnitOfWork, job: Job, error: str) -> None:
    """A job was given up: the request must not look as if it went on, and the operator must hear of it."""
    if job.kind == JobKind.APPLY:
        await apply.give_up(context, uow, job, error)
    elif job.kind == JobKind.EXPIRE:
        await expire.give_up(context, uow, job)
    # An alert or an answer that Slack wouldn't take can't be told of in Slack: the log and the audit log have it.
    if job.kind not in {JobKind.ALERT, JobKind.REPLY, JobKind.CHECK}:
        await alert(uow, job.kind, request_id=job.payload.get("request_id"), details=error)
