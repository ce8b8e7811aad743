"""What it means that message trace or advanced hunting refuses, and what the operator does about it.

Sources: Microsoft Graph, "exchangeMessageTrace resource type" (prerequisites), "security: runHuntingQuery".
"""

from __future__ import annotations

from bot.domain.figures.figures import MailSource
from bot.errors import PermissionMissing, SignInFailed, TenantError, ValueRefused
from bot.tenant.access import Cloud
from bot.tenant.calling.answers import Words
from bot.tenant.optional_rights import HUNTING_PERMISSION, MESSAGE_TRACE_APP, MESSAGE_TRACE_PERMISSION

#: What each source takes of the app registration.
PERMISSIONS = {MailSource.TRACE: MESSAGE_TRACE_PERMISSION, MailSource.HUNTING: HUNTING_PERMISSION}

_PROVISION = f"New-MgServicePrincipal -AppId {MESSAGE_TRACE_APP}"

#: What a refusal says that is about that application, and not about ours.
_ABOUT_THE_APP = (MESSAGE_TRACE_APP, "service principal", "serviceprincipal")


def _grant(source: MailSource) -> str:
    return (
        f"Give the app registration the application permission {PERMISSIONS[source]} of Microsoft Graph (Microsoft "
        "Entra admin center, App registrations, API permissions), and grant admin consent there; or leave "
        f"{source.value} out of MAIL_FIGURES."
    )


REMEDY_PROVISION = (
    f"Microsoft's own application for message trace is not known in the tenant: run `{_PROVISION}` once, in Microsoft "
    "Graph PowerShell with Application.ReadWrite.All."
)

WORDS = Words(
    service="Microsoft Graph",
    verb="call",
    sign_in="Check that the app's certificate or secret is current, and GRAPH_URL and CLOUD.",
    permission=_grant(MailSource.TRACE),
    lost="It is asked again.",
    refused={},
    otherwise="Mail figures can't be read this way.",
)


def explained(error: TenantError, source: MailSource) -> TenantError:
    """The error with what to do about it in particular: grant a permission, or make Microsoft's application known."""
    if not isinstance(error, PermissionMissing | SignInFailed | ValueRefused):
        return error
    if source is MailSource.TRACE and any(word in error.service_text.lower() for word in _ABOUT_THE_APP):
        return PermissionMissing(error.what, REMEDY_PROVISION, service_text=error.service_text, status=error.status)
    if isinstance(error, PermissionMissing):
        remedy = _grant(source)
        if source is MailSource.TRACE:
            remedy = f"{remedy} If that is so already: {REMEDY_PROVISION}"
        return PermissionMissing(error.what, remedy, service_text=error.service_text, status=error.status)
    return error


def demand_cloud(source: MailSource, cloud: Cloud) -> None:
    """Message trace is in Microsoft's worldwide cloud only. Raises PermissionMissing elsewhere: nothing is sent."""
    if source is MailSource.TRACE and cloud is not Cloud.WORLD:
        raise PermissionMissing(
            f"Message trace through Microsoft Graph isn't in the cloud {cloud.value}.",
            "Leave trace out of MAIL_FIGURES.",
        )
