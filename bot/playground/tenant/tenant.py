"""The tenant behind the endpoints: its clock, its roles, its state, and how a cmdlet is run on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from . import block_list, connection_filter, organization, spoof
from .authority import Authority
from .cmdlets import Call, Cmdlet, Outcome, Plan
from .faults import Fault, Faults
from .journal import Journal
from .paging import Pages
from .parameters import bind
from .state import State

_CMDLETS = {
    cmdlet.name.lower(): cmdlet
    for cmdlet in (*connection_filter.CMDLETS, *block_list.CMDLETS, *spoof.CMDLETS, *organization.CMDLETS)
}


class Roles(BaseModel):
    """What the app may do.

    `app_role` is Exchange.ManageAsApp (without it: 401); the directory role decides about cmdlets (403). Both hold at
    once, also for tokens that are out already. `nul_bodies` sends a 403 as NUL bytes labelled gzip.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    app_role: bool = True
    directory_role: Literal["none", "reader", "admin"] = "admin"
    nul_bodies: bool = False


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
        self.pages = Pages()
        self.journal = Journal(now=self.now, changed=changed)
        self.authority = Authority(
            tenant_id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            now=self.now,
            token_lifetime=token_lifetime,
        )
        self._state = State.new(accepted_domains=accepted_domains, now=self.now())

    @property
    def state(self) -> State:
        """What the tenant holds now; entries that ended long enough ago are gone."""
        self._state.forget_ended(now=self.now(), listed_for=self._expired_listed_for)
        return self._state

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
        self.pages.clear()
        self.journal.clear()
        self._state = State.new(accepted_domains=self._accepted_domains, now=self.now())
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
        before = current.copy() if kind in {"lag", "ok_but_nothing_happens"} else current
        state = self._seen(cmdlet, before if kind == "ok_but_nothing_happens" else current)
        outcome = cmdlet.run(
            Call(
                arguments=bind(cmdlet.parameters, parameters),
                state=state,
                now=self.now(),
                caller=caller or self.client_id,
                plan=self.plan,
                remark=lambda text: self.journal.remark(text, cmdlet=cmdlet.name),
            )
        )
        if fault and kind == "lag":
            self.faults.lag(noun=cmdlet.noun, before=before, reads=fault.times)
        if cmdlet.writes:
            self.changed()
        return outcome

    def _seen(self, cmdlet: Cmdlet, current: State) -> State:
        return current if cmdlet.writes else self.faults.seen_by_read(noun=cmdlet.noun, current=current)
