"""Keeping the log's head as the operator has set it: signed, stamped, and added to a file."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.auditing.anchors import Anchor
from bot.domain.auditing.chain import Head
from bot.errors import AnchorFailed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnchor:
    """An anchor, and what of it could not be done: a sentence each."""

    anchor: Anchor
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorKeeper:
    """What the operator has set. Where nothing is set an anchor is only made, for whoever tells of it."""

    file: Path | None = None  #: a line is added for each anchor
    key: Ed25519PrivateKey | None = None
    time_stamp_url: str | None = None
    tls: ssl.SSLContext | None = None

    async def keep(self, tenant_id: str, head: Head, *, at: datetime) -> KeptAnchor:
        """Sign a head, have it stamped and add it to the file, as far as that can be done.

        What fails costs the rest nothing: a head that is told without a stamp is better than none.
        """
        anchor = Anchor(tenant_id=tenant_id, seq=head.seq, hash=head.hash, at=at)
        problems: list[str] = []
        if self.key is not None:
            from bot.anchoring.keys import sign  # noqa: PLC0415 - loaded where a key is set, which few do

            anchor = sign(anchor, self.key)
        if self.time_stamp_url is not None:
            try:
                anchor = await self._stamped(anchor, self.time_stamp_url)
            except AnchorFailed as error:
                problems.append(str(error))
        if self.file is not None:
            try:
                await asyncio.to_thread(append, self.file, anchor)
            except AnchorFailed as error:
                problems.append(str(error))
        return KeptAnchor(anchor=anchor, problems=tuple(problems))

    async def _stamped(self, anchor: Anchor, url: str) -> Anchor:
        from bot.anchoring.time_stamps import stamp  # noqa: PLC0415 - loaded where an authority is set, which few do

        return await stamp(anchor, url, tls=self.tls or ssl.create_default_context())


def append(path: Path, anchor: Anchor) -> None:
    """Add an anchor to a file, as a line of JSON that is on disk when this returns. Raises AnchorFailed.

    What stands there stays: a file that takes nothing but additions (`chattr +a`) will do.
    """
    line = json.dumps(anchor.as_json(), separators=(",", ":")) + "\n"
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise AnchorFailed(
            f"The head could not be added to {path}: {error.strerror}.", "Look at ANCHOR_FILE, and who may write there."
        ) from error
