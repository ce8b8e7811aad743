"""Links that a mail gateway has rewritten, or that a site leads out through: where they really lead.

A security service puts its own host in front of each link of a mail, and people copy what they see. An entry for that
host would hit every link of every mail, so the target is what is read. Which services there are, and where each keeps
the target, is in `link_services`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.domain.indicators.indicator import Note, NoteCode
from bot.domain.indicators.link_parts import LinkParts, SeveralTargets, link_parts
from bot.domain.indicators.link_services import SERVICES
from bot.domain.indicators.link_sites import SHORTENERS
from bot.domain.indicators.link_targets import LinkService
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

#: Links are rewritten by two or three services one after the other; more is a link made to take long.
MOST_LAYERS = 5

_WEB = re.compile(r"(?:https?|ftp):/{1,2}[^/]", re.IGNORECASE)
#: A target without its scheme.
_BARE = re.compile(r"[\w-]++(?:\.[\w-]++)++(?=[/?#:]|\Z)")
_ABOUT_REMEDY = "Type the URL, domain or address that is meant."


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrittenLink:
    """A link through a service, and where it leads."""

    service: str  #: the service's name, for people
    target: str  #: as the service keeps it: any text, for the reader to read as if somebody had typed it


def find_rewritten(text: str, *, typed: str) -> RewrittenLink | None:
    """The target of a link that is rewritten, or None for any other text.

    Raises InvalidIndicator for a link of a mail gateway that holds only an id, or only the target's domain, and for one
    that names several targets; `typed` is what its text repeats.
    """
    link = link_parts(text)
    if link is None:
        return None
    for service in _services_at(link.host):
        # Nothing before a query is the same page as a slash before it.
        if not (link.path.lower() or "/").startswith(service.path):
            continue
        try:
            target = refang(service.target(link).strip())
        except SeveralTargets:
            raise InvalidIndicator(
                f"{quoted(typed)} is a link through {service.name} that names several targets; which of them counts "
                "can't be told.",
                "Type where it leads, by itself.",
            ) from None
        if _WEB.match(target) or (service.is_gateway and _BARE.match(target)):
            return RewrittenLink(service=service.name, target=target)
        if service.is_gateway and target:
            raise InvalidIndicator(
                f"{quoted(typed)} is a link that {service.name} has rewritten; it leads to no web page but to "
                f"{quoted(target)}.",
                "Type the URL, domain or address that is meant.",
            )
        if service.says:
            raise InvalidIndicator(f"{quoted(typed)} {service.says}.", _ABOUT_REMEDY)
        if service.is_gateway:
            raise _only_an_id(service, link, typed=typed)
    return None


def end_of_link(text: str) -> str:
    """Where a link leads through all services, or where it stops being told; any other text as it is. Never raises."""
    for _ in range(MOST_LAYERS):
        try:
            link = find_rewritten(text, typed=text)
        except InvalidIndicator:
            return text
        if link is None:
            return text
        text = link.target
    return text


def short_link_note(text: str) -> tuple[Note, ...]:
    """A note when a text is a short link, of which nobody can tell where it leads."""
    link = link_parts(text)
    host = link.host.removeprefix("www.") if link is not None else ""
    if host not in SHORTENERS:
        return ()
    what = f"{host} shortens links: where this one leads isn't in it. An entry is about this short link alone."
    return (Note(code=NoteCode.SHORT_LINK, text=what),)


def rewriting_service(host: str, *, with_subdomains: bool = False) -> str:
    """The name of the mail gateway whose rewritten links have this host; empty where there is none.

    With `with_subdomains`, hosts below it count as well: what covers `outlook.com` covers Safe Links too.
    """
    for service in _services_at(host):
        if service.has_own_hosts:
            return service.name
    return _ABOVE.get(host, "") if with_subdomains and "." in host else ""


def redirecting_service(host: str, path: str, *, with_subdomains: bool = False) -> str:
    """The name of a service of which an entry for this path covers all links; empty where there is none.

    `path` is in lower case; what is below it counts with it. An empty one is the whole host. A path with a query is one
    link, and no service's.
    """
    if "?" in path:
        return ""
    if host in SHORTENERS and not path.rstrip("/"):
        return host
    services = SERVICES if with_subdomains else _services_at(host)
    return next(
        (
            service.name
            for service in services
            if _is_all_of(service, path.rstrip("/"))
            and any(_is_at(host, at) or (with_subdomains and at.endswith(f".{host}")) for at in service.hosts)
        ),
        "",
    )


def wrapper_note(host: str, *, with_subdomains: bool = False) -> tuple[Note, ...]:
    """A note when the host is a mail gateway's, or (with `with_subdomains`) has one below it."""
    service = rewriting_service(host, with_subdomains=with_subdomains)
    if not service:
        return ()
    return (
        Note(
            code=NoteCode.WRAPPER_HOST,
            text=f"Links that {service} has rewritten are at {host}: it is no sender's and no site's own host.",
        ),
    )


def too_many_layers(*, typed: str) -> InvalidIndicator:
    """The refusal of a link within a link within a link, beyond `MOST_LAYERS`."""
    return InvalidIndicator(
        f"{quoted(typed)} was rewritten more than {MOST_LAYERS} times.", "Type where it leads in the end."
    )


def _only_an_id(service: LinkService, link: LinkParts, *, typed: str) -> InvalidIndicator:
    domain = link.value(service.domain) if service.domain else ""
    look = f"Look for the whole link in {service.look}, and type that."
    if "." in domain and not re.search(r"[\s/]", domain):
        return InvalidIndicator(
            f"{quoted(typed)} is a link that {service.name} has rewritten: of where it leads, only the domain "
            f"{shown(domain)} is in it.",
            f"{look} For every link to that domain type https://{shown(domain)}.",
        )
    return InvalidIndicator(
        f"{quoted(typed)} is a link that {service.name} has rewritten: where it leads isn't in it.", look
    )


def _is_all_of(service: LinkService, path: str) -> bool:
    """Whether a path is a service's, is above it or, where all links differ in their query alone, is below it."""
    if not path or path == service.path.rstrip("/") or service.path.startswith(f"{path}/"):
        return True
    return bool(service.path) and service.target_in_query and path.startswith(service.path)


def _services_at(host: str) -> Sequence[LinkService]:
    candidates = _BY_ENDING.get(_ending(host), ())
    return [service for service in candidates if any(_is_at(host, pattern) for pattern in service.hosts)]


def _is_at(host: str, pattern: str) -> bool:
    if "*" in pattern:
        return fnmatchcase(host, pattern)
    return host == pattern or host.endswith(f".{pattern}")


def _ending(host: str) -> str:
    """The last two labels, which every pattern has in full."""
    return ".".join(host.rsplit(".", 2)[-2:])


def _arranged() -> Mapping[str, tuple[LinkService, ...]]:
    by_ending: dict[str, tuple[LinkService, ...]] = {}
    for service in SERVICES:
        for ending in dict.fromkeys(map(_ending, service.hosts)):
            by_ending[ending] = (*by_ending.get(ending, ()), service)
    return by_ending


def _holders() -> Mapping[str, str]:
    """By domain, the gateway that has hosts below it."""
    holders: dict[str, str] = {}
    for service in SERVICES:
        if service.has_own_hosts:
            for pattern in service.hosts:
                _, _, above = pattern.partition(".")
                while "." in above:
                    holders.setdefault(above, service.name)
                    _, _, above = above.partition(".")
    return holders


_BY_ENDING = _arranged()
_ABOVE = _holders()
