"""Signing in with the identity that Azure gives to a machine or a service: no credential to keep at all.

`CLIENT_ID` names a user-assigned identity; without it, it is the system-assigned one. A managed identity signs in to
the tenant of its own subscription only, and Azure keeps its tokens for about a day, new roles or not.
"""

from __future__ import annotations

import msal
from msal import managed_identity as msal_identity
from msal.exceptions import MsalError

from bot.errors import SignInFailed, TenantError, TenantUnavailable
from bot.tenant.access import TenantAccess
from bot.tenant.signing_in.entra_errors import identity_error
from bot.tenant.signing_in.grant import Grant, grant_from
from bot.tenant.signing_in.identity_endpoint import IdentityClient

#: What msal also knows and this program doesn't do: each needs another client or rights on the machine.
_UNSUPPORTED = {
    msal_identity.SERVICE_FABRIC: "Service Fabric",
    msal_identity.MACHINE_LEARNING: "Azure Machine Learning",
    msal_identity.AZURE_ARC: "Azure Arc",
    msal_identity.CLOUD_SHELL: "Azure Cloud Shell",
}


class ManagedIdentity:
    """A `Credential`. Construction does no I/O."""

    def __init__(self, settings: TenantAccess) -> None:
        self._identity = (
            msal.UserAssignedManagedIdentity(client_id=settings.client_id)
            if settings.client_id
            else msal.SystemAssignedManagedIdentity()
        )
        self._http = IdentityClient(settings)
        self._client = self._new_client()

    @property
    def clock_skew(self) -> float | None:
        """See `Credential`. The endpoint is the machine itself, whose clock says nothing."""
        return None

    def acquire(self, scope: str) -> Grant:
        """See `Credential`."""
        source = msal_identity.get_managed_identity_source()
        if source in _UNSUPPORTED:
            raise SignInFailed(
                f"Managed identities of {_UNSUPPORTED[source]} aren't supported.",
                "Take a certificate there: SIGN_IN=certificate.",
            )
        try:
            result = self._client.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        except TenantError:
            raise
        except (MsalError, OSError, ValueError, KeyError, TypeError) as error:
            raise TenantUnavailable(
                f"The identity endpoint gave an answer that can't be used ({type(error).__name__}).",
                "Check that nothing but Azure answers at the identity endpoint.",
            ) from None
        grant = grant_from(result)
        if grant is None:
            raise identity_error(result)
        return grant

    def forget(self) -> None:
        """See `Credential`. The endpoint keeps a cache of its own, which nobody can empty."""
        self._client = self._new_client()

    def close(self) -> None:
        """See `Credential`."""
        self._http.close()

    def _new_client(self) -> msal.ManagedIdentityClient:
        return msal.ManagedIdentityClient(self._identity, http_client=self._http)
