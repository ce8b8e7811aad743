"""URLs as entries of the Tenant Allow/Block List: no scheme, user, port or fragment; stars and tildes by its rules.

Source: Microsoft's page on allowing or blocking URLs, "URL syntax for the Tenant Allow/Block List". Decided here: the
query is a part of the entry and stays; the fragment never reaches a server and is left out with a note; what is
percent-encoded stays, and what has to be is encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.indicators.hosts import own_domain_note, read_host
from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.ipv4 import browser_reading, odd_spelling, parse_quad
from bot.domain.indicators.ipv6 import parse_ipv6
from bot.domain.indicators.rewritten_links import wrapper_note
from bot.domain.indicators.special_ranges import ipv4_notes, ipv6_notes
from bot.domain.indicators.surroundings import trim_end
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

MAX_URL = 250

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_OPAQUE_SCHEME = re.compile(
    r"(javascript|data|blob|about|vbscript|tel|sms|skype|callto|urn|magnet|file|cid):", re.IGNORECASE
)
_AUTHORITY_END = re.compile(r"[/?#]")
_PORT = re.compile(r":([0-9]*)$")
_HOST_AND_PORT = re.compile(
    r"(?P<user>[^:/?#@\\\s]+@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/?#@\\\s\[]+):[0-9]*(?:/(?:tcp|udp|sctp))?", re.IGNORECASE
)
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}\.?")
#: Left alone in a path or query. Quotation marks are among what is encoded: the service takes none.
_SAFE = "%/:@!$&()*+,;=-._~?[]|"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    authority: str
    tail: str  #: path and query
    notes: tuple[Note, ...]


#: A guest's name in a directory: `anna_contoso.com#EXT#@evil.example`.
_GUEST = re.compile(r"#EXT#@", re.IGNORECASE)


def has_scheme(text: str) -> bool:
    """Whether the text begins like a link: `https://`, or `javascript:` and its like, which lead to no host."""
    return _SCHEME.match(text) is not None or _OPAQUE_SCHEME.match(text) is not None


def looks_like_url(text: str) -> bool:
    """Whether the text can't be a domain, an address or an IP: it has a scheme, a path, a query, a tilde or a port."""
    if has_scheme(text):
        return True
    if _GUEST.search(text) is not None:
        return False
    authority_end = _AUTHORITY_END.search(text.replace("\\", "/"))
    authority = text[: authority_end.start()] if authority_end else text
    if authority_end and "@" not in authority and ("@" not in text or "." in authority):
        return True
    if "@" in authority and ":" in authority.partition("@")[0] and not authority.startswith('"'):
        return True  # user:password@host
    return ("~" in authority and "@" not in authority) or bool(re.fullmatch(r"[^:@]+:[0-9]*", authority))


