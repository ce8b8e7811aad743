"""`portcullis propose`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.choices import Kept, What


def propose(
    what: Annotated[
        What,
        typer.Argument(metavar="WHAT", help=f"What to do with every line: {', '.join(What)}."),
    ],
    file: Annotated[str, typer.Option(metavar="FILE", help="A text, a table or an export of indicators; - is stdin.")],
    requester: Annotated[str, typer.Option("--as", metavar="USER", help="In whose name: a Slack user id (U…).")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Reviewers see it, and it stays in the audit log.")],
    until: Annotated[
        str, typer.Option(metavar="END", help="7d, 30d, never, or a last day (2030-12-31); for block and extend.")
    ] = "",
    column: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="Which column: its name, its number from 1, or lines for whole lines."),
    ] = "",
    ends_from: Annotated[
        str, typer.Option(metavar="COLUMN", help="Take each entry's end from this column of dates.")
    ] = "",
    entries: Annotated[
        Kept, typer.Option(help="With extend: whose end, that of blocks or that of allows.")
    ] = Kept.BLOCK,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be requested; request nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Request it without asking.")] = False,
    result: Annotated[
        str, typer.Option(metavar="FILE", help="Write what became of each line to this file, as CSV.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON for each line, and one for the whole.")
    ] = False,
) -> None:
    """Judge every line of a file, and request what is left: one request, with one card in Slack that decides it.

    Up to 10,000 lines. What is listed already, given twice, covered, asked for already or can't be read is set aside
    and costs the others nothing. First it shows how the file was read and what would be requested, and asks. Where only
    a person can tell which column is meant, it asks that too; with --yes or --dry-run it stops, and names the columns
    for --column. It is judged by the last snapshot of the tenant's lists. The person named with --as needs the right to
    propose, as Slack says now; the audit log also names the account that ran this, even with --dry-run.

    Exit code 0: every line was requested (with --dry-run: would be). 1: some were set aside. 3: nothing was requested,
    because no line was left or the question was answered with no. 2: an error, and nothing was requested.
    """
    from bot.cli.propose import propose as work

    work(
        what=what,
        file=file,
        requester=requester,
        reason=reason,
        until=until,
        column=column,
        ends_from=ends_from,
        entries=entries,
        dry_run=dry_run,
        yes=yes,
        result=result,
        as_json=as_json,
    )
