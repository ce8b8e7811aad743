"""What a row's type says: of which kind its indicator is, and whether it is meant at all.

A word that isn't known gives an `Aside` with its code and a sentence that quotes the word: the row may be about a
victim, a tool, or whatever else somebody writes down beside what is to be blocked.
"""

from __future__ import annotations

import re
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


#: Longer texts are no types.
_LONGEST = 60


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
        ipv4cidr ipv6cidr iprange ipnetwork network networkipv4 networkipv6 netblock subnet ipadresse ipadressen
        adresseip direccionip indirizzoip ipadres enderecoip netz netzwerk reseau red rete netwerk rede
        """,
    ),
    (TypeWord(_ADDRESSES, Form.WITH_PORT), "ipport ipsrcport ipdstport"),
    (TypeWord(_DOMAINS | _ADDRESSES, Form.TWO), "domainip hostnameip"),
    (
        TypeWord(_DOMAINS),
        """
        domain domains domainname hostname host fqdn dnsname dnsdomain senderdomain domane domanen dominio dominios
        domaine domaines domini domein domeinen nomdedomaine rechnername
        """,
    ),
    (TypeWord(_DOMAINS, Form.WITH_PORT), "hostnameport domainport"),
    (
        TypeWord(_MAIL),
        """
        email emails emailaddress emailaddr emailsrc mail mails mailaddress emailsender senderaddress emailsource
        senderemail emailadresse mailadresse absenderadresse courriel adresseemail adressemail correo
        correoelectronico direcciondecorreo posta postaelettronica indirizzoemail eadres enderecodeemail
        """,
    ),
    (TypeWord(_SENDERS), "sender senders absender expediteur remitente mittente afzender remetente"),
    (TypeWord(_URLS), "url urls uri uris urllink domainurl maliciousurl webadresse adresseweb"),
    (
        TypeWord(_FILES),
        """
        sha256 filesha256 filehashsha256 sha256hash hashsha256 filehash hash hashes file files hashessha256 datei
        dateien dateihash hashwert prufsumme fichier fichiers empreinte archivo archivos huella ficheiro bestand
        """,
    ),
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
        mutex mutant filename filenames filepath path dateiname dateipfad nomdefichier nombredearchivo nomefile
        bestandsnaam nomedoficheiro registrykey regkey regkeyvalue windowsregistrykey
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
#: What people write beside a kind, or instead of one: what the indicator does, or how sure they are.
_SAID_OF_IT = _words(
    """
    phishing phish spearphishing spear smishing malware maldoc malspam c2 c2s cnc cc command and control botnet bot
    spam junk scam fraud bec ransomware trojan loader downloader dropper stealer infostealer rat exploit kit payload
    delivery malicious suspicious attacker attackers adversary threat bad evil infrastructure server credential
    credentials harvesting harvester impersonation impersonating typosquat typosquatting lookalike spoofing abuse
    scanner scanning scan bruteforce brute force spray dga tor exit node apt campaign wave high medium low critical ioc
    iocs indicator indicators observable observables blocklist block blocked the a of for or with confidence actor
    schadsoftware angreifer bosartig bosartige verdachtig verdachtige betrug malveillant malicioso malicieux ataque
    attaque attacco address addresses addr value name v4 v6 network range cidr hash sha 256
    """
)
#: Whose it is, where that is somebody who is to be blocked.
_TO_BLOCK = _words(
    """
    attacker attackers attacking adversary actor sender senders source src offender spammer phisher c2 cnc
    infrastructure payload landing landingpage redirector relay origin indicator ioc malicious hostile evil bad
    angreifer absender quelle taeter tater attaquant expediteur atacante remitente attaccante mittente
    aanvaller afzender
    """
)
_WORDS = re.compile(r"[^\W_]+")


def said_type(word: str) -> TypeWord | Aside | None:
    """What a row's type says: kinds of indicators, or why the row can't be taken; None where it says nothing of that.

    `Malicious domain` is a domain; `phishing` says nothing of the kind. What isn't known has the code
    `row_type_unknown`.
    """
    name = normal_name(word)
    if not name:
        return None
    if (found := _known(name, word)) is not None:
        return found
    parts = [normal_name(part) for part in _WORDS.findall(word[:_LONGEST])]
    known = [meaning for part in parts if (meaning := _BY_WORD.get(part)) is not None and meaning.form is Form.PLAIN]
    if len(word) <= _LONGEST and all(part in _SAID_OF_IT or part in _BY_WORD for part in parts):
        return TypeWord(frozenset(kind for meaning in known for kind in meaning.kinds)) if known else None
    return Aside(
        "row_type_unknown",
        f"The row's type is {quoted(word)}, which isn't known: it may be no block. If it is one, write domain, IP, "
        "address, URL or SHA-256 there, or leave the cell empty.",
    )


def _known(name: str, word: str) -> TypeWord | Aside | None:
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


def said_party(column: str, word: str) -> Aside | None:
    """Why a row isn't about somebody to block: it names a victim, or nobody knows whom. None where it is."""
    parts = [normal_name(part) for part in _WORDS.findall(word[:_LONGEST])]
    if not parts or (
        len(word) <= _LONGEST and all(part in _TO_BLOCK | _SAID_OF_IT or part in _BY_WORD for part in parts)
    ):
        return None
    return Aside(
        "row_party",
        f"The row says {quoted(word)} in {quoted(column)}: it may be somebody who isn't to be blocked. If they are, "
        "write attacker there, or leave the cell empty.",
    )
