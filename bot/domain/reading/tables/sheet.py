"""A table as it was given, whatever file it came from: its header, and its rows with their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name

#: So many columns of a table are looked at by themselves. Those beyond can still be named.
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the header."""

    number: int  #: from 1, as an editor or a spreadsheet shows it; of its first line where it goes over several
    cells: tuple[str, ...]
    typed: str  #: the whole row as it stands there
    aside: Aside | None = None  #: the format itself says that the row names nothing
    says: Action | None = None  #: a heading between the rows says what is done about those below

    def cell(self, column: int | None) -> str:
        """The cell of a column, from 0; empty where the row has none, or there is no such column."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table. Without a header, `header` is empty and its columns go by their numbers."""

    rows: tuple[SheetRow, ...]
    header: tuple[str, ...] = ()
    name: str = ""  #: of the sheet, where a workbook has several
    what: str = ""  #: for people, where the format is known by more than its header: `a STIX bundle`
    is_hidden: bool = False  #: whoever opens the workbook doesn't see the sheet
    hidden_rows: int = 0  #: so many of the rows nobody sees, since a filter or a person has hidden them
    hidden_columns: tuple[int, ...] = ()  #: likewise, from 0

    names: tuple[str, ...] = field(init=False)  #: the header's names in the form in which they are compared
    width: int = field(init=False)  #: how many columns there are

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(map(normal_name, self.header)))
        widest = max((len(row.cells) for row in self.rows), default=0)
        object.__setattr__(self, "width", max(len(self.header), widest))

    @property
    def unseen(self) -> str:
        """For people, behind what the table is: what of it nobody sees who opens the workbook. Empty for nothing."""
        where = f" on a hidden sheet, ‘{self.name[:40]}’" if self.is_hidden else ""
        parts = []
        if self.hidden_rows:
            parts.append(f"{self.hidden_rows:,} of its rows {'is' if self.hidden_rows == 1 else 'are'} hidden")
        if names := [self._title(column) for column in self.hidden_columns if column < self.width]:
            is_one = len(names) == 1
            parts.append(f"its column{'' if is_one else 's'} {', '.join(names[:5])} {'is' if is_one else 'are'} hidden")
        return f"{where} ({'; '.join(parts)})" if parts else where

    def _title(self, column: int) -> str:
        return (self.header[column] if column < len(self.header) else "")[:40] or str(column + 1)
