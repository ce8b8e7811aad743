"""What is asked of the database: statements, the rows that they give, and transactions that write and that read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Executable

from bot.store.drivers import Driver
from bot.store.prepared import RowsFound
from bot.store.transaction import Transactions


class Counted:
    """What was asked of the database since it was last looked at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._found = Counter[str]()
        run = Driver.run

        async def counted(driver: Driver, statement: Executable, values: Mapping[str, Any]) -> RowsFound:
            found = await run(driver, statement, values)
            self._found["statements"] += 1
            self._found["rows"] += len(found.all())
            return found

        monkeypatch.setattr(Driver, "run", counted)
        for name in ("write", "read"):
            self._count(name, monkeypatch)

    def _count(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        begin = getattr(Transactions, name)

        def counted(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
            self._found[name] += 1
            return begin(*args, **options)

        monkeypatch.setattr(Transactions, name, counted)

    def taken(self) -> Counter[str]:
        found, self._found = self._found, Counter()
        return found
