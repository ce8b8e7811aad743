"""Headings that say what is to be done about the lines or rows below them: `Allowed domains`, `[allow]`, `# Block`."""

from __future__ import annotations

import re

from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import UNBLOCKS, said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.later import later

#: Longer lines say more than a heading does.
_LONGEST = 60

_KINDS = (
    "(?:ips?|ipaddress(?:es)?|urls?|domains?|senders?(?:domains?)?|hosts?|address(?:es)?|e?mails?|recipients?|entry|entries|values?"
    "|absender|domanen|adressen|eintrage|items?|files?|hash(?:es)?|networks?|indicators?|iocs?)"
)
_BEFORE = f"(?:{_KINDS}|tenant|our|the)?"
_BEHIND = f"(?:lists?|listed)?(?:{_KINDS}(?:and{_KINDS}|or{_KINDS})?)?(?:lists?)?"
_ALLOWING = later(
    lambda: re.compile(
        f"{_BEFORE}(?:allow|allowed|allows|white|whitelisted|safe|trusted|permitted|exempt|exempted|exceptions?|allowlisted|"
        "known?good|donotblock|erlaubte?r?|zugelassene?|vertrauenswurdige?|autorises?|permitidos?|consentiti|toegestane?)"
        f"{_BEHIND}"
    )
)
_BLOCKING = later(
    lambda: re.compile(
        f"{_BEFORE}(?:block|blocked|blocks|black|blacklisted|deny|denied|bad|malicious|toblock|blocklisted|known?bad|"
        f"gesperrte?|blockierte?|bloques?|bloqueados?|bloccati|geblokkeerde?){_BEHIND}"
    )
)

#: Above lines that nobody wants blocked, though it says nothing of an allow: victims, what was taken out, references.
_NAMES_OTHERS = """
    ausnahme ausnahmen exception exceptions exclusion exclusions excepcion excepciones eccezione eccezioni uitzondering
    uitzonderingen excecao excecoes falsepositive falsepositives positives false fp fps fehlalarme legit legitimate good
    benign harmless clean harmlos recipient recipients empfanger destinataire destinataires destinatario destinatarios
    destinatari ontvanger ontvangers victim victims opfer victime victimes victima victimas vittima vittime
    slachtoffer slachtoffers user users benutzer nutzer utilisateurs usuarios utenti gebruikers employees mitarbeiter
    mailbox mailboxes postfacher target targets targeted ziele cibles objetivos reference references referenz referenzen
    internal intern interne interno own owned ours eigene unsere brands protected impersonated reporters reporter
    customer customers kunden clients partner partners partenaires lieferanten suppliers vendors
    removed deleted archived archive expired inactive obsolete deprecated revoked withdrawn retired sinkholed unblocked
    released unblock unblocking
    entfernt geloscht archiv archiviert abgelaufen inaktiv veraltet widerrufen entsperrt freigegeben supprimes
    supprimees retires expires archives eliminados retirados caducados rimossi scaduti verwijderd verlopen ignored
    ignore
"""
_OTHERS = frozenset(_NAMES_OTHERS.split())
_BESIDE_OTHERS = """
    top all list lists of the our and or affected impacted most entries entry domains domain senders sender addresses
    address urls url ips ip hosts host items iocs ioc indicators values emails email mails mail networks files hashes
    liste listen der die das alle unsere betroffene betroffenen adressen absender domanen eintrage les des de nos
    sheet tab table known already request requests requested
"""
_FILLING = frozenset(_BESIDE_OTHERS.split())
_HEADING_WORDS = re.compile(r"[^\W_]+")

#: What people put around a heading.
_AROUND = re.compile(r"^[\s#;/\[(*=_\"'>-]{0,20}|[\s\])*=_\"'#:.-]{0,20}$")


def section_of(line: str) -> Action | None:
    """What a heading says is done about all that stands below it, up to the next one. None for any other line.

    `Safe senders`, `# Allow`, `Allow:`, `[allow]`, `Do not block`; and `Blocked domains` and the like.
    """
    if len(line) > _LONGEST:
        return None
    heading = _AROUND.sub("", line)
    if not heading or any(mark in heading for mark in ".,;|\t@"):
        return None
    if allows(heading) or _is_of_others(heading):
        return Action.ALLOW
    if blocks(heading):
        return Action.BLOCK
    said = said_action(heading)
    if isinstance(said, Aside):
        return Action.ALLOW if said.code == UNBLOCKS else None
    return said


def _is_of_others(heading: str) -> bool:
    words = [normal_name(word) for word in _HEADING_WORDS.findall(heading.partition(" (")[0])]
    named = [word for word in words if word in _OTHERS]
    return bool(named) and all(word in _OTHERS or word in _FILLING or word.isdecimal() for word in words)


def allows(name: str) -> bool:
    """Whether a column's, a sheet's or a heading's name says that what stands below is allowed: `Safe senders`."""
    return len(name) <= _LONGEST and _ALLOWING().fullmatch(normal_name(name)) is not None


def blocks(name: str) -> bool:
    """Whether a heading says that what stands below is blocked: `Blocked domains`."""
    return len(name) <= _LONGEST and _BLOCKING().fullmatch(normal_name(name)) is not None
