"""What a row's other columns add to its indicator: its subdomains are meant as well, its port isn't taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside
from bot.domain.reading.tables.beside import Beside
from bot.domain.reading.tables.scopes import Reach, said_scope
from bot.domain.reading.tables.sheet import Sheet, SheetRow

_WITH_PORTS = frozenset(
    {Kind.IPV4, Kind.IPV4_NETWORK, Kind.IPV4_RANGE, Kind.IPV6, Kind.IPV6_NETWORK, Kind.DOMAIN, Kind.URL}
)


@dataclass(frozen=True, slots=True)
class Extent:
    """What is to be known of a row's indicators beyond their cells."""

    with_subdomains: bool = False
    port: str = ""
    told: str = ""  #: what its columns say that no entry can: it goes with the remark

    def of(self, found: Indicator, read: Callable[[str], Indicator | Aside]) -> list[Indicator | Aside]:
        """The indicators that one stands for. `read` reads a value."""
        if self.port and found.kind in _WITH_PORTS:
            text = f"The port {quoted(self.port)}, which the row gives, was left out: an entry has none."
            found = replace(found, notes=distinct(found.notes, (Note(code=NoteCode.PORT_STRIPPED, text=text),)))
        if self.with_subdomains and found.kind is Kind.DOMAIN and not found.value.startswith("*."):
            return [found, read(f"*.{found.value}")]
        return [found]


def extent_of(row: SheetRow, sheet: Sheet, beside: Beside) -> Extent:
    """What a row's columns say of how far its indicators reach, and of ports."""
    said = {column: said_scope(sheet.header[column], row.cell(column)) for column in beside.scopes}
    told = [f"{sheet.header[column][:80]}: {row.cell(column)}" for column in said if said[column] is Reach.UNCLEAR]
    ports = [row.cell(column) for column in beside.ports if row.cell(column)]
    return Extent(
        with_subdomains=Reach.SUBDOMAINS in said.values(), port=ports[0] if ports else "", told="; ".join(told)
    )
