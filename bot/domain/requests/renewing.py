"""Which entries come back to their owners, when, and what becomes of each renewal: the rules.

1. What Portcullis has on record is asked about, and nothing else: an entry that nobody asked for here has no owner.
   One that was adopted has.
2. An allow is asked about once it has stayed for the operator's period since it was last kept; a block only where the
   operator wants that, and only without an end. What ends within the next period isn't asked about.
3. Whoever is asked is asked at once about all of theirs that is due in the next days, so that they get few messages.
4. An answer is a request, which takes the usual approvals: what comes of that decides. Kept, the entry has another
   keeper, and its period begins anew; gone, it is over. Denied to be taken out, it stays for another period. What an
   approver leaves out of a request was denied.
5. Without an answer in time, the approvers are to answer; so are they at once where the owner is gone, and where an
   approver denied that it be kept. Where the operator has set it, its removal is then proposed.
6. Whatever became of the entry by another way counts: nobody is asked about what is gone or kept by another request, or
   while a request under way asks for either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.traits import Action
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, Closing, PassedOn, Renewal, RenewalState
from bot.domain.requests.request import Status

#: Unless the operator says otherwise. A quarter: what a business partner needs is asked about four times a year.
EVERY = timedelta(days=90)
ANSWER_WITHIN = timedelta(days=14)

#: So many are named in a message or an answer; the rest is counted.
MOST_NAMED = 10

#: At most so far ahead is asked about along with what is due.
_TOGETHER = timedelta(days=7)


class Unanswered(StrEnum):
    """What becomes of an entry that nobody answers for."""

    TELL = "tell"  #: the approvers are told, and it stays
    REMOVE = "remove"  #: its removal is proposed as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """What the operator has set."""

    every: timedelta | None = EVERY  #: None: nobody is asked
    blocks: bool = False  #: blocks without an end are asked about too
    answer_within: timedelta = ANSWER_WITHIN
    unanswered: Unanswered = Unanswered.TELL

    @property
    def together(self) -> timedelta:
        """How far ahead is asked about along with what is due."""
        return timedelta() if self.every is None else min(_TOGETHER, self.every / 10)

    def concerns(self, action: Action, expires: datetime | None) -> bool:
        """Whether entries of a kind are asked about at all."""
        if self.every is None:
            return False
        return action is Action.ALLOW or (self.blocks and expires is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """From now on the approvers are to answer."""

    why: PassedOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """The request that answered came to nothing: the owner is to answer again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """It is over."""

    how: Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRemoval:
    """Nobody has answered, and the operator wants the entry proposed to be taken out."""


Step: TypeAlias = PassOn | Reopen | Close | ProposeRemoval


def is_due(
    entry: KnownEntry, rules: Renewing, *, now: datetime, stays_since: datetime | None = None, ahead: bool = False
) -> bool:
    """Whether an entry that has no open renewal comes back to its owner.

    `stays_since` is when an approver last denied that it be taken out; with `ahead`, what is due in the next days is.
    """
    if rules.every is None or not rules.concerns(entry.action, entry.expires):
        return False
    if entry.expires is not None and entry.expires <= now + rules.every:
        return False
    since = entry.since if stays_since is None else max(entry.since, stays_since)
    return since + rules.every <= now + (rules.together if ahead else timedelta())


def next_step(
    renewal: Renewal, entry: KnownEntry | None, answered: Status | None, rules: Renewing, *, now: datetime
) -> Step | None:
    """What becomes of a renewal now; None: nothing.

    `entry` is what is on record of its entry, `answered` how the request stands that answered: denied, where this entry
    was left out of it.
    """
    if renewal.state is RenewalState.CLOSED:
        return None
    if entry is None:
        return Close(how=Closing.ENDED)
    if entry.request_id != renewal.request_id:
        return Close(how=Closing.KEPT)
    if renewal.state is RenewalState.ANSWERED:
        return _after_the_answer(renewal, answered, now)
    if not rules.concerns(entry.action, entry.expires):
        return Close(how=Closing.CALLED_OFF)
    return _without_answer(renewal, rules) if now >= renewal.answer_by else None


def _without_answer(renewal: Renewal, rules: Renewing) -> Step | None:
    if renewal.state is RenewalState.ASKED:
        return PassOn(why=PassedOn.UNANSWERED)
    if rules.unanswered is Unanswered.REMOVE and renewal.why is not PassedOn.CAME_TO_NOTHING:
        return ProposeRemoval()
    return None


def _after_the_answer(renewal: Renewal, answered: Status | None, now: datetime) -> Step | None:
    if answered is not None and answered.is_under_way:
        return None
    if answered is Status.DENIED:
        return Close(how=Closing.STAYS) if renewal.answer is Answer.END else PassOn(why=PassedOn.KEEP_DENIED)
    # Withdrawn, lapsed or failed; or applied, and of just this entry nothing came.
    if renewal.why is None and now < renewal.answer_by:
        return Reopen()
    return PassOn(why=PassedOn.CAME_TO_NOTHING)


def is_reminder_due(renewal: Renewal, *, now: datetime) -> bool:
    """Whether an owner who was told is reminded: once, when half of their time is over."""
    if renewal.state is not RenewalState.ASKED or renewal.told_at is None or renewal.reminded_at is not None:
        return False
    return now >= renewal.told_at + (renewal.answer_by - renewal.told_at) / 2 and now < renewal.answer_by


def shown(named: Sequence[Renewal], total: int) -> tuple[str, ...]:
    """What a message shows: these renewals in these versions, of so many."""
    return (*map(str, named), f"of {total}")


def renewal_event(
    kind: EventKind, renewal: Renewal, *, at: datetime, actor: str = PORTCULLIS, **said: object
) -> NewEvent:
    """An event about one renewal: its entry's value is the target, the request that keeps the entry its request."""
    return NewEvent(
        kind=kind,
        actor=actor,
        target=renewal.value,
        request_id=renewal.request_id,
        payload={
            "renewal": renewal.id,
            "list": renewal.list,
            "action": renewal.action,
            "owner": renewal.owner,
            **said,
        },
        at=at,
    )
