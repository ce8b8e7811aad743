"""The public face of the tenant stand-in: what the playground's server and the tests take hold of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from .audit_log import AuditLog
from .audit_queries import AuditQueries
from .cmdlets import Plan, Record
from .errors import CmdletRefused
from .exchange import Exchange
from .faults import Fault
from .federation import FederatedCredential
from .graph import Graph, record
from .holdings import hold_ip, hold_item
from .mail import MailRights, StagedMail
from .mail_graph import MailGraph
from .mailboxes import hold_mailbox
from .oddities import Odd
from .overrides import hold_override
from .page import SOMEBODY, Page, lists_of
from .state import Action, ListType
from .submissions import ActionElsewhere, Known
from .tenant import Roles, Tenant

TOKEN_LIFETIME = timedelta(seconds=3599)


def _machine_time() -> datetime:
    return datetime.now(UTC)


class TenantStandIn:
    """A tenant in memory: Entra's token endpoint, Exchange Online's InvokeCommand and Graph's submissions, as strict as
    documented.

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
        tenant = self._tenant
        return [
            *tenant.authority.routes(),
            *tenant.identities.routes(),
            *Exchange(tenant).routes(),
            *Graph(tenant).routes(),
            *MailGraph(tenant).routes(),
            *AuditQueries(tenant).routes(),
        ]

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

    def trust_issuer(self, credential: FederatedCredential) -> None:
        """Lets the app sign in with tokens of another issuer."""
        self._tenant.authority.federation.trust(credential)

    def assign_identity(self, client_id: str | None = None) -> None:
        """Gives the bot's machine a managed identity: the user-assigned one of that id, else the system-assigned one.

        It has the same roles in the tenant as the app.
        """
        self._tenant.identities.assign(client_id, object_client_id=client_id or self._tenant.client_id)

    def machine_environment(self, base_url: str) -> dict[str, str]:
        """The variables that lead a process to this machine's metadata service (IMDS)."""
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": f"{base_url}/tenant"}

    def app_service_environment(self, base_url: str) -> dict[str, str]:
        """The variables that App Service and Container Apps give a process, for the same identities."""
        return {"IDENTITY_ENDPOINT": f"{base_url}/tenant/msi/token", "IDENTITY_HEADER": self._tenant.identities.header}

    def identity_calls(self) -> list[dict[str, str]]:
        """What was asked of the two identity endpoints: each query."""
        return list(self._tenant.identities.asked)

    def revoke_tokens(self) -> None:
        """Every token issued so far stops working: the next call gets 401."""
        self._tenant.grants.revoke_all()

    def set_roles(self, roles: Roles) -> None:
        """Changes what the app may do, at once."""
        self._tenant.set_roles(roles)

    def arm(self, fault: Fault) -> None:
        """Lets something go wrong."""
        self._tenant.faults.arm(fault)
        self._changed()

    def limit_calls(self, per_second: float | None, *, burst: int = 1) -> None:
        """Takes no more than so many calls a second, and `burst` at once; None takes any number."""
        self._tenant.limit.set(per_second, burst=burst)

    def armed(self) -> list[dict[str, object]]:
        """The faults that still wait for a call."""
        return self._tenant.faults.listing()

    def disarm(self) -> None:
        """Nothing goes wrong any more."""
        self._tenant.faults.clear()
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

    @property
    def audit_log(self) -> AuditLog:
        """The tenant's own audit log: how late it is, and what odd records it has, can be set there."""
        return self._tenant.audit_log

    def lists(self) -> dict[str, object]:
        """Everything held: `policies`, `items` by list type, `spoof`, each record as its cmdlet returns it."""
        return lists_of(self._tenant)

    def know(self, known: Known) -> None:
        """Tells what blocked a message, a URL or a file: what comes of its submission."""
        self._tenant.microsoft.know(known)

    def submissions(self) -> list[dict[str, object]]:
        """What was submitted, newest first, as Graph gives it back."""
        return [record(self._tenant, submitted) for submitted in self._tenant.microsoft.everything()]

    def go_on(self) -> None:
        """Lets Microsoft settle everything that was submitted, at once."""
        self._tenant.go_on(at_once=True)

    def set_action_elsewhere(self, what: ActionElsewhere) -> None:
        """What becomes of a submission's action on a URL or a file, which Microsoft doesn't document."""
        self._tenant.action_elsewhere = what

    def place(
        self,
        cmdlet: str,
        records: Sequence[Record],
        *,
        list_type: ListType | None = None,
        instead: bool = False,
    ) -> None:
        """Lets a reading cmdlet (for one list type, or any) show these records as they are, however odd.

        They stand beside what the tenant holds, or `instead` of it, until the next reset.
        """
        odd = Odd(cmdlet=cmdlet, records=list(records), list_type=list_type, instead=instead)
        self._tenant.oddities.place(odd)
        self._changed()

    def hold(self, value: str, *, list_type: ListType | None = None, action: Action = "Block") -> None:
        """Puts an entry into the Tenant Allow/Block List, or without a type into the connection filter, unjudged.

        For what a tenant may hold though no cmdlet would take it today: see `holdings`.
        """
        state, now = self._tenant.state, self._tenant.now()
        if list_type is None:
            hold_ip(state, value, action=action, now=now)
        else:
            hold_item(state, list_type, value, action=action, now=now)
        self._changed()

    def hold_override(self, noun: str, name: str, **properties: object) -> None:
        """Puts a record of what else lets mail through or stops it into the tenant, unjudged: an `InboundConnector`."""
        hold_override(self._tenant.state, noun, name, **properties)
        self._changed()

    def hold_mailbox(self, address: str, **properties: object) -> None:
        """Puts a mailbox with its junk e-mail settings into the tenant: `TrustedSendersAndDomains` and the like."""
        hold_mailbox(self._tenant.state, address, **properties)
        self._changed()

    def stage_mail(self, mail: StagedMail, *, times: int = 1) -> None:
        """A message came, or so many like it, as message traces and hunting tell."""
        self._tenant.mail.take(mail, now=self._tenant.now(), times=times)
        self._changed()

    def seed_mail(self) -> None:
        """Some mail that shows what mail figures are."""
        self._tenant.mail.seed(now=self._tenant.now())
        self._changed()

    def set_mail(self, *, rights: MailRights | None = None, takes_domains: bool = True, lies: bool = False) -> None:
        """What the app may read of mail, and how a trace answers: see `Mail`."""
        mail = self._tenant.mail
        mail.rights, mail.takes_domains, mail.lies = rights or MailRights(), takes_domains, lies
        self._changed()

    def calls(self) -> list[dict[str, object]]:
        """The recent calls, newest last: `at`, `cmdlet`, `parameters`, `status`, `error`."""
        return self._tenant.journal.calls()

    def remarks(self) -> list[dict[str, object]]:
        """What the service tolerated and a caller should do differently: `at`, `cmdlet`, `text`."""
        return self._tenant.journal.remarks()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()
