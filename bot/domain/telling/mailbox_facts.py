"""What the lists of one mailbox mean for a sender, in plain sentences: how it stands there, and what has the last word.

Sources: Microsoft, "How policies and protections are combined for email", "Configure junk email settings on Exchange
Online mailboxes" and "Secure by default".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import ListName
from bot.domain.overrides.safe_senders import SenderInMailbox, SenderStanding
from bot.domain.verdict.judgement import Judgement
from bot.domain.verdict.verdict import Verdict

SAFE_LIST, BLOCKED_LIST = "Safe Senders", "Blocked Senders"

FILTER_HAS_THE_LAST_WORD = (
    "Malware is stopped all the same, and so are high-confidence phishing and what the Tenant Allow/Block List blocks, "
    "except where mail takes its way through another service first."
)
BLOCK_HAS_THE_LAST_WORD = (
    "The Tenant Allow/Block List blocks it, and that has the last word over Safe Senders, except where mail takes its "
    "way through another service first."
)
INBOX = "Mail from it that would count as spam, bulk or ordinary phishing goes to the inbox."
BY_DOMAIN = (
    "A domain counts only where the anti-spam policy would move the mail to the Junk Email folder: what it would "
    "quarantine is quarantined."
)
JUNK = (
    "Mail from it goes to the Junk Email folder. What the filter takes for spam or phishing goes where the anti-spam "
    "policy says."
)
SAFE_WINS = f"It stands on both lists: {SAFE_LIST} wins."
TRUSTED_ONLY = f"Only who is on its {SAFE_LIST} list reaches the inbox: all other mail goes to the Junk Email folder."
CONTACTS = "Its contacts count as safe as well. Who they are isn't looked at."
UNKNOWN_SWITCHES = "Whether contacts count as safe, or only safe senders reach the inbox, could not be read."
PARENT = "Whether that counts for what is below it Microsoft doesn't say."
SINGLE = "Single addresses at it may stand there: they are not looked at, unless you check them."
LIMITS = (
    "Safe senders of a shared mailbox, and those beyond the first 1,024, may not count in Microsoft 365.",
    "Safe Recipients and mailing lists aren't looked at, nor rules that the person has made.",
)

_ON_LIST = {SenderStanding.DIRECTLY: "it is there", SenderStanding.BY_DOMAIN: "its domain is there"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderFacts:
    """One sender in a mailbox: the answer, what it means, a sentence each, and what has the last word."""

    indicator: str
    word: str  #: the answer in two or three words
    means: tuple[str, ...]
    last_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxFacts:
    """What was found in one mailbox."""

    senders: tuple[SenderFacts, ...]
    about: tuple[str, ...]  #: what holds for all mail to it
    limits: tuple[str, ...]


def mailbox_facts(senders: Sequence[SenderInMailbox], verdicts: Sequence[Verdict] = ()) -> MailboxFacts:
    """The facts of what was found. The `verdicts` on the same senders, where there are some, say what outranks it."""
    blocked = {verdict.indicator.value for verdict in verdicts if _is_blocked_by_list(verdict)}
    return MailboxFacts(
        senders=tuple(_sender(found, is_blocked=found.indicator.value in blocked) for found in senders),
        about=_about(senders[0]) if senders else (),
        limits=LIMITS,
    )


def _is_blocked_by_list(verdict: Verdict) -> bool:
    """Whether an entry of the Tenant Allow/Block List's senders is what blocks it."""
    is_sender = any(match.wins and match.entry.list is ListName.SENDER for match in verdict.matches)
    return verdict.judgement is Judgement.BLOCKED and is_sender


def _sender(found: SenderInMailbox, *, is_blocked: bool) -> SenderFacts:
    return SenderFacts(
        indicator=found.indicator.value,
        word=_word(found),
        means=tuple(_means(found)),
        last_word=_last_word(found, is_blocked=is_blocked),
    )


def _word(found: SenderInMailbox) -> str:
    if found.safe.is_listed:
        return "Safe there"
    if found.blocked.is_listed:
        return "Blocked there"
    if {found.safe, found.blocked} & {SenderStanding.UNKNOWN, SenderStanding.BY_PARENT}:
        return "Not certain"
    return "On neither list"


def _means(found: SenderInMailbox) -> list[str]:
    said = [_on_list(SAFE_LIST, found.safe), _on_list(BLOCKED_LIST, found.blocked)]
    if found.safe.is_listed:
        said.append(SAFE_WINS if found.blocked.is_listed else "")
        said.append(INBOX)
        is_domain = found.safe is SenderStanding.BY_DOMAIN or found.indicator.kind is Kind.DOMAIN
        said.append(BY_DOMAIN if is_domain else "")
    elif found.blocked.is_listed:
        said.append(JUNK)
    if SenderStanding.BY_PARENT in {found.safe, found.blocked}:
        said.append(PARENT)
    if found.indicator.kind is Kind.DOMAIN and not found.safe.is_listed:
        said.append(SINGLE)
    return [each for each in said if each]


def _on_list(name: str, standing: SenderStanding) -> str:
    """How it stands on one of the lists; nothing where it doesn't."""
    match standing:
        case SenderStanding.DIRECTLY | SenderStanding.BY_DOMAIN:
            return f"{name}: {_ON_LIST[standing]}."
        case SenderStanding.BY_PARENT:
            return f"{name}: a domain above it is there."
        case SenderStanding.UNKNOWN:
            return f"{name}: the list, or a part of it, could not be read."
        case SenderStanding.NOT_LISTED:
            return ""


def _last_word(found: SenderInMailbox, *, is_blocked: bool) -> str:
    if found.safe is SenderStanding.NOT_LISTED:
        return ""
    return BLOCK_HAS_THE_LAST_WORD if is_blocked else FILTER_HAS_THE_LAST_WORD


def _about(found: SenderInMailbox) -> tuple[str, ...]:
    said = [
        TRUSTED_ONLY if found.trusted_only else "",
        CONTACTS if found.contacts_trusted else "",
        UNKNOWN_SWITCHES if None in (found.trusted_only, found.contacts_trusted) else "",
    ]
    return tuple(each for each in said if each)
