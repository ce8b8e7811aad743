"""The answer to a click that decides nothing, queued in the transaction that writes that down.

The acknowledgement of a click holds no words. An answer that was queued after that transaction, or given past a
database that takes nothing more, would end with the process: the click was acknowledged, and nobody ever told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from bot.errors import PortcullisError
from bot.store import UnitOfWork
from bot.workflow.shared.jobs import reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who waits for words that the acknowledgement can't hold, and what they clicked: `delivery` names it.

    `in_words` makes the message of an error, as Slack takes it. The `response_url` lets whoever has it write to them.
    """

    delivery: str
    user: str
    response_url: str
    in_words: Callable[[PortcullisError], Mapping[str, Any]]


#: Stands as the answer of what a person is told by the transaction that their click came to.
_OWED = {"owed": True}

_ASKER: ContextVar[Asker | None] = ContextVar("asker", default=None)


@contextmanager
def asked_by(asker: Asker) -> Iterator[None]:
    """Have this person told of what `owe` is given in the block."""
    token = _ASKER.set(asker)
    try:
        yield
    finally:
        _ASKER.reset(token)


def answer_key(delivery: str) -> str:
    """What is claimed by whoever answers a delivery in words of its own: it is answered once."""
    return f"reply:{delivery}"


async def owe(uow: UnitOfWork, error: PortcullisError) -> None:
    """Have whoever clicked told of an error by a job of this transaction, which is about to be raised.

    Nothing is queued where the acknowledgement can hold the words, as that of a command, or where a job does the work;
    nor where the delivery was answered before.
    """
    asker = _ASKER.get()
    if asker is None:
        return
    key = answer_key(asker.delivery)
    if await uow.deliveries.first_time(key):
        await uow.deliveries.answer(key, _OWED)
        await reply(uow, asker.in_words(error), user=asker.user, response_url=asker.response_url)


async def is_owed(uow: UnitOfWork, delivery: str) -> bool:
    """Whether the answer to a delivery was queued with what was written down of it."""
    return await uow.deliveries.answered(answer_key(delivery)) == _OWED
