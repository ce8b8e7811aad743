"""What will go out for a request, for the log: each call with its fields, as far as the last snapshot tells.

It is made of the very commands and bodies that are sent. Of many values the first stand there, and how many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from bot.domain.auditing.events import canonical_json, plain
from bot.domain.lists.change import Operation, reaches_tenant
from bot.domain.lists.entries import Snapshot
from bot.domain.requests.request import LARGE, Item, Request
from bot.domain.requests.requested_change import change_for
from bot.domain.submissions.filing_plan import intended
from bot.store.request_rows import NewRequest
from bot.tenant.exchange.cmdlets import Cmdlet, ListEdit, Parameter, SpoofIds, cmdlets_for, on_the_wire
from bot.tenant.submission_call import as_logged
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.change_by_snapshot import parts_by_snapshot
from bot.workflow.shared.context import Context

#: The parameters of one spoof pair, which say together which one it is.
_PAIR = ("SpoofedUser", "SendingInfrastructure")


def goes_out(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    *,
    accepted_domains: Collection[str],
    now: datetime,
) -> list[Mapping[str, object]]:
    """The calls for some items of a request, those with the same fields as one. Empty where nothing is sent.

    An end that counts from the approval stands there as it would be if that came at once.
    """
    if request.operation is Operation.SUBMIT:
        return [as_logged(what, request.evidence) for what in intended(replace(request, items=tuple(items)), now=now)]
    change = change_for(request, items)
    if not reaches_tenant(change):
        return []
    parts, own = parts_by_snapshot(change, lists, accepted_domains=accepted_domains)
    return _logged(
        command
        for part in parts
        for command in cmdlets_for(part.change, policy=part.policy or "Default", accepted_domains=own)
    )


async def spelled_out(
    context: Context, request: Request, new: NewRequest, lists: Snapshot | None, *, now: datetime
) -> list[Mapping[str, object]]:
    """The same for all of a request that is being written down: of ten thousand values it takes a moment. What adds
    entries goes by the policies alone, however many entries there are."""
    items = [Item(id=0, kind=kind, value=value) for kind, value, *_ in new.indicators]
    spelling = partial(goes_out, request, items, lists, accepted_domains=context.rules.accepted_domains, now=now)
    return await judged_aside(len(items), None if request.operation is Operation.ADD else lists, spelling)


@dataclass(slots=True, kw_only=True)
class _Call:
    cmdlet: str
    fields: dict[str, object] = field(default_factory=dict)  #: the parameters without the values
    values: list[str] = field(default_factory=list)
    values_are: str = ""  #: the parameter that holds them

    def take(self, name: str, parameter: Parameter) -> None:
        match parameter:
            case ListEdit():
                for how, values in (("Add", parameter.add), ("Remove", parameter.remove)):
                    if values:
                        self.values_are, self.values = f"{name} {how}", [*self.values, *values]
            case SpoofIds():
                self.values_are = name
                self.values += [f"{pair.user}, {pair.infrastructure}" for pair in parameter.pairs]
            case tuple():
                self.values_are, self.values = name, [*self.values, *parameter]
            case _:
                self.fields[name] = on_the_wire(parameter)


def _logged(commands: Iterable[Cmdlet]) -> list[Mapping[str, object]]:
    merged: dict[tuple[str, str, str], _Call] = {}
    for command in commands:
        call = _Call(cmdlet=command.cmdlet)
        for name, parameter in command.parameters.items():
            if name not in _PAIR:
                call.take(name, parameter)
        if pair := [str(command.parameters[name]) for name in _PAIR if name in command.parameters]:
            call.values_are, call.values = ", ".join(_PAIR), [", ".join(pair)]
        key = (call.cmdlet, canonical_json(plain(call.fields)), call.values_are)
        merged.setdefault(key, replace(call, values=[])).values.extend(call.values)
    return [_shown(call) for call in merged.values()]


def _shown(call: _Call) -> Mapping[str, object]:
    values = {call.values_are: call.values[:LARGE]} if call.values_are else {}
    count = {"count": len(call.values)} if len(call.values) > LARGE else {}
    return {"cmdlet": call.cmdlet, **call.fields, **values, **count}