def refuse_bare_port(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for a host, or an address, with nothing but a port: `evil.example:25`, `…:25/tcp`.

    That is what a connection's log says, and no link: nobody could tell whether mail from there or links to there are
    meant.
    """
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None:
        return
    user, host = match["user"] or "", shown(match["host"])
    what = f"{quoted(typed)} is {'an address' if user else 'a host'} with a port; the lists know no ports."
    if user:
        raise InvalidIndicator(what, f"Type the address alone: {shown(user)}{host}.")
    if host.startswith("["):
        raise InvalidIndicator(what, f"For its mail type {host.strip('[]')}; for links to it type https://{host}.")
    raise InvalidIndicator(what, f"For its mail type {host}; for links to it type https://{host}.")


def refuse_bare_fragment(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for a host with nothing but a `#` and what follows: `evil.example#phish`.

    Written without a scheme, what follows is as likely a remark.
    """
    host, mark, behind = text.partition("#")
    if not mark or not host or re.search(r"[/?@\\\s]", host) is not None or _GUEST.search(text) is not None:
        return
    raise InvalidIndicator(
        f"{quoted(typed)} can be {quoted(host)} with a remark behind it, or a link.",
        f"Type {shown(host)} # {shown(behind)}, with spaces; or https://{shown(host)} for links to it.",
    )


def read_url(text: str, *, typed: str, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read a URL or a URL pattern. Raises InvalidIndicator; `typed` is what its text repeats."""
    refuse_bare_port(text, typed=typed)
    parts = _split(text, typed=typed)
    left, host_text, right = _marks(parts.authority, typed=typed)
    tail, tail_notes = _read_tail(parts.tail, parts.authority, typed=typed)
    if right and tail:
        raise InvalidIndicator(
            f"{quoted(typed)} has a path after the right ~, which covers every path already.",
            f"Type {shown(left + host_text + right)}.",
        )
    if address := _read_ip(host_text, typed=typed):
        host, host_notes = address
        if left or right:
            raise InvalidIndicator(
                f"{quoted(typed)} has {quoted(left or right)} with an IP address; no star or tilde goes with one.",
                f"Type {host}, or {host}/* for every path on it.",
            )
    else:
        whole_top_level = left == "*." and tail == "/*" and "." not in host_text.rstrip(".")
        if left == "*." and "." not in host_text.rstrip(".") and not tail:
            name = read_host(host_text, typed=typed, top_level=True).name
            raise InvalidIndicator(
                f"{quoted(typed)} is a whole top-level domain, which has to end in /*.", f"Type *.{name}/*."
            )
        read = read_host(host_text, typed=typed, top_level=whole_top_level)
        host = read.name
        covers_more = bool(left or right) or not tail
        host_notes = (
            *read.notes,
            *own_domain_note(host, accepted_domains, covers_subdomains=covers_more),
            *wrapper_note(host, with_subdomains=covers_more),
        )
    value = f"{left}{host}{right}{tail}"
    if len(value) > MAX_URL:
        raise InvalidIndicator(
            f"{quoted(typed)} is {len(value)} characters long; the tenant's list takes at most {MAX_URL}.",
            f"Type a shorter part of it, such as {shown(host)}/*.",
        )
    return Indicator(kind=Kind.URL, value=value, notes=distinct(parts.notes, tail_notes, host_notes))


def _split(text: str, *, typed: str) -> _Parts:
    notes: list[Note] = []
    if opaque := _OPAQUE_SCHEME.match(text):
        raise InvalidIndicator(
            f"{quoted(typed)} is a {opaque[1].lower()}: link, which leads to no host.",
            "Type the URL, domain or address that is meant.",
        )
    if scheme := _SCHEME.match(text):
        notes.append(
            Note(code=NoteCode.SCHEME_STRIPPED, text=f"{scheme[0].lower()} was left out: an entry has no scheme.")
        )
        text = text[scheme.end() :].lstrip("/\\")
    text, hash_mark, fragment = text.partition("#")
    if hash_mark:
        text = trim_end(text)
        notes.append(_fragment_note(text, fragment))
    end = _AUTHORITY_END.search(text.replace("\\", "/"))
    authority, tail = (text[: end.start()], text[end.start() :]) if end else (text, "")
    path, question_mark, query = tail.partition("?")
    path = path.replace("\\", "/")  # as browsers read it
    if question_mark and not path:
        path = "/"
    if "@" in authority:
        authority = authority.rpartition("@")[2]
        notes.append(
            Note(
                code=NoteCode.USER_STRIPPED,
                text="What stood before the @ was left out: it is a user name, not where the link leads.",
            )
        )
    if port := _PORT.search(authority):
        authority = authority[: port.start()]
        if port[1]:
            notes.append(Note(code=NoteCode.PORT_STRIPPED, text=f"The port {port[1]} was left out: an entry has none."))
    tail = path + question_mark + query
    return _Parts(authority=authority, tail="" if tail == "/" else tail, notes=tuple(notes))


def _fragment_note(without: str, fragment: str) -> Note:
    """That what follows the # was left out, and whether it was all that told this link from others on its host."""
    if fragment and not re.search(r"[/?\\][^/\\]", without):
        return Note(
            code=NoteCode.FRAGMENT_WIDENED,
            text="What follows the # was left out: it never reaches a server. Without it nothing is left but the host.",
        )
    return Note(code=NoteCode.FRAGMENT_STRIPPED, text="What follows the # was left out: it never reaches a server.")


def _marks(authority: str, *, typed: str) -> tuple[str, str, str]:
    """The left mark (`*.`, `~` or nothing), the host, and the right mark (`~` or nothing)."""
    left = next((mark for mark in ("*.", "~") if authority.startswith(mark)), "")
    host = authority[len(left) :]
    right = "~" if left == "~" and host.endswith("~") else ""
    host = host.removesuffix("~") if right else host
    if "~" in host:
        bare = shown(host.strip("~"))
        remedy = f"Type ~{bare} for it and its subdomains, or ~{bare}~ for every path as well."
        if "~" in bare:
            remedy = "Type for instance ~evil.example."
        raise InvalidIndicator(f"{quoted(typed)} has a ~ where none can be: it goes before the whole host.", remedy)
    if "*" in host:
        raise _misplaced_star(host, typed=typed)
    if not host:
        raise InvalidIndicator(f"{quoted(typed)} names no host.", "Type a URL such as evil.example/path.")
    return left, host, right


def _misplaced_star(host: str, *, typed: str) -> InvalidIndicator:
    what = f"{quoted(typed)} has a star where none can be: on the left it goes only as *. before the whole host."
    bare = host.strip("*.")
    if "*" in bare or not bare:
        return InvalidIndicator(what, "Type for instance *.evil.example, or evil.example/*.")
    if _NUMBERS.fullmatch(bare):
        return InvalidIndicator(
            what, f"No star goes with an IP address; type {bare}, or {bare}/* for every path on it."
        )
    return InvalidIndicator(what, f"Type *.{shown(bare)} for its subdomains, or {shown(bare)}/* for every path on it.")


def _read_tail(tail: str, authority: str, *, typed: str) -> tuple[str, tuple[Note, ...]]:
    encoded = quote(tail, safe=_SAFE)
    path, _, query = encoded.partition("?")
    if "*" in query:
        raise InvalidIndicator(
            f"{quoted(typed)} has a star in its query, where none can be.",
            "End the entry at a slash with /*, or type %2A for a star that belongs to the link.",
        )
    stars = path.count("*")
    if stars and not (stars == 1 and path.endswith("/*") and not query):
        upto = path.partition("*")[0]
        upto = upto[: upto.rindex("/") + 1]
        raise InvalidIndicator(
            f"{quoted(typed)} has a star where none can be: on the right there is one at most, straight after a slash, "
            "as the last character.",
            f"Type for instance {shown(authority + upto)}*",
        )
    if encoded == tail:
        return tail, ()
    note = Note(code=NoteCode.PERCENT_ENCODED, text="Characters that an entry can't have were percent-encoded.")
    return encoded, (note,)


def _read_ip(host: str, *, typed: str) -> tuple[str, tuple[Note, ...]] | None:
    if host.startswith("["):
        inner = host[1:-1] if host.endswith("]") else host[1:]
        address = parse_ipv6(inner, typed=typed)
        return f"[{address.compressed}]", ipv6_notes(address, address)
    if _NUMBERS.fullmatch(host):
        quad = parse_quad(host.removesuffix("."), typed=typed)
        return str(quad), ipv4_notes(quad, quad)
    if browser_reading(host):
        raise odd_spelling(host, typed=typed)
    return None
