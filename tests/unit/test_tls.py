"""Which certificate authorities count, and which addresses stay on this machine."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from bot.errors import SettingsError
from bot.tls import authorities_problems, is_loopback, is_loopback_url, outside_context

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.255.255.254", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert is_loopback_url(f"http://{f'[{host}]' if ':' in host else host}:8080/x")


@pytest.mark.parametrize(
    "host", ["", "128.0.0.1", "1.0.0.127", "10.0.0.1", "::2", "127.1", "0x7f.1", "localhost.example"]
)
def test_everywhere_else(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url", ["", "http://[", "127.0.0.1", "http://user@contoso.com", "http://127.0.0.1@contoso.com"]
)
def test_an_address_that_is_none_is_outside(url: str) -> None:
    assert not is_loopback_url(url)


def test_without_any_variable_there_are_authorities_and_names_are_checked() -> None:
    context = outside_context()
    assert context.cert_store_stats()["x509_ca"] > 50
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_bundle_is_added_and_a_file_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    plain = outside_context().cert_store_stats()["x509_ca"]
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert outside_context().cert_store_stats()["x509_ca"] < plain
    own = [certificate["subject"] for certificate in outside_context().get_ca_certs()]
    assert len(own) == 1
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert own[0] in [certificate["subject"] for certificate in outside_context().get_ca_certs()]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe"])
def test_what_cannot_be_read_is_a_line_and_no_trace(
    name: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(name, str(path))
    [line] = authorities_problems()
    assert line.startswith(f"{name}: ")
    with pytest.raises(SettingsError) as caught:
        outside_context()
    assert caught.value.problems == (line,)


def test_a_folder_of_authorities_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    [line] = authorities_problems()
    assert line.startswith("SSL_CERT_DIR: ")
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'missing'}:{tmp_path}")
    assert authorities_problems() == ()
