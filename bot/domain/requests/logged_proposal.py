"""What the log says that was proposed, and what of a request in the database is otherwise.

Of an event from before a field was logged, only the fields that it has count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.domain.auditing.events import Event, Json, clean_text, iso, plain
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import LARGE, Request

#: So much of a value or reason is told of what differs.
_SHOWN = 100
#: So many values are named of items that differ.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Something that the database says otherwise of a request than the log.

    `about` is stable: `items`, `expires`, `approvals` …; `details` is for people, and may hold what people typed.
    """

    about: str
    details: str


def logged_content(proposal: Proposal, *, approvals_needed: int) -> dict[str, object]:
    """What the `request.proposed` event says of what is asked for: the fields that a request is held to."""
    return {
        "operation": proposal.operation,
        "action": proposal.action,
        "list": proposal.list,
        **_logged_items([(indicator.value, indicator.kind) for indicator in proposal.indicators]),
        "reason": proposal.reason,
        "expires": proposal.expires.isoformat() if proposal.expires else None,
        **({"lasts": round(proposal.lasts.total_seconds())} if proposal.lasts is not None else {}),
        "approvals_needed": approvals_needed,
        **({"evidence": _logged_evidence(proposal.evidence)} if proposal.operation is Operation.SUBMIT else {}),
    }


def proposal_contradictions(request: Request, proposed: Event, approved: Event | None = None) -> list[Contradiction]:
    """What a request, with all its items in the order of their numbers, says otherwise than its `request.proposed`.

    The end of one that lasts for a length is that of its `request.approved`, once there is one.
    """
    payload = proposed.payload
    has: dict[str, Json] = {
        "operation": request.operation.value,
        "action": request.action.value,
        "list": request.list.value,
        "reason": request.reason,
        "requester": request.requester,
    }
    says: dict[str, Json] = {**payload, "requester": proposed.actor}
    found = [
        differs(name, value, says[name])
        for name, value in has.items()
        if name in says and clean_text(str(says[name])) != value
    ]
    found += _of_end(request, payload, approved)
    # Before proposals had several requests, the log didn't say: each is its own.
    if (said := payload.get("proposal", request.id)) != request.proposal_id:
        found.append(differs("proposal", request.proposal_id, said))
    found += _of_items(request, payload)
    if "evidence" in payload:
        found += _of_evidence(request, payload["evidence"])
    return found


def _of_end(request: Request, payload: Mapping[str, Json], approved: Event | None) -> list[Contradiction]:
    """A length is that of the proposal, counted from the logged approval; any other end is that of the proposal."""
    length = payload.get("lasts")
    has = None if request.lasts is None else round(request.lasts.total_seconds())
    if has != length:
        return [differs("lasts", _seconds(has), _seconds(length))]
    if request.lasts is None or approved is None:
        says = payload.get("expires")
        if "expires" in payload and not _is_moment(says, request.expires):
            return [differs("expires", end_in_words(request.expires), says or "never")]
        return []
    counted = approved.at + request.lasts
    says = approved.payload.get("expires")
    if not _is_moment(says, request.expires):
        return [differs("expires", end_in_words(request.expires), says or "never")]
    return [] if request.expires == counted else [differs("expires", end_in_words(request.expires), iso(counted))]


def _seconds(length: Json) -> str:
    return "not counted from the approval" if length is None else f"{length} seconds"


def _of_items(request: Request, payload: Mapping[str, Json]) -> list[Contradiction]:
    values = [item.value for item in request.items]
    has, said = _logged_items([(item.value, item.kind) for item in request.items]), payload.get("items")
    if not isinstance(said, list | tuple):
        return []
    if "sha256_of_all" in payload or "sha256_of_all" in has:
        same = all(has.get(name) == payload.get(name) for name in ("count", "sha256_of_all"))
    else:
        same = values == [clean_text(str(value)) for value in said]
    if same:
        return _of_kinds(has, payload)
    known = {str(value) for value in said}
    new = [value for value in values if value not in known] if "sha256_of_all" not in payload else []
    named = ", ".join(shortened(value) for value in new[:_NAMED])
    count = payload.get("count", len(said))
    which = f", among them {named}, which nobody proposed" if named else ""
    return [
        Contradiction(
            about="items",
            details=f"Its indicators are not those that were proposed: it has {len(values)}{which}; the log has "
            f"{count}.",
        )
    ]


def _of_kinds(has: Mapping[str, Json], payload: Mapping[str, Json]) -> list[Contradiction]:
    """Policy goes by an indicator's kind, and warns by it."""
    if all(_listed(has[name]) == _listed(payload[name]) for name in _KINDS if name in payload and name in has):
        return []
    return [Contradiction(about="kinds", details="Its indicators are not of the kinds that were proposed.")]


def _listed(value: Json) -> Json:
    return list(value) if isinstance(value, list | tuple) else value


def _of_evidence(request: Request, said: Json) -> list[Contradiction]:
    """Of a submission: what it hands over, as far as the event names it by the fields that the request has."""
    if not isinstance(said, Mapping):
        if request.evidence is None:
            return []
        return [Contradiction(about="evidence", details="What it hands over is in the database, and not in the log.")]
    if request.evidence is None:
        return [Contradiction(about="evidence", details="What it hands over is in the log, and not in the database.")]
    has = asdict(request.evidence)
    return [
        differs(f"evidence.{name}", plain(has[name]), logged)
        for name, logged in said.items()
        if name in has and plain(has[name]) != logged
    ]


def _logged_evidence(evidence: Evidence | None) -> dict[str, object] | None:
    return None if evidence is None else asdict(evidence)


#: Where the kinds of the items stand: of a large request as one digest.
_KINDS = ("kinds", "sha256_of_kinds")


def _logged_items(items: Sequence[tuple[str, Kind]]) -> dict[str, Json]:
    """What a proposal names, for the log: of a large one the first values, and digests over all of them."""
    values = [clean_text(value) for value, _ in items]
    kinds = [kind.value for _, kind in items]
    if len(values) <= LARGE:
        return {"items": values, "kinds": kinds}
    return {
        "items": values[:LARGE],
        "count": len(values),
        "sha256_of_all": _digest(values),
        "sha256_of_kinds": _digest(kinds),
    }


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def differs(about: str, has: Json, says: Json) -> Contradiction:
    """That a field of a request has one value in the database and another in the log."""
    name = about.replace("_", " ")
    return Contradiction(
        about=about,
        details=f"Its {name} is {shortened(str(has))} in the database, and {shortened(str(says))} in the log.",
    )


def _is_moment(said: Json, moment: datetime | None) -> bool:
    if said is None or moment is None:
        return said is None and moment is None
    try:
        return datetime.fromisoformat(str(said)) == moment
    except (ValueError, TypeError):
        return False


def end_in_words(moment: datetime | None) -> str:
    """An end, for people."""
    return "never" if moment is None else iso(moment)


def shortened(text: str) -> str:
    """A text in quotation marks, cut where it is long: anybody may have written it."""
    return f"“{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}”"
