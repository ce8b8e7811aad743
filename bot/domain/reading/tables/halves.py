"""Columns that have the other half of what a table is about: a netmask beside its address, a path beside its host.

To take the first column alone would be something else than what the table says, so that it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.reading.shapes import Shape, shape_of
from bot.domain.reading.tables.sheet import MOST_COLUMNS, Sheet

_LENGTH_NAMES = """
    mask masks netmask networkmask subnetmask subnet prefix prefixlength prefixlen cidr cidrprefix cidrsuffix length
    masklength maskbits bits netzmaske subnetzmaske masque masquereseau mascara maschera netwerkmasker
"""
_LENGTHS = frozenset(_LENGTH_NAMES.split())
_LAST_NAMES = "endip ipend lastip iplast endaddress lastaddress rangeend iprangeend endofrange bisip"
_LASTS = frozenset(_LAST_NAMES.split())
_PATH_NAMES = "path urlpath uripath requestpath pfad chemin ruta percorso pad caminho"
_PATHS = frozenset(_PATH_NAMES.split())

_LENGTH = re.compile(r"/?[0-9]{1,3}|(?:255|0\.0)(?:\.[0-9]{1,3}){2,3}")
_PATH = re.compile(r"/\S*")
_BARE_IP = re.compile(r"[0-9.]{7,15}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
#: So many rows are looked at.
_SAMPLE = 200


def question_of_halves(sheet: Sheet, columns: Sequence[int]) -> str:
    """What to ask before these columns, by their numbers from 0, are taken; empty where none is only a half."""
    for column in columns:
        other = _other_half(sheet, column)
        if other is not None:
            return (
                f"Its column {sheet.header[column][:80]} has only a part of each value: the other part is in the "
                f"column {sheet.header[other][:80]}. Put the two together in the table, or take the one alone."
            )
    return ""


def _other_half(sheet: Sheet, column: int) -> int | None:
    values = _cells(sheet, column)
    is_of_ips = bool(values) and all(_BARE_IP.fullmatch(value) for value in values)
    is_of_hosts = bool(values) and all(shape_of(value) in {Shape.DOMAIN, Shape.IP} for value in values)
    for at, name in enumerate(sheet.names[:MOST_COLUMNS]):
        if at == column or not (cells := _cells(sheet, at)):
            continue
        if is_of_ips and name in _LENGTHS and all(map(_LENGTH.fullmatch, cells)):
            return at
        if is_of_ips and name in _LASTS and all(map(_BARE_IP.fullmatch, cells)):
            return at
        if is_of_hosts and name in _PATHS and all(map(_PATH.fullmatch, cells)) and any(cell != "/" for cell in cells):
            return at
    return None


def _cells(sheet: Sheet, column: int) -> list[str]:
    """The filled cells of a column, of the first rows."""
    rows = [row.cells for row in sheet.rows[:_SAMPLE] if row.aside is None]
    return [row[column].replace("[.]", ".") for row in rows if column < len(row) and row[column]]
