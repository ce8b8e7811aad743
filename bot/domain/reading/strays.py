"""What stands in a reason, and may be meant to be listed: `30d evil2.example`, `phish evil2.example`, `subdomains`.

A reason may well name a page, a colleague or a victim, so that nothing is taken from it. Where no sentence says what
the thing is, it is asked about: else somebody would take it for listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.domain.indicators.indicator import Indicator, Kind, NoteCode
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_tokens import Token, is_lone_dash, looks_like_prose, may_be_file, tokens
from bot.domain.reading.line_reading import CommandProblem, Readings
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.subdomains import subdomains_told

_REMEDY = "If so, put it before the reason, on a line of its own."
_SUBDOMAINS_REMEDY = "If so, write it before the reason: evil.example and subdomains; or write *.evil.example."
_BARE = "\"“”'`()[]{}<>,;:.!?…-–—"
#: Before what a sentence only names.
_BEFORE = frozenset(
    {
        *("see", "cf", "by", "from", "to", "at", "via", "in", "on", "of", "for", "against", "like", "than", "with"),
        *("into", "under", "through", "about", "per", "towards", "our", "their", "real", "legitimate", "genuine"),
        *("impersonates", "impersonating", "imitates", "imitating", "mimics", "mimicking", "spoofs", "spoofing"),
        *("targets", "targeting", "hits", "hitting", "attacks", "attacking", "pretends", "posing", "uses", "using"),
        *("abuses", "abusing", "hosts", "hosting", "resolves", "redirects", "links", "loads", "drops", "contacts"),
        *("ticket", "case", "report", "reported", "reporter", "source", "ref", "reference", "details", "info", "more"),
        *("user", "victim", "mailbox", "recipient", "colleague", "customer", "client", "partner", "contact", "analyst"),
        *("version", "release", "build", "is", "was", "not", "approved", "asked", "owner", "helpdesk", "link", "cc"),
        *("siehe", "von", "vom", "bei", "an", "auf", "aus", "mit", "für", "gegen", "wie", "über", "durch", "nutzer"),
        *("voir", "de", "par", "chez", "pour", "contre", "ver", "por", "para", "vedi", "da", "al", "hacia"),
    }
)
#: Behind it: it does something in a sentence.
_AFTER = frozenset(
    {
        *("told", "is", "was", "are", "were", "says", "said", "reports", "reported", "asked", "asks", "has", "had"),
        *("sent", "sends", "got", "gets", "received", "receives", "clicked", "opened", "will", "wants", "complained"),
        *(
            "users",
            "customers",
            "employees",
            "staff",
            "people",
            "account",
            "accounts",
            "mailbox",
            "mailboxes",
            "users'",
        ),
        *("hat", "ist", "war", "meldet", "meldete", "sagt", "wurde", "est", "dit", "es", "dice", "also", "does", "did"),
    }
)
#: Whatever can be listed has one of these.
_MARKS = re.compile(r"[.:@。．]|dot|[0-9a-fA-F]{32}", re.IGNORECASE)
#: The same of what has no slash and no question mark in it, where a `dot` counts in brackets only.
_CLOSER_MARKS = re.compile(r"[/?.:@。．]|[\[({]\s?dot|[0-9a-fA-F]{32}", re.IGNORECASE)
_JOINING = frozenset({"and", "und", "et", "y", "e", "&", "or", "oder", "ou"})


def strays_in(
    reason: str, readings: Readings, *, found: Mapping[tuple[Kind, str], Indicator]
) -> Iterator[CommandProblem]:
    """What is to be asked about a reason: the first thing in it that can be listed, and `subdomains`.

    `found` is what is listed already. `reason` is one line.
    """
    domains = {value for kind, value in found if kind is Kind.DOMAIN}
    words = subdomains_told(reason) if domains and not any(value.startswith("*.") for value in domains) else None
    if words is not None:
        what = f"{quoted(words)} stands in the reason: are the subdomains to be listed too?"
        yield CommandProblem(text=words, what=what, remedy=_SUBDOMAINS_REMEDY, about_reason=True)
    values = {value for _, value in found}
    if (stray := _stray(reason, readings, values)) is not None:
        what = f"{quoted(stray)} stands in the reason: is it to be listed too?"
        yield CommandProblem(text=stray, what=what, remedy=_REMEDY, about_reason=True)


def _stray(reason: str, readings: Readings, known: set[str]) -> str | None:
    if not (_MARKS.search(reason) and _CLOSER_MARKS.search(reason)):
        return None
    before, is_excused = "", False
    candidate: str | None = None
    for token in tokens(reason, reads=readings.reads):
        word = token.text.strip(_BARE).lower()
        if candidate is not None:
            if word not in _AFTER:
                return candidate
            candidate, is_excused = None, True
        if is_lone_dash(token) or not word:
            continue
        if token.doubt is not None or _is_indicator(token, readings, known):
            if not (before in _BEFORE or (is_excused and before in _JOINING | {""})):
                candidate = token.text
            else:
                is_excused = True
            before = ""
            continue
        before = word
        is_excused = is_excused and word in _JOINING
    return candidate


def _is_indicator(token: Token, readings: Readings, known: set[str]) -> bool:
    text = token.inner
    if shape_of(text) is None or (not token.is_quoted and looks_like_prose(text)) or may_be_file(text):
        return False
    found = readings.of(text)
    return isinstance(found, Indicator) and found.value not in known and not found.has_note(NoteCode.OWN_DOMAIN)
