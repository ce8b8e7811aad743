"""An access token and how long it is good; and what gives them, whatever the way to sign in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import utc_now
from bot.errors import SignInFailed, TenantUnavailable
from bot.tenant.calling.answers import REMEDY_WAIT

#: What can stand in a header (RFC 6750, section 2.1). Any other text would end up in an error about that header.
_TOKEN = re.compile(r"[\w.~+/-]+=*", re.ASCII)
#: Longer than any token is good, in seconds: what claims more is no duration.
_LONGEST = 30 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token. `expires` is None when the service didn't say."""

    token: str = field(repr=False)
    expires: datetime | None


class Credential(Protocol):
    """One way to sign in. Synchronous, because msal is: called in a thread, one call at a time."""

    @property
    def clock_skew(self) -> float | None:
        """How far the sign-in service's clock is ahead of this machine's, in seconds; None when it never said."""
        ...

    def acquire(self, scope: str) -> Grant:
        """A token for `<resource>/.default`, out of the cache while it is good.

        Raises SignInFailed when the credential or what it is for is wrong, and TenantUnavailable or Throttled when the
        service that gives tokens can't be used now.
        """
        ...

    def forget(self) -> None:
        """Take no token out of the cache next time."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def grant_from(result: object) -> Grant | None:
    """The grant in what msal returned; None when it holds an error. Raises TenantUnavailable when it holds neither."""
    if isinstance(result, Mapping):
        token, seconds = result.get("access_token"), result.get("expires_in")
        if isinstance(token, str) and _TOKEN.fullmatch(token):
            return Grant(token=token, expires=_end_after(seconds))
        if "error" in result:
            return None
    raise TenantUnavailable("The sign-in service gave neither a token nor an error.", REMEDY_WAIT)


def _end_after(seconds: object) -> datetime | None:
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _LONGEST:
        return None
    return utc_now() + timedelta(seconds=seconds)


def nothing_to_sign_in_with() -> SignInFailed:
    """The error when the settings name no credential."""
    return SignInFailed(
        "There is nothing to sign in with.",
        "Set CLIENT_CERTIFICATE (recommended), CLIENT_SECRET or FEDERATED_TOKEN_FILE, or SIGN_IN to managed-identity.",
    )
