"""Does an address stand in a domain's SPF record? RFC 7208 without a sender: only the address is known.

Its limits hold: ten terms that ask DNS, two answers that are empty, ten mail exchangers. A record that breaks them, or
can't be read, names nobody. A term with a macro that takes a sender can't be decided, and matches nothing. What lets
everybody pass (`+all`, nearly all addresses, an answer that doesn't depend on the address) doesn't say whose one is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_network

from bot.dns.lookup import Lookup, host_name

_MOST_LOOKUPS = 10
_MOST_VOID = 2
_MOST_EXCHANGERS = 10
#: What is wider than this names nobody: the prefix length by the version of IP.
_WIDEST = {4: 8, 6: 16}
_TERM = re.compile(r"([+\-~?]?)([a-z0-9]+)(?::([^/]*[^/].*?))?((?:/\d{1,3})?(?://\d{1,3})?)", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_MACRO = re.compile(r"%\{([a-z])(r?)\}|%(.)|%", re.IGNORECASE)

Address = IPv4Address | IPv6Address


class SpfUnusable(Exception):
    """The record can't be gone by: there is none, it is wrong, or it asks for too much."""


class _Result(Enum):
    PASS = "pass"  # noqa: S105 - the RFC's word
    OTHER = "other"  #: fail, softfail or neutral: the domain doesn't vouch for the address
    NONE = "none"


@dataclass(slots=True)
class _Walk:
    """What one question has used up so far."""

    lookup: Lookup
    address: Address
    others: Collection[str] = ()
    asked: int = 0
    void: int = 0
    under_way: list[str] = field(default_factory=list)

    def count(self) -> None:
        self.asked += 1
        if self.asked > _MOST_LOOKUPS:
            raise SpfUnusable("asks DNS more often than ten times")

    async def ask(self, name: str, kind: str) -> tuple[str, ...]:
        found = await self.lookup.ask(name, kind)
        if not found:
            self.void += 1
            if self.void > _MOST_VOID:
                raise SpfUnusable("names more than two that there are not")
        return found

    @property
    def kind(self) -> str:
        return "A" if self.address.version == 4 else "AAAA"


async def stands_in(lookup: Lookup, domain: str, address: Address, *, others: Collection[str] = ()) -> bool:
    """Whether the domain's SPF record says that mail from this address is its own.

    What it takes over from the record of one of the `others` is theirs, and not its own. Raises SpfUnusable, and
    NoAnswerFromDns where an answer is missing.
    """
    result = await _check(_Walk(lookup, address, others), domain)
    if result is _Result.NONE:
        raise SpfUnusable("there is no record")
    return result is _Result.PASS


async def _check(walk: _Walk, domain: str) -> _Result:
    if domain in walk.under_way:
        raise SpfUnusable("includes itself")
    walk.under_way.append(domain)
    texts = await walk.lookup.ask(domain, "TXT")
    records = [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if not records:
        return _Result.NONE
    if len(records) > 1:
        raise SpfUnusable("there are several records")
    result = await _terms(walk, domain, records[0].split()[1:])
    walk.under_way.pop()
    return result


async def _terms(walk: _Walk, domain: str, terms: list[str]) -> _Result:
    redirect = ""
    for term in terms:
        modifier = _MODIFIER.fullmatch(term)
        if modifier is not None:
            if modifier[1].lower() == "redirect":
                redirect = modifier[2]
            continue
        mechanism = _TERM.fullmatch(term)
        if mechanism is None:
            raise SpfUnusable("has a term that is none")
        name, value, lengths = mechanism[2].lower(), mechanism[3] or "", mechanism[4]
        if not await _matches(walk, domain, name, value, lengths):
            continue
        if mechanism[1] not in {"", "+"} or name == "all":
            return _Result.OTHER
        if not _is_of_everybody(walk.address, name, value, lengths):
            return _Result.PASS
    if not redirect:
        return _Result.OTHER
    walk.count()
    target = _expanded(walk, domain, redirect)
    result = _Result.OTHER if target is None or target in walk.others else await _check(walk, target)
    if result is _Result.NONE:
        raise SpfUnusable("leads to a domain without a record")
    return result


async def _matches(walk: _Walk, domain: str, name: str, value: str, lengths: str) -> bool:
    match name:
        case "all":
            return True
        case "ip4" | "ip6":
            return _in_network(walk.address, value + lengths)
        case "ptr":
            # Obsolete by the RFC itself, and it costs what the others cost.
            walk.count()
            return False
        case "include" | "exists" | "a" | "mx":
            walk.count()
            target = _expanded(walk, domain, value or domain)
            return target is not None and await _asked(walk, name, target, lengths)
        case _:
            raise SpfUnusable("has a term that nobody knows")


async def _asked(walk: _Walk, name: str, target: str, lengths: str) -> bool:
    if name == "include":
        if target in walk.others:
            return False
        result = await _check(walk, target)
        if result is _Result.NONE:
            raise SpfUnusable("includes a domain without a record")
        return result is _Result.PASS
    if name == "exists":
        return bool(await walk.ask(target, "A"))
    hosts: tuple[str, ...] = (target,)
    if name == "mx":
        hosts = await walk.ask(target, "MX")
        if len(hosts) > _MOST_EXCHANGERS:
            raise SpfUnusable("has more than ten mail exchangers")
    for host in hosts:
        for found in await walk.ask(host, walk.kind):
            if _in_network(walk.address, found + _length_for(walk.address, lengths)):
                return True
    return False


def _is_of_everybody(address: Address, name: str, value: str, lengths: str) -> bool:
    """Whether a term that matches would do so for about any address."""
    match name:
        case "exists":
            return "%{i" not in value.lower()
        case "include":
            return False  # its own terms were looked at
        case _:
            length = (lengths if name in {"ip4", "ip6"} else _length_for(address, lengths)).strip("/")
            return bool(length) and int(length) < _WIDEST[address.version]


def _in_network(address: Address, text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise SpfUnusable("has an address that is none") from None
    return address.version == network.version and address in network


def _length_for(address: Address, lengths: str) -> str:
    """The prefix length that is about this kind of address, of `/24//64`; nothing where none is given."""
    of_four, _, of_six = lengths.partition("//")
    if address.version == 4:
        return of_four
    return f"/{of_six}" if of_six else ""


def _expanded(walk: _Walk, domain: str, text: str) -> str | None:
    """A domain with its macros filled in; None where that takes a sender. Raises SpfUnusable for what is no name."""
    unknown = False

    def fill(found: re.Match[str]) -> str:
        nonlocal unknown
        if found[1] is None:
            return {"%": "%", "_": " ", "-": "%20"}.get(found[3] or "", "%")
        value = _macros(walk, domain).get(found[1].lower())
        if value is None:
            unknown = True
            return ""
        return ".".join(reversed(value.split("."))) if found[2] else value

    filled = _MACRO.sub(fill, text)
    if unknown:
        return None
    name = host_name(filled)
    if name is None:
        raise SpfUnusable("names a domain that is none")
    return name


def _macros(walk: _Walk, domain: str) -> dict[str, str]:
    address = walk.address
    if address.version == 4:
        return {"i": str(address), "d": domain, "v": "in-addr"}
    return {"i": ".".join(address.exploded.replace(":", "")), "d": domain, "v": "ip6"}
