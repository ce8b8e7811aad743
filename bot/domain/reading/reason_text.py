"""What stands behind the indicators of a command: how long, if it is said, and the reason.

How long may stand before the reason or at its end. Where something in the middle of it looks like an end, or nobody
could tell whether a length is the entry's or part of a story (`seen for 2 weeks`), it is asked about: an entry that
ends another day than meant is not noticed until it is too late. What happened in the past is part of the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.indicators.typed_text import BIDI_CONTROLS, DASHES, plain_quotes, quoted
from bot.domain.reading.dates import names_month
from bot.domain.reading.durations import Lifetime, TypedLifetime, lifetime_at, may_be_lifetime, until_at
from bot.domain.reading.lengths import Unit
from bot.domain.reading.loose_ends import loose_end_in
from bot.domain.reading.odd_ends import NUMBERED, odd_end_at
from bot.domain.reading.reason_words import (
    AGE_BEFORE,
    DESCRIBED_AFTER,
    DESCRIBED_IN_WORDS,
    DOUBT_AFTER,
    DOUBT_BEFORE,
    END_WORDS,
    LEADING_DOUBT,
    OF_THE_END,
    POLITE,
    SEEN,
    STORY_AFTER,
    STORY_BEFORE,
    STORY_VERBS,
    STRESSING,
    VAGUE,
)
from bot.errors import InvalidDuration

_HOW = "Type how long behind the indicators, such as 30d or 2030-12-31, or choose it in the form."
_ONE_END = "Type one of them behind the indicators, or choose it in the form."
_LOOKED_AT = 3_000  #: characters of a reason; Slack takes no longer text
_SHOWN = 80
#: So many words are looked at from either end. A reason with more of them is longer than any that is taken.
_MOST_WORDS = 200
#: `CVE`, `PR`: a number behind it is its own.
_LONGEST_SHORT_NAME = 7

#: Before a date: it is the end of something, and beside another end most likely the entry's.
_ENDS = frozenset({"expires", "expiry", "expiring", "ends", "ending", "end"})
_WORDS = re.compile(r"\S+")
_PARTS = re.compile(r"(?:[^,;|，；、]|(?<=[0-9]),(?=[0-9]))+")
_AROUND = "+*\"“”„'’‘`()[]{}<>,;:.!?…"
#: What may end what stands around how long.
_CLOSERS = "*\"”»)]}>'’`.!"
#: Between the words of an end: `end of March`.
_BETWEEN = frozenset({"of", "the", "des", "der", "du", "de"})
#: Behind how long: it is a part of something else.
_GOES_ON = re.compile(r"/|\.{2,3}[0-9]")
#: Before `a week`: it says how often.
_RATE = re.compile(r"(?:[0-9]+|once|twice|thrice|times|several|many|mails|messages|attempts)\W+(?:[^\W\d_]+\W+)?\Z")
_FROM_NOW = re.compile(r"\s?(?:from\s(?:now|today)(?:\son)?|ab\s(?:jetzt|heute|sofort))(?!\w)[.)]?", re.IGNORECASE)
#: In front of a reason: what it is.
NAMED = re.compile(
    r"(?:reason|why|grund|begründung|motif|raison|motivo|razón|comment|kommentar|commentaire)\s?[:=]\s?", re.IGNORECASE
)
_NUMBER = re.compile(r"[0-9]{1,3}")
_SINGULAR = re.compile(r"(?<![^\W\d_])(?:day|week|month|year)\Z", re.IGNORECASE)
#: Numbers that are as likely a number of days, and what makes them a count of something: `30 mails`, `30 phish mails`.
_LIKE_DAYS = frozenset({"7", "14", "28", "30", "45", "60", "90", "120", "180", "365"})
_COUNTED = re.compile(r"\s*[^\w\s]|\s+(?:[^\W\d_]+\s+)?[^\W\d_]{3,}s(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonText:
    """How long, and why. Where it has to be asked how long, `doubt` says why; then the reason is all of the text."""

    lifetime: Lifetime | None = None
    reason: str = ""
    doubt: InvalidDuration | None = None
    typed: str = ""  #: what the doubt is about


@dataclass(frozen=True, slots=True)
class _Word:
    text: str  #: in small letters, without the punctuation around it
    start: int
    end: int


def read_reason(text: str, *, today: date) -> ReasonText:
    """Read what stands behind the indicators. `today` (UTC) is the first day that can be an end. Never raises."""
    start = len(text) - len(text.lstrip(f"{DASHES},;:| \t\r\n"))
    words = list(_words(text, start))
    if len(words) > 2 * _MOST_WORDS:
        words = words[:_MOST_WORDS] + words[-_MOST_WORDS:]
    if not words:
        return ReasonText()
    begins_with_until = until_at(text, words[0].start) is not None
    loose = None if begins_with_until else loose_end_in(text[:_LOOKED_AT], today=today)
    if loose is not None:
        return _asked(text, text[loose[0] : loose[1]], "doesn't say on which day the entry is to end")
    found = _leading(text, words, today) or _vague(text, words) or _behind(text, words, today)
    named = NAMED.match(found.reason) if found.doubt is None else None
    found = replace(found, reason=tidy(found.reason[named.end() :])) if named else found
    return replace(found, reason="") if found.lifetime is not None and _says_no_more(found.reason) else found


def _says_no_more(reason: str) -> bool:
    """Whether what is left beside how long only belongs to that: `valid`, `next`, `please block`."""
    return len(reason) <= _SHOWN and all(
        word.text in OF_THE_END for word in _words(reason, 0) if any(map(str.isalnum, word.text))
    )


def tidy(text: str) -> str:
    """One line with plain quotation marks, without what can't be stored or would turn the text around."""
    plain = plain_quotes(text)
    kept = plain if plain.isascii() and plain.isprintable() else "".join(map(_kept, plain))
    return " ".join(kept.split()).lstrip(f"{DASHES},;:| ").rstrip(",;| ")


