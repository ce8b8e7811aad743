"""Where an administrator gives what the app lacks, or mends a list by hand, menu by menu; for `portcullis doctor`.

Sources: Microsoft's pages "App-only authentication for unattended scripts in Exchange Online PowerShell" and "Use Azure
managed identities to connect to Exchange Online PowerShell".
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.lists.traits import ListName
from bot.tenant.access import SignIn, TenantAccess
from bot.tenant.optional_rights import Api

#: The smallest directory role that Microsoft's pages name for changing both places.
WRITING_ROLE = "Security Administrator"

#: Where an API is listed among those whose permissions can be added.
_APIS = {
    Api.EXCHANGE: "APIs my organization uses → Office 365 Exchange Online",
    Api.GRAPH: "Microsoft APIs → Microsoft Graph",
}

_TABL = "Tenant Allow/Block Lists"
#: Where each list is in the Defender portal, under Threat policies.
_TABS = {
    ListName.CONNECTION_FILTER: "Anti-spam → Connection filter policy (Default)",
    ListName.SENDER: f"{_TABL} → Domains & addresses",
    ListName.URL: f"{_TABL} → URLs",
    ListName.FILE: f"{_TABL} → Files",
    ListName.IP: f"{_TABL} → IP addresses",
    ListName.SPOOF: f"{_TABL} → Spoofed senders",
}


@dataclass(frozen=True, slots=True)
class Guidance:
    """The ways through the menus, for one tenant's settings."""

    settings: TenantAccess

    def app_role(self, role: str, *, api: Api) -> str:
        """How to give an application permission of that API, and consent to it."""
        if self._is_managed:
            return (
                f"A managed identity gets {role} by a command only (docs/setup-tenant.md, Managed identity). Azure "
                "keeps its tokens for up to a day, so that a new permission shows that late."
            )
        return (
            f"{self._center} → Entra ID → App registrations → All applications → {self._app} → API permissions → Add a "
            f"permission → {_APIS[api]} → Application permissions → {role} → Add permissions, then Grant admin "
            "consent. It shows in tokens after some minutes."
        )

    def directory_role(self, role: str) -> str:
        """How to give a directory role."""
        return (
            f"{self._center} → Entra ID → Roles & admins → {role} → Add assignments → "
            f"{'the managed identity' if self._is_managed else self._app}. It can take up to an hour until Exchange "
            "knows it. (Exchange Administrator does as well.)"
        )

    def by_hand(self, name: ListName) -> str:
        """Where somebody takes an entry out of a list themselves."""
        portal = self.settings.defender_portal
        return f"{portal} → Email & collaboration → Policies & rules → Threat policies → {_TABS[name]}"

    def certificate(self) -> str:
        """How to renew the certificate."""
        return (
            "Make a new certificate, upload it beside the old one and set CLIENT_CERTIFICATE: "
            f"{self._center} → Entra ID → App registrations → All applications → {self._app} → Certificates & secrets "
            "→ Certificates → Upload certificate."
        )

    @property
    def _is_managed(self) -> bool:
        return self.settings.signs_in_with is SignIn.MANAGED_IDENTITY

    @property
    def _center(self) -> str:
        return self.settings.admin_center

    @property
    def _app(self) -> str:
        return f"the app {self.settings.client_id}"
