"""What else lets mail through or stops it: mail flow rules, anti-spam and anti-phishing policies, connectors and such.

How these records come over REST is not documented: here they come in the spellings that the users of the PowerShell
module see (a sender as an object). Others can be placed as oddities. A rule can be made and removed, and a policy's
senders set, and a rule moved before others, as an administrator would.

Source: Microsoft Learn, the cmdlets' own pages.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

from .cmdlets import Call, Cmdlet, Outcome, Record
from .errors import INVALID_ARGUMENT, OBJECT_NOT_FOUND, CmdletRefused
from .parameters import Edit, Kind, Parameter, Replace
from .state import State

#: What a mail flow rule may be made with: its lists, and what it does.
_RULE_LISTS = (
    "SenderDomainIs",
    "From",
    "FromAddressContainsWords",
    "SenderIpRanges",
    "SubjectContainsWords",
    "SentTo",
    "ExceptIfSenderDomainIs",
    "ExceptIfSubjectContainsWords",
)
_SENDER_LISTS = ("AllowedSenders", "AllowedSenderDomains", "BlockedSenders", "BlockedSenderDomains")
_TASKS = "Microsoft.Exchange.MessagingPolicies.Rules.Tasks"


def first_records() -> dict[str, dict[str, Record]]:
    """What a tenant has as it comes: one default policy of each kind, by noun and name."""
    spam: Record = {name: [] for name in _SENDER_LISTS}
    return {
        "HostedContentFilterPolicy": {"default": {**_named("Default"), "IsDefault": True, **spam}},
        "AntiPhishPolicy": {
            "office365 antiphish default": {
                **_named("Office365 AntiPhish Default"),
                "Enabled": True,
                "IsDefault": True,
                "ExcludedSenders": [],
                "ExcludedDomains": [],
            }
        },
    }


def _named(name: str) -> Record:
    return {"Identity": name, "Name": name, "Guid": str(uuid.uuid4()), "IsValid": True, "ObjectState": "Unchanged"}


def _reader(noun: str) -> Callable[[Call], Outcome]:
    def get(call: Call) -> Outcome:
        held = call.state.overrides.get(noun, {})
        identity = call.arguments.text("Identity")
        if identity is None:
            return Outcome(records=sorted(held.values(), key=_priority))
        return Outcome(records=[one_of(held, identity)])

    return get


def one_of(held: Mapping[str, Record], identity: str) -> Record:
    """The record of that name. Raises CmdletRefused, as the service words it, where there is none."""
    record = held.get(identity.lower())
    if record is None:
        raise CmdletRefused(
            f"The operation couldn't be performed because object '{identity}' couldn't be found.",
            exception_type=OBJECT_NOT_FOUND,
            status=404,
        )
    return record


def _priority(record: Record) -> int:
    """Rules come in the order in which they act; everything else as it was made."""
    given = record.get("Priority")
    return given if isinstance(given, int) else 0


def _new_rule(call: Call) -> Outcome:
    arguments = call.arguments
    name = arguments.text("Name") or ""
    held = call.state.overrides.get("TransportRule", {})
    if name.lower() in held:
        raise CmdletRefused(f"The rule '{name}' already exists.", exception_type=INVALID_ARGUMENT)
    level = arguments.number("SetSCL")
    lists = {key: list(values) for key in _RULE_LISTS if (values := arguments.texts(key))}
    conditions = [key for key in lists if not key.startswith("ExceptIf")]
    record: Record = {
        **_named(name),
        "State": "Disabled" if arguments.boolean("Enabled") is False else "Enabled",
        "Mode": arguments.text("Mode") or "Enforce",
        "Priority": len(held),
        "Conditions": [f"{_TASKS}.{key}Predicate" for key in conditions] or None,
        "Exceptions": [f"{_TASKS}.{key.removeprefix('ExceptIf')}Predicate" for key in lists if key not in conditions]
        or None,
        "SetSCL": level,
        "SetHeaderName": arguments.text("SetHeaderName"),
        "SetHeaderValue": arguments.text("SetHeaderValue"),
        "DeleteMessage": arguments.boolean("DeleteMessage") is True,
        "Quarantine": False,
        "RejectMessageReasonText": arguments.text("RejectMessageReasonText"),
        "RejectMessageEnhancedStatusCode": None,
        "RedirectMessageTo": None,
        "FromScope": None,
        "SenderAddressLocation": "Header",
        "StopRuleProcessing": False,
        **{key: lists.get(key) for key in _RULE_LISTS},
    }
    _hold(call.state, "TransportRule", record)
    return Outcome(records=[record])


def _remove_rule(call: Call) -> Outcome:
    held = call.state.overrides.get("TransportRule", {})
    record = one_of(held, call.arguments.text("Identity") or "")
    name = str(record["Name"]).lower()
    _in_order(call.state, [each for key, each in _rules(call.state) if key != name])
    return Outcome()


def _set_rule(call: Call) -> Outcome:
    """Where it acts among the others, whether it is on, and what it is called."""
    arguments = call.arguments
    record = dict(one_of(call.state.overrides.get("TransportRule", {}), arguments.text("Identity") or ""))
    others = [each for key, each in _rules(call.state) if key != str(record["Name"]).lower()]
    priority = arguments.number("Priority")
    if priority is not None and not 0 <= priority <= len(others):
        raise CmdletRefused(
            f"The priority value {priority} isn't valid: it has to be 0 to {len(others)}.",
            exception_type=INVALID_ARGUMENT,
        )
    position = _priority(record) if priority is None else priority
    if (level := arguments.number("SetSCL")) is not None:
        record["SetSCL"] = level
    if renamed := arguments.text("Name"):
        record |= {"Name": renamed, "Identity": renamed}
    _in_order(call.state, [*others[:position], record, *others[position:]])
    return Outcome()


def _switch_rule(state_of_it: str) -> Callable[[Call], Outcome]:
    def switch(call: Call) -> Outcome:
        record = dict(one_of(call.state.overrides.get("TransportRule", {}), call.arguments.text("Identity") or ""))
        _hold(call.state, "TransportRule", {**record, "State": state_of_it})
        return Outcome()

    return switch


def _rules(state: State) -> list[tuple[str, Record]]:
    return sorted(state.overrides.get("TransportRule", {}).items(), key=lambda item: _priority(item[1]))


def _in_order(state: State, rules: Iterable[Record]) -> None:
    state.overrides["TransportRule"] = {
        str(record["Name"]).lower(): {**record, "Priority": number} for number, record in enumerate(rules)
    }


def _set_anti_spam(call: Call) -> Outcome:
    record = dict(one_of(call.state.overrides["HostedContentFilterPolicy"], call.arguments.text("Identity") or ""))
    for name in _SENDER_LISTS:
        held = [_plain(item) for item in _items(record[name])]
        match call.arguments.multi_value(name):
            case Replace(values):
                wanted = list(values)
            case Edit(add, remove):
                wanted = [*(value for value in held if value not in remove), *add]
            case None:
                continue
        record[name] = [_as_object(name, value) for value in dict.fromkeys(wanted)]
    _hold(call.state, "HostedContentFilterPolicy", record)
    return Outcome()


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _as_object(name: str, value: str) -> Record:
    if name.endswith("Domains"):
        return {"Domain": value, "IncludeSubDomains": False}
    return {"Sender": {"Address": value, "Domain": value.rpartition("@")[2]}}


def _plain(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    return str(item["Domain"]) if "Domain" in item else str(item["Sender"]["Address"])


def _hold(state: State, noun: str, record: Record) -> None:
    state.overrides[noun] = {**state.overrides.get(noun, {}), str(record["Name"]).lower(): record}


def hold_override(state: State, noun: str, name: str, **properties: object) -> None:
    """A record that is there, as an administrator made it: `InboundConnector`, `ExoPhishSimOverrideRule`, and so on."""
    _hold(state, noun, {**_named(name), **properties})


def _readers() -> Iterator[Cmdlet]:
    for noun in (
        "TransportRule",
        "HostedContentFilterPolicy",
        "HostedContentFilterRule",
        "InboundConnector",
        "PhishSimOverridePolicy",
        "ExoPhishSimOverrideRule",
        "SecOpsOverridePolicy",
        "AntiPhishPolicy",
    ):
        yield Cmdlet(name=f"Get-{noun}", parameters=(Parameter("Identity"),), run=_reader(noun))


CMDLETS = (
    *_readers(),
    Cmdlet(
        name="New-TransportRule",
        parameters=(
            Parameter("Name", required=True),
            *(Parameter(name, Kind.TEXTS) for name in _RULE_LISTS),
            Parameter("SetSCL", Kind.NUMBER),
            Parameter("SetHeaderName"),
            Parameter("SetHeaderValue"),
            Parameter("DeleteMessage", Kind.BOOLEAN),
            Parameter("RejectMessageReasonText"),
            Parameter("Mode", choices=("Audit", "AuditAndNotify", "Enforce")),
            Parameter("Enabled", Kind.BOOLEAN),
        ),
        run=_new_rule,
    ),
    Cmdlet(
        name="Remove-TransportRule",
        parameters=(Parameter("Identity", required=True), Parameter("Confirm", Kind.SWITCH)),
        run=_remove_rule,
    ),
    Cmdlet(
        name="Set-TransportRule",
        parameters=(
            Parameter("Identity", required=True),
            Parameter("Name"),
            Parameter("Priority", Kind.NUMBER),
            Parameter("SetSCL", Kind.NUMBER),
        ),
        run=_set_rule,
    ),
    *(
        Cmdlet(
            name=f"{verb}-TransportRule",
            parameters=(Parameter("Identity", required=True), Parameter("Confirm", Kind.SWITCH)),
            run=_switch_rule(f"{verb}d"),
        )
        for verb in ("Enable", "Disable")
    ),
    Cmdlet(
        name="Set-HostedContentFilterPolicy",
        parameters=(
            Parameter("Identity", required=True),
            *(Parameter(name, Kind.MULTI_VALUE) for name in _SENDER_LISTS),
        ),
        run=_set_anti_spam,
    ),
)
