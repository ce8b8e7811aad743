"""What is done for many entries at a time is done in parts: between two of them people are answered first."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta

import pytest

from bot.domain.requests.request import ItemState
from bot.workflow.applying import confirm, progress, recording
from bot.workflow.applying.chunks import INTENDED_AT_ONCE
from bot.workflow.ending import expire
from bot.workflow.shared.items import RECORDED_AT_ONCE
from tests.integration.workflow.conftest import Stage
from tests.support.proposing import drafted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MANY = 2 * RECORDED_AT_ONCE + 1


async def test_what_is_sent_recorded_confirmed_and_ended_takes_a_transaction_for_each_part(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them lets people in before it begins, see `tests/integration/store/test_people_first.py`."""
    begun: Counter[str] = Counter()
    store = stage.context.store
    write = store.write

    def counted() -> object:
        begun[sys._getframe(1).f_globals["__name__"]] += 1
        return write()

    monkeypatch.setattr(store, "write", counted)
    values = [f"{network}.{host}" for network in ("203.0.113", "198.51.100") for host in range(1, 255)][:MANY]
    await stage.snapshot()
    request = await stage.granted(drafted(stage.context, *values, end="1d"))
    await stage.run_until_idle(longest=timedelta(days=2))
    assert {item.state for item in (await stage.request(request)).items} == {ItemState.EXPIRED}
    parts = -(-MANY // RECORDED_AT_ONCE)
    assert begun[recording.__name__] == begun[confirm.__name__] == parts
    assert begun[expire.__name__] >= parts
    # It is sent in strides of another size.
    assert begun[progress.__name__] >= -(-MANY // INTENDED_AT_ONCE)
