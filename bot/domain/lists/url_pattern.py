"""What a URL entry covers, by the match matrix that Microsoft documents.

Source: Microsoft, "Allow or block URLs using the Tenant Allow/Block List", sections "URL syntax" and "URL entry
scenarios". Where that page says nothing, this module takes the narrower reading and says so in place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from ipaddress import IPv6Address

from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.sender_pattern import same_host
from bot.domain.lists.traits import Action

#: Longer than any entry that the service takes (250 characters), and than any URL worth a look in a mail.
_LONGEST = 2100


class Hosts(Enum):
    """Which hosts a pattern means."""

    ITSELF = auto()
    BELOW = auto()  #: its subdomains, not itself
    ITSELF_AND_BELOW = auto()


class Paths(Enum):
    """Which paths a pattern means. The query counts as part of the path."""

    NONE = auto()  #: only the bare host
    THIS = auto()
    BELOW = auto()  #: at least one character after a path that ends with a slash
    THIS_AND_BELOW = auto()
    ANY = auto()  #: the bare host too


class Mention(Enum):
    """Whether a pattern also means other hosts' URLs that have its host in their path."""

    NEVER = auto()
    SEGMENT = auto()  #: between slashes: `fabrikam.com/contoso.com`
    ANYWHERE = auto()  #: also `fabrikam.com/q=contoso.com`


@dataclass(frozen=True, slots=True)
class UrlPattern:
    """A set of URLs. A plain URL is the set of itself."""

    host: str
    hosts: Hosts = Hosts.ITSELF
    path: str = ""
    paths: Paths = Paths.NONE
    mention: Mention = Mention.NEVER

    def includes(self, other: UrlPattern) -> bool:
        """Whether every URL of the other is one of this."""
        if self._includes_hosts(other) and self._includes_paths(other):
            return other.mention is Mention.NEVER or self.mention is Mention.ANYWHERE or self.mention is other.mention
        return other.mention is Mention.NEVER and self._is_mentioned_by(other)

    def _includes_hosts(self, other: UrlPattern) -> bool:
        if self.hosts is Hosts.ITSELF:
            return other.hosts is Hosts.ITSELF and other.host == self.host
        if other.host.endswith(f".{self.host}"):
            return True
        if other.host != self.host:
            return False
        return self.hosts is Hosts.ITSELF_AND_BELOW or other.hosts is Hosts.BELOW

    def _includes_paths(self, other: UrlPattern) -> bool:
        match self.paths:
            case Paths.ANY:
                return True
            case Paths.NONE:
                return other.paths is Paths.NONE
            case Paths.THIS:
                return other.paths is Paths.THIS and other.path == self.path
            case Paths.BELOW:
                if other.paths is Paths.BELOW:
                    return other.path.startswith(self.path)
                return other.paths in {Paths.THIS, Paths.THIS_AND_BELOW} and (
                    other.path.startswith(self.path) and len(other.path) > len(self.path)
                )
            case Paths.THIS_AND_BELOW:
                return other.paths in {Paths.THIS, Paths.THIS_AND_BELOW, Paths.BELOW} and _is_at_or_below(
                    other.path, self.path
                )

    def _is_mentioned_by(self, other: UrlPattern) -> bool:
        if self.mention is Mention.NEVER or other.paths in {Paths.NONE, Paths.ANY}:
            return False
        path = other.path
        if self.host not in path:  # the cheap way out, for nearly all of a long list
            return False
        if self.mention is Mention.SEGMENT:
            return any(part == self.host or part.endswith(f".{self.host}") for part in path.split("/"))
        # A host ends where a host can't go on: `abc-contoso.com` and `contoso.com.example` are other hosts.
        return re.search(rf"(?<![a-z0-9-]){re.escape(self.host)}(?![a-z0-9-]|\.[a-z0-9])", path) is not None


def _is_at_or_below(path: str, top: str) -> bool:
    return path == top or path.startswith((f"{top.rstrip('/')}/", f"{top}?", f"{top}#"))


