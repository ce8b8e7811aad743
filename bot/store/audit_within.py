"""The values in the log, and among the items of requests, that lie within an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from bot.domain.lists.narrower import Narrower
from bot.errors import InvalidInput
from bot.store.audit_stretches import Range
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import MOST_IN_A_STATEMENT
from bot.store.scope import Scope
from bot.store.tables import ItemRow


async def values_within(
    scope: Scope,
    narrower: Narrower,
    *,
    where: Sequence[Range],
    until: datetime | None,
    look_among: int | None,
    upwards: bool,
) -> list[str]:
    """The values that an indicator covers beside its own.

    With `look_among` they are looked for among so many events, those at the end of `where` at which a page begins.
    Raises InvalidInput where they are more than one query can name.
    """
    events, items = AuditEventRow, ItemRow
    targets = select(events.target).where(events.tenant_id == scope.tenant_id)
    values = select(items.value).where(items.tenant_id == scope.tenant_id)
    if look_among is not None:
        first, last = await _beside(scope, where, look_among, until=until, upwards=upwards)
        targets = targets.where(events.seq > first, events.seq <= last)
        newest = await scope.session.scalar(select(func.max(items.id)))
        values = values.where(items.id > (newest or 0) - look_among)
    else:
        targets, values = targets.distinct(), values.distinct()
    # Of a stretch not DISTINCT: SQLite would walk over the index of all targets for that.
    found: set[str] = set()
    for column, query in ((events.target, targets), (items.value, values)):
        like = or_(*(column.like(pattern, escape="\\") for pattern in narrower.patterns))
        found.update(filter(narrower.covers, set(await scope.session.scalars(query.where(like)))))
    if len(found) > MOST_IN_A_STATEMENT:
        raise InvalidInput(
            f"The log has {len(found):,} values within that, and one query takes {MOST_IN_A_STATEMENT:,}.",
            "Ask for a smaller network or domain, or use the command line.",
        )
    return sorted(found)


async def _beside(
    scope: Scope, where: Sequence[Range], length: int, *, until: datetime | None, upwards: bool
) -> tuple[int, int]:
    """Between which numbers so many events lie next to where a page begins: above the first, up to the last."""
    if not where:
        return 0, 0
    if upwards:
        return where[-1].after, where[-1].after + length
    rows = AuditEventRow
    query = select(rows.seq).where(rows.tenant_id == scope.tenant_id).order_by(rows.seq.desc()).limit(1)
    if until is not None:
        query = query.where(rows.at < until)
    for each in where:
        last = await scope.session.scalar(query.where(rows.seq > each.after, rows.seq < each.before))
        if last is not None:
            return last - length, last
    return 0, 0
