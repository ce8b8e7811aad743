"""`portcullis posture`: the tenant's connection filter, or an exported one, held against the baseline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.failures import told
from bot.cli.json_files import read_json
from bot.cli.options import AsJson
from bot.cli.sentences import printable
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import ListName
from bot.domain.posture.baseline import PostureOutcome, PostureResult
from bot.domain.posture.baseline import posture as posture_of
from bot.errors import IncompleteAnswer, InvalidInput, SettingsError
from bot.tenant.exchange.records import demand_posture, read_policies


def posture(
    policies: Annotated[
        str,
        typer.Option(
            "--policies",
            metavar="FILE",
            help="What Get-HostedConnectionFilterPolicy returned, or exported lists, as JSON (- is stdin).",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print how each rule is met. Exit code 1 when one fails, 2 when the policies can't be read.

    That somebody looked at the tenant's is an event in the audit log, where the database is at hand.
    """
    with told(as_json=as_json):
        results = posture_of(_of_file(read_json(policies))) if policies else _of_tenant()
    if as_json:
        print(json.dumps([as_object(result) for result in results], indent=2))
    else:
        _show(results)
    if any(result.result is PostureOutcome.FAIL for result in results):
        raise typer.Exit(1)


def _of_file(data: object) -> tuple[FilterPolicy, ...]:
    """The policies of a file, which holds either them alone or all exported lists, as `portcullis check` takes them."""
    records = data["policies"] if isinstance(data, Mapping) and "policies" in data else data
    if records is not None:
        demand_posture(records)
    found = read_policies(records) if records is not None else ()
    if not found:
        raise InvalidInput(
            "There is no connection filter policy in this file.",
            "Every tenant has at least one: export it with Get-HostedConnectionFilterPolicy.",
        )
    return found


def _of_tenant() -> tuple[PostureResult, ...]:
    # Imported here, so that judging an exported file needs neither settings nor the database.
    from bot.cli.recorded import Recorded  # noqa: PLC0415
    from bot.settings import TenantSettings, load  # noqa: PLC0415

    results = posture_of(_live())
    with suppress(SettingsError):  # a database that isn't set soundly is none that the bot writes to
        recorded = Recorded(tenant=load(TenantSettings).tenant_id)
        recorded.note("posture", {result.id: result.result.value for result in results})
    return results


def _live() -> tuple[FilterPolicy, ...]:
    # Imported here, so that judging an exported file needs neither settings nor what reads the tenant.
    from bot.cli.live import read_live_lists  # noqa: PLC0415

    name = ListName.CONNECTION_FILTER
    lists = read_live_lists(frozenset({name}))
    if name in lists.unreadable:
        # A filter that could not be read has not passed.
        raise IncompleteAnswer(
            f"The connection filter could not be read: {lists.unreadable[name]}",
            "Mend that, or give the policies as a file with --policies.",
        )
    return lists.policies


def as_object(result: PostureResult) -> dict[str, Any]:
    """A rule's result as machines get it."""
    return {
        "id": result.id,
        "former_id": result.former_id,
        "also": list(result.also),
        "title": result.title,
        "result": result.result.value,
        "details": result.details,
        "policies": list(result.policies),
        "entries": [entry.value for entry in result.entries],
    }


def _show(results: tuple[PostureResult, ...]) -> None:
    console = Console(highlight=False)
    for result in results:
        style = "bold red" if result.result is PostureOutcome.FAIL else "bold green"
        names = "; ".join((f"formerly {result.former_id}", *result.also))
        console.print(Text.assemble((result.result.value.upper(), style), f"  {result.id} ({names}) {result.title}"))
        console.print(Text(f"      {printable(result.details)}"))
        for entry in result.entries:
            console.print(Text(f"      - {printable(entry.value)}  ({printable(entry.policy)})"))
