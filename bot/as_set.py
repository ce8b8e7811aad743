"""What the operator has set, as the parts of the bot read it: each is made of one part of the settings.

Nothing runs and nothing is called yet.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot import settings as env
from bot.anchoring.keeper import AnchorKeeper
from bot.budgets import Budgets, BudgetsInMemory
from bot.domain.figures.figures import MailSource
from bot.domain.lists.traits import Plan
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.posture.scans import WeeklyAt
from bot.domain.requests.calling import Calling
from bot.domain.requests.emergency import Emergencies
from bot.domain.requests.reminders import Reminding
from bot.domain.requests.renewing import Renewing, Unanswered
from bot.domain.requests.working_hours import WorkingHours
from bot.metrics import Metrics
from bot.settings.types import read_days, read_hours, read_period, read_servers, read_waits, read_weekly
from bot.tenant.access import Cloud, SignIn, TenantAccess
from bot.tenant.tracing.service import MailTracing
from bot.tls import outside_context
from bot.webhook.receiver import Receiver

if TYPE_CHECKING:
    from bot.dns.lookup import Lookup
    from bot.dns.who_is import WhoIs


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
