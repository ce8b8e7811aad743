"""What a column's name says of it, in the languages in which people name them.

Names are compared in the form of `normal_name`. A name that isn't here says nothing: such a column is taken only when
a person says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.domain.indicators.indicator import Kind
from bot.domain.reading.names import normal_name
from bot.domain.reading.sections import allows


class ColumnRole(StrEnum):
    """What a column is for."""

    INDICATOR = "indicator"  #: what the table is about
    OTHERS = "others"  #: indicators that aren't what the table is about: recipients, one's own, links to a report
    SPOOFED = "spoofed"  #: the first half of a spoof pair: who is imitated
    INFRASTRUCTURE = "infrastructure"  #: the second half
    TYPE = "type"  #: what kind of indicator the row has
    ACTION = "action"  #: what is done about it: block, allow, audit
    PARTY = "party"  #: whose the indicator is: an attacker's, a victim's
    STATUS = "status"  #: whether the row still counts
    ENDS = "ends"  #: until when
    START = "start"  #: from when on
    LENGTH = "length"  #: for how long
    REMARK = "remark"  #: why


#: Words of a column of indicators, by what the column's name alone makes of a bare host.
_INDICATORS = """
    indicator indicators indicatorvalue ioc iocs iocvalue observable observablevalue value values entry entries item
    blocklist blockeditem artifact artefact
    indikator indikatoren wert werte eintrag eintrage indicateur valeur entree indicador indicadores valor entrada
    indicatore valore voce waarde
    address
    domain domains domainname host hostname fqdn senderdomain senderfromdomain sendermailfromdomain sendingdomain
    baddomain maliciousdomain domane domaine domaines dominio dominios domini domein absenderdomane absenderdomain
    sender senders senderaddress sendersaddress senderemail senderemailaddress senderfromaddress sendermailfromaddress
    from fromaddress fromheader headerfrom fromenvelope envelopefrom senderheader senderenvelope envelopesender
    headersender rfc5321from rfc5322from fromdomain mailfromdomain returnpathdomain
    mailfrom returnpath p1sender p2sender replyto email emails emailaddress mail mailaddress
    externalemailaddress emailaddresses proxyaddress proxyaddresses primarysmtpaddress smtpaddress smtpaddresses
    fromemail blockedsender domainsaddresses domainsandaddresses domainsemailaddresses
    absender absenderadresse absenderemail mailadresse emailadresse expediteur adresseexpediteur courriel remitente
    correo correoelectronico mittente indirizzomittente afzender remetente enderecoemail
    sha256 filehash filesha256 sha256hash hash hashes hashsha256 filehashsha256 hashvalue dateihash hachage
    pair pairs spoofpair spoofpairs
"""
_ADDRESSES = """
    ip ips ipaddress ipaddresses ipaddr ipv4 ipv6 ipv4address ipv6address srcip sourceip sourceipaddress
    senderip senderipv4 senderipv6 clientip originalclientip fromip dstip dstipaddress remoteip attackerip
    connectingip senderipaddress c2ip badip cidr netblock network networks range prefix subnet ipallowlist ipblocklist
    ipadresse ipadressen netzwerk netz adresseip adressesip reseau direccionip red indirizzoip rete ipadres netwerk
    enderecoip rede absenderip
"""
_URLS = """
    url urls uri uris link links maliciousurl phishurl phishingurl badurl website webaddress
    webseite webadresse webseiten siteweb adresseweb lien sitioweb enlace direccionweb sitoweb collegamento koppeling
    webadres site endereco
