"""What the words of a row mean, in the languages and the spellings of the programs that write them."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.reading.tables.row_words import Form, TypeWord, said_status, said_type

TYPES = [
    *[(word, {Kind.URL}) for word in ("Url", "URL", "uri", "url")],
    *[(word, {Kind.DOMAIN}) for word in ("DomainName", "domain", "hostname", "domain-name", "FQDN")],
    *[(word, {Kind.FILE}) for word in ("FileSha256", "sha256", "SHA-256", "FileHash-SHA256", "sha256_hash")],
    *[(word, {Kind.ADDRESS}) for word in ("email", "EmailAddress", "email-src", "email-addr")],
    ("Sender", {Kind.DOMAIN, Kind.ADDRESS}),
    *[
        (word, "other_hash")
        for word in ("md5", "FileMd5", "FileHash-SHA1", "sha1_hash", "filename|md5", "imphash", "ssdeep")
    ],
    *[
        (word, "row_type")
        for word in (
            "mutex",
            "Mutex",
            "CVE",
            "CertificateThumbprint",
            "email-dst",
            "filename",
            "windows-registry-key",
            "link",
        )
    ],
    *[(word, None) for word in ("", "phishing", "C2")],
]


@pytest.mark.parametrize(("word", "means"), TYPES)
def test_a_type(word: str, means: set[Kind] | str | None) -> None:
    found = said_type(word)
    if isinstance(found, TypeWord):
        assert found.kinds == means
    else:
        assert (found.code if found else None) == means


@pytest.mark.parametrize("word", ["IpAddress", "ip-dst", "ip-src", "IPv4", "ipv4-addr", "IPv6", "ip", "CIDR"])
def test_an_address_may_be_of_either_version_and_a_network(word: str) -> None:
    found = said_type(word)
    assert isinstance(found, TypeWord)
    assert {Kind.IPV4, Kind.IPV6, Kind.IPV4_NETWORK, Kind.IPV6_NETWORK} <= found.kinds


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("ip:port", Form.WITH_PORT),
        ("ip-dst|port", Form.WITH_PORT),
        ("domain|ip", Form.TWO),
        ("filename|sha256", Form.NAMED_FILE),
    ],
)
def test_a_type_says_how_the_value_is_written(word: str, form: Form) -> None:
    found = said_type(word)
    assert isinstance(found, TypeWord)
    assert found.form is form


STATUS = [
    ("to_ids", "0", "row_not_for_detection"),
    ("to_ids", "false", "row_not_for_detection"),
    ("to_ids", "1", None),
    ("deleted", "1", "row_deleted"),
    ("deleted", "0", None),
    ("revoked", "TRUE", "row_revoked"),
    ("revoked", "", None),
    ("url_status", "offline", "row_offline"),
    ("url_status", "online", None),
    ("online", "no", "row_offline"),
    ("verified", "no", "row_unverified"),
    ("is_active", "0", "row_inactive"),
    ("Status", "Expired", "row_expired"),
    ("Status", "False positive", "row_false_positive"),
    ("Status", "new", None),
    *[("Status", word, "row_false_positive") for word in ("Clean", "Benign", "Trusted", "Legit")],
    *[("Status", word, "row_inactive") for word in ("Inactive", "closed", "Resolved")],
    ("Is FP", "yes", "row_false_positive"),
    ("Is FP", "no", None),
    ("Gelöscht", "ja", "row_deleted"),
]


@pytest.mark.parametrize(("column", "word", "code"), STATUS)
def test_a_status(column: str, word: str, code: str | None) -> None:
    found = said_status(column, word)
    assert (found.code if found else None) == code
