"""Get-, Set- and New-HostedConnectionFilterPolicy.

Source: Microsoft Learn, "Configure connection filtering" and the cmdlets' own pages.
"""

from __future__ import annotations

from dataclasses import replace

from .cmdlets import Call, Cmdlet, Outcome, Record
from .errors import INVALID_ARGUMENT, OBJECT_NOT_FOUND, PROPERTY_INVALID, CmdletRefused
from .parameters import Edit, Kind, Parameter, Replace
from .state import Policy
from .values import check_connection_filter_value

MOST_ENTRIES = 1273
ORGANIZATION = "contoso.example"


def policy_record(policy: Policy) -> Record:
    """The policy as `Get-HostedConnectionFilterPolicy` returns it."""
    path = f"CN={policy.name},CN=Hosted Connection Filter,CN=Transport Settings,CN=Configuration,CN={ORGANIZATION}"
    return {
        "AdminDisplayName": policy.admin_display_name,
        "IsDefault": policy.is_default,
        "IPAllowList@data.type": "#Collection(String)",
        "IPAllowList": list(policy.allow),
        "IPBlockList@data.type": "#Collection(String)",
        "IPBlockList": list(policy.block),
        "EnableSafeList": policy.safe_list,
        "DirectoryBasedEdgeBlockMode": policy.edge_block_mode,
        "Identity": policy.name,
        "Id": policy.name,
        "IsValid": True,
        "ExchangeVersion": "0.20 (15.0.0.0)",
        "Name": policy.name,
        "DistinguishedName": path,
        "ObjectClass": ["top", "msExchHostedConnectionFilterPolicy"],
        "WhenChanged@data.type": "System.DateTime",
        "WhenChanged": policy.changed.isoformat(timespec="seconds"),
        "WhenCreated@data.type": "System.DateTime",
        "WhenCreated": policy.created.isoformat(timespec="seconds"),
        "WhenChangedUTC@data.type": "System.DateTime",
        "WhenChangedUTC": f"{policy.changed:%Y-%m-%dT%H:%M:%SZ}",
        "WhenCreatedUTC@data.type": "System.DateTime",
        "WhenCreatedUTC": f"{policy.created:%Y-%m-%dT%H:%M:%SZ}",
        "ExchangeObjectId": policy.guid,
        "OrganizationId": ORGANIZATION,
        "Guid": policy.guid,
        "OriginatingServer": "",
        "ObjectState": "Changed" if policy.changed > policy.created else "Unchanged",
    }


def _get(call: Call) -> Outcome:
    # An identity that names no policy returns every policy: the caller has to look at what came back.
    wanted = call.state.policies.get((call.arguments.text("Identity") or "").lower())
    policies = [wanted] if wanted else list(call.state.policies.values())
    return Outcome(records=[policy_record(policy) for policy in policies])


def _set(call: Call) -> Outcome:
    arguments = call.arguments
    identity = arguments.text("Identity") or ""
    policy = call.state.policies.get(identity.lower())
    if policy is None:
        raise CmdletRefused(
            f"The operation couldn't be performed because object '{identity}' couldn't be found.",
            exception_type=OBJECT_NOT_FOUND,
            status=404,
        )
    changed = replace(
        policy,
        allow=_edited(call, "IPAllowList", policy.allow),
        block=_edited(call, "IPBlockList", policy.block),
        safe_list=_or(arguments.boolean("EnableSafeList"), policy.safe_list),
        admin_display_name=arguments.text("AdminDisplayName") or policy.admin_display_name,
        edge_block_mode=arguments.text("DirectoryBasedEdgeBlockMode") or policy.edge_block_mode,
    )
    if changed == policy:
        return Outcome(
            warnings=[f"The command completed successfully but no settings of '{policy.name}' have been modified."]
        )
    if not arguments.on("WhatIf"):
        call.state.policies[identity.lower()] = replace(changed, changed=call.now)
    return Outcome()


def _new(call: Call) -> Outcome:
    name = call.arguments.text("Name") or ""
    if name.lower() in call.state.policies:
        raise CmdletRefused(f"The policy '{name}' already exists.", exception_type=INVALID_ARGUMENT)
    policy = Policy(
        name=name,
        created=call.now,
        changed=call.now,
        allow=_edited(call, "IPAllowList", ()),
        block=_edited(call, "IPBlockList", ()),
        safe_list=call.arguments.on("EnableSafeList"),
        admin_display_name=call.arguments.text("AdminDisplayName") or "",
    )
    if not call.arguments.on("WhatIf"):
        call.state.policies[name.lower()] = policy
    return Outcome(records=[policy_record(policy)])


def _edited(call: Call, name: str, held: tuple[str, ...]) -> tuple[str, ...]:
    """What the list holds after the call: values are kept as typed, and a value that exists is silently the same."""
    given = call.arguments.multi_value(name)
    match given:
        case None:
            return held
        case Replace(values):
            if held:
                call.remark(f"{name} was replaced as a whole: what somebody else added a second ago is lost")
            wanted: tuple[str, ...] = values
            added = values
        case Edit(add, remove):
            going = {value.lower() for value in remove}
            wanted = (*(value for value in held if value.lower() not in going), *add)
            added = add
    for value in added:
        if reason := check_connection_filter_value(value):
            raise CmdletRefused(
                f"The value '{value}' of {name} isn't valid: {reason}.", exception_type=PROPERTY_INVALID
            )
    edited = tuple(dict.fromkeys(wanted))
    if len(edited) > MOST_ENTRIES:
        raise CmdletRefused(f"{name} can hold at most {MOST_ENTRIES} entries.", exception_type=PROPERTY_INVALID)
    return edited


def _or(given: bool | None, held: bool) -> bool:
    return held if given is None else given


_LISTS = (
    Parameter("IPAllowList", Kind.MULTI_VALUE),
    Parameter("IPBlockList", Kind.MULTI_VALUE),
    Parameter("EnableSafeList", Kind.BOOLEAN),
    Parameter("AdminDisplayName"),
    Parameter("Confirm", Kind.SWITCH),
    Parameter("WhatIf", Kind.SWITCH),
)

CMDLETS = (
    Cmdlet(name="Get-HostedConnectionFilterPolicy", parameters=(Parameter("Identity"),), run=_get),
    Cmdlet(
        name="Set-HostedConnectionFilterPolicy",
        parameters=(Parameter("Identity", required=True), Parameter("DirectoryBasedEdgeBlockMode"), *_LISTS),
        run=_set,
    ),
    Cmdlet(name="New-HostedConnectionFilterPolicy", parameters=(Parameter("Name", required=True), *_LISTS), run=_new),
)
