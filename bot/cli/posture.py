"""`portcullis posture`: the tenant, or exported lists, held against the baseline and what reviewers ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import typer

from bot.cli.failures import told
from bot.cli.files import require_writable, written
from bot.cli.json_files import read_json
from bot.cli.posture_page import page
from bot.cli.posture_report import PostureReport, Records, as_object, show
from bot.clock import utc_now
from bot.domain.lists.entries import Snapshot, policy_entries
from bot.domain.lists.traits import ListName
from bot.domain.posture.baseline import posture as posture_of
from bot.domain.posture.findings import find, unseen
from bot.domain.posture.scans import with_since
from bot.domain.requests.browsing import ListedEntry
from bot.domain.telling.posture_facts import is_met
from bot.errors import IncompleteAnswer, InvalidInput, SettingsError, StoreError
from bot.tenant.exchange.lists_file import as_of_file, demand_posture, read_lists_file
from bot.tenant.exchange.records import read_policies

_NO_RECORDS = (
    "What Portcullis has on record (since when, who asked, ends and notes that the tenant doesn't keep): no database "
    "of this tenant is at hand."
)


def posture(*, policies: str, html: str, as_json: bool) -> None:
    """Do what `portcullis posture` is asked for."""
    with told(as_json=as_json):
        if html:
            _demand_writable(html)
        report = _of_file(read_json(policies)) if policies else _of_tenant()
        if html:
            _write(html, page(report))
    if as_json:
        print(json.dumps(as_object(report), indent=2))
    elif not html:
        show(report)
    if not all(map(is_met, report.baseline)):
        raise typer.Exit(1)


def _of_file(data: object) -> PostureReport:
    """The posture by a file, which holds the policies alone or all exported lists, as `portcullis check` takes them."""
    records = data["policies"] if isinstance(data, Mapping) and "policies" in data else data
    if records is not None:
        demand_posture(records)
    found = read_policies(records) if records is not None else ()
    if not found:
        raise InvalidInput(
            "There is no connection filter policy in this file.",
            "Every tenant has at least one: export it with Get-HostedConnectionFilterPolicy.",
        )
    now = utc_now()
    if isinstance(data, Mapping) and {"items", "spoof"} & set(data):
        return _report(read_lists_file(data, as_of=as_of_file(data) or now))
    others: set[ListName] = set(ListName) - {ListName.CONNECTION_FILTER}
    unreadable = dict.fromkeys(sorted(others), "the file has the policies alone")
    return _report(Snapshot(as_of=now, policies=found, entries=policy_entries(found), unreadable=unreadable))


def _of_tenant() -> PostureReport:
    # Imported here, so that judging an exported file needs neither settings nor what reads the tenant or the database.
    from bot.cli.live import read_live_lists  # noqa: PLC0415
    from bot.cli.recorded import Recorded  # noqa: PLC0415
    from bot.settings import TenantSettings, load  # noqa: PLC0415

    lists = read_live_lists(None)
    if ListName.CONNECTION_FILTER in lists.unreadable:
        # A filter that could not be read has not passed.
        raise IncompleteAnswer(
            f"The connection filter could not be read: {lists.unreadable[ListName.CONNECTION_FILTER]}",
            "Mend that, or give the policies as a file with --policies.",
        )
    records: Records | None = None
    recorded: Recorded | None = None
    with suppress(SettingsError, InvalidInput, StoreError):
        # A database that isn't set soundly is none that the bot writes to.
        recorded = Recorded(tenant=load(TenantSettings).tenant_id)
        records = recorded.posture(now=utc_now())
    report = _report(lists, records)
    with suppress(SettingsError):
        if recorded is not None:
            recorded.note("posture", {result.id: result.result.value for result in report.baseline})
    return report


def _report(lists: Snapshot, records: Records | None = None) -> PostureReport:
    on_record, now = records or Records(), utc_now()
    found = find(lists, on_record.known, now=now, own_domains=lists.accepted_domains)
    findings = [replace(finding, row=_numbered(finding.row, on_record)) for finding in found]
    gaps = unseen(lists)
    return PostureReport(
        as_of=lists.as_of,
        made_at=now,
        baseline=posture_of(lists.policies, lists.places),
        findings=tuple(with_since(finding, on_record.kept) for finding in findings),
        unseen=gaps if records is not None else (*gaps, _NO_RECORDS),
        history=on_record.scans,
        tenant=on_record.tenant,
    )


def _numbered(row: ListedEntry | None, on_record: Records) -> ListedEntry | None:
    """The same, with the number by which people know the request that it came of."""
    if row is None or row.known is None:
        return row
    return replace(row, number=on_record.numbers.get(row.known.request_id))


def _demand_writable(name: str) -> None:
    try:
        require_writable(Path(name))
    except OSError as error:
        raise _unwritable(name, error) from error


def _write(name: str, text: str) -> None:
    try:
        with written(Path(name)) as writing:
            writing.file.write(text.encode())
    except OSError as error:
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"{name} can't be written: {error.strerror or error}.", "Name another file, in a folder of yours."
    )
