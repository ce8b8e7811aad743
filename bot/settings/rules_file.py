"""The operator's rules from a TOML file: who may approve what, and which blocks need nobody.

What is wrong is told with the rule it is in, by its place and name, and the key. The rules themselves are decided by
`bot.domain.requests.who_decides` and `bot.domain.policies.needs_nobody`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.lists.traits import ListName
from bot.domain.policies.needs_nobody import MOST_ADDRESSES
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.who_decides import Act, ApproverRule, groups_of

#: A file of rules is written by hand.
_LARGEST = 256 * 1024
_MOST_RULES = 100

_ListWord = Literal["connection-filter", "sender", "url", "file", "ip", "spoof"]
_ActWord = Literal["block", "allow", "unblock", "end-allow", "extend", "note", "safe-list-off", "submit"]


#: What is wrong with a value, by the validator's name for it: its own words are for programmers.
_SAID: Mapping[str, str] = {
    "extra_forbidden": "there is no such key",
    "missing": "has to be given",
    "string_pattern_mismatch": "is neither a user id (U…) nor a user group id (S…); handles and names don't work",
    "literal_error": "has to be {expected}",
    "int_type": "has to be a whole number, without quotation marks",
    "greater_than_equal": "has to be {ge} or more",
    "less_than_equal": "has to be {le} or less",
    "string_type": "has to be a text in quotation marks",
    "string_too_long": "has to be {max_length} characters long at most",
    "list_type": "has to be a list",
    "model_type": "has to be a table with keys",
    "too_short": "has to name {min_length} at least",
    "too_long": "has to name {max_length} at most",
}


def _seen(value: str) -> str:
    said = " ".join(value.split())
    if not said or not said.isprintable():
        raise ValueError("is shown to people: letters that can be seen, one at least")
    return said


_RuleName: TypeAlias = Annotated[str, Field(max_length=60), AfterValidator(_seen)]
_Who: TypeAlias = Annotated[str, Field(pattern=r"^[UWS][A-Z0-9_]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Approval(_Strict):
    name: _RuleName
    does: list[_ActWord] = Field(default=[], max_length=20)
    lists: list[_ListWord] = Field(default=[], max_length=20)
    approvers: list[_Who] = Field(default=[], max_length=100)
    approvals: int = Field(default=1, ge=1, le=10)


class _NoApproval(_Strict):
    name: _RuleName
    lists: list[_ListWord] = Field(min_length=1, max_length=20)
    requesters: list[_Who] = Field(min_length=1, max_length=100)
    per_hour: int = Field(ge=1, le=1_000)
    most: int = Field(default=10, ge=1, le=100)
    addresses: int = Field(default=1, ge=1, le=MOST_ADDRESSES)
    days: int = Field(default=30, ge=1, le=365)


class _File(_Strict):
    approval: list[_Approval] = Field(default=[], max_length=_MOST_RULES)
    no_approval: list[_NoApproval] = Field(default=[], max_length=_MOST_RULES)


#: What is in a file, by the word in its double brackets.
_TABLES: Mapping[str, type[_Strict]] = {"approval": _Approval, "no_approval": _NoApproval}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesFile:
    """The rules of a file, in its order."""

    approvers: tuple[ApproverRule, ...] = ()
    need_nobody: tuple[NobodyRule, ...] = ()

    @property
    def deciding(self) -> frozenset[str]:
        """Whom the rules name as approvers."""
        return frozenset(name for rule in self.approvers for name in rule.approvers)

    @property
    def proposing(self) -> frozenset[str]:
        """Whom the rules name as requesters."""
        return frozenset(name for rule in self.need_nobody for name in rule.requesters)

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups that the rules name."""
        return groups_of(self.deciding | self.proposing)


def read_rules(path: str) -> RulesFile:
    """The rules of a file. Raises ValueError, whose text has a line for every rule and key that is wrong."""
    try:
        content = Path(path).read_bytes()[: _LARGEST + 1]
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror or error}") from None
    if len(content) > _LARGEST:
        raise ValueError(f"{path} is larger than {_LARGEST // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    return _checked(table)


def _checked(table: Mapping[str, object]) -> RulesFile:
    try:
        read = _File.model_validate(table)
    except ValidationError as error:
        raise ValueError("\n".join(_problems(error, table))) from None
    problems = [*_named_twice(read), *_too_few(read)]
    if problems:
        raise ValueError("\n".join(problems))
    return RulesFile(
        approvers=tuple(
            ApproverRule(
                name=rule.name,
                acts=frozenset(map(Act, rule.does)),
                lists=_lists(rule.lists),
                approvers=tuple(dict.fromkeys(rule.approvers)),
                approvals=rule.approvals,
            )
            for rule in read.approval
        ),
        need_nobody=tuple(
            NobodyRule(
                name=rule.name,
                lists=_lists(rule.lists),
                requesters=tuple(dict.fromkeys(rule.requesters)),
                per_hour=rule.per_hour,
                most=rule.most,
                addresses=rule.addresses,
                longest=timedelta(days=rule.days),
            )
            for rule in read.no_approval
        ),
    )


def _lists(words: list[_ListWord]) -> frozenset[ListName]:
    return frozenset(ListName(word.replace("-", "_")) for word in words)


def _named_twice(read: _File) -> list[str]:
    """A limit is counted by the rule's name, and people are told it."""
    names = [*(rule.name for rule in read.approval), *(rule.name for rule in read.no_approval)]
    return [f"the name “{name}” is given to two rules" for name in sorted({n for n in names if names.count(n) > 1})]


def _too_few(read: _File) -> list[str]:
    """Rules that nobody could ever meet: of a group nobody knows here how many are in it."""
    return [
        f"rule “{rule.name}”: approvals is {rule.approvals}, and approvers names {len(set(rule.approvers))}"
        for rule in read.approval
        if rule.approvers and not groups_of(rule.approvers) and len(set(rule.approvers)) < rule.approvals
    ]


def _problems(error: ValidationError, table: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for problem in error.errors(include_url=False):
        kind, *rest = [str(part) for part in problem["loc"]]
        said = _SAID.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        message = said.format_map(problem.get("ctx", {})) if problem["type"] in _SAID else said
        if problem["type"] == "extra_forbidden":
            message += _meant(kind, rest[-1] if rest else "")
        key, *place = rest[1:] or [""]
        where = f", key {key}" if key else ""
        if place and place[0].isdigit():
            where += f", value {int(place[0]) + 1}"
        found.append(f"{_which(kind, rest, table)}{where}: {message}")
    return found


def _meant(kind: str, key: str) -> str:
    """Which key was probably meant, or which there are."""
    table = _TABLES.get(kind)
    keys = list(_TABLES if table is None else table.model_fields)
    near = get_close_matches((key or kind)[:40].lower().replace("-", "_"), keys, n=1)
    return f"; did you mean {near[0]}?" if near else f"; these there are: {', '.join(keys)}"


def _which(kind: str, rest: list[str], table: Mapping[str, object]) -> str:
    """A rule by its place, and by its name where it has one."""
    if not rest or not rest[0].isdigit():
        return f"[[{kind}]]"
    rules = table.get(kind)
    rule = rules[int(rest[0])] if isinstance(rules, list) and int(rest[0]) < len(rules) else None
    name = rule.get("name") if isinstance(rule, Mapping) else None
    named = f" “{name}”" if isinstance(name, str) and name.isprintable() and len(name) <= 60 else ""
    return f"[[{kind}]] {int(rest[0]) + 1}{named}"
