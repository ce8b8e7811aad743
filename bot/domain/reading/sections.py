"""Headings that say what is to be done about the lines or rows below them: `Allowed domains`, `[allow]`, `# Block`."""

from __future__ import annotations

import re

from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import UNBLOCKS, said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name

#: Longer lines say more than a heading does.
_LONGEST = 60

_KINDS = (
    "(?:ips?|ipaddress(?:es)?|urls?|domains?|senders?|hosts?|address(?:es)?|e?mails?|recipients?|entry|entries|values?"
    "|absender|domanen|adressen|eintrage|items?|files?|hash(?:es)?|networks?|indicators?|iocs?)"
)
_BEFORE = f"(?:{_KINDS}|tenant|our|the)?"
_BEHIND = f"(?:lists?|listed)?(?:{_KINDS}(?:and{_KINDS}|or{_KINDS})?)?(?:lists?)?"
_ALLOWING = re.compile(
    f"{_BEFORE}(?:allow|allowed|allows|white|whitelisted|safe|trusted|permitted|exempt|exempted|exceptions?|allowlisted|"
    "known?good|donotblock|erlaubte?r?|zugelassene?|vertrauenswurdige?|autorises?|permitidos?|consentiti|toegestane?)"
    f"{_BEHIND}"
)
_BLOCKING = re.compile(
    f"{_BEFORE}(?:block|blocked|blocks|black|blacklisted|deny|denied|bad|malicious|toblock|blocklisted|known?bad|"
    f"gesperrte?|blockierte?|bloques?|bloqueados?|bloccati|geblokkeerde?){_BEHIND}"
)

#: Above lines that nobody wants blocked, though it says nothing of an allow.
_NOT_MEANT = re.compile(
    "(?:ausnahmen?|exclusions?|falsepositives?|fps?|legit(?:imate)?|good|recipients?|empfanger|destinataires?|victims?|"
    f"victimes?|opfer|affectedusers?|references?|referenzen){_BEHIND}"
)

#: What people put around a heading.
_AROUND = re.compile(r"^[\s#;/\[(*=_\"'>-]{0,20}|[\s\])*=_\"'#:.-]{0,20}$")


def section_of(line: str) -> Action | None:
    """What a heading says is done about all that stands below it, up to the next one. None for any other line.

    `Safe senders`, `# Allow`, `Allow:`, `[allow]`, `Do not block`; and `Blocked domains` and the like.
    """
    if len(line) > _LONGEST:
        return None
    heading = _AROUND.sub("", line)
    if not heading or any(mark in heading for mark in ".,;|\t@"):
        return None
    if allows(heading) or _NOT_MEANT.fullmatch(normal_name(heading)) is not None:
        return Action.ALLOW
    if blocks(heading):
        return Action.BLOCK
    said = said_action(heading)
    if isinstance(said, Aside):
        return Action.ALLOW if said.code == UNBLOCKS else None
    return said


def allows(name: str) -> bool:
    """Whether a column's, a sheet's or a heading's name says that what stands below is allowed: `Safe senders`."""
    return len(name) <= _LONGEST and _ALLOWING.fullmatch(normal_name(name)) is not None


def blocks(name: str) -> bool:
    """Whether a heading says that what stands below is blocked: `Blocked domains`."""
    return len(name) <= _LONGEST and _BLOCKING.fullmatch(normal_name(name)) is not None
