"""What the words in a row's cells mean: its type, and whether it still counts.

A word that isn't known says nothing, and the row is read as if it weren't there. What is known and takes the row out of
an import gives an `Aside` with its code and a sentence that quotes the word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action, ListName, list_for, title
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name

_ADDRESSES = frozenset({Kind.IPV4, Kind.IPV4_NETWORK, Kind.IPV4_RANGE, Kind.IPV6, Kind.IPV6_NETWORK})
_SENDERS = frozenset({Kind.DOMAIN, Kind.ADDRESS})
_DOMAINS = frozenset({Kind.DOMAIN})
_MAIL = frozenset({Kind.ADDRESS})
_URLS = frozenset({Kind.URL})
_FILES = frozenset({Kind.FILE})
_PAIRS = frozenset({Kind.SPOOF_PAIR})


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Form(StrEnum):
    """How a typed value is written, where it is more than the value."""

    PLAIN = "plain"
    WITH_PORT = "with port"  #: `203.0.113.7:443`, `203.0.113.7|443`
    TWO = "two"  #: `evil.example|203.0.113.7`: both are meant
    NAMED_FILE = "named file"  #: `invoice.exe|<hash>`: the second part


@dataclass(frozen=True, slots=True)
class TypeWord:
    """What a row's type says: the kinds that it can be, and how it is written."""

    kinds: frozenset[Kind]
    form: Form = Form.PLAIN


_TYPES: tuple[tuple[TypeWord, str], ...] = (
    (
        TypeWord(_ADDRESSES),
        """
        ip ips ipaddress ipaddr ipaddresses ipv4 ipv6 ipv4addr ipv6addr ipv4address ipv6address ipsrc ipdst cidr
        ipv4cidr ipv6cidr iprange ipnetwork network networkipv4 networkipv6 netblock subnet ipadresse adresseip
        direccionip
        """,
    ),
    (TypeWord(_ADDRESSES, Form.WITH_PORT), "ipport ipsrcport ipdstport"),
    (TypeWord(_DOMAINS | _ADDRESSES, Form.TWO), "domainip hostnameip"),
    (
        TypeWord(_DOMAINS),
        "domain domains domainname hostname host fqdn dnsname dnsdomain senderdomain domane dominio domaine",
    ),
    (TypeWord(_DOMAINS, Form.WITH_PORT), "hostnameport domainport"),
    (TypeWord(_MAIL), "email emailaddress emailaddr emailsrc mail mailaddress emailsender senderaddress emailsource"),
    (TypeWord(_SENDERS), "sender senders"),
    (TypeWord(_URLS), "url urls uri uris urllink domainurl maliciousurl"),
    (TypeWord(_FILES), "sha256 filesha256 filehashsha256 sha256hash hashsha256 filehash hash file hashessha256"),
    (TypeWord(_FILES, Form.NAMED_FILE), "filenamesha256"),
    (TypeWord(_PAIRS), "spoof spoofpair spoofedsender pair"),
)
_BY_WORD: dict[str, TypeWord] = {
    **{word: meaning for meaning, words in _TYPES for word in words.split()},
    # as Portcullis itself names the lists in its results
    **{
        normal_name(title(name, action)): TypeWord(frozenset(kind for kind in Kind if list_for(kind) is name))
        for name in ListName
        for action in Action
    },
}

_OTHER_HASHES = _words(
    """
        md5 filemd5 filehashmd5 md5hash hashmd5 sha1 filesha1 filehashsha1 sha1hash hashsha1 sha224 sha384 sha512
        sha3256 sha3384 sha3512 sha512224 sha512256 imphash filehashimphash filehashpehash pehash impfuzzy ssdeep
        tlsh vhash authentihash cdhash telfhash filenamemd5 filenamesha1 filenamesha512 filenamesha224
        filenamesha384 filenameimphash filenamessdeep filenametlsh filenameauthentihash filenamepehash
        filenameimpfuzzy filenamevhash
        """
)
_NO_LIST = _words(
    """
        mutex mutant filename filepath path registrykey regkey regkeyvalue windowsregistrykey
        windowsregistrykeyvalue cve vulnerability yara sigma snort suricata ja3 ja3s ja3fingerprintmd5 ja4 jarm
        certificatethumbprint x509 x509certificate x509fingerprintsha1 x509fingerprintmd5 x509fingerprintsha256
        sslcertfingerprint asn as autonomoussystem useragent http httpmethod cookie port macaddress macaddr btc
        bitcoinaddress cryptocurrencyaddress xmr iban phonenumber process service namedpipe pdb link text comment
        other attachment malwaresample emailsubject emailbody emailheader emailmessageid emailxmailer
        emailmimeboundary emailattachment whoisregistrantemail whoisregistrantname whoisregistrantphone
        whoisregistrar whoiscreationdate threatactor campaignname campaignid targetuser targetmachine targetorg
        targetexternal targetlocation emaildst emaildstdisplayname emailsrcdisplayname emailreplyto emailrecipient
        recipient dnssoaemail gitcommitid githubusername useraccount bic jabberid domainregistrant malwaretype
        datetime boolean counter float hex size mimetype sizeinbytes
        """
)


