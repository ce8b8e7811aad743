"""What somebody is told whose delivery the database kept waiting, or failed in the middle of.

Nothing was recorded, or all was and only the answer failed, or nobody can tell: then it is looked up by the delivery's
key as soon as the database answers, and the person is told what became of it. Where that is nothing, it stays so: when
Slack delivers it again, the answer is the same. A process that ends before that looks nothing up: the person was told
where to look.

Who was told that nothing was recorded is held to that too: it is written down as soon as the database answers, and if
another process has recorded it meanwhile, they are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog

from bot.errors import InvalidInput, NotPermitted, NotRecorded, PortcullisError, StoreError
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.listeners.told_nothing import ToldNothing
from bot.store import UnitOfWork
from bot.store.awaited import Awaited, RecordState
from bot.store.failures import commit_unknown
from bot.workflow.requesting.decided_once import is_counted
from bot.workflow.requesting.together import ticked_in
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import reply
from bot.workflow.shared.owed_answers import is_owed

_log = structlog.get_logger(__name__)

#: So long may the database take with what somebody waits for: the acknowledgement is due within three seconds.
ANSWERED_WITHIN = 2.2

#: Between two looks, in seconds; twice as long after each, up to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0

_settling: set[asyncio.Task[None]] = set()


def in_plain_words(
    context: Context, body: Mapping[str, Any], error: Exception, waiting: Awaited, *, nothing: ToldNothing, sending: str
) -> Exception:
    """The error to tell of what went wrong with a delivery. What is in doubt is looked up from here on.

    Where that is that `nothing` was recorded, it is noted there by the `sending`, as about to be told.
    """
    if isinstance(error, InvalidInput | NotPermitted):
        return error
    if (key := waiting.doubtful) is not None:
        _log.warning("nobody can tell whether it was recorded", delivery=key, kind=type(error).__name__)
        settle(context, body, key, waiting.key)
        return commit_unknown()
    if not isinstance(error, StoreError):
        return error
    _log.warning("the database failed somebody who waits", error=str(error), recorded=waiting.recorded.value)
    if waiting.recorded is RecordState.ALL:
        told = StoreError("It was recorded, but Portcullis can't show you more: the database failed after that.", _LOOK)
    else:
        nothing.begin(sending)
        what = error.what if _NOTHING in error.what else f"{error.what} So {_NOTHING}."
        told = StoreError(what, "Try again in a moment; if it stays so, give the reference to whoever runs Portcullis.")
    told.__cause__ = error
    return told


def settle(context: Context, body: Mapping[str, Any], key: str, delivery: str) -> None:
    """Look up what became of a delivery, however long the database takes, and tell its person.

    `key` is what the transaction in doubt claimed: the `delivery` itself, or what it is called where only a part of it
    is meant, such as a decision that waits.
    """
    _begin(_settle(context, body, key, delivery, knows_nothing=False))


def hold_to_nothing(context: Context, body: Mapping[str, Any], delivery: str) -> None:
    """Have it on disk that nothing came of a delivery, whose person was told so, however long the database takes."""
    _begin(_settle(context, body, delivery, delivery, knows_nothing=True))


def _begin(settling: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(settling, name="delivery in doubt")
    _settling.add(task)
    task.add_done_callback(_settling.discard)


async def _settle(context: Context, body: Mapping[str, Any], key: str, delivery: str, *, knows_nothing: bool) -> None:
    pause = _FIRST_PAUSE
    while not await _is_told(context, body, key, delivery, knows_nothing=knows_nothing):
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _is_told(context: Context, body: Mapping[str, Any], key: str, delivery: str, *, knows_nothing: bool) -> bool:
    """Whether it is known by now, and the person told of it: once, whatever becomes of this commit. Who knows that it
    was nothing is told no more of that."""
    try:
        async with context.store.write() as uow:
            message = await became(uow, key, delivery)
            if (message is None and knows_nothing) or await is_owed(uow, delivery):
                return True
            if await uow.deliveries.first_time(f"reply:doubt-{key}"):
                message = message or _nothing()
                await reply(uow, message.to_dict(), user=_user(body), response_url=str(body.get("response_url") or ""))
    except StoreError as error:
        _log.info("a delivery is still in doubt", error=str(error))
        return False
    except PortcullisError as error:
        _log.error("nobody could be told what became of a delivery", error=str(error))
    return True


async def became(uow: UnitOfWork, *keys: str) -> Message | None:
    """What became of a delivery, by the keys that it may have claimed, its own the last. None: nothing, and nothing
    does any more."""
    for claimed in dict.fromkeys(keys):
        if not await uow.deliveries.give_up(claimed):
            answer = await uow.deliveries.answered(claimed) or {}
            if (ticked := ticked_in(claimed, keys[-1])) is not None:
                return _of_several(ticked, answer)
            made = answer.get("requests", ())
            which = f" It is #{made[0]}." if made else ""  # people know a proposal by its first request
            return _said(f"What you did a moment ago was recorded after all.{which} There is no need to do it again.")
    return None


def _of_several(ticked: int, answer: Mapping[str, object]) -> Message:
    """What became of the one of several that is in doubt: of the others nothing was done."""
    if is_counted(answer):
        return _said(f"Of what you ticked #{ticked} was approved after all, and nothing else. Tick the others again.")
    return _said(f"Nothing of what you ticked was approved. {answer.get('what', '')}".strip())


def _nothing() -> Message:
    return _said(str(NotRecorded()))


def _said(text: str) -> Message:
    return Message.build(name="settled", text=text, blocks=[elements.section(text)])


def _user(body: Mapping[str, Any]) -> str:
    user = body.get("user")
    return str((user.get("id") if isinstance(user, Mapping) else body.get("user_id")) or "")


_NOTHING = "nothing was recorded"
_LOOK = "Look with /requests before you do it again."
