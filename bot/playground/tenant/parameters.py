"""Binds the `Parameters` of a call to what the cmdlet declares, as PowerShell does, and as strictly.

Names match without regard to case. An unknown name, a value of the wrong type and a missing mandatory parameter each
refuse the whole call before anything is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import NoReturn, TypeVar

from .errors import BINDING, CmdletRefused

HASHTABLE_TYPE = "#Exchange.GenericHashTable"

#: PowerShell's own parameters, which every cmdlet takes and which change nothing here.
COMMON = frozenset({"erroraction", "warningaction", "informationaction", "verbose", "debug"})

T = TypeVar("T")


class Kind(Enum):
    """What a parameter holds."""

    TEXT = "System.String"
    TEXTS = "System.String[]"
    SWITCH = "System.Management.Automation.SwitchParameter"
    BOOLEAN = "System.Boolean"
    NUMBER = "System.Int32"
    MOMENT = "System.DateTime"
    MULTI_VALUE = "Microsoft.Exchange.Data.MultiValuedProperty`1"


@dataclass(frozen=True)
class Parameter:
    """A declared parameter. `choices` are the names of an enumeration, matched without regard to case."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replace:
    """A list given for a multi-valued property: it takes the place of what was there."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """A hashtable given for a multi-valued property: `@{Add=…;Remove=…}`."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


class Arguments:
    """The bound parameters of one call, read by name and type."""

    def __init__(self, bound: Mapping[str, object]) -> None:
        self._bound = dict(bound)

    def __contains__(self, name: str) -> bool:
        return name in self._bound

    def text(self, name: str) -> str | None:
        return self._get(name, str)

    def texts(self, name: str) -> tuple[str, ...] | None:
        return self._get(name, tuple)

    def number(self, name: str) -> int | None:
        return self._get(name, int)

    def moment(self, name: str) -> datetime | None:
        return self._get(name, datetime)

    def boolean(self, name: str) -> bool | None:
        return self._get(name, bool)

    def on(self, name: str) -> bool:
        """Whether a switch is set."""
        return self._get(name, bool) is True

    def multi_value(self, name: str) -> Replace | Edit | None:
        value = self._bound.get(name)
        return value if isinstance(value, Replace | Edit) else None

    def _get(self, name: str, kind: type[T]) -> T | None:
        value = self._bound.get(name)
        return value if isinstance(value, kind) else None


def bind(declared: Sequence[Parameter], given: Mapping[str, object]) -> Arguments:
    """The arguments for a cmdlet that declares `declared`. Raises CmdletRefused as PowerShell's binder would."""
    by_name = {parameter.name.lower(): parameter for parameter in declared}
    bound: dict[str, object] = {}
    for name, value in given.items():
        if name.lower() in COMMON:
            continue
        parameter = by_name.get(name.lower())
        if parameter is None:
            _refuse(f"A parameter cannot be found that matches parameter name '{name}'.")
        if parameter.name in bound:
            _refuse(f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once.")
        if (converted := _convert(parameter, value)) is not None:
            bound[parameter.name] = converted
    missing = [parameter.name for parameter in declared if parameter.required and parameter.name not in bound]
    if missing:
        _refuse(f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.")
    return Arguments(bound)


def exactly_one(arguments: Arguments, *names: str) -> str:
    """Which of these parameters was given; PowerShell refuses none and several alike."""
    chosen = [name for name in names if arguments.on(name) or arguments.texts(name) is not None]
    if len(chosen) != 1:
        raise ambiguous()
    return chosen[0]


def ambiguous() -> CmdletRefused:
    """The refusal of parameters that don't go together."""
    return CmdletRefused(
        "Parameter set cannot be resolved using the specified named parameters.", exception_type=BINDING
    )


def _convert(parameter: Parameter, value: object) -> object | None:
    if parameter.kind is Kind.MULTI_VALUE:
        return _multi_value(parameter, value)
    if value is None and parameter.kind is Kind.TEXT and not parameter.required:
        return None
    if value is None:
        _refuse(f"Cannot bind argument to parameter '{parameter.name}' because it is null.")
    converted: object = None
    match parameter.kind:
        case Kind.TEXT if isinstance(value, str):
            converted = _choice(parameter, value) if parameter.choices else value
        case Kind.TEXTS if value != []:
            converted = _strings(parameter, value)
        case Kind.SWITCH | Kind.BOOLEAN if isinstance(value, bool):
            converted = value
        case Kind.NUMBER if isinstance(value, int) and not isinstance(value, bool):
            converted = value
        case Kind.MOMENT if isinstance(value, str):
            converted = _moment(parameter, value)
    return _wrong_type(parameter, value) if converted is None else converted


def _choice(parameter: Parameter, value: str) -> str:
    matching = [choice for choice in parameter.choices if choice.lower() == value.lower()]
    if not matching:
        _refuse(
            f"Cannot bind parameter '{parameter.name}'. Cannot convert value '{value}'. Error: Unable to match the "
            f"identifier name {value} to a valid enumerator name. Specify one of the following enumerator names and "
            f"try again: {', '.join(parameter.choices)}"
        )
    return matching[0]


def _moment(parameter: Parameter, value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        _wrong_type(parameter, value)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _multi_value(parameter: Parameter, value: object) -> Replace | Edit:
    if value is None:
        return Replace(())
    if not isinstance(value, dict):
        return Replace(_strings(parameter, value))
    # Without its type the server can't tell a hashtable from any other object.
    if value.get("@odata.type") != HASHTABLE_TYPE:
        _wrong_type(parameter, value)
    edits: dict[str, tuple[str, ...]] = {}
    for key, values in value.items():
        if key == "@odata.type":
            continue
        if key.lower() not in {"add", "remove"}:
            _refuse(f"Cannot bind parameter '{parameter.name}'. The hashtable key '{key}' isn't Add or Remove.")
        edits[key.lower()] = _strings(parameter, values)
    return Edit(add=edits.get("add", ()), remove=edits.get("remove", ()))


def _strings(parameter: Parameter, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(member, str) for member in value):
        return tuple(value)
    return _wrong_type(parameter, value)


def _wrong_type(parameter: Parameter, value: object) -> NoReturn:
    _refuse(
        f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value \"{value}\" "
        f'to type "{parameter.kind.value}".'
    )


def _refuse(text: str) -> NoReturn:
    raise CmdletRefused(text, exception_type=BINDING)
