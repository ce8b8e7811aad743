"""Which events were logged under which reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.domain.auditing.events import EventKind
from bot.reference import referenced
from bot.store import Store
from bot.store.audit_tables import EventReferenceRow


async def log(store: Store, *actors: str) -> None:
    async with store.write() as uow:
        for actor in actors:
            await uow.audit.append(EventKind.CHECK_ASKED, actor=actor, at=store.clock())


async def found(store: Store, reference: str, *, limit: int = 100) -> list[str]:
    async with store.read() as uow:
        return [event.actor for event in await uow.references.events(reference, limit=limit)]


async def test_the_events_of_several_transactions_under_one_reference(store: Store) -> None:
    with referenced("0a1b2c3d"):
        await log(store, "U1", "U2")
    await log(store, "U3")
    with referenced("ffffffff"):
        await log(store, "U4")
    with referenced("0a1b2c3d"):
        await log(store, "U5")
    assert await found(store, "0a1b2c3d") == ["U1", "U2", "U5"]
    assert await found(store, "0a1b2c3d", limit=2) == ["U1", "U2"]
    assert await found(store, "ffffffff") == ["U4"]
    assert await found(store, "00000000") == []
    async with store.read() as uow:
        assert await uow.references.of_events([5, 4, 3, 2, 1, 99]) == {
            1: "0a1b2c3d",
            2: "0a1b2c3d",
            4: "ffffffff",
            5: "0a1b2c3d",
        }
        assert await uow.references.of_events([]) == {}


async def test_a_thousand_events_of_a_transaction_take_one_row(store: Store) -> None:
    with referenced("0a1b2c3d"):
        await log(store, *["U1"] * 1000)
        await log(store)
    async with store.read() as uow:
        rows = await uow.references._scope.session.scalar(select(func.count()).select_from(EventReferenceRow))
    assert rows == 1


async def test_what_is_undone_leaves_no_reference(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())
            raise RuntimeError

    with referenced("0a1b2c3d"), pytest.raises(RuntimeError):
        await fail()
    assert await found(store, "0a1b2c3d") == []


async def test_another_tenants_events_are_not_found(open_store: Callable[..., Store]) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    with referenced("0a1b2c3d"):
        await log(contoso, "U1")
    await log(fabrikam, "U2")
    assert await found(fabrikam, "0a1b2c3d") == []
    async with fabrikam.read() as uow:
        assert await uow.references.of_events([1]) == {}
