"""The slash commands: one table from which the help, the manifest's test and the listeners draw."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.lists import Action
from bot.domain.requests import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command, as `app.yaml` declares it and as its help explains it.

    `operation` and `action` are set for the commands that propose a change. An example is what people type and what
    comes of it.
    """

    name: str
    description: str
    usage_hint: str
    grammar: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    operation: Operation | None = None
    action: Action | None = None


_PROPOSAL_GRAMMAR = (
    "Indicators first, one or several, defanged or not: IPs, domains, addresses, URLs, SHA-256 of files, spoof pairs.",
    "Then, if you like, how long: `1d`, `7d`, `30d`, `90d` or `never`.",
    "The rest is the reason. If something is missing, a form opens with what you gave.",
)
_REMOVAL_GRAMMAR = (
    "Indicators first, one or several, as they stand on the list.",
    "The rest is the reason. If something is missing, a form opens with what you gave.",
)

BLOCK = Command(
    name="/block",
    description="Request a block",
    usage_hint="[indicators] [1d | 7d | 30d | 90d | never] [reason]",
    grammar=_PROPOSAL_GRAMMAR,
    examples=(
        ("/block sender@fabrikam.example 30d Invoice fraud", "one address, for 30 days"),
        ("/block 203.0.113.7 198.51.100.0/24 never Password spraying", "an address and a network, without an end"),
        ("/block hxxps://evil[.]example/login 7d Phishing page", "a defanged URL"),
        ("/block", "opens the form"),
    ),
    operation=Operation.ADD,
    action=Action.BLOCK,
)
UNBLOCK = Command(
    name="/unblock",
    description="Request that a block be removed",
    usage_hint="[indicators] [reason]",
    grammar=_REMOVAL_GRAMMAR,
    examples=(("/unblock sender@fabrikam.example Account is clean again", "takes the address off the block list"),),
    operation=Operation.REMOVE,
    action=Action.BLOCK,
)
ALLOW = Command(
    name="/allow",
    description="Request an allow, after the warning that goes with it",
    usage_hint="[indicators] [1d | 7d | 30d] [reason]",
    grammar=(
        *_PROPOSAL_GRAMMAR,
        "An IP allow skips filtering: you see the warning and better ways first, and it needs an end date.",
    ),
    examples=(
        ("/allow 203.0.113.7 7d Scanner at the head office", "shows the warning first"),
        ("/allow", "opens the form"),
    ),
    operation=Operation.ADD,
    action=Action.ALLOW,
)
UNALLOW = Command(
    name="/unallow",
    description="Request that an allow be removed",
    usage_hint="[indicators] [reason]",
    grammar=_REMOVAL_GRAMMAR,
    examples=(("/unallow 203.0.113.7 Scanner is retired", "takes the address off the IP Allow List"),),
    operation=Operation.REMOVE,
    action=Action.ALLOW,
)
CHECK = Command(
    name="/check",
    description="Is it allowed, blocked, or not listed?",
    usage_hint="[indicator]",
    grammar=("One indicator, defanged or not. Only you see the answer.",),
    examples=(
        ("/check 203.0.113.7", "which entries cover the address, which one wins, and why"),
        ("/check evil[.]example", "the same for a domain"),
    ),
)
REQUESTS = Command(
    name="/requests",
    description="Requests: the open ones, yours, or all",
    usage_hint="[open | mine | all | number]",
    grammar=("`open` is the default. A number shows that request.",),
    examples=(
        ("/requests", "requests that wait for a review"),
        ("/requests mine", "what you asked for"),
        ("/requests 42", "request 42"),
    ),
)
AUDIT = Command(
    name="/audit",
    description="Query the audit log",
    usage_hint="[request number | indicator | member ID] [7d]",
    grammar=(
        "What to look for: a request's number, an indicator, or a person's member ID (from their profile).",
        "Then, if you like, how far back: `1d`, `7d`, `30d`. With nothing, the latest events.",
    ),
    examples=(
        ("/audit", "the latest events"),
        ("/audit 42", "everything that happened to request 42"),
        ("/audit 203.0.113.7 30d", "what happened to this indicator in the last 30 days"),
    ),
)

#: Every command, in the order in which the help lists them.
COMMANDS: tuple[Command, ...] = (BLOCK, UNBLOCK, ALLOW, UNALLOW, CHECK, REQUESTS, AUDIT)
#: The word that, alone after any command, shows its help.
HELP_WORD = "help"


def command_named(name: str) -> Command | None:
    """The command of this name, with its slash, or None."""
    return next((command for command in COMMANDS if command.name == name), None)


def proposal_command(operation: Operation, action: Action) -> Command:
    """The command that proposes this operation on this kind of entry."""
    return next(command for command in COMMANDS if (command.operation, command.action) == (operation, action))
