"""What says how long in a way that gives no day: `1d12h`, `30-60d`, `at least 30d`, `30 working days`, `Q1 2027`.

It is asked about where it begins or ends a reason, or stands apart in it: an entry would else get the usual end, and
the words that say something else would look like a part of the reason. In the middle of a sentence it tells of
something.
"""

from __future__ import annotations

import re
from datetime import date

from bot.domain.reading.durations import lifetime_at
from bot.domain.reading.reason_words import STORY_AFTER, STORY_BEFORE
from bot.later import later

_UNIT = (
    r"(?:d|w|m|y|h|days?|weeks?|wks?|months?|mths?|mos?|years?|yrs?|hours?|hrs?|min(?:ute)?s?|tage?n?|t|wochen?|wo|"
    r"monate?n?|jahre?n?|stunden?|std|jours?|j|semaines?|sem|mois|ans?|ann[ée]es?|heures?|d[ií]as?|semanas?|mes(?:es)?|"
    r"a[ñn]os?|horas?|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|ore|dag(?:en)?|weken|maand(?:en)?|jaar|m[eê]s|tg|mon|"
    r"quarters?|quartale?|trimest(?:res?|ri|er)|decades?)"
)
_WORKING = (
    r"(?:working|business|work|week|calendar|school|full|bank)[\s-]?days?|(?:werk|arbeits|bankarbeits|kalender|wochen)"
    r"tage?n?|jours?\s(?:ouvr[ée]s|ouvrables|calendaires)|d[ií]as\s(?:h[áa]biles|laborables|naturales|[úu]teis)|"
    r"giorni\slavorativi|werkdagen"
)
_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vrier|mar(?:ch|s|zo)?|m[äa]rz|apr(?:il)?|avril|abril|jun[ei]?|juin|"
    r"junio|jul[yi]?|juillet|julio|aug(?:ust)?|ao[ûu]t|agosto|sep(?:t|tember|tembre|tiembre)?|o[ck]t(?:ober|obre|ubre)?|"
    r"nov(?:ember|embre|iembre)?|de[cz](?:ember|embre)?|d[ée]cembre|diciembre|dicembre)"
)
_WEEKDAY = (
    r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|tomorrow|weekend"
)
_NUMBER = r"[0-9]{1,4}"
_IN_WORDS = r"(?:one|two|three|four|five|six|ten|thirty|sixty|ninety|ein|eine|zwei|drei|sechs|drei(?:ß|ss)ig|neunzig)"
_BLOCK = r"(?:block(?:ade|ierung|ing)?|ban|listing|entry|sperr(?:e|ung)|frist)"
_ABOUT = (
    r"(?:at\s(?:least|most)|no\s(?:more|longer|less)\sthan|(?:more|less|longer)\sthan|(?<![0-9]\s)min(?:\.|imum|imal)?|"
    r"max(?:\.|imum|imal)?|mind\.|mindestens|h[öo]chstens|wenigstens|up\sto|about|around|approx(?:\.|imately)?|roughly|"
    r"circa|ca\.?|etwa|ungef[äa]hr|rund|au\s(?:moins|plus|maximum)|environ|al\s(?:menos|m[áa]ximo|massimo|minimo)|"
    r"como\s(?:m[áa]ximo|mucho|m[íi]nimo)|almeno|minstens|hoogstens|ongeveer|pelo\smenos|no\sm[áa]ximo|[<>≤≥~≈]=?)"
)
_FORMS = (
    # several lengths as one, and ranges of them
    rf"{_NUMBER}{_UNIT}{_NUMBER}{_UNIT}|{_NUMBER}\s{_UNIT}[\s,]{{1,2}}{_NUMBER}\s?{_UNIT}",
    rf"{_NUMBER}\s?{_UNIT}\s?(?:,\s)?(?:and|und|et|y|e|\+|&)\s?{_NUMBER}\s?{_UNIT}",
    rf"{_NUMBER}\s?{_UNIT}?\s?(?:-|–|—|to|bis|or|oder|ou|à|a|o|u|\.\.)\s?{_NUMBER}\s?{_UNIT}",
    rf"{_NUMBER}(?:y|mo|w|d)\s{_NUMBER}\s?(?:h|hrs?|hours?|min|std)|{_NUMBER}w\s{_NUMBER}d|{_NUMBER}(?:y|mo)\s{_NUMBER}(?:mo|w|d)",
    # neither more nor less is said
    rf"{_ABOUT}\s?(?:{_NUMBER}|an?|one|eine?n?|une?)\s?{_UNIT}",
    (
        rf"{_NUMBER}\s?(?:\+\s?{_UNIT}|{_UNIT}(?:\+|\s(?:or\s(?:more|so|longer|less)|min(?:imum|imal)?|max(?:imum|imal)?|"
        r"oder\s(?:mehr|l[äa]nger|so)|ou\splus|o\sm[áa]s|tops|at\s(?:least|most))))"
    ),
    (
        rf"(?:an?\s(?:couple|few)(?:\sof)?|a\sfew|some|several|ein\spaar|einige|mehrere|quelques|plusieurs|unos|unas|"
        rf"algun[oa]s|alcun[ie]|qualche|enkele|uns|umas)\s{_UNIT}"
    ),
    rf"(?:an?|one|eine?n?)\s{_UNIT}\s(?:or|oder)\s(?:two|so|zwei)|(?:couple|pair)\sof\s{_UNIT}|one\sand\sa\shalf\s{_UNIT}",
    (
        rf"(?:for\s)?(?:another|weitere)\s{_NUMBER}\s?{_UNIT}|"
        rf"(?:for\s)?{_NUMBER}\s(?:more|additional|further|weitere|extra)\s{_UNIT}"
    ),
    # a number with no unit, or with one that is mistyped
    r"(?:ttl|duration|lifetime|dauer|laufzeit)\s?[:=]?\s?[0-9]{1,9}(?=\s*(?:\Z|[,;:|.)\]]))",
    rf"{_NUMBER}\s?(?:dd|dyas?|dasy|dys|daye|dayd|daya|wekks?|weks|moths|monhts|motnhs)",
    r"for\s(?:a\swhile|now|the\smoment|some\stime)|f[üu]r\s(?:jetzt|eine\sweile)|pour\sl['’]instant|por\sahora",
    # days that only a calendar tells, parts of a unit, units of another kind
    rf"(?:{_NUMBER}|[^\W\d_]{{2,9}})\s?(?:{_WORKING})",
    rf"(?:{_NUMBER}\s?)?[½¼¾]\s?{_UNIT}|{_NUMBER}/{_NUMBER}\s{_UNIT}|(?:eineinhalb|anderthalb|einundeinhalb)\s{_UNIT}",
    r"(?:[0-9]{1,2}|an?|one|two|eine?n?|zwei|une?|deux)\s?(?:quarters?|quartale?|trimest(?:res?|ri|er)|decades?)",
    rf"{_NUMBER}\s?(?:t|wo|sem|tg|mon)\.?",
    rf"(?:for|f[üu]r|pour|por|per|voor)\s{_NUMBER}(?=\s*(?:\Z|[,;:|.)\]]))",
    # as part of another word
    (
        rf"(?:[1-9][0-9]{{0,3}}|{_IN_WORDS})[-‐‑–](?:days?|weeks?|months?|years?|tage?|wochen?|monate?|jahre?|"
        rf"t[äa]gig(?:e[rsn]?)?|w[öo]chig(?:e[rsn]?)?|monatig(?:e[rsn]?)?|j[äa]hrig(?:e[rsn]?)?)(?:[-‐‑–\s]{_BLOCK})?"
    ),
    rf"{_NUMBER}\s(?:tage?s?|wochen|monate?s?|jahre?s?)-{_BLOCK}",
    # weeks and quarters by their number
    r"(?:kw|cw|week|woche|semaine|semana|settimana)\s?[0-9]{1,2}(?:[\s/]{1,2}20[0-9]{2})?",
    r"20[0-9]{2}[\s/-]?w[0-9]{1,2}|w[0-9]{2}[\s/-]?20[0-9]{2}",
    r"h[12][\s/-]{0,2}20[0-9]{2}|w/o\s(?:expiry|expiration|end(?:\sdate)?)",
    r"(?:q[1-4]|[1-4]q|[1-4]\.\s?quartal)(?:[\s/-]{0,2}(?:20)?[0-9]{2})?|20[0-9]{2}[\s/-]?q[1-4]",
    # days without a year, months without a day, a year
    (
        rf"(?:{_MONTH})\.?\s(?:[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\W{{1,3}}[0-9]{{2}})|"
        rf"(?:[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th|\.)?\s"
        rf"(?:{_MONTH})\.?(?!\W{{1,3}}(?:de\s|of\s)?[0-9]{{2}})"
    ),
    r"(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])/(?:1[3-9]|2[0-9]|3[01])",
    r"20[2-9][0-9][-/](?:0[1-9]|1[0-2])",
    # days that a calendar tells
    rf"(?:by|before)\s(?:{_WEEKDAY})",
    rf"(?:end\sof|ende|fin)\s(?:{_MONTH})\.?",
    (
        r"(?:year|quarter|month|week)['’]?s?\send|close\sof\sbusiness|cob|eob|fin\s(?:de\sa[ñn]o|d['’]ann[ée]e|de\smes)|"
        r"fine\s(?:mese|anno|settimana)|fi(?:m|nal)\sd[eo]\s(?:m[êe]s|ano|mes)|eind(?:e)?\s(?:van\s)?(?:de\s|het\s)?"
        r"(?:maand|jaar|week)"
    ),
    (
        r"(?:la\s|le\s)?(?:semaine|mois|ann[ée]e)\s(?:prochaine?)|(?:la\s)?semana\sque\sviene|(?:el\s)?mes\sque\sviene|"
        r"pr[óo]xim[oa]\s(?:semana|mes|m[êe]s|a[ñn]o)|prossim[oa]\s(?:settimana|mese|anno)|volgende\s(?:week|maand)"
    ),
)
_LOOSE = later(lambda: re.compile(rf"(?<![\w./@-])(?:{'|'.join(_FORMS)})(?![\w@]|[-./:'’%][\w])", re.IGNORECASE))
_LOOSE_MARK = re.compile(rf"[<>≤≥~≈]=?\s?{_NUMBER}\s?{_UNIT}(?![\w@])", re.IGNORECASE)
#: What says no more than that there is an end, where nothing else stands beside it.
_ALONE = re.compile(
    r"(?:temp(?:orary|orarily)?|tempor[äa]r|vor[üu]bergehend|temporaire(?:ment)?|provisoire(?:ment)?|temporal(?:mente)?|"
    r"temporane(?:o|amente)|tijdelijk|tempor[áa]ri[oa]|this\s(?:week(?:end)?|month|year)|always|∞|(20[2-9][0-9]))(?:\sblock)?",
    re.IGNORECASE,
)
#: A part of a reason. A full stop behind an abbreviation or a number doesn't end it.
_PART = re.compile(
    r"(?:[^,;:|()\[\]{}!\n.]|\.(?=\S)|(?<=mind)\.|(?<=max)\.|(?<=min)\.|(?<=ca)\.|(?<=approx)\.|(?<=[0-9])\.)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
#: What the first word of a loose end can begin with, beside a figure and a mark.
_FIRST = re.compile(
    r"[0-9½¼¾<>≤≥~≈]|(?:at|no|more|less|longer|min|max|mind|up|about|around|approx|roughly|circa|ca|etwa|ungef|rund|au|"
    r"environ|al|como|almeno|minst|hoog|ongeveer|pelo|a|an|some|several|ein|eine|einige|mehrere|quelques|plusieurs|unos|"
    r"unas|alcun|qualche|enkele|uns|umas|un|une|one|two|zwei|deux|couple|pair|another|weitere|ttl|duration|lifetime|dauer|laufzeit|for|f[üu]r|pour|por|per|voor|kw|cw|w|h[12]|week|woche|"
    r"semaine|semana|settimana|q|jan|feb|f[ée]v|mar|m[äa]rz|apr|avr|abr|jun|juin|jul|juil|aug|ao|ago|sep|o[ck]t|nov|de[cz]|"
    r"d[ée]c|dic|by|before|end|ende|fin|year|quarter|month|close|cob|eob|fine|fim|final|eind|la|le|el|mois|ann|mes|"
    r"pr[óo]xim|prossim|volgende|three|four|five|six|ten|thirty|sixty|ninety|drei|sechs|neunzig|wenigstens|h[öo]chst|anderthalb|[^\W\d_]{2,9}\s(?:work|busi|calend|werk|arbeit|jour))",
    re.IGNORECASE,
)
#: A loose end has so many words at most.
_MOST_WORDS = 6
_LONGEST = 80
_AROUND = " \t\"'“”„‘’.–—-"
#: So many parts of a reason are looked at, at its beginning and at its end.
_MOST_PARTS = 16
_BEFORE = re.compile(r"([^\W\d_]+)\W*\Z")
_BEHIND = re.compile(r"\W*([^\W\d_]+)")
#: Said of all hours, of a date that everybody knows, of two halves.
_NO_DATES = frozenset({"24/7", "7/24", "9/11"})


def loose_end_in(text: str, *, today: date) -> tuple[int, int] | None:
    """Where in a reason something says how long and gives no day; None where nothing does. `today` is in UTC."""
    bare = text.strip(" \t\r\n.,;:!()[]")
    if (alone := _ALONE.fullmatch(bare)) and (alone[1] is None or int(alone[1]) >= today.year):
        start = text.index(bare)
        return start, start + len(bare)
    parts = [match.span() for match in _PART.finditer(text)]
    if len(parts) > 2 * _MOST_PARTS:
        parts = parts[:_MOST_PARTS] + parts[-_MOST_PARTS:]
    return next(filter(None, (_loose_in(text, start, end) for start, end in parts)), None)


def _loose_in(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A loose end that begins or ends a part of a reason."""
    end = start + len(text[start:end].rstrip(_AROUND))
    start += len(text[start:end]) - len(text[start:end].lstrip(_AROUND))
    words = [match.start() for match in _WORD.finditer(text, max(start, end - _LONGEST), end)]
    for at in dict.fromkeys([start, *words[-_MOST_WORDS:]]):
        if _FIRST.match(text, at) is None:
            continue
        match = _LOOSE().match(text, at) or _LOOSE_MARK.match(text, at)
        if match is None or not (at == start or match.end() >= end) or match[0] in _NO_DATES or _tells(text, match):
            continue
        found = lifetime_at(text, at)
        if found is None or found.end != match.end():
            return match.span()
    return None


def _tells(text: str, match: re.Match[str]) -> bool:
    """Whether the words beside it make it a part of a story."""
    before, behind = _BEFORE.search(text[max(0, match.start() - 30) : match.start()]), _BEHIND.match(text, match.end())
    first = match[0].split(maxsplit=1)[0].lower()
    return (
        (before is not None and before[1].lower() in STORY_BEFORE - {"only", "just", "exactly"})
        or (behind is not None and behind[1].lower() in STORY_AFTER)
        or first in {"all", "every"}
    )