"""
_OTHERS = """
    recipient recipients recipientaddress recipientaddresses recipientemail recipientemailaddress recipientdomain
    recipientstatus to toaddress toemail cc bcc toip serverip localip internalip target targets targetuser
    targeteduser targetaddress targetdomain victim victims victimip impersonateduser impersonateddomain impersonated
    protecteduser protecteddomain protectedusers protecteddomains protected owndomain owndomains ourdomain own
    user users username userprincipalname upn accountupn accountname mailbox mailboxowner internaldomain brand
    reporter reportedby submittedby submitter createdby modifiedby lastmodifiedby updatedby lastupdatedby owner analyst
    author assignedto reference references report reportlink detailurl phishdetailurl urlhauslink sourceurl evidence
    moreinfo ticket organization tenant emailclusterid messageid internetmessageid networkmessageid
    empfanger empfangeradresse ziel opfer benutzer benutzername geschutzt destinataire destinataires utilisateur cible
    destinatario destinatarios usuario objetivo victima destinatari utente vittima ontvanger ontvangers gebruiker
    doelwit utilizador alvo an aan para referenz referencia riferimento
"""
_NAMES: Mapping[ColumnRole, str] = {
    ColumnRole.SPOOFED: "spoofeduser spoofedsender spoofedusers",
    ColumnRole.INFRASTRUCTURE: "sendinginfrastructure infrastructure sendinghost",
    ColumnRole.TYPE: """
        type indicatortype ioctype hashtype observabletype entrytype listtype valuetype attributetype entitytype
        typ indikatortyp tipo tipodeindicador indicatortyp typedindicateur soort
    """,
    ColumnRole.ACTION: """
        action actions actiontype responseaction indicatoraction listaction allowblock blockallow disposition mode
        aktion massnahme accion accao acao azione actie
    """,
    ColumnRole.PARTY: """
        role rolle party partei relation relationship beteiligung beteiligter rol ruolo papel funktion
    """,
    ColumnRole.STATUS: """
        status state lifecycle lifecyclestate lifecyclestatus phase stage entrystatus blockstatus listenstatus
        urlstatus c2status iocstatus indicatorstatus online isonline active isactive enabled deleted
        isdeleted removed isremoved revoked isrevoked expired isexpired falsepositive isfalsepositive fp isfp
        whitelisted iswhitelisted isallowlisted benign isbenign harmless closed isclosed resolved isresolved
        allowlisted toids verified valid approved isapproved
        zustand etat statut estado stato aktiv actif activo attivo actief ativo geloscht widerrufen abgelaufen
    """,
    ColumnRole.ENDS: """
        expirationdate expirationtime expirationdatetime expirationdatetimeutc expirationdateutc expiration expires
        expireson expiresat expiry expirydate expirytime validuntil enddate endtime ends end endson until validto
        removeon removedate removaldate
        ablaufdatum ablauf gultigbis ablaufzeit enddatum dateexpiration datedexpiration expirele valablejusquau
        fechadevencimiento fechadeexpiracion fechaexpiracion vencimiento caducidad scadenza datadiscadenza
        datascadenza vervaldatum verlooptop geldigtot einddatum validade datadeexpiracao expiraem
        until till validtill validthrough blockeduntil blockuntil blockedtill blocktill listeduntil activeuntil
        bis gesperrtbis blockiertbis sperrebis sperrenbis geblocktbis aktivbis lauftab ende endeam endetam befristetbis
        fin datefin datedefin finle bloquejusquau bloquejusqua jusquau jusqua valablejusqua hasta bloqueadohasta
        validohasta vigentehasta fechafin fechadefin fino bloccatofino bloccatofinoal validofino validofinoal datafine
        tot geblokkeerdtot einde ate bloqueadoate validoate datafim fim
    """,
    ColumnRole.START: """
        validfrom startdate starttime activefrom effectivefrom effectivedate blockfrom blockedfrom startson
        gultigab gultigvon gesperrtab sperrenab startdatum beginn datedebut datededebut valableapartirdu apartirdu
        validodesde fechainicio fechadeinicio desde validodal datainizio dal geldigvanaf vanaf validoapartirde
    """,
    ColumnRole.LENGTH: """
        ttl ttldays ttlindays timetolive duration durationdays durationindays blockduration lifetime lifetimedays
        validfor validfordays expiresin expiresindays retention retentiondays period days
        dauer dauertage dauerintagen sperrdauer laufzeit laufzeittage gultigkeit gultigkeitsdauer tage
        duree dureejours dureeenjours dureedevie jours duracion duraciondias duracionendias vigencia dias
        durata duratagiorni duratainggiorni validita giorni duur looptijd dagen duurdagen duracao duracaodias
    """,
    ColumnRole.REMARK: """
        description descriptions desc note notes reason reasons title comment comments remark remarks why justification
        info details context threat threattype threattypes malware malwarefamily malwareprintable signature campaign
        eventinfo
        beschreibung notiz notizen grund grunde bemerkung bemerkungen kommentar anmerkung titel raison motif commentaire
        commentaires remarque remarques titre descripcion motivo comentario comentarios nota notas observaciones razon
        titulo descrizione commento titolo note reden opmerking opmerkingen omschrijving toelichting descricao
        observacao razao
    """,
}


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ROLES: dict[str, ColumnRole] = {
    **dict.fromkeys([*_INDICATORS.split(), *_ADDRESSES.split(), *_URLS.split()], ColumnRole.INDICATOR),
    **dict.fromkeys(_OTHERS.split(), ColumnRole.OTHERS),
    **{name: role for role, names in _NAMES.items() for name in names.split()},
}
#: In front of what a column holds: it says that the column is meant.
_CALLED_BAD = re.compile("malicious|phishing|phish|suspicious|hostile|evil|rogue|attacker|lookalike|typosquat(?:ted)?")
_OF_URLS = frozenset(_URLS.split())
_OF_ADDRESSES = frozenset(_ADDRESSES.split())
_IP_KINDS = frozenset({Kind.IPV4, Kind.IPV4_NETWORK, Kind.IPV4_RANGE, Kind.IPV6, Kind.IPV6_NETWORK})
_OF_PAIRS = frozenset({"pair", "pairs", "spoofpair", "spoofpairs"})
_ANY_KIND = _words(
    """
        indicator indicators indicatorvalue ioc iocs iocvalue observable observablevalue value values entry entries
        item indikator indikatoren wert werte eintrag eintrage indicateur valeur entree indicador indicadores valor
        entrada indicatore valore voce waarde
        """
)


def role_of(name: str) -> ColumnRole | None:
    """What a column of this name (as it stands) is for, or None if its name doesn't say."""
    role = _ROLES.get(_plain_name(name))
    if role is None and "list" in normal_name(name)[2:] and allows(name):
        return ColumnRole.OTHERS
    return role