def is_descriptive(found: TypedLifetime, text: str) -> bool:
    """Whether a length at the beginning only tells of something: `2 days ago`, `5 minutes after the first`."""
    if found.length is None:
        return False
    following = next(_words(text, found.end), None)
    if following is None or found.marked:
        return False
    if following.text in STORY_AFTER:
        return True
    is_short = found.length.in_words or found.length.unit in {Unit.MINUTES, Unit.HOURS}
    return is_short and following.text in DOUBT_AFTER


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cs"} or character in BIDI_CONTROLS else character


def _words(text: str, start: int) -> Iterator[_Word]:
    for match in _WORDS.finditer(text, start):
        if match[0].isalnum():
            yield _Word(match[0].lower(), match.start(), match.end())
            continue
        # A comma parts words without a space as well, but for those in a link.
        is_whole = "/" in match[0] and "://" in match[0]
        for part in [match] if is_whole else _PARTS.finditer(text, match.start(), match.end()):
            bare = part[0].lstrip(_AROUND)
            unmarked = bare.lstrip(DASHES)  # `--until 2030-12-31`
            bare = unmarked if unmarked[:1].isalpha() else bare
            begin = part.end() - len(bare)
            bare = bare.rstrip(_AROUND)
            if bare and bare not in DASHES:
                yield _Word(bare.lower(), begin, begin + len(bare))


def _leading(text: str, words: Sequence[_Word], today: date) -> ReasonText | None:
    """How long, where it stands first."""
    first = words[0]
    found = lifetime_at(text, first.start)
    if found is None:
        if (after := until_at(text, first.start)) is not None:
            return _until_something(text, first.start, after)
        if (why := _may_be_days(text, words)) is not None:
            return _asked(text, first.text, why)
        return _asked(text, first.text, "names no date") if len(words) == 1 and first.text in END_WORDS else None
    if first.text[0].isdigit() and first.start and text[first.start - 1] in DASHES and found.length is not None:
        return _asked(text, text[first.start - 1 : found.end], "can be meant as a length of time, or as something else")
    if _GOES_ON.match(text, found.end):
        return _asked(text, text[found.start :].split(maxsplit=1)[0], "isn't one length of time")
    return None if is_descriptive(found, text) else _first(text, words, found, today)


def _may_be_days(text: str, words: Sequence[_Word]) -> str | None:
    """Why the number that stands first has to be asked about: `90`, `90 phish`; None for another, and for a count."""
    first = words[0]
    if len(words) == 1:
        return "is a number without a unit" if _NUMBER.fullmatch(first.text) else None
    stands_alone = text[first.end : first.end + 1].isspace() and _COUNTED.match(text, first.end) is None
    return "can be a number of days, or part of the reason" if first.text in _LIKE_DAYS and stands_alone else None


def _first(text: str, words: Sequence[_Word], found: TypedLifetime, today: date) -> ReasonText:
    typed = text[found.start : found.end]
    is_seen = found.length is None and found.day is None and SEEN.match(text[found.end :].lstrip().lower())
    if is_seen or (found.is_weak and text[found.end :].lstrip(_CLOSERS + " ")[:1].isalpha()):
        return _asked(text, typed, "can be meant as an entry without an end, or as part of the reason")
    following = next((word for word in words if word.start >= found.end), None)
    if following is not None and (following.text in DOUBT_AFTER or _is_described(text, found, following)):
        return _asked(text, typed, "can be meant as the entry's time, or as part of the reason")
    reason = _behind_first(text, found)
    try:
        lifetime = found.lifetime(text, today=today)
    except InvalidDuration as error:
        return ReasonText(reason=reason, doubt=error, typed=typed)
    second = _second(text, words, found, today)
    if second is None:
        return ReasonText(lifetime=lifetime, reason=reason)
    if second.lifetime == lifetime:
        return ReasonText(lifetime=lifetime, reason=second.reason)
    other = str(second.lifetime) if second.lifetime is not None else second.typed
    doubt = InvalidDuration(f"{quoted(text)} names several ends: {typed.strip()}, {other.strip()}.", _ONE_END)
    return ReasonText(reason=tidy(text), doubt=doubt, typed=text.strip())


