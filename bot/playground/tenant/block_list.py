"""New-, Get-, Set- and Remove-TenantAllowBlockListItems.

A call is all or nothing: every value is judged before the first one is written. `-OutputJson` lifts that: each value
is then written or refused by itself. The shape of its answer is not documented; here it is one JSON text that holds
a record for each value, with the reason in the `Error` of those that were refused.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from .block_list_records import item_record
from .cmdlets import CAPACITY, Call, Cmdlet, Outcome
from .errors import OBJECT_NOT_FOUND, CmdletRefused
from .expiry import Expiry, asked_for, check, expiry_of
from .parameters import Kind, Parameter, exactly_one
from .state import LIST_TYPES, Action, Item, ListSubType, ListType
from .values import check_item, item_key, keys_asked_for

#: What Microsoft documents for the portal; the cmdlet's own limit is not published.
PORTAL_LIMIT = 20


def _new(call: Call) -> Outcome:
    arguments = call.arguments
    list_type = _list_type(call)
    action = cast("Action", exactly_one(arguments, "Allow", "Block"))
    sub_type = cast("ListSubType", arguments.text("ListSubType") or "Tenant")
    if sub_type == "AdvancedDelivery" and (list_type != "Url" or action != "Allow"):
        raise CmdletRefused("ListSubType AdvancedDelivery can only be used with Allow for the list type Url.")
    _check_direct_allow(list_type, action)
    expiry = expiry_of(arguments, list_type=list_type, action=action, sub_type=sub_type, now=call.now)
    values = arguments.texts("Entries") or ()
    _remark_size(call, values)
    held = call.state.items[list_type]
    # Counting takes long in a long list, and matters only where both actions together come near the limit of one.
    is_tight = len(held) + len(values) > CAPACITY[call.plan][action]
    held_before = sum(item.action == action for item in held.values()) if is_tight else 0
    fresh: dict[str, Item] = {}
    refused: dict[str, str] = {}
    for value in values:
        try:
            key = _judge(
                call, value, list_type=list_type, action=action, sub_type=sub_type, fresh=fresh, held_before=held_before
            )
        except CmdletRefused as refusal:
            if not arguments.on("OutputJson"):
                raise
            refused[value] = refusal.text
            continue
        fresh[key] = Item(
            list_type=list_type,
            value=value,
            action=action,
            sub_type=sub_type,
            created=call.now,
            modified=call.now,
            modified_by=call.caller,
            notes=arguments.text("Notes") or "",
            expires=expiry.expires,
            remove_after=expiry.remove_after,
        )
    call.state.items[list_type].update(fresh)
    records = [item_record(item, object_state="New") for item in fresh.values()]
    if not arguments.on("OutputJson"):
        return Outcome(records=records)
    problems = [{"Value": value, "Action": action, "Error": text} for value, text in refused.items()]
    return Outcome(records=[{"Json": json.dumps([*records, *problems])}])


def _judge(
    call: Call,
    value: str,
    *,
    list_type: ListType,
    action: Action,
    sub_type: ListSubType,
    fresh: dict[str, Item],
    held_before: int,
) -> str:
    """The key under which the value may be added. Raises CmdletRefused."""
    if reason := check_item(value, list_type=list_type, action=action, sub_type=sub_type):
        raise CmdletRefused(f"Invalid value to add: {value} - {reason}..")
    key = item_key(value, list_type=list_type)
    held = call.state.items[list_type]
    if key in held or key in fresh:
        raise CmdletRefused(f"Invalid value to add: {value} - Duplicate value..")
    _check_capacity(call, list_type=list_type, action=action, count=held_before + len(fresh) + 1)
    return key


def _get(call: Call) -> Outcome:
    arguments = call.arguments
    list_type = _list_type(call)
    entry = arguments.text("Entry")
    sub_type = arguments.text("ListSubType")
    wanted = None if entry is None else keys_asked_for(entry, list_type=list_type)
    actions = [action for action in ("Allow", "Block") if arguments.on(action)] or ["Allow", "Block"]
    records = [
        item_record(item)
        for key, item in call.state.items[list_type].items()
        if (wanted is None or key in wanted)
        and item.action in actions
        and not (arguments.on("NoExpiration") and item.ends() is not None)
        # What a submission created belongs to the tenant's list; advanced delivery has to be asked for.
        and (item.sub_type == sub_type if sub_type else item.sub_type != "AdvancedDelivery")
    ]
    return Outcome(records=[{"Json": json.dumps(records)}] if arguments.on("OutputJson") else records)


def _set(call: Call) -> Outcome:
    arguments = call.arguments
    list_type = _list_type(call)
    chosen = _chosen(call, list_type)
    new_action: Action | None = None
    if arguments.on("Allow") or arguments.on("Block"):
        new_action = cast("Action", exactly_one(arguments, "Allow", "Block"))
    changed: dict[str, Item] = {}
    for key, item in chosen.items():
        edited = _edited(call, item, new_action)
        if edited != item:
            changed[key] = replace(edited, modified=call.now, modified_by=call.caller)
    after = Counter(item.action for item in {**call.state.items[list_type], **changed}.values())
    if new_action is not None and changed:
        _check_capacity(call, list_type=list_type, action=new_action, count=after[new_action])
    call.state.items[list_type].update(changed)
    names = ", ".join(item.value for key, item in chosen.items() if key not in changed)
    return Outcome(
        records=[item_record(call.state.items[list_type][key], object_state="Changed") for key in chosen],
        warnings=[f"The command completed successfully but no settings of '{names}' have been modified."]
        if names
        else [],
    )


def _edited(call: Call, item: Item, new_action: Action | None) -> Item:
    action = new_action or item.action
    if action != item.action:
        _check_direct_allow(item.list_type, action)
        if reason := check_item(item.value, list_type=item.list_type, action=action, sub_type=item.sub_type):
            raise CmdletRefused(f"Invalid value to change: {item.value} - {reason}..")
    if asked_for(call.arguments):
        expiry = expiry_of(
            call.arguments, list_type=item.list_type, action=action, sub_type=item.sub_type, now=call.now
        )
    else:
        expiry = Expiry(expires=item.expires, remove_after=item.remove_after)
        if action != item.action:
            check(expiry, list_type=item.list_type, action=action, sub_type=item.sub_type, now=call.now)
    notes = call.arguments.text("Notes")
    return replace(
        item,
        action=action,
        expires=expiry.expires,
        remove_after=expiry.remove_after,
        notes=item.notes if notes is None else notes,
    )


def _remove(call: Call) -> Outcome:
    list_type = _list_type(call)
    chosen = _chosen(call, list_type)
    for key in chosen:
        del call.state.items[list_type][key]
    return Outcome(records=[item_record(item, object_state="Deleted") for item in chosen.values()])


def _chosen(call: Call, list_type: ListType) -> dict[str, Item]:
    """The entries that -Ids or -Entries name, by key. One that isn't there refuses the call."""
    by = exactly_one(call.arguments, "Ids", "Entries")
    named = call.arguments.texts(by) or ()
    _remark_size(call, named)
    held = call.state.items[list_type]
    keys = {item.identity: key for key, item in held.items()} if by == "Ids" else {}
    chosen: dict[str, Item] = {}
    for name in named:
        key = keys.get(name) if by == "Ids" else item_key(name, list_type=list_type)
        if key is None or key not in held:
            raise CmdletRefused(
                f"The entry '{name}' couldn't be found in the list {list_type}.",
                exception_type=OBJECT_NOT_FOUND,
                status=404,
            )
        chosen[key] = held[key]
    if len({item.action for item in chosen.values()}) > 1:
        raise CmdletRefused("Allow and block entries can't be mixed in the same command.")
    return chosen


