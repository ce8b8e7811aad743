"""What policy says of proposals, by the last snapshot of the lists: once, on their way in.

What comes out goes to whoever decides which form is still to be filled in, and to `bot.workflow.requesting.propose`,
which writes it down as it was judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from bot.domain.auditing.events import EventKind
from bot.domain.figures.figures import FiguresOf
from bot.domain.figures.together import MOST_LOOKED_UP
from bot.domain.policies.assess import MOST_INDICATORS, assess
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.policies.known_sharers import with_owners
from bot.domain.policies.pending import pending_warnings
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request, SetAside
from bot.domain.senders.owner import AddressOwner
from bot.store import UnitOfWork
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.context import Context
from bot.workflow.shared.keeping import records
from bot.workflow.shared.listed import index_of_long
from bot.workflow.shared.mail_figures import LASTS as FIGURES_LAST
from bot.workflow.shared.own_domains import domains_known
from bot.workflow.shared.rights import Proposer

#: What a form asks for, whatever indicators there are.
_ASKED = frozenset({Field.REASON, Field.EXPIRES, Field.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedProposal:
    """A proposal beside what policy says of it.

    Of an import, `lines` says in which line a value stood, and `set_aside` which lines became no item.
    """

    proposal: Proposal
    assessment: Assessment
    lines: Mapping[str, int] = field(default_factory=dict)
    set_aside: Sequence[SetAside] = ()

    @property
    def targets(self) -> str:
        """One target for the log: the value itself, or how many and where."""
        indicators = self.proposal.indicators
        if len(indicators) == 1:
            return indicators[0].value
        return f"{len(indicators)} {self.proposal.list.value} indicators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """What somebody wants, judged, and nothing of it written down yet.

    `knows_own_domains`: the tenant's accepted domains are set or were read, so that policy could look for them.
    `as_of` is when the lists were read by which it was judged; None: they haven't been, or it was judged elsewhere.
    `workflow` says which step of Slack's Workflow Builder asks for it, for the log; empty: no step does.
    """

    actor: Proposer
    judged: tuple[JudgedProposal, ...]
    knows_own_domains: bool = False
    as_of: datetime | None = None
    mail: tuple[FiguresOf, ...] = ()  #: what was found lately of the indicators' mail, for the form that opens
    workflow: Mapping[str, object] = field(default_factory=dict)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why policy refuses it, in the order of the proposals; empty when all may go ahead."""
        return tuple(refusal for judged in self.judged for refusal in judged.assessment.refusals)

    @property
    def unrefused(self) -> tuple[str, ...]:
        """The values that could go ahead without the others; empty when all may, or when something else is refused that
        no form can mend."""
        refused = {refusal.indicator for refusal in self.refusals if refusal.indicator or refusal.field not in _ASKED}
        if not refused or "" in refused:
            return ()
        return tuple(value for judged in self.judged for value in _values(judged.proposal) if value not in refused)


async def consider(
    context: Context,
    *,
    actor: Proposer,
    proposals: Sequence[Proposal],
    most: int = MOST_INDICATORS,
    was_warned: bool = False,
    instead_of: int | None = None,
) -> Considered:
    """Judge proposals, before anybody commits to them. Changes nothing but the log.

    `most` is how many indicators one proposal may have. That somebody was warned of who gets in is an event, whatever
    they do next, unless they were before (`was_warned`); what is refused anyway needs no warning. `instead_of` is an
    open request that these are to replace: that it names the same is no news.
    """
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
        known = [await records(uow, proposal.list, _values(proposal)) for proposal in proposals]
        still_open = [await _still_open(uow, proposal, but=instead_of) for proposal in proposals]
        mail = await _mail(context, uow, proposals)
    owners, index = _owners(context, proposals), await index_of_long(context, lists)
    judged = []
    for proposal, on_record, requests in zip(proposals, known, still_open, strict=True):
        # In no transaction: ten thousand indicators take a moment.
        judging = partial(
            assess, proposal, lists, context.rules, now=context.now(), most=most, known=on_record, index=index
        )
        assessment = await judged_aside(len(proposal.indicators), lists, judging, is_indexed=index is not None)
        assessment = with_owners(proposal, assessment, owners)
        judged.append(_beside(JudgedProposal(proposal=proposal, assessment=assessment), requests))
    knows = bool(domains_known(context.rules, lists))
    as_of = lists.as_of if lists is not None else None
    considered = Considered(actor=actor, judged=tuple(judged), knows_own_domains=knows, as_of=as_of, mail=mail)
    if not was_warned:
        await _log_warned(context, considered)
    return considered


async def considered(context: Context, *, actor: Proposer, judged: Sequence[JudgedProposal]) -> Considered:
    """What was judged elsewhere, line by line, beside the other requests that are open now."""
    async with context.store.read() as uow:
        still_open = [await _still_open(uow, each.proposal) for each in judged]
    return Considered(actor=actor, judged=tuple(map(_beside, judged, still_open)))


async def _mail(context: Context, uow: UnitOfWork, proposals: Sequence[Proposal]) -> tuple[FiguresOf, ...]:
    """What is known already: nobody waits for more of it."""
    if context.tracing is None:
        return ()
    indicators = [indicator for proposal in proposals for indicator in proposal.indicators]
    return await uow.figures.known(indicators[:MOST_LOOKED_UP], since=context.now() - FIGURES_LAST)


def _owners(context: Context, proposals: Sequence[Proposal]) -> Mapping[str, AddressOwner]:
    """Whose the addresses of IP allows are, as far as DNS has said so; the others are asked about meanwhile.

    Whoever proposes one reads a form first, and by the time that it is sent the answer is there.
    """
    if context.who_is is None:
        return {}
    values = [value for proposal in proposals if proposal.is_ip_allow for value in _values(proposal)]
    context.who_is.find_out_later(values)
    return context.who_is.known(values)


async def _still_open(uow: UnitOfWork, proposal: Proposal, *, but: int | None = None) -> list[Request]:
    """The requests under way that name the same values."""
    return await uow.requests.naming(proposal.list, _values(proposal), but=but)


def _values(proposal: Proposal) -> list[str]:
    return [indicator.value for indicator in proposal.indicators]


def _beside(judged: JudgedProposal, still_open: Sequence[Request]) -> JudgedProposal:
    """The same, with a warning for each open request that names the same."""
    warnings = (*judged.assessment.warnings, *pending_warnings(judged.proposal, still_open[::-1]))
    return replace(judged, assessment=replace(judged.assessment, warnings=warnings))


async def _log_warned(context: Context, considered: Considered) -> None:
    warned = [
        judged
        for judged in considered.judged
        if judged.assessment.needs_acknowledgement
        and not judged.proposal.acknowledged
        and not any(
            refusal.indicator and refusal.field is not Field.ACKNOWLEDGED for refusal in judged.assessment.refusals
        )
    ]
    if not warned:
        return
    async with context.store.write() as uow:
        for judged in warned:
            await uow.audit.append(
                EventKind.IP_ALLOW_WARNED if judged.proposal.is_ip_allow else EventKind.SPOOF_ALLOW_WARNED,
                actor=considered.actor.user_id,
                target=judged.targets,
                payload={"warnings": [warning.code for warning in judged.assessment.warnings]},
                at=context.now(),
            )
