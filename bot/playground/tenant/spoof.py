"""New-, Get-, Set- and Remove-TenantAllowBlockListSpoofItems: pairs of a spoofed sender and its infrastructure.

Source: Microsoft Learn, "Allow or block spoofed senders" and the cmdlets' own pages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from .cmdlets import Call, Cmdlet, Outcome, Record
from .errors import OBJECT_NOT_FOUND, CmdletRefused
from .parameters import Kind, Parameter
from .state import Action, SpoofPair, SpoofType
from .values import check_spoof_pair

MOST_PAIRS = 1024


def spoof_record(pair: SpoofPair) -> Record:
    """The pair as the cmdlets return it: no dates, no notes, no author."""
    return {
        "Identity": pair.identity,
        "SpoofedUser": pair.spoofed_user,
        "SendingInfrastructure": pair.sending_infrastructure,
        "SpoofType": pair.spoof_type,
        "Action": pair.action,
    }


def _new(call: Call) -> Outcome:
    _check_identity(call)
    user = call.arguments.text("SpoofedUser") or ""
    infrastructure = call.arguments.text("SendingInfrastructure") or ""
    if reason := check_spoof_pair(spoofed_user=user, sending_infrastructure=infrastructure):
        raise CmdletRefused(f"Invalid value to add: {user}, {infrastructure} - {reason}..")
    key = (user.lower(), infrastructure.lower())
    if key in call.state.spoof:
        raise CmdletRefused(f"Invalid value to add: {user}, {infrastructure} - Duplicate value..")
    if len(call.state.spoof) >= MOST_PAIRS:
        raise CmdletRefused(f"The limit of {MOST_PAIRS} spoofed sender entries is reached.")
    pair = SpoofPair(
        spoofed_user=user,
        sending_infrastructure=infrastructure,
        spoof_type=cast("SpoofType", call.arguments.text("SpoofType")),
        action=cast("Action", call.arguments.text("Action")),
    )
    call.state.spoof[key] = pair
    return Outcome(records=[spoof_record(pair)])


def _get(call: Call) -> Outcome:
    if "Identity" in call.arguments:
        _check_identity(call)
    action, spoof_type = call.arguments.text("Action"), call.arguments.text("SpoofType")
    return Outcome(
        records=[
            spoof_record(pair)
            for pair in call.state.spoof.values()
            if action in (None, pair.action) and spoof_type in (None, pair.spoof_type)
        ]
    )


def _set(call: Call) -> Outcome:
    action = cast("Action", call.arguments.text("Action"))
    chosen = _chosen(call)
    for key, pair in chosen.items():
        call.state.spoof[key] = replace(pair, action=action)
    unchanged = ", ".join(pair.identity for pair in chosen.values() if pair.action == action)
    warning = f"The command completed successfully but no settings of '{unchanged}' have been modified."
    return Outcome(warnings=[warning] if unchanged else [])


def _remove(call: Call) -> Outcome:
    for key in _chosen(call):
        del call.state.spoof[key]
    return Outcome()


def _chosen(call: Call) -> dict[tuple[str, str], SpoofPair]:
    _check_identity(call)
    keys = {pair.identity: key for key, pair in call.state.spoof.items()}
    chosen: dict[tuple[str, str], SpoofPair] = {}
    for identity in call.arguments.texts("Ids") or ():
        if identity.lower() not in keys:
            raise _not_found(identity)
        chosen[keys[identity.lower()]] = call.state.spoof[keys[identity.lower()]]
    return chosen


def _check_identity(call: Call) -> None:
    identity = call.arguments.text("Identity") or ""
    if identity.lower().rpartition("\\")[2] != "default":
        raise _not_found(identity)


def _not_found(name: str) -> CmdletRefused:
    return CmdletRefused(
        f"The operation couldn't be performed because object '{name}' couldn't be found.",
        exception_type=OBJECT_NOT_FOUND,
        status=404,
    )


_IDENTITY = Parameter("Identity", required=True)
_IDS = Parameter("Ids", Kind.TEXTS, required=True)
_ACTION = Parameter("Action", choices=("Allow", "Block"), required=True)
_SPOOF_TYPE = ("Internal", "External")
_CONFIRM = (Parameter("Confirm", Kind.SWITCH),)

CMDLETS = (
    Cmdlet(
        name="New-TenantAllowBlockListSpoofItems",
        parameters=(
            _IDENTITY,
            _ACTION,
            Parameter("SpoofedUser", required=True),
            Parameter("SendingInfrastructure", required=True),
            Parameter("SpoofType", choices=_SPOOF_TYPE, required=True),
            *_CONFIRM,
        ),
        run=_new,
    ),
    Cmdlet(
        name="Get-TenantAllowBlockListSpoofItems",
        parameters=(
            Parameter("Identity"),
            replace(_ACTION, required=False),
            Parameter("SpoofType", choices=_SPOOF_TYPE),
        ),
        run=_get,
    ),
    Cmdlet(name="Set-TenantAllowBlockListSpoofItems", parameters=(_IDENTITY, _ACTION, _IDS, *_CONFIRM), run=_set),
    Cmdlet(name="Remove-TenantAllowBlockListSpoofItems", parameters=(_IDENTITY, _IDS, *_CONFIRM), run=_remove),
)
