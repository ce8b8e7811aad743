"""The columns of a table that say what is to be done about a row, and what each row says in them.

A column is one by its name (`Action`, `Blocked`), or because most of its cells are words such as Allow and Block,
whatever its name. In such a column a row that says nothing, or a word that isn't known, is set aside: it may allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import NO_BLOCKS, UNBLOCKS, can_be_a_remark, first_action, said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.sections import allows
from bot.domain.reading.tables.column_names import ColumnRole, role_of
from bot.domain.reading.tables.row_words import found_harmless, out_of_force, yes_or_no
from bot.domain.reading.tables.sheet import MOST_COLUMNS, Sheet, SheetRow
from bot.domain.reading.tables.verdict_words import (
    is_of_detections,
    is_of_threats,
    is_of_verdicts,
    said_detections,
    said_threat,
    said_verdict,
)

#: So many filled cells of a column are looked at.
_SAMPLE = 200


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS_ON_YES = _words(
    """
    block blocked isblocked toblock shouldblock blockit doblock blocking malicious ismalicious bad isbad
    spam isspam phishing isphishing phish isphish ismalware isthreat suspicious issuspicious hostile ishostile
    shouldbeblocked tobeblocked mustbeblocked safetoblock oktoblock approvedtoblock approvedforblocking onblocklist
    inblocklist onblacklist zusperren zublockieren zublocken aufsperrliste abloquer parabloquear dabloccare teblokkeren
    add toadd include toinclude
    truepositive istruepositive gesperrt blockiert blockieren sperren bloque bloquer bloquear bloqueado bloccato
    geblokkeerd
    """
)
_ALLOWS_ON_YES = _words(
    """
    allow allowed isallowed toallow shouldallow permit permitted trusted istrusted safe issafe exempt bypass erlaubt
    erlauben zugelassen zulassen autorise autoriser permitido permitir consentito toegestaan
    """
)
_UNBLOCKS_ON_YES = _words(
    "unblock tounblock unblocked remove toremove delete todelete release released freigeben freigegeben "
    "entsperrt entsperren debloque debloquer desbloqueado desbloquear sbloccato gedeblokkeerd"
)
_ANSWERED = _BLOCKS_ON_YES | _ALLOWS_ON_YES | _UNBLOCKS_ON_YES
#: Columns of what changed in a list.
_CHANGES = _words("operation op change changetype diff delta anderung anderungsart modification cambio modifica")
_MINUS = frozenset("-–—−")
_WENT = _words(
    "remove removed delete deleted del drop dropped minus entfernt entfernen geloscht loschen supprime supprimer"
)
#: Columns of the list or setting that a row is of.
_LISTS = _words("name list listname listtype policyname setting property parameter group collection liste")
#: Columns of what was found of an indicator, where a word that isn't known says nothing.
_FOUND = _words("policy analysis")
#: Columns of what happened to a message, which says nothing of what is to be done.
_HAPPENED = ("delivery", "deliver", "message", "mail")


@dataclass(frozen=True, slots=True)
class ActionColumns:
    """The columns of actions, by their numbers from 0."""

    deciding: tuple[int, ...] = ()  #: each row has to say something known in them
    telling: tuple[int, ...] = ()  #: only words that are known count


def action_columns(sheet: Sheet, named: Iterable[int], ignored: Iterable[int]) -> ActionColumns:
    """The columns of actions of a table with a header; those that are `named` as such by a known layout go first.

    With a layout, nothing else decides but a column of the name itself. `ignored` are those of the indicators.
    """
    wanted = tuple(named)
    left_out = set(ignored) | set(wanted)
    deciding = [column for column in wanted if _filled(sheet, column)]
    telling: list[int] = []
    for column, name in enumerate(sheet.names[:MOST_COLUMNS]):
        if column in left_out:
            continue
        cells = _filled(sheet, column)
        if cells and _decides(name, cells):
            deciding.append(column)
        elif cells and _tells(name):
            telling.append(column)
    return ActionColumns(tuple(deciding), tuple(telling))


def said_by(row: SheetRow, sheet: Sheet, columns: ActionColumns, *, removing: bool) -> Action | Aside | None:
    """What a row says to do, or why it can't be taken: it says something else, or two things at once.

    `removing` where what is given is about entries that are to be removed: a word such as Unblock is no reason then.
    """
    said: dict[Action, str] = {}
    for column in (*columns.deciding, *columns.telling):
        word = row.cells[column] if column < len(row.cells) else ""
        decides = column in columns.deciding
        found = _said(sheet.header[column], word) if decides else _told(sheet.header[column], word)
        if isinstance(found, Aside):
            if removing and found.code in NO_BLOCKS:
                continue
            return found
        if found is not None and (decides or not said or found is Action.ALLOW):
            said.setdefault(found, word or sheet.header[column])
    if len(said) > 1:
        words = " and ".join(map(quoted, said.values()))
        return Aside("row_contradicts", f"The row says both {words}, and nobody can tell which one counts.")
    return next(iter(said), None)


def _decides(name: str, cells: Sequence[str]) -> bool:
    if role_of(name) is ColumnRole.ACTION:
        return True
    if any(word in name for word in _HAPPENED):
        return False
    if name in _ANSWERED:
        known = sum(yes_or_no(cell) is not None or said_action(cell) is not None for cell in cells)
    elif name in _FOUND or is_of_verdicts(name):
        known = sum(said_action(cell) is not None for cell in cells)
    else:
        known = sum(not can_be_a_remark(cell) and isinstance(said_action(cell), Action) for cell in cells)
    return known * 2 >= len(cells)


def _tells(name: str) -> bool:
    return (
        name in _FOUND
        or is_of_verdicts(name)
        or is_of_detections(name)
        or role_of(name) in {None, ColumnRole.REMARK, ColumnRole.STATUS, ColumnRole.TYPE}
    )


def _said(header: str, word: str) -> Action | Aside | None:
    """What a cell says that has to say something."""
    name = normal_name(header)
    answer = yes_or_no(word)
    if answer is None and is_of_detections(header) and word.strip().isdecimal():
        answer = int(word) > 0
    if name in _ANSWERED and (answer is not None or (not word and name not in _BLOCKS_ON_YES)):
        return _answered(header, word, answer=bool(answer))
    said = said_action(word)
    if said is not None:
        return said
    if (out := out_of_force(header, word)) is not None:
        return out
    if not word:
        return Aside("row_action", f"The row says nothing in {quoted(header)}, where others say what to do.")
    return Aside("row_action", f"The row says {quoted(word)} in {quoted(header)}, which isn't known as a block.")


def _answered(header: str, word: str, *, answer: bool) -> Action | Aside | None:
    """What a yes or a no says in a column of such answers."""
    name = normal_name(header)
    if name in _ALLOWS_ON_YES:
        return Action.ALLOW if answer else None
    said = f"The row says {quoted(word)} in {quoted(header)}."
    if name in _UNBLOCKS_ON_YES:
        return Aside(UNBLOCKS, said) if answer else None
    return Action.BLOCK if answer else Aside("row_not_blocked", said)


def _told(header: str, word: str) -> Action | Aside | None:
    """What a cell says that needn't say anything."""
    name = normal_name(header)
    if any(happened in name for happened in _HAPPENED):
        return None
    if name in _CHANGES or name in _LISTS:
        return _of_list(header, word)
    if is_of_verdicts(header) or name in _FOUND:
        said = said_action(word)
        if said is not None:
            return said
        return said_verdict(header, word) if is_of_verdicts(header) else out_of_force(header, word)
    if is_of_detections(header):
        return said_detections(header, word)
    return _in_passing(header, word)


def _of_list(header: str, word: str) -> Action | Aside | None:
    """What a cell says of the list that its row is of: that the list allows, or that the row was taken out of it."""
    if normal_name(header) in _CHANGES and (normal_name(word) in _WENT or word.strip() in _MINUS):
        return Aside(UNBLOCKS, f"The row says {quoted(word)} in {quoted(header)}: it was taken out.")
    return Action.ALLOW if normal_name(header) in _LISTS and allows(word) else _in_passing(header, word)


def _in_passing(header: str, word: str) -> Action | Aside | None:
    """What a cell says in a column of anything."""
    said = first_action([word])
    if isinstance(said, Aside) and said.code != UNBLOCKS:
        said = None  # `warning` is also how severe something is
    elif said is None:
        said = found_harmless(header, word)
    return said_threat(header, word) if said is None and is_of_threats(header) else said


def _filled(sheet: Sheet, column: int) -> list[str]:
    cells = (row.cells[column] for row in sheet.rows if column < len(row.cells) and row.aside is None)
    return list(islice(filter(None, cells), _SAMPLE))
