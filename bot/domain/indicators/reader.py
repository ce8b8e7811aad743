"""Reading what people type or paste: defanged or not, in Slack's forms or not, into one normal form for each kind.

The readers of the single kinds are in the modules beside this one; this is the face that everybody else imports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.indicators.addresses import read_address
from bot.domain.indicators.damaged_links import is_damaged, refuse_damaged
from bot.domain.indicators.domains import read_domain
from bot.domain.indicators.file_hashes import looks_like_hash, read_hash
from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.ipv4 import looks_like_ipv4, read_ipv4, refuse_numbered_path
from bot.domain.indicators.ipv6 import looks_like_ipv6, read_ipv6
from bot.domain.indicators.labels import Labelled, refuse_unknown_label, refuse_unlistable, take_label
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.plain_forms import PlainForm, plain_form, plain_link
from bot.domain.indicators.refanging import refang_wholly
from bot.domain.indicators.rewritten_links import MOST_LAYERS, find_rewritten, short_link_note, too_many_layers
from bot.domain.indicators.short_forms import is_short_form, refuse_short_forms
from bot.domain.indicators.spoof_pairs import read_spoof_pair, split_pair
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import make_plain, quoted, shown, unescape
from bot.domain.indicators.urls import (
    has_scheme,
    looks_like_url,
    read_url,
    refuse_bare_fragment,
    refuse_bare_port,
)
from bot.errors import InvalidIndicator

_KINDS = "an IP address, a domain, a mail address, a URL, a file's SHA-256, or a pair that begins with the word spoof"
#: `From: SMTP:sender@evil.example` has two. More than so many stand before no value.
_MOST_LABELS = 3


def read(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read one indicator from what a person typed or pasted, and give it its kind, its normal form and notes.

    `accepted_domains` are the tenant's own: they, what lies under them and what covers them get a note. Raises
    InvalidIndicator, and nothing else, whatever the text. A spoof pair is none: whoever means one says so, and
    `read_as` reads it.

    A text without scheme, path, port and tilde is a domain rather than a URL: `evil.example` is a sender,
    `https://evil.example` a link. A label in front (`From:`, `ip4:`) says what is meant, and a link that a service has
    rewritten stands for the one that it leads to.
    """
    return _read_plain(text, accepted_domains) or read_wholly(text, accepted_domains=accepted_domains)


