"""Previews of imports: kept until they are over, and changed by one click of many."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.importing.preview import ImportPreview, PreviewState, Shown, ShownLine
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.import_reading import Given
from bot.errors import NotFound
from bot.store import Store
from bot.store.previews import prepare_shown
from tests.integration.databases import Clock

OWNER = "U0REQUEST1"
SHOWN = Shown(
    lines=frozenset(
        [
            ShownLine(list=ListName.SENDER, value="evil.example"),
            ShownLine(list=ListName.URL, value="evil.example/a", end=date(2031, 1, 2)),
        ]
    ),
    columns=("Sender", "3", "lines"),
)


async def new(store: Store, given: Given | None = None, *, owner: str = OWNER, delivery: str = "") -> ImportPreview:
    async with store.write() as uow:
        return await uow.previews.add(
            given or Given(content=b"evil.example\n", name="evil.csv"),
            owner=owner,
            delivery=delivery or f"import:{secrets.token_hex(8)}",
            operation=Operation.ADD,
            action=Action.BLOCK,
            end="30d",
            reason="Phishing wave",
        )


async def now(store: Store, preview: ImportPreview) -> ImportPreview:
    async with store.read() as uow:
        return await uow.previews.get(preview.id)


@pytest.mark.parametrize(
    "given",
    [
        Given(content=bytes(range(256)) * 40, name="evil\0.csv"),
        Given(content="evil.example\n\0\ud800ü", name=""),
        Given(content=b"", name="empty.txt"),
    ],
    ids=["bytes", "text", "nothing"],
)
async def test_what_was_given_is_kept_as_it_was(store: Store, given: Given) -> None:
    preview = await new(store, given)
    assert (preview.state, preview.version, preview.end, preview.column) == (PreviewState.OPEN, 1, "30d", "")
    content = given.content if isinstance(given.content, bytes) else given.content.encode("utf-8", "surrogatepass")
    assert preview.sha256 == hashlib.sha256(content).hexdigest()
    async with store.read() as uow:
        assert await uow.previews.given(preview.id) == replace(given, name=given.name.replace("\0", "\ufffd"))
        assert await uow.previews.shown(preview.id) is None


async def test_the_same_delivery_is_the_same_preview(store: Store) -> None:
    first = await new(store, delivery="import:one" * 60)
    assert await new(store, Given(content=b"other"), delivery="import:one" * 60) == first


async def test_what_was_shown_comes_back(store: Store) -> None:
    preview = await new(store)
    async with store.write() as uow:
        assert await uow.previews.show(preview, await prepare_shown(SHOWN))
        await uow.previews.posted(preview.id, channel="D1", ts="17.1")
    async with store.read() as uow:
        assert await uow.previews.shown(preview.id) == SHOWN
    assert await now(store, preview) == replace(preview, version=2, channel="D1", ts="17.1")


async def test_another_column_takes_back_what_was_shown(store: Store) -> None:
    preview = await new(store)
    async with store.write() as uow:
        await uow.previews.show(preview, await prepare_shown(SHOWN))
    shown = await now(store, preview)
    async with store.write() as uow:
        assert await uow.previews.read_otherwise(shown, column="Reply-To", takes_ends=True)
        assert await uow.previews.shown(preview.id) is None
    later = await now(store, preview)
    assert (later.version, later.column, later.takes_ends) == (3, "Reply-To", True)


async def test_of_two_who_change_the_same_version_one_does(store: Store) -> None:
    preview = await new(store)

    async def click(column: str) -> bool:
        async with store.write() as uow:
            return await uow.previews.read_otherwise(preview, column=column)

    assert sorted(await asyncio.gather(*(click(name) for name in ("a", "b", "c")))) == [False, False, True]


@pytest.mark.parametrize("state", [state for state in PreviewState if state.is_over])
async def test_once_it_is_over_nothing_of_it_is_kept(store: Store, state: PreviewState) -> None:
    preview = await new(store)
    async with store.write() as uow:
        await uow.previews.show(preview, await prepare_shown(SHOWN))
    async with store.write() as uow:
        shown = await uow.previews.get(preview.id, lock=True)
        assert await uow.previews.move(shown, state)
        assert not await uow.previews.move(shown, state), "a click on an older version"
        assert not await uow.previews.show(shown, await prepare_shown(SHOWN))
    async with store.read() as uow:
        assert (await uow.previews.given(preview.id), await uow.previews.shown(preview.id)) == (None, None)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_nothing_is_left_in_the_file(store: Store, database_url: str) -> None:
    path, secret = Path(database_url.removeprefix("sqlite:///")), secrets.token_hex(32).encode()
    preview = await new(store, Given(content=secret * 500))
    await store.close()
    assert secret in await asyncio.to_thread(path.read_bytes)
    async with store.write() as uow:
        await uow.previews.move(preview, PreviewState.CANCELLED)
    await store.close()
    assert secret not in await asyncio.to_thread(path.read_bytes)


async def test_the_open_ones_of_a_person_and_those_that_are_old(store: Store, clock: Clock) -> None:
    first, second = await new(store), await new(store)
    await new(store, owner="U0OTHER")
    async with store.write() as uow:
        await uow.previews.move(second, PreviewState.ASKED)
    clock.advance(seconds=60)
    third = await new(store)
    async with store.read() as uow:
        assert [preview.id for preview in await uow.previews.open_of(OWNER)] == [first.id, third.id]
        old = await uow.previews.unfinished_since(clock() - timedelta(seconds=30))
    assert [preview.id for preview in old] == [first.id, second.id, second.id + 1]


async def test_what_is_over_is_forgotten_in_the_end(store: Store, clock: Clock) -> None:
    over, still_open = await new(store), await new(store)
    async with store.write() as uow:
        await uow.previews.move(over, PreviewState.CANCELLED)
    clock.advance(seconds=60)
    async with store.write() as uow:
        assert await uow.previews.forget(clock()) == 1
    assert await now(store, still_open) == still_open
    with pytest.raises(NotFound, match="no longer kept"):
        await now(store, over)
