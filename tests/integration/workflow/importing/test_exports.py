"""Each export and feed from file to tenant: shown, requested, approved, applied, then looked up in the tenant's lists.

What each file is read as stands beside the reading's own tests; here it is held to what the tenant blocks in the end.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.importing.outcomes import Imported
from bot.domain.importing.preview import PreviewState
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given
from bot.workflow.importing.judge import JudgedImport
from bot.workflow.importing.previews import (
    PreviewClick,
    ask_for,
    choose_column,
    finish,
    look_at,
    open_preview,
    request_preview,
)
from bot.workflow.shared.job_kinds import MessageParts
from tests.integration.workflow.conftest import Stage
from tests.support.people import REQUESTER
from tests.support.requests_made import newest_requests
from tests.unit.domain.reading.test_exports import ASKED, FOLDER, OWN, PLAIN

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: Which of the columns somebody chooses, and what is blocked then.
CHOSEN: dict[str, tuple[str, set[str]]] = {
    "tabl_domains.csv": ("Value as senders", {"bad.example", "evil.example"}),
    "hunting_results.csv": ("SenderFromAddress", {"ceo@evil.example", "cfo@evil.example"}),
    "message_trace_old.csv": ("sender_address", {"evil@bad.example", "evil2@bad.example"}),
    "message_trace_new.csv": ("FromIP", {"203.0.113.7", "203.0.113.8"}),
    "explorer.csv": ("Sender address", {"evil@bad.example", "evil2@bad.example"}),
    "two_sheets.xlsx": ("Addresses: IP", {"203.0.113.7", "203.0.113.8"}),
}


#: Where the preview stands.
CHANNEL, TS = "D0REQUEST1", "1700000000.000100"


async def brought_in(stage: Stage, name: str, column: str = "") -> tuple[JudgedImport, Imported | None]:
    """What a file's preview showed, and what came of it."""
    context = replace(stage.context, rules=replace(stage.context.rules, accepted_domains=OWN))
    preview = await open_preview(
        context,
        Given(content=(FOLDER / name).read_bytes(), name=name),
        owner=REQUESTER.user_id,
        operation=Operation.ADD,
        action=Action.BLOCK,
        end="30d",
        reason="Feed of the week",
        delivery=f"import:{secrets.token_hex(8)}",
    )
    shown, judged = await look_at(context, preview)
    async with context.store.write() as uow:
        await uow.previews.posted(shown.id, channel=CHANNEL, ts=TS)
    if column:
        assert judged.reading.chosen is None
        place = [choice.key for choice in judged.reading.choices].index(column)
        await choose_column(context, click(shown.id, shown.version), actor=REQUESTER, position=place)
        async with context.store.read() as uow:
            shown, judged = await look_at(context, await uow.previews.get(shown.id))
    if not judged.parts:
        return judged, None
    await ask_for(context, click(shown.id, shown.version), actor=REQUESTER)
    async with context.store.read() as uow:
        asked = await uow.previews.get(shown.id)
    imported, _ = await request_preview(context, asked, actor=REQUESTER)
    await finish(context, asked, PreviewState.REQUESTED, MessageParts(text="Requested", blocks=()))
    for request in imported.requests[:1]:
        await stage.decide(request)
    await stage.run()
    return judged, imported


def click(preview_id: int, version: int) -> PreviewClick:
    return PreviewClick(preview_id=preview_id, version=version, delivery=secrets.token_hex(8), channel=CHANNEL, ts=TS)


def blocked(stage: Stage) -> set[str]:
    """What the tenant blocks."""
    lists: dict[str, Any] = stage.standin.lists()
    items = {item["Value"] for entries in lists["items"].values() for item in entries if item["Action"] == "Block"}
    addresses = {value for policy in lists["policies"] for value in policy["IPBlockList"]}
    pairs = {
        f"{pair['SpoofedUser']}, {pair['SendingInfrastructure']}"
        for pair in lists["spoof"]
        if pair["Action"] == "Block"
    }
    return items | addresses | pairs


def allowed(stage: Stage) -> set[str]:
    """What the tenant allows."""
    lists: dict[str, Any] = stage.standin.lists()
    items = {item["Value"] for entries in lists["items"].values() for item in entries if item["Action"] == "Allow"}
    return items | {value for policy in lists["policies"] for value in policy["IPAllowList"]}


@pytest.mark.parametrize("name", PLAIN)
async def test_what_a_file_names_is_what_the_tenant_blocks(stage: Stage, name: str) -> None:
    await stage.snapshot()
    named = {value for _, value in PLAIN[name].found if not value.startswith(("? ", "allow "))}
    judged, imported = await brought_in(stage, name)
    assert blocked(stage) == named
    assert allowed(stage) == set(), "what a file allows is never allowed by an import of blocks"
    lines = {line.number for line in judged.lines}
    outcomes = {outcome.line for outcome in imported.outcomes} if imported is not None else lines
    assert outcomes == lines, "every line is accounted for"


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_in_the_column_that_was_chosen_is_what_the_tenant_blocks(stage: Stage, name: str) -> None:
    await stage.snapshot()
    column, values = CHOSEN[name]
    await brought_in(stage, name, column)
    assert blocked(stage) == values


async def test_nothing_of_a_file_is_requested_before_its_column_is_chosen(stage: Stage) -> None:
    for name in ASKED:
        judged, imported = await brought_in(stage, name)
        assert (judged.left, imported) == (0, None)
    async with stage.context.store.read() as uow:
        assert await newest_requests(uow) == []
