"""Every setting, its default and its risk.

Settings come from environment variables that begin with `PORTCULLIS_`; an empty one counts as not set. A secret, and
the database's address, can come from a file instead, by the same name with `_FILE` behind it; given both ways it is a
wrong setting. What is missing or wrong is collected and told all at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.anchoring.keys import read_private_key
from bot.domain.requests.reviewing import DENIAL_REASONS
from bot.domain.requests.who_decides import too_few
from bot.domain.telling.counting import plural
from bot.errors import SettingsError, SignInFailed
from bot.rules_file import RulesFile, read_rules
from bot.setting_types import (
    Address,
    AppToken,
    BotToken,
    Channel,
    DatabaseAddress,
    Days,
    Duration,
    FilePath,
    Hours,
    Name,
    Names,
    NoSecret,
    People,
    Reasons,
    Said,
    Secret,
    Servers,
    Somebody,
    Switch,
    Waits,
    WholeAddress,
)
from bot.store.databases import DEFAULT_URL
from bot.tenant.signing_in.certificate_text import certificate_content, text_of_file
from bot.tenant.signing_in.credential import read_certificate
from bot.tls import authorities_problems

PREFIX = "PORTCULLIS_"

#: Set by the Azure workload identity webhook in a Kubernetes pod.
_AZURE_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 - a variable's name
#: Secrets whose file may be binary; it is then taken as base64 text.
_BINARY = frozenset({f"{PREFIX}CLIENT_CERTIFICATE"})


#: Not a secret as a whole, but with a password in it: it can come from a file too.
_WITH_A_PASSWORD = f"{PREFIX}DATABASE_URL"


def takes_file(field: FieldInfo) -> bool:
    """Whether the setting can come from a file."""
    return "SecretStr" in str(field.annotation) or field.alias == _WITH_A_PASSWORD


class _FromFiles(PydanticBaseSettingsSource):
    """`PORTCULLIS_<NAME>_FILE`: the file that holds a secret. Goes before the plain variables, to see both."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = str(field.alias)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            return NoSecret(f"is given twice, here and by {name}_FILE; take one of them away"), name, False
        try:
            content = Path(path).read_bytes()
            return text_of_file(content) if name in _BINARY else content.decode("utf-8"), name, False
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            # Not the path: who mistakes one name for the other has put the secret itself there.
            return NoSecret(f"the file that {name}_FILE names can't be read: {reason}"), name, False

    def __call__(self) -> dict[str, Any]:
        secrets = {name: field for name, field in self.settings_cls.model_fields.items() if takes_file(field)}
        found = (self.get_field_value(field, name) for name, field in secrets.items())
        return {key: value for value, key, _ in found if value is not None}


def _is_set(name: str) -> bool:
    return bool(os.environ.get(f"{PREFIX}{name}") or os.environ.get(f"{PREFIX}{name}_FILE"))


def _unless_set(name: str, why: str) -> list[str]:
    return [] if _is_set(name) else [f"{PREFIX}{name}: is missing; {why}."]


