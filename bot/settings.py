"""Every setting, its default and its risk.

Settings come from environment variables that begin with `PORTCULLIS_`; an empty one counts as not set. A secret can
come from a file instead, by the same name with `_FILE` behind it; given both ways it is a wrong setting. What is
missing or wrong is collected and told all at once.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import SettingsError, SignInFailed, StoreError
from bot.logs import redacted
from bot.store.databases import DEFAULT_URL, normalise
from bot.tenant.credential import read_certificate
from bot.tls import authorities_problems, is_loopback

PREFIX = "PORTCULLIS_"

_LONGEST = 3650 * 86400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _read_duration(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,9})\s*([smhdw]?)\s*", value, re.ASCII)
        if match is None:
            raise ValueError("write a whole number with a unit, such as 30s, 15m, 12h or 7d")
        seconds = int(match[1]) * _UNITS[match[2] or "s"]
        if seconds > _LONGEST:
            raise ValueError("is more than ten years")
        return timedelta(seconds=seconds)
    return value


def _read_names(value: object) -> object:
    if isinstance(value, str):
        return tuple(dict.fromkeys(part for part in re.split(r"[\s,;]+", value) if part))
    return value


def _shown(value: str) -> str:
    """A wrong value for its line: short, and never a secret that landed in the wrong place."""
    return repr(redacted(value) if len(value) <= 60 else f"{redacted(value[:40])}…")


@dataclass(frozen=True, slots=True)
class _NoSecret:
    """Stands for a secret that could not be taken, and says why."""

    why: str


def _read_secret(value: object) -> object:
    if isinstance(value, _NoSecret):
        raise ValueError(value.why)  # noqa: TRY004 — pydantic makes a line of a ValueError only
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty")
        return value.strip()
    return value


def _check_token(value: SecretStr, *, not_a: str, instead: str) -> SecretStr:
    """Refuse what is plainly the other token. How a token begins is Slack's to change, so nothing else is."""
    token = value.get_secret_value()
    if token.startswith(not_a):
        raise ValueError(f"holds the other token; it takes {instead}")
    if not re.fullmatch(r"[!-~]+", token):
        raise ValueError("holds characters that no token has")
    return value


def _check_bot_token(value: SecretStr) -> SecretStr:
    return _check_token(value, not_a="xapp-", instead="the bot token (OAuth & Permissions)")


def _check_app_token(value: SecretStr) -> SecretStr:
    return _check_token(value, not_a="xoxb-", instead="the app-level token (Basic Information)")


def _pem(value: SecretStr) -> bytes:
    """The certificate's text; a value that is the path of a file is read from there. Raises ValueError."""
    text = value.get_secret_value()
    if "-----BEGIN" not in text:
        try:
            text = Path(text.strip()).read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise ValueError("is neither PEM text nor the path of a readable file") from None
    # A PEM that went through a one-line environment file has its line ends written out.
    return text.replace("\\n", "\n").encode()


def _check_certificate(value: SecretStr) -> SecretStr:
    try:
        read_certificate(_pem(value))
    except SignInFailed as error:
        raise ValueError(str(error)) from None
    return value


def _check_database(value: str) -> str:
    try:
        normalise(value)
    except StoreError as error:
        raise ValueError(f"{error.what} {error.remedy}".strip()) from None
    return value


def _check_somebody(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("names nobody; without approvers nothing can ever be approved")
    return values


def _check_people(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"[UWS][A-Z0-9_]+", value):
            raise ValueError(
                f"{_shown(value)} is neither a user id (U…) nor a user group id (S…); handles and names don't work"
            )
    return values


def _check_channel(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9_]+", value):
        raise ValueError(f"{_shown(value)} is no channel id (C…); copy it from the channel's details in Slack")
    return value


def _check_name(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z._-]{1,255}", value):
        raise ValueError(f"{_shown(value)} can't be an id: they are made of letters, digits, dots and dashes")
    return value


def _check_url(value: str) -> str:
    # The value isn't repeated: an address is where a password hides.
    unreadable = ValueError("is no address; write https://HOST")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise unreadable from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise unreadable
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("an address here carries no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http is accepted for loopback addresses only; write https://")
    return value.rstrip("/")


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_names)]
People = Annotated[Names, AfterValidator(_check_people)]
Channel = Annotated[str, AfterValidator(_check_channel)]
Address = Annotated[str, AfterValidator(_check_url)]
DatabaseAddress = Annotated[str, AfterValidator(_check_database)]
Secret = Annotated[SecretStr, BeforeValidator(_read_secret)]
BotToken = Annotated[Secret, AfterValidator(_check_bot_token)]
CertificatePem = Annotated[Secret, AfterValidator(_check_certificate)]
AppToken = Annotated[Secret, AfterValidator(_check_app_token)]
Name = Annotated[str, AfterValidator(_check_name)]


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation)