def _plain_name(name: str) -> str:
    """A column's name as it is compared, `Malicious domains` without the first word."""
    normal = normal_name(name)
    called_bad = _CALLED_BAD.match(normal) if normal not in _ROLES else None
    if called_bad is None or _ROLES.get(normal[called_bad.end() :]) is not ColumnRole.INDICATOR:
        return normal
    return normal[called_bad.end() :]


def is_in_days(name: str) -> bool:
    """Whether the name of a column of lengths says that its numbers are days: `Duration (days)`, `Tage`."""
    return normal_name(name).endswith(("days", "tage", "tagen", "jours", "dias", "giorni", "dagen"))


def is_for_any_kind(name: str) -> bool:
    """Whether a column's name says that it holds what the table is about, of whatever kind: `Indicator`, `Value`."""
    return normal_name(name) in _ANY_KIND


def kind_of(name: str) -> Kind | None:
    """The kind as which a column's bare hosts are read, where its name says it: URLs and spoof pairs."""
    normal = _plain_name(name)
    if normal in _OF_URLS:
        return Kind.URL
    return Kind.SPOOF_PAIR if normal in _OF_PAIRS else None


def kinds_of(name: str) -> frozenset[Kind] | None:
    """The only kinds that stand in a column, where its name says so: IP addresses and networks. Else None."""
    return _IP_KINDS if _plain_name(name) in _OF_ADDRESSES else None


def is_header(cells: Iterable[str]) -> bool:
    """Whether a row's cells are the names of columns, one of them of indicators."""
    roles = set(map(role_of, cells))
    return not roles.isdisjoint({ColumnRole.INDICATOR, ColumnRole.SPOOFED, ColumnRole.OTHERS})
