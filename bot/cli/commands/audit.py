"""`portcullis audit`: what can be typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, Database
from bot.cli.plain_flags import PlainCommand, PlainGroup
from bot.cli.times import TimeOption
from bot.domain.telling.audit_exports import Format

app = typer.Typer(cls=PlainGroup, add_completion=False, no_args_is_help=True)

Tenant = Annotated[
    str, typer.Option("--tenant", envvar="PORTCULLIS_TENANT_ID", metavar="ID", help="One tenant's log only.")
]
FormatOption = Annotated[
    Format, typer.Option("--format", help="CSV for spreadsheets, JSON lines, or JSON lines of the OCSF schema.")
]
AfterOption = Annotated[
    int,
    typer.Option(
        "--after",
        metavar="SEQ",
        min=0,
        help="Only events behind this number, which the last run has printed at its end; a CSV has no heading then.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FILE", help="Into a file instead of to the terminal. Only its owner may read it."
    ),
]


@app.command("list", cls=PlainCommand)
def list_events(
    actor: Annotated[str, typer.Option(metavar="USER", help="Whose doing: a Slack user id, or portcullis.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Such as request.approved.")] = "",
    target: Annotated[str, typer.Option(metavar="TEXT", help="An indicator, defanged or not, or a request.")] = "",
    request: Annotated[int | None, typer.Option(metavar="N", help="A request's number: all of its proposal.")] = None,
    since: TimeOption = "",
    until: TimeOption = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    before: Annotated[int | None, typer.Option(metavar="SEQ", help="The next page: the last number of this.")] = None,
    payload: Annotated[bool, typer.Option("--payload", help="With what each event carries.")] = False,
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Print events, newest first. Exit code 2 when the log can't be read.

    That the log was read is an event in it. A wide terminal shows what each event carries, a narrow one only with
    --payload.
    """
    from bot.cli.audit import list_events as work

    work(
        actor=actor,
        kind=kind,
        target=target,
        request=request,
        since=since,
        until=until,
        limit=limit,
        before=before,
        payload=payload,
        database=database,
        tenant=tenant,
        as_json=as_json,
    )


@app.command("export", cls=PlainCommand)
def export(
    form: FormatOption = Format.JSONL,
    since: TimeOption = "",
    until: TimeOption = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on as events come, until Ctrl-C.")] = False,
    after: AfterOption = 0,
    output: OutputOption = None,
    database: Database = "",
    tenant: Tenant = "",
) -> None:
    """Hand the log out, oldest event first. Exit code 2 when it can't be read, or the file can't be written.

    Whatever its length, it takes little memory. That it was handed out is an event in it. At the end, also after
    Ctrl-C, the number to go on from stands on standard error: the next run with --after begins behind it.
    """
    from bot.cli.audit_export import export as work

    work(
        form=form, since=since, until=until, follow=follow, after=after, output=output, database=database, tenant=tenant
    )


@app.command("verify", cls=PlainCommand)
def verify(
    against: Annotated[
        str, typer.Option(metavar="FILE", help="Heads that were kept elsewhere: the log must go on from each.")
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="FILE", help="The public key (PEM) by which each of those heads must be signed.")
    ] = "",
    authority: Annotated[
        str,
        typer.Option(metavar="FILE", help="Root certificates (PEM) of the authority that must have stamped each."),
    ] = "",
    archives: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Archives: each must be sound, and the log must go on from it."),
    ] = None,
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Hold every row against the hash chain, and every request against its events; look at the triggers too.

    Exit code 0: intact. 1: something isn't as it was written; 2: the log or the file can't be read. That somebody wrote
    the whole log anew is found only with --against and a head kept where the database's administrators can't write.
    """
    from bot.cli.audit_verify import verify as work

    work(
        against=against,
        key=key,
        authority=authority,
        archives=archives,
        database=database,
        tenant=tenant,
        as_json=as_json,
    )


@app.command("anchor", cls=PlainCommand)
def anchor(
    file: Annotated[
        str, typer.Option(metavar="FILE", help="Where a line is added, instead of PORTCULLIS_ANCHOR_FILE.")
    ] = "",
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Sign the log's head, have it stamped, add it to a file, and have the running bot post it to the alert channel.

    Without a key, an authority or a file, as the settings name them, that part is left out. Prints the anchor: a line
    that `portcullis audit verify --against` takes. Exit code 0: kept. 1: a part of it could not be done; 2: the log
    can't be read.
    """
    from bot.cli.audit_anchor import anchor as work

    work(file=file, database=database, tenant=tenant, as_json=as_json)


@app.command("archive", cls=PlainCommand)
def archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; there must be none of that name.")],
    before: Annotated[
        str, typer.Option("--before", metavar="TIME", help="Only events older than this: 90d, or from before this day.")
    ],
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="SEQ", min=0, help="Behind this event, instead of behind the last archive."),
    ] = None,
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Write the events that no archive has yet into a file, signed with ANCHOR_KEY, and stamped where that is set.

    Nothing is taken out of the log. Exit code 0: written. 1: written, and not stamped; 2: not written.
    """
    from bot.cli.audit_archive import archive as work

    work(file=file, before=before, after=after, database=database, tenant=tenant, as_json=as_json)
