"""`portcullis migrate`: bring the database to this version."""

from __future__ import annotations

import asyncio
import json

from bot import settings as env
from bot.cli.account import log_act
from bot.cli.audit_tenants import chosen_tenants
from bot.cli.failures import told
from bot.cli.progress import Done, progress
from bot.cli.terminal import console_for, say
from bot.errors import StoreUnreachable
from bot.store import migrate as migrations
from bot.store.addresses import normalise, shown

#: Between two attempts to reach a database that is being started, in seconds.
_BETWEEN = 0.5


def migrate(*, database: str, triggers: bool, wait: float, as_json: bool) -> None:
    """Do what `portcullis migrate` is asked for."""
    with told(as_json=as_json):
        url = database or env.load(env.DatabaseSettings).database_url
        where = shown(normalise(url))
        with progress("Migrations") as done:
            applied = asyncio.run(_once_it_answers(url, wait, done))
        revision = asyncio.run(migrations.current(url))
        if triggers:
            asyncio.run(_restore_triggers(url))
    if as_json:
        print(json.dumps({"database": where, "revision": revision, "applied": list(applied)}))
        return
    console = console_for()
    if applied:
        say(console, f"{where} is at revision {revision} now; applied: {', '.join(applied)}.", hang=2)
    else:
        say(console, f"{where} is at revision {revision} already.", hang=2)
    if triggers:
        say(console, "The triggers that keep the audit log from being changed were made anew.")


async def _once_it_answers(url: str, wait: float, done: Done) -> tuple[str, ...]:
    """What was applied. Tried again, up to `wait` seconds, while the database doesn't answer yet.

    Raises StoreError: StoreUnreachable when the time is over.
    """
    until = asyncio.get_running_loop().time() + wait
    while True:
        try:
            return await migrations.migrate(url, done=done)
        except StoreUnreachable:
            if asyncio.get_running_loop().time() + _BETWEEN > until:
                raise
        await asyncio.sleep(_BETWEEN)


async def _restore_triggers(url: str) -> None:
    """Make the triggers anew, and write that down in each tenant's log."""
    await migrations.restore_triggers(url)
    for tenant in await chosen_tenants(url, ""):
        await log_act(url, tenant, "migrate --triggers")
