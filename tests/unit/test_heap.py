"""How soon memory that is no longer used goes back to the system in a process that serves."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from bot.heap import give_back_soon

#: Texts of 0.6 MB that threads make, with something small behind each that stays: 240 MB at once, then hardly any.
_PROGRAM = """
import threading
from pathlib import Path
from bot.heap import give_back_soon

def held():
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024

def make():
    for _ in range(100):
        texts.append(b"x" * 600_000)
        kept.append(b"y" * 2_000)

assert give_back_soon()
before = held()
texts, kept = [b"x" * 20_000_000], []
texts.clear()
threads = [threading.Thread(target=make) for _ in range(4)]
for each in threads:
    each.start()
for each in threads:
    each.join()
most = held()
texts.clear()
print(most - before, held() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has its own ways")
def test_what_threads_have_freed_is_given_back() -> None:
    run = subprocess.run(  # noqa: S603 - this test's own program
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    most, left = map(int, run.stdout.split())
    assert most > 200
    assert left < 20, f"{left} MB are held of {most}, and nothing uses them"


def test_a_c_library_without_the_call_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As musl is, which answers to the GNU C library's name."""
    monkeypatch.setattr("os.confstr_names", {"CS_GNU_LIBC_VERSION": 2})
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())
    assert not give_back_soon()
