"""Builds the whole from the settings: the only module that knows all the others."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import settings as env
from bot.anchoring.keeper import AnchorKeeper
from bot.budgets import Budgets, BudgetsInMemory
from bot.domain.figures.figures import MailSource
from bot.domain.lists.traits import Plan
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.posture.scans import WeeklyAt
from bot.domain.requests.calling import Calling
from bot.domain.requests.emergency import Emergencies
from bot.domain.requests.explaining import SHOWN_LATE
from bot.domain.requests.reminders import Reminding
from bot.domain.requests.renewing import Renewing, Unanswered
from bot.domain.requests.unrequested import TellBlocks
from bot.domain.requests.working_hours import WorkingHours
from bot.domain.telling.audit_exports import Format
from bot.jobs.backoff import Backoff
from bot.jobs.lookout import Lookout
from bot.jobs.schedule import Schedule, Scheduler
from bot.jobs.worker import Worker
from bot.metrics import Metrics
from bot.settings.rules_file import RulesFile
from bot.settings.types import read_days, read_hours, read_period, read_servers, read_waits, read_weekly
from bot.slack.app import FINISHERS, Workspace, build_app
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.jobs.approver_reminders import LOOK_EVERY
from bot.slack.jobs.card_keeper import KEEP_CARDS_EVERY
from bot.slack.jobs.registry import slack_jobs
from bot.slack.reach import SlackReach
from bot.store import Store
from bot.store.shared_budgets import budgets_of
from bot.tenant.access import Cloud, SignIn, TenantAccess
from bot.tenant.audit_records import AuditRecords
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.submission_service import SubmissionService
from bot.tenant.tracing.service import MailTracing
from bot.tls import outside_context
from bot.webhook.receiver import Receiver
from bot.workflow.jobs import JobRegistry
from bot.workflow.shared.context import Context, Limits
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.reading_process import ReadingProcess, ReadInThread, ReadsImports
from bot.workflow.watching.anchor import ANCHOR_EVERY
from bot.workflow.watching.hand_on import HAND_ON_EVERY
from bot.workflow.watching.renewals import look_every
from bot.workflow.watching.watch import CLEAN_EVERY, FORGET_ADDRESSES_EVERY

if TYPE_CHECKING:
    from bot.dns.lookup import Lookup
    from bot.dns.who_is import WhoIs

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


def tenant_settings(
    settings: env.TenantSettings, *, budgets: Budgets | None = None, metrics: Metrics | None = None
) -> TenantAccess:
    """Where the tenant is and who we are, as the tenant's side reads it. Raises SettingsError.

    Without `budgets` that are shared, this process's calls are counted by themselves; `metrics` counts them for
    the operator.
    """
    return TenantAccess(
        tenant_id=settings.tenant_id,
        client_id=settings.client_id,
        sign_in=SignIn(settings.sign_in),
        certificate=settings.certificate_content,
        certificate_password=_revealed(settings.client_certificate_password),
        secret=_revealed(settings.client_secret),
        federated_token_file=settings.token_file,
        cloud=Cloud(settings.cloud),
        exchange_url=settings.exchange_url,
        graph_url=settings.graph_url,
        authority_url=settings.authority_url,
        ssl_context=outside_context(),
        calls_per_second=settings.calls_per_second,
        budgets=budgets or BudgetsInMemory(),
        metrics=metrics or Metrics(),
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def build_tenant(settings: env.TenantSettings, looking: env.LookingSettings) -> Tenant:
    """The tenant as the settings describe it. No call goes out yet. Raises SettingsError."""
    return Tenant(tenant_settings(settings), overrides=looking.overrides)


def build_tracing(access: TenantAccess, looking: env.LookingSettings) -> MailTracing | None:
    """What counts real mail, as the operator has set it; None: nothing does."""
    sources = {source for source in MailSource if looking.mail_figures in {source.value, "both"}}
    return MailTracing(access, sources=sources) if sources else None


def build_rules(settings: env.PolicySettings) -> Rules:
    """What the operator has set, as policy reads it. Raises SettingsError."""
    rules = settings.rules
    return Rules(
        plan=Plan(settings.tenant_plan),
        ip_allow=IpAllow(settings.ip_allow),
        ip_allow_max_days=settings.ip_allow_max_days,
        accepted_domains=frozenset(domain.lower() for domain in settings.accepted_domains),
        direct_allow=settings.direct_allow,
        submissions=settings.submissions,
        approvers=rules.approvers,
        need_nobody=rules.need_nobody,
    )


def build_emergencies(settings: env.PolicySettings) -> Emergencies:
    """What emergency blocks may be, as the operator has set it."""
    return Emergencies(
        days=min(settings.emergency_days, settings.emergency_max_days),
        most_days=settings.emergency_max_days,
        alert_after=settings.emergency_alert_after,
    )


def build_calling(settings: env.CallingSettings) -> Calling:
    """Who is called to decide, as the operator has set it."""
    return Calling(first=settings.call_approvers, second=settings.escalate_to, second_before=settings.escalate_before)


def build_reminding(settings: env.CallingSettings) -> Reminding:
    """When approvers are reminded, as the operator has set it."""
    begins, ends = read_hours(settings.working_hours)
    hours = WorkingHours(begins=begins, ends=ends, days=read_days(settings.working_days))
    return Reminding(waits=read_waits(settings.remind_after), hours=hours)


def build_weekly(settings: env.PolicySettings) -> WeeklyAt | None:
    """When the posture's weekly summary is told, as the operator has set it; None: never."""
    weekly = read_weekly(settings.posture_summary)
    return None if weekly is None else WeeklyAt(*weekly)


def build_renewing(settings: env.RenewalSettings) -> Renewing:
    """Which entries come back to their owners, as the operator has set it."""
    return Renewing(
        every=read_period(settings.renew_after),
        blocks=settings.renew_blocks,
        answer_within=settings.renew_answer_within,
        unanswered=Unanswered(settings.renew_unanswered),
    )


def build_anchors(settings: env.AnchorSettings) -> AnchorKeeper:
    """Where the audit log's head is kept, as the operator has set it."""
    return AnchorKeeper(
        file=Path(settings.anchor_file) if settings.anchor_file else None,
        key=settings.signing_key,
        time_stamp_url=settings.timestamp_url,
        tls=outside_context() if settings.timestamp_url else None,
    )


def build_receiver(settings: env.AnchorSettings) -> Receiver | None:
    """Who is handed the audit log, as the operator has set it."""
    if settings.audit_webhook_url is None or settings.audit_webhook_secret is None:
        return None
    secret = settings.audit_webhook_secret.get_secret_value().encode()
    return Receiver(url=settings.audit_webhook_url, secret=secret, tls=outside_context())


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


def build_lookup(settings: env.LookingSettings) -> Lookup:
    """How DNS is asked, as the operator has set it."""
    from bot.dns.lookup import Lookup  # noqa: PLC0415 - loaded where DNS is asked, which is off by default

    return Lookup(read_servers(settings.dns_servers))


def build_who_is(settings: env.LookingSettings) -> WhoIs | None:
    """Who finds out whose an IP address is; None where the operator doesn't want it."""
    if not settings.who_is:
        return None
    from bot.dns.who_is import WhoIs  # noqa: PLC0415 - as above

    return WhoIs(build_lookup(settings))


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
