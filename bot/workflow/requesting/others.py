"""The others of a command: what it asked for beside what policy refused, kept so that one click asks for just these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.indicators.indicator import Indicator, Kind, Note
from bot.domain.indicators.reader import recorded
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import read_lifetime
from bot.errors import Conflict
from bot.workflow.requesting.consider import Considered
from bot.workflow.requesting.wanted import Wanted
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import Proposer


def made_as(name: str) -> str:
    """What the request is called that comes of the others with this name: clicked twice, it is made once."""
    return f"others-made:{name}"


async def keep_others(context: Context, considered: Considered, wanted: Wanted, *, delivery: str) -> str:
    """Keep what could go ahead without what was refused, for a day and for whoever wanted it.

    Returns the name by which `others_of` finds it: what the button carries; empty where there is nothing to keep.
    Delivered again, it keeps what it has kept.
    """
    values = frozenset(considered.unrefused)
    kept = [indicator for indicator in wanted.indicators if indicator.value in values]
    if not kept:
        return ""
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(_kept_as(delivery)):
            action = considered.judged[0].proposal.action  # what was left open is known by now
            kept_so = _spelled(considered.actor, replace(wanted, action=action, indicators=kept))
            await uow.deliveries.answer(_kept_as(delivery), kept_so)
    return delivery


async def others_of(context: Context, *, actor: Proposer, name: str) -> Wanted:
    """What was kept under this name for this person.

    Raises Conflict where nothing is: it is more than a day ago, or was somebody else's; and InvalidDuration for an end
    that has passed since.
    """
    async with context.store.read() as uow:
        kept = await uow.deliveries.answered(_kept_as(name))
    if kept is None or kept.get("by") != actor.user_id:
        raise Conflict(
            "What this button would request isn't on record for you any more, and nothing was requested.",
            "Type the command again, with just these.",
        )
    end = str(kept["end"])
    return Wanted(
        operation=Operation(kept["operation"]),
        action=Action(kept["action"]),
        indicators=_indicators(kept["indicators"]),
        lifetime=read_lifetime(end, today=context.now().date()) if end else None,
        reason=str(kept["reason"]),
    )


def _kept_as(name: str) -> str:
    return f"others:{name}"


def _spelled(actor: Proposer, wanted: Wanted) -> Mapping[str, object]:
    return {
        "by": actor.user_id,
        "operation": wanted.operation,
        "action": wanted.action,
        "indicators": [
            [indicator.kind, indicator.value, [[note.code, note.text] for note in indicator.notes]]
            for indicator in wanted.indicators
        ],
        "end": "" if wanted.lifetime is None else str(wanted.lifetime),
        "reason": wanted.reason,
    }


def _indicators(rows: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]) -> list[Indicator]:
    return [
        recorded(Kind(kind), value, [Note(code=code, text=text) for code, text in notes]) for kind, value, notes in rows
    ]
