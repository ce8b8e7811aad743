"""Loading the settings: all of them, or the part that a command needs.

What is missing or wrong is collected and told all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings.part import SettingsPart, takes_file
from bot.settings.policy import PolicySettings
from bot.settings.renewals import RenewalSettings
from bot.settings.running import AnchorSettings, DatabaseSettings, ServerSettings
from bot.settings.slack import CallingSettings, SlackSettings
from bot.settings.slips import meant_by, slips_for, unknown_in_environment
from bot.settings.tenant import LookingSettings, TenantSettings
from bot.settings.together import impossible_together, undecidable
from bot.tls import authorities_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of them, for `portcullis run`."""

    database: DatabaseSettings
    slack: SlackSettings
    tenant: TenantSettings
    policy: PolicySettings
    looking: LookingSettings
    calling: CallingSettings
    renewal: RenewalSettings
    anchor: AnchorSettings
    server: ServerSettings


PARTS: dict[str, type[SettingsPart]] = {
    "database": DatabaseSettings,
    "slack": SlackSettings,
    "tenant": TenantSettings,
    "policy": PolicySettings,
    "looking": LookingSettings,
    "calling": CallingSettings,
    "renewal": RenewalSettings,
    "anchor": AnchorSettings,
    "server": ServerSettings,
}

#: What is said of a setting that isn't there, here and in `bot.settings.part`.
_MISSING = " is missing"

PartT = TypeVar("PartT", bound=SettingsPart)


def load(part: type[PartT]) -> PartT:
    """One part of the settings, for a command that needs no more. Raises SettingsError with a line for each problem."""
    try:
        loaded = part()
    except ValidationError as error:
        # Not chained: nothing that was given may show in a trace.
        raise SettingsError(_with_slips([*_lines(error), *part.missing_together()])) from None
    problems = part.missing_together()
    if problems:
        raise SettingsError(_with_slips(problems))
    return loaded


def load_all() -> Settings:
    """All settings. Raises SettingsError with a line for each problem, over all parts at once."""
    problems: list[str] = []
    loaded: dict[str, Any] = {}
    for name, part in PARTS.items():
        try:
            loaded[name] = load(part)
        except SettingsError as error:
            problems.extend(error.problems)
    problems.extend(_wrong_together(loaded))
    problems.extend(authorities_problems())
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**loaded)


def wrong_together() -> list[str]:
    """What each part takes by itself, and what `load_all` refuses all the same: a line for each, with what to do."""
    loaded: dict[str, Any] = {}
    for name, part in PARTS.items():
        with suppress(SettingsError):
            loaded[name] = load(part)
    return _wrong_together(loaded)


def _wrong_together(loaded: Mapping[str, Any]) -> list[str]:
    return [
        *impossible_together(loaded.get("tenant"), loaded.get("policy"), loaded.get("looking")),
        *undecidable(loaded.get("slack"), loaded.get("policy")),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownName:
    """A variable of the environment that no setting has."""

    name: str
    meant: str | None  #: the setting whose name is close to it


def unknown_names() -> list[UnknownName]:
    """Variables that begin with the prefix, or nearly so, and mean nothing: usually a slip of the pen."""
    known = _known_names()
    return [UnknownName(name=name, meant=meant_by(name, known)) for name in unknown_in_environment(known)]


def _known_names() -> frozenset[str]:
    fields = [field for part in PARTS.values() for field in part.model_fields.values()]
    names = {str(field.alias) for field in fields}
    return frozenset(names | {f"{field.alias}_FILE" for field in fields if takes_file(field)})


def _with_slips(problems: Iterable[str]) -> tuple[str, ...]:
    """What is missing, with the variables by which it may have been meant."""
    return tuple(f"{problem}{_slip(problem.split()[0])}" if _MISSING in problem else problem for problem in problems)


def _slip(missing: str) -> str:
    slips = list(slips_for(missing, _known_names()))
    if not slips:
        return ""
    return f" {' and '.join(slips)} {'is' if len(slips) == 1 else 'are'} set: did you mean {missing}?"


def _lines(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(problem["loc"][0])
        if problem["type"] == "missing":
            lines.append(f"{name}{_MISSING}.")
            continue
        message = problem["msg"].removeprefix("Value error, ")
        lines.extend(f"{name}: {said}" for said in message.splitlines() or [message])
    return [line if line.endswith(("?", ".")) else f"{line}." for line in lines]
