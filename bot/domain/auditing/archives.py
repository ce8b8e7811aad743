"""Archives: stretches of the log as files that prove themselves, with or without the database.

A file is JSON lines. The first says whose log it is of, and the head on which it stands; then come the events, each
with its hash; the last is an anchor, the head that they end with. Each hash is over the one before, so whoever signed
that last line has signed them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.auditing.anchors import Anchor, anchor_in
from bot.domain.auditing.chain import Head
from bot.domain.auditing.events import Event, Json, chain_hash, genesis, iso
from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

#: The form of such files. A later one has another number.
VERSION = 1

#: The longest line that is read. An event of ten thousand indicators has a few megabytes.
LONGEST_LINE = 64 * 1024 * 1024

#: Beyond so many findings in a file the rest says nothing new.
_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFinding:
    """One thing that is wrong with an archive. `seq` is the number of the event that it is about; 0: of the whole."""

    file: str
    seq: int
    details: str

    def as_json(self) -> dict[str, Json]:
        return {"file": self.file, "seq": self.seq, "details": self.details}


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a file holds, as far as it could be read."""

    file: str
    tenant_id: str = ""
    before: Head = field(default_factory=lambda: Head(seq=0, hash=""))
    anchor: Anchor | None = None  #: how it ends
    findings: tuple[ArchiveFinding, ...] = ()

    @property
    def first(self) -> int:
        """The number of its first event."""
        return self.before.seq + 1

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.before.seq if self.anchor is None else self.anchor.seq


def first_line(tenant_id: str, before: Head) -> str:
    """What an archive begins with: whose it is, and the head that it stands on."""
    return _line(
        {"archive": VERSION, "tenant_id": tenant_id, "before": {"seq": before.seq, "hash": before.hash}},
    )


def event_line(event: Event, digest: str) -> str:
    """An event with its hash."""
    return _line({**event.as_json(), "hash": digest})


def last_line(anchor: Anchor) -> str:
    """What an archive ends with."""
    return _line(anchor.as_json())


class ArchiveReader:
    """Takes a file's lines, one after the other, and tells at the end what it holds and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._tenant_id: str | None = None
        self._before = Head(seq=0, hash="")
        self._at = Head(seq=0, hash="")  # of the last event
        self._anchor: Anchor | None = None
        self._is_over = False  # what follows says nothing
        self._findings: list[ArchiveFinding] = []

    def add(self, line: bytes) -> None:
        """Look at the next line."""
        if self._is_over or len(self._findings) >= _MOST_FINDINGS or not line.strip():
            return
        if self._anchor is not None:
            self._find(self._at.seq, "It goes on behind its last line.")
            return
        try:
            parsed = read_outside_json(line, most_bytes=LONGEST_LINE)
        except UnreadableJson as error:
            self._find(self._at.seq + 1, f"A line of it can't be read: {error}.")
            return
        if not isinstance(parsed, Mapping):
            self._find(self._at.seq + 1, "A line of it is no event.")
        elif self._tenant_id is None:
            self._begin(parsed)
        elif "kind" in parsed:
            self._add_event(parsed)
        else:
            self._end(parsed)

    def finish(self) -> Archive:
        """What the file holds."""
        if self._tenant_id is None and not self._findings:
            self._find(0, "It is empty.")
        elif self._anchor is None and not self._findings:
            self._find(self._at.seq, "It breaks off: its last line is missing.")
        return Archive(
            file=self._file,
            tenant_id=self._tenant_id or "",
            before=self._before,
            anchor=self._anchor,
            findings=tuple(self._findings),
        )

    def _begin(self, parsed: Mapping[str, object]) -> None:
        tenant_id, before = parsed.get("tenant_id"), parsed.get("before")
        seq, digest = (before.get("seq"), before.get("hash")) if isinstance(before, Mapping) else (None, None)
        if parsed.get("archive") != VERSION or not (isinstance(tenant_id, str) and tenant_id and _is_number(seq)):
            self._find(0, "It is no archive, or a newer version's.")
            self._is_over = True
            return
        self._tenant_id = tenant_id
        self._before = self._at = Head(seq=int(str(seq)), hash=str(digest))
        if self._before.seq == 0 and self._before.hash != genesis(tenant_id):
            self._find(0, "It stands on another beginning than a log of this tenant.")

    def _add_event(self, parsed: Mapping[str, object]) -> None:
        seq, digest = self._at.seq + 1, str(parsed.get("hash"))
        event = _event(parsed, str(self._tenant_id))
        if event is None or event.seq != seq:
            self._find(seq, "The event is missing, or can't be read.")
        elif not _is_hash_of(event, self._at.hash, digest):
            self._find(seq, "The event was changed: its hash is another.")
        self._at = Head(seq=seq, hash=digest)

    def _end(self, parsed: Mapping[str, object]) -> None:
        anchor = anchor_in(parsed)
        if anchor is None or anchor.tenant_id != self._tenant_id:
            self._find(self._at.seq, "Its last line is no head of this tenant's log.")
            return
        if (anchor.seq, anchor.hash) != (self._at.seq, self._at.hash):
            self._find(anchor.seq, f"Its last line is of event {anchor.seq}, and it ends with {self._at.seq}.")
        self._anchor = anchor

    def _find(self, seq: int, details: str) -> None:
        self._findings.append(ArchiveFinding(file=self._file, seq=seq, details=details))


def gaps(archives: Iterable[Archive]) -> list[ArchiveFinding]:
    """Where archives of one tenant don't follow upon each other, from the log's first event on.

    They may overlap. What has no end has been told, and isn't looked at.
    """
    found: list[ArchiveFinding] = []
    reached = 0
    for each in sorted(archives, key=lambda archive: archive.first):
        if each.anchor is None:
            continue
        if each.first > reached + 1:
            told = f"The archive with the events {reached + 1} to {each.first - 1} is missing."
            found.append(ArchiveFinding(file=each.file, seq=reached + 1, details=told))
        reached = max(reached, each.last)
    return found


def _event(parsed: Mapping[str, object], tenant_id: str) -> Event | None:
    seq, request_id, payload = parsed.get("seq"), parsed.get("request_id"), parsed.get("payload")
    texts = [parsed.get(name) for name in ("at", "kind", "actor", "target")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(payload, Mapping) or not _is_number(seq):
        return None
    if request_id is not None and not _is_number(request_id):
        return None
    at, kind, actor, target = map(str, texts)
    try:
        moment = datetime.fromisoformat(at)
        if iso(moment) != at or parsed.get("tenant_id") != tenant_id:
            return None
    except ValueError:
        return None
    return Event(
        seq=int(str(seq)),
        tenant_id=tenant_id,
        at=moment,
        kind=kind,
        actor=actor,
        target=target,
        request_id=None if request_id is None else int(str(request_id)),
        payload=payload,
    )


def _is_hash_of(event: Event, before: str, digest: str) -> bool:
    try:
        return chain_hash(before, event) == digest
    except (TypeError, ValueError, RecursionError):
        return False  # it holds what was never written, such as a number with a fraction


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _line(value: Mapping[str, Json]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
