"""Access tokens for the tenant: msal's client credentials flow, cached in memory, one acquisition at a time.

msal is synchronous and looks its authority up when it is constructed, so all of it runs in a thread, at first use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msal
from msal.exceptions import MsalError

from bot.errors import SignInFailed, TenantError, TenantUnavailable, Throttled
from bot.tenant.answers import REMEDY_WAIT
from bot.tenant.authority import AuthorityClient
from bot.tenant.credential import read_certificate
from bot.tenant.settings import TenantSettings
from bot.tenant.sign_in import sign_in_error


class Tokens:
    """Gives access tokens. Construction does no I/O; `close()` when done."""

    def __init__(self, settings: TenantSettings) -> None:
        self._settings = settings
        self._http = AuthorityClient(settings)
        self._application: msal.ConfidentialClientApplication | None = None
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Tokens of app {self._settings.client_id}>"

    async def token(self, *, refused: str | None = None) -> str:
        """A token for the Exchange Online endpoint, out of the cache while it is good.

        `refused` is a token that the service has just refused: a new one is fetched, unless another caller has done so
        already. Raises SignInFailed when the credential, the app or the tenant is wrong, and TenantUnavailable or
        Throttled when the sign-in service can't be used now.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._acquire, refused)

    async def close(self) -> None:
        await asyncio.to_thread(self._http.close)

    def _acquire(self, refused: str | None) -> str:
        try:
            application = self._application = self._application or self._sign_up()
            token = self._ask(application)
            if token == refused:
                application.remove_tokens_for_client()
                token = self._ask(application)
        except TenantError:
            raise
        except (MsalError, OSError, ValueError, KeyError) as error:
            # msal has several ways to say that an answer made no sense to it; its texts can quote that answer.
            raise TenantUnavailable(
                f"The sign-in service gave an answer that can't be used ({type(error).__name__}).",
                "Check AUTHORITY_URL, TENANT_ID and CLOUD.",
            ) from None
        return token

    def _sign_up(self) -> msal.ConfidentialClientApplication:
        settings = self._settings
        if settings.certificate:
            certificate = read_certificate(settings.certificate)
            # Without a thumbprint msal computes the SHA-256 one itself and signs with PS256, as Entra recommends.
            credential: object = {
                "private_key": certificate.private_key,
                "public_certificate": certificate.certificate,
            }
        elif settings.secret:
            credential = settings.secret
        else:
            raise SignInFailed(
                "There is nothing to sign in with.", "Set CLIENT_CERTIFICATE (recommended) or CLIENT_SECRET."
            )
        return msal.ConfidentialClientApplication(
            settings.client_id,
            client_credential=credential,
            authority=self._http.authority,
            http_client=self._http,
            # The authority is known or set by the operator: there is nothing to ask a third place about.
            instance_discovery=False,
            azure_region=False,
        )

    def _ask(self, application: msal.ConfidentialClientApplication) -> str:
        # While a token ages, msal renews it ahead of time; these errors then leave the old one in use.
        result = application.acquire_token_for_client(
            [self._settings.scope], http_exceptions=(TenantUnavailable, Throttled)
        )
        token = result.get("access_token") if isinstance(result, Mapping) else None
        if isinstance(token, str) and token:
            return token
        if isinstance(result, Mapping) and "error" in result:
            raise sign_in_error(result)
        raise TenantUnavailable("The sign-in service gave neither a token nor an error.", REMEDY_WAIT)
