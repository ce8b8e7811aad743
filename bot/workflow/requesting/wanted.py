"""What somebody wants: drafted, with what the last snapshot of the lists adds to it, and considered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.differences import same_end
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action
from bot.domain.policies.drafting import draft, entries_of, is_none_listed, safe_list_off, which_action
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.lines import line_of
from bot.errors import ActionUntold, InvalidDuration, NothingListed
from bot.workflow.requesting.consider import Considered, consider
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.context import Context
from bot.workflow.shared.filter_policies import filter_policies
from bot.workflow.shared.listed import index_of_long
from bot.workflow.shared.rights import Proposer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEnd:
    """The end that entries have and that stays, as somebody was shown it; None: none."""

    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One change to entries, of one list or of several. Without an action, that of the entries as they are listed."""

    operation: Operation
    action: Action | None
    indicators: Sequence[Indicator]
    lifetime: Lifetime | None = None  #: None: each list's own default
    keeps_end: KeptEnd | None = None  #: the end that the entries have stays: there is no other lifetime then
    reason: str = ""
    acknowledged: bool = False  #: whoever wants it ticked the warning of just these indicators


async def consider_change(context: Context, *, actor: Proposer, wanted: Wanted, was_warned: bool = False) -> Considered:
    """Draft a proposal for each list, and judge them. See `consider`.

    Raises ActionUntold when the action is left open and can't be told, NothingListed when none of it is listed, and
    InvalidDuration for an end that has passed, or where the entries have no end that could stay, or another than was
    shown.
    """
    action = wanted.action or await _listed_action(context, wanted.indicators)
    proposals = draft(
        wanted.operation,
        action,
        wanted.indicators,
        lifetime=wanted.lifetime,
        reason=wanted.reason,
        rules=context.rules,
        now=context.now(),
        acknowledged=wanted.acknowledged,
    )
    if wanted.keeps_end is not None:
        end = await _listed_end(context, action, wanted.indicators)
        if not same_end(end, wanted.keeps_end.expires):
            raise InvalidDuration(
                "These entries have another end date by now than the form showed.",
                "Open the form anew, or choose a new expiry date.",
            )
        proposals = tuple(replace(each, expires=end, lasts=None, keeps_end=True) for each in proposals)
    return await consider(context, actor=actor, proposals=proposals, was_warned=was_warned)


async def consider_safe_list_off(
    context: Context, *, actor: Proposer, reason: str, policy: str | None = None
) -> Considered:
    """Judge that the safe list be switched off wherever it was last seen on, or in one `policy` alone.

    Raises InvalidInput when the connection filter has not been read yet.
    """
    last_read = await filter_policies(context)
    meant = [each for each in last_read.policies if policy is None or each.identity == policy]
    proposal = safe_list_off(meant, reason=reason.strip())
    return await consider(context, actor=actor, proposals=[proposal])


async def _listed_end(context: Context, action: Action, indicators: Sequence[Indicator]) -> datetime | None:
    """The end that all of these entries have, as they were last seen; None: none. Raises InvalidDuration where there is
    no such one.
    """
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    index = await index_of_long(context, lists)
    finding = partial(entries_of, indicators, action, lists, index=index)
    entries = await judged_aside(len(indicators), lists, finding, is_indexed=index is not None)
    ends = {entry.expires for entry in entries}
    if len(ends) != 1 or any(entry.bounded_by_use for entry in entries):
        raise InvalidDuration(
            "These entries have no one end date that could stay: they aren't listed any more, end after their last "
            "use, or end at different times.",
            "Choose a new expiry date.",
        )
    return ends.pop()


async def _listed_action(context: Context, indicators: Sequence[Indicator]) -> Action:
    """The action of the entries as they were last seen. Raises ActionUntold and NothingListed."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    index = await index_of_long(context, lists)

    def found() -> tuple[Action | None, bool]:
        action = which_action(indicators, lists, index=index)
        return action, action is None and is_none_listed(indicators, lists, index=index)

    action, is_none = await judged_aside(len(indicators), lists, found, is_indexed=index is not None)
    if action is not None:
        return action
    if lists is not None and is_none:
        raise _nothing_listed(indicators, lists)
    raise ActionUntold(
        "Which entries are meant can't be told: as the lists were last read, what you name is both allowed and "
        "blocked, or its list is not known.",
        "Look with /check, and say whether blocks or allows are meant.",
    )


def _nothing_listed(indicators: Sequence[Indicator], lists: Snapshot) -> NothingListed:
    values = [indicator.value for indicator in indicators]
    shown = defanged(values[0]) if len(values) == 1 else f"None of these {len(values)}"
    isnt = "isn't" if len(values) == 1 else "is"
    return NothingListed(
        f"{shown} {isnt} listed, as of {lists.as_of:%Y-%m-%d %H:%M} UTC: there is no entry to change.",
        "Look with /check, or block it with /block.",
        values=values,
        lines=[line_of(indicator) for indicator in indicators],
        as_of=lists.as_of,
    )
