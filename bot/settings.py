"""Every setting, its default and its risk.

Settings come from environment variables that begin with `PORTCULLIS_`. A secret can come from a file instead, by the
same name with `_FILE` behind it. What is missing or wrong is collected and told all at once.
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

from bot.errors import SettingsError
from bot.tls import is_loopback

PREFIX = "PORTCULLIS_"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _read_duration(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,9})\s*([smhdw]?)\s*", value)
        if match is None:
            raise ValueError("write a whole number with a unit, such as 30s, 15m, 12h or 7d")
        return timedelta(seconds=int(match[1]) * _UNITS[match[2] or "s"])
    return value


def _read_names(value: object) -> object:
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[\s,;]+", value) if part)
    return value


def _check_somebody(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("names nobody; without approvers nothing can ever be approved")
    return values


def _check_people(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"[UWS][A-Z0-9_]+", value):
            raise ValueError(
                f"{value!r} is neither a user id (U…) nor a user group id (S…); handles and names don't work"
            )
    return values


def _check_channel(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9_]+", value):
        raise ValueError(f"{value!r} is no channel id (C…); copy it from the channel's details in Slack")
    return value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{value!r} is no address; write https://HOST")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address here carries no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http is accepted for loopback addresses only; write https://")
    return value.rstrip("/")


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_names)]
People = Annotated[Names, AfterValidator(_check_people)]
Channel = Annotated[str, AfterValidator(_check_channel)]
Address = Annotated[str, AfterValidator(_check_url)]
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[0-9A-Za-z._-]+$")]


class _FromFiles(PydanticBaseSettingsSource):
    """`PORTCULLIS_<NAME>_FILE`: the file that holds a secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SettingsError((f"{PREFIX}{field_name.upper()}_FILE: {path} can't be read: {reason}.",)) from error

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            if "SecretStr" in str(field.annotation):
                value, key, _ = self.get_field_value(field, name)
                if value is not None:
                    found[key] = value
        return found


def _is_set(name: str) -> bool:
    return bool(os.environ.get(f"{PREFIX}{name}") or os.environ.get(f"{PREFIX}{name}_FILE"))


def _unless_set(name: str, why: str) -> list[str]:
    return [] if _is_set(name) else [f"{PREFIX}{name}: is missing; {why}."]


class _Part(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, hide_input_in_errors=True, env_ignore_empty=True, extra="ignore"
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
        return init_settings, env_settings, _FromFiles(settings_cls)

    @classmethod
    def missing_together(cls) -> list[str]:
        """Problems that show only when several settings are looked at together."""
        return []


class DatabaseSettings(_Part):
    #: SQLite serves one process. For replicas take PostgreSQL: postgresql://user@host/name.
    #: Risk: whoever can write to this database can approve anything. Keep it as safe as the tenant's credential.
    database_url: str = "sqlite:///portcullis.sqlite3"

    @property
    def url(self) -> str:
        return self.database_url


class SlackSettings(_Part):
    #: `socket` needs no public address; `http` scales over replicas behind a load balancer.
    #: Risk of socket: two installations on one Slack app each get a random half of what people do.
    slack_mode: Literal["socket", "http"] = "socket"
    #: Risk: whoever has it can write as the bot. It can't approve anything by itself.
    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    #: Risk: whoever has it can forge any click by anybody, approvals included.
    slack_signing_secret: SecretStr | None = None
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
        if os.environ.get(f"{PREFIX}SLACK_MODE") == "http":
            return _unless_set("SLACK_SIGNING_SECRET", "HTTP mode needs it to tell Slack's requests from forged ones")
        return _unless_set("SLACK_APP_TOKEN", "Socket Mode needs an app-level token with connections:write")


_EXCHANGE = {
    "world": "https://outlook.office365.com",
    "gcc-high": "https://outlook.office365.us",
    "dod": "https://outlook-dod.office365.us",
}


class TenantSettings(_Part):
    tenant_id: Name
    client_id: Name
    #: PEM with certificate and private key; preferred. Risk: it can change the tenant's mail filter by itself.
    client_certificate: SecretStr | None = None
    #: The same risk, and easier to lose than a certificate.
    client_secret: SecretStr | None = None
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
    def exchange(self) -> str:
        return self.exchange_url or _EXCHANGE[self.cloud]

    @property
    def certificate_pem(self) -> bytes | None:
        """The certificate's text; a value that is the path of a file is read from there."""
        if self.client_certificate is None:
            return None
        text = self.client_certificate.get_secret_value()
        if "-----BEGIN" not in text:
            try:
                text = Path(text.strip()).read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                line = f"{PREFIX}CLIENT_CERTIFICATE: is neither PEM text nor the path of a readable file."
                raise SettingsError((line,)) from error
        # A PEM that went through a one-line environment file has its line ends written out.
        return text.replace("\\n", "\n").encode()


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


PartT = TypeVar("PartT", bound=_Part)


def load(part: type[PartT]) -> PartT:
    """One part of the settings, for a command that needs no more. Raises SettingsError with a line for each problem."""
    try:
        loaded = part()
    except ValidationError as error:
        raise SettingsError((*_lines(error), *part.missing_together())) from error
    problems = part.missing_together()
    if problems:
        raise SettingsError(tuple(problems))
    return loaded


def load_all() -> Settings:
    """All settings. Raises SettingsError with a line for each problem, over all parts at once."""
    problems: list[str] = []
    loaded: dict[str, Any] = {}
    parts: dict[str, type[_Part]] = {
        "database": DatabaseSettings,
        "slack": SlackSettings,
        "tenant": TenantSettings,
        "policy": PolicySettings,
        "server": ServerSettings,
    }
    for name, part in parts.items():
        try:
            loaded[name] = load(part)
        except SettingsError as error:
            problems.extend(error.problems)
    if "tenant" in loaded:
        try:
            _ = loaded["tenant"].certificate_pem
        except SettingsError as error:
            problems.extend(error.problems)
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**loaded)


def unknown_names() -> list[str]:
    """Variables that begin with the prefix and mean nothing: usually a slip of the pen."""
    known = {
        f"{PREFIX}{name.upper()}{ending}"
        for part in (DatabaseSettings, SlackSettings, TenantSettings, PolicySettings, ServerSettings)
        for name in part.model_fields
        for ending in ("", "_FILE")
    }
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        message = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            lines.append(f"{message}.")
            continue
        name = f"{PREFIX}{str(problem['loc'][0]).upper()}"
        lines.append(f"{name}: is missing." if problem["type"] == "missing" else f"{name}: {message}.")
    return lines
