"""Lists that an administrator exported into a file: what it holds of which list, and what it leaves out.

The records are as the cmdlets return them (see `records`). A part that isn't there is no empty list, and neither is a
key that `Select-Object` left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.traits import Cmdlets, ListName, label
from bot.errors import IncompleteAnswer, InvalidInput
from bot.tenant.exchange.fields import is_cut_short, read_date
from bot.tenant.exchange.records import read_entries, read_policies, read_spoof, records_of

_EXPORT_WHOLE = "Export whole objects: Get-HostedConnectionFilterPolicy | ConvertTo-Json -Depth 10."
_FILE_SHAPE = 'The file holds an object with "policies", "items" and "spoof", as the cmdlets return them.'


def as_of_file(data: object) -> datetime | None:
    """When exported lists were read, by their own `as_of`; None where they don't say.

    Raises InvalidInput for an `as_of` that is no date.
    """
    if not isinstance(data, Mapping):
        return None
    try:
        return read_date(next((value for key, value in data.items() if str(key).lower() == "as_of"), None))
    except ValueError as error:
        raise InvalidInput(
            f'The lists can\'t be read: "as_of": {error}.', "Write it as in 2030-12-31T10:00:00Z, or leave it out."
        ) from None


def read_lists_file(data: object, *, as_of: datetime) -> Snapshot:
    """Exported lists: `{"policies": [...], "items": {"Sender": [...], …}, "spoof": [...]}`, and `as_of` if they say it.

    The records are as the cmdlets return them. A part that is missing is reported as unreadable rather than as an empty
    list. Raises InvalidInput, saying which part, when the shape is wrong or a record can't be read.
    """
    parts = _parts_of_file(data)
    policies: tuple[FilterPolicy, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreadable: dict[ListName, str] = {}
    for name in ListName:
        records = parts.get(name)
        part = _part_of_file(name)
        if records is None:
            unreadable[name] = f"the file has no {part}"
            continue
        try:
            match name.traits.cmdlets:
                case Cmdlets.FILTER_POLICY:
                    _demand_keys(records, "IPAllowList", "IPBlockList", any_will_do=True)
                    policies = read_policies(records)
                    entries += policy_entries(policies)
                case Cmdlets.SPOOF_ITEMS:
                    entries += read_spoof(records)
                case Cmdlets.ITEMS:
                    entries += read_entries(name, records)
        except IncompleteAnswer as error:
            raise InvalidInput(f"The lists can't be read, in {part}: {error.what}", _FILE_SHAPE) from error
    return Snapshot(as_of=as_of, policies=policies, entries=entries, unreadable=unreadable)


def demand_posture(data: object) -> None:
    """Raises InvalidInput unless each record of an export says what the posture is judged by.

    A key that an export left out (`Select-Object`) would otherwise pass for a list that is empty, or a switch that is
    off; and what `ConvertTo-Json` has cut, for an entry.
    """
    _demand_keys(data, "IPAllowList", "EnableSafeList")


def _demand_keys(data: object, *names: str, any_will_do: bool = False) -> None:
    for position, record in records_of(label(ListName.CONNECTION_FILTER), data):
        keys = record if isinstance(record, Mapping) else {}
        lacking = [name for name in names if name.lower() not in keys]
        if lacking and not (any_will_do and len(lacking) < len(names)):
            raise InvalidInput(
                f"Record {position} of the policies has no {' and no '.join(lacking)}: is it of another cmdlet?",
                _EXPORT_WHOLE,
            )
        for name in names:
            if is_cut_short(keys.get(name.lower())):
                raise InvalidInput(
                    f"Record {position} of the policies has something else than values in {name}: the export was cut.",
                    _EXPORT_WHOLE,
                )


def _parts_of_file(data: object) -> Mapping[ListName, object]:
    if not isinstance(data, Mapping) or not {"policies", "items", "spoof"} & set(data):
        raise InvalidInput("The lists can't be read: the file holds none of the parts it should hold.", _FILE_SHAPE)
    items = data.get("items")
    if items is None:
        items = {}
    if not isinstance(items, Mapping):
        raise InvalidInput('The lists can\'t be read: "items" is no object.', f"Its keys are {_known_types()}.")
    of_type = {name.traits.list_type.lower(): name for name in _lists_of_items()}
    parts: dict[ListName, object] = {
        ListName.CONNECTION_FILTER: data.get("policies"),
        ListName.SPOOF: data.get("spoof"),
    }
    for key, records in items.items():
        if str(key).lower() not in of_type:
            raise InvalidInput(f'The lists can\'t be read: "items" has the key "{key}".', f"Use {_known_types()}.")
        parts[of_type[str(key).lower()]] = records
    return parts


def _part_of_file(name: ListName) -> str:
    match name.traits.cmdlets:
        case Cmdlets.FILTER_POLICY:
            return '"policies"'
        case Cmdlets.SPOOF_ITEMS:
            return '"spoof"'
        case Cmdlets.ITEMS:
            return f'"items"."{name.traits.list_type}"'


def _known_types() -> str:
    return ", ".join(f'"{name.traits.list_type}"' for name in _lists_of_items())


def _lists_of_items() -> Sequence[ListName]:
    return [name for name in ListName if name.traits.cmdlets is Cmdlets.ITEMS]
