"""Columns that have the other half of what a table is about: a netmask beside its address, a path beside its host.

One of them alone would be something else than what the table says. Where the columns' names and cells leave no doubt
they are read together; else a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.ip_span import read_span
from bot.domain.reading.names import normal_name
from bot.domain.reading.shapes import Shape, shape_of
from bot.domain.reading.tables.sheet import MOST_COLUMNS, Sheet


class Joining(StrEnum):
    """How the cells of several columns make one value."""

    ADDRESS = "address"  #: `bob` and `evil.example`
    NETWORK = "network"  #: `203.0.113.0` and `24`, `/24` or `255.255.255.0`
    RANGE = "range"  #: `203.0.113.1` and `203.0.113.9`
    URL = "url"  #: `https`, `evil.example` and `/a`


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """Columns that belong together, by their numbers from 0, in the order in which their cells are joined."""

    joining: Joining
    columns: tuple[int, ...]
    of: int  #: the one that would be taken without the others
    is_plain: bool  #: nobody needs to be asked

    @property
    def kind(self) -> Kind | None:
        """As which kind the joined values are read; None: as what they look like."""
        return Kind.URL if self.joining is Joining.URL else None

    def joined(self, cells: Sequence[str]) -> str:
        """The value that a row's cells make; empty where one of the halves is missing."""
        parts = [cells[column].strip() if column < len(cells) else "" for column in self.columns]
        if not all(parts):
            return ""
        match self.joining:
            case Joining.ADDRESS:
                return f"{parts[0].rstrip('@')}@{parts[1].lstrip('@')}"
            case Joining.NETWORK:
                return f"{parts[0]}/{parts[1].lstrip('/')}"
            case Joining.RANGE:
                return parts[0] if parts[0] == parts[1] else f"{parts[0]}-{parts[1]}"
            case Joining.URL:
                *scheme, host, path = parts
                in_front = f"{scheme[0].rstrip(':/')}://" if scheme else ""
                return f"{in_front}{host.rstrip('/')}/{path.lstrip('/')}"


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LENGTHS = _words(
    """
    mask masks netmask networkmask subnetmask subnet prefix prefixes prefixlength prefixlen cidr cidrprefix cidrsuffix
    length masklength maskbits bits netzmaske subnetzmaske praefix masque masquereseau mascara mascaradered maschera
    mascheradirete netwerkmasker subnetmasker suffix wildcardmask
    """
)
_OF_OTHER_THINGS = _words("length bits suffix prefixes wildcardmask")
_LASTS = _words(
    """
    endip ipend lastip iplast endaddress lastaddress rangeend iprangeend endofrange bisip toip ipto iptoaddress
    toaddress endipaddress lastipaddress ipfin finip ipfinal ultimaip derniereip ipbis letzteip laatsteip
    """
)
#: The same where other things have these names as well, so that somebody is asked.
_TO = _words("to end last until bis ende a au hasta fin final al tot einde ate fim upper high max stop")
_PATHS = _words(
    """
    path paths urlpath uripath requestpath requesturi uri pfad chemin ruta percorso pad caminho urlpfad cheminurl
    resource page pathandquery urlsuffix
    """
)
_SCHEMES = _words("scheme protocol proto schema protokoll protocole protocolo protocollo urlscheme")
_LOCALS = _words(
    """
    localpart local mailboxname emailprefix addressprefix lokalteil lokalerteil partielocale partelocal partelocale
    localdeel senderlocalpart emaillocalpart localname mailprefix alias
    """
)
#: A name that may be of somebody else than the sender.
_NAMES = _words(
    """
    user users username login account mailbox benutzer benutzername nutzer konto utilisateur compte usuario cuenta
    utente account gebruiker gebruikersnaam utilizador sendername senderuser senderusername fromuser mailuser
    """
)

