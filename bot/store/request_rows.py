"""Requests, items and reviews as columns hold them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.domain.indicators.indicator import Kind, Note
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import approval_in
from bot.domain.requests.evidence import AttachedFile, Evidence, MessageHeld
from bot.domain.requests.question import Question
from bot.domain.requests.request import Decision, Item, ItemState, Request, RequestWarning, Review, SetAside, Status
from bot.store.column_types import plain_json
from bot.store.tables import ItemRow, RequestRow

#: What `item` reads, with the request before it. Columns, not mapped rows: there may be thousands.
ITEM_COLUMNS = (
    ItemRow.request_id, ItemRow.id, ItemRow.kind, ItemRow.value, ItemRow.state, ItemRow.outcome, ItemRow.line,
    ItemRow.notes,
)  # fmt: skip

#: The states and kinds by what their columns hold: for thousands of items quicker than to ask the enums.
STATES: Mapping[str, ItemState] = {state.value: state for state in ItemState}
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}

ALL_ROWS = slice(None)

_EVIDENCE_FIELDS = frozenset(each.name for each in fields(Evidence))
_MESSAGE_FIELDS = frozenset(each.name for each in fields(MessageHeld))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it is written down.

    `indicators` are pairs of kind and value, in the order in which they are shown; of an import, with the line as a
    third. `set_aside` are the import's other lines, `notes` what was noticed of an indicator, by its value.
    """

    operation: Operation
    action: Action
    list: ListName
    reason: str
    expires: datetime | None
    requester: str
    approvals_needed: int
    indicators: Sequence[tuple[Kind, str] | tuple[Kind, str, int]]
    warnings: Sequence[RequestWarning] = ()
    set_aside: Sequence[SetAside] = ()
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    lasts: timedelta | None = None
    evidence: Evidence | None = None

    @property
    def values(self) -> Sequence[str]:
        """The values of its indicators."""
        return [value for _, value, *_ in self.indicators]

    @property
    def rows(self) -> int:
        """How many rows it takes beside its own."""
        return len(self.indicators) + len(self.set_aside)


def request_out(
    new: NewRequest, *, tenant_id: str, proposal_id: int, lapses_at: datetime, at: datetime
) -> dict[str, Any]:
    """The row of a new request that waits, without its number."""
    return {
        "tenant_id": tenant_id,
        "operation": new.operation.value,
        "action": new.action.value,
        "list": new.list.value,
        "reason": new.reason,
        "expires": new.expires,
        "lasts": None if new.lasts is None else round(new.lasts.total_seconds()),
        "requester": new.requester,
        "status": Status.PENDING.value,
        "approvals_needed": new.approvals_needed,
        "created_at": at,
        "lapses_at": lapses_at,
        "warnings": warnings_out(new.warnings),
        "failure": "",
        "set_aside": len(new.set_aside),
        "evidence": evidence_out(new.evidence),
        "proposal_id": proposal_id,
    }


def items_out(new: NewRequest, request_id: int, *, tenant_id: str, rows: slice = ALL_ROWS) -> list[dict[str, Any]]:
    """The rows of its items, or of some of them."""
    return [
        {
            "tenant_id": tenant_id,
            "request_id": request_id,
            "kind": kind.value,
            "value": value,
            "state": ItemState.PROPOSED.value,
            "outcome": "",
            "line": line[0] if line else None,
            "notes": notes_out(new.notes.get(value, ())),
        }
        for kind, value, *line in new.indicators[rows]
    ]


def set_aside_out(new: NewRequest, request_id: int, *, tenant_id: str, rows: slice = ALL_ROWS) -> list[dict[str, Any]]:
    """The rows of the lines that were set aside, or of some of them."""
    return [{"tenant_id": tenant_id, "request_id": request_id, **asdict(line)} for line in new.set_aside[rows]]


def item(row: Sequence[Any]) -> Item:
    """The item in a row that begins with `ITEM_COLUMNS`."""
    _, item_id, kind, value, state, outcome, line, notes, *_ = row
    return Item(
        id=item_id,
        kind=_KINDS[kind],
        value=value,
        state=STATES[state],
        outcome=outcome,
        line=line,
        notes=tuple(Note(code=each["code"], text=each["text"]) for each in notes or ()),
    )