def _is_described(text: str, found: TypedLifetime, following: _Word) -> bool:
    """Whether the word directly behind a length can be what it is a length of: `1day exploit`, `2 day campaign`."""
    if found.length is None or found.marked or text[found.end : following.start].strip(" \t"):
        return False
    if following.text in DESCRIBED_AFTER:
        return True
    is_singular = _SINGULAR.search(text, found.start, found.end) is not None
    return is_singular and found.length.count > 1 and following.text in DESCRIBED_IN_WORDS


def _behind_first(text: str, found: TypedLifetime) -> str:
    """The reason behind how long, without what belongs to that: `30d.`, `(30d)`, `30 days from now`."""
    behind = text[found.end :].lstrip(_CLOSERS)
    from_now = _FROM_NOW.match(behind)
    return tidy(behind[from_now.end() :] if from_now else behind)


def _second(text: str, words: Sequence[_Word], first: TypedLifetime, today: date) -> ReasonText | None:
    """Another end behind the one that stands first; what may be part of a story is one there."""
    following = [word for word in words if word.start >= first.end]
    if not following:
        return None
    found = lifetime_at(text, following[0].start)
    behind = next((word for word in following if found is not None and word.start >= found.end), None)
    if found is not None and not is_descriptive(found, text) and (behind is None or behind.text not in DOUBT_AFTER):
        is_seen = found.length is None and found.day is None and SEEN.match(text[found.end :].lstrip().lower())
        try:
            return (
                None
                if is_seen
                else ReasonText(lifetime=found.lifetime(text, today=today), reason=_behind_first(text, found))
            )
        except InvalidDuration:
            return None
    read = _vague(text, following) or _behind(text, following, today)
    if read.lifetime is not None:
        return ReasonText(lifetime=read.lifetime, reason=tidy(read.reason[len(tidy(text[: first.end])) :]))
    if read.doubt is None:
        return None
    before = text[first.end : text.find(read.typed, first.end)].split()[-1:]
    is_plain = until_at(f"{read.typed} ", 0) is not None or VAGUE.match(read.typed) or "".join(before).lower() in _ENDS
    return read if is_plain else None


def _until_something(text: str, start: int, after: int) -> ReasonText:
    """`until Friday`: an end that only a person can make a date of."""
    end = after
    for word in _words(text, after):
        is_between = end != after and word.text in _BETWEEN
        if not (is_between or word.text in END_WORDS or names_month(word.text) or word.text[0].isdigit()):
            break
        end = word.end
    if end == after:
        return _asked(text, text[start : start + _SHOWN], "names no date")
    typed = text[start:end].strip()
    return ReasonText(reason=tidy(text[end:].lstrip(_CLOSERS)), doubt=_doubt(typed, "names no date"), typed=typed)


def _vague(text: str, words: Sequence[_Word]) -> ReasonText | None:
    """`end of year` at the beginning or at the end."""
    if match := VAGUE.match(text, words[0].start):
        return ReasonText(reason=tidy(text[match.end() :]), doubt=_doubt(match[0], "names no date"), typed=match[0])
    for word in words[-5:]:
        if (match := VAGUE.match(text, word.start)) and not text[match.end() :].strip(_AROUND + " "):
            return _asked(text, match[0], "names no date")
    return None


def _behind(text: str, words: Sequence[_Word], today: date) -> ReasonText:
    """How long, where it stands at the end; or a question, where something in the reason looks like it."""
    last = len(words) - 1
    while last > 0 and words[last].text in POLITE:
        last -= 1
    passed = -1
    for index, word in enumerate(words[: last + 1]):
        if word.start < passed or word.start > _LOOKED_AT:
            continue
        is_worth_it = may_be_lifetime(text, word.start)
        found = lifetime_at(text, word.start) if is_worth_it else None
        if found is None and not is_worth_it:
            judged = _odd(text, words, index, today)
        elif found is None:
            judged = _until_inside(text, words, index) or _odd(text, words, index, today)
        else:
            passed = found.end
            judged = _judged(text, words, index, found, today, is_last=found.end >= words[last].end)
        if judged is not None:
            return judged
    return ReasonText(reason=tidy(text))


