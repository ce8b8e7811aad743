"""A change as the PowerShell that does the same, for people to read, to check and to run by hand.

It is written from the very commands that are sent (see `cmdlets`). Every value is quoted as a literal, hostile
ones included. Source: Microsoft's pages about_Quoting_Rules and about_Splatting.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from bot.domain.lists.change import Change, Operation, reaches_tenant
from bot.tenant.exchange.cmdlets import Cmdlet, ListEdit, Parameter, SpoofIds, cmdlets_for, iso_date

#: PowerShell takes each of these for a single quote, so each has to be doubled inside a literal.
_SINGLE_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
#: Characters that would break the line, hide part of it, or turn its direction in what people see.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST_LINE = 100

#: What stands in the place of cmdlets where there are none. Comments, so that pasting them does no harm.
_NOTHING_TO_RUN = {
    Operation.EXTEND: "# Nothing to run: the tenant keeps no end here. Portcullis keeps it and removes the entry then.",
    Operation.ANNOTATE: "# Nothing to run: the tenant keeps no notes here. Portcullis keeps them in its own record.",
    Operation.SUBMIT: "# Nothing to run: a submission goes to Microsoft through Microsoft Graph.",
}


def as_powershell(change: Change, *, policy: str = "Default", accepted_domains: Collection[str] = frozenset()) -> str:
    """The cmdlets that will run, ready to paste into an Exchange Online PowerShell window.

    `policy` is the connection filter policy, `accepted_domains` the tenant's own domains, as for `cmdlets_for`. Where
    nothing is sent to the tenant, a comment that says so.
    """
    if not reaches_tenant(change):
        return _NOTHING_TO_RUN[change.operation]
    commands = cmdlets_for(change, policy=policy, accepted_domains=accepted_domains)
    return "\n\n".join(_command(command) for command in commands)


def literal(text: str) -> str:
    """A text as a single-quoted PowerShell literal; with unseen characters spelled out as expressions beside it."""
    pieces = []
    position = 0
    for match in _UNSEEN.finditer(text):
        if match.start() > position:
            pieces.append(_quoted(text[position : match.start()]))
        pieces.append(f"[char]0x{ord(match[0]):04X}")
        position = match.end()
    if position < len(text) or not pieces:
        pieces.append(_quoted(text[position:]))
    if len(pieces) == 1 and pieces[0].startswith("'"):
        return pieces[0]
    return f"(-join ({', '.join(pieces)}))" if len(pieces) > 1 else f"([string]{pieces[0]})"


def _quoted(text: str) -> str:
    return "'" + _SINGLE_QUOTES.sub(r"\1\1", text) + "'"


def _command(command: Cmdlet) -> str:
    before = ""
    parts = [command.cmdlet]
    for name, parameter in command.parameters.items():
        if parameter is True:
            parts.append(f"-{name}")
        elif parameter is False:
            parts.append(f"-{name} $false")
        elif isinstance(parameter, SpoofIds):
            before += _lookup(parameter)
            parts.append(f"-{name} $ids")
        else:
            parts.append(f"-{name} {_value(parameter)}")
    line = " ".join(parts)
    if len(line) <= _LONGEST_LINE and "\n" not in line:
        return before + line
    return before + " `\n    ".join(parts)


def _value(parameter: Parameter) -> str:
    if isinstance(parameter, str):
        # A bare word reads better, and is safe where it is one.
        return parameter if re.fullmatch(r"[A-Za-z]+", parameter) else literal(parameter)
    if isinstance(parameter, datetime):
        return literal(iso_date(parameter))
    if isinstance(parameter, tuple):
        return _array(parameter)
    if isinstance(parameter, ListEdit):
        pairs = [
            f"{key} = {_array(values)}"
            for key, values in (("Add", parameter.add), ("Remove", parameter.remove))
            if values
        ]
        return "@{ " + "; ".join(pairs) + " }"
    return str(parameter)


def _array(values: tuple[str, ...]) -> str:
    literals = [literal(value) for value in values]
    if len(literals) == 1:
        return f"@({literals[0]})"
    return "@(\n" + ",\n".join(f"        {each}" for each in literals) + "\n    )"


def _lookup(ids: SpoofIds) -> str:
    conditions = " -or\n    ".join(
        f"($_.SpoofedUser -eq {literal(pair.user)} -and $_.SendingInfrastructure -eq {literal(pair.infrastructure)}"
        f" -and $_.Action -eq {literal(ids.action.value.capitalize())})"
        for pair in ids.pairs
    )
    return f"$ids = (Get-TenantAllowBlockListSpoofItems | Where-Object {{\n    {conditions}\n}}).Identity\n"
