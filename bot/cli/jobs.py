"""`portcullis jobs list` and `portcullis jobs retry`: the outbox, for who looks after the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import typer

from bot.cli.account import acted, note_looking
from bot.cli.audit_tenants import database_url, served_tenant
from bot.cli.failures import told
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, show_rows
from bot.store import Job, Store

_T = TypeVar("_T")

#: So many jobs are named in the event; nobody retries more at once.
_MOST_NAMED = 100

_DEAD, _DOING, _WAITING = "dead", "under way", "waiting"


def list_jobs(*, database: str, tenant: str, as_json: bool) -> None:
    """Do what `portcullis jobs list` is asked for."""

    async def look(store: Store) -> list[dict[str, Any]]:
        async with store.read() as uow:
            dead, others = await uow.jobs.dead(), await uow.jobs.waiting()
        await note_looking(store, "jobs list", {"given_up": len(dead), "others": len(others)})
        return [_shown(job, _DEAD) for job in dead] + [
            _shown(job, _WAITING if job.lease_until is None else _DOING) for job in others
        ]

    with told(as_json=as_json):
        jobs = asyncio.run(_with_store(database, tenant, look))
    if as_json:
        print(json.dumps(jobs, indent=2))
    elif jobs:
        _print_jobs(jobs)
    else:
        print("No job was given up, and none waits.")


def retry(*, ids: list[int], database: str, tenant: str) -> None:
    """Do what `portcullis jobs retry` is asked for."""

    async def revive(store: Store) -> list[bool]:
        async with store.write() as uow:
            revived = [await uow.jobs.revive(job_id) for job_id in ids]
            if any(revived):
                queued = [job_id for job_id, done in zip(ids, revived, strict=True) if done]
                await uow.audit.append_all([acted(store, "jobs retry", {"jobs": queued[:_MOST_NAMED]})])
            return revived

    with told(as_json=False):
        revived = asyncio.run(_with_store(database, tenant, revive)) or [False] * len(ids)
    for job_id, queued in zip(ids, revived, strict=True):
        print(f"Job #{job_id} is queued again." if queued else f"Job #{job_id} isn't one that was given up.")
    raise typer.Exit(0 if all(revived) else 1)


async def _with_store(database: str, tenant: str, work: Callable[[Store], Awaitable[list[_T]]]) -> list[_T]:
    """What comes of some work for the tenant that was named, or for the only one; nothing where there is none."""
    url = database_url(database)
    whose = await served_tenant(url, tenant)
    if whose is None:
        return []
    store = Store(url, tenant_id=whose)
    try:
        return await work(store)
    finally:
        await store.close()


def _shown(job: Job, state: str) -> dict[str, Any]:
    """A job without its payload, which may hold what people typed and where they are answered.

    What has never failed has no error: then the text says what it waits for.
    """
    has_failed = (job.attempts > 0 and state != _DOING) or job.attempts > 1 or state == _DEAD
    return {
        "id": job.id,
        "state": state,
        "kind": job.kind,
        "key": job.key,
        "attempts": job.attempts,
        "run_at": job.run_at.isoformat(),
        "error": job.error if has_failed else "",
        "waits": "" if has_failed else job.error,
    }


def _print_jobs(jobs: list[dict[str, Any]]) -> None:
    rows = []
    for job in jobs:
        due = job["run_at"][:19].replace("T", " ")
        key = job["key"] or job["kind"]
        name = key if key.startswith(job["kind"]) else f"{job['kind']} {key}"
        cells = (job["id"], job["state"], name, job["attempts"], due, job["error"] or job["waits"])
        rows.append([printable(str(cell)) for cell in cells])
    show_rows(console_for(), ("#", "State", "Job", "Tries", "Due (UTC)", "Last error, or why it waits"), rows)
