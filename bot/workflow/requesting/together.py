"""Several proposals approved together, by somebody who has seen each: in one form, each as by a click of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Decision
from bot.errors import CommitUnknown, Conflict, PortcullisError, StoreError
from bot.workflow.requesting.review import WhoIs, review
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import required

#: So many are shown in one form, and decided within the three seconds that a form has.
MOST_TOGETHER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """A proposal that was ticked, in the version that the form shows."""

    request_id: int
    version: int


async def remember_together(context: Context, shown: Sequence[Parts], form: str, *, actor: Person) -> None:
    """Put on record that a form that shows these proposals, as they are here, was opened for somebody."""
    async with context.store.write() as uow:
        for parts in shown:
            await uow.messages.add(
                purpose=Purpose.TOGETHER_FORM,
                channel=actor.user_id,
                ts=_place(form, parts.id),
                request_id=parts.id,
                version=parts.version,
            )


async def approve_together(
    context: Context, ticked: Sequence[Ticked], *, form: str, actor: Person, who_is: WhoIs, delivery: str
) -> None:
    """Approve each of these, in the form with this id, as if by a click of its own: each has its own transaction, is
    held to what was shown, and is approved or not whatever becomes of the others.

    Raises NotPermitted, and, where some weren't approved, Conflict with a sentence for each. Delivered again, it
    changes nothing, and says the same.
    """
    await required(context, actor, Right.REVIEW, delivery=delivery)
    approved: list[int] = []
    refused: list[str] = []
    for place, each in enumerate(ticked):
        try:
            await _approve(context, each, form=form, actor=actor, who_is=who_is, delivery=delivery)
        except StoreError as error:
            if not approved and not refused:
                raise  # nothing was told yet: it is told as of any other click
            left = [f"{_named(other)}: not recorded." for other in ticked[place + 1 :]]
            refused += [f"{_named(each)}: {_in_doubt(error)}", *left]
            break
        except PortcullisError as error:
            refused.append(error.what if _named(each) in error.what else f"{_named(each)}: {error.what}")
        else:
            approved.append(each.request_id)
    if refused:
        done = f"Approved: {', '.join(f'#{number}' for number in approved)}. " if approved else ""
        raise Conflict(
            f"{done}Not approved: {' '.join(refused)}",
            "What is left waits as before: open the form again, or decide on their cards.",
        )


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
