"""Can the database be used as it is, and if not, what is to be done? For `portcullis doctor`."""

from __future__ import annotations

from bot.diagnosis import Diagnosis
from bot.errors import StoreError
from bot.store.addresses import is_sqlite, normalise, shown, unverified_mode
from bot.store.audit_triggers import REMEDY
from bot.store.revision import SchemaState, schema_state
from bot.store.unit_of_work import Store
from bot.store.write_probe import room, write_once

#: Less room than this on the disk of a SQLite database, in bytes, is told in time.
_LITTLE_ROOM = 100_000_000

#: So many requests are named by their numbers.
_NAMED = 5


async def diagnose_database(url: str) -> list[Diagnosis]:
    """Look whether the database answers, has this version's tables, can be written to, how jobs and cards stand, and
    whether each tenant's audit log is intact.

    Never raises a StoreError, and changes nothing. What can't be looked at because of an earlier finding is left out.
    """
    findings: list[Diagnosis] = []
    try:
        where = shown(normalise(url))
        state = await schema_state(url)
    except StoreError as error:
        return [_failed("connection", error)]
    findings.append(Diagnosis(check="connection", ok=True, details=_connected(url, where)))
    if state.lacks:
        details = f"It lacks the revisions {', '.join(state.lacks)}."
        return [*findings, Diagnosis(check="tables", ok=False, details=details, remedy="Run `portcullis migrate`.")]
    findings.append(_tables(state))
    store = Store(url, tenant_id="")
    try:
        await write_once(normalise(url), tenant_id="", keep=False)
        findings.append(_writing(url))
        findings += await _diagnose_jobs(store)
        findings.append(await _diagnose_cards(store))
        findings.append(await _diagnose_triggers(store))
        findings.append(await _diagnose_audit_log(url, store))
    except StoreError as error:
        findings.append(_failed("writing", error))
    finally:
        await store.close()
    return findings


def _failed(check: str, error: StoreError) -> Diagnosis:
    """What went wrong, and at which database: the path, where it is a file."""
    details = f"{error.what} (Database: {error.where})" if error.where else error.what
    return Diagnosis(check=check, ok=False, details=details, remedy=error.remedy)


def _tables(state: SchemaState) -> Diagnosis:
    if not state.is_newer:
        return Diagnosis(check="tables", ok=True, details="They are of this version.")
    details = f"They are of a newer version, at revision {state.revision}, and still serve this one."
    remedy = "Finish the upgrade: bring every process to the newer version."
    return Diagnosis(check="tables", ok=True, details=details, remedy=remedy)


def _connected(url: str, where: str) -> str:
    mode = unverified_mode(normalise(url))
    unproved = f" Nothing proves that it is your server: the address says sslmode={mode}." if mode else ""
    return f"{where} answers.{unproved}"


def _writing(url: str) -> Diagnosis:
    details = "It can be written to."
    left = room(normalise(url)) if is_sqlite(normalise(url)) else None
    if left is None:
        return Diagnosis(check="writing", ok=True, details=details)
    details += f" Its disk has room for {left // 1_000_000} MB."
    remedy = "Make room on its disk: without any, nothing can be requested or decided." if left < _LITTLE_ROOM else ""
    return Diagnosis(check="writing", ok=True, details=details, remedy=remedy)


async def _diagnose_jobs(store: Store) -> list[Diagnosis]:
    async with store.read() as uow:
        dead = await uow.jobs.count_dead_of_all()
    if dead:
        details = f"{dead} jobs were given up."
        remedy = "`portcullis audit list --kind job.dead` tells which, and why."
        return [Diagnosis(check="jobs", ok=False, details=details, remedy=remedy)]
    return [Diagnosis(check="jobs", ok=True, details="None was given up.")]


async def _diagnose_cards(store: Store) -> Diagnosis:
    async with store.read() as uow:
        refused = await uow.messages.refused_cards_of_all()
    if refused:
        named = ", ".join(f"#{request_id}" for request_id, _ in refused[:_NAMED])
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        details = f"Nobody can decide on {named}{more}: Slack takes no card."
        return Diagnosis(check="cards", ok=False, details=details, remedy=refused[-1][1])
    return Diagnosis(check="cards", ok=True, details="Slack takes the card of each request that waits.")


async def _diagnose_triggers(store: Store) -> Diagnosis:
    check = "audit triggers"
    async with store.read() as uow:
        wrong = await uow.audit.wrong_triggers()
    if wrong:
        details = " ".join(finding.details for finding in wrong)
        return Diagnosis(check=check, ok=False, details=details, remedy=REMEDY)
    return Diagnosis(check=check, ok=True, details="Those that keep the log from being changed are there, and on.")


async def _diagnose_audit_log(url: str, store: Store) -> Diagnosis:
    """Every tenant's log, in constant memory; a million events take some seconds."""
    check = "audit log"
    async with store.read() as uow:
        tenants = await uow.audit.tenants()
    events, broken = 0, []
    for tenant in tenants:
        own = Store(url, tenant_id=tenant)
        try:
            async with own.read() as uow:
                found = await uow.audit.verify()
                requests = await uow.audit.verify_requests()
        finally:
            await own.close()
        events += found.events
        if not found.intact or requests.findings:
            broken.append(tenant)
    if broken:
        details = f"It was tampered with or damaged, for tenant {', '.join(broken)}."
        remedy = (
            "`portcullis audit verify` names each row and each request; find out who can write to the database, and "
            "keep a copy."
        )
        return Diagnosis(check=check, ok=False, details=details, remedy=remedy)
    return Diagnosis(check=check, ok=True, details=f"Intact; {events} events.")
