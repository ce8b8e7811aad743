"""What every step of the workflow works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.anchoring.keeper import AnchorKeeper
from bot.budgets import Budgets
from bot.clock import Clock, utc_now
from bot.domain.policies.case import Rules
from bot.domain.posture.scans import WeeklyAt
from bot.domain.requests.calling import Calling
from bot.domain.requests.emergency import Emergencies
from bot.domain.requests.explaining import SHOWN_LATE
from bot.domain.requests.reminders import Reminding
from bot.domain.requests.renewing import Renewing
from bot.domain.requests.reviewing import DENIAL_REASONS
from bot.domain.requests.unrequested import TellBlocks
from bot.domain.telling.audit_exports import Format
from bot.store import Store
from bot.tenant.audit_records import AuditRecords
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.submission_service import SubmissionService
from bot.tenant.tracing.service import MailTracing
from bot.webhook.receiver import Receiver
from bot.workflow.shared.card_links import CardLinks
from bot.workflow.shared.kept_once import KeptOnce
from bot.workflow.shared.reading_process import ReadInThread, ReadsImports
from bot.workflow.shared.snapshot_index import IndexCache

if TYPE_CHECKING:  # loaded where DNS is asked, which is off by default
    from bot.dns.who_is import WhoIs


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one person may have waiting at once; see `bot.workflow.shared.limits`."""

    imports: int = 10  #: to be read, shown or requested
    checks: int = 10  #: for which the tenant has to be read
    open_requests: int = 200  #: that wait for approval
    emergencies: int = 5  #: applied within an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The store, the tenant, and what the operator has set."""

    store: Store
    tenant: Tenant
    rules: Rules
    audit_records: AuditRecords | None = None  #: the tenant's own audit log; None: it isn't asked
    submissions: SubmissionService | None = None  #: None: Portcullis files none itself
    safe_senders: bool = False  #: whether a sender may be looked up among those of one mailbox
    tracing: MailTracing | None = None  #: what counts real mail; None: cards go without figures
    workflow_step: bool = True  #: whether a step of Slack's Workflow Builder may propose
    user_groups: frozenset[str] | None = None  #: Slack's, that give roles; None: not known here
    anchors: AnchorKeeper = field(default_factory=AnchorKeeper)  #: where the audit log's head is kept
    receiver: Receiver | None = None  #: who is handed the audit log as it goes on; None: nobody
    receiver_format: Format = Format.JSONL
    tell_blocks: TellBlocks = TellBlocks.TELL  #: of what others change in the tenant
    weekly_at: WeeklyAt | None = None  #: when the posture's weekly summary is told; None: never
    lapse_after: timedelta = timedelta(days=7)
    confirm_after: timedelta = timedelta(minutes=5)
    #: So long after a change was seen a reading that only takes it back isn't believed: the service may be behind.
    may_be_behind: timedelta = SHOWN_LATE
    snapshot_lasts: timedelta = timedelta(minutes=45)  #: a check doesn't go by an older snapshot of the lists
    limits: Limits = Limits()
    emergencies: Emergencies = field(default_factory=Emergencies)  #: how long they last, and when somebody hears
    calling: Calling = field(default_factory=Calling)  #: who is called to decide
    contact: str = ""  #: whom people ask who may not do something: a user id, or any text
    denial_reasons: tuple[str, ...] = DENIAL_REASONS  #: offered to whoever denies; each another, ten at most
    renewing: Renewing = field(default_factory=Renewing)  #: which entries come back to their owners, and when
    reminding: Reminding = field(default_factory=Reminding)  #: when approvers are reminded
    reader: ReadsImports = field(default_factory=ReadInThread, compare=False, repr=False)
    kept_once: KeptOnce = field(default_factory=KeptOnce, compare=False, repr=False)
    index_cache: IndexCache = field(default_factory=IndexCache, compare=False, repr=False)
    card_links: CardLinks = field(default_factory=CardLinks, compare=False, repr=False)
    who_is: WhoIs | None = None  #: whose IP addresses are, by DNS; None: nobody asks
    budgets: Budgets | None = None  #: of the calls that others limit; None: they are made as they come
    now: Clock = utc_now
