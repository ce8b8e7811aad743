"""A pending block of domains, replaced by one that has their subdomains too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.indicators.reader import recorded
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.subdomains import offers_subdomains, with_subdomains
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import ItemState, Request, RequestWarning
from bot.domain.requests.reviewing import require_withdrawable
from bot.errors import Conflict
from bot.workflow.requesting.by_workflow import is_by_workflow, of_workflow
from bot.workflow.requesting.consider import Considered, consider
from bot.workflow.requesting.propose import Proposed, made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def add_subdomains(context: Context, *, actor: Person, request_id: int, version: int, delivery: str) -> Proposed:
    """Withdraw one's own pending proposal, and propose the same with the subdomains of its domains, in one commit.

    What was approved of the old one doesn't count for the new one, and its card can no longer be decided on. Where
    policy refuses the new one the old one stays as it is, and the refusals say why. Delivered again, it changes nothing
    and gives the same answer. Raises NotPermitted, NotFound, and Conflict where it is no longer pending, no longer in
    the version that was shown, or leaves nothing to add.
    """
    who = await proposer(context, actor, delivery=delivery)
    async with context.store.read() as uow:
        if made := await made_by(uow, delivery):
            return Proposed(requests=tuple([await uow.requests.summary(number) for number in made]))
        parts = await uow.requests.parts(request_id, items=MOST_INDICATORS)
    request = next(filter(offers_subdomains, parts.requests), parts.of(request_id))
    if request.requester == who.user_id and not request.is_open:
        below = ", ".join(indicator.value for indicator in with_subdomains(request) if indicator.value.startswith("*."))
        raise Conflict(
            f"#{parts.id} isn't open any more, so nothing can be added to it.",
            f"Request the subdomains by themselves: /block {below}" if below else "",
        )
    require_withdrawable(request, who.user_id)
    if not offers_subdomains(request):
        raise Conflict(
            f"#{parts.id} has no domain whose subdomains could be added to it.",
            "Block them with a request of their own: *.evil.example.",
        )
    if request.version != version:
        raise Conflict(
            f"#{parts.id} has changed since it was shown to you, and your click decided nothing.",
            "Look at your copy of it, in your direct messages with Portcullis, and click there.",
        )
    now = context.now()
    wanted = [part for part in parts.open if not part.is_left_out]
    proposals = [_wider(part, now) if offers_subdomains(part) else _as_it_was(part, now) for part in wanted]
    considered = await consider(context, actor=who, proposals=proposals, instead_of=parts.id)
    if is_by_workflow(request):  # what stands in it is still not theirs alone
        considered = of_workflow(considered, {"widens": parts.id})
    return await propose(context, _saying_so(considered, parts.id), delivery=delivery, instead_of=request)


def _as_it_was(request: Request, now: datetime) -> Proposal:
    """What another list's part of the proposal asks for, once more, without what an approver left out."""
    return Proposal(
        operation=request.operation,
        action=request.action,
        list=request.list,
        indicators=tuple(
            recorded(item.kind, item.value, item.notes)
            for item in request.items
            if item.state is not ItemState.LEFT_OUT
        ),
        reason=request.reason,
        expires=request.ends_if_approved(now),
        lasts=request.lasts,
        acknowledged=True,  # without the tick there would be no request
    )


def _wider(request: Request, now: datetime) -> Proposal:
    """What a part asks for, with the subdomains of its domains."""
    return replace(_as_it_was(request, now), indicators=with_subdomains(request))


def _saying_so(considered: Considered, request_id: int) -> Considered:
    """The same, with a word to whoever decides: they may have seen the other card."""
    takes_its_place = RequestWarning(
        code="replaces",
        text=f"This takes the place of #{request_id}, which was withdrawn for it: the subdomains are new.",
    )
    judged, *others = considered.judged
    assessment = replace(judged.assessment, warnings=(*judged.assessment.warnings, takes_its_place))
    return replace(considered, judged=(replace(judged, assessment=assessment), *others))
