"""Who is called to decide on a proposal: those who are mentioned on its card, and those who are before it lapses.

Slack notifies whoever is mentioned in a message when it is posted. So people are called once: by the first card of a
proposal, and once more by a line below it, when little is left of the time in which it can be decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.requests.emergency import any_awaits_review
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request
from bot.domain.requests.who_decides import ApproverRule, Undecided, called_by_rules

#: Unless the operator says otherwise, the others are called so long before a request lapses, or when a quarter of its
#: time is left, whichever is later.
_BEFORE = timedelta(hours=24)
_PART = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """Whom the operator has named, by their ids in Slack: people (`U…`) and user groups (`S…`)."""

    first: tuple[str, ...] = ()  #: mentioned on the card
    second: tuple[str, ...] = ()  #: mentioned below it, before the request lapses
    second_before: timedelta | None = None  #: how long before; None: see `second_at`

    def second_at(self, created_at: datetime, lapses_at: datetime) -> datetime:
        """When the second are called for a request: never before it was proposed."""
        before = self.second_before
        if before is None:
            before = min(_BEFORE, (lapses_at - created_at) / _PART)
        return max(created_at, lapses_at - before)


def to_call(names: Sequence[str], parts: Parts, rules: Sequence[ApproverRule] = ()) -> tuple[str, ...]:
    """Those of the named who are called to decide on a proposal: neither who proposed it, nor who has decided. Where
    rules say who decides, those whom they name; see `called_by_rules`.

    Of a user group all are called, whoever is in it: Slack can't leave anybody out.
    """
    if not (parts.is_open or any_awaits_review(parts)):
        return ()
    undecided = Undecided.of(parts)
    done = {undecided.requester, *undecided.reviewers}
    return tuple(name for name in called_by_rules(names, undecided.about, rules) if name not in done)


def called_events(kind: EventKind, request: Request, names: Collection[str], *, at: datetime) -> list[NewEvent]:
    """What is logged of a call: an event for each who was mentioned, with their id as its target."""
    return [
        NewEvent(
            kind=kind,
            actor=PORTCULLIS,
            target=name,
            request_id=request.proposal_id,
            payload={"approvals_missing": request.approvals_missing},
            at=at,
        )
        for name in names
    ]
