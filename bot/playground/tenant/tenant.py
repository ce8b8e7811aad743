"""The tenant behind the endpoints: its clock, its roles, its state, and how a cmdlet is run on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from . import block_list, connection_filter, mailboxes, organization, overrides, spoof
from .audit_log import AuditLog
from .authority import Authority
from .call_limit import CallLimit
from .cmdlets import Call, Cmdlet, Outcome, Plan
from .faults import Fault, Faults
from .grants import GRAPH_RESOURCES, Grants
from .journal import Journal
from .losses import first_half
from .mail import Mail
from .managed_identity import ManagedIdentities
from .oddities import Oddities
from .paging import Pages
from .parameters import bind
from .state import State
from .submissions import ActionElsewhere, Microsoft

_CMDLETS = {
    cmdlet.name.lower(): cmdlet
    for cmdlet in (
        *connection_filter.CMDLETS,
        *block_list.CMDLETS,
        *spoof.CMDLETS,
        *organization.CMDLETS,
        *overrides.CMDLETS,
        *mailboxes.CMDLETS,
    )
}

#: Faults under which a write is answered as if it had been done.
_LOSSES = frozenset({"ok_but_nothing_happens", "ok_but_half"})


class Roles(BaseModel):
    """What the app may do.

    `app_role` is Exchange.ManageAsApp (without it: 401), `graph_role` is Graph's ThreatSubmission.ReadWrite.All
    and `audit_role` its AuditLogsQuery-Exchange.Read.All (without them: 403); the directory role decides about cmdlets
    (403). They hold at once, also for tokens that are out already, whose `roles` claim still names what was there when
    they were issued.
    `withheld` are cmdlets that its role lacks all the same (403). `nul_bodies` sends a 403 as NUL bytes labelled gzip.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    app_role: bool = True
    graph_role: bool = True
    audit_role: bool = False
    directory_role: Literal["none", "reader", "admin"] = "admin"
    withheld: frozenset[str] = frozenset()
    nul_bodies: bool = False

    def may_run(self, cmdlet: Cmdlet) -> bool:
        """Whether the directory role has the cmdlet."""
        if cmdlet.name.lower() in {name.lower() for name in self.withheld}:
            return False
        return self.directory_role == "admin" or (self.directory_role == "reader" and not cmdlet.writes)


class Tenant:
    """Everything that the endpoints share."""

    def __init__(
        self,
        *,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        plan: Plan,
        now: Callable[[], datetime],
        accepted_domains: tuple[str, ...],
        token_lifetime: timedelta,
        expired_listed_for: timedelta,
        changed: Callable[[], None],
    ) -> None:
        self.tenant_id = tenant_id
        self.client_id = client_id
        self.plan = plan
        self.changed = changed
        self._accepted_domains = accepted_domains
        self._expired_listed_for = expired_listed_for
        self._now = now
        self._ahead = timedelta()
        self.roles = Roles()
        self.faults = Faults()
        self.limit = CallLimit()
        self.pages = Pages()
        self.oddities = Oddities()
        self.microsoft = Microsoft()
        self.mail = Mail()
        self.audit_log = AuditLog(now=self.now)
        self.action_elsewhere: ActionElsewhere = "refused"
        self.journal = Journal(now=self.now, changed=changed)
        self.grants = Grants(tenant_id=tenant_id, now=self.now, lifetime=token_lifetime, roles_for=self._roles_for)
        self.authority = Authority(
            tenant_id=tenant_id, client_id=client_id, client_secret=client_secret, grants=self.grants
        )
        self.identities = ManagedIdentities(grants=self.grants, now=self.now)
        self._state = self._empty()

    @property
    def state(self) -> State:
        """What the tenant holds now; entries that ended long enough ago are gone."""
        self._state.forget_ended(now=self.now(), listed_for=self._expired_listed_for)
        self.microsoft.go_on(self._state, now=self.now())
        return self._state

    def go_on(self, *, at_once: bool = False) -> None:
        """Lets Microsoft go on with what was submitted: as far as the clock says, or to the end."""
        if self.microsoft.go_on(self._state, now=self.now(), at_once=at_once):
            self.changed()

    def now(self) -> datetime:
        return self._now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves the stand-in's clock ahead of the machine's."""
        self._ahead += by
        self.changed()

    def set_roles(self, roles: Roles) -> None:
        self.roles = roles
        self.changed()

    def reset(self) -> None:
        """Back to an empty tenant with nothing armed. Tokens and registered certificates stay good."""
        self._ahead = timedelta()
        self.roles = Roles()
        self.faults.clear()
        self.limit.set(None)
        self.pages.clear()
        self.oddities.clear()
        self.journal.clear()
        self.microsoft.clear()
        self.mail.clear()
        self.audit_log = AuditLog(now=self.now)
        self.action_elsewhere = "refused"
        self._state = self._empty()
        self.changed()

    def cmdlet(self, name: str) -> Cmdlet | None:
        return _CMDLETS.get(name.lower())

    def invoke(
        self,
        cmdlet: Cmdlet,
        parameters: Mapping[str, object],
        *,
        fault: Fault | None = None,
        caller: str = "",
    ) -> Outcome:
        """Runs the cmdlet. Raises CmdletRefused, and then has changed nothing."""
        current = self.state
        kind = fault.kind if fault else None
        before = current.copy() if kind in {"lag", *_LOSSES} else current
        state = self._seen(cmdlet, before if kind in _LOSSES else current)
        outcome = self._run(cmdlet, parameters, state=state, caller=caller)
        if kind == "ok_but_half" and (half := first_half(parameters)) is not None:
            self._run(cmdlet, half, state=current, caller=caller)
        if fault and kind == "lag":
            self.faults.lag(noun=cmdlet.noun, before=before, reads=fault.times)
        if cmdlet.writes:
            self.audit_log.write(cmdlet.name, parameters, caller=caller or self.client_id)
            self.changed()
            return outcome
        return self.oddities.seen(cmdlet.name, parameters, outcome)

    def _run(self, cmdlet: Cmdlet, parameters: Mapping[str, object], *, state: State, caller: str) -> Outcome:
        return cmdlet.run(
            Call(
                arguments=bind(cmdlet.parameters, parameters),
                state=state,
                now=self.now(),
                caller=caller or self.client_id,
                plan=self.plan,
                remark=lambda text: self.journal.remark(text, cmdlet=cmdlet.name),
            )
        )

    def _empty(self) -> State:
        state = State.new(accepted_domains=self._accepted_domains, now=self.now())
        state.overrides = overrides.first_records()
        return state

    def _roles_for(self, resource: str) -> list[str]:
        """The app roles that a new token for the resource names."""
        if resource in GRAPH_RESOURCES:
            roles = {
                "ThreatSubmission.ReadWrite.All": self.roles.graph_role,
                "ExchangeMessageTrace.Read.All": self.mail.rights.trace,
                "ThreatHunting.Read.All": self.mail.rights.hunting,
                "AuditLogsQuery-Exchange.Read.All": self.roles.audit_role,
            }
            return [name for name, has in roles.items() if has]
        return ["Exchange.ManageAsApp"] if self.roles.app_role else []

    def _seen(self, cmdlet: Cmdlet, current: State) -> State:
        return current if cmdlet.writes else self.faults.seen_by_read(noun=cmdlet.noun, current=current)
