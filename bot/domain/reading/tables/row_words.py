"""What the words of a row say of whether it still counts: `active`, `revoked`, a date below `Removed`, a cross.

What is known and takes the row out of an import gives an `Aside` with its code and a sentence that quotes the word. In
a column of a status, so does what isn't known: nobody can tell whether such a row is meant to be blocked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.action_words import said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.shapes import shape_of
from bot.later import later


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _named(words: str, code: str, text: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(words.split(), (code, text))


_TRUE = _words("true yes y 1 t x xx ja oui si vrai wahr sim vero on verdadero checked j o s waar ano tak")
_FALSE = _words("false no n 0 f nein non nao faux falsch falso off nee unchecked onwaar none keine nie")
_YES_MARKS = frozenset("✓✔✅☑🗹👍●■")
_NO_MARKS = frozenset("❌✗✘✖☐⬜□○◯👎🚫⛔-–—")
_VARIATION = str.maketrans("", "", "\ufe0f\u200d ")
_FIRST_PART = re.compile(r"[(,;:–—]|\s-\s")

#: Columns that have the date of an end, or a yes.
EXPIRED = _words("expired isexpired abgelaufen expire caducado scaduto verlopen expirado")
#: Columns where whatever isn't a no takes the row out: a yes, a date, a name.
_YES_IS_OUT: Mapping[str, tuple[str, str]] = {
    **_named("deleted isdeleted geloscht supprime eliminado cancellato verwijderd", "row_deleted", "was deleted"),
    **_named("removed isremoved entfernt rimosso removido", "row_deleted", "was removed"),
    **_named(
        "revoked isrevoked widerrufen revoque revocado withdrawn iswithdrawn zuruckgezogen retire retirado ritirato",
        "row_revoked",
        "was revoked",
    ),
    **_named(
        "benign isbenign clean isclean harmless isharmless harmlos unbedenklich legit islegit legitimate islegitimate "
        "legitim legitime legitimo legittimo goodware isgood knowngood isknowngood notmalicious notphishing notspam",
        "row_false_positive",
        "is harmless",
    ),
    **_named(
        "closed isclosed resolved isresolved geschlossen erledigt ferme cerrado chiuso", "row_inactive", "is closed"
    ),
    **dict.fromkeys(EXPIRED, ("row_expired", "has expired")),
    **_named(
        "inactive isinactive disabled isdisabled archived isarchived obsolete isobsolete deprecated isdeprecated "
        "superseded sinkholed issinkholed sinkhole takendown deaktiviert archiviert veraltet inaktiv desactive",
        "row_inactive",
        "isn't active",
    ),
    **_named("draft isdraft entwurf test istest", "row_unverified", "is no more than a draft or a test"),
    **_named("rejected isrejected abgelehnt refuse rechazado rifiutato", "row_unverified", "was rejected"),
    **_named(
        "falsepositive isfalsepositive falsepositives fp isfp fehlalarm falschpositiv fauxpositif falsopositivo",
        "row_false_positive",
        "is a false positive",
    ),
    **_named(
        "whitelisted iswhitelisted whitelist allowlisted isallowlisted allowlist onallowlist onwhitelist inallowlist "
        "inwhitelist safelisted aufwhitelist listeblanche listablanca",
        "row_false_positive",
        "is on a list of what is allowed",
    ),
    **_named(
        "exception isexception exceptions exempted isexempt excluded isexcluded exclude exclusion skip ignore ignored "
        "keep behalten donttouch donotremove "
        "donotblock dontblock noblock neverblock nottoblock nichtsperren nichtblockieren nepasbloquer nobloquear "
        "nonbloccare nietblokkeren ausnahme ausgenommen excepcion eccezione uitzondering excecao",
        "row_unblocks",
        "is an exception",
    ),
    **_named(
        "internal isinternal intern interne interno own isown ours isours ourdomain owndomain isourdomain ourown "
        "eigene eigen eigenedomain eigenedomane unsere unseredomain internaldomain companydomain acceptedname",
        "own",
        "is one's own",
    ),
    **_named("duplicate isduplicate duplikat doublon duplicado", "row_inactive", "is given elsewhere"),
}
#: Columns where a yes takes the row out, and anything else says nothing of it: a name, say.
_ONLY_YES_IS_OUT: Mapping[str, tuple[str, str]] = _named(
    "partner ispartner businesspartner customer iscustomer kunde istkunde isclient supplier issupplier lieferant "
    "vendor isvendor fournisseur cliente iscliente businessuse businesscritical geschaftspartner usedbyus vip",
    "own",
    "is of somebody whom one works with",
)
#: Such columns with a word of time or of somebody beside it: `Removed on`, `Date of deletion`, `Entfernt am`.
_STEMS = (
    "(?:removed|removal|deleted|deletion|revoked|withdrawn|unblocked|unblock|deactivated|disabled|whitelisted|allowlisted|"
    "closed|archived|retired|released|delisted|entfernt|geloscht|widerrufen|aufgehoben|entsperrt|freigegeben|"
    "deaktiviert|archiviert|supprime|retire|debloque|eliminado|desbloqueado|retirado|rimosso|sbloccato|verwijderd|"
    "gedeblokkeerd|removido|excluido)"
)
_WHEN = (
    "(?:on|at|by|date|time|datetime|since|reason|utc|am|um|von|vom|seit|datum|le|par|el|por|fecha|il|da|data|op|door|em|"
    "de)"
)
_GONE = later(lambda: re.compile(f"{_STEMS}{_WHEN}{{1,2}}|{_WHEN}(?:of|de|di|der)?{_STEMS}"))
#: An end that is planned: see `end_dates`.
_PLANNED = _words("removaldate removedate removeon daterimozione")

#: Columns where a no takes the row out; where others are ticked, so does nothing at all.
_NO_IS_OUT: Mapping[str, tuple[str, str]] = {
    **_named("toids ids", "row_not_for_detection", "isn't meant for detection (to_ids)"),
    **_named("online isonline reachable isreachable alive isalive", "row_offline", "is offline"),
    **_named(
        "active isactive enabled isenabled aktiv actif activo attivo actief ativo current iscurrent live islive",
        "row_inactive",
        "isn't active",
    ),
    **_named("verified isverified valid isvalid confirmed isconfirmed bestatigt", "row_unverified", "isn't verified"),
    **_named("approved isapproved genehmigt", "row_unverified", "isn't approved"),
}
#: Words of a status that take the row out, whatever the column's name.
_OUT: Mapping[str, tuple[str, str]] = {
    **_named("expired abgelaufen expire caducado scaduto verlopen expirado", "row_expired", "has expired"),
    **_named(
        """
        deleted removed geloscht entfernt supprime eliminado rimosso verwijderd removido pendingremoval pendingdeletion
        toberemoved toremove removing tobedeleted removalpending markedforremoval markedfordeletion zuloschen
        zuentfernen asupprimer delisted cleared
        """,
        "row_deleted",
        "was removed, or is to be",
    ),
    **_named(
        "revoked widerrufen revoque revocado withdrawn zuruckgezogen retire retirado ritirato ingetrokken cancelled "
        "canceled storniert annule cancelado annullato geannuleerd",
        "row_revoked",
        "was revoked",
    ),
    **_named(
        """
        falsepositive fp benign clean safe harmless notmalicious legitimate legit whitelisted trusted knowngood
        allowlisted good ok okay fine fehlalarm harmlos unbedenklich falschpositiv fauxpositif falsopositivo legitim
        legitime legitimo legittimo notphishing notphish notspam notjunk notathreat nothreat nothreats nothreatsfound
        nonmalicious nonphish nonspam kein keinphishing keinspam pasdephishing exception ausnahme exempt exempted
        excluded ignored ignore goodware ham internal own ours
        """,
        "row_false_positive",
        "was found to be harmless",
    ),
    **_named(
        "closed resolved geschlossen erledigt ferme cerrado chiuso gesloten fechado done completed",
        "row_inactive",
        "is closed",
    ),
    **_named("offline down takendown dead unreachable parked nxdomain suspended seized", "row_offline", "is offline"),
    **_named(
        """
        inactive disabled notactive inaktiv deaktiviert retired archived archiviert obsolete obsolet deprecated
        superseded replaced veraltet uberholt sinkholed sinkhole inactif inactivo inattivo inactief archive archivado
        archiviato gearchiveerd obsoleto perime old paused dormant nolongeractive nichtmehraktiv ended
        """,
        "row_inactive",
        "isn't active",
    ),
    **_named(
        """
        rejected declined refused abgelehnt refuse rechazado rifiutato afgewezen draft entwurf brouillon borrador bozza
        concept test testing unverified unconfirmed notverified notconfirmed unapproved notapproved
        """,
        "row_unverified",
        "isn't approved",
    ),
}
#: Words of a status with which a row counts.
_COUNTS = _words(
    """
    active isactive aktiv actif active activo attivo actief ativo online up live alive new neu nouveau nuevo nuovo nieuw
    novo open offen ouvert abierto aperto aberto confirmed bestatigt confirme confirmado confermato bevestigd malicious
    phishing phish spam malware suspicious bad valid gultig valide valido geldig verified verifiziert approved
    genehmigt enabled aktiviert current aktuell published inuse used applied toblock toblocked tobeblocked zusperren
    zublockieren abloquer truepositive tp highconfidence confirmedmalicious confirmedphishing confirmedphish
    delivered zugestellt remis livre entregado consegnato afgeleverd entregue failed fehlgeschlagen filteredasspam
    expanded junked
    """
)
#: Of a link or a server: nobody has looked, and it was on the list all the same.
_UNSEEN = _words("urlstatus c2status online")
#: Of a quarantined message: somebody let it through, or is about to.
_RELEASES = _words("releasestatus released")
_KEPT = _words("notreleased needsreview denied releasedenied")


def yes_or_no(word: str) -> bool | None:
    """Whether a word or a mark says yes or no; None for another one. `x`, `✔`, `ja`; `❌`, `☐`, `-`, `no (checked)`."""
    found = _yes_or_no(word)
    if found is None and (part := _FIRST_PART.search(word[:40])) is not None and part.start():
        found = _yes_or_no(word[: part.start()])
    return found


def _yes_or_no(word: str) -> bool | None:
    name = normal_name(word)
    if not name:
        marks = word.strip().translate(_VARIATION)
        if not marks or len(marks) > 3:
            return None
        return True if set(marks) <= _YES_MARKS else False if set(marks) <= _NO_MARKS else None
    return True if name in _TRUE else False if name in _FALSE else None


def is_of_answers(column: str) -> bool:
    """Whether a column's name says that a yes or a no below it takes a row out: `False positive`, `Removed on`."""
    name = normal_name(column)
    return (
        name in _YES_IS_OUT
        or name in _NO_IS_OUT
        or name in _ONLY_YES_IS_OUT
        or (name not in _PLANNED and _GONE().fullmatch(name) is not None)
    )