_TRUE = _words("true yes y 1 t x ja oui si vrai wahr sim vero on")
_FALSE = _words("false no n 0 f nein non nao faux falsch falso off nee")

#: Columns where a yes takes the row out, with the code.
_YES_IS_OUT: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("deleted", "isdeleted", "geloscht"), ("row_deleted", "was deleted")),
    **dict.fromkeys(("removed", "isremoved"), ("row_deleted", "was removed")),
    **dict.fromkeys(("revoked", "isrevoked", "widerrufen"), ("row_revoked", "was revoked")),
    **dict.fromkeys(("benign", "isbenign", "clean", "isclean", "harmless"), ("row_false_positive", "is harmless")),
    **dict.fromkeys(("closed", "isclosed", "resolved", "isresolved"), ("row_inactive", "is closed")),
    **dict.fromkeys(("expired", "isexpired", "abgelaufen"), ("row_expired", "has expired")),
    **dict.fromkeys(
        (
            "falsepositive",
            "isfalsepositive",
            "fp",
            "isfp",
            "whitelisted",
            "iswhitelisted",
            "allowlisted",
            "isallowlisted",
        ),
        ("row_false_positive", "is a false positive"),
    ),
}
#: Columns where a no takes the row out.
_NO_IS_OUT: Mapping[str, tuple[str, str]] = {
    "toids": ("row_not_for_detection", "isn't meant for detection (to_ids)"),
    **dict.fromkeys(("online", "isonline"), ("row_offline", "is offline")),
    **dict.fromkeys(
        ("active", "isactive", "enabled", "aktiv", "actif", "activo", "attivo", "actief", "ativo"),
        ("row_inactive", "isn't active"),
    ),
    **dict.fromkeys(("verified", "valid"), ("row_unverified", "isn't verified")),
    **dict.fromkeys(("approved", "isapproved"), ("row_unverified", "isn't approved")),
}
#: Words of a status that take the row out, whatever the column's name.
_OUT: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("expired", "abgelaufen", "expire", "caducado", "scaduto", "verlopen", "expirado"),
        ("row_expired", "has expired"),
    ),
    **dict.fromkeys(
        ("deleted", "removed", "geloscht", "entfernt", "supprime", "eliminado", "rimosso", "verwijderd", "removido"),
        ("row_deleted", "was removed"),
    ),
    **dict.fromkeys(("revoked", "widerrufen", "revoque", "revocado"), ("row_revoked", "was revoked")),
    **dict.fromkeys(
        (
            "falsepositive",
            "fp",
            "benign",
            "clean",
            "safe",
            "harmless",
            "notmalicious",
            "legitimate",
            "legit",
            "whitelisted",
            "trusted",
            "knowngood",
            "allowlisted",
        ),
        ("row_false_positive", "was found to be harmless"),
    ),
    **dict.fromkeys(
        ("closed", "resolved", "geschlossen", "erledigt", "ferme", "cerrado"), ("row_inactive", "is closed")
    ),
    **dict.fromkeys(("offline", "down", "takendown", "dead"), ("row_offline", "is offline")),
    **dict.fromkeys(
        ("inactive", "disabled", "notactive", "inaktiv", "deaktiviert", "retired"), ("row_inactive", "isn't active")
    ),
}


def yes_or_no(word: str) -> bool | None:
    """Whether a word says yes or no; None for another word."""
    name = normal_name(word)
    return True if name in _TRUE else False if name in _FALSE else None


def said_type(word: str) -> TypeWord | Aside | None:
    """What a row's type says: kinds of indicators, or why no list takes it; None for a word that isn't known."""
    name = normal_name(word)
    if meaning := _BY_WORD.get(name):
        return meaning
    if name in _OTHER_HASHES:
        return Aside(
            "other_hash",
            f"The row's type is {quoted(word)}: the tenant's list of files takes SHA-256 only, and one can't be worked "
            "out from the other.",
        )
    if name in _NO_LIST:
        return Aside("row_type", f"The row's type is {quoted(word)}, which none of the tenant's lists takes.")
    return None


def said_status(column: str, word: str) -> Aside | None:
    """Why a row counts no more, by the name and the cell of a column of its status; None where it counts."""
    name = normal_name(column)
    said = normal_name(word)
    if said in _TRUE and (found := _YES_IS_OUT.get(name)):
        return _out(found, column, word)
    if said in _FALSE and (found := _NO_IS_OUT.get(name)):
        return _out(found, column, word)
    return _out(found, column, word) if (found := _OUT.get(said)) else None


def found_harmless(column: str, word: str) -> Aside | None:
    """Why a row is left out whose remark says that it was found to be harmless: `false positive`."""
    found = _OUT.get(normal_name(word))
    if found is None or found[0] != "row_false_positive" or normal_name(word) in {"clean", "safe"}:
        return None
    return Aside(found[0], f"The row says that it {found[1]} ({column + ': ' if column else ''}{quoted(word)}).")


def _out(found: tuple[str, str], column: str, word: str) -> Aside:
    code, text = found
    return Aside(code, f"The row says that it {text} ({column}: {quoted(word)}).")
