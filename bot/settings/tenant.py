"""The tenant: where it is, how the bot signs in, and what it may look at there beside the lists."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.errors import SettingsError, SignInFailed
from bot.settings.part import PREFIX, SettingsPart, is_set, unless_set
from bot.settings.types import Address, FilePath, Name, Secret, Servers, Switch
from bot.tenant.signing_in.certificate_text import certificate_content

#: Set by the Azure workload identity webhook in a Kubernetes pod.
_AZURE_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 - a variable's name


class TenantSettings(SettingsPart):
    tenant_id: Name
    #: The app registration's id, or that of a user-assigned managed identity. Left out with SIGN_IN=managed-identity:
    #: the system-assigned identity.
    client_id: Name | None = None
    #: Which credential counts. `auto` takes the first that is set: certificate, secret, federated token; never a
    #: managed identity. Risk of managed-identity: every process on that machine can sign in as the bot.
    sign_in: Literal["auto", "certificate", "secret", "managed-identity", "workload-identity"] = "auto"
    #: Opens an encrypted private key or PFX. As secret as what it opens.
    client_certificate_password: Secret | None = None
    #: PEM or PFX with certificate and private key, as text (PFX: base64) or as the path of a file; preferred to a
    #: secret. Risk: it can change the tenant's mail filter by itself.
    client_certificate: Secret | None = None
    #: The same risk, and easier to lose than a certificate.
    client_secret: Secret | None = None
    #: The file into which the platform writes the token for workload identity federation. Left out, what
    #: AZURE_FEDERATED_TOKEN_FILE names. Risk: whoever can write to it or read it can sign in as the bot.
    federated_token_file: FilePath | None = None
    cloud: Literal["world", "gcc-high", "dod"] = "world"
    exchange_url: Address | None = None
    #: An override switches instance discovery off: whoever answers there is believed.
    authority_url: Address | None = None
    graph_url: Address | None = None
    #: How many calls all replicas together make a second, to Exchange Online and to Microsoft Graph each, and twice as
    #: many at once after a pause. Risk of more: Microsoft throttles, also what else works by that tenant.
    calls_per_second: int = Field(default=20, ge=1, le=1000)

    @field_validator("client_certificate", mode="after")
    @classmethod
    def _can_be_used(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        content = certificate_content(value.get_secret_value()) if value is not None else None
        if content is None or "client_certificate_password" not in info.data:
            return value  # there is none, or its password has a line of its own
        # Loaded where there is a certificate: the cryptography behind it takes nine megabytes.
        from bot.tenant.signing_in.credential import read_certificate  # noqa: PLC0415

        password: SecretStr | None = info.data["client_certificate_password"]
        try:
            read_certificate(content, password=password.get_secret_value() if password else None)
        except SignInFailed as error:
            raise ValueError(str(error)) from None
        return value

    @classmethod
    def missing_together(cls) -> list[str]:
        way = os.environ.get(f"{PREFIX}SIGN_IN", "").strip() or "auto"
        if way == "managed-identity":
            return []
        missing = unless_set("CLIENT_ID", "the app registration's id")
        if way == "certificate":
            missing += unless_set("CLIENT_CERTIFICATE", "SIGN_IN says that it signs the bot in")
        elif way == "secret":
            missing += unless_set("CLIENT_SECRET", "SIGN_IN says that it signs the bot in")
        elif way == "workload-identity" and not _federated_token_file():
            missing += unless_set("FEDERATED_TOKEN_FILE", "and AZURE_FEDERATED_TOKEN_FILE isn't set either")
        elif way == "auto" and not (is_set("CLIENT_SECRET") or _federated_token_file()):
            missing += unless_set(
                "CLIENT_CERTIFICATE",
                f"set it (preferred), {PREFIX}CLIENT_SECRET or {PREFIX}FEDERATED_TOKEN_FILE, or {PREFIX}SIGN_IN to "
                "managed-identity",
            )
        return missing

    @property
    def certificate_content(self) -> bytes | None:
        """The certificate with its key, PEM or PFX, read from its file if need be.

        Raises SettingsError if that has gone.
        """
        if self.client_certificate is None:
            return None
        try:
            return certificate_content(self.client_certificate.get_secret_value())
        except ValueError as error:
            raise SettingsError((f"{PREFIX}CLIENT_CERTIFICATE: {error}.",)) from None

    @property
    def token_file(self) -> str | None:
        """The path of the federated token, by our own setting or by the one that Azure's workload identity sets."""
        return self.federated_token_file or os.environ.get(_AZURE_TOKEN_FILE) or None


def _federated_token_file() -> bool:
    return bool(os.environ.get(f"{PREFIX}FEDERATED_TOKEN_FILE") or os.environ.get(_AZURE_TOKEN_FILE))


class LookingSettings(SettingsPart):
    """What Portcullis may look at beside the lists. Off, each costs nothing and needs no right."""

    #: `on` asks the tenant's own audit log who changed an entry past Portcullis; the app needs
    #: AuditLogsQuery-Exchange.Read.All. Risk: the app can then read all of Exchange's audit records.
    audit_log: Switch = False
    #: `on` reads what else lets mail through or stops it: mail flow rules, anti-spam and anti-phishing policies,
    #: inbound connectors, advanced delivery.
    overrides: Switch = False
    #: Where the figures come from that say how much mail a change would touch: `trace` (ExchangeMessageTrace.Read.All),
    #: `hunting` (ThreatHunting.Read.All, Defender for Office 365 plan 2) or `both`. Risk: the app can then read who
    #: wrote to whom; by hunting, all that Defender shows.
    mail_figures: Literal["off", "trace", "hunting", "both"] = "off"
    #: `on` lets `/check … for somebody@contoso.example` look a sender up among the safe and blocked senders of that one
    #: mailbox. Risk: whoever may check learns whether a colleague has put a sender there; the app can read everybody's.
    safe_senders: Switch = False
    #: `on` asks DNS who an IP address is. Risk: whoever answers for an address learns that it was asked about.
    who_is: Switch = False
    #: The resolvers that are asked: addresses, each perhaps with a port. Left out: those of this machine.
    dns_servers: Servers = ()
