"""`portcullis audit anchor`: keep the log's head outside the database now, as the bot does each day."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import typer

from bot import settings as env
from bot.anchoring.keeper import AnchorKeeper, KeptAnchor
from bot.as_set import build_anchors
from bot.cli.account import account
from bot.cli.audit_tenants import database_url, one_tenant
from bot.cli.failures import told
from bot.domain.auditing.events import ACCOUNT
from bot.errors import InvalidInput
from bot.store import Store
from bot.workflow.watching.anchor import keep_head_of, note_kept


def anchor(*, file: str, database: str, tenant: str, as_json: bool) -> None:
    """Do what `portcullis audit anchor` is asked for."""
    with told(as_json=as_json):
        keeper = build_anchors(env.load(env.AnchorSettings))
        if file:
            keeper = replace(keeper, file=Path(file))
        kept = asyncio.run(_keep(database, tenant, keeper))
    print(json.dumps(kept.anchor.as_json(), separators=(",", ":")))
    for problem in kept.problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if kept.problems else 0)


async def _keep(database: str, tenant: str, keeper: AnchorKeeper) -> KeptAnchor:
    url = database_url(database)
    chosen = await one_tenant(url, tenant)
    store = Store(url, tenant_id=chosen or tenant)
    try:
        kept = await keep_head_of(store, keeper)
        if kept is None:
            raise InvalidInput(
                "The log has no event yet, so it has no head.", "Try again once somebody has used the bot."
            )
        async with store.write() as uow:
            await note_kept(uow, kept, actor=f"{ACCOUNT}{account()}", at=store.clock())
    finally:
        await store.close()
    return kept
