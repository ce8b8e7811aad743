"""`portcullis audit verify`: the chain, the triggers, the requests and, where one was kept, an earlier head."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.cli.anchor_files import doubts_of, read_anchor_file
from bot.cli.archive_files import Archives, read_archives
from bot.cli.audit_tenants import chosen_tenants, database_url
from bot.cli.failures import told
from bot.cli.progress import Done, progress
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, say
from bot.domain.auditing.anchors import Anchor, AnchorFinding, compare, of_tenant
from bot.domain.auditing.archives import Archive, ArchiveFinding
from bot.domain.auditing.chain import ChainFindings
from bot.domain.telling.counting import plural
from bot.errors import InvalidInput
from bot.store import Store
from bot.store.audit_triggers import REMEDY, TriggerFinding
from bot.store.request_verification import RequestFindings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found of one tenant's log."""

    chain: ChainFindings
    requests: RequestFindings
    triggers: tuple[TriggerFinding, ...] = ()
    anchors: tuple[AnchorFinding, ...] = ()
    compared: int = 0  #: with how many heads that were kept elsewhere
    archives: tuple[ArchiveFinding, ...] = ()
    archived: tuple[Archive, ...] = ()  #: what it was held against

    @property
    def intact(self) -> bool:
        found = (self.requests.findings, self.triggers, self.anchors, self.archives)
        return self.chain.intact and not any(found)


@dataclass(slots=True)
class _Hashes:
    """The hashes of those rows that have a number which an anchor has; and how far it is, of so many rows."""

    wanted: frozenset[int]
    rows: int
    done: Done
    found: dict[int, str] = field(default_factory=dict)

    def __call__(self, seq: int, row_hash: str) -> None:
        if seq in self.wanted:
            self.found[seq] = row_hash
        if 0 < seq <= self.rows:
            self.done(seq, self.rows)


def verify(
    *, against: str, key: str, authority: str, archives: Path | None, database: str, tenant: str, as_json: bool
) -> None:
    """Do what `portcullis audit verify` is asked for."""
    with told(as_json=as_json):
        anchors = read_anchor_file(against) if against else ()
        with progress("Archives") as done:
            archived = Archives() if archives is None else read_archives(archives, done)
        all_heads = (*anchors, *archived.anchors)
        doubts = doubts_of(all_heads, key=key, authority=authority)
        results = asyncio.run(_verify(database, tenant, anchors, archived, doubts))
        _require_all_compared(all_heads, results)
        _require_archives_of(archived, results, tenant=tenant)
    intact = all(result.intact for result in results) and not archived.lost
    if as_json:
        print(json.dumps(_as_json(results, archived, intact=intact), indent=2))
    else:
        _print(results, archived)
    raise typer.Exit(0 if intact else 1)


async def _verify(
    database: str,
    tenant: str,
    anchors: Sequence[Anchor],
    archived: Archives,
    doubts: Sequence[tuple[Anchor, AnchorFinding]],
) -> list[Verification]:
    url = database_url(database)
    tenants = await chosen_tenants(url, tenant)
    if len(tenants) > 1 and any(not anchor.tenant_id for anchor in anchors):
        raise InvalidInput(
            "The heads don't say which tenant's log they are of, and the database holds several.",
            f"Name one with --tenant: {', '.join(tenants)}.",
        )
    results = []
    for each in tenants:
        store = Store(url, tenant_id=each)
        kept, own = of_tenant(anchors, each), of_tenant((*anchors, *archived.anchors), each)
        try:
            async with store.read() as uow:
                head = await uow.audit.head()
                with progress("Events") as done:
                    numbers = frozenset(anchor.seq for anchor in own)
                    hashes = _Hashes(numbers, rows=0 if head is None else head.seq, done=done)
                    chain = await uow.audit.verify(hashes, hashes.wanted)
                requests = await uow.audit.verify_requests()
                triggers = await uow.audit.wrong_triggers()
        finally:
            await store.close()
        compared = [compare(anchor, chain.head, hashes.found.get(anchor.seq)) for anchor in own]
        results.append(
            Verification(
                chain=chain,
                requests=requests,
                triggers=triggers,
                anchors=(
                    *(finding for finding in compared if finding is not None),
                    *(finding for anchor, finding in doubts if anchor in own),
                ),
                compared=len(kept),
                archives=archived.findings(each),
                archived=tuple(archived.of(each)),
            )
        )
    return results