def _until_inside(text: str, words: Sequence[_Word], index: int) -> ReasonText | None:
    """`until Friday` inside or at the end of a reason; `blocked until we know more` is an ordinary sentence."""
    after = until_at(text, words[index].start)
    if after is None or index + 1 >= len(words):
        return None
    following = words[index + 1]
    if following.text in END_WORDS - {"the"} or names_month(following.text) or VAGUE.match(text, following.start):
        return _asked(text, text[words[index].start : following.end], "names no date")
    return None


def _odd(text: str, words: Sequence[_Word], index: int, today: date) -> ReasonText | None:
    word, before = words[index], words[index - 1].text if index else ""
    end = odd_end_at(text, word.start, word.end, before=before, leads=index == 0, today=today)
    if end is None or before in STORY_BEFORE:
        return None
    return _asked(text, text[word.start : end], "looks like an end: it isn't clear whether the entry is to end then")


def _judged(
    text: str, words: Sequence[_Word], index: int, found: TypedLifetime, today: date, *, is_last: bool
) -> ReasonText | None:
    """What a lifetime that stands somewhere in the reason is: the entry's, a question, or None for part of a story."""
    before = words[index - 1].text if index else ""
    typed = text[found.start : found.end]
    if found.day is not None and not any(day > today for day in found.day.days) and found.day.days:
        return None  # it was
    if found.day is None and found.length is None:
        return _endless(text, found, before) if is_last else None
    leads = index == 1 and before in STRESSING | LEADING_DOUBT and not _goes_on_telling(text, found)
    if found.length is not None and not leads and _tells(text, found, before, is_last=is_last):
        return None
    if not is_last or (leads and before in LEADING_DOUBT) or _is_doubtful(text, words, index, found):
        return _asked(text, typed, "stands in the reason: it isn't clear whether the entry is to end then")
    try:
        return ReasonText(lifetime=found.lifetime(text, today=today), reason=_before(text, found))
    except InvalidDuration as error:
        return ReasonText(reason=_before(text, found), doubt=error, typed=typed)


def _goes_on_telling(text: str, found: TypedLifetime) -> bool:
    following = next(_words(text, found.end), None)
    return is_descriptive(found, text) or (following is not None and following.text in DOUBT_AFTER)


def _tells(text: str, found: TypedLifetime, before: str, *, is_last: bool) -> bool:
    """Whether a length is part of a story beyond doubt."""
    length = found.length
    if length is None or (found.marked and is_last):
        return False
    if before in STORY_BEFORE or is_descriptive(found, text):
        return True
    if length.in_words and not found.marked:
        return not is_last or (length.count == 1 and _RATE.search(text, 0, found.start) is not None)  # `3 mails a day`
    if length.unit in {Unit.MINUTES, Unit.UNSURE}:
        return not is_last or not length.tight
    return length.unit is Unit.HOURS and before == "in" and not is_last


def _is_doubtful(text: str, words: Sequence[_Word], index: int, found: TypedLifetime) -> bool:
    """Whether what stands at the end can be part of the sentence before it just as well."""
    if found.marked:
        return found.length is not None and any(word.text in STORY_VERBS for word in words[max(0, index - 4) : index])
    before = words[index - 1] if index else None
    if before is None:
        return False
    gap = text[before.end : found.start].strip()
    tells_age = before.text in AGE_BEFORE and "," not in gap and found.length is not None
    if gap and ":" not in gap and not tells_age:
        return False  # a comma sets it apart
    if tells_age or before.text in DOUBT_BEFORE:
        return True
    if found.length is not None:
        return found.length.in_words
    typed = text[before.start : before.end]
    return before.text in NUMBERED or (typed.isupper() and len(typed) < _LONGEST_SHORT_NAME)


def _before(text: str, found: TypedLifetime) -> str:
    before = text[: found.start]
    before = before[:-1] if before.endswith(('"', "“", "„", "«", "`")) else before
    return tidy(before.rstrip(f" ([{{+{DASHES}"))


def _endless(text: str, found: TypedLifetime, before: str) -> ReasonText:
    typed = text[found.start : found.end]
    reason = text[: found.start].rstrip()
    if found.marked or before.startswith("block") or reason.endswith((",", ";", ":", "(", *DASHES)):
        return ReasonText(lifetime=Lifetime(), reason=tidy(reason.rstrip("(")))
    return _asked(text, typed, "can be meant as an entry without an end, or as part of the reason")


def _asked(text: str, typed: str, why: str) -> ReasonText:
    return ReasonText(reason=tidy(text), doubt=_doubt(typed, why), typed=typed)


def _doubt(typed: str, why: str) -> InvalidDuration:
    return InvalidDuration(f"{quoted(typed.strip())} {why}.", _HOW)
