"""The options that several commands have, each in one wording."""

from __future__ import annotations

from typing import Annotated

import typer

Database = Annotated[str, typer.Option("--database", metavar="URL", help="Instead of the setting.")]
RecordsOf = Annotated[
    str,
    typer.Option("--tenant", envvar="PORTCULLIS_TENANT_ID", metavar="ID", help="Whose records, if there are several."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
