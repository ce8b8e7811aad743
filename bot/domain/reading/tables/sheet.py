"""A table as it was given, whatever file it came from: its header, and its rows with their numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from bot.domain.reading.aside import Aside

#: So many columns of a table are looked at by themselves. Those beyond can still be named.
MOST_COLUMNS = 60

_UNNAMED = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the header."""

    number: int  #: from 1, as an editor or a spreadsheet shows it; of its first line where it goes over several
    cells: tuple[str, ...]
    typed: str  #: the whole row as it stands there
    aside: Aside | None = None  #: the format itself says that the row names nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table. Without a header, `header` is empty and its columns go by their numbers."""

    rows: tuple[SheetRow, ...]
    header: tuple[str, ...] = ()
    name: str = ""  #: of the sheet, where a workbook has several
    what: str = ""  #: for people, where the format is known by more than its header: `a STIX bundle`

    names: tuple[str, ...] = field(init=False)  #: the header's names in the form in which they are compared
    width: int = field(init=False)  #: how many columns there are

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(map(normal_name, self.header)))
        widest = max((len(row.cells) for row in self.rows), default=0)
        object.__setattr__(self, "width", max(len(self.header), widest))


@lru_cache(maxsize=4096)
def normal_name(text: str) -> str:
    """A column's name as it is compared: lower case, letters and digits only, without accents; `ß` is `ss`.

    `Sender address`, `SenderAddress` and `sender_address` are one name, and so are `Empfänger` and `EMPFANGER`.
    """
    plain = unicodedata.normalize("NFKD", text[:200].casefold())
    return _UNNAMED.sub("", plain)