def _require_all_compared(anchors: Sequence[Anchor], results: Sequence[Verification]) -> None:
    """A head that nothing was held against proves nothing: that is no success."""
    if anchors and not any(result.compared or result.archived for result in results):
        named = ", ".join(sorted({anchor.tenant_id for anchor in anchors} - {""})) or "nobody"
        raise InvalidInput(
            f"The heads are of tenant {named}, and there is no such log here.", "Check the database and the file."
        )


def _require_archives_of(archived: Archives, results: Sequence[Verification], *, tenant: str) -> None:
    """The same of archives that are of none of these logs; where one tenant was named, others' are left out."""
    here = {result.chain.tenant_id for result in results}
    strange = sorted({each.tenant_id for each in archived.archives} - {"", *here})
    if strange and not (tenant and any(result.archived for result in results)):
        raise InvalidInput(
            f"There are archives of tenant {', '.join(strange)}, and there is no such log here.",
            "Check the database and the folder.",
        )


def _as_json(results: Sequence[Verification], archived: Archives, *, intact: bool) -> dict[str, object]:
    chains = [result.chain for result in results]

    def of_each(name: str) -> list[object]:
        return [
            {"tenant_id": result.chain.tenant_id, **finding.as_json()}
            for result in results
            for finding in getattr(result, name)
        ]

    return {
        "intact": intact,
        "events": sum(chain.events for chain in chains),
        "findings": [
            {"tenant_id": chain.tenant_id, **finding.as_json()} for chain in chains for finding in chain.findings
        ],
        "unnamed": sum(result.chain.unnamed + result.requests.unnamed for result in results),
        "requests": [
            {"tenant_id": result.chain.tenant_id, **finding.as_json()}
            for result in results
            for finding in result.requests.findings
        ],
        "triggers": of_each("triggers"),
        "anchors": of_each("anchors"),
        "archives": [*of_each("archives"), *({"tenant_id": "", **each.as_json()} for each in archived.lost)],
        "heads": [
            {"tenant_id": chain.tenant_id, "seq": chain.head.seq, "hash": chain.head.hash}
            for chain in chains
            if chain.head is not None
        ],
    }


def _print(results: Sequence[Verification], archived: Archives) -> None:
    console = console_for()
    if not results:
        say(console, "The audit log is empty.")
    for result in results:
        chain = result.chain
        state = "intact" if result.intact else "BROKEN"
        say(console, f"Tenant {printable(chain.tenant_id)}: {chain.events} events, {state}.", hang=2)
        if chain.head is not None:
            say(console, f"head: {chain.head.seq} {printable(chain.head.hash)}", before="  ", hang=4)
        if result.compared:
            say(console, f"held against {plural(result.compared, 'head')} kept elsewhere", before="  ", hang=4)
        if result.archived:
            say(console, _held_against(result.archived), before="  ", hang=4)
        for line in _findings(result):
            say(console, printable(line), before="  ", hang=4)
        unnamed = chain.unnamed + result.requests.unnamed
        if unnamed:
            say(console, f"and {unnamed} more.", before="  ")
    for each in archived.lost:
        say(console, printable(f"{each.file}: {each.details}"), hang=2)


def _held_against(archives: Sequence[Archive]) -> str:
    first, last = min(each.first for each in archives), max(each.last for each in archives)
    return f"held against {plural(len(archives), 'archive')}, events {first} to {last}"


def _findings(result: Verification) -> list[str]:
    lines = []
    for finding in result.chain.findings:
        row = f" (id {finding.id})" if finding.id is not None else ""
        lines.append(f"event {finding.seq}{row}: {finding.problem.value}. {finding.details}")
    lines += [f"request {each.request_id}: {each.details}" for each in result.requests.findings]
    lines += [f"head {each.seq}: {each.details}" for each in result.anchors]
    lines += [f"archive {each.file}, event {each.seq}: {each.details}" for each in result.archives]
    lines += [f"trigger: {each.details}" for each in result.triggers]
    if result.triggers:
        lines.append(REMEDY)
    return lines
