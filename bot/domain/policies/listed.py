"""What concerns an entry that exists needs that entry: is it there, under this action?"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import Effect, covers_proposed, listed_as
from bot.domain.lists.entries import Entry, has_ended
from bot.domain.lists.traits import title
from bot.domain.policies.case import Case, Findings
from bot.domain.reading.listed import as_typed

#: The code of a refusal for want of the entry that was to be changed.
NOT_LISTED = "not_listed"


def check_listed(case: Case, indicator: Indicator, findings: Findings) -> tuple[Entry, ...]:
    """The entries that are this indicator under the proposal's action; refused when there are none.

    Where the list is not known nothing is refused.
    """
    proposal = case.proposal
    entries = case.near(indicator)
    listed = listed_as(entries, indicator, proposal.action)
    if not listed and case.list_is_known:
        shown, place = defanged(indicator.value), title(proposal.list, proposal.action)
        findings.refuse(
            NOT_LISTED,
            f"{shown} is not in the {place}.",
            _remedy(case, indicator, covering(case, indicator)),
            indicator=indicator,
        )
    return listed


def check_not_ended(case: Case, indicator: Indicator, listed: Sequence[Entry], findings: Findings) -> bool:
    """Refused when all that is listed has ended, and the service is about to remove it. Whether it goes on."""
    if not listed or not all(has_ended(entry, case.now) for entry in listed):
        return bool(listed)
    ended = max(entry.expires for entry in listed if entry.expires is not None)
    findings.refuse(
        "ended",
        f"{defanged(indicator.value)} is still listed, but it ended on {ended:%Y-%m-%d %H:%M} UTC.",
        f"Propose it anew, with /{case.proposal.action.value}.",
        indicator=indicator,
    )
    return False


def covering(case: Case, indicator: Indicator) -> list[Entry]:
    """The other entries under the proposal's action that cover the indicator."""
    action = case.proposal.action
    return [
        entry
        for entry in case.near(indicator)
        if entry.action is action
        and not has_ended(entry, case.now)
        and covers_proposed(entry, indicator, action) is Effect.COVERS
    ]


def _remedy(case: Case, indicator: Indicator, covered_by: Sequence[Entry]) -> str:
    proposal, shown = case.proposal, defanged(indicator.value)
    other = proposal.action.other
    if listed_as(case.near(indicator), indicator, other):
        here = title(proposal.list, other)
        if proposal.operation is Operation.REMOVE:
            return f"It is in the {here}: take /un{other.value} for that."
        return f"It is in the {here}: put the word {other.value} in front for that."
    elsewhere = [entry for entry in case.by_text.get(indicator.value.casefold(), ()) if entry.list is not proposal.list]
    if elsewhere:
        where = title(elsewhere[0].list, elsewhere[0].action)
        return f"That text stands in the {where}: for that entry write {defanged(as_typed(elsewhere[0]))}."
    if covered_by:
        return f"It is covered by {defanged(covered_by[0].value)}; only that entry can be {_DONE[proposal.operation]}."
    return f"See with /check what the lists have on {shown}."


_DONE = {Operation.REMOVE: "removed", Operation.EXTEND: "extended", Operation.ANNOTATE: "given a note"}
