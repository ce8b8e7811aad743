"""Who runs a command on the machine, and what they do there: an event like what people do in Slack."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Mapping, Sequence

from bot.cli.audit_tenants import chosen_tenants
from bot.cli.terminal import say_on_stderr
from bot.domain.auditing.events import ACCOUNT, EventKind, NewEvent
from bot.errors import InvalidInput, StoreError
from bot.store import Store


def account() -> str:
    """The operating system's own word for who runs this, which no variable of the environment changes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def acted(store: Store, command: str, payload: Mapping[str, object] | None = None) -> NewEvent:
    """That somebody has a command change or reveal something. To be appended in the transaction that does it."""
    return _event(store, EventKind.OPERATOR_ACTED, command, payload or {})


async def log_act(url: str, tenant_id: str, command: str) -> None:
    """Write down in a tenant's log, at once, that somebody has a command change something. Raises StoreError."""
    store = Store(url, tenant_id=tenant_id)
    try:
        async with store.write() as uow:
            await uow.audit.append_all([acted(store, command)])
    finally:
        await store.close()


async def note_everywhere(url: str, command: str, payload: Mapping[str, object]) -> None:
    """Write down in the log of every tenant of a database that somebody does something with all of it.

    Where it can't be written to, stderr says so: what is to be saved is saved all the same.
    """
    for tenant in await chosen_tenants(url, ""):
        store = Store(url, tenant_id=tenant)
        try:
            async with store.write() as uow:
                await uow.audit.append_all([acted(store, command, payload)])
        except StoreError as error:
            say_on_stderr(f"That `portcullis {command}` was run could not be written down: {error}")
        finally:
            await store.close()


async def note_looking(store: Store, command: str, payload: Mapping[str, object]) -> None:
    """Write down that somebody had a command show what the tenant or the database holds, before it is shown.

    Where no database is at hand in which the bot serves this tenant, nothing is written. Of one that can only be read,
    stderr says so.
    """
    try:
        async with store.read() as uow:
            head, ages = await uow.audit.head(), await uow.snapshots.age()
    except StoreError:
        return
    if not ages and (head is None or head.seq == 0):
        return  # it serves no such tenant: a slip in the name must not begin a log of its own
    try:
        async with store.write() as uow:
            await uow.audit.append_all([acted(store, command, payload)])
    except StoreError as error:
        say_on_stderr(f"That this was looked up could not be written down: {error}")


async def log_mailbox(store: Store, mailbox: str, senders: Sequence[str]) -> None:
    """Write down that somebody looks senders up in one mailbox: unlike other looking, it isn't done unlogged.

    Raises StoreError, and InvalidInput where the bot serves no such tenant in this database.
    """
    async with store.write() as uow:
        head, ages = await uow.audit.head(), await uow.snapshots.age()
        if not ages and (head is None or head.seq == 0):
            raise InvalidInput(
                "Who looks into a mailbox can't be written down: the database has no log of this tenant.",
                "Name the bot's own with --database, and --tenant where it serves several.",
            )
        await uow.audit.append_all([_event(store, EventKind.MAILBOX_ASKED, mailbox, {"senders": list(senders)})])


async def note_reading(store: Store, command: str, payload: Mapping[str, object]) -> None:
    """Write down that somebody read the log at a terminal.

    A database that can only be read, such as a copy, can be read all the same: then stderr says that it isn't logged.
    """
    try:
        async with store.write() as uow:
            await uow.audit.append_all([_event(store, EventKind.AUDIT_READ, command, payload)])
    except StoreError as error:
        say_on_stderr(f"That the log was read could not be written down: {error}")


async def note_exporting(store: Store, payload: Mapping[str, object], *, command: str = "audit export") -> None:
    """The same of somebody who had the log handed out."""
    try:
        async with store.write() as uow:
            await uow.audit.append_all([_event(store, EventKind.AUDIT_EXPORTED, command, payload)])
    except StoreError as error:
        say_on_stderr(f"That the log was exported could not be written down: {error}")


def _event(store: Store, kind: EventKind, command: str, payload: Mapping[str, object]) -> NewEvent:
    return NewEvent(
        kind=kind,
        actor=f"{ACCOUNT}{account()}",
        target=command,
        payload={**payload, "host": socket.gethostname()},
        at=store.clock(),
    )
