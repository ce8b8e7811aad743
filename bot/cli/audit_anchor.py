"""`portcullis audit anchor`: keep the log's head outside the database now, as the bot does each day."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot import settings as env
from bot.anchoring.keeper import AnchorKeeper, KeptAnchor
from bot.bootstrap import build_anchors
from bot.cli.account import account
from bot.cli.audit_tenants import Tenant, database_url, one_tenant
from bot.cli.failures import told
from bot.cli.options import AsJson, Database
from bot.domain.auditing.events import ACCOUNT
from bot.errors import InvalidInput
from bot.store import Store
from bot.workflow.watching.anchor import keep_head_of, note_kept


def anchor(
    file: Annotated[
        str, typer.Option(metavar="FILE", help="Where a line is added, instead of PORTCULLIS_ANCHOR_FILE.")
    ] = "",
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Sign the log's head, have it stamped, add it to a file, and have the running bot post it to the alert channel.

    Without a key, an authority or a file, as the settings name them, that part is left out. Prints the anchor: a line
    that `portcullis audit verify --against` takes. Exit code 0: kept. 1: a part of it could not be done; 2: the log
    can't be read.
    """
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
