"""How seldom Python looks for garbage in a process that serves."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import gc, weakref
from bot.garbage import look_seldom

class Knot:
    def __init__(self):
        self.itself = self

looks = []
look_seldom()
frozen = gc.get_freeze_count()
gc.callbacks.append(lambda phase, info: looks.append(info["generation"]) if phase == "start" else None)
kept = [Knot() for _ in range(200_000)]
gone = weakref.ref(Knot())
for _ in range(10):
    some = [[number] for number in range(5_100)]
print(frozen > 1_000, looks.count(2), gone() is None, len(kept))
"""


_LOADING = """
import gc
from bot.garbage import unlooked_for

looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
with unlooked_for():
    loaded = [[number] for number in range(100_000)]
print(len(looks), gc.get_freeze_count() > 100_000, gc.isenabled())
print(len(gc.get_objects()) < 1_000)
"""


def test_what_grows_by_much_is_not_looked_through_again_and_again_and_what_is_new_is() -> None:
    run = subprocess.run(  # noqa: S603 - this test's own program
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split() == ["True", "0", "True", "200000"]


def test_what_is_loaded_is_never_looked_through() -> None:
    run = subprocess.run(  # noqa: S603 - this test's own program
        [sys.executable, "-c", _LOADING], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split() == ["0", "True", "True", "True"]
