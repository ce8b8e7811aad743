"""The triggers that keep the log append-only, on both databases: as migrated, taken away, replaced, and made anew."""

from __future__ import annotations

import pytest

from bot.store import Store
from bot.store.audit_triggers import TriggerFinding
from bot.store.migrate import restore_triggers
from tests.integration.store.test_audit_log import write_events
from tests.support.tampering import run_raw

#: What somebody does, in each database, and what is said of it.
DONE = [
    (
        "DROP TRIGGER audit_heads_no_delete",
        "DROP TRIGGER audit_heads_no_delete ON audit_heads",
        {"audit_heads_no_delete": "The trigger audit_heads_no_delete of audit_heads is missing."},
    ),
    (
        (
            "DROP TRIGGER audit_events_no_delete; CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events "
            "BEGIN SELECT 1; END"
        ),
        (
            "CREATE OR REPLACE FUNCTION portcullis_head_forward() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ),
        {
            "audit_events_no_delete": "The trigger audit_events_no_delete does something else than ours.",
            "audit_heads_forward": "The trigger audit_heads_forward does something else than ours.",
        },
    ),
    (
        "CREATE TRIGGER quiet BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END",
        "CREATE RULE quiet AS ON INSERT TO audit_events DO INSTEAD NOTHING",
        {"quiet": "quiet is none of the triggers that Portcullis made."},
    ),
    (
        "",
        "ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_change",
        {"audit_events_no_change": "The trigger audit_events_no_change is switched off."},
    ),
]


async def wrong(store: Store) -> tuple[TriggerFinding, ...]:
    async with store.read() as uow:
        return await uow.audit.wrong_triggers()


async def test_those_that_the_migrations_make_are_ours(store: Store) -> None:
    assert await wrong(store) == ()


@pytest.mark.parametrize(("on_sqlite", "on_postgresql", "said"), DONE)
async def test_what_somebody_did_to_them_is_named_and_mended(
    store: Store, database_url: str, on_sqlite: str, on_postgresql: str, said: dict[str, str]
) -> None:
    is_sqlite = database_url.startswith("sqlite")
    done = on_sqlite if is_sqlite else on_postgresql
    if not done:
        return
    steps = done.split("; CREATE", 1)
    await run_raw(database_url, *[step if at == 0 else f"CREATE{step}" for at, step in enumerate(steps)])
    found = {each.trigger: each.details for each in await wrong(store)}
    assert len(found) == 1
    assert found.items() <= said.items()
    await restore_triggers(database_url)
    assert await wrong(store) == ()
    await write_events(store, 2)
    async with store.read() as uow:
        assert (await uow.audit.verify()).intact
