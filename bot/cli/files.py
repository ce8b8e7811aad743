"""Files that the command line writes: whole or not at all, for their owner alone, and never through a link.

What is written tells who asked for what, so that nobody else on the machine is to read it, whatever the umask says.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FOR_THE_OWNER = 0o600


class WrittenFile:
    """A file that is being written beside the one that it will be."""

    def __init__(self, file: BinaryIO, beside: Path | None, path: Path) -> None:
        """Not to be called but by `written`."""
        self.file = file  #: to be written to, also once it is `ready`
        self._beside = beside
        self._path = path

    def ready(self) -> None:
        """Put it in its place, with what has been written until now on disk. Raises OSError."""
        if self._beside is None:
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        self._beside.replace(self._path)
        self._beside = None

    def drop(self) -> None:
        """Take it away, unless it was ready."""
        if self._beside is not None:
            self._beside.unlink(missing_ok=True)


@contextlib.contextmanager
def written(path: Path) -> Iterator[WrittenFile]:
    """A file to be written, which takes the place of `path` once it is ready, at the end of the block at the latest.

    Where the block raises before, `path` is as it was. A device or a pipe is written to as it is. Raises OSError, also
    where `path` is a link or a folder.
    """
    is_plain = _is_plain(path)
    if not is_plain:
        with path.open("wb") as device:
            yield WrittenFile(device, None, path)
        return
    # Made anew, under a name that nobody can know before, and readable by its owner alone.
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    with os.fdopen(number, "wb") as file:
        os.fchmod(number, _FOR_THE_OWNER)
        writing = WrittenFile(file, beside, path)
        try:
            yield writing
            writing.ready()
        finally:
            writing.drop()


def require_writable(path: Path) -> None:
    """Raises OSError where `written` would, as far as can be known before. Nothing is left behind."""
    if _is_plain(path):
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(number)
        Path(name).unlink()
    else:
        path.open("ab").close()


def _is_plain(path: Path) -> bool:
    """Whether it is a file, or nothing yet; not a device or a pipe. Raises OSError for a link and for a folder."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    if stat.S_ISLNK(found.st_mode):
        if not path.exists() or path.is_file() or path.is_dir():
            raise OSError(errno.ELOOP, "it is a link; name the file itself")
        return False
    if stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_ISREG(found.st_mode)
