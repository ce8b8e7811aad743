"""How the links of services hold their targets, and what is known of a service.

Each function gives the target as it stands in the link, or an empty text where it isn't in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from bot.domain.indicators.link_parts import LinkParts, SeveralTargets, from_base64

#: Where the target of a rewritten link can be looked up.
IN_DEFENDER = "the message's details in Defender (Explorer, or the email entity page, under URL)"
_STAR_ESCAPE = re.compile(r"\*(?=[0-9a-f]{2})", re.IGNORECASE)
_ARCHIVED = re.compile(r"/web/[0-9*]{1,14}(?:[a-z]{2}_)?/", re.IGNORECASE)
_ONE_SLASH = re.compile(r"(https?):/(?!/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkService:
    """A service, its hosts, and how its links hold the target."""

    name: str  #: for people
    #: Each one with all that is below it; with a star, as a pattern. The last two labels stand in full.
    hosts: tuple[str, ...]
    #: Empty where the target isn't in the link. Raises SeveralTargets where it could be one of several.
    target: Callable[[LinkParts], str]
    path: str = ""  #: what the path of such a link begins with, in lower case
    is_gateway: bool = True  #: a mail gateway: its links are never what somebody wants listed
    has_own_hosts: bool = True  #: nothing else is at these hosts
    target_in_query: bool = True  #: its links have the same path, or nearly so
    domain: str = ""  #: the parameter with the target's domain
    look: str = IN_DEFENDER  #: where to find the target
    #: What such a link is, where it has no target: then it is asked about, whether it is a gateway's or not.
    says: str = ""


def parameter(*names: str, to_the_end: bool = False) -> Callable[[LinkParts], str]:
    def target(link: LinkParts) -> str:
        values = [value for name in names if (value := link.value(name, to_the_end=to_the_end))]
        links = dict.fromkeys(value for value in values if "://" in value[:12])
        if len(links) > 1:
            raise SeveralTargets(" ".join(names))
        return next(iter(links or values), "")

    return target


def in_base64(name: str, *, prefix: str = "") -> Callable[[LinkParts], str]:
    """A parameter in Base64, of either alphabet, with or without the `=` at its end."""

    def target(link: LinkParts) -> str:
        value = unquote(link.raw(name)).removeprefix(prefix).replace("+", "-").replace("/", "_")
        return from_base64(value)

    return target


def nowhere(_: LinkParts) -> str:
    """The link holds an id only."""
    return ""


def last_of_path(link: LinkParts) -> str:
    """Cisco: `/<id>/https%3A%2F%2Fevil.example`."""
    return unquote(link.tail[1:].partition("/")[2])


def between_underscores(link: LinkParts) -> str:
    """Check Point: `/v2/r01/___https://evil.example/a___.<id>`, in which `*2F` stands for `%2F`."""
    _, mark, behind = link.tail.partition("___")
    target = behind.rpartition("___")[0] or behind
    whole = unquote(target[:12]) + _STAR_ESCAPE.sub("%", target[12:])
    # Some of their links are enciphered: then where they lead can't be told.
    return _ONE_SLASH.sub(r"\1://", whole, count=1) if mark and whole.lower().startswith(("http", "www.")) else ""


def amp_viewer(link: LinkParts) -> str:
    """Google: `/amp/s/evil.example/a`, where `s` stands for https."""
    behind = link.tail[len("/amp/") :]
    bare = behind.removeprefix("s/")
    return f"http{'' if bare == behind else 's'}://{bare}" if "." in bare.partition("/")[0] else ""


def amp_cache(link: LinkParts) -> str:
    """Google's cache: `evil-example.cdn.ampproject.org/c/s/evil.example/a`."""
    kind, _, behind = link.tail[1:].partition("/")
    if kind not in {"c", "v", "i", "wp"}:
        return ""
    return f"https://{behind.removeprefix('s/')}"


def to_the_end_of_query(link: LinkParts) -> str:
    """href.li: all of the query."""
    return unquote(link.query)


def ses_path(link: LinkParts) -> str:
    """Amazon SES: `/L0/https:%2F%2Fevil.example%2Fa/1/<id>`."""
    return unquote(link.path[len("/l0/") :].partition("/")[0])


def yahoo_path(link: LinkParts) -> str:
    """Yahoo: `/_ylt=…/RU=https%3a%2f%2fevil.example/RK=…`."""
    return unquote(link.path.partition("/RU=")[2].partition("/")[0])


def rest_of_path(prefix: str) -> Callable[[LinkParts], str]:
    """All that follows a beginning of the path: `/browser/https://evil.example/a`, with a scheme or without."""

    def target(link: LinkParts) -> str:
        behind = unquote(link.tail[len(prefix) :]) if "%3a" in link.tail[:40].lower() else link.tail[len(prefix) :]
        behind = _ONE_SLASH.sub(r"\1://", behind, count=1)
        if not behind or "://" in behind[:12]:
            return behind
        return f"https://{behind}" if "." in behind.partition("/")[0] else ""

    return target


def behind_fragment(link: LinkParts) -> str:
    """Gmail's pictures: `/proxy/<id>=s0-d-e1-ft#https://evil.example/a.png`."""
    return unquote(link.tail.partition("#")[2])


def archived(link: LinkParts) -> str:
    """The Internet Archive: `/web/20260101000000/https://evil.example/a`, also with `if_` behind the time."""
    return rest_of_path("")(LinkParts(host="", path="", query="", tail=_ARCHIVED.sub("", link.tail)))


def translated(link: LinkParts) -> str:
    """Google Translate: `evil-example.translate.goog/a?_x_tr_sl=auto`, where `-` is a dot and `--` a hyphen."""
    name = link.host.removesuffix(".translate.goog")
    fields = link.query.split("&") if link.query else []
    own = [field for field in fields if field.startswith("_x_tr_")]
    if not own or "." in name or any(field.startswith(("_x_tr_enc=", "_x_tr_hp=")) for field in own):
        return ""  # a long name is shortened: then it isn't in the link
    host = "-".join(part.replace("-", ".") for part in name.split("--"))
    query = "&".join(field for field in fields if not field.startswith("_x_tr_"))
    scheme = "http" if "_x_tr_sch=http" in own else "https"
    return f"{scheme}://{host}{link.path}{f'?{query}' if query else ''}" if "." in host else ""


def cached(link: LinkParts) -> str:
    """Google's cache: `/search?q=cache:<id>:evil.example/a+words`."""
    value = unquote(link.raw("q")).removeprefix("cache:")
    first, colon, behind = value.partition(":")
    target = (
        (behind if colon and "." not in first and first not in {"http", "https"} else value).split("+")[0].split(" ")[0]
    )
    return target if "://" in target[:12] else f"https://{target}" if "." in target.partition("/")[0] else ""
