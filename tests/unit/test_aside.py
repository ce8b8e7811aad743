"""What is short is computed where it is asked for, and what may take a while in a thread."""

from __future__ import annotations

import threading

import pytest

from bot.aside import FEW_ENTRIES, aside


@pytest.mark.parametrize(("entries", "is_here"), [(0, True), (FEW_ENTRIES, True), (FEW_ENTRIES + 1, False)])
async def test_what_looks_at_many_entries_leaves_the_event_loop_to_others(entries: int, is_here: bool) -> None:
    thread = await aside(entries, threading.get_ident)
    assert (thread == threading.get_ident()) is is_here


@pytest.mark.parametrize("entries", [1, FEW_ENTRIES + 1])
async def test_it_is_handed_what_it_works_with_and_its_error_is_raised(entries: int) -> None:
    assert await aside(entries, sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        await aside(entries, divmod, 1, 0)
