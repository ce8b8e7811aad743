"""The cmdlets that a change runs, with their parameters: built once, for the wire and for people.

`tenant` sends what is built here; `powershell` writes the same down as PowerShell, so that what an
approver reads is what will run.

Source: Set-HostedConnectionFilterPolicy, New-, Set- and Remove-TenantAllowBlockListItems, New- and
Remove-TenantAllowBlockListSpoofItems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.lists.change import Change, Operation, reaches_tenant, values_per_call
from bot.domain.lists.ends import is_bounded_by_use
from bot.domain.lists.traits import Action, Cmdlets

#: "The only valid value for this parameter is 45": days after the last use.
_REMOVE_AFTER = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEdit:
    """What to add to a list of the connection filter and what to take out: never the list as a whole.

    A replacement would lose what somebody else added a second ago.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoofPair:
    """A spoof pair in its two parts."""

    user: str
    infrastructure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoofIds:
    """The service's ids of spoof pairs, which have to be looked up before it can be told to remove them."""

    pairs: tuple[SpoofPair, ...]
    action: Action


Parameter = str | int | bool | datetime | tuple[str, ...] | ListEdit | SpoofIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cmdlet:
    """One cmdlet with its parameters, in the order in which people write them."""

    cmdlet: str
    parameters: Mapping[str, Parameter]


def cmdlets_for(
    change: Change, *, policy: str = "Default", accepted_domains: Collection[str] = frozenset()
) -> tuple[Cmdlet, ...]:
    """The commands that make this change, each with no more values than go into one call.

    `policy` is the connection filter policy to edit; `accepted_domains` are the tenant's own domains (lower case),
    which tell an internal spoof from an external one. None for what never reaches the tenant.
    """
    if not reaches_tenant(change):
        return ()
    if change.operation is Operation.SAFE_LIST_OFF:
        return tuple(_switch_safe_list_off(identity) for identity in change.values)
    return tuple(_command(change, chunk, policy=policy, accepted_domains=accepted_domains) for chunk in _chunks(change))


def spoof_pair(value: str) -> SpoofPair:
    """The two parts of `<spoofed user>, <sending infrastructure>`."""
    user, _, infrastructure = value.partition(",")
    return SpoofPair(user=user.strip(), infrastructure=infrastructure.strip())


def _chunks(change: Change) -> Iterator[tuple[str, ...]]:
    size = values_per_call(change.list, change.operation)
    for start in range(0, len(change.values), size):
        yield change.values[start : start + size]


def _command(change: Change, values: tuple[str, ...], *, policy: str, accepted_domains: Collection[str]) -> Cmdlet:
    match change.list.traits.cmdlets:
        case Cmdlets.FILTER_POLICY:
            return _edit_connection_filter(change, values, policy=policy)
        case Cmdlets.SPOOF_ITEMS:
            pairs = tuple(spoof_pair(value) for value in values)
            adds = change.operation is Operation.ADD
            return _add_spoof(change, pairs[0], accepted_domains) if adds else _remove_spoof(change, pairs)
        case Cmdlets.ITEMS:
            return _change_items(change, values)


def _change_items(change: Change, values: tuple[str, ...]) -> Cmdlet:
    match change.operation:
        case Operation.ADD:
            return _add_items(change, values)
        case Operation.EXTEND:
            return _edit_items(change, values, _end(change))
        case Operation.ANNOTATE:
            return _edit_items(change, values, {"Notes": change.notes})
        case _:
            return _remove_items(change, values)


def _edit_connection_filter(change: Change, values: tuple[str, ...], *, policy: str) -> Cmdlet:
    edit = ListEdit(add=values) if change.operation is Operation.ADD else ListEdit(remove=values)
    name = "IPAllowList" if change.action is Action.ALLOW else "IPBlockList"
    return Cmdlet(cmdlet=f"Set-{Cmdlets.FILTER_POLICY}", parameters={"Identity": policy, name: edit})


def _switch_safe_list_off(policy: str) -> Cmdlet:
    # A boolean parameter, not a switch: it is always given with its value.
    return Cmdlet(cmdlet=f"Set-{Cmdlets.FILTER_POLICY}", parameters={"Identity": policy, "EnableSafeList": False})


def _add_items(change: Change, values: tuple[str, ...]) -> Cmdlet:
    parameters: dict[str, Parameter] = {
        "ListType": change.list.traits.list_type,
        "Entries": values,
        "Allow" if change.action is Action.ALLOW else "Block": True,
    }
    parameters |= _end(change)
    if change.notes:
        parameters["Notes"] = change.notes
    return Cmdlet(cmdlet=f"New-{Cmdlets.ITEMS}", parameters=parameters)


def _edit_items(change: Change, values: tuple[str, ...], edits: Mapping[str, Parameter]) -> Cmdlet:
    # Neither -Allow nor -Block, as in Microsoft's own examples: a value is in a list once, whichever action it has.
    return Cmdlet(
        cmdlet=f"Set-{Cmdlets.ITEMS}",
        parameters={"ListType": change.list.traits.list_type, "Entries": values, **edits},
    )


def _end(change: Change) -> Mapping[str, Parameter]:
    if change.expires is not None:
        return {"ExpirationDate": change.expires.astimezone(UTC)}
    if is_bounded_by_use(change.list, change.action):
        return {"RemoveAfter": _REMOVE_AFTER}
    return {"NoExpiration": True}


def _remove_items(change: Change, values: tuple[str, ...]) -> Cmdlet:
    return Cmdlet(
        cmdlet=f"Remove-{Cmdlets.ITEMS}",
        parameters={"ListType": change.list.traits.list_type, "Entries": values},
    )


def _add_spoof(change: Change, pair: SpoofPair, accepted_domains: Collection[str]) -> Cmdlet:
    domain = pair.user.rpartition("@")[2].lower()
    return Cmdlet(
        cmdlet=f"New-{Cmdlets.SPOOF_ITEMS}",
        parameters={
            "Identity": "Default",
            "Action": "Allow" if change.action is Action.ALLOW else "Block",
            "SpoofedUser": pair.user,
            "SendingInfrastructure": pair.infrastructure,
            "SpoofType": "Internal" if domain in accepted_domains else "External",
        },
    )


def _remove_spoof(change: Change, pairs: Sequence[SpoofPair]) -> Cmdlet:
    return Cmdlet(
        cmdlet=f"Remove-{Cmdlets.SPOOF_ITEMS}",
        parameters={"Identity": "Default", "Ids": SpoofIds(pairs=tuple(pairs), action=change.action)},
    )


def on_the_wire(parameter: Parameter) -> object:
    """A parameter as JSON for the admin endpoint. Spoof ids must have been looked up before."""
    if isinstance(parameter, ListEdit):
        # Without the tag the service can't bind a hashtable.
        table: dict[str, object] = {"@odata.type": "#Exchange.GenericHashTable"}
        if parameter.add:
            table["Add"] = list(parameter.add)
        if parameter.remove:
            table["Remove"] = list(parameter.remove)
        return table
    if isinstance(parameter, datetime):
        return iso_date(parameter)
    if isinstance(parameter, tuple):
        return list(parameter)
    if isinstance(parameter, SpoofIds):
        raise TypeError("spoof ids have to be looked up before they can be sent")
    return parameter


def iso_date(moment: datetime) -> str:
    """A moment in UTC, as the service and PowerShell both read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
