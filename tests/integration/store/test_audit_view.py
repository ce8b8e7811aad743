"""The view of the audit log for other tools: its columns, the same in both databases, and the queries of the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.store import Store
from bot.store.people import Names
from tests.support.requests import add_request

DOCS = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)\n```", DOCS, re.DOTALL)


async def rows(store: Store, query: str) -> list[dict[str, Any]]:
    async with store.read() as uow:
        found = await uow._scope.session.execute(text(query))
        return [dict(row) for row in found.mappings()]


async def write_story(store: Store) -> None:
    """An IP allow that somebody asked for and somebody else denied; and somebody who looked it up."""
    proposed = {"operation": "add", "action": "allow", "list": "connection_filter", "reason": "Scanner", "n": [1]}
    async with store.write() as uow:
        await uow.people.meet("U1", "anna")
        request = await add_request(uow, store, indicators=[(Kind.IPV4, "203.0.113.7")])
        for kind, actor, target, payload in (
            (EventKind.REQUEST_PROPOSED, "U1", "203.0.113.7", proposed),
            (EventKind.REQUEST_REVIEWED, "U2", "request 1", {"decision": "deny", "comment": "No é"}),
            (EventKind.ITEM_REFUSED, "portcullis", "evil.example", {"outcome": "It is full."}),
        ):
            at = store.clock()
            await uow.audit.append(kind, actor=actor, target=target, request_id=request.id, payload=payload, at=at)
        await uow.audit.append(EventKind.AUDIT_READ, actor="U1", payload={"query": "denied"}, at=store.clock())


async def test_a_row_for_each_event_with_what_it_carries_as_text(store: Store) -> None:
    await write_story(store)
    [row] = await rows(store, "SELECT * FROM audit_view WHERE id = 1")
    assert json.loads(row.pop("payload"))["reason"] == "Scanner"
    assert row.pop("tenant_id") == store.tenant_id
    async with store.read() as uow:
        event = await uow.audit.find(1)
    assert event is not None
    assert row == {
        "id": 1,
        "at": event.as_json()["at"],
        "kind": "request.proposed",
        "actor": "U1",
        "actor_name": "anna",
        "target": "203.0.113.7",
        "request": 1,
        "proposal": 1,
        "operation": "add",
        "action": "allow",
        "list": "connection_filter",
        "reason": "Scanner",
        **dict.fromkeys(
            ("expires", "decision", "comment", "outcome", "failure", "error", "why", "query"),
        ),
    }


async def test_the_docs_name_every_column(store: Store) -> None:
    await write_story(store)
    [row] = await rows(store, "SELECT * FROM audit_view WHERE id = 1")
    table = DOCS.partition("## In SQL")[2].partition("A column is NULL")[0]
    assert set(re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)))) == set(row)


@pytest.mark.parametrize("query", QUERIES)
async def test_every_query_of_the_docs_finds_something(store: Store, query: str) -> None:
    await write_story(store)
    # The story is of this year, whichever that is.
    assert await rows(store, query.replace("2030-12-01", "2020-01-01"))


async def test_what_people_are_called(store: Store) -> None:
    async with store.write() as uow:
        for user_id, name in (
            ("U1", "old"),
            ("U1", "Anna\n\u202eMaier "),
            ("U2", "anna  maier"),
            ("U3", "\x00"),
            ("U4", "x" * 500),
        ):
            await uow.people.meet(user_id, name)
    async with store.read() as uow:
        names = await uow.people.names()
        assert names == {"U1": "Anna Maier", "U2": "anna maier", "U4": "x" * 80}
        assert (await uow.people.known())["U1"] == Names(handle="Anna Maier")
    async with store.write() as uow:
        await uow.people.describe("U1", Names(handle="anna", display="Anna\nM.", real="x" * 500))
        await uow.people.describe("U2", Names(handle="", display="nobody"))
        await uow.people.meet("U1", "anna.m")
    async with store.read() as uow:
        known = await uow.people.known()
    assert known["U1"] == Names(handle="anna.m", display="Anna M.", real="x" * 80)
    assert known["U1"].keys == {"anna.m", "anna m.", "x" * 80}
    assert known["U2"] == Names(handle="anna maier")


async def test_a_cursor_never_goes_back(store: Store) -> None:
    async with store.write() as uow:
        assert await uow.audit_cursors.at("x") == 0
        for seq in (3, 7, 5):
            await uow.audit_cursors.move("x", seq)
    async with store.read() as uow:
        assert await uow.audit_cursors.at("x") == 7
        assert await uow.audit_cursors.at("y") == 0