def _list_type(call: Call) -> ListType:
    return cast("ListType", call.arguments.text("ListType"))


def _check_direct_allow(list_type: ListType, action: Action) -> None:
    if list_type == "FileHash" and action == "Allow":
        raise CmdletRefused("Allow entries for files can't be created directly: submit the file to Microsoft.")


def _check_capacity(call: Call, *, list_type: ListType, action: Action, count: int) -> None:
    most = CAPACITY[call.plan][action]
    if count > most:
        raise CmdletRefused(f"The limit of {most} {action.lower()} entries for the list {list_type} is reached.")


def _remark_size(call: Call, values: Iterable[str]) -> None:
    count = len(tuple(values))
    if count > PORTAL_LIMIT:
        call.remark(f"{count} values in one call: the portal takes {PORTAL_LIMIT}, the cmdlet's limit isn't published")


_LIST_TYPE = Parameter("ListType", choices=LIST_TYPES, required=True)
_ACTIONS = (Parameter("Allow", Kind.SWITCH), Parameter("Block", Kind.SWITCH))
_SUB_TYPE = ("Tenant", "AdvancedDelivery")
_OUTPUT_JSON = Parameter("OutputJson", Kind.SWITCH)
_CHANGES = (
    Parameter("ExpirationDate", Kind.MOMENT),
    Parameter("NoExpiration", Kind.SWITCH),
    Parameter("RemoveAfter", Kind.NUMBER),
    Parameter("Notes"),
)
_WHICH = (Parameter("Ids", Kind.TEXTS), Parameter("Entries", Kind.TEXTS))

CMDLETS = (
    Cmdlet(
        name="New-TenantAllowBlockListItems",
        parameters=(
            _LIST_TYPE,
            Parameter("Entries", Kind.TEXTS, required=True),
            *_ACTIONS,
            *_CHANGES,
            Parameter("ListSubType", choices=_SUB_TYPE),
            _OUTPUT_JSON,
        ),
        run=_new,
    ),
    Cmdlet(
        name="Get-TenantAllowBlockListItems",
        parameters=(
            _LIST_TYPE,
            Parameter("Entry"),
            *_ACTIONS,
            Parameter("NoExpiration", Kind.SWITCH),
            Parameter("ListSubType", choices=(*_SUB_TYPE, "Submission")),
            _OUTPUT_JSON,
        ),
        run=_get,
    ),
    Cmdlet(
        name="Set-TenantAllowBlockListItems",
        parameters=(
            _LIST_TYPE,
            *_WHICH,
            *_ACTIONS,
            *_CHANGES,
            Parameter("ListSubType", choices=_SUB_TYPE),
            _OUTPUT_JSON,
        ),
        run=_set,
    ),
    Cmdlet(name="Remove-TenantAllowBlockListItems", parameters=(_LIST_TYPE, *_WHICH), run=_remove),
)
