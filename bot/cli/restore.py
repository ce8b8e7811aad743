"""`portcullis restore`: a backup in the place of the database, or a database that was restored otherwise, taken up."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.cli.account import acted
from bot.cli.audit_tenants import database_url
from bot.cli.examined import numbers, say_examined
from bot.cli.failures import told
from bot.cli.progress import progress
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, say
from bot.clock import utc_now
from bot.errors import InvalidInput, StoreError
from bot.store import Store
from bot.store import migrate as migrations
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.examination import ExaminedTenant, all_verify, examine
from bot.store.process_lock import only_process
from bot.store.restoring import holds_anything, last_events, replace
from bot.store.sqlite_copy import being_made, copy, settle
from bot.workflow.shared.alerts import alert_restored

_LOST = (
    "What was decided after that is gone from the database, and so are the ends of what was allowed or blocked since: "
    "look through the tenant's lists, and request anew what is to have an end."
)
_PENDING = "These are pending again, whatever their cards say; have the cards posted again with /requests:"
_UNDER_WAY = (
    "These were approved and not concluded. The bot reads the tenant first and sends what it lacks, also what was "
    "taken out since:"
)
_HEADS = (
    "Heads that were kept after the last event above no longer match, and `portcullis audit verify --against` names "
    "them, rightly: begin a new file for those to come."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Restored:
    """What came of it."""

    database: str
    was: Sequence[ExaminedTenant]  #: the backup, before anything was written into it
    now: Sequence[ExaminedTenant]
    kept: Path | None = None  #: what stood there before
    went_on: Mapping[str, int] = field(default_factory=dict)  #: with which event each log ended there


def restore(*, file: Path | None, replacing: bool, anyway: bool, by_hand: bool, database: str, as_json: bool) -> None:
    """Do what `portcullis restore` is asked for."""
    with told(as_json=as_json):
        url = database_url(database)
        if by_hand and file is None:
            restored = _taken_up(url, anyway=anyway)
        elif file is not None and not by_hand:
            restored = _from_file(file, url, replacing=replacing, anyway=anyway)
        else:
            raise InvalidInput("What is to be restored isn't clear.", "Name a FILE, or give --by-hand without one.")
    intact = all_verify(restored.now)
    if as_json:
        print(json.dumps(_as_json(restored, intact=intact), indent=2))
    else:
        _print(restored)
    raise typer.Exit(0 if intact else 1)


def _from_file(file: Path, url: str, *, replacing: bool, anyway: bool) -> _Restored:
    address = normalise(url)
    if not is_sqlite(address):
        raise InvalidInput(
            f"The database {shown(address)} is on PostgreSQL, which has its own way.",
            "Run `pg_restore` while no bot runs, then `portcullis restore --by-hand`; see Backups in the documents.",
        )
    target = Path(str(address.database)).resolve()
    if not file.is_file():
        raise InvalidInput(f"There is no file {file}.", "Name what `portcullis backup` wrote.")
    if target.exists() and (not target.is_file() or file.samefile(target)):
        raise InvalidInput(f"{target} is the backup itself, or no file.", "Check --database, and the backup's name.")
    if not target.parent.is_dir():
        raise InvalidInput(f"The folder {target.parent} isn't there.", "Make it, for the bot's account alone.")
    _require_its_account(target)
    with only_process(url), being_made(target) as made:
        if holds_anything(target) and not replacing:
            raise InvalidInput(
                f"There is a database at {target} already, with something in it.",
                "Add --replace: it is kept beside the new one, under another name.",
            )
        with progress("Pages") as done:
            copy(file, made, done, at_rest=True)
        settle(made)
        was, now = asyncio.run(_brought_up(f"sqlite:///{made}", file.name, anyway=anyway))
        settle(made)
        went_on = last_events(target)
        kept = replace(made, target, now=utc_now())
    return _Restored(database=shown(address), was=was, now=now, kept=kept, went_on=went_on)


def _require_its_account(target: Path) -> None:
    """Raises InvalidInput where the bot, under the account that has the file now, could not use the new one."""
    owner, own = (target if target.exists() else target.parent).stat().st_uid, os.geteuid()
    if owner != own and (target.exists() or own == 0):
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"uid {owner}"
        raise InvalidInput(
            f"{target} belongs to the account {name}, and what is put there now would not.",
            f"Run this as {name}, such as with `sudo -u {name}`.",
        )


def _taken_up(url: str, *, anyway: bool) -> _Restored:
    address = normalise(url)
    with only_process(url):
        was, now = asyncio.run(_brought_up(url, "", anyway=anyway))
    return _Restored(database=shown(address), was=was, now=now)


async def _brought_up(
    url: str, file: str, *, anyway: bool
) -> tuple[Sequence[ExaminedTenant], Sequence[ExaminedTenant]]:
    """Bring a copy to this version, look through it, and write into each log that it was restored, and from when.

    Raises InvalidInput where it doesn't verify, unless `anyway`; StoreError where it is a newer version's.
    """
    revision = await migrations.current(url)
    if revision is None:
        raise InvalidInput(
            f"{file or 'The database'} holds none of Portcullis's tables.", "Name a backup of its database."
        )
    try:
        await migrations.pending(url)
    except StoreError as error:
        raise InvalidInput(
            f"The backup is of a version that this Portcullis doesn't know: it is at revision {revision}.",
            "Install the version that made it, or a newer one.",
        ) from error
    await migrations.migrate(url)
    with progress("Events") as done:
        was = await examine(url, done)
    if not all_verify(was) and not anyway:
        what = "The backup does not verify, so nothing was restored" if file else "The database does not verify"
        raise InvalidInput(
            f"{what}: {'; '.join(_first_problems(was))}.",
            "Take an earlier one. With --anyway this one is taken, and its log says that it did not verify.",
        )
    for tenant in was:
        store = Store(url, tenant_id=tenant.tenant_id)
        try:
            async with store.write() as uow:
                at = "" if tenant.last_at is None else f" of {tenant.last_at:%Y-%m-%d %H:%M} UTC"
                await alert_restored(uow, details=f"The backup ends with event {tenant.events}{at}.")
                await uow.audit.append_all([acted(store, "restore", _payload(tenant, file))])
        finally:
            await store.close()
    with progress("Events") as done:
        return was, await examine(url, done)


def _payload(tenant: ExaminedTenant, file: str) -> dict[str, object]:
    return {
        "file": file,
        "last_event": tenant.events,
        "last_at": tenant.last_at,
        "verifies": tenant.verifies,
        "pending": tenant.pending[:_MOST_LOGGED],
        "under_way": tenant.under_way[:_MOST_LOGGED],
    }


#: So many proposals are named in the event; the requests themselves tell all.
_MOST_LOGGED = 100


def _first_problems(tenants: Sequence[ExaminedTenant]) -> list[str]:
    return [f"{each.tenant_id}: {problem.removesuffix('.')}" for each in tenants for problem in each.problems][:3]


def _as_json(restored: _Restored, *, intact: bool) -> dict[str, object]:
    return {
        "database": restored.database,
        "kept": None if restored.kept is None else str(restored.kept),
        "went_on": dict(restored.went_on),
        "verifies": intact,
        "was": [each.as_json() for each in restored.was],
        "now": [each.as_json() for each in restored.now],
    }


def _print(restored: _Restored) -> None:
    console = console_for()
    say(console, f"{restored.database} is restored. The backup held:", hang=2)
    say_examined(console, restored.was)
    for tenant in restored.now:
        say(console, f"That it was restored is event {tenant.events}.", before="  ", hang=4)
    if restored.kept is not None:
        say(console, f"What stood there before is kept as {restored.kept}.", hang=2)
    for tenant in restored.was:
        if (last := restored.went_on.get(tenant.tenant_id, 0)) > tenant.events:
            more = (
                f"The log of {printable(tenant.tenant_id)} went on to event {last} there: look it up for what is gone."
            )
            say(console, more, before="  ", hang=4)
    under_way = [number for each in restored.was for number in each.under_way]
    pending = [number for each in restored.was for number in each.pending]
    if restored.was:
        say(console, _LOST)
        say(console, _HEADS)
    if pending:
        say(console, f"{_PENDING} {numbers(pending)}.", hang=2)
    if under_way:
        say(console, f"{_UNDER_WAY} {numbers(under_way)}.", hang=2)
