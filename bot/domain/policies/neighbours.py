"""How a proposed entry stands to those that the list has: the same one, one that covers it, one that contradicts it.

Source: Microsoft, "Manage allows and blocks in the Tenant Allow/Block List" (a value exists once per list type, block
wins) and "Configure connection filtering" (allow wins).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import Effect, covers_proposed, value_key
from bot.domain.lists.entries import Entry, has_ended
from bot.domain.lists.traits import Action, title
from bot.domain.policies.case import Case, Findings


def check_neighbours(case: Case, findings: Findings) -> None:
    """Hold each indicator of a proposal that adds against the entries of its list, and against each other."""
    _check_twice(case, findings)
    for indicator in case.proposal.indicators:
        met = [
            (entry, effect)
            for entry in case.near(indicator)
            if (effect := covers_proposed(entry, indicator, case.proposal.action)) is not None
        ]
        standing = [(entry, effect) for entry, effect in met if not has_ended(entry, case.now)]
        _check_ended(indicator, [entry for entry, effect in met if effect is Effect.EXACT], case, findings)
        _check_same_action(case, indicator, standing, findings)
        _check_other_action(case, indicator, standing, findings)


def _check_twice(case: Case, findings: Findings) -> None:
    seen: dict[object, Indicator] = {}
    for indicator in case.proposal.indicators:
        first = seen.setdefault(value_key(case.proposal.list, indicator.value), indicator)
        if first is not indicator:
            findings.refuse(
                "twice",
                f"{defanged(indicator.value)} is the same as {defanged(first.value)}.",
                "Name it once.",
                indicator=indicator,
            )


def _check_ended(indicator: Indicator, exact: Sequence[Entry], case: Case, findings: Findings) -> None:
    for entry in exact:
        if has_ended(entry, case.now):
            findings.warn(
                "expired_still_listed",
                f"{defanged(indicator.value)} is still listed with an end date that has passed. The service may call "
                "a new entry a duplicate until it has removed the old one.",
            )


def _check_same_action(
    case: Case, indicator: Indicator, met: Sequence[tuple[Entry, Effect]], findings: Findings
) -> None:
    same = [(entry, effect) for entry, effect in met if entry.action is case.proposal.action]
    if not same:
        return
    exact = [entry for entry, effect in same if effect is Effect.EXACT]
    place = title(case.proposal.list, case.proposal.action)
    shown = defanged(indicator.value)
    if exact and not (lacking := _policies_without(case, exact)):
        findings.refuse(
            "exists",
            f"{shown} is in the {place} already{_until(exact[0])}.",
            "Nothing to do. To give it a new expiry date, use /extend.",
            indicator=indicator,
        )
        return
    if exact:
        findings.warn(
            "exists_in_some",
            f"{shown} is in the {place} of some connection filter policies already, but not of {', '.join(lacking)}.",
        )
        return
    for entry, effect in same:
        if effect is Effect.COVERS:
            text = (
                f"{shown} is covered by {defanged(entry.value)} in the {place} already{_until(entry)}. A further entry "
                "changes nothing while that one stands."
            )
            findings.warn("covered", text)
            findings.covered[indicator.value] = text
            return


def _policies_without(case: Case, exact: Sequence[Entry]) -> list[str]:
    """The connection filter policies that lack an entry which others have."""
    if not case.proposal.list.traits.in_policies or case.lists is None:
        return []
    having = {entry.policy for entry in exact}
    return sorted({policy.identity for policy in case.lists.policies} - having)


def _check_other_action(
    case: Case, indicator: Indicator, met: Sequence[tuple[Entry, Effect]], findings: Findings
) -> None:
    others = [(entry, effect) for entry, effect in met if entry.action is not case.proposal.action]
    exact = [entry for entry, effect in others if effect is Effect.EXACT]
    if exact and case.proposal.list.traits.one_entry_a_value:
        other = exact[0].action
        findings.refuse(
            "other_action",
            f"{defanged(indicator.value)} is in the {title(case.proposal.list, other)}{_until(exact[0])}. There a "
            "value exists once, either allowed or blocked.",
            f"Remove it there first, with /{'unallow' if other is Action.ALLOW else 'unblock'}.",
            indicator=indicator,
        )
        return
    if others:
        _warn_of_contradiction(case, indicator, others, findings)


def _warn_of_contradiction(
    case: Case, indicator: Indicator, others: Sequence[tuple[Entry, Effect]], findings: Findings
) -> None:
    proposal = case.proposal
    entry, effect = min(others, key=lambda pair: _ORDER[pair[1]])
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    how = {Effect.EXACT: "is the same as", Effect.COVERS: "covers", Effect.PART: "is a part of"}[effect]
    place, against, shown = title(proposal.list, entry.action), defanged(entry.value), defanged(indicator.value)
    # Spelled alike, it would be "A is the same as A".
    same = f"is this very {proposal.list.traits.words.noun}" if against == shown else f"{how} {shown}"
    fact = f"{against}{more} in the {place} {same}."
    traits, mine, theirs = proposal.list.traits, proposal.action.value, proposal.action.other.value
    result = (
        f"this entry would overrule the {theirs}."
        if proposal.action is traits.stronger_action
        else f"this {mine} would do nothing there while the {theirs} stands."
    )
    rule = f"In the {traits.words.family} {traits.stronger_action.value} wins"
    findings.warn("contradicted", f"{fact} {rule}: {result}", serious=True)


_ORDER = {Effect.EXACT: 0, Effect.COVERS: 1, Effect.PART: 2}


def _until(entry: Entry) -> str:
    """When an entry ends, as far as the service keeps that; what Portcullis keeps isn't in the lists."""
    if entry.expires is not None:
        return f", until {entry.expires:%Y-%m-%d %H:%M} UTC"
    if entry.bounded_by_use:
        return ", until 45 days after its last use"
    return ", with no end date" if entry.list.traits.keeps_ends else ""