def read_wholly(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """`read` by the way that every text can go: what may stand around a value is looked for, whatever its shape."""
    return _Given.of(text, accepted_domains).read(as_url=False, may_be_pair=False)


def read_as(kind: Kind, text: str, *, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read a text whose list is known, such as an entry of the list of URLs: there `evil.example` is a URL.

    Raises InvalidIndicator when the text is no indicator of that kind. `read_as(i.kind, i.value)` gives `i.value` back.
    Only this reads a connection filter policy, which people don't type: its name is taken as it stands.
    """
    if kind is Kind.FILTER_POLICY:
        return _read_policy(text)
    indicator = _Given.of(text, accepted_domains).read(as_url=kind is Kind.URL, may_be_pair=True)
    if indicator.kind is not kind:
        raise InvalidIndicator(
            f"{quoted(text)} reads as {indicator.kind.replace('_', ' ')}, not as {kind.replace('_', ' ')}.",
            f"Type the {kind.replace('_', ' ')} that is meant.",
        )
    return indicator


def recorded(kind: Kind, value: str, notes: Sequence[Note] = ()) -> Indicator:
    """An indicator that was written down as its kind and value, with the notes that it had. Never raises.

    `notes` are those that were written down with it; what can be told from the value alone is noted anew. What the
    rules for new entries refuse stays as it was written down: it stands for an entry that exists.
    """
    try:
        indicator = read_as(kind, value)
    except InvalidIndicator:
        return Indicator(kind=kind, value=value, notes=tuple(notes))
    anew = indicator.notes if indicator.value == value else ()
    return Indicator(kind=kind, value=value, notes=distinct(tuple(notes), anew))


def _read_plain(text: str, accepted_domains: frozenset[str]) -> Indicator | None:
    """The indicator that a plain text is; None for a text that has to be read wholly. Raises InvalidIndicator."""
    plain = plain_form(plain_link(text) or text)
    if plain is None:
        return None
    form, value = plain
    if (read_number := _PLAIN_NUMBERS.get(form)) is not None:
        return read_number(value, typed=text)
    if form is PlainForm.URL and (_is_short(value) or find_rewritten(value, typed=text) is not None):
        return None
    return _PLAIN_NAMES[form](value, typed=text, accepted_domains=accepted_domains)


def _is_short(url: str) -> bool:
    """Whether a URL is a short link, short for two things, or not as it was."""
    return bool(short_link_note(url)) or is_damaged(url) or ("://" not in url and is_short_form(url))


_PLAIN_NUMBERS: Mapping[PlainForm, Callable[..., Indicator]] = {
    PlainForm.NUMBERS: read_ipv4,
    PlainForm.IPV6: read_ipv6,
    PlainForm.HASH: read_hash,
}
_PLAIN_NAMES: Mapping[PlainForm, Callable[..., Indicator]] = {
    PlainForm.NAME: read_domain,
    PlainForm.ADDRESS: read_address,
    PlainForm.URL: read_url,
}


def _plain(text: str) -> tuple[str, tuple[Note, ...]]:
    made = make_plain(text)
    # Unwrapped before and after: `(evil[.]example)` and `evil[.]example[.]` both end as evil.example.
    plain = unwrap(refang_wholly(unwrap(unescape(unlink(made.text)))))
    if not plain:
        what = f"{quoted(text)} names nothing." if text.strip() else "Nothing was typed."
        raise InvalidIndicator(what, f"Type {_KINDS}.")
    return plain, made.notes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A text made plain, without its labels, and through the services that have rewritten a link."""

    typed: str
    accepted_domains: frozenset[str]
    text: str
    labels: tuple[Labelled, ...]
    is_link: bool  #: a rewritten link's target, which is a URL whatever it looks like
    notes: tuple[Note, ...]

    @classmethod
    def of(cls, typed: str, accepted_domains: frozenset[str]) -> _Given:
        plain, notes = _plain(typed)
        plain, labels = _without_labels(plain, typed=typed)
        target, link_notes = _followed(plain, typed=typed)
        return cls(
            typed=typed,
            accepted_domains=accepted_domains,
            text=target,
            labels=labels,
            is_link=bool(link_notes),
            notes=(*link_notes, *(label.note for label in labels), *notes),
        )

    def read(self, *, as_url: bool, may_be_pair: bool) -> Indicator:
        found = self._read(as_url=as_url, may_be_pair=may_be_pair)
        for label in self.labels:
            label.demand(found.kind, found.value, typed=self.typed)
        if not self.notes:
            return found
        return Indicator(kind=found.kind, value=found.value, notes=distinct(found.notes, self.notes))

    def _read(self, *, as_url: bool, may_be_pair: bool) -> Indicator:
        kinds = self.labels[-1].kinds if self.labels else frozenset[Kind]()
        is_url = kinds == {Kind.URL} and not self._is_bare_address()
        if self.is_link or (as_url and not self.labels) or is_url:
            refuse_damaged(self.text, typed=self.typed)
            # A link's IPv6 address has brackets, which are taken off where they are around all that is read.
            is_bare = not re.search(r"[/\[]", self.text) and looks_like_ipv6(self.text)
            text = f"[{self.text}]" if is_bare else self.text
            return read_url(text, typed=self.typed, accepted_domains=self.accepted_domains)
        if kinds == {Kind.FILE}:
            return read_hash(self.text, typed=self.typed)
        if self.labels and self.labels[-1].name in _LINK_LABELS:
            return self._read_mail_link()
        if read_number := _reader_of_numbers(self.text):
            return read_number(self.text, typed=self.typed)
        if " " in self.text and "," not in self.text and "@" not in self.text:
            raise InvalidIndicator(
                f"{quoted(self.typed)} is more than one word, and not one indicator.", f"Type {_KINDS}."
            )
        if not has_scheme(self.text):
            refuse_unknown_label(self.text, typed=self.typed)
            refuse_bare_port(self.text, typed=self.typed)
            refuse_bare_fragment(self.text, typed=self.typed)
            refuse_short_forms(self.text, typed=self.typed)
        read_name = _reader_of_names(self.text)
        if read_name is read_spoof_pair and not may_be_pair:
            raise _several(self.typed)
        if read_name is read_url:
            refuse_damaged(self.text, typed=self.typed)
        if read_name is read_url and not has_scheme(self.text):
            refuse_numbered_path(self.text, typed=self.typed)
        return read_name(self.text, typed=self.typed, accepted_domains=self.accepted_domains)

    def _is_bare_address(self) -> bool:
        """Whether it is a mail address, of which a URL would be its whole domain."""
        return "@" in self.text and not has_scheme(self.text) and re.search(r"[/?#:]", self.text) is None

    def _read_mail_link(self) -> Indicator:
        """`mailto:sender@evil.example?subject=…`, `sip:sender@evil.example;transport=tls`."""
        address, *others = re.split(r"[?;]", self.text.removeprefix("//"), maxsplit=1)
        found = read_address(address, typed=self.typed, accepted_domains=self.accepted_domains)
        if not others:
            return found
        note = Note(
            code=NoteCode.QUERY_STRIPPED, text="What follows the address was left out: it belongs to the mail link."
        )
        return Indicator(kind=found.kind, value=found.value, notes=distinct(found.notes, (note,)))


#: Labels that are schemes of links to an address.
_LINK_LABELS = frozenset({"mailto", "sip", "sips"})


def _without_labels(text: str, *, typed: str) -> tuple[str, tuple[Labelled, ...]]:
    labels: list[Labelled] = []
    while len(labels) < _MOST_LABELS and (label := take_label(text)) is not None:
        refuse_unlistable(label, typed=typed)
        labels.append(label)
        text = unwrap(label.rest)
        if not text:
            raise InvalidIndicator(f"{quoted(typed)} has nothing behind {quoted(label.label)}.", f"Type {_KINDS}.")
    return text, tuple(labels)


def _followed(text: str, *, typed: str) -> tuple[str, tuple[Note, ...]]:
    """Where a rewritten link leads, with a note that names who rewrote it; any other text as it is."""
    services: list[str] = []
    notes: tuple[Note, ...] = ()
    while (link := find_rewritten(text, typed=typed)) is not None:
        if len(services) == MOST_LAYERS:
            raise too_many_layers(typed=typed)
        services.append(link.service)
        text, more = _plain(link.target)
        notes = (*notes, *more)
    if not services:
        return text, short_link_note(text)
    named = ", then ".join(dict.fromkeys(services))
    notes = (*notes, *short_link_note(text))
    rewritten = Note(code=NoteCode.LINK_UNWRAPPED, text=f"The link leads out through {named}: its target was taken.")
    return text, (rewritten, *notes)


def _several(typed: str) -> InvalidIndicator:
    return InvalidIndicator(
        f"{quoted(typed)} is more than one indicator.",
        f"Write them apart; or, if they are a spoof pair: spoof {shown(typed)}",
    )


def _reader_of_numbers(text: str) -> Callable[..., Indicator] | None:
    if looks_like_hash(text):
        return read_hash
    if looks_like_ipv4(text):
        return read_ipv4
    return read_ipv6 if looks_like_ipv6(text) else None


def _reader_of_names(text: str) -> Callable[..., Indicator]:
    first, *others = split_pair(text)
    if others and not has_scheme(text) and (looks_like_ipv4(first.strip()) or not re.search(r"[/?]", first)):
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
