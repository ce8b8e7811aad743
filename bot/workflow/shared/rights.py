"""Holding people to their roles, and writing down when they tried to go further."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.auditing.events import EventKind
from bot.domain.requests.people import Person, Right
from bot.errors import NotPermitted
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import owe


@dataclass(frozen=True, slots=True)
class Proposer:
    """Somebody who may propose, by the roles that they had when this delivery came.

    Whatever proposes takes one, and `proposer` makes it: so that the right is checked, and once.
    """

    person: Person

    @property
    def user_id(self) -> str:
        return self.person.user_id


async def proposer(context: Context, person: Person, *, delivery: str) -> Proposer:
    """Hold somebody to their right to propose. Raises NotPermitted, after it was logged, once for each delivery."""
    await required(context, person, Right.PROPOSE, delivery=delivery)
    return Proposer(person)


async def required(
    context: Context, actor: Person, right: Right, *, request_id: int | None = None, delivery: str | None = None
) -> None:
    """Raises NotPermitted, after it was logged, unless the person's roles entitle to this."""
    try:
        actor.require(right)
    except NotPermitted as error:
        await log_refused(context, actor, right, error=error, request_id=request_id, delivery=delivery)
        raise


async def log_refused(
    context: Context,
    actor: Person,
    right: Right,
    *,
    error: NotPermitted,
    request_id: int | None = None,
    why: str = "role",
    delivery: str | None = None,
) -> None:
    """Write down that somebody was refused, in a transaction of its own: the act itself leaves none. They are told of
    the `error` with it, where the acknowledgement can't do that.

    What Slack delivers several times is written down once, where the `delivery` is given.
    """
    async with context.store.write() as uow:
        if delivery is not None and not await uow.deliveries.first_time(f"refused:{delivery}"):
            return
        await uow.audit.append(
            EventKind.ACCESS_REFUSED,
            actor=actor.user_id,
            target=right,
            request_id=request_id,
            payload={"right": right, "roles": sorted(actor.roles), "why": why},
            at=context.now(),
        )
        await owe(uow, error)


async def log_own(context: Context, actor: Person, request_id: int, delivery: str, error: NotPermitted) -> None:
    """Write down likewise that somebody wanted to decide on their own."""
    await log_refused(
        context, actor, Right.REVIEW, error=error, request_id=request_id, why="own request", delivery=delivery
    )


async def log_stranger(context: Context, actor: Person, request_id: int, delivery: str, error: NotPermitted) -> None:
    """Write down likewise that somebody wanted to do what is its requester's."""
    await log_refused(
        context, actor, Right.PROPOSE, error=error, request_id=request_id, why="not the requester", delivery=delivery
    )
