"""Access tokens for the tenant: cached in memory, one acquisition at a time, by whatever way to sign in is set.

msal is synchronous, so all of it runs in a thread: also its import, at the first sign-in. It loads a whole HTTP
library, and whoever starts the bot or asks for a command's help would wait for that.
"""

from __future__ import annotations

import asyncio

from bot.tenant.access import SignIn, TenantAccess
from bot.tenant.signing_in.grant import Credential, Grant


class AccessTokens:
    """Gives access tokens for one scope: Exchange Online's, unless another is named. Construction does no I/O.

    `close()` when done.
    """

    def __init__(self, settings: TenantAccess, *, scope: str | None = None) -> None:
        self._settings = settings
        self._scope = scope or settings.scope
        self._credential: Credential | None = None
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<AccessTokens of {self._settings.client_id or 'the system-assigned identity'} for {self._scope}>"

    @property
    def clock_skew(self) -> float | None:
        """How far the sign-in service's clock is ahead of this machine's, in seconds; None when it never said."""
        return None if self._credential is None else self._credential.clock_skew

    async def token(self, *, refused: str | None = None) -> str:
        """A token, out of the cache while it is good.

        `refused` is a token that the service has just refused: a new one is fetched, unless another caller has done so
        already. Raises SignInFailed when the credential, the app or the tenant is wrong, and TenantUnavailable or
        Throttled when the sign-in service can't be used now.
        """
        return (await self.grant(refused=refused)).token

    async def grant(self, *, refused: str | None = None) -> Grant:
        """The same with the time at which the token ends."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._acquire, refused)

    async def close(self) -> None:
        """Close the connections."""
        if self._credential is not None:
            await asyncio.to_thread(self._credential.close)

    def _acquire(self, refused: str | None) -> Grant:
        credential = self._credential = self._credential or _credential(self._settings)
        grant = credential.acquire(self._scope)
        if grant.token == refused:
            credential.forget()
            grant = credential.acquire(self._scope)
        return grant


def _credential(settings: TenantAccess) -> Credential:
    if settings.signs_in_with is SignIn.MANAGED_IDENTITY:
        from bot.tenant.signing_in.managed_identity import ManagedIdentity  # noqa: PLC0415 - see above

        return ManagedIdentity(settings)
    from bot.tenant.signing_in.application import Application  # noqa: PLC0415 - see above

    return Application(settings)
