"""What a request is called in the tenant's notes, and which requests a note names.

People know a request by the number of its proposal, so a note begins with that. A proposal of several lists has several
requests, and each has to be found again by its own notes: those behind the first say which part they are, counted from
the proposal's number. Notes of earlier versions named each request by its own number, and are read as that.
"""

from __future__ import annotations

import re

from bot.domain.requests.request import Request

_NAMED = re.compile(r"\bPortcullis request (\d{1,18})\b(?:, part (\d{1,18})\b)?", re.ASCII)


def reference(request: Request) -> str:
    """What a request is called in the tenant's notes and in the log of calls."""
    number = request.proposal_id
    part = "" if request.id == number else f", part {request.id - number + 1}"
    return f"Portcullis request {number}{part}"


def earlier_reference(request: Request) -> str:
    """What versions before this one called it: by its own number, whichever part of its proposal it is."""
    return f"Portcullis request {request.id}"


def requests_named(note: str) -> tuple[int, ...]:
    """The requests that a note names, each by its own number, in their order; empty where it names none."""
    return tuple(int(number) + (int(part) - 1 if part else 0) for number, part in _NAMED.findall(note))


def is_reference_to(note: str, reference: str) -> bool:
    """Whether a note is the reference of the same request, and nothing else: as it is written today or was before."""
    said = note.strip()
    return said == reference or (
        _NAMED.fullmatch(said) is not None and requests_named(said) == requests_named(reference) != ()
    )
