"""What Slack has delivered already: a repetition gets the first answer again, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.errors import NotRecorded
from bot.store.databases import prepared_insert_or_ignore
from bot.store.scope import Scope, short_key
from bot.store.slack_tables import DeliveryRow
from bot.store.table import core

#: A key that begins so is never forgotten: what it is claimed for is done once and for all.
ONCE = "once:"

#: Stands as the answer of a delivery whose person was told that nothing came of it.
_NOT_RECORDED = {"not_recorded": True}

_table = core(DeliveryRow)
_ANSWERED = select(_table.c.answer).where(
    _table.c.tenant_id == bindparam("tenant_id"), _table.c.key == bindparam("key")
)

_ANSWER = (
    update(_table)
    .where(_table.c.tenant_id == bindparam("its_tenant"), _table.c.key == bindparam("its_key"))
    .values(answer=bindparam("new_answer"))
)


class Deliveries:
    """The deliveries of one tenant, within one unit of work.

    The row is written in the same transaction as what the delivery caused. Of two identical deliveries at once the
    second one waits in `first_time` until the first has committed, and then finds its answer.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def first_time(self, key: str) -> bool:
        """Claim a delivery by its key; False when it has been dealt with: then answer with `answered`.

        Raises NotRecorded when its person was told that nothing came of it, see `give_up`.
        """
        if await self._claim(key):
            return True
        if await self.answered(key) == _NOT_RECORDED:
            raise NotRecorded
        return False

    async def give_up(self, key: str) -> bool:
        """Whether nothing came of a delivery, for certain: what is still on its way is waited for. It stays so, however
        often it is delivered again, so that its person can be told in the same transaction."""
        if await self._claim(key):
            await self.answer(key, _NOT_RECORDED)
            return True
        return await self.answered(key) == _NOT_RECORDED

    async def answer(self, key: str, answer: Mapping[str, Any]) -> None:
        """Keep what was answered, for a repetition."""
        asked = {"its_tenant": self._scope.tenant_id, "its_key": short_key(key), "new_answer": dict(answer)}
        await self._scope.prepared(_ANSWER, asked)

    async def answered(self, key: str) -> Mapping[str, Any] | None:
        """What was answered the first time; None when nothing was kept."""
        found = await self._scope.prepared(_ANSWERED, {"tenant_id": self._scope.tenant_id, "key": short_key(key)})
        answer: Mapping[str, Any] | None = found.scalar()
        return answer

    async def answered_below(self, prefix: str) -> Mapping[str, Mapping[str, Any] | None]:
        """What was answered to each part of a delivery, whose keys begin so, by what follows in them."""
        rows = await self._scope.session.execute(
            select(DeliveryRow.key, DeliveryRow.answer).where(
                DeliveryRow.tenant_id == self._scope.tenant_id, DeliveryRow.key.startswith(prefix, autoescape=True)
            )
        )
        return {key.removeprefix(prefix): answer for key, answer in rows}

    async def forget(self, before: datetime) -> int:
        """Delete deliveries seen before a time (Slack repeats for a few minutes only), but for `ONCE`; how many."""
        return await self._scope.changed(
            delete(DeliveryRow).where(
                DeliveryRow.tenant_id == self._scope.tenant_id,
                DeliveryRow.seen_at < before,
                ~DeliveryRow.key.startswith(ONCE, autoescape=True),
            )
        )

    async def _claim(self, key: str) -> bool:
        row = {
            "tenant_id": self._scope.tenant_id,
            "key": short_key(key),
            "seen_at": self._scope.clock(),
            "answer": None,
        }
        if (await self._scope.prepared(prepared_insert_or_ignore(self._scope.dialect.name, _table), row)).rowcount == 0:
            return False
        self._scope.claimed.add(key)
        return True
