"""Heads of the log that were kept elsewhere, and a log held against them.

The chain proves that nothing was changed within a log that ends where it ends. That this is the log that was written,
and not one that somebody made anew, shows only against a head which whoever runs the database can't write to. Such a
head is an *anchor*: a number and the hash of the row that has it, of which the log must be a continuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.chain import Head
from bot.domain.auditing.events import Json, canonical_json, iso
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json

_TENANT = re.compile(r"Tenant (\S+): [0-9]+ events?, .*")
_COMPARED = re.compile(r"held against [0-9,]+ (heads? kept elsewhere|archives?, events .*)")
_HEAD = re.compile(r"(?:head: )?([0-9]{1,18}) ([0-9a-f]{64})")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A head that was kept elsewhere. What verifies printed has neither time nor signature."""

    tenant_id: str = ""  #: empty: whichever tenant's log it is held against
    seq: int
    hash: str
    at: datetime | None = None  #: when it was kept
    signature: str = ""  #: of `signed`, by Ed25519, in base64
    time_stamp: str = ""  #: RFC 3161: an authority's answer about `signed`, in base64

    @property
    def signed(self) -> bytes:
        """What the signature and the time stamp are about."""
        at = None if self.at is None else iso(self.at)
        return canonical_json({"tenant_id": self.tenant_id, "seq": self.seq, "hash": self.hash, "at": at}).encode()

    def as_json(self) -> dict[str, Json]:
        """The anchor as a line of a file has it."""
        kept: dict[str, Json] = {"tenant_id": self.tenant_id, "seq": self.seq, "hash": self.hash}
        if self.at is not None:
            kept["at"] = iso(self.at)
        return kept | {
            name: value for name, value in (("signature", self.signature), ("time_stamp", self.time_stamp)) if value
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFinding:
    """Why a log is not the one that an anchor was taken of."""

    seq: int
    details: str

    def as_json(self) -> dict[str, Json]:
        return {"seq": self.seq, "details": self.details}


def read_anchors(content: str) -> tuple[Anchor, ...]:
    """The heads in a file: a line each, as `audit anchor` writes them, or whatever `audit verify` printed, as text or
    JSON; also a number and a hash alone. Empty lines and those that begin with `#` are left out.

    Raises InvalidInput for a line that is no head, and for a file without any: what isn't compared would look proved.
    """
    try:
        anchors = _of_json(read_outside_json(content, most_bytes=len(content)))
    except (ValueError, UnreadableJson):
        anchors = _of_lines(content)
    if not anchors:
        raise InvalidInput("There is no head in the file.", "It takes what `portcullis audit anchor` or verify gave.")
    return tuple(anchors)


def anchor_in(parsed: Mapping[str, object]) -> Anchor | None:
    """The head that a line of JSON says; None where it says none."""
    try:
        [anchor] = _of_json(parsed)
    except ValueError:
        return None
    return anchor


def compare(anchor: Anchor, head: Head | None, found_hash: str | None) -> AnchorFinding | None:
    """What is wrong with a log by an anchor. `found_hash` is that of its row with the anchor's number, if there is one.

    None where the log goes on from the anchor.
    """
    ends = 0 if head is None else head.seq
    if anchor.seq > ends or (found_hash is None and anchor.seq > 0):
        return AnchorFinding(
            seq=anchor.seq,
            details=f"A head that was kept elsewhere has the number {anchor.seq}, and the log ends at {ends}: rows "
            "were cut off, or it was written anew.",
        )
    if found_hash is not None and found_hash != anchor.hash:
        return AnchorFinding(
            seq=anchor.seq,
            details=f"A head that was kept elsewhere has another hash at {anchor.seq}: the log was written anew, from "
            "there or from before.",
        )
    return None


def of_tenant(anchors: Iterable[Anchor], tenant_id: str) -> list[Anchor]:
    """Those that a tenant's log is held against."""
    return [anchor for anchor in anchors if anchor.tenant_id in {"", tenant_id}]


def _of_lines(content: str) -> list[Anchor]:
    anchors: list[Anchor] = []
    tenant_id = ""
    for number, line in enumerate(content.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#") or _COMPARED.fullmatch(text):
            continue
        if match := _TENANT.fullmatch(text):
            tenant_id = match[1]
        elif match := _HEAD.fullmatch(text):
            anchors.append(Anchor(tenant_id=tenant_id, seq=int(match[1]), hash=match[2]))
        elif text.startswith("{"):
            anchors += _of_json_line(text, number)
        else:
            raise _no_head(number)
    return anchors


def _of_json_line(text: str, number: int) -> list[Anchor]:
    try:
        anchors = _of_json(read_outside_json(text, most_bytes=len(text)))
    except (ValueError, UnreadableJson):
        raise _no_head(number) from None
    if not anchors:
        raise _no_head(number)
    return anchors


def _no_head(number: int) -> InvalidInput:
    return InvalidInput(
        f"Line {number} of the file is no head: a number and a hash of 64 digits, or an anchor in JSON.",
        "Take the file as `portcullis audit anchor` or `portcullis audit verify` wrote it.",
    )


def _of_json(parsed: object) -> list[Anchor]:
    """Raises ValueError for what is no anchor, no list of them and no answer of a verification."""
    if isinstance(parsed, list):
        return [anchor for each in parsed for anchor in _of_json(each)]
    if not isinstance(parsed, Mapping):
        raise ValueError("no object")  # noqa: TRY004 - like everything else that is no anchor
    if "heads" in parsed:
        return _of_json(parsed["heads"])
    seq, digest = parsed.get("seq"), parsed.get("hash")
    if not isinstance(seq, int) or isinstance(seq, bool) or not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise ValueError("no head")
    texts = [parsed.get(name, "") for name in ("tenant_id", "signature", "time_stamp")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("no head")
    tenant_id, signature, time_stamp = map(str, texts)
    at = parsed.get("at")
    return [
        Anchor(
            tenant_id=tenant_id,
            seq=seq,
            hash=digest,
            at=None if at is None else datetime.fromisoformat(str(at)),
            signature=signature,
            time_stamp=time_stamp,
        )
    ]
