"""What it takes to reach a tenant: who we are, where it is, and how patient to be."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from bot import __version__
from bot.budgets import Budgets, BudgetsInMemory
from bot.errors import SettingsError
from bot.metrics import Metrics
from bot.tls import outside_context

#: By which Microsoft's own logs tell whose calls these are, and of which version.
USER_AGENT = f"Portcullis/{__version__}"


class Cloud(StrEnum):
    """Which of Microsoft's clouds holds the tenant."""

    WORLD = "world"  #: worldwide, and GCC
    GCC_HIGH = "gcc-high"
    DOD = "dod"


#: Sources: Microsoft's pages "Microsoft Entra authentication and national clouds" and "Connect-ExchangeOnline"
#: (ExchangeEnvironmentName).
_LOGIN_URLS = {
    Cloud.WORLD: "https://login.microsoftonline.com",
    Cloud.GCC_HIGH: "https://login.microsoftonline.us",
    Cloud.DOD: "https://login.microsoftonline.us",
}
_EXCHANGE_URLS = {
    Cloud.WORLD: "https://outlook.office365.com",
    Cloud.GCC_HIGH: "https://outlook.office365.us",
    Cloud.DOD: "https://outlook-dod.office365.us",
}
#: Source: Microsoft's page "National cloud deployments" of Microsoft Graph (GCC High is L4, DoD is L5).
_GRAPH_URLS = {
    Cloud.WORLD: "https://graph.microsoft.com",
    Cloud.GCC_HIGH: "https://graph.microsoft.us",
    Cloud.DOD: "https://dod-graph.microsoft.us",
}
#: Where an administrator of the cloud's tenants gives roles and consent.
_ADMIN_CENTERS = {
    Cloud.WORLD: "entra.microsoft.com",
    Cloud.GCC_HIGH: "entra.microsoft.us",
    Cloud.DOD: "entra.microsoft.us",
}
#: Where the lists are seen and changed by hand. Source: Microsoft's pages on Defender XDR for US government customers.
_DEFENDER_PORTALS = {
    Cloud.WORLD: "security.microsoft.com",
    Cloud.GCC_HIGH: "security.microsoft.us",
    Cloud.DOD: "security.apps.mil",
}


class SignIn(StrEnum):
    """What proves to Microsoft Entra who we are."""

    AUTO = "auto"  #: the first that is set of certificate, secret and federated token
    CERTIFICATE = "certificate"
    SECRET = "secret"  # noqa: S105 - the name of a way to sign in
    MANAGED_IDENTITY = "managed-identity"  #: an identity that Azure gives to the machine or the service
    WORKLOAD_IDENTITY = "workload-identity"  #: a token of another issuer, such as a Kubernetes cluster's


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait and how often to try, in seconds. The defaults suit a job; a test shortens them."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 240.0  #: one invocation with all its pages and retries
    attempts: int = 4  #: per page, for what may be tried again
    first_wait: float = 0.5  #: before the second attempt; doubled, with jitter, up to `longest_wait`
    longest_wait: float = 10.0
    longest_retry_after: float = 30.0  #: a longer Retry-After is left to the job


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantAccess:
    """Everything that `Tenant` is built from.

    `sign_in` says which credential counts. `certificate` (PEM with its private key, or PFX; `certificate_password`
    opens either) is what Microsoft recommends; `secret` is a client secret; `federated_token_file` is the path of a
    file that is read anew for each sign-in. With a managed identity `client_id` names a user-assigned one, and None
    means the system-assigned one; every other way needs it.

    `exchange_url`, `graph_url` and `authority_url` replace the cloud's own addresses; an authority without a path gets
    the tenant's id appended. `ssl_context` decides which certificate authorities count; None takes those
    of all outside calls (`bot.tls`). `calls_per_second` counts for all who share `budgets`; `metrics` counts the
    calls. Raises SettingsError for an address that can't be used.
    """

    tenant_id: str
    client_id: str | None
    sign_in: SignIn = SignIn.AUTO
    certificate: bytes | None = field(default=None, repr=False)
    certificate_password: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    federated_token_file: str | None = None
    cloud: Cloud = Cloud.WORLD
    exchange_url: str | None = None
    graph_url: str | None = None
    authority_url: str | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    calls_per_second: float = 20.0
    budgets: Budgets = field(default_factory=BudgetsInMemory, compare=False, repr=False)
    metrics: Metrics = field(default_factory=Metrics, compare=False, repr=False)
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        problems = tuple(
            problem
            for name, url in (
                ("EXCHANGE_URL", self.exchange_url),
                ("GRAPH_URL", self.graph_url),
                ("AUTHORITY_URL", self.authority_url),
            )
            if url is not None and (problem := _problem_with(name, url))
        )
        if problems:
            raise SettingsError(problems)

    @property
    def exchange_base(self) -> str:
        """The base of the admin endpoint, without a slash at its end."""
        return (self.exchange_url or _EXCHANGE_URLS[self.cloud]).rstrip("/")

    @property
    def graph_base(self) -> str:
        """The base of Microsoft Graph, without a version and without a slash at its end."""
        return (self.graph_url or _GRAPH_URLS[self.cloud]).rstrip("/")

    @property
    def admin_center(self) -> str:
        """The host of the Microsoft Entra admin center of the cloud."""
        return _ADMIN_CENTERS[self.cloud]

    @property
    def defender_portal(self) -> str:
        """The host of the Microsoft Defender portal of the cloud."""
        return _DEFENDER_PORTALS[self.cloud]

    @property
    def authority(self) -> str:
        """The authority with the tenant in its path."""
        base = (self.authority_url or _LOGIN_URLS[self.cloud]).rstrip("/")
        return base if httpx.URL(base).path.strip("/") else f"{base}/{self.tenant_id}"

    def trust(self) -> ssl.SSLContext:
        """Which certificate authorities count for calls to the tenant."""
        # Named here and not left to the client: a client that passes proxies by would pass SSL_CERT_FILE by too.
        return self.ssl_context or outside_context()

    @property
    def scope(self) -> str:
        """What a token for Exchange Online is for. It belongs to the cloud, wherever `exchange_url` points."""
        return f"{_EXCHANGE_URLS[self.cloud]}/.default"

    @property
    def graph_scope(self) -> str:
        """The same for Microsoft Graph, wherever `graph_url` points."""
        return f"{_GRAPH_URLS[self.cloud]}/.default"

    @property
    def signs_in_with(self) -> SignIn | None:
        """Which way is taken, never AUTO; None when AUTO finds nothing set.

        AUTO never takes a managed identity: whatever machine the bot happens to run on could have one, and signing in
        as somebody whom the operator didn't name must not happen by leaving a setting out.
        """
        if self.sign_in is not SignIn.AUTO:
            return self.sign_in
        if self.certificate:
            return SignIn.CERTIFICATE
        if self.secret:
            return SignIn.SECRET
        return SignIn.WORKLOAD_IDENTITY if self.federated_token_file else None


def is_loopback(url: httpx.URL) -> bool:
    """Whether an address stays on this machine: such a call never goes through a proxy, and may be plain http."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def _problem_with(name: str, url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return f"{name} is no address."
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        return f"{name} must be an address such as https://host.example."
    if parsed.userinfo:
        return f"{name} must not hold a user name or a password."
    if parsed.scheme == "http" and not is_loopback(parsed):
        return f"{name} must use https: plain http is for loopback addresses only."
    return ""
