"""The app's certificate: PEM and PFX, open and encrypted, and how an operator hands it over."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from bot.errors import SignInFailed
from bot.tenant.signing_in.certificate_text import certificate_content, text_of_file
from bot.tenant.signing_in.credential import is_pem, read_certificate

Protection = serialization.KeySerializationEncryption


def certificate_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portcullis.example")])
    now = datetime.now(UTC)
    start, end = now - timedelta(days=1), now + timedelta(days=90)
    serial = x509.random_serial_number()
    return x509.CertificateBuilder(name, name, key.public_key(), serial, start, end).sign(key, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def locked(password: str) -> Protection:
    return serialization.BestAvailableEncryption(password.encode())


OPEN = serialization.NoEncryption()


@dataclass(frozen=True)
class Made:
    """A key, its certificate, and another one that isn't."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    stranger: x509.Certificate

    @property
    def thumbprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    def pem(self, protection: Protection = OPEN, form: str = "PKCS8") -> bytes:
        key_form = getattr(serialization.PrivateFormat, form)
        return self.key.private_bytes(serialization.Encoding.PEM, key_form, protection) + pem_of(self.certificate)

    def pfx(self, protection: Protection = OPEN) -> bytes:
        return pkcs12.serialize_key_and_certificates(b"bot", self.key, self.certificate, [self.stranger], protection)


@pytest.fixture(scope="module")
def made() -> Made:
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return Made(key, certificate_of(key), certificate_of(other))


def refusal(content: bytes, password: str | None = None) -> SignInFailed:
    with pytest.raises(SignInFailed) as caught:
        read_certificate(content, password=password)
    return caught.value


@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
def test_pem_open_and_encrypted(made: Made, form: str) -> None:
    password = secrets.token_hex(8)
    for content, given in ((made.pem(form=form), None), (made.pem(locked(password), form), password)):
        read = read_certificate(content, password=given)
        assert read.thumbprint == made.thumbprint
        assert serialization.load_pem_private_key(read.private_key.encode(), None) is not None
        assert x509.load_pem_x509_certificate(read.certificate.encode()) == made.certificate


def test_pfx_open_and_encrypted_with_others_in_it(made: Made) -> None:
    password = secrets.token_hex(8)
    older = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - how Windows exports by default
        .build(password.encode())
    )
    for protection, given in ((OPEN, None), (locked(password), password), (older, password)):
        read = read_certificate(made.pfx(protection), password=given)
        assert read.thumbprint == made.thumbprint
        assert read.valid_until == made.certificate.not_valid_after_utc


def test_a_password_that_nothing_needs_is_no_error(made: Made) -> None:
    assert read_certificate(made.pem(), password=secrets.token_hex(4)).thumbprint == made.thumbprint


@pytest.mark.parametrize("kind", ["pem", "pfx"])
def test_a_password_that_is_missing_or_wrong(made: Made, kind: str) -> None:
    right, wrong = secrets.token_hex(8), secrets.token_hex(8)
    content = made.pem(locked(right)) if kind == "pem" else made.pfx(locked(right))
    for given in (None, wrong):
        error = refusal(content, given)
        assert "CLIENT_CERTIFICATE_PASSWORD" in error.remedy
        for hidden in (right, wrong, "BEGIN", "PRIVATE KEY"):
            assert hidden not in str(error) + repr(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_what_cannot_be_used(made: Made) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    for content, reason in (
        (b"", "neither PEM nor PFX"),
        (b"junk", "neither PEM nor PFX"),
        (b"\x30\x82junk", "no PFX"),
        (pem_of(made.certificate), "no private key"),
        (made.pfx()[:200], "no PFX"),
        (pkcs12.serialize_key_and_certificates(None, None, made.certificate, None, OPEN), "no private key"),
        (pkcs12.serialize_key_and_certificates(None, made.key, None, None, OPEN), "a key only"),
        (pkcs12.serialize_key_and_certificates(None, made.key, None, [made.stranger], OPEN), "don't belong together"),
        (pkcs12.serialize_key_and_certificates(None, curve, certificate_of(curve), None, OPEN), "not RSA"),
    ):
        assert reason in refusal(content).what


def test_nothing_of_it_is_shown(made: Made) -> None:
    shown = repr(read_certificate(made.pfx()))
    assert made.thumbprint in shown
    assert "BEGIN" not in shown


@pytest.mark.parametrize("kind", ["pem", "pfx"])
def test_the_ways_to_hand_it_over(made: Made, tmp_path: Path, kind: str) -> None:
    content = made.pem() if kind == "pem" else made.pfx()
    file, folded = tmp_path / "credential", tmp_path / "folded.txt"
    file.write_bytes(content)
    encoded = base64.encodebytes(content).decode()
    folded.write_text(encoded)
    for text in (str(file), f" {file}\n", encoded, encoded.replace("\n", ""), str(folded), text_of_file(content)):
        assert certificate_content(text) == content
    assert is_pem(content) == (kind == "pem")


def test_pem_on_one_line(made: Made) -> None:
    assert certificate_content(made.pem().decode().replace("\n", "\\n")) == made.pem()


@pytest.mark.parametrize("text", ["", "no certificate", "/", "\0", base64.b64encode(b"other").decode(), "A" * 5000])
def test_what_hands_over_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="neither PEM text") as caught:
        certificate_content(text)
    assert len(text) < 3 or text not in str(caught.value)


def test_a_file_that_is_neither_text_nor_pfx() -> None:
    with pytest.raises(UnicodeDecodeError):
        text_of_file(b"\xff\xfe\x00")
