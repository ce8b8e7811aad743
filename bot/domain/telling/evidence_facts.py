"""What is handed over to Microsoft with a submission, and what that says of itself, as facts to decide by.

Whatever a message says was written by whoever sent it: every such text is a `Value`, which is shown as it is and leads
nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.lists.change import Operation
from bot.domain.requests.evidence import Evidence, MessageHeld
from bot.domain.requests.request import Request
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Part, Sentence, Value, sentence

_NOT_GIVEN: Sentence = ("not in the message",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One thing that is known of what is handed over."""

    label: str  #: `From`
    said: Sentence


def evidence_lines(request: Request) -> tuple[EvidenceLine, ...]:
    """What whoever decides has to know of what a submission hands over; empty for every other request."""
    if request.operation is not Operation.SUBMIT:
        return ()
    return tuple(_lines(request))


def held_lines(request: Request) -> tuple[EvidenceLine, ...]:
    """The links and the files of the message beside that: there may be many."""
    message = request.evidence.message if request.evidence is not None else None
    if request.operation is not Operation.SUBMIT or message is None:
        return ()
    files = [f"{file.name or '(no name)'}, SHA-256 {file.sha256}" for file in message.files]
    return (
        EvidenceLine(label="Its links", said=_listed(message.links, message.more_links)),
        EvidenceLine(label="Its files", said=_listed(files, message.more_files)),
    )


def _lines(request: Request) -> Iterator[EvidenceLine]:
    evidence = request.evidence
    if evidence is None:
        yield EvidenceLine(label="Handed over", said=("the URL by itself, without a message",))
        return
    if evidence.message is not None:
        yield EvidenceLine(label="Handed over", said=("a message, as a file",))
        yield from _message(evidence.message)
    elif evidence.message_url:
        yield EvidenceLine(label="Handed over", said=("a message, by its address in the tenant",))
        yield EvidenceLine(label="Address", said=(Value(evidence.message_url),))
        unknown = "From, Return-Path, Subject, Date, Message-ID, SHA-256, size, links and files"
        yield EvidenceLine(label="Not known before", said=(unknown,))
    else:
        yield EvidenceLine(label="Handed over", said=("a file",))
        if evidence.is_unseen:
            yield EvidenceLine(label="Not known", said=("what the file holds, its SHA-256 and its size",))
    if evidence.recipient:
        yield EvidenceLine(label="To (the mailbox)", said=(Value(evidence.recipient),))
    yield from _file(evidence)


def _message(message: MessageHeld) -> Iterator[EvidenceLine]:
    senders = _listed(message.senders, 0) if message.senders else ("no address that can be read",)
    written: Sentence = (", written ", Value(message.written_from)) if _says_more(message) else ()
    yield EvidenceLine(label="From", said=sentence(senders, written))
    for label, text in (
        ("Return-Path", message.return_path),
        ("Subject", message.subject),
        ("Date", message.date),
        ("Message-ID", message.message_id),
    ):
        yield EvidenceLine(label=label, said=(Value(text),) if text else _NOT_GIVEN)


def _says_more(message: MessageHeld) -> bool:
    """Whether From, as it is written, has more than the address: a name, which may be another address."""
    return message.written_from.strip("<> ") not in {"", *message.senders}


def _file(evidence: Evidence) -> Iterator[EvidenceLine]:
    if not evidence.file_name:
        return
    size = f", {plural(evidence.size, 'byte')}" if evidence.sha256 else ""
    yield EvidenceLine(label="File", said=sentence(Value(evidence.file_name), size))
    if evidence.sha256:
        yield EvidenceLine(label="SHA-256", said=(Value(evidence.sha256),))


def _listed(values: Sequence[str], more: int) -> Sentence:
    if not values:
        return ("none",)
    parts: list[Part] = []
    for value in values:
        parts += [", ", Value(value)]
    return sentence(*parts[1:], f" and {more:,} more" if more else "")
