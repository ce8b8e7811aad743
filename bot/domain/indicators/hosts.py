"""Names of hosts and domains: one normal form (lower case, Punycode), what is allowed in it, and what to know of it.

Unicode goes through UTS 46 (non-transitional) and IDNA 2008. ASCII names are held against the rules of DNS only, so
that names which exist (`a_b.example`, `r3---x.example`, `xn--n3h.example`) can be listed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import can_ada
import idna
from publicsuffixlist import PublicSuffixList

from bot.domain.indicators.indicator import Note, NoteCode
from bot.domain.indicators.ipv4 import browser_reading, odd_spelling
from bot.domain.indicators.settled_letters import settled_label, settled_name
from bot.domain.indicators.typed_text import DASHES, folded_note, quoted, shown
from bot.errors import InvalidIndicator

MAX_NAME = 253
MAX_LABEL = 63
_MOST_UNICODE = 2 * MAX_NAME

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_TOP_LEVEL = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: What nearly all names look like, and no rule here refuses, unless they are too long or a file's.
_ORDINARY = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?P<top_level>[a-z][a-z0-9-]{0,61}[a-z0-9])")

#: Top-level names that are set aside or used inside companies: not in the public suffix list, and still seen in mail.
_SPECIAL_NAMES = "example test invalid localhost local localdomain internal intranet lan home corp private onion alt"
_SPECIAL_SUFFIXES = frozenset(_SPECIAL_NAMES.split())
_FILE_NAMES = """
    7z bat bin bmp cab cmd csv dll dmg doc docm docx eml exe gif gz hta htm html ics img iso jar jpeg jpg js json lnk
    log mp3 mp4 msg msi odt one pdf php png ppt pptm pptx ps1 rar rtf scr svg tar tif tiff tmp txt vbs vhd wav webp
    wsf xls xlsb xlsm xlsx xml yaml yml
"""
#: Extensions of files that are no top-level domains: `invoice.pdf` names a file, not a host.
_FILE_EXTENSIONS = frozenset(_FILE_NAMES.split())
#: Scripts that are written together in ordinary words (UTS 39, "highly restrictive"): Japanese, Chinese, Korean.
_ORDINARY_MIXES = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host's name in its normal form."""

    name: str
    notes: tuple[Note, ...] = ()


def read_host(text: str, *, typed: str, top_level: bool = False) -> Host:
    """Read a host's name. With `top_level`, a single label is read too (for `*.<TLD>` and `*.<TLD>/*`).

    Raises InvalidIndicator, for numbers that a browser would take for an IPv4 address as well; `typed` is what its
    text repeats.
    """
    name, spelled = (text, {}) if text.isascii() else _to_ascii(text, typed=typed)
    name = name.lower().removesuffix(".")
    if not _is_ordinary(name):
        _check(name, typed=typed, top_level=top_level, text=text)
    notes = list(_unicode_notes(name, spelled))
    if not text.isascii() and not any(note.code == NoteCode.PUNYCODE for note in notes):
        notes.append(folded_note())
    notes.extend(_suffix_notes(name))
    return Host(name=name, notes=tuple(notes))


def own_domain_note(
    name: str, accepted_domains: frozenset[str], *, covers_subdomains: bool = False
) -> tuple[Note, ...]:
    """A note when the name is an accepted domain or under one, or (with `covers_subdomains`) has one under it."""
    if not accepted_domains:
        return ()
    known, above = _own_and_above(accepted_domains)
    if known.isdisjoint(_with_above(name)) and not (covers_subdomains and name in above):
        return ()
    for accepted in accepted_domains:
        own = accepted.strip().lower().rstrip(".")
        if not own:
            continue
        if name == own or name.endswith(f".{own}") or (covers_subdomains and own.endswith(f".{name}")):
            return (Note(code=NoteCode.OWN_DOMAIN, text=f"{own} is one of the tenant's own domains."),)
    return ()


def _with_above(name: str) -> list[str]:
    """A name, and the names above it."""
    labels = name.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


