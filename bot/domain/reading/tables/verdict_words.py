"""What a verdict says of a row's indicator: `malicious`, `not phishing`, `0/94`, `NotJunk`.

A verdict that isn't known takes the row out, as one of harmlessness does: nobody can tell whether it is to be blocked.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.remarks import against_blocking
from bot.domain.reading.shapes import shape_of


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Columns of what somebody or something decided.
_VERDICTS = _words(
    """
    verdict verdicts finalverdict spamverdict phishverdict malwareverdict threatverdict urlverdict userverdict
    analystverdict socverdict submissionverdict resultverdict classification reputation assessment determination
    judgement judgment rating conclusion markedas markiertals marqueecomme disposition triage triageresult
    bewertung einstufung urteil befund verdikt evaluation valoracion veredicto veredito valutazione giudizio oordeel
    beoordeling avaliacao decision finaldecision entscheidung decisione beslissing result results
    response finalaction latestaction outcome ergebnis resultat resultado risultato resultaat
    """
)
#: Columns of how many scanners call it bad.
_DETECTIONS = _words(
    """
    vt virustotal vtscore vtdetections vtresult vtratio virustotalscore detections detectionratio detectionrate
    positives vtpositives malicious maliciousvotes maliciouscount hits engines avdetections
    abuseconfidencescore abuseconfidence abusescore
    """
)
#: Columns of which threat it is, or how great: only words that say that there is none count.
_THREATS = _words(
    """
    threat threats threatname threatlevel threatscore risk risklevel riskscore bedrohung bedrohungen risiko
    menace risque amenaza riesgo minaccia rischio dreiging risico
    severity severities severitylevel severityscore schweregrad gravite severite gravedad
    severidad gravita severita ernst
    score scores punkte confidence confidencelevel confidencescore konfidenz confiance confianza
    """
)
_NO_THREAT = _words(
    """
    none no nothing 0 00 norisk nothreat nothreats nothreatsfound clean benign harmless safe keine kein aucun aucune
    ninguno ninguna nessuno nessuna geen nenhum nenhuma
    """
)
_BAD = _words(
    """
    malicious phishing phish highconfphish highconfidencephish spearphishing spam highconfspam malware junk bulk scam
    fraud suspicious bad
    spoof spoofing bec ransomware trojan c2 botnet dangerous unsafe threat threats harmful high critical severe
    confirmed true positive truepositive tp known high confidence normal user impersonation highly very probable
    probably likely definitely found detected yes shouldvebeenblocked shouldhavebeenblocked hostile evil infected
    compromised bosartig bosartige schadlich verdachtig gefahrlich malveillant malveillante suspect suspecte dangereux
    malicioso maliciosa sospechoso peligroso dannoso malevolo sospetto pericoloso kwaadaardig verdacht gevaarlijk
    suspeito perigoso hameconnage credential harvesting domain url sender site page link and attack
    """
)
_HARMLESS = _words(
    """
    good ok okay clean safe benign legit legitimate harmless trusted fine ham nothreat nothreats nothreatsfound fp
    falsepositive whitelisted allowlisted gut sauber sicher harmlos unbedenklich sain propre limpio pulito schoon
    """
)
_NOT_FOUND = _words(
    """
    low none undetected unrated neutral unknown inconclusive notdetected nothingfound unsure undecided pending na
    unbekannt inconnu desconocido sconosciuto onbekend offen unklar
    """
)
_NEGATIONS = _words(
    "not no non nota never kein keine keinen nicht pas pasde pasun geen niet nao sin senza ohne sans isnt"
)
#: `NotJunk`, `nothreat`.
_NEGATED = frozenset(negation + bad for negation in _NEGATIONS for bad in _BAD)
_RATIO = re.compile(r"\s*([0-9]{1,4})\s*(?:/|of|von|out of|sur|de|di)\s*[0-9]{1,4}\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*([0-9]{1,6})(?:[.,]0{1,4})?\s*%?\s*")
_TOKENS = re.compile(r"[^\W_]+")
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z\u00df-\u00ff]+|[0-9]+")
_LONGEST = 80


def is_of_verdicts(column: str) -> bool:
    """Whether a column's name says that it holds verdicts."""
    return normal_name(column) in _VERDICTS


def is_of_detections(column: str) -> bool:
    """Whether a column's name says that it counts those who call an indicator bad."""
    return normal_name(column) in _DETECTIONS


def is_of_threats(column: str) -> bool:
    """Whether a column's name says that it names a threat, or how great it is."""
    return normal_name(column) in _THREATS


def said_threat(column: str, word: str) -> Aside | None:
    """Why a row is left out that is said to be no threat: `none`, `0`. None for any other word."""
    if normal_name(word) not in _NO_THREAT:
        return None
    return Aside("row_unverified", f"The row says {quoted(word)} in {quoted(column)}: nothing was found.")


def said_verdict(column: str, word: str) -> Aside | None:
    """Why a row's verdict takes it out; None where it calls the indicator bad, or is empty.

    `column` is one of verdicts. What isn't known has the code `row_verdict_unknown`.
    """
    if not word.strip():
        return None
    if _RATIO.fullmatch(word) or ((number := _NUMBER.fullmatch(word)) and not int(number[1])):
        return said_detections(column, word)
    name = normal_name(word)
    tokens = _TOKENS.findall(word[:_LONGEST])
    pieces = {normal_name(piece) for token in tokens for piece in (token, *_PIECES.findall(token))}
    is_negated = name in _NEGATED or not _NEGATIONS.isdisjoint(pieces)
    if name in _HARMLESS or (is_negated and name not in _NOT_FOUND) or against_blocking(word) is not None:
        return Aside("row_false_positive", f"The row says {quoted(word)} in {quoted(column)}, which is no block.")
    if name in _NOT_FOUND:
        return Aside("row_unverified", f"The row says {quoted(word)} in {quoted(column)}: nothing was found.")
    if len(word) <= _LONGEST and (name in _BAD or (tokens and all(map(_is_bad, tokens)))):
        return None
    return Aside(
        "row_verdict_unknown",
        f"The row says {quoted(word)} in {quoted(column)}, which isn't known as a verdict. If it is to be "
        "blocked, write malicious there, or leave the cell empty.",
    )


def said_detections(column: str, word: str) -> Aside | None:
    """Why a row is left out that nobody calls bad: `0/94`, `0`. None for other figures, for no text, and for a link."""
    match = _RATIO.fullmatch(word) or _NUMBER.fullmatch(word)
    if match is not None:
        if int(match[1]):
            return None
        return Aside("row_unverified", f"The row says {quoted(word)} in {quoted(column)}: nothing was found.")
    return None if not word.strip() or shape_of(word) is not None else said_verdict(column, word)


def _is_bad(token: str) -> bool:
    return normal_name(token) in _BAD or all(normal_name(piece) in _BAD for piece in _PIECES.findall(token))
