"""How Portcullis itself runs: its database, what it serves, and what becomes of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, field_validator

from bot.settings.part import SettingsPart, is_set, unless_set
from bot.settings.types import Address, DatabaseAddress, FilePath, MetricsToken, Secret, WholeAddress
from bot.store.addresses import DEFAULT_URL

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class DatabaseSettings(SettingsPart):
    #: SQLite serves one process. For replicas take PostgreSQL: postgresql://user@host/name.
    #: Risk: whoever can write to this database can approve anything. Keep it as safe as the tenant's credential.
    #: A PostgreSQL server elsewhere has to show a certificate for its name; `?sslmode=require` or `disable` in the
    #: address leaves that out. Risk: whoever stands on the way then reads all of it, and can answer in its place.
    database_url: DatabaseAddress = Field(default=DEFAULT_URL, repr=False)


class AnchorSettings(SettingsPart):
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
            _private_key(value)
        return value

    @classmethod
    def missing_together(cls) -> list[str]:
        if is_set("AUDIT_WEBHOOK_URL"):
            return unless_set("AUDIT_WEBHOOK_SECRET", "AUDIT_WEBHOOK_URL gets nothing that isn't signed")
        return []

    @property
    def signing_key(self) -> Ed25519PrivateKey | None:
        """The key that signs; None where none is set."""
        return None if self.anchor_key is None else _private_key(self.anchor_key)


def _private_key(secret: SecretStr) -> Ed25519PrivateKey:
    from bot.anchoring.keys import read_private_key  # noqa: PLC0415 - loaded where a key is set, which few do

    return read_private_key(secret.get_secret_value().encode())


class ServerSettings(SettingsPart):
    #: In HTTP mode Slack must reach this through a proxy that ends TLS. Risk of 0.0.0.0: so can everybody else.
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    #: What whoever reads /metrics has to bring, as `Authorization: Bearer …`. Left out: there is no such page. Risk:
    #: whoever has it sees how much is requested, and what goes wrong; no indicators and no people.
    metrics_token: MetricsToken | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