@lru_cache(maxsize=8)
def _own_and_above(accepted_domains: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The accepted domains as names are compared with them, and the names above them."""
    own = frozenset(accepted.strip().lower().rstrip(".") for accepted in accepted_domains) - {""}
    return own, frozenset(above for name in own for above in _with_above(name)[1:])


def is_known_suffix(label: str) -> bool:
    """Whether the label is a top-level domain that exists, or one that is set aside for special use."""
    return label in _SPECIAL_SUFFIXES or _is_listed_suffix(label)


@lru_cache(maxsize=4_096)
def _is_listed_suffix(label: str) -> bool:
    return _suffixes().publicsuffix(label, accept_unknown=False) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _to_ascii(text: str, *, typed: str) -> tuple[str, dict[str, str]]:
    """The name in Punycode, and what its labels in Punycode stand for, as far as that is known."""
    if len(text) > _MOST_UNICODE:  # converting takes long, and no name becomes that much shorter
        raise _too_long(len(text), typed=typed)
    if (settled := settled_name(text)) is not None:
        return settled
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        labels = [label if label.isascii() else idna.alabel(label).decode("ascii") for label in mapped.split(".")]
    except (UnicodeError, IndexError) as error:  # idna.IDNAError is a UnicodeError
        raise _not_a_name(text, str(error), typed=typed) from None
    return ".".join(labels), {}


def _not_a_name(text: str, reason: str, *, typed: str) -> InvalidIndicator:
    if any(character in DASHES[1:] for character in text):
        return InvalidIndicator(
            f"{quoted(typed)} has a typographic dash; names have only the plain hyphen (-).",
            "Type it by hand; Slack and word processors turn two hyphens into a dash.",
        )
    if any(slash in text for slash in "⁄∕⧸"):
        return InvalidIndicator(
            f"{quoted(typed)} has a character that only looks like a slash.", "Type it by hand, with a plain slash (/)."
        )
    if "、" in text:
        return InvalidIndicator(f"{quoted(typed)} is more than one name.", "Write them apart, with a space between.")
    remedy = "Type the name as it stands in the message, or its Punycode form (xn--…)."
    if (browser := _browser_name(text)) and browser != text:
        remedy = f"If you mean what a browser makes of it, type {browser}."
    return InvalidIndicator(f"{quoted(typed)} isn't a valid name: {shown(reason)}.", remedy)


def _browser_name(text: str) -> str | None:
    try:
        return str(can_ada.parse(f"http://{text}/").hostname) or None
    except (ValueError, TypeError):  # not a host; TypeError for text that can't be encoded
        return None


def _is_ordinary(name: str) -> bool:
    """Whether it is plain to see that `_check` has nothing against a name."""
    match = _ORDINARY.fullmatch(name)
    return match is not None and len(name) <= MAX_NAME and match["top_level"] not in _FILE_EXTENSIONS


def _check(name: str, *, typed: str, top_level: bool, text: str) -> None:
    labels = name.split(".")
    if not name or not labels[0]:
        bare = name.strip(".")
        remedy = (
            f"Type {shown(bare)}, or *.{shown(bare)} for its subdomains."
            if "." in bare
            else "Type a name such as evil.example."
        )
        raise InvalidIndicator(f"{quoted(typed)} has nothing before its first dot.", remedy)
    if _NUMERIC.fullmatch(labels[-1]):
        if (browser := browser_reading(text)) == text.removesuffix("."):
            raise InvalidIndicator(
                f"{quoted(typed)} has an IP address where only a name can be.", f"Type {browser} alone if you mean it."
            )
        if browser:
            raise odd_spelling(text, typed=typed)
        raise InvalidIndicator(
            f"{quoted(typed)} ends in a number, so it is no domain; and it is no IPv4 address either.",
            "Type a domain such as evil.example, or four numbers from 0 to 255 such as 203.0.113.7.",
        )
    for label in labels:
        _check_label(label, typed=typed, text=text)
    if len(name) > MAX_NAME:
        raise _too_long(len(name), typed=typed)
    if len(labels) == 1 and not top_level:
        raise _no_dot(name, typed=typed)
    if not _TOP_LEVEL.fullmatch(labels[-1]):
        raise InvalidIndicator(
            f"{quoted(typed)} isn't a domain: ‘{shown(labels[-1], limit=30)}’ can't be a top-level domain "
            "(at least two characters, letters first).",
            "Type a name such as evil.example.",
        )
    if labels[-1] in _FILE_EXTENSIONS and not is_known_suffix(labels[-1]):
        raise InvalidIndicator(
            f"{quoted(typed)} is the name of a file (.{labels[-1]}), not of a host.",
            "Type the file's SHA-256, or the whole URL from which it comes.",
        )


def _too_long(length: int, *, typed: str) -> InvalidIndicator:
    return InvalidIndicator(
        f"{quoted(typed)} is too long for a name: {length} characters, {MAX_NAME} at most.",
        "Type the name as it stands in the message.",
    )


def _no_dot(name: str, *, typed: str) -> InvalidIndicator:
    if name not in _SPECIAL_SUFFIXES and is_known_suffix(name):
        return InvalidIndicator(
            f"{quoted(typed)} is a whole top-level domain, and no sender's own.",
            f"For every sender under it type *.{name}, for links to everything under it *.{name}/*.",
        )
    return InvalidIndicator(
        f"{quoted(typed)} has no dot, so it is no domain, address or URL.",
        f"Type the whole name, such as {shown(name, limit=30)}.example.",
    )


def _check_label(label: str, *, typed: str, text: str) -> None:
    if not label:
        raise InvalidIndicator(f"{quoted(typed)} has two dots in a row.", "Type the name as it stands in the message.")
    if len(label) > MAX_LABEL:
        raise InvalidIndicator(
            f"{quoted(typed)} has a part of {len(label)} characters between dots; {MAX_LABEL} is the most.",
            "Type the name as it stands in the message.",
        )
    if _LABEL.fullmatch(label):
        return
    if label.startswith("-") or label.endswith("-"):
        raise InvalidIndicator(
            f"{quoted(typed)} has a hyphen at the start or the end of a part of the name.",
            "Type the name without it.",
        )
    wrong = next(character for character in label if not re.match(r"[a-z0-9_-]", character))
    remedy = "Names have letters, digits, hyphens and dots, such as evil.example."
    if "%" in text and (browser := _browser_name(text)):
        remedy = f"A browser reads it as {browser}; type that if you mean it."
    what = "a space" if wrong.isspace() else quoted(wrong)
    raise InvalidIndicator(f"{quoted(typed)} isn't a valid name: it can't have {what} in it.", remedy)


def _unicode_notes(name: str, known: dict[str, str]) -> tuple[Note, ...]:
    if "xn--" not in name:
        return ()
    labels = [known.get(label) or _to_unicode(label) for label in name.split(".")]
    spelled = ".".join(labels)
    if spelled == name:
        if not any(label.startswith("xn--") for label in labels):
            return ()
        return (Note(code=NoteCode.PUNYCODE, text=f"{name} is Punycode that stands for no valid Unicode name."),)
    notes = [Note(code=NoteCode.PUNYCODE, text=f"{name} is shown to people as {quoted(spelled)}.")]
    for label in labels:
        scripts = _scripts(label)
        if len(scripts) > 1 and not any(scripts <= mix for mix in _ORDINARY_MIXES):
            named = " and ".join(script.capitalize() for script in sorted(scripts))
            notes.append(
                Note(
                    code=NoteCode.MIXED_SCRIPTS,
                    text=f"{quoted(label)} mixes {named} letters, as names that imitate others do.",
                )
            )
            break
    return tuple(notes)


def _to_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    if (settled := settled_label(label)) is not None:
        return settled
    try:
        return idna.ulabel(label)
    except (UnicodeError, IndexError):  # Punycode that IDNA 2008 doesn't allow, yet DNS does: emoji, for instance
        return label


def _scripts(label: str) -> frozenset[str]:
    """The scripts of the label's letters, by the first word of their Unicode names."""
    return frozenset(map(_script, label)) - {""}


@lru_cache(maxsize=8_192)
def _script(character: str) -> str:
    if unicodedata.category(character) not in {"Lu", "Ll", "Lt", "Lo"}:
        return ""
    first = unicodedata.name(character, "UNKNOWN").split()[0]
    return "CJK" if first == "IDEOGRAPHIC" else first


def _suffix_notes(name: str) -> tuple[Note, ...]:
    if _suffixes().is_public(name, accept_unknown=False):
        return (
            Note(
                code=NoteCode.PUBLIC_SUFFIX,
                text=f"{name} is a public suffix: anybody can register names under it, so it names no single owner.",
            ),
        )
    top_level = name.rpartition(".")[2]
    if not is_known_suffix(top_level):
        return (
            Note(
                code=NoteCode.UNKNOWN_SUFFIX,
                text=f".{top_level} is no top-level domain of the internet: a typing error?",
            ),
        )
    return ()
