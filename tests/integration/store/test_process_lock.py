"""One process serves a SQLite file: a second is refused and told why, until the first is gone, however it went."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.process_lock import only_process

#: Serves the file that its argument names, says so, and goes on until it is ended.
HOLDER = """
import sys
from bot.store.process_lock import only_process
with only_process(sys.argv[1]):
    print("has it", flush=True)
    sys.stdin.read()
"""


def holder(url: str, program: str = HOLDER) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "has it\n"
    return process


def refusal(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught, only_process(url):
        pass
    return caught.value


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portcullis.sqlite3'}"
    with holder(url) as first:
        error = refusal(url)
        assert error.what == f"Another Portcullis (process {first.pid}) is running on the database portcullis.sqlite3."
        assert "Stop that one first" in error.remedy
        first.kill()
        assert first.wait() == -9
        with only_process(url) as alone:
            assert alone


def test_it_is_one_file_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "link.sqlite3").symlink_to(tmp_path / "portcullis.sqlite3")
    with holder(f"sqlite:///{tmp_path / 'portcullis.sqlite3'}") as first:
        assert "is running" in refusal(f"sqlite:///{tmp_path / 'other' / 'link.sqlite3'}").what
        with only_process(f"sqlite:///{tmp_path / 'another.sqlite3'}") as alone:
            assert alone
        first.kill()


def test_what_the_first_began_holds_nothing(tmp_path: Path) -> None:
    """A process that outlives the one that began it, as an import's reading may for a moment, keeps nobody out."""
    url = f"sqlite:///{tmp_path / 'portcullis.sqlite3'}"
    forking = HOLDER.replace("    print", "    import os\n    child = os.fork() or sys.stdin.read()\n    print")
    with holder(url, forking) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        with only_process(url):
            pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(f"sqlite:///{tmp_path / 'missing' / 'portcullis.sqlite3'}")
    assert error.what.startswith("The file portcullis.sqlite3.lock beside the database can't be locked: No such file")
    assert "who may write" in error.remedy


def test_postgresql_serves_several() -> None:
    with only_process("postgresql://portcullis@db.example/portcullis") as alone:
        assert not alone
