"""A link cut into host, path and query, without any judgement of it: to see whether some service has rewritten it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from urllib.parse import unquote

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:[\\/]{2,}", re.IGNORECASE)
_HOST_END = re.compile(r"[/\\?#]")
_PORT = re.compile(r":[0-9]*\Z")


class SeveralTargets(ValueError):
    """A link has a parameter several times, with different values: which of them counts, only its service knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParts:
    """A link's parts as they stand in it, still encoded."""

    host: str  #: in lower case, without user, port and dot at its end
    path: str  #: with its slash; empty where there is none
    query: str  #: behind the `?`, without a fragment
    tail: str  #: all that follows the host

    def raw(self, name: str, *, to_the_end: bool = False) -> str:
        """The value of a query's parameter, still encoded; empty without one. Raises SeveralTargets.

        With `to_the_end` a value that stands there unencoded goes on to the end, its own `&` included: where the
        parameter is known to be the last.
        """
        found: dict[str, None] = {}
        position = 0
        for field in self.query.split("&"):
            key, _, value = field.partition("=")
            if unquote(key).lower() == name:
                if to_the_end and "://" in value:
                    found[self.query[position + len(key) + 1 :]] = None
                    break
                found[value] = None
            position += len(field) + 1
        found.pop("", None)
        if len(found) > 1:
            raise SeveralTargets(name)
        return next(iter(found), "")

    def value(self, name: str, *, to_the_end: bool = False) -> str:
        """The same, percent-decoded; decoded twice where it was encoded twice. Raises SeveralTargets."""
        value = unquote(self.raw(name, to_the_end=to_the_end))
        return unquote(value) if value[:12].lower().startswith(("http%3a", "https%3a")) else value


def link_parts(text: str) -> LinkParts | None:
    """The parts of a link that has a path or a query; None for any other text, and for patterns.

    A scheme may stand in front. None for whatever has neither path nor query, since nothing leads out there.
    """
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    end = _HOST_END.search(rest)
    if end is None:
        return None
    host = _PORT.sub("", rest[: end.start()].rpartition("@")[2]).lower().rstrip(".")
    tail = rest[end.start() :].replace("\\", "/")
    if "." not in host or host.startswith(("*", "~")) or tail in {"/", "/*", "?", "#", "/#"}:
        return None
    before, _, _ = tail.partition("#")
    path, _, query = before.partition("?")
    return LinkParts(host=host, path=path, query=query, tail=tail)


def from_base64(value: str) -> str:
    """What URL-safe Base64 stands for, with or without the `=` at its end; an empty text for anything else."""
    value = value.rstrip("=")
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except ValueError:  # binascii.Error and UnicodeDecodeError are among them
        return ""
