"""A change put into the tenant's own terms: which policy it goes to, and how each value is spelled there.

The cmdlets take a value out, or edit it, only by the very text that the list holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.errors import IncompleteAnswer
from bot.tenant.exchange.cmdlets import Cmdlet, SpoofIds, cmdlets_for, spoof_pair
from bot.tenant.exchange.list_reading import default_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePart:
    """What of a change goes to one connection filter policy; elsewhere `policy` is empty and there is one part."""

    change: Change  #: with the values as the tenant spells them
    policy: str = ""


def parts_of(change: Change, reading: ListSnapshot) -> tuple[ChangePart, ...]:
    """What is to be sent of a change, by a reading for it.

    An addition goes whole, to the default policy where there are policies. Everything else is about what is listed:
    each value as the list spells it, only where the list holds it with the change's action (a cmdlet that removes by
    value alone would take a block away for somebody who wanted an allow gone), and in each policy that holds it. Empty
    when the list holds none of the values. Raises IncompleteAnswer when there is no policy to add to.
    """
    if change.operation is Operation.ADD:
        if change.list.traits.in_policies:
            return (ChangePart(change=change, policy=default_policy(reading.policies).identity),)
        return (ChangePart(change=change),)
    held = [entry for value in change.values for entry in reading.held(value, change.action)]
    if not change.list.traits.in_policies or change.operation is Operation.SAFE_LIST_OFF:
        return (ChangePart(change=_spelled(change, held)),) if held else ()
    of_policy: dict[str, list[Entry]] = defaultdict(list)
    for entry in held:
        of_policy[entry.policy].append(entry)
    return tuple(ChangePart(change=_spelled(change, entries), policy=policy) for policy, entries in of_policy.items())


def cmdlets_to_send(change: Change, reading: ListSnapshot) -> tuple[Cmdlet, ...]:
    """What to run for a change, by a reading for it: see `parts_of`. Empty when there is nothing to do.

    Raises IncompleteAnswer when the tenant didn't return what is needed for it.
    """
    return tuple(
        _with_ids(command, reading)
        for part in parts_of(change, reading)
        for command in cmdlets_for(part.change, policy=part.policy, accepted_domains=reading.accepted_domains)
    )


def _spelled(change: Change, held: Iterable[Entry]) -> Change:
    return replace(change, values=tuple(dict.fromkeys(entry.value for entry in held)))


def _with_ids(command: Cmdlet, reading: ListSnapshot) -> Cmdlet:
    """The command with the service's own ids in the place of spoof pairs, which it removes only by them."""
    return Cmdlet(
        cmdlet=command.cmdlet,
        parameters={
            name: _ids(parameter, reading) if isinstance(parameter, SpoofIds) else parameter
            for name, parameter in command.parameters.items()
        },
    )


def _ids(wanted: SpoofIds, reading: ListSnapshot) -> tuple[str, ...]:
    ids: list[str] = []
    for entry in reading.entries:
        if entry.action is not wanted.action or spoof_pair(entry.value) not in wanted.pairs:
            continue
        if not entry.identity:
            raise IncompleteAnswer(
                f"The tenant gave no id for the spoof pair {entry.value}, so that it can't be removed.",
                "Remove it in the Defender portal.",
            )
        ids.append(entry.identity)
    return tuple(ids)
