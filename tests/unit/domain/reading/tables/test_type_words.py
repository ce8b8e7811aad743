"""What a row's type says, in the languages and the spellings of the programs that write them."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.reading.tables.type_words import Form, TypeWord, said_party, said_type

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
    *[(word, None) for word in ("", "phishing", "C2", "Malware", "high", "Attacker infrastructure")],
    *[(word, {Kind.DOMAIN}) for word in ("Malicious domain", "phishing-domain", "Domain (C2)", "Domäne", "domaine")],
    *[(word, {Kind.URL}) for word in ("Phishing URL", "C2 url", "URL - malware", "Webadresse")],
    *[(word, {Kind.ADDRESS}) for word in ("E-Mail-Adresse", "correo electrónico", "Attacker email", "courriel")],
    *[(word, {Kind.FILE}) for word in ("Datei", "fichier", "archivo", "bestand", "Prüfsumme")],
    *[(word, "row_type") for word in ("Dateiname", "File name", "nom de fichier", "Attachment")],
    # somebody or something else than what is to be blocked, as far as anybody can tell
    *[
        (word, "row_type_unknown")
        for word in (
            *("Victim", "Victim domain", "User", "Benutzer", "Target", "Ziel", "Empfänger", "destinataire", "Tool"),
            *("Registrar", "Impersonated domain", "Brand", "Own", "Kunde", "partner", "software", "Hostname of victim"),
            *("vittima", "slachtoffer", "objetivo", "42", "phishing " * 20),
        )
    ],
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


PARTIES = [
    *[(word, True) for word in ("", "attacker", "Sender", "C2", "threat actor", "Angreifer", "atacante", "source IP")],
    *[
        (word, False)
        for word in (
            *(
                "victim",
                "target",
                "recipient",
                "ours",
                "own",
                "Opfer",
                "Empfänger",
                "victime",
                "destinatario",
                "vittima",
            ),
            *("slachtoffer", "reporter", "customer", "internal", "not the attacker", "whatever"),
        )
    ],
]


@pytest.mark.parametrize(("word", "is_to_block"), PARTIES)
def test_whose_an_indicator_is(word: str, is_to_block: bool) -> None:
    found = said_party("Role", word)
    assert (found is None) is is_to_block
    assert found is None or found.code == "row_party"