@lru_cache(maxsize=65536)
def read_url(text: str) -> UrlPattern | None:
    """The set of URLs that a person means by a text: one URL, or with `*` and `~` several. None for junk."""
    return _read(text, None)


@lru_cache(maxsize=65536)
def read_url_entry(text: str, action: Action) -> UrlPattern | None:
    """The set of URLs that an entry covers. None for junk, which covers nothing. Never raises."""
    return _read(text, action)


def _read(text: str, action: Action | None) -> UrlPattern | None:
    # Letter case is not compared, in paths neither: Microsoft's own examples match in any case.
    text = text.strip().lower()
    if len(text) > _LONGEST or len(text.split()) != 1:
        return None
    left, text = _take_left(text)
    both_tildes = left == "~" and text.endswith("~")
    if both_tildes:
        text = text[:-1]
    host, path = _split(text)
    below_path = path.endswith("/*")
    if below_path:
        path = path[:-1]
    if not host or "*" in host + path or "~" in host or (both_tildes and path):
        return None
    is_ip = _is_ip(host)
    if is_ip and left:
        return None
    if is_ip and ":" in host:
        host = _one_spelling(host)
    if not is_ip and ":" in host:  # a port
        return None
    is_entry = action is not None
    if not is_ip and "." not in host and (left or is_entry):  # a URL may have such a host: `https://top/abcd`
        return _top_level(host, left, path, below_path=below_path, action=action)
    return _pattern(host, left, path, below_path=below_path, both_tildes=both_tildes, action=action)


def _take_left(text: str) -> tuple[str, str]:
    for mark in ("*.", "~"):
        if text.startswith(mark):
            return mark, text[len(mark) :]
    return "", text


def _split(text: str) -> tuple[str, str]:
    """Host, and path with query. A lone slash is no path: `contoso.com/` is `contoso.com`."""
    found = re.search(r"[/?#]", text)
    if found is None:
        return same_host(text), ""
    host, path = text[: found.start()], text[found.start() :]
    if not path.startswith("/"):
        path = f"/{path}"
    return same_host(host), "" if path == "/" else path


def _is_ip(host: str) -> bool:
    return (host[-1].isdigit() or ":" in host) and read_span(host.strip("[]")) is not None


def _one_spelling(address: str) -> str:
    """An IPv6 host, which may stand in brackets or not, short or long."""
    try:
        return f"[{IPv6Address(address.strip('[]')).compressed}]"
    except ValueError:
        return address


def _top_level(host: str, left: str, path: str, *, below_path: bool, action: Action | None) -> UrlPattern | None:
    """`*.<TLD>/*`, documented for blocks only: every host and path under the TLD, and those of the TLD itself."""
    if left != "*." or not below_path or path != "/" or action is Action.ALLOW:
        return None
    return UrlPattern(host, Hosts.ITSELF_AND_BELOW, paths=Paths.ANY)


def _pattern(
    host: str, left: str, path: str, *, below_path: bool, both_tildes: bool, action: Action | None
) -> UrlPattern:
    if both_tildes:
        return UrlPattern(host, Hosts.ITSELF_AND_BELOW, paths=Paths.ANY, mention=Mention.SEGMENT)
    hosts = {"": Hosts.ITSELF, "*.": Hosts.BELOW, "~": Hosts.ITSELF_AND_BELOW}[left]
    if below_path:
        return UrlPattern(host, hosts, path, Paths.BELOW)
    plain_block = action is Action.BLOCK and not left and not _is_ip(host)
    if path:
        # "Subpaths aren't implied for allows": so they are for blocks. Whether subdomains are too isn't documented.
        return UrlPattern(host, hosts, path, Paths.THIS_AND_BELOW if plain_block else Paths.THIS)
    if plain_block:
        return UrlPattern(host, Hosts.ITSELF_AND_BELOW, paths=Paths.ANY, mention=Mention.ANYWHERE)
    return UrlPattern(host, hosts)
