"""`portcullis backup`: the database as it is now, in one file."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.cli.account import note_everywhere
from bot.cli.audit_tenants import database_url
from bot.cli.examined import say_examined
from bot.cli.failures import told
from bot.cli.progress import progress
from bot.cli.terminal import console_for, say
from bot.errors import InvalidInput
from bot.store import migrate as migrations
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.examination import ExaminedTenant, all_verify, examine
from bot.store.sqlite_copy import being_made, copy, put_in_place, settle


def backup(*, file: Path, database: str, as_json: bool) -> None:
    """Do what `portcullis backup` is asked for."""
    with told(as_json=as_json):
        url = database_url(database)
        source = _sqlite_file(url, file)
        _require_this_version(url)
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise InvalidInput(f"{file} is a folder, a link or a device.", "Name a file of its own.")
        if file.exists() and file.samefile(source):
            raise InvalidInput(f"{file} is the database itself.", "Name another file.")
        asyncio.run(note_everywhere(url, "backup", {"file": file.name}))
        with being_made(file) as made:
            with progress("Pages") as done:
                copy(source, made, done)
            tenants = _looked_through(made)
            settle(made)
            intact = all_verify(tenants)
            if not intact and file.exists():
                raise InvalidInput(
                    f"The database's log does not verify, so {file} was left as it is.",
                    "Name another file to have a copy as evidence, and run `portcullis audit verify`.",
                )
            size = made.stat().st_size
            put_in_place(made, file)
    if as_json:
        answer = {"file": str(file), "bytes": size, "verifies": intact}
        print(json.dumps(answer | {"tenants": [each.as_json() for each in tenants]}, indent=2))
    else:
        console = console_for()
        say(console, f"{file} holds the database as it was just now: {size:,} bytes, looked through.", hang=2)
        say_examined(console, tenants)
        if not intact:
            say(console, "The copy is as the database is. Keep both; run `portcullis audit verify` on the database.")
    raise typer.Exit(0 if intact else 1)


def _require_this_version(url: str) -> None:
    """Raises InvalidInput for an older version's database, and StoreError for a newer one's."""
    if asyncio.run(migrations.pending(url)):
        raise InvalidInput(
            "The database is of an older version than this Portcullis, or isn't Portcullis's.",
            "Copy it with the version that serves it, or run `portcullis migrate` first.",
        )


def _looked_through(made: Path) -> Sequence[ExaminedTenant]:
    with progress("Events") as done:
        return asyncio.run(examine(f"sqlite:///{made.absolute()}", done))


def _sqlite_file(url: str, file: Path) -> Path:
    """Raises InvalidInput for PostgreSQL, with the command that does it there."""
    address = normalise(url)
    if is_sqlite(address):
        return Path(str(address.database)).resolve()
    raise InvalidInput(
        f"The database {shown(address)} is on PostgreSQL, which has its own way.",
        f"Run `pg_dump --format=custom --file={shlex.quote(str(file))}` with its address; see Backups in the "
        "documentation.",
    )
