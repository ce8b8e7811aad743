"""The public face of the tenant stand-in: what the playground's server and the tests take hold of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from .authority import TOKEN_LIFETIME
from .cmdlets import Plan, Record
from .errors import CmdletRefused
from .exchange import Exchange
from .faults import Fault
from .page import SOMEBODY, Page, lists_of
from .tenant import Roles, Tenant


def _machine_time() -> datetime:
    return datetime.now(UTC)


class TenantStandIn:
    """A tenant in memory: Entra's token endpoint and Exchange Online's InvokeCommand, as strict as documented.

    For loopback only. `expired_listed_for` is how long an ended entry is still listed. `on_change` is called after
    anything that the page would show differently; set it before serving.
    """

    def __init__(
        self,
        *,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        plan: Plan = "plan1",
        now: Callable[[], datetime] = _machine_time,
        accepted_domains: Sequence[str] = ("contoso.example",),
        token_lifetime: timedelta = TOKEN_LIFETIME,
        expired_listed_for: timedelta = timedelta(hours=1),
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.on_change = on_change
        self._client_secret = client_secret
        self._tenant = Tenant(
            tenant_id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            plan=plan,
            now=now,
            accepted_domains=tuple(accepted_domains),
            token_lifetime=token_lifetime,
            expired_listed_for=expired_listed_for,
            changed=self._changed,
        )

    def routes(self) -> list[BaseRoute]:
        """The wire that the bot speaks, to be mounted at /tenant."""
        return [*self._tenant.authority.routes(), *Exchange(self._tenant).routes()]

    def page_routes(self) -> list[BaseRoute]:
        """What the playground's page asks, to be mounted at /api/tenant."""
        return Page(self._tenant).routes()

    def app(self) -> Starlette:
        """Both, mounted where they belong: enough to serve the stand-in by itself."""
        return Starlette(
            routes=[Mount("/tenant", routes=self.routes()), Mount("/api/tenant", routes=self.page_routes())]
        )

    def environment(self, base_url: str) -> dict[str, str]:
        """The settings that point the bot at this tenant, served at `base_url` (no slash at the end)."""
        return {
            "PORTCULLIS_TENANT_ID": self._tenant.tenant_id,
            "PORTCULLIS_CLIENT_ID": self._tenant.client_id,
            "PORTCULLIS_CLIENT_SECRET": self._client_secret,
            "PORTCULLIS_EXCHANGE_URL": f"{base_url}/tenant/exchange",
            "PORTCULLIS_AUTHORITY_URL": f"{base_url}/tenant/authority/{self._tenant.tenant_id}",
            "PORTCULLIS_GRAPH_URL": f"{base_url}/tenant/graph",
            "PORTCULLIS_TENANT_PLAN": self._tenant.plan,
        }

    def register_certificate(self, pem: bytes) -> None:
        """Lets the app sign in with this certificate (PEM). Raises ValueError when there is none in it."""
        self._tenant.authority.assertions.register(pem)

    def revoke_tokens(self) -> None:
        """Every token issued so far stops working: the next call gets 401."""
        self._tenant.authority.revoke_all()

    def set_roles(self, roles: Roles) -> None:
        """Changes what the app may do, at once."""
        self._tenant.set_roles(roles)

    def arm(self, fault: Fault) -> None:
        """Lets something go wrong."""
        self._tenant.faults.arm(fault)
        self._changed()

    def advance(self, by: timedelta) -> None:
        """Moves the stand-in's clock ahead."""
        self._tenant.advance(by)

    def reset(self) -> None:
        """Back to an empty tenant; tokens stay good."""
        self._tenant.reset()

    def edit(self, cmdlet: str, parameters: Mapping[str, object], *, by: str = SOMEBODY) -> list[Record] | None:
        """Runs a cmdlet as somebody in the portal would, past the bot. Raises CmdletRefused."""
        found = self._tenant.cmdlet(cmdlet)
        if found is None:
            raise CmdletRefused(f"There is no cmdlet {cmdlet}.", status=404)
        return self._tenant.invoke(found, parameters, caller=by).records

    def lists(self) -> dict[str, object]:
        """Everything held: `policies`, `items` by list type, `spoof`, each record as its cmdlet returns it."""
        return lists_of(self._tenant)

    def calls(self) -> list[dict[str, object]]:
        """The recent calls, newest last: `at`, `cmdlet`, `parameters`, `status`, `error`."""
        return self._tenant.journal.calls()

    def remarks(self) -> list[dict[str, object]]:
        """What the service tolerated and a caller should do differently: `at`, `cmdlet`, `text`."""
        return self._tenant.journal.remarks()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()
