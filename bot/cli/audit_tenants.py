"""Which tenant a command is about, and in which database: the one that is named, or the only one that has a log."""

from __future__ import annotations

from bot import settings as env
from bot.errors import InvalidInput
from bot.store import Store


def database_url(database: str) -> str:
    """The database that was named, or that of the settings. Raises SettingsError."""
    return database or env.load(env.DatabaseSettings).database_url


async def chosen_tenants(url: str, tenant: str) -> list[str]:
    """The tenant that was named, or else every tenant in this database.

    Raises InvalidInput when the database holds others but not this one: its log would pass for intact and empty. A
    database without any event is that of a bot that has just been set up.
    """
    there = await _tenants(url)
    if not tenant:
        return there
    if there and tenant not in there:
        raise InvalidInput(
            f"There is no log of tenant {tenant} in this database.", f"It holds the log of {', '.join(there)}."
        )
    return [tenant]


async def one_tenant(url: str, tenant: str) -> str | None:
    """The tenant whose log is meant; None where the database holds no log.

    Raises InvalidInput for several, those among them that have no event yet: their log is not another tenant's.
    """
    if not tenant:
        return await served_tenant(url, tenant)
    tenants = await chosen_tenants(url, tenant)
    return tenants[0] if tenants else None


async def served_tenant(url: str, tenant: str) -> str | None:
    """The tenant that was named, or else the only one that the database serves; None where it serves none yet.

    Raises InvalidInput for several.
    """
    if tenant:
        return tenant
    store = Store(url, tenant_id="")
    try:
        async with store.read() as uow:
            served = sorted({*await uow.audit.tenants(), *await uow.snapshots.tenants()})
    finally:
        await store.close()
    if len(served) > 1:
        raise InvalidInput("The database serves several tenants.", f"Name one with --tenant: {', '.join(served)}.")
    return served[0] if served else None


async def _tenants(url: str) -> list[str]:
    store = Store(url, tenant_id="")
    try:
        async with store.read() as uow:
            return await uow.audit.tenants()
    finally:
        await store.close()
