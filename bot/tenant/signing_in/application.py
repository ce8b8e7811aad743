"""Signing in as the app registration: msal's client credentials flow with certificate, secret or federated token.

msal looks its authority up when it is constructed, so that happens at first use.
"""

from __future__ import annotations

import msal
from msal.exceptions import MsalError

from bot.errors import SignInFailed, TenantError, TenantUnavailable, Throttled
from bot.tenant.access import SignIn, TenantAccess
from bot.tenant.signing_in.authority import AuthorityClient
from bot.tenant.signing_in.entra_errors import sign_in_error
from bot.tenant.signing_in.federated import read_federated_token
from bot.tenant.signing_in.grant import Grant, grant_from, nothing_to_sign_in_with


class Application:
    """A `Credential`. Construction does no I/O."""

    def __init__(self, settings: TenantAccess) -> None:
        self._settings = settings
        self._http = AuthorityClient(settings)
        self._application: msal.ConfidentialClientApplication | None = None

    @property
    def clock_skew(self) -> float | None:
        """See `Credential`."""
        return self._http.clock_skew

    def acquire(self, scope: str) -> Grant:
        """See `Credential`."""
        try:
            application = self._application = self._application or self._sign_up()
            # While a token ages, msal renews it ahead of time; these errors then leave the old one in use.
            result = application.acquire_token_for_client([scope], http_exceptions=(TenantUnavailable, Throttled))
        except TenantError:
            raise
        except (MsalError, OSError, ValueError, KeyError) as error:
            # msal has several ways to say that an answer made no sense to it; its texts can quote that answer.
            raise TenantUnavailable(
                f"The sign-in service gave an answer that can't be used ({type(error).__name__}).",
                "Check AUTHORITY_URL, TENANT_ID and CLOUD.",
            ) from None
        grant = grant_from(result)
        if grant is None:
            raise sign_in_error(result)
        return grant

    def forget(self) -> None:
        """See `Credential`."""
        if self._application is not None:
            self._application.remove_tokens_for_client()

    def close(self) -> None:
        """See `Credential`."""
        self._http.close()

    def _sign_up(self) -> msal.ConfidentialClientApplication:
        credential = self._credential()
        if not self._settings.client_id:
            raise SignInFailed("The app has no id.", "Set CLIENT_ID to the application (client) id.")
        return msal.ConfidentialClientApplication(
            self._settings.client_id,
            client_credential=credential,
            authority=self._http.authority,
            http_client=self._http,
            # The authority is known or set by the operator: there is nothing to ask a third place about.
            instance_discovery=False,
            azure_region=False,
        )

    def _credential(self) -> object:
        settings = self._settings
        way = settings.signs_in_with
        if way is SignIn.CERTIFICATE and settings.certificate:
            # Loaded where a certificate signs in: a secret does without the cryptography behind it.
            from bot.tenant.signing_in.credential import read_certificate  # noqa: PLC0415

            certificate = read_certificate(settings.certificate, password=settings.certificate_password)
            # Without a thumbprint msal computes the SHA-256 one itself and signs with PS256, as Entra recommends.
            return {"private_key": certificate.private_key, "public_certificate": certificate.certificate}
        if way is SignIn.SECRET and settings.secret:
            return settings.secret
        if way is SignIn.WORKLOAD_IDENTITY and settings.federated_token_file:
            path = settings.federated_token_file
            # msal calls it for each request to the authority, never for a token out of its cache.
            return {"client_assertion": lambda: read_federated_token(path)}
        raise nothing_to_sign_in_with()
