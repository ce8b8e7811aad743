"""What an approved request takes of the database: as much for the tenth as for the second, and no more than is known.

A figure that goes down is written down here; one that goes up is looked into first.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bot.domain.requests.request import Status
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.taken import Counted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: Until everybody is told but of the confirmation: what the click takes, of which this counts nothing, comes before.
STATEMENTS, WRITING, READING = 98, 10, 11


async def test_what_was_applied_before_makes_the_next_one_cost_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    took: list[Counter[str]] = []
    for number in range(10):
        request = await stage.propose(f"evil{number}.example")
        await stage.run()
        await stage.decide(request)
        counted.taken()
        await stage.run()
        took.append(counted.taken())
    second, last = took[1], took[-1]
    assert last["statements"] <= second["statements"] + 2, took
    assert last["rows"] <= second["rows"] + 2, took
    assert last["statements"] <= STATEMENTS, last
    assert last["write"] <= WRITING, last
    assert last["read"] <= READING, last


async def test_several_that_are_due_together_share_what_is_read_before_and_after(stage: Stage) -> None:
    requests = [await stage.propose(f"evil{number}.example") for number in range(5)]
    await stage.run()
    before = Counter(str(call["cmdlet"]) for call in stage.standin.calls())
    for request in requests:
        await stage.decide(request)
    await stage.run()
    calls = Counter(str(call["cmdlet"]) for call in stage.standin.calls()) - before
    assert [(await stage.request(request)).status for request in requests] == [Status.APPLIED] * 5
    assert calls["New-TenantAllowBlockListItems"] == 5  # each with its own end and notes
    assert calls["Get-TenantAllowBlockListItems"] < 2 * 5, calls
