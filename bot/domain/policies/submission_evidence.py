"""Whether what is handed in is what was asked for: whom its message is from, its links and its files.

Microsoft allows what stopped the message, whatever somebody asked for. So a message from another sender than the one
named ends in an allow for that other one.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.comparison import same_value
from bot.domain.lists.sender_pattern import read_sender
from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Case, Findings
from bot.domain.requests.evidence import Evidence, MessageHeld

#: So many values are named in one warning.
_NAMED = 3

UNSEEN = (
    "Portcullis can't look into this message: it is named by its address in a mailbox. Who it is from, its subject, "
    "its links and its files are known only once Microsoft has it, and may be others than asked for. Open it yourself "
    "before you approve."
)
_NOT_LOOKED_AT = (
    "Nobody has looked into the file: who it is from, its links and its files may be others than asked for. Withdraw "
    "the request and submit it again, to see them."
)
_COUNTS = "Microsoft allows what stopped the message, and not what was asked for: approve this only if that is meant."


def check_evidence_matches(case: Case, findings: Findings) -> None:
    """Warn where what is handed in is another thing than what was asked for, or can't be looked into."""
    evidence = case.proposal.evidence
    if evidence is None:
        return
    if evidence.is_unseen:
        findings.warn("submission_unseen", UNSEEN if evidence.message_url else _NOT_LOOKED_AT, serious=True)
        return
    asked = [indicator.value for indicator in case.proposal.indicators]
    message = evidence.message
    match case.proposal.list:
        case ListName.SENDER if message is not None:
            _check_sender(asked, message, findings)
        case ListName.URL if message is not None:
            _check_links(asked, message, findings)
        case ListName.FILE:
            _check_files(asked, evidence, findings)
        case _:
            pass
    if message is not None and not message.is_read_whole:
        findings.warn(
            "submission_read_in_part",
            "The message is too long, or too odd, to be read whole: it may have other links and files than are shown.",
            serious=case.proposal.list is not ListName.SENDER,
        )


def _check_sender(asked: Sequence[str], message: MessageHeld, findings: Findings) -> None:
    if not message.senders:
        findings.warn(
            "submission_sender_unread",
            f"Whom the message is from can't be read in it, so nobody can tell that it is {_named(asked)}. {_COUNTS}",
            serious=True,
        )
        return
    others = [sender for sender in message.senders if not any(_covers(value, sender) for value in asked)]
    if others:
        findings.warn(
            "submission_other_sender",
            f"This message is from {_named(others)}, not from {_named(asked, last='or')}. {_COUNTS}",
            serious=True,
        )
    elif missing := [value for value in asked if not any(_covers(value, sender) for sender in message.senders)]:
        findings.warn(
            "submission_not_in_message",
            f"This message is from {_named(message.senders)}: no allow for {_named(missing, last='or')} comes of it.",
            serious=True,
        )


def _check_links(asked: Sequence[str], message: MessageHeld, findings: Findings) -> None:
    missing = [value for value in asked if not any(same_value(ListName.URL, link, value) for link in message.links)]
    if missing:
        has = _named(message.links, of=len(message.links) + message.more_links) if message.links else "none at all"
        findings.warn(
            "submission_other_url",
            f"This message has no link to {_named(missing, last='or')}. Its links: {has}. {_COUNTS}",
            serious=True,
        )


def _check_files(asked: Sequence[str], evidence: Evidence, findings: Findings) -> None:
    message = evidence.message
    if message is None or evidence.sha256 in {value.lower() for value in asked}:
        here, whose = [evidence.sha256], "The file that is handed in has"
        more = 0
    else:
        here, whose = [file.sha256 for file in message.files], "The files in this message have"
        more = message.more_files
    missing = [value for value in asked if value.lower() not in here]
    if missing:
        has = _named(here, of=len(here) + more) if here else "none, since it has no files"
        findings.warn(
            "submission_other_file",
            f"{whose} another SHA-256 than {_named(missing, last='or')}: {has}. {_COUNTS}",
            serious=True,
        )


def _covers(asked: str, sender: str) -> bool:
    """Whether an address is what was asked for: itself, or one of the domain."""
    pattern, address = read_sender(asked), read_sender(sender)
    return pattern is not None and address is not None and pattern.includes(address)


def _named(values: Sequence[str], *, last: str = "and", of: int = 0) -> str:
    """`a`, `a and b`, `a, b, c and 2 more`, all defanged."""
    shown = [defanged(value) for value in values[:_NAMED]]
    left = max(of, len(values)) - len(shown)
    if left:
        return f"{', '.join(shown)} and {left:,} more"
    return f" {last} ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
