"""Host names in policy: whose they are, and whether anybody owns them as a whole."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from bot.domain.policies.providers import MAIL_PROVIDERS, SHARED_HOSTS


def is_below(host: str, top: str) -> bool:
    """Whether a host is another's subdomain."""
    return host.endswith(f".{top}")


def is_own(host: str, accepted_domains: frozenset[str]) -> bool:
    """Whether a host is one of the tenant's accepted domains or in one."""
    return any(host == own or is_below(host, own) for own in accepted_domains)


def holds_own(host: str, accepted_domains: frozenset[str]) -> bool:
    """Whether one of the tenant's accepted domains is this host or below it."""
    return any(host == own or is_below(own, host) for own in accepted_domains)


def is_mail_provider(host: str) -> bool:
    """Whether the public gets its mail addresses at this domain."""
    return host in MAIL_PROVIDERS


def is_shared_host(host: str) -> bool:
    """Whether many unrelated people publish under this host, or under hosts below it."""
    return host.removeprefix("www.") in SHARED_HOSTS


def is_public_suffix(host: str) -> bool:
    """Whether a registry sells names under this one (`com`, `co.uk`), so that nobody owns it as a whole."""
    return "." not in host or _suffixes().publicsuffix(host) == host


def organizational_domain(host: str) -> str | None:
    """The domain that somebody registered, which a host is or is below; None for a public suffix and what has none."""
    return _suffixes().privatesuffix(host)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # Reading the bundled list takes a moment, so it waits until somebody asks. Private suffixes, such as those of
    # hosting companies, do have an owner: `SHARED_HOSTS` is about those that matter.
    return PublicSuffixList(only_icann=True)
