"""How soon a thread that computes gives way to the event loop in a process that serves."""

from __future__ import annotations

import sys

from bot.switching import give_way_soon


def test_nobody_waits_for_a_thread_that_computes_for_longer_than_a_statement_takes() -> None:
    before = sys.getswitchinterval()
    try:
        give_way_soon()
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before)
