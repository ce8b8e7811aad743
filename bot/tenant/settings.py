"""What it takes to reach a tenant: who we are, where it is, and how patient to be."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from bot.errors import SettingsError


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
class TenantSettings:
    """Everything that `Tenant` is built from.

    Either `certificate` (PEM with its private key, what Microsoft recommends) or `secret`. `exchange_url` and
    `authority_url` replace the cloud's own addresses; an authority without a path gets the tenant's id appended.
    `ssl_context` decides which certificate authorities count; None takes httpx's (SSL_CERT_FILE, else certifi).
    Raises SettingsError for an address that can't be used.
    """

    tenant_id: str
    client_id: str
    certificate: bytes | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    cloud: Cloud = Cloud.WORLD
    exchange_url: str | None = None
    authority_url: str | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    calls_per_second: float = 20.0
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        problems = tuple(
            problem
            for name, url in (("EXCHANGE_URL", self.exchange_url), ("AUTHORITY_URL", self.authority_url))
            if url is not None and (problem := _problem_with(name, url))
        )
        if problems:
            raise SettingsError(problems)

    @property
    def exchange_base(self) -> str:
        """The base of the admin endpoint, without a slash at its end."""
        return (self.exchange_url or _EXCHANGE_URLS[self.cloud]).rstrip("/")

    @property
    def authority(self) -> str:
        """The authority with the tenant in its path."""
        base = (self.authority_url or _LOGIN_URLS[self.cloud]).rstrip("/")
        return base if httpx.URL(base).path.strip("/") else f"{base}/{self.tenant_id}"

    def trust(self) -> ssl.SSLContext:
        """Which certificate authorities count for calls to the tenant."""
        # Made here and not left to the client: a client that passes proxies by would pass SSL_CERT_FILE by too.
        return self.ssl_context or httpx.create_ssl_context()

    @property
    def scope(self) -> str:
        """What the token is for. It belongs to the cloud, wherever `exchange_url` points."""
        return f"{_EXCHANGE_URLS[self.cloud]}/.default"


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
