"""Every right that Portcullis can use in the tenant, one row each: what switches it on, what it buys, what gives it.

All that it may do there stands here and nowhere else. `portcullis doctor` asks for each row whose setting is on,
`portcullis rights` prints them for whoever gives them, and what is off isn't asked for. A part that reads one more
thing adds its row here, with a setting that is off by default.

Which of Exchange's built-in roles holds a cmdlet isn't documented cmdlet by cmdlet: `role` is the narrowest whose
description covers it, and the deployment script asks the tenant (`Get-ManagementRole -Cmdlet`) where it doesn't.

Sources: Microsoft Graph permissions reference, and the table of national clouds on each interface's own page;
"exchangeMessageTrace resource type" (its prerequisites); "Permissions in Exchange Online"; "App-only authentication for
unattended scripts in Exchange Online PowerShell"; the cmdlets' pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.lists.traits import Cmdlets

#: Microsoft's application behind message trace in Graph: it has to exist in the tenant.
MESSAGE_TRACE_APP = "8bd644d1-64a1-4d4b-ae52-2e0cbf64e373"

#: The app role that lets an application sign in to Exchange Online at all.
SIGN_IN_PERMISSION = "Exchange.ManageAsApp"
SUBMISSION_PERMISSION = "ThreatSubmission.ReadWrite.All"
AUDIT_LOG_PERMISSION = "AuditLogsQuery-Exchange.Read.All"
MESSAGE_TRACE_PERMISSION = "ExchangeMessageTrace.Read.All"
HUNTING_PERMISSION = "ThreatHunting.Read.All"

#: Reads the safe and blocked senders of a mailbox.
JUNK_SETTINGS = "Get-MailboxJunkEmailConfiguration"

#: The address of a mailbox that exists nowhere (RFC 2606): a cmdlet about one mailbox is tried out on it.
NO_MAILBOX = "portcullis-doctor@mailbox.invalid"


class Api(StrEnum):
    """Whose application permission it is: the id of its application, the same in every tenant."""

    EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"  #: Office 365 Exchange Online
    GRAPH = "00000003-0000-0000-c000-000000000000"  #: Microsoft Graph


class ExchangeRole(StrEnum):
    """Built-in management roles of Exchange, from which a role with only the needed cmdlets is derived."""

    ALLOW_BLOCK_LIST = "Tenant AllowBlockList Manager"
    HYGIENE = "Transport Hygiene"
    VIEW_CONFIGURATION = "View-Only Configuration"
    VIEW_RECIPIENTS = "View-Only Recipients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The setting that switches a right on, without its prefix, and the values with which it is on."""

    setting: str
    values: frozenset[str] = frozenset({"on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRight:
    """One right: an application permission, or cmdlets of Exchange.

    `switch` is None for what Portcullis always needs. `permission` is an application permission of `api`; `cmdlets`
    stand in `role`. `applications` of Microsoft have to exist in the tenant beside it. `worldwide_only`: Microsoft
    offers it in the worldwide cloud (and GCC) only. `tried_with` are the parameters without which its cmdlets can't be
    run at all: of something that doesn't exist, so that to try them out shows nothing of anybody.
    """

    name: str
    buys: str
    switch: Switch | None = None
    api: Api | None = None
    permission: str = ""
    cmdlets: tuple[str, ...] = ()
    role: ExchangeRole | None = None
    applications: tuple[str, ...] = ()
    worldwide_only: bool = False
    tried_with: Mapping[str, str | int] = field(default_factory=dict)

    def is_on(self, chosen: Mapping[str, str]) -> bool:
        """Whether the settings want it; `chosen` has each switch's value by the setting's name."""
        return self.switch is None or chosen.get(self.switch.setting, "off") in self.switch.values

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of PowerShell that give it, for an application in a role group named Portcullis."""
        return tuple(_lines(self))


def _graph(
    name: str,
    permission: str,
    switch: Switch,
    *,
    buys: str,
    applications: tuple[str, ...] = (),
    worldwide_only: bool = True,
) -> TenantRight:
    return TenantRight(
        name=name,
        buys=buys,
        switch=switch,
        api=Api.GRAPH,
        permission=permission,
        applications=applications,
        worldwide_only=worldwide_only,
    )


def _place(name: str, *cmdlets: str, buys: str) -> TenantRight:
    return TenantRight(name=name, buys=buys, switch=_OVERRIDES, cmdlets=cmdlets, role=ExchangeRole.VIEW_CONFIGURATION)


_OVERRIDES = Switch(setting="OVERRIDES")

RIGHTS: tuple[TenantRight, ...] = (
    TenantRight(
        name="sign-in",
        buys="signs Portcullis in to Exchange Online; by itself it may do nothing there",
        api=Api.EXCHANGE,
        permission=SIGN_IN_PERMISSION,
    ),
    TenantRight(
        name="connection filter",
        buys="reads and changes the IP Allow List and the IP Block List, and switches the safe list off",
        cmdlets=tuple(f"{verb}-{Cmdlets.FILTER_POLICY}" for verb in ("Get", "Set")),
        role=ExchangeRole.HYGIENE,
    ),
    TenantRight(
        name="Tenant Allow/Block List",
        buys="reads and changes the lists of senders, URLs, files, IPv6 addresses and spoofed senders",
        cmdlets=(
            *(f"{verb}-{Cmdlets.ITEMS}" for verb in ("Get", "New", "Set", "Remove")),
            *(f"{verb}-{Cmdlets.SPOOF_ITEMS}" for verb in ("Get", "New", "Remove")),
        ),
        role=ExchangeRole.ALLOW_BLOCK_LIST,
    ),
    TenantRight(
        name="own domains",
        buys="knows the tenant's own domains, so that nobody blocks them",
        cmdlets=("Get-AcceptedDomain",),
        role=ExchangeRole.VIEW_CONFIGURATION,
    ),
    _graph(
        "submissions",
        SUBMISSION_PERMISSION,
        Switch(setting="SUBMISSIONS"),
        buys="files approved submissions with Microsoft, and reads what came of them; it can read all submissions",
    ),
    _graph(
        "audit log",
        AUDIT_LOG_PERMISSION,
        Switch(setting="AUDIT_LOG"),
        buys="finds out who changed an entry past Portcullis; it can read all of Exchange's audit records",
    ),
    _graph(
        "message trace",
        MESSAGE_TRACE_PERMISSION,
        Switch(setting="MAIL_FIGURES", values=frozenset({"trace", "both"})),
        buys="counts the mail that a change would touch; it can read who wrote to whom, when, and the subjects",
        applications=(MESSAGE_TRACE_APP,),
    ),
    _graph(
        "hunting",
        HUNTING_PERMISSION,
        Switch(setting="MAIL_FIGURES", values=frozenset({"hunting", "both"})),
        buys="counts mail by domain, URL and file; it can read everything that advanced hunting in Defender shows",
        worldwide_only=False,
    ),
    _place("mail flow rules", "Get-TransportRule", buys="sees rules that let mail through or stop it"),
    _place(
        "anti-spam policies",
        "Get-HostedContentFilterPolicy",
        "Get-HostedContentFilterRule",
        buys="sees the senders and domains that anti-spam policies allow or block, and for whom",
    ),
    _place("inbound connectors", "Get-InboundConnector", buys="sees addresses from which mail passes as internal"),
    _place(
        "advanced delivery",
        "Get-PhishSimOverridePolicy",
        "Get-ExoPhishSimOverrideRule",
        "Get-SecOpsOverridePolicy",
        buys="sees phishing simulations and mailboxes whose mail isn't filtered",
    ),
    _place("anti-phishing policies", "Get-AntiPhishPolicy", buys="sees the senders and domains that they trust"),
    TenantRight(
        name="safe senders",
        buys="looks up a sender among the safe and blocked senders of one mailbox; it can read those of every mailbox",
        switch=Switch(setting="SAFE_SENDERS"),
        cmdlets=(JUNK_SETTINGS,),
        role=ExchangeRole.VIEW_RECIPIENTS,
        # One at most, should the service answer with all where there is none.
        tried_with={"Identity": NO_MAILBOX, "ResultSize": 1},
    ),
)


def rights_for(chosen: Mapping[str, str]) -> tuple[TenantRight, ...]:
    """The rights that an installation needs, in the order of the table. `chosen` as for `TenantRight.is_on`."""
    return tuple(right for right in RIGHTS if right.is_on(chosen))


def _lines(right: TenantRight) -> Iterator[str]:
    for application in right.applications:
        yield f"New-MgServicePrincipal -AppId {application}"
    if right.api is not None:
        yield "$bot = Get-MgServicePrincipal -Filter \"AppId eq 'CLIENT-ID'\""
        yield f"$api = Get-MgServicePrincipal -Filter \"AppId eq '{right.api}'\""
        yield f"$role = $api.AppRoles | Where-Object Value -eq '{right.permission}'"
        yield (
            "New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $bot.Id -PrincipalId $bot.Id "
            "-ResourceId $api.Id -AppRoleId $role.Id"
        )
    if right.role is not None:
        own = f"Portcullis {right.name}".replace("/", " ")
        yield f"New-ManagementRole '{own}' -Parent '{right.role}' -EnabledCmdlets {','.join(right.cmdlets)}"
        yield f"New-ManagementRoleAssignment -Role '{own}' -SecurityGroup Portcullis"