class _Part(BaseSettings):
    model_config = SettingsConfigDict(
        alias_generator=lambda name: f"{PREFIX}{name.upper()}",
        case_sensitive=True,
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        str_strip_whitespace=True,
        extra="ignore",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, _FromFiles(settings_cls), env_settings

    @classmethod
    def missing_together(cls) -> list[str]:
        """What is missing because of another setting. Looked at even when single settings are wrong."""
        return []


class DatabaseSettings(_Part):
    #: SQLite serves one process. For replicas take PostgreSQL: postgresql://user@host/name.
    #: Risk: whoever can write to this database can approve anything. Keep it as safe as the tenant's credential.
    #: A PostgreSQL server elsewhere has to show a certificate for its name; `?sslmode=require` or `disable` in the
    #: address leaves that out. Risk: whoever stands on the way then reads all of it, and can answer in its place.
    database_url: DatabaseAddress = Field(default=DEFAULT_URL, repr=False)


class SlackSettings(_Part):
    #: `socket` needs no public address; `http` scales over replicas behind a load balancer.
    #: Risk of socket: two installations on one Slack app each get a random half of what people do.
    slack_mode: Literal["socket", "http"] = "socket"
    #: Risk: whoever has it can write as the bot. It can't approve anything by itself.
    slack_bot_token: BotToken
    slack_app_token: AppToken | None = None
    #: Risk: whoever has it can forge any click by anybody, approvals included.
    slack_signing_secret: Secret | None = None
    slack_api_url: Address = "https://slack.com/api"
    #: The workspace that may use the bot. Left out, it is the one that the bot token belongs to.
    slack_team_id: Name | None = None
    #: Where cards stand. Everybody in it reads who wants what blocked; only APPROVERS can decide.
    approval_channel: Channel
    #: Who is told of IP allow proposals and of what needs the operator. Left out: the approval channel.
    alert_channel: Channel | None = None
    #: Whom people ask who may not do something: a member's id, or any text. Left out: "whoever runs Portcullis".
    contact: Said | None = None
    #: Who may propose changes and check indicators, beside the approvers.
    requesters: People = ()
    #: Who may decide. Risk: a compromised Slack account on this list can approve what others propose.
    approvers: Somebody
    #: Who may query the audit log and check indicators, beside the approvers.
    auditors: People = ()

    #: Who may block at once, with nobody's approval, what is reviewed afterwards; beside that they may propose. Left
    #: out: nobody. Risk: a compromised Slack account on this list can keep mail out for some days, see
    #: EMERGENCY_PER_HOUR and EMERGENCY_MAX_DAYS.
    emergency: People = ()

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups that give a role."""
        entitled = (*self.requesters, *self.approvers, *self.auditors, *self.emergency)
        return frozenset(each for each in entitled if each.startswith("S"))

    @classmethod
    def missing_together(cls) -> list[str]:
        mode = os.environ.get(f"{PREFIX}SLACK_MODE", "").strip() or "socket"
        if mode == "http":
            return _unless_set("SLACK_SIGNING_SECRET", "HTTP mode needs it to tell Slack's requests from forged ones")
        if mode == "socket":
            return _unless_set("SLACK_APP_TOKEN", "Socket Mode needs an app-level token with connections:write")
        return []  # the mode itself is wrong, and has its line


class TenantSettings(_Part):
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

    @field_validator("client_certificate", mode="after")
    @classmethod
    def _can_be_used(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        content = certificate_content(value.get_secret_value()) if value is not None else None
        if content is None or "client_certificate_password" not in info.data:
            return value  # there is none, or its password has a line of its own
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
        missing = _unless_set("CLIENT_ID", "the app registration's id")
        if way == "certificate":
            missing += _unless_set("CLIENT_CERTIFICATE", "SIGN_IN says that it signs the bot in")
        elif way == "secret":
            missing += _unless_set("CLIENT_SECRET", "SIGN_IN says that it signs the bot in")
        elif way == "workload-identity" and not _federated_token_file():
            missing += _unless_set("FEDERATED_TOKEN_FILE", "and AZURE_FEDERATED_TOKEN_FILE isn't set either")
        elif way == "auto" and not (_is_set("CLIENT_SECRET") or _federated_token_file()):
            missing += _unless_set(
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


class PolicySettings(_Part):
    #: The Defender for Office 365 plan, which sets how much the lists hold.
    tenant_plan: Literal["none", "plan1", "plan2"] = "none"
    #: What happens to an IP allow proposal. `warn` lets a single approver decide: the mail that it lets in skips spam
    #: filtering and sender authentication. Spoof pairs that let anybody write as somebody, or somebody as your own
    #: people, take as many approvers; `deny` leaves them.
    ip_allow: Literal["two-person", "deny", "warn"] = "two-person"
    ip_allow_max_days: int = Field(default=7, ge=1, le=365)
    #: `on` lets domains, addresses and URLs be allowed by a plain entry; off, an allow is a submission. Risk: Microsoft
    #: learns nothing from such an entry, and it lets in mail that only looks as if it came from that sender.
    direct_allow: Switch = False
    #: `on` files approved submissions through Microsoft Graph; the app needs ThreatSubmission.ReadWrite.All. Risk: what
    #: is submitted, a message with its content included, leaves the tenant for Microsoft's analysts.
    submissions: Switch = False
    #: The tenant's own domains, never to be blocked. Left out, they are read from the tenant.
    accepted_domains: Names = ()
    #: The reasons that whoever denies a request chooses from, separated by semicolons; ten at most, 75 characters each.
    denial_reasons: Reasons = DENIAL_REASONS
    #: A TOML file that says who may approve what, how many it takes, and which blocks need nobody. Left out: every
    #: approver decides on everything, and everything takes one approval or what policy says. Risk: whoever can write to
    #: it can take approvals away from blocks; never from allows, removals, wide networks or your own domains.
    rules_file: FilePath | None = None
    request_lapses_after: Duration = Field(default=timedelta(days=7), ge=timedelta(minutes=1))
    #: How much one person may have waiting at once: imports, checks for which the tenant has to be read, and requests
    #: that nobody has decided. Risk of more: a single account, taken over or careless, keeps the others waiting.
    imports_per_person: int = Field(default=10, ge=1, le=1_000)
    checks_per_person: int = Field(default=10, ge=1, le=1_000)
    open_requests_per_person: int = Field(default=200, ge=1, le=100_000)
    #: How many emergency blocks one person may have applied within an hour. Risk of more: what a compromised account
    #: can stop before anybody looks.
    emergency_per_hour: int = Field(default=5, ge=1, le=1_000)
    #: How many days one lasts where nobody says, and at most. Short, as nobody has approved it; long enough for a
    #: weekend to pass before somebody reviews it.
    emergency_days: int = Field(default=3, ge=1, le=30)
    emergency_max_days: int = Field(default=7, ge=1, le=30)
    #: When the alert channel is told of one that nobody has reviewed.
    emergency_alert_after: Duration = Field(default=timedelta(hours=4), ge=timedelta(minutes=1))
    #: How often the tenant's lists are read in the background.
    watch_every: Duration = Field(default=timedelta(minutes=15), ge=timedelta(seconds=1))
    #: Whether the alert channel hears of blocks that somebody changed past Portcullis: `tell` without alarm, `alarm`
    #: like of an allow, or only `log`. Risk of `log`: nobody sees that a block was taken out.
    tell_portal_blocks: Literal["tell", "alarm", "log"] = "tell"
    #: How long after a change it is confirmed that it still stands.
    confirm_after: Duration = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))

    @field_validator("rules_file", mode="after")
    @classmethod
    def _can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            read_rules(value)
        return value

    @property
    def rules(self) -> RulesFile:
        """The rules of the file; none where none is set. Raises SettingsError if it has been spoilt since."""
        if self.rules_file is None:
            return RulesFile()
        try:
            return read_rules(self.rules_file)
        except ValueError as error:
            raise SettingsError(tuple(f"{PREFIX}RULES_FILE: {said}." for said in str(error).splitlines())) from None


class LookingSettings(_Part):
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
    #: `on` asks DNS who an IP address is. Risk: whoever answers for an address learns that it was asked about.
    who_is: Switch = False
    #: The resolvers that are asked: addresses, each perhaps with a port. Left out: those of this machine.
    dns_servers: Servers = ()


class CallingSettings(_Part):
    #: Who is mentioned on each card that waits for a decision, so that Slack notifies them. Left out: nobody.
    call_approvers: People = ()
    #: Who is mentioned below a card that nobody has decided, before its request lapses. Left out: nobody.
    escalate_to: People = ()
    #: How long before. Left out: 24 hours, or a quarter of the time that a request has, where that is less.
    escalate_before: Duration | None = Field(default=None, ge=timedelta(minutes=1))

    #: When approvers are reminded of what waits for them: after so long, then after so long again, and so on; the last
    #: wait goes on. It is working time, a day a working day. `never`: nobody is reminded.
    remind_after: Waits = "1h, 4h, 1d, 2d"
    #: When people work, each in the time zone that Slack has of them. Nobody is reminded outside of it.
    working_hours: Hours = "8-18"
    working_days: Days = "mon-fri"

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups that are called."""
        return frozenset(each for each in (*self.call_approvers, *self.escalate_to) if each.startswith("S"))


class AnchorSettings(_Part):
    #: A file to which a line is added each day: the number and hash of the audit log's end, to prove the log by. Put it
    #: where the database's administrators can't write. Risk of leaving it out: only the alert channel has them.
    anchor_file: FilePath | None = None
    #: An Ed25519 private key in PEM that signs each line. Risk: whoever has it and writes there can make one up.
    anchor_key: Secret | None = None
    #: A time stamp authority (RFC 3161) that stamps each line. It gets a digest, and learns when.
    timestamp_url: Address | None = None
    #: A program that gets every event of the log as it comes. Risk: it learns what the log says, reasons and people
    #: among it.
    audit_webhook_url: WholeAddress | None = None
    #: Signs what goes there. Risk: whoever has it can make events up for that program.
    audit_webhook_secret: Secret | None = None
    audit_webhook_format: Literal["jsonl", "ocsf"] = "jsonl"

    @field_validator("anchor_key", mode="after")
    @classmethod
    def _can_sign(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_private_key(value.get_secret_value().encode())
        return value

    @classmethod
    def missing_together(cls) -> list[str]:
        if _is_set("AUDIT_WEBHOOK_URL"):
            return _unless_set("AUDIT_WEBHOOK_SECRET", "AUDIT_WEBHOOK_URL gets nothing that isn't signed")
        return []

    @property
    def signing_key(self) -> Ed25519PrivateKey | None:
        """The key that signs; None where none is set."""
        return None if self.anchor_key is None else read_private_key(self.anchor_key.get_secret_value().encode())


class ServerSettings(_Part):
    #: In HTTP mode Slack must reach this through a proxy that ends TLS. Risk of 0.0.0.0: so can everybody else.
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of them, for `portcullis run`."""

    database: DatabaseSettings
    slack: SlackSettings
    tenant: TenantSettings
    policy: PolicySettings
    looking: LookingSettings
    calling: CallingSettings
    anchor: AnchorSettings
    server: ServerSettings


_PARTS: dict[str, type[_Part]] = {
    "database": DatabaseSettings,
    "slack": SlackSettings,
    "tenant": TenantSettings,
    "policy": PolicySettings,
    "looking": LookingSettings,
    "calling": CallingSettings,
    "anchor": AnchorSettings,
    "server": ServerSettings,
}

PartT = TypeVar("PartT", bound=_Part)


def load(part: type[PartT]) -> PartT:
    """One part of the settings, for a command that needs no more. Raises SettingsError with a line for each problem."""
    try:
        loaded = part()
    except ValidationError as error:
        # Not chained: nothing that was given may show in a trace.
        raise SettingsError((*_lines(error), *part.missing_together())) from None
    problems = part.missing_together()
    if problems:
        raise SettingsError(tuple(problems))
    return loaded


def load_all() -> Settings:
    """All settings. Raises SettingsError with a line for each problem, over all parts at once."""
    problems: list[str] = []
    loaded: dict[str, Any] = {}
    for name, part in _PARTS.items():
        try:
            loaded[name] = load(part)
        except SettingsError as error:
            problems.extend(error.problems)
    problems.extend(_wrong_together(loaded))
    problems.extend(authorities_problems())
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**loaded)


def wrong_together() -> list[str]:
    """What each part takes by itself, and what `load_all` refuses all the same: a line for each, with what to do."""
    loaded: dict[str, Any] = {}
    for name, part in _PARTS.items():
        with suppress(SettingsError):
            loaded[name] = load(part)
    return _wrong_together(loaded)


def _wrong_together(loaded: Mapping[str, Any]) -> list[str]:
    return [
        *_impossible_together(loaded.get("tenant"), loaded.get("policy"), loaded.get("looking")),
        *_undecidable(loaded.get("slack"), loaded.get("policy")),
    ]


def _impossible_together(
    tenant: TenantSettings | None, policy: PolicySettings | None, looking: LookingSettings | None
) -> list[str]:
    """What each part takes by itself, and what could never work. A part that is wrong has lines of its own."""
    if tenant is None or tenant.cloud == "world":
        return []
    # Source: the table of national clouds on Microsoft's page about each of them.
    worldwide = {
        "SUBMISSIONS": (
            policy is not None and policy.submissions,
            "takes submissions",
            "people are shown how to submit by hand",
        ),
        "AUDIT_LOG": (
            looking is not None and looking.audit_log,
            "searches the audit log",
            "nobody is named who changed an entry past Portcullis",
        ),
        "MAIL_FIGURES": (
            looking is not None and looking.mail_figures in {"trace", "both"},
            "traces messages",
            "cards go without figures; or to hunting, which is offered there, too",
        ),
    }
    return [
        f"{PREFIX}{name}: Microsoft Graph {does} in the worldwide cloud only, and {PREFIX}CLOUD is {tenant.cloud}; "
        f"set it to off, and {then}."
        for name, (is_on, does, then) in worldwide.items()
        if is_on
    ]


def _undecidable(slack: SlackSettings | None, policy: PolicySettings | None) -> list[str]:
    """What the rules let nobody, or too few, of the approvers ever approve."""
    if slack is None or policy is None:
        return []
    found = too_few(policy.rules.approvers, slack.approvers)
    if not found:
        return []
    first, others = found[0], len(found) - 1
    kind = f"“{first.about.act.value}” on {first.about.list.value.replace('_', '-')}"
    can = f"only {first.can} of" if first.can else "nobody in"
    told = (
        f"by the rules, {kind} takes {plural(first.needed, 'approval')}, and {can} {PREFIX}APPROVERS may decide on it."
    )
    if others:
        told += f" {plural(others, 'other kind', 'other kinds')} of change {'has' if others == 1 else 'have'} the same "
        told += "problem."
    rules = [rule for rule in policy.rules.approvers if rule.is_about(first.about)]
    strangers = sorted({name for rule in rules for name in rule.approvers} - set(slack.approvers))
    add = ", ".join(strangers) or "more people"
    return [f"{PREFIX}RULES_FILE: {told} Add {add} to {PREFIX}APPROVERS, or change the rules."]


def unknown_names() -> list[str]:
    """Variables that begin with the prefix and mean nothing: usually a slip of the pen."""
    fields = [
        (f"{PREFIX}{name.upper()}", field) for part in _PARTS.values() for name, field in part.model_fields.items()
    ]
    known = {name for name, _ in fields} | {f"{name}_FILE" for name, field in fields if takes_file(field)}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in known)


def _lines(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(problem["loc"][0])
        message = "is missing" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
        lines.extend(f"{name}: {said.rstrip('.')}." for said in message.splitlines() or [message])
    return lines
