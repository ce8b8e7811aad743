"""What the words of an action say to do: to block, to allow, to unblock, or neither; in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


class _Said(StrEnum):
    """What an action's word says to do."""

    BLOCK = "block"
    ALLOW = "allow"
    NEITHER = "neither"
    UNBLOCK = "unblock"  #: to take it out of what is blocked, or to leave it out


_ACTIONS: Mapping[str, _Said] = {
    **dict.fromkeys(
        _words(
            """
        block blocked blocks blocklist deny denied blacklist blacklisted alertandblock blockandremediate
        blockremediate blockexecution quarantine prevent preventnoui reject drop blockieren blockiert gesperrt sperren
        verweigern bloquer bloque refuser bloquear bloqueado denegar blocca bloccato nega blokkeren geblokkeerd
        weigeren negar bloqueada
        """
        ),
        _Said.BLOCK,
    ),
    **dict.fromkeys(
        _words(
            """
        allow allowed allows allowlist allowlisted allowlisting bypass bypassed pass passed accept accepted ok
        exempt exempted approve approved permit permitted whitelist whitelisted exclude excluded trust trusted safe
        zulassen zugelassen erlauben erlaubt autoriser autorise permitir permitido consenti consentito permesso
        toestaan toegestaan ignore ignored
        """
        ),
        _Said.ALLOW,
    ),
    **dict.fromkeys(
        _words(
            """
        unblock unblocked unblocking notblock notblocked donotblock dontblock neverblock noblock nottoblock remove
        removed release released delete deleted unquarantine freigeben freigegeben nichtblockieren nichtsperren
        nichtblockiert entsperren debloquer debloque nepasbloquer desbloquear desbloqueado nobloquear sbloccare
        sblocca sbloccato nonbloccare deblokkeren nietblokkeren naobloquear
        """
        ),
        _Said.UNBLOCK,
    ),
    **dict.fromkeys(
        _words(
            """
        audit audited warn warning warned alert alertonly alerted informational information info detect detectonly
        monitor monitored observe log logonly report none noaction watch warnen warnung uberwachen prufen avertir
        auditer alerter advertir auditar avvisa controlla waarschuwen controleren avisar
        """
        ),
        _Said.NEITHER,
    ),
}
#: Words of actions that people also write as remarks.
_ALSO_REMARKS = _words(
    """
    none report info information informational log drop safe trust trusted ignore ignored alert alerted detect prevent
    reject quarantine watch observe exclude excluded nega negar ok pass passed accept accepted approve approved
    remove removed release released delete deleted
    """
)
_OF_TRUST = _words("safe trust trusted ignore ignored exclude excluded")
_OF_THE_LISTS: Mapping[_Said, Action] = {_Said.BLOCK: Action.BLOCK, _Said.ALLOW: Action.ALLOW}

#: What stands behind a word and explains it: `Allow (temp)`, `Block - partner`.
_EXPLAINED = re.compile(r"(?:\s{0,5}[(\[,;:]|\s{1,5}[-–—]\s).*", re.DOTALL)
_LONGEST = 60

_NOT = _words("no not dont never nicht kein nein pas non nunca mai niet then dann")

UNBLOCKS = "row_unblocks"

#: Codes of rows that aren't meant for blocking, and may well be meant for removing a block.
NO_BLOCKS = frozenset(
    {
        *(UNBLOCKS, "row_not_blocked", "row_false_positive"),
        *("row_status_unknown", "row_verdict_unknown", "row_type_unknown", "row_party"),
    }
)


def said_action(word: str) -> Action | Aside | None:
    """What a row's action says: a list's action, or why no list has it; None for a word that isn't known.

    A word that takes an indicator out of what is blocked gives an `Aside` with the code `UNBLOCKS`.
    """
    if len(word) > _LONGEST:
        return None
    verdict = _ACTIONS.get(normal_name(word)) or _explained(word)
    if verdict is None:
        return None
    if verdict is _Said.NEITHER:
        return Aside("row_audits", f"The row says {quoted(word)}: it neither blocks nor allows.")
    if verdict is _Said.UNBLOCK:
        return Aside(UNBLOCKS, f"The row says {quoted(word)}, which is no block.")
    return _OF_THE_LISTS[verdict]


def _explained(word: str) -> _Said | None:
    """What the first part of a cell says, where what stands behind it doesn't say something else."""
    first = _EXPLAINED.sub("", word)
    verdict = _ACTIONS.get(normal_name(first))
    others = map(normal_name, re.split(r"[\s,;:()\[\]]+", word[len(first) :]))
    return None if any(other in _NOT or _ACTIONS.get(other, verdict) is not verdict for other in others) else verdict


def can_be_a_remark(word: str) -> bool:
    """Whether a word of an action is also one that people write as a remark: `none`, `safe`."""
    return normal_name(word) in _ALSO_REMARKS


def is_technical(word: str) -> bool:
    """Whether a word of an action is one that programs write of other things as well: `pass` of SPF, `accepted`."""
    return normal_name(word) in _ALSO_REMARKS - _OF_TRUST


def first_action(words: Iterable[str]) -> Action | Aside | None:
    """What the first of some words that can be nothing but an action says; None where none is.

    For words that no column's name calls an action: `none` and `safe` are remarks there.
    """
    said = (said_action(word) for word in words if not can_be_a_remark(word))
    return next((action for action in said if action is not None), None)
