"""The process's variables, as a test sets them, and what loading the settings says of them."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot import settings as env
from bot.errors import SettingsError

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "CLIENT_SECRET",
    "CLIENT_CERTIFICATE",
    "CLIENT_CERTIFICATE_PASSWORD",
    "ANCHOR_KEY",
    "AUDIT_WEBHOOK_SECRET",
    "METRICS_TOKEN",
)
URLS = ("SLACK_API_URL", "EXCHANGE_URL", "AUTHORITY_URL", "GRAPH_URL", "TIMESTAMP_URL", "AUDIT_WEBHOOK_URL")


class Environment:
    """The process's variables, for one test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        for name in os.environ:
            if name.upper().startswith("PORTCULLIS_") or name in {
                "AZURE_FEDERATED_TOKEN_FILE",
                "SSL_CERT_FILE",
                "SSL_CERT_DIR",
                "REQUESTS_CA_BUNDLE",
            }:
                patch.delenv(name)

    def set(self, **values: object) -> None:
        for name, value in values.items():
            if value is None:
                self._patch.delenv(f"PORTCULLIS_{name}", raising=False)
            else:
                self._patch.setenv(f"PORTCULLIS_{name}", str(value))

    def set_bare(self, name: str, value: object) -> None:
        self._patch.setenv(name, str(value))


def signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        env.load_all()
    return list(caught.value.problems)


def one_problem() -> str:
    [line] = problems()
    return line
