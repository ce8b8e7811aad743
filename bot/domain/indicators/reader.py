"""Reading what people type or paste: defanged or not, in Slack's forms or not, into one normal form for each kind.

The readers of the single kinds are in the modules beside this one; this is the face that everybody else imports.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.domain.indicators.addresses import read_address
from bot.domain.indicators.domains import read_domain
from bot.domain.indicators.file_hashes import looks_like_hash, read_hash
from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.ipv4 import looks_like_ipv4, read_ipv4
from bot.domain.indicators.ipv6 import looks_like_ipv6, read_ipv6
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.spoof_pairs import read_spoof_pair, split_pair
from bot.domain.indicators.typed_text import make_plain, quoted, unescape, unwrap
from bot.domain.indicators.urls import looks_like_url, read_url
from bot.errors import InvalidIndicator

_KINDS = "an IP address, a domain, a mail address, a URL, a file's SHA-256, or a pair ‘user, infrastructure’"
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def read(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read one indicator from what a person typed or pasted, and give it its kind, its normal form and notes.

    `accepted_domains` are the tenant's own: they, what lies under them and what covers them get a note. Raises
    InvalidIndicator, and nothing else, whatever the text.

    A text without scheme, path, port and tilde is a domain rather than a URL: `evil.example` is a sender,
    `https://evil.example` a link.
    """
    plain, notes = _plain(text)
    indicator = _read_plain(plain, typed=text, accepted_domains=accepted_domains)
    return _with_notes(indicator, notes)


def read_as(kind: Kind, text: str, *, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read a text whose list is known, such as an entry of the list of URLs: there `evil.example` is a URL.

    Raises InvalidIndicator when the text is no indicator of that kind. `read_as(i.kind, i.value)` gives `i.value` back.
    Only this reads a connection filter policy, which people don't type: its name is taken as it stands.
    """
    if kind is Kind.FILTER_POLICY:
        return _read_policy(text)
    plain, notes = _plain(text)
    if kind is Kind.URL:
        indicator = read_url(plain, typed=text, accepted_domains=accepted_domains)
    else:
        indicator = _read_plain(plain, typed=text, accepted_domains=accepted_domains)
    if indicator.kind is not kind:
        raise InvalidIndicator(
            f"{quoted(text)} reads as {indicator.kind.replace('_', ' ')}, not as {kind.replace('_', ' ')}."
        )
    return _with_notes(indicator, notes)


def recorded(kind: Kind, value: str) -> Indicator:
    """An indicator that was written down as its kind and value, with the notes that it had. Never raises.

    What the rules for new entries refuse stays as it was written down: it stands for an entry that exists.
    """
    try:
        indicator = read_as(kind, value)
    except InvalidIndicator:
        return Indicator(kind=kind, value=value)
    return indicator if indicator.value == value else Indicator(kind=kind, value=value)


def _plain(text: str) -> tuple[str, tuple[Note, ...]]:
    made = make_plain(text)
    # Unwrapped before and after: `(evil[.]example)` and `evil[.]example[.]` both end as evil.example.
    plain = unwrap(refang(unwrap(unescape(unlink(made.text)))))
    if not plain:
        what = f"{quoted(text)} names nothing." if text.strip() else "Nothing was typed."
        raise InvalidIndicator(what, f"Type {_KINDS}.")
    return plain, made.notes


def _with_notes(indicator: Indicator, notes: tuple[Note, ...]) -> Indicator:
    if not notes:
        return indicator
    return Indicator(kind=indicator.kind, value=indicator.value, notes=distinct(indicator.notes, notes))


def _read_plain(text: str, *, typed: str, accepted_domains: frozenset[str]) -> Indicator:
    if read_number := _reader_of_numbers(text):
        return read_number(text, typed=typed)
    if " " in text and "," not in text and "@" not in text:
        raise InvalidIndicator(f"{quoted(typed)} is more than one word, and not one indicator.", f"Type {_KINDS}.")
    read_name = _reader_of_names(text)
    return read_name(text, typed=typed, accepted_domains=accepted_domains)


def _reader_of_numbers(text: str) -> Callable[..., Indicator] | None:
    if looks_like_hash(text):
        return read_hash
    if looks_like_ipv4(text):
        return read_ipv4
    return read_ipv6 if looks_like_ipv6(text) else None


def _reader_of_names(text: str) -> Callable[..., Indicator]:
    if _MAILTO.match(text):
        return _read_mailto
    first, *others = split_pair(text)
    if others and not _SCHEME.match(text) and not re.search(r"[/?]", first):
        return read_spoof_pair
    if looks_like_url(text):
        return read_url
    if text.startswith("@") and "." in text:
        return _read_at_domain
    if "@" in text:
        return read_address
    # A star that is neither `*.` nor `/*` is refused by either; the reader of URLs explains it better.
    return read_url if "*" in text.removeprefix("*.") or text == "*" else read_domain


def _read_policy(text: str) -> Indicator:
    if not text.strip() or not text.isprintable():
        raise InvalidIndicator(f"{quoted(text)} is no connection filter policy's name.")
    return Indicator(kind=Kind.FILTER_POLICY, value=text)


def _read_at_domain(text: str, *, typed: str, accepted_domains: frozenset[str]) -> Indicator:
    """`@evil.example` is how people write "everybody at evil.example"."""
    return read_domain(text[1:], typed=typed, accepted_domains=accepted_domains)


def _read_mailto(text: str, *, typed: str, accepted_domains: frozenset[str]) -> Indicator:
    address, question_mark, _ = text[len("mailto:") :].partition("?")
    read_one = read_address(address, typed=typed, accepted_domains=accepted_domains)
    if not question_mark:
        return read_one
    note = Note(code=NoteCode.QUERY_STRIPPED, text="What follows the ? was left out: it belongs to the mail link.")
    return _with_notes(read_one, (note,))
