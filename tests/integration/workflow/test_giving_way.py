"""What is done for many entries at a time lets people be answered first, in between."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import ModuleType

import pytest

from bot.domain.requests.request import ItemState
from bot.workflow.applying import chunks, confirm, recording
from bot.workflow.applying.chunks import INTENDED_AT_ONCE
from bot.workflow.ending import expire
from bot.workflow.shared.items import RECORDED_AT_ONCE
from tests.integration.workflow.conftest import Stage
from tests.support.proposing import drafted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MANY = 2 * RECORDED_AT_ONCE + 1


async def test_people_are_let_in_between_all_parts_of_what_is_sent_recorded_confirmed_and_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gave_way: Counter[ModuleType] = Counter()

    def heed(module: ModuleType) -> None:
        really = module.give_way  # type: ignore[attr-defined]

        async def give_way() -> None:
            gave_way[module] += 1
            await really()

        monkeypatch.setattr(module, "give_way", give_way)

    for module in (chunks, recording, confirm, expire):
        heed(module)
    values = [f"{network}.{host}" for network in ("203.0.113", "198.51.100") for host in range(1, 255)][:MANY]
    await stage.snapshot()
    request = await stage.granted(drafted(stage.context, *values, end="1d"))
    await stage.run_until_idle(longest=timedelta(days=2))
    assert {item.state for item in (await stage.request(request)).items} == {ItemState.EXPIRED}
    parts = -(-MANY // RECORDED_AT_ONCE) - 1
    assert gave_way[recording] == gave_way[confirm] == gave_way[expire] == parts
    # It is sent in strides of another size, and taken out likewise.
    assert gave_way[chunks] == 2 * (-(-MANY // INTENDED_AT_ONCE) - 1)
