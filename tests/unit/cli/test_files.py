"""Files that the command line writes: whole or not at all, for their owner alone, and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.files import require_writable, written


def write(path: Path, content: bytes) -> None:
    with written(path) as writing:
        writing.file.write(content)


def test_it_is_readable_by_its_owner_alone_whatever_it_was_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0)
    try:
        path.write_bytes(b"before")
        path.chmod(0o644)
        write(path, b"after")
    finally:
        os.umask(before)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"after", 0o600)


def test_where_the_writing_fails_it_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(TypeError), written(path) as writing:
        writing.file.writelines([b"half of it", "the other half"])  # type: ignore[list-item]
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_comes_once_it_is_ready_is_added_to_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with written(path) as writing:
        writing.file.write(b"first,")
        writing.ready()
        assert path.read_bytes() == b"first,"
        writing.file.write(b"then")
    assert path.read_bytes() == b"first,then"


@pytest.mark.parametrize("act", [lambda path: write(path, b"after"), require_writable])
def test_a_link_is_refused_whatever_it_leads_to(tmp_path: Path, act: Callable[[Path], None]) -> None:
    elsewhere, link, dangling = tmp_path / "elsewhere", tmp_path / "link", tmp_path / "dangling"
    elsewhere.write_bytes(b"before")
    link.symlink_to(elsewhere)
    dangling.symlink_to(tmp_path / "nothing")
    for path in (link, dangling):
        with pytest.raises(OSError, match="it is a link"):
            act(path)
    assert elsewhere.read_bytes() == b"before"
    assert not (tmp_path / "nothing").exists()


def test_a_device_is_written_to_as_it_is() -> None:
    require_writable(Path(os.devnull))
    write(Path(os.devnull), b"anything")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_to_ask_leaves_nothing_behind(tmp_path: Path) -> None:
    require_writable(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match=r"[Nn]o such"):
        require_writable(tmp_path / "nowhere" / "file")
