"""What a form starts with in which somebody asks to keep what nobody requested: the entry, and which ends it may have.

It changes nothing; what is sent in the form is a request like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.ends import EndRule, end_rule, may_last_until
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.drafting import entries_of
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.people import Person
from bot.domain.requests.unrequested import ChangeState
from bot.errors import Conflict
from bot.workflow.requesting.unrequested_removal import entry_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.listed import index_of_long
from bot.workflow.shared.rights import proposer


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """An entry that nobody requested, as it was last read."""

    entry: Entry
    line: str  #: what a form reads as just this entry
    rule: EndRule  #: how long it may last
    may_stay: bool  #: its own end, which may be none, is one that policy lets through

    @property
    def end(self) -> datetime | None:
        """The end that it has; None: none."""
        return self.entry.expires


async def adoptable(context: Context, *, actor: Person, number: int, delivery: str) -> Adoptable:
    """The entry that an unrequested change is about; `number` is that of the change's event.

    Raises NotPermitted, and Conflict where there is nothing, or nothing any more, that could be kept.
    """
    await proposer(context, actor, delivery=delivery)
    async with context.store.read() as uow:
        change = await uow.unrequested.find(number)
        lists = await uow.snapshots.load()
    told = None if change is None else entry_of(change.held)
    if change is None or told is None or change.after is None or change.state is ChangeState.GONE:
        raise Conflict("This entry isn't there any more, by the last reading of the lists.", "Nothing to do.")
    about = listed_indicator(told)
    index = await index_of_long(context, lists)
    found = entries_of([about], told.action, lists, index=index)
    if not found:
        raise Conflict("This entry isn't there any more, by the last reading of the lists.", "Nothing to do.")
    entry = found[0]
    rule = end_rule(entry.list, entry.action, ip_allow_max_days=context.rules.ip_allow_max_days)
    return Adoptable(
        entry=entry,
        line=line_of(about),
        rule=rule,
        may_stay=_may_stay(entry, rule, len({each.expires for each in found}), now=context.now()),
    )


def _may_stay(entry: Entry, rule: EndRule, ends: int, *, now: datetime) -> bool:
    """Whether a form may offer the end that an entry has. What lets strangers in is asked for in a form of its own."""
    lets_in = entry.action is Action.ALLOW and (entry.list.traits.holds_ips or entry.list is ListName.SPOOF)
    return not lets_in and not entry.bounded_by_use and ends == 1 and may_last_until(rule, entry.expires, now=now)
