"""Columns that say how far a row's indicator reaches: `Include subdomains`, `Wildcard`, `Match type`, `Scope`.

What an entry of the tenant can't say, such as a regular expression, takes the row out.
"""

from __future__ import annotations

from enum import StrEnum

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.tables.row_words import yes_or_no


class Reach(StrEnum):
    """How far an indicator reaches."""

    EXACT = "exact"
    SUBDOMAINS = "subdomains"  #: it, and all below it
    UNCLEAR = "unclear"  #: the word says something else, which is told with the row


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ANSWERED = _words(
    """
    includesubdomains includesubdomain includessubdomains includingsubdomains inclsubdomains withsubdomains subdomains
    allsubdomains subdomain blocksubdomains coverssubdomains wildcard iswildcard wildcards inklsubdomains mitsubdomains
    subdomainen subdomanen unterdomanen mitunterdomanen sousdomaines avecsousdomaines incluresousdomaines subdominios
    incluirsubdominios consubdominios sottodomini includisottodomini subdomeinen metsubdomeinen
    """
)
#: Columns in which a word that isn't known takes the row out.
_MATCHES = _words(
    """
    matchtype matchmode matchingtype matchmethod matchingmode matchoperator patterntype operator comparison ruletype
    vergleich vergleichsart trefferart ubereinstimmung typdecorrespondance tipodecoincidencia tipodicorrispondenza
    """
)
_SCOPES = _words("scope match matching reach geltungsbereich umfang portee alcance ambito bereik coverage")
_EXACT = _words(
    """
    exact exactly equals equal equalto is full fullmatch exactmatch fqdn host hostname domainonly single literal simple
    plain exakt genau gleich egal exacte exacto igual esatto uguale exactdomain thisdomain thisdomainonly hostonly ip
    domain url string address email sender value
    """
)
_BELOW = _words(
    """
    subdomain subdomains includesubdomains includingsubdomains withsubdomains domainandsubdomains domainsubdomains
    andsubdomains allsubdomains wildcard wildcarddomain suffix endswith domainsuffix tree zone below recursive apex
    apexandsubdomains mitsubdomains inklusivesubdomains avecsousdomaines consubdominios domaintree wholedomain
    """
)
_MORE_THAN_ENTRIES = _words(
    """
    contains containing substring partial regex regexp regularexpression pattern startswith prefix beginswith glob like
    fuzzy keyword any notequals isnot doesnotcontain enthalt beginntmit regularerausdruck contient expressionreguliere
    contiene expresionregular espressioneregolare bevat wildcardpath
    """
)


def is_of_scope(column: str) -> bool:
    """Whether a column's name says that it tells how far an indicator reaches."""
    return normal_name(column) in _ANSWERED | _MATCHES | _SCOPES


def said_scope(column: str, word: str) -> Reach | Aside | None:
    """How far a row's indicator reaches; None for an empty cell, an `Aside` for what no entry can say."""
    name, said = normal_name(column), normal_name(word)
    if not word.strip():
        return None
    if name in _ANSWERED and (answer := yes_or_no(word)) is not None:
        return Reach.SUBDOMAINS if answer else Reach.EXACT
    if said in _BELOW or word.strip() in {"*", "*."}:
        return Reach.SUBDOMAINS
    if said in _EXACT or word.strip() == "=":
        return Reach.EXACT
    if said not in _MORE_THAN_ENTRIES and name in _SCOPES:
        return Reach.UNCLEAR
    return Aside(
        "row_scope",
        f"The row says {quoted(word)} in {quoted(column)}, which an entry can't say. If the value alone is meant, "
        "write exact there, or leave the cell empty.",
    )