def said_status(column: str, word: str) -> Aside | None:
    """Why a row may count no more, by the name and the cell of a column of its status; None where it counts.

    A word that isn't known has the code `row_status_unknown`. An empty cell says nothing.
    """
    word = word.strip()
    name = normal_name(column)
    if not word:
        return None
    if name in _ONLY_YES_IS_OUT:
        return out_of_force(column, word)
    if name in _RELEASES:
        return None if normal_name(word) in _KEPT or yes_or_no(word) is False else _unknown(column, word)
    if (found := out_of_force(column, word)) is not None:
        return found
    counts = {normal_name(word), normal_name(_first_words(word))} & _COUNTS or said_action(word) is not None
    is_answered = is_of_answers(column) and (yes_or_no(word) is not None or _is_another_thing(name, word))
    if counts or is_answered or (normal_name(word) == "unknown" and name in _UNSEEN):
        return None
    return _unknown(column, word)


def out_of_force(column: str, word: str) -> Aside | None:
    """Why a row counts no more, where the name and the cell of a column say so plainly; None for any other word."""
    name = normal_name(column)
    answer = yes_or_no(word)
    if (only_yes := _ONLY_YES_IS_OUT.get(name)) is not None:
        return _out(only_yes, column, word) if answer else None
    if (gone := _gone(name)) is not None and word.strip():
        return None if answer is False or _is_another_thing(name, word) else _out(gone, column, word)
    if (found := _NO_IS_OUT.get(name)) is not None and answer is not None:
        return None if answer else _out(found, column, word)
    found = _OUT.get(normal_name(word)) or _OUT.get(normal_name(_first_words(word)))
    if found is not None:
        return _out(found, column, word)
    action = said_action(word)
    return action if isinstance(action, Aside) else None