def review(row: Any) -> Review:  # noqa: ANN401 - a row of the table, mapped or not
    """The review in a row."""
    return Review(reviewer=row.reviewer, decision=Decision(row.decision), at=row.at, comment=row.comment)


def request(
    row: Any,  # noqa: ANN401 - a row of the table, mapped or not
    items: Iterable[Item],
    reviews: Iterable[Review],
    tally: Mapping[ItemState, int],
    version: int,
    aside: Iterable[SetAside] = (),
) -> Request:
    """The request in a row, with what other tables hold of it."""
    return Request(
        id=row.id,
        tenant_id=row.tenant_id,
        operation=Operation(row.operation),
        action=Action(row.action),
        list=ListName(row.list),
        reason=row.reason,
        expires=row.expires,
        lasts=None if row.lasts is None else timedelta(seconds=row.lasts),
        requester=row.requester,
        status=Status(row.status),
        approvals_needed=row.approvals_needed,
        created_at=row.created_at,
        lapses_at=row.lapses_at,
        warnings=tuple(
            RequestWarning(code=each["code"], text=each["text"], serious=each["serious"]) for each in row.warnings
        ),
        items=tuple(items),
        reviews=tuple(reviews),
        failure=row.failure,
        sent=row.sent,
        set_aside=row.set_aside,
        named_aside=tuple(aside),
        evidence=_evidence(row.evidence),
        version=version,
        part_of=None if row.proposal_id == row.id else row.proposal_id,
        asked_back=_question(row.asked_back),
        approval=approval_in(row.approval),
        tally=tally,
    )


def new_request(row: Mapping[str, Any], only: Mapping[str, Any]) -> Request:
    """The request that was just written down in a row with its one item, as it would be read."""
    found = _as_kept(only)
    shown = item([found[column.key] for column in ITEM_COLUMNS])
    return request(_columns(row), [shown], (), {shown.state: 1}, 0)


def request_without_items(row: Mapping[str, Any]) -> Request:
    """The request that was just written down in a row, before any of its items."""
    return request(_columns(row), (), (), {}, 0)


def _columns(row: Mapping[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(**dict.fromkeys(RequestRow.__table__.columns.keys()) | {"sent": 0} | _as_kept(row))


def _as_kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values as their columns give them back: texts without what no database takes, times in UTC."""
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else plain_json(value) for name, value in row.items()
    }


def notes_out(notes: Sequence[Note]) -> list[dict[str, str]] | None:
    """Notes as their column holds them: nothing where there are none, as for most items."""
    return [{"code": str(note.code), "text": note.text} for note in notes] or None


def evidence_out(evidence: Evidence | None) -> dict[str, object] | None:
    """Evidence as its column holds it."""
    return None if evidence is None else asdict(evidence)


def question_out(question: Question) -> dict[str, object]:
    """A question as its column holds it."""
    answered = question.answered_at
    return {
        **asdict(question),
        "at": question.at.isoformat(),
        "answered_at": None if answered is None else answered.isoformat(),
    }


def _question(kept: Mapping[str, Any] | None) -> Question | None:
    if kept is None:
        return None
    answered = kept.get("answered_at")
    return Question(
        number=int(kept["number"]),
        by=str(kept["by"]),
        text=str(kept["text"]),
        at=datetime.fromisoformat(kept["at"]),
        answer=str(kept.get("answer") or ""),
        answered_at=None if answered is None else datetime.fromisoformat(answered),
    )


def warnings_out(warnings: Sequence[RequestWarning]) -> list[dict[str, object]]:
    """Warnings as their column holds them."""
    return [{"code": each.code, "text": each.text, "serious": each.serious} for each in warnings]


def _evidence(kept: Mapping[str, Any] | None) -> Evidence | None:
    if kept is None:
        return None
    # A newer version may have kept more, an older one kept less.
    facts = {name: kept[name] for name in kept.keys() & _EVIDENCE_FIELDS}
    return Evidence(**{**facts, "message": _message(facts.get("message"))})


def _message(kept: Mapping[str, Any] | None) -> MessageHeld | None:
    if kept is None:
        return None
    facts = {name: kept[name] for name in kept.keys() & _MESSAGE_FIELDS}
    for name in ("senders", "links"):
        facts[name] = tuple(facts.get(name, ()))
    files = (AttachedFile(name=each["name"], sha256=each["sha256"]) for each in facts.get("files", ()))
    return MessageHeld(**{**facts, "files": tuple(files)})
