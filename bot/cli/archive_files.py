"""A folder with archives of the log, read and held against themselves: a line at a time, however long they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.cli.progress import Done
from bot.domain.auditing.anchors import Anchor
from bot.domain.auditing.archives import LONGEST_LINE, Archive, ArchiveFinding, ArchiveReader, gaps
from bot.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """What a folder holds."""

    archives: tuple[Archive, ...] = ()

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """The heads by which the log is held against them."""
        return tuple(each.anchor for each in self.archives if each.anchor is not None)

    @property
    def lost(self) -> tuple[ArchiveFinding, ...]:
        """What is wrong with files of which nobody can say whose they are."""
        return tuple(finding for each in self.archives if not each.tenant_id for finding in each.findings)

    def of(self, tenant_id: str) -> Sequence[Archive]:
        """Those of a tenant's log."""
        return [each for each in self.archives if each.tenant_id == tenant_id]

    def findings(self, tenant_id: str) -> tuple[ArchiveFinding, ...]:
        """What is wrong with those of a tenant's log, each by itself and all together."""
        own = self.of(tenant_id)
        return (*(finding for each in own for finding in each.findings), *gaps(own))


def read_archives(folder: Path, done: Done) -> Archives:
    """Every file of a folder but hidden ones. `done` is told of bytes. Raises InvalidInput where none can be read."""
    try:
        files = sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
        sizes = [each.stat().st_size for each in files]
        archives = []
        for number, path in enumerate(files):
            archives.append(_read(path))
            done(sum(sizes[: number + 1]), sum(sizes))
    except OSError as error:
        raise InvalidInput(f"{error.filename or folder} can't be read: {error.strerror}.", "Check its name.") from error
    if not archives:
        raise InvalidInput(f"There is no archive in {folder}.", "Name the folder that `audit archive` wrote into.")
    return Archives(archives=tuple(archives))


def _read(path: Path) -> Archive:
    reader = ArchiveReader(path.name)
    with path.open("rb") as file:
        for line in _lines(file):
            reader.add(line)
    return reader.finish()


def _lines(file: BinaryIO) -> Iterator[bytes]:
    # Of a line that is longer than any, the reader finds fault with its beginning.
    while line := file.readline(LONGEST_LINE + 1):
        yield line