def nothing_ticked(column: str, *, others: bool) -> Aside | None:
    """Why a row may not count that has nothing in a column where a no takes it out; `others` have something there."""
    if not others or normal_name(column) not in _NO_IS_OUT:
        return None
    return Aside("row_status_unknown", f"The row says nothing in {quoted(column)}, where others say yes or no.")


def _gone(name: str) -> tuple[str, str] | None:
    if (found := _YES_IS_OUT.get(name)) is not None:
        return found
    return ("row_deleted", "was removed") if name not in _PLANNED and _GONE().fullmatch(name) else None


def _is_another_thing(name: str, word: str) -> bool:
    """Whether a column has something else than an answer: `Resolved` has what a name leads to."""
    if name == "ids":
        return yes_or_no(word) is None  # numbers of something
    if name in EXPIRED:
        return any(character.isdigit() for character in word)  # a date: see `has_ended`
    return shape_of(word) is not None


def _first_words(word: str) -> str:
    part = _FIRST_PART.search(word[:80])
    return word[: part.start()] if part is not None and part.start() else ""


def _unknown(column: str, word: str) -> Aside:
    return Aside(
        "row_status_unknown",
        f"The row says {quoted(word)} in {quoted(column)}, and nobody can tell whether it still counts. If it does, "
        "write active there, or leave the cell empty.",
    )


def found_harmless(column: str, word: str) -> Aside | None:
    """Why a row is left out whose remark says that it was found to be harmless: `false positive`."""
    found = _OUT.get(normal_name(word))
    if found is None or found[0] != "row_false_positive" or normal_name(word) in _ALSO_REMARKS:
        return None
    return Aside(found[0], f"The row says that it {found[1]} ({column + ': ' if column else ''}{quoted(word)}).")


#: Words that people also write of other things than the indicator.
_ALSO_REMARKS = _words(
    "clean safe good ok okay fine internal own ours ham ignore ignored excluded exempt exempted kein"
)


def _out(found: tuple[str, str], column: str, word: str) -> Aside:
    code, text = found
    return Aside(code, f"The row says that it {text} ({column}: {quoted(word)}).")
