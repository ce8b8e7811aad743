"""How long it takes to verify the chain of a long audit log, against what it costs only to read and hash as much.

`python -m tests.bench.verify [--folder FOLDER] [--events N …] [--only sqlite|postgresql]`; the logs are made once, see
`tests.bench.large_logs`. Raw is the driver's own reading of the rows and a SHA-256 over their texts. What is to be
reached: at least 0.5 of it, in constant memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sqlite3
import sys
import time
from hashlib import sha256

import asyncpg

from bot.store import Store
from tests.bench import large_logs as made

_COLUMNS = "id, seq, at, kind, actor, target, request_id, payload, previous_hash, hash"


def _hashed(rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        sha256("\n".join(map(str, row)).encode()).hexdigest()


async def raw(url: str) -> tuple[float, float]:
    """Seconds, and seconds of this process's computing, to read all rows and hash them."""
    began, computed = time.perf_counter(), time.process_time()
    query = f"SELECT {_COLUMNS} FROM audit_events ORDER BY tenant_id, seq"  # noqa: S608 - no input
    if url.startswith("sqlite"):
        database = sqlite3.connect(url.removeprefix("sqlite:///"))
        found = database.execute(query)
        while rows := found.fetchmany(2_000):
            _hashed(rows)
        database.close()
    else:
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            cursor = await connection.cursor(query)
            while records := await cursor.fetch(2_000):
                _hashed([tuple(record) for record in records])
        await connection.close()
    return time.perf_counter() - began, time.process_time() - computed


async def verified(url: str, count: int) -> tuple[float, float]:
    """The same of a verification."""
    store = Store(url, tenant_id=made.TENANT)
    began, computed = time.perf_counter(), time.process_time()
    async with store.read() as uow:
        findings = await uow.audit.verify()
    took = time.perf_counter() - began, time.process_time() - computed
    assert findings.intact
    assert findings.events == count
    await store.close()
    return took


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def run(given: argparse.Namespace) -> None:
    kinds = [given.only] if given.only else ["sqlite", "postgresql"]
    async with made.large_logs(made.folder_of(given.folder), given.events, kinds) as urls:
        for kind in kinds:
            for count, url in zip(given.events, urls[kind], strict=True):
                for _ in range(given.times):
                    least, before = await raw(url), _memory()
                    took = await verified(url, count)
                    sys.stdout.write(
                        f"{kind}, {count:,} events: {took[0]:.1f} s against {least[0]:.1f} s, {least[0] / took[0]:.2f}"
                        f" of raw, by computing {took[1]:.1f} s against {least[1]:.1f} s, {least[1] / took[1]:.2f};"
                        f" {before:.0f} MB before, {_memory():.0f} MB at most; load {os.getloadavg()[0]:.1f}\n"
                    )
                    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="")
    parser.add_argument("--events", nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--only", default="")
    parser.add_argument("--times", type=int, default=3)
    asyncio.run(run(parser.parse_args()))