_LENGTH = re.compile(r"/?[0-9]{1,3}|(?:255|0\.0|0)(?:\.[0-9]{1,3}){2,3}")
_PATH = re.compile(r"/\S*")
_SCHEME = re.compile(r"h(?:tt|xx)ps?|ftps?", re.IGNORECASE)
_LOCAL = re.compile(r"[^\s@:/\\,;|<>]{1,64}@?")
_BARE_IP = re.compile(r"[0-9.]{7,15}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
#: So many rows are looked at.
_SAMPLE = 200


def halves_of(sheet: Sheet, columns: Sequence[int]) -> Halves | None:
    """What belongs together of a table, where one of these columns, by their numbers from 0, is a part of it."""
    for column in columns:
        values = _cells(sheet, column)
        if not values:
            continue
        if all(map(_BARE_IP.fullmatch, values)) and (found := _beside_ips(sheet, column)):
            return found
        if all(shape_of(value) in {Shape.DOMAIN, Shape.IP} for value in values) and (
            found := _beside_hosts(sheet, column)
        ):
            return found
    return None


def is_of_half(name: str) -> bool:
    """Whether a column's name says that it has only a part of a value: `Path`, `Netmask`, `Last IP`."""
    return normal_name(name) in _LENGTHS | _LASTS | _PATHS | _LOCALS


def question_of(sheet: Sheet, halves: Halves) -> str:
    """What to ask before columns are taken that may belong together."""
    others = [sheet.header[column][:80] for column in halves.columns if column != halves.of]
    names = " and ".join(others)
    has = "the other part is in the column" if len(others) == 1 else "the other parts are in the columns"
    return (
        f"Its column {sheet.header[halves.of][:80]} has only a part of each value: {has} {names}. Take them "
        "together, or the one alone."
    )


def _beside_ips(sheet: Sheet, column: int) -> Halves | None:
    for at, name, cells in _others(sheet, column):
        if name in _LENGTHS and all(map(_LENGTH.fullmatch, cells)):
            is_plain = name not in _OF_OTHER_THINGS
            return Halves(joining=Joining.NETWORK, columns=(column, at), of=column, is_plain=is_plain)
        if name in _LASTS | _TO and all(map(_BARE_IP.fullmatch, cells)):
            is_plain = name in _LASTS - {"toip", "ipto", "toaddress"} and _is_of_ranges(sheet, column, at)
            return Halves(joining=Joining.RANGE, columns=(column, at), of=column, is_plain=is_plain)
    return None


def _beside_hosts(sheet: Sheet, column: int) -> Halves | None:
    scheme: tuple[int, ...] = ()
    path: int | None = None
    for at, name, cells in _others(sheet, column):
        if name in _LOCALS | _NAMES and all(map(_LOCAL.fullmatch, cells)):
            return Halves(
                joining=Joining.ADDRESS, columns=(at, column), of=column, is_plain=name in _LOCALS - {"alias"}
            )
        if name in _SCHEMES and all(map(_SCHEME.fullmatch, cells)):
            scheme = (at,)
        if name in _PATHS and all(map(_PATH.fullmatch, cells)) and any(cell != "/" for cell in cells):
            path = at
    if path is None:
        return None
    return Halves(joining=Joining.URL, columns=(*scheme, column, path), of=column, is_plain=bool(scheme))


def _is_of_ranges(sheet: Sheet, column: int, at: int) -> bool:
    """Whether each row's two addresses are the ends of a range."""
    rows = [row.cells for row in sheet.rows if row.aside is None]
    pairs = [(row[column], row[at]) for row in rows if max(column, at) < len(row) and row[column] and row[at]]
    return all(first == last or read_span(f"{_plain(first)}-{_plain(last)}") for first, last in pairs[:_SAMPLE])


def _others(sheet: Sheet, column: int) -> Iterator[tuple[int, str, list[str]]]:
    """The other columns that have a name and something in their cells."""
    for at, name in enumerate(sheet.names[:MOST_COLUMNS]):
        if at != column and name and (cells := _cells(sheet, at)):
            yield at, name, cells


def _cells(sheet: Sheet, column: int) -> list[str]:
    """The filled cells of a column, of the first rows."""
    rows = [row.cells for row in sheet.rows[:_SAMPLE] if row.aside is None]
    return [_plain(row[column]) for row in rows if column < len(row) and row[column]]


def _plain(cell: str) -> str:
    return cell.replace("[.]", ".")
