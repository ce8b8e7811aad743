"""The process's variables, for one test: nothing of Portcullis's, or all that has to be set."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.unit.settings.environment import Environment


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(monkeypatch)


@pytest.fixture
def environment(bare: Environment) -> Environment:
    """Everything that has to be set, soundly."""
    bare.set(
        SLACK_BOT_TOKEN=f"xoxb-{secrets.token_hex(12)}",
        SLACK_APP_TOKEN=f"xapp-{secrets.token_hex(12)}",
        APPROVAL_CHANNEL="C0APPROVALS",
        APPROVERS="U0APPROVE1,S0GROUP",
        TENANT_ID="contoso.onmicrosoft.com",
        AUDIT_WEBHOOK_SECRET=secrets.token_hex(12),
        CLIENT_ID="66666666-7777-8888-9999-000000000000",
        CLIENT_SECRET=secrets.token_hex(12),
    )
    return bare


@pytest.fixture(scope="module")
def pem() -> str:
    """A certificate with its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portcullis.example")])
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, end)
    certificate = built.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()
