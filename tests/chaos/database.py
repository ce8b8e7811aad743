"""The databases of the trials: one server for all of them with a database each, or a file."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Self

from bot.store.migrate import migrate
from tests.chaos.plan import Database
from tests.support.postgres import PostgresServer


class Databases:
    """`with Databases(folder) as databases:`. The server is started by the first trial that needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template: Path | None = None
        self._server: PostgresServer | None = None
        self._server_template = ""
        self._names: dict[str, str] = {}

    def new(self, kind: Database, folder: Path) -> str:
        """The address of a migrated database of its own. Raises PostgresMissing."""
        if kind == "sqlite":
            path = folder / "portcullis.sqlite3"
            shutil.copy(self._sqlite_template(), path)
            return f"sqlite:///{path}"
        server = self._postgres()
        name = server.new_database(template=self._server_template)
        url = server.url(name)
        self._names[url] = name
        return url

    def forget(self, url: str) -> None:
        """Drop a database of the server's; a file goes with its folder."""
        if self._server is not None and url in self._names:
            self._server.drop_database(self._names.pop(url))

    def restart(self) -> None:
        """Restart the server as by a power cut. Nothing that was committed is lost."""
        assert self._server is not None
        self._server.restart()

    def _sqlite_template(self) -> Path:
        if self._template is None:
            self._template = self._folder / "template.sqlite3"
            asyncio.run(migrate(f"sqlite:///{self._template}"))
        return self._template

    def _postgres(self) -> PostgresServer:
        if self._server is None:
            server = PostgresServer(durable=True)
            server.start()
            self._server, self._server_template = server, server.new_database()
            asyncio.run(migrate(server.url(self._server_template)))
        return self._server

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._server is not None:
            self._server.stop()
