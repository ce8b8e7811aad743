"""What a backup or a restored database comes to, in lines for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console

from bot.cli.sentences import printable
from bot.cli.terminal import say
from bot.domain.telling.counting import plural
from bot.store.examination import ExaminedTenant

#: Beyond these what doesn't verify is only counted: `audit verify` names all.
_MOST_NAMED = 10


def say_examined(console: Console, tenants: Collection[ExaminedTenant]) -> None:
    """Where each tenant's log ends, and whether it verifies."""
    if not tenants:
        say(console, "There is no event in it.", before="  ")
    for each in tenants:
        state = "verifies" if each.verifies else "does NOT verify"
        until = "" if each.last_at is None else f", the last of {each.last_at:%Y-%m-%d %H:%M:%S} UTC"
        line = f"Tenant {printable(each.tenant_id)}: {plural(each.events, 'event')}{until}; {state}."
        say(console, line, before="  ", hang=4)
        if each.chain.head is not None:
            say(console, f"head: {each.chain.head.seq} {printable(each.chain.head.hash)}", before="    ", hang=6)
        for problem in each.problems[:_MOST_NAMED]:
            say(console, printable(problem), before="    ", hang=6)
        unnamed = len(each.problems[_MOST_NAMED:]) + each.chain.unnamed + each.requests.unnamed
        if unnamed:
            say(console, f"and {unnamed} more.", before="    ")


def numbers(proposals: Sequence[int], *, at_most: int = 20) -> str:
    """`#3, #7`, and how many more there are."""
    named = ", ".join(f"#{number}" for number in proposals[:at_most])
    left = len(proposals) - at_most
    return named if left <= 0 else f"{named} and {left} more"
