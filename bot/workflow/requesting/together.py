"""Several proposals approved together, by somebody who has seen each: in one form, each as by a click of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Decision
from bot.errors import CommitUnknown, DoneBefore, MembersUnread, PortcullisError, StoreError
from bot.store import UnitOfWork
from bot.store.awaited import hurried
from bot.store.beside import NOTHING, StandsBeside
from bot.workflow.requesting.decided_once import is_counted
from bot.workflow.requesting.review import review
from bot.workflow.requesting.today import WhoIs
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import required

#: So many are shown in one form.
MOST_TOGETHER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """A proposal that was ticked, in the version that the form shows."""

    request_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What came of proposals that were to be approved together, by their numbers."""

    approved: tuple[int, ...]
    remarks: tuple[str, ...] = ()  #: what they had decided on by another click before, a sentence each
    refused: tuple[str, ...] = ()  #: what wasn't approved, a sentence each
    left: tuple[int, ...] = ()  #: what nothing was done about yet, but for the first, where `why` leaves that open
    why: PortcullisError | None = None  #: what kept the first of what is left from being done; None: there was no time

    @property
    def said(self) -> str:
        """What came of it, in a line."""
        done = f"Approved: {', '.join(f'#{number}' for number in sorted(self.approved))}." if self.approved else ""
        refused = f"Not approved by you: {' '.join(self.refused)}" if self.refused else ""
        return " ".join(filter(None, [done, *self.remarks, refused]))

    @property
    def nothing_was_done(self) -> bool:
        """Whether there is nothing to be said of any yet."""
        return not self.approved and not self.remarks and not self.refused

    def given_up(self, error: StoreError) -> Together:
        """The same where what is left isn't done either, since it could not be kept."""
        first = self.why if isinstance(self.why, StoreError) else error
        sentences = [f"#{number}: {_in_doubt(first if at == 0 else error)}" for at, number in enumerate(self.left)]
        return Together(approved=self.approved, remarks=self.remarks, refused=(*self.refused, *sentences))


#: What is told to do about what wasn't approved.
DECIDE_ELSEWHERE = "For what still waits open the form again, or decide on its card."


async def remember_together(
    context: Context, shown: Sequence[Parts], form: str, *, actor: Person, beside: Mapping[int, StandsBeside]
) -> None:
    """Put on record that a form that shows these proposals, as they are here, was opened for somebody, with what it
    shows `beside` each, by its number."""
    async with context.store.write() as uow:
        for parts in shown:
            await uow.messages.put(
                purpose=Purpose.TOGETHER_FORM,
                channel=actor.user_id,
                ts=_place(form, parts.id),
                request_id=parts.id,
                version=parts.version,
                beside=beside[parts.id].events if parts.id in beside else NOTHING,
            )


async def approve_together(
    context: Context,
    ticked: Sequence[Ticked],
    *,
    form: str,
    actor: Person,
    who_is: WhoIs,
    delivery: str,
    within: float | None = None,
) -> Together:
    """Approve each of these, in the form with this id, as if by a click of its own: each has its own transaction, is
    held to what was shown, and is approved or not whatever becomes of the others. Delivered again, it changes nothing,
    and says the same: so what was left of it is done by doing all of it once more.

    With `within`, what isn't done after so many seconds is left, and so is all from where the database fails, or Slack
    doesn't say who may still approve. Without it that is raised: StoreError, MembersUnread. Raises NotPermitted.
    """
    await required(context, actor, Right.REVIEW, delivery=delivery)
    began = asyncio.get_running_loop().time()
    approved: list[int] = []
    remarks: list[str] = []
    refused: list[str] = []

    def came_to(left: tuple[int, ...] = (), why: PortcullisError | None = None) -> Together:
        return Together(approved=tuple(approved), remarks=tuple(remarks), refused=tuple(refused), left=left, why=why)

    with hurried(within):
        for place, each in enumerate(ticked):
            left = tuple(other.request_id for other in ticked[place:])
            if within is not None and asyncio.get_running_loop().time() - began >= within:
                return came_to(left)
            try:
                await _approve(context, each, form=form, actor=actor, who_is=who_is, delivery=delivery)
            except (StoreError, MembersUnread) as error:
                if within is None:
                    raise
                return came_to(left, error)
            except DoneBefore as error:
                remarks.append(error.what)
            except PortcullisError as error:
                refused.append(error.what if _named(each) in error.what else f"{_named(each)}: {error.what}")
            else:
                approved.append(each.request_id)
    return came_to()


def ticked_in(key: str, delivery: str) -> int | None:
    """Which of several a key of a delivery is about, by its number; None for any other key."""
    number = key.removeprefix(f"{delivery}:") if key.startswith(f"{delivery}:") else ""
    return int(number) if number.isdecimal() else None


async def approved_before(uow: UnitOfWork, delivery: str) -> tuple[int, ...]:
    """The numbers of what was approved under a delivery, as far as it came."""
    answers = await uow.deliveries.answered_below(f"{delivery}:")
    return tuple(sorted(int(number) for number, answer in answers.items() if number.isdecimal() and is_counted(answer)))


async def _approve(context: Context, ticked: Ticked, *, form: str, actor: Person, who_is: WhoIs, delivery: str) -> None:
    shown = ShownCard(
        channel="",
        ts="",
        version=ticked.version,
        form=_place(form, ticked.request_id),
        form_is=Purpose.TOGETHER_FORM,
    )
    await review(
        context,
        actor=actor,
        request_id=ticked.request_id,
        decision=Decision.APPROVE,
        shown=shown,
        who_is=who_is,
        delivery=f"{delivery}:{ticked.request_id}",
    )


def _place(form: str, number: int) -> str:
    """What is on record of one proposal in a form: the form has several."""
    return f"{form}#{number}"


def _named(ticked: Ticked) -> str:
    return f"#{ticked.request_id}"


def _in_doubt(error: StoreError) -> str:
    if isinstance(error, CommitUnknown):
        return "nobody can tell whether it was recorded: its card will show it."
    return "not recorded: the database failed, or took too long."