class _FromFiles(PydanticBaseSettingsSource):
    """`PORTCULLIS_<NAME>_FILE`: the file that holds a secret. Goes before the plain variables, to see both."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = str(field.alias)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            return _NoSecret(f"is given twice, here and by {name}_FILE; take one of them away"), name, False
        try:
            return Path(path).read_text(encoding="utf-8"), name, False
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            # Not the path: who mistakes one name for the other has put the secret itself there.
            return _NoSecret(f"the file that {name}_FILE names can't be read: {reason}"), name, False

    def __call__(self) -> dict[str, Any]:
        secrets = {name: field for name, field in self.settings_cls.model_fields.items() if _is_secret(field)}
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
    #: Who may propose changes and check indicators, beside the approvers.
    requesters: People = ()
    #: Who may decide. Risk: a compromised Slack account on this list can approve what others propose.
    approvers: Annotated[People, AfterValidator(_check_somebody)]
    #: Who may query the audit log and check indicators, beside the approvers.
    auditors: People = ()

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
    client_id: Name
    #: PEM with certificate and private key, or the path of a file that holds it; preferred to a secret.
    #: Risk: it can change the tenant's mail filter by itself.
    client_certificate: CertificatePem | None = None
    #: The same risk, and easier to lose than a certificate.
    client_secret: Secret | None = None
    cloud: Literal["world", "gcc-high", "dod"] = "world"
    exchange_url: Address | None = None
    #: An override switches instance discovery off: whoever answers there is believed.
    authority_url: Address | None = None
    graph_url: Address | None = None

    @classmethod
    def missing_together(cls) -> list[str]:
        if _is_set("CLIENT_SECRET"):
            return []
        return _unless_set("CLIENT_CERTIFICATE", f"set it (preferred) or {PREFIX}CLIENT_SECRET")

    @property
    def certificate_pem(self) -> bytes | None:
        """The certificate with its key as PEM, read from its file if need be. Raises SettingsError if that has gone."""
        if self.client_certificate is None:
            return None
        try:
            return _pem(self.client_certificate)
        except ValueError as error:
            raise SettingsError((f"{PREFIX}CLIENT_CERTIFICATE: {error}.",)) from None


class PolicySettings(_Part):
    #: The Defender for Office 365 plan, which sets how much the lists hold.
    tenant_plan: Literal["none", "plan1", "plan2"] = "none"
    #: What happens to an IP allow proposal. `warn` lets a single approver decide: the mail that it lets in skips spam
    #: filtering and sender authentication.
    ip_allow: Literal["two-person", "deny", "warn"] = "two-person"
    ip_allow_max_days: int = Field(default=7, ge=1, le=365)
    #: The tenant's own domains, never to be blocked. Left out, they are read from the tenant.
    accepted_domains: Names = ()
    request_lapses_after: Duration = Field(default=timedelta(days=7), ge=timedelta(minutes=1))
    #: How often the tenant's lists are read in the background.
    watch_every: Duration = Field(default=timedelta(minutes=15), ge=timedelta(seconds=1))
    #: How long after a change it is confirmed that it still stands.
    confirm_after: Duration = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))


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
    server: ServerSettings


_PARTS: dict[str, type[_Part]] = {
    "database": DatabaseSettings,
    "slack": SlackSettings,
    "tenant": TenantSettings,
    "policy": PolicySettings,
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
    problems.extend(authorities_problems())
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**loaded)


def unknown_names() -> list[str]:
    """Variables that begin with the prefix and mean nothing: usually a slip of the pen."""
    fields = [
        (f"{PREFIX}{name.upper()}", field) for part in _PARTS.values() for name, field in part.model_fields.items()
    ]
    known = {name for name, _ in fields} | {f"{name}_FILE" for name, field in fields if _is_secret(field)}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in known)


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(problem["loc"][0])
        message = "is missing" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {message.rstrip('.')}.")
    return lines
