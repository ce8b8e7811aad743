"""What is handed over to Microsoft: the files that are kept with requests, and the submissions."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.domain.indicators.indicator import Kind
from bot.domain.requests.request import Request
from bot.domain.submissions.submission import Filed, FiledStatus, SubmissionKind
from bot.errors import InvalidInput
from bot.store import Store
from bot.store.attachments import MOST_BYTES
from bot.store.tables import AttachmentRow
from tests.integration.databases import Clock
from tests.support.requests import add_request


async def new_request(store: Store) -> Request:
    async with store.write() as uow:
        return await add_request(uow, store, indicators=[(Kind.DOMAIN, "a.example"), (Kind.DOMAIN, "b.example")])


class TestAttachments:
    async def test_a_file_is_kept_replaced_and_dropped(self, store: Store) -> None:
        request, content = await new_request(store), bytes(range(256)) * 400
        async with store.write() as uow:
            assert await uow.attachments.get(request.id) is None
            assert await uow.attachments.put(request.id, "first.eml", b"first") == hashlib.sha256(b"first").hexdigest()
            await uow.attachments.put(request.id, "message\0.eml", content)
        async with store.write() as uow:
            assert await uow.attachments.get(request.id) == ("message\ufffd.eml", content)
            row = (await uow.attachments._scope.session.scalars(select(AttachmentRow))).one()
            assert (row.digest, row.created_at) == (hashlib.sha256(content).hexdigest(), store.clock())
            assert await uow.attachments.drop(request.id)
            assert not await uow.attachments.drop(request.id)
        async with store.read() as uow:
            assert await uow.attachments.get(request.id) is None
            assert await uow.attachments._scope.session.scalar(select(func.count()).select_from(AttachmentRow)) == 0

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
    @pytest.mark.parametrize("how", ["drop", "replace"])
    async def test_nothing_of_it_is_left_in_the_file(self, store: Store, database_url: str, how: str) -> None:
        path, secret = Path(database_url.removeprefix("sqlite:///")), secrets.token_hex(32).encode()
        request = await new_request(store)
        async with store.write() as uow:
            await uow.attachments.put(request.id, "message.eml", secret * 500)
        await store.close()
        assert secret in await asyncio.to_thread(path.read_bytes)
        async with store.write() as uow:
            if how == "drop":
                await uow.attachments.drop(request.id)
            else:
                await uow.attachments.put(request.id, "message.eml", b"another")
        await store.close()
        assert secret not in await asyncio.to_thread(path.read_bytes)

    async def test_twenty_mebibytes_and_no_more(self, store: Store) -> None:
        request = await new_request(store)
        async with store.write() as uow:
            await uow.attachments.put(request.id, "large.eml", bytes(MOST_BYTES))
            with pytest.raises(InvalidInput, match="20,971,521 bytes"):
                await uow.attachments.put(request.id, "larger.eml", bytes(MOST_BYTES + 1))
            kept = await uow.attachments.get(request.id)
        assert kept is not None
        assert (kept[0], len(kept[1])) == ("large.eml", MOST_BYTES)

    async def test_another_tenant_neither_sees_nor_drops_it(
        self, store: Store, open_store: Callable[..., Store]
    ) -> None:
        request = await new_request(store)
        async with store.write() as uow:
            await uow.attachments.put(request.id, "message.eml", b"ours")
        async with open_store(tenant_id="another").write() as uow:
            assert await uow.attachments.get(request.id) is None
            assert not await uow.attachments.drop(request.id)
            await uow.attachments.put(request.id, "message.eml", b"theirs")
        async with store.read() as uow:
            assert await uow.attachments.get(request.id) == ("message.eml", b"ours")


class TestSubmissions:
    def filed(self, request: Request, number: int, clock: Clock) -> Filed:
        return Filed(
            id=0,
            request_id=request.id,
            item_id=request.items[number].id,
            kind=SubmissionKind.EMAIL,
            reference="",
            status=FiledStatus.INTENDED,
            filed_at=clock(),
        )

    async def test_an_item_has_one_of_each_kind(self, store: Store, clock: Clock) -> None:
        request = await new_request(store)
        first, second = self.filed(request, 0, clock), self.filed(request, 1, clock)
        async with store.write() as uow:
            added = await uow.submissions.add(first)
            again = await uow.submissions.add(replace(first, reference="another", filed_at=clock.advance(hours=1)))
            by_url = await uow.submissions.add(replace(first, kind=SubmissionKind.URL))
            other = await uow.submissions.add(second)
        assert added.id > 0
        assert replace(added, id=0) == first
        assert again == added
        async with store.read() as uow:
            read = await uow.submissions.of_request(request.id)
            assert read == [added, by_url, other]
            assert {(type(filed.kind), type(filed.status)) for filed in read} == {(SubmissionKind, FiledStatus)}
            assert await uow.submissions.of_request(request.id + 1) == []

    async def test_what_is_given_changes_and_nothing_else(
        self, store: Store, open_store: Callable[..., Store], clock: Clock
    ) -> None:
        request = await new_request(store)
        async with store.write() as uow:
            added = await uow.submissions.add(self.filed(request, 0, clock))
            other = await uow.submissions.add(self.filed(request, 1, clock))
            assert await uow.submissions.set(added.id, reference="A1", status=FiledStatus.RUNNING)
            assert await uow.submissions.set(added.id, checked_at=clock() + timedelta(hours=1), result="allowed")
            assert await uow.submissions.set(added.id)
            assert not await uow.submissions.set(other.id + 1, status=FiledStatus.FAILED)
            assert not await uow.submissions.set(other.id + 1)
        async with open_store(tenant_id="another").write() as uow:
            assert not await uow.submissions.set(added.id, status=FiledStatus.FAILED)
            assert await uow.submissions.of_request(request.id) == []
        async with store.read() as uow:
            assert await uow.submissions.of_request(request.id) == [
                replace(
                    added,
                    reference="A1",
                    status=FiledStatus.RUNNING,
                    result="allowed",
                    checked_at=clock() + timedelta(hours=1),
                ),
                other,
            ]
