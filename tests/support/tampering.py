"""What somebody with the database's password can do past Portcullis: any statement, and the log written anew."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert, select, update

from bot.domain.auditing.events import Event, chain_hash, genesis
from bot.store.addresses import normalise
from bot.store.audit_tables import AuditEventRow, AuditHeadRow
from bot.store.engines import create_engine, for_writing
from bot.store.migrate import restore_triggers
from bot.store.table import core

_COLUMNS = ("seq", "tenant_id", "at", "kind", "actor", "target", "request_id", "payload")
_SQLITE = ("events_no_update", "events_no_delete", "events_no_replace", "heads_forward", "heads_no_delete")


async def run_raw(url: str, *statements: str) -> None:
    """Run these statements in one transaction."""
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


async def put_in(url: str, event: Event, *, after: str) -> None:
    """Put an event into the log that says that it follows the row with the hash `after`: its own hash is right."""
    engine = for_writing(create_engine(normalise(url)))
    values = {name: getattr(event, name) for name in _COLUMNS} | {"previous_hash": after}
    try:
        async with engine.begin() as connection:
            await connection.execute(insert(core(AuditEventRow)).values(**values, hash=chain_hash(after, event)))
    finally:
        await engine.dispose()


def triggers_off(url: str) -> list[str]:
    """The statements after which the database takes any change of the log."""
    if url.startswith("sqlite"):
        return [f"DROP TRIGGER audit_{name}" for name in _SQLITE]
    return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("audit_events", "audit_heads")]


async def write_anew(url: str, *, tenant_id: str, seq: int, actor: str) -> None:
    """Have another actor in one event, and every hash from there on as if it had been so: a chain without a fault.

    The triggers are there again afterwards.
    """
    events, heads = core(AuditEventRow), core(AuditHeadRow)
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            for statement in triggers_off(url):
                await connection.exec_driver_sql(statement)
            query = select(*(events.c[name] for name in _COLUMNS)).where(events.c.tenant_id == tenant_id)
            last_hash = genesis(tenant_id)
            for row in (await connection.execute(query.order_by(events.c.seq))).all():
                event = Event(**row._mapping)
                event = replace(event, actor=actor) if event.seq == seq else event
                previous_hash, last_hash = last_hash, chain_hash(last_hash, event)
                await connection.execute(
                    update(events)
                    .where(events.c.tenant_id == tenant_id, events.c.seq == event.seq)
                    .values(actor=event.actor, previous_hash=previous_hash, hash=last_hash)
                )
            await connection.execute(update(heads).where(heads.c.tenant_id == tenant_id).values(hash=last_hash))
    finally:
        await engine.dispose()
    await restore_triggers(url)
