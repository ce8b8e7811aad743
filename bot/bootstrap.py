"""Builds the whole from the settings: the only module that knows all the others."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import settings as env
from bot.as_set import (
    build_anchors,
    build_calling,
    build_emergencies,
    build_receiver,
    build_reminding,
    build_renewing,
    build_rules,
    build_tracing,
    build_weekly,
    build_who_is,
    tenant_settings,
)
from bot.domain.requests.explaining import SHOWN_LATE
from bot.domain.requests.unrequested import TellBlocks
from bot.domain.telling.audit_exports import Format
from bot.jobs.backoff import Backoff
from bot.jobs.lookout import Lookout
from bot.jobs.schedule import Schedule, Scheduler
from bot.jobs.worker import Worker
from bot.metrics import Metrics
from bot.settings.rules_file import RulesFile
from bot.slack.app import FINISHERS, Workspace, build_app
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.jobs.approver_reminders import LOOK_EVERY
from bot.slack.jobs.card_keeper import KEEP_CARDS_EVERY
from bot.slack.jobs.registry import slack_jobs
from bot.slack.reach import SlackReach
from bot.store import Store
from bot.store.shared_budgets import budgets_of
from bot.tenant.audit_records import AuditRecords
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.submission_service import SubmissionService
from bot.tls import outside_context
from bot.workflow.jobs import JobRegistry
from bot.workflow.shared.context import Context, Limits
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.reading_process import ReadingProcess, ReadInThread, ReadsImports
from bot.workflow.watching.anchor import ANCHOR_EVERY
from bot.workflow.watching.hand_on import HAND_ON_EVERY
from bot.workflow.watching.renewals import look_every
from bot.workflow.watching.watch import CLEAN_EVERY, FORGET_ADDRESSES_EVERY

#: An outage of Slack or of the tenant is survived for about six hours: work goes on ten minutes after its end at the
#: latest. The alert channel hears within minutes of what has to wait. (`workflow/shared/lanes.py`)
_LONGEST_BACKOFF = 600.0
MOST_ATTEMPTS = 60

#: So long does a replica that died keep its jobs from the others, in seconds; they look for jobs each second. It is
#: long enough for a replica to stand still for some seconds without losing what it does.
LEASE_AMONG_REPLICAS = 6.0

#: Where one process serves the database, it frees at its start what the one before had: nobody waits for a lease.
LEASE_ALONE = 30.0

#: A check goes by a snapshot of the lists until so many readings in a row have come to nothing: one that failed is made
#: up for by the next, and more than that means that nobody knows what the tenant holds now.
_SNAPSHOTS_MISSED = 3


def build_tenant(settings: env.TenantSettings, looking: env.LookingSettings) -> Tenant:
    """The tenant as the settings describe it. No call goes out yet. Raises SettingsError."""
    return Tenant(tenant_settings(settings), overrides=looking.overrides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portcullis:
    """The parts of a running bot."""

    context: Context
    metrics: Metrics
    workspace: Workspace
    reach: SlackReach
    directory: Directory
    slack: AsyncApp
    jobs: JobRegistry
    worker: Worker
    scheduler: Scheduler
    lookout: Lookout


def build_context(
    settings: env.Settings, *, reader: ReadsImports | None = None, metrics: Metrics | None = None
) -> Context:
    """What every step of the workflow works with. Nothing is called yet. Without a `reader` a thread reads imports."""
    store = Store(settings.database.database_url, tenant_id=settings.tenant.tenant_id)
    budgets = budgets_of(store)
    access = tenant_settings(settings.tenant, budgets=budgets, metrics=metrics)
    return Context(
        store=store,
        tenant=Tenant(access, overrides=settings.looking.overrides),
        rules=build_rules(settings.policy),
        audit_records=AuditRecords(access) if settings.looking.audit_log else None,
        submissions=SubmissionService(access) if settings.policy.submissions else None,
        safe_senders=settings.looking.safe_senders,
        tracing=build_tracing(access, settings.looking),
        workflow_step=settings.policy.workflow_step,
        user_groups=settings.slack.user_groups | settings.policy.rules.user_groups,
        anchors=build_anchors(settings.anchor),
        receiver=build_receiver(settings.anchor),
        receiver_format=Format(settings.anchor.audit_webhook_format),
        tell_blocks=TellBlocks(settings.policy.tell_portal_blocks),
        weekly_at=build_weekly(settings.policy),
        lapse_after=settings.policy.request_lapses_after,
        confirm_after=settings.policy.confirm_after,
        contact=settings.slack.contact or "",
        denial_reasons=settings.policy.denial_reasons,
        limits=Limits(
            imports=settings.policy.imports_per_person,
            checks=settings.policy.checks_per_person,
            open_requests=settings.policy.open_requests_per_person,
            emergencies=settings.policy.emergency_per_hour,
        ),
        emergencies=build_emergencies(settings.policy),
        calling=build_calling(settings.calling),
        reminding=build_reminding(settings.calling),
        renewing=build_renewing(settings.renewal),
        reader=reader or ReadInThread(),
        who_is=build_who_is(settings.looking),
        budgets=budgets,
        # Who has the lists read more often hears sooner: the next reading but one confirms it.
        may_be_behind=min(SHOWN_LATE, settings.policy.watch_every),
        snapshot_lasts=_SNAPSHOTS_MISSED * settings.policy.watch_every,
    )


def build_client(
    settings: env.SlackSettings, *, reach: SlackReach | None = None, metrics: Metrics | None = None
) -> AsyncWebClient:
    """The way to Slack; `reach` is told what becomes of each call, and `metrics` counts them. No call goes out yet.

    Raises SettingsError when a certificate authority can't be read.
    """
    token = settings.slack_bot_token.get_secret_value()
    return web_client(
        token,
        api_url=settings.slack_api_url,
        context=outside_context(),
        team_id=settings.slack_team_id,
        reach=reach,
        metrics=metrics,
    )


def build_directory(
    settings: env.SlackSettings, client: AsyncWebClient, store: Store, *, rules: RulesFile
) -> Directory:
    """Who is who, as the settings and the rules name them."""
    return Directory(
        client,
        store=store,
        requesters=settings.requesters,
        approvers=settings.approvers,
        auditors=settings.auditors,
        decide_by_rules=rules.deciding,
        propose_by_rules=rules.proposing,
        emergency=settings.emergency,
    )


def process_name() -> str:
    """What this process is called in the outbox and in alerts: the machine's name, and the process's number there."""
    return f"{socket.gethostname()}:{os.getpid()}"


def build(settings: env.Settings) -> Portcullis:
    """Put the parts together. Nothing runs and nothing is called yet."""
    metrics = Metrics()
    context = build_context(settings, reader=ReadingProcess(), metrics=metrics)
    slack = settings.slack
    reach = SlackReach()
    client = build_client(slack, reach=reach, metrics=metrics)
    workspace = Workspace(client=client, team_id=slack.slack_team_id)
    directory = build_directory(slack, client, context.store, rules=settings.policy.rules)
    registry = JobRegistry(
        context,
        slack_jobs(
            context=context,
            client=client,
            directory=directory,
            finishers=FINISHERS,
            tls=outside_context(),
            approval_channel=slack.approval_channel,
            alert_channel=slack.alert_channel or slack.approval_channel,
        ),
    )
    return Portcullis(
        context=context,
        metrics=metrics,
        workspace=workspace,
        reach=reach,
        directory=directory,
        slack=build_app(workspace=workspace, directory=directory, context=context, metrics=metrics),
        jobs=registry,
        worker=Worker(
            context.store,
            registry.handlers,
            name=process_name(),
            lease_seconds=LEASE_ALONE if context.store.is_for_one_process else LEASE_AMONG_REPLICAS,
            backoff=Backoff(longest=_LONGEST_BACKOFF),
            lanes=registry.lanes,
            max_attempts=MOST_ATTEMPTS,
            on_dead=registry.give_up,
            metrics=metrics,
        ),
        lookout=Lookout(context.store, registry.lanes, registry.tell_late),
        scheduler=Scheduler(
            context.store,
            (
                Schedule(kind=JobKind.WATCH, every=settings.policy.watch_every),
                Schedule(kind=JobKind.SCAN_POSTURE, every=settings.policy.posture_every, at_start=True),
                Schedule(kind=JobKind.KEEP_CARDS, every=KEEP_CARDS_EVERY, at_start=True),
                Schedule(kind=JobKind.REMIND_APPROVERS, every=LOOK_EVERY),
                Schedule(kind=JobKind.RENEWALS, every=look_every(context.renewing)),
                Schedule(kind=JobKind.CLEAN, every=CLEAN_EVERY),
                Schedule(kind=JobKind.ANCHOR, every=ANCHOR_EVERY),
                Schedule(kind=JobKind.FORGET_ADDRESSES, every=FORGET_ADDRESSES_EVERY),
                *((Schedule(kind=JobKind.HAND_ON, every=HAND_ON_EVERY),) if context.receiver else ()),
            ),
        ),
    )
