"""Who may call Slack, who has to wait and for how long, with a clock that the test turns."""

from __future__ import annotations

import pytest

from bot.budgets import BudgetsInMemory
from bot.errors import SlackUnavailable, TryLater
from bot.slack.pace import POST, RATES, UPDATE, Importance, SlackPace


class Slack:
    """Takes every call, and counts them."""

    def __init__(self) -> None:
        self.now = 100.0
        self.budgets = BudgetsInMemory(clock=self.clock)
        self.pace = self.replica()
        self.called = 0

    def clock(self) -> float:
        return self.now

    def replica(self) -> SlackPace:
        return SlackPace(self.budgets, clock=self.clock)

    async def call(
        self,
        importance: Importance,
        method: str = POST,
        channel: str = "C1",
        *,
        need: str = "",
        fails: Exception | None = None,
    ) -> float:
        """0.0 for a call that was made, or in how many seconds it is to come again."""
        try:
            async with self.pace.turn(method, channel, importance, need=need):
                self.called += 1
                if fails is not None:
                    raise fails
        except TryLater as later:
            return later.seconds
        return 0.0


@pytest.fixture
def slack() -> Slack:
    return Slack()


async def spend(slack: Slack, method: str = POST, channel: str = "C1") -> None:
    while await slack.call(Importance.DECISION, method, channel) == 0:
        pass
    slack.pace = slack.replica()


async def test_a_channel_takes_a_burst_and_then_a_message_a_second(slack: Slack) -> None:
    waits = [await slack.call(Importance.DECISION) for _ in range(RATES[POST].burst + 3)]
    assert waits == [0.0] * RATES[POST].burst + [1.0, 2.0, 3.0]


async def test_channels_and_methods_hold_up_no_others(slack: Slack) -> None:
    await spend(slack)
    assert await slack.call(Importance.CONFIRMATION, POST, "D1") == 0
    assert await slack.call(Importance.CONFIRMATION, UPDATE, "C1") == 0


@pytest.mark.parametrize("method", RATES)
async def test_whoever_has_to_wait_is_told_why(slack: Slack, method: str) -> None:
    await spend(slack, method)
    with pytest.raises(TryLater, match=r"^It waits for its turn: "):
        async with slack.pace.turn(method, "C1", Importance.CONFIRMATION):
            pass


async def test_updates_of_all_channels_are_counted_together(slack: Slack) -> None:
    await spend(slack, UPDATE, "C1")
    assert await slack.call(Importance.DECISION, UPDATE, "C2") > 0


@pytest.mark.parametrize("method", [POST, UPDATE])
async def test_the_less_important_leave_some_to_the_more_important(slack: Slack, method: str) -> None:
    made = []
    for importance in sorted(Importance, reverse=True):
        count = 0
        while await slack.call(importance, method) == 0:
            count += 1
        made.append(count)
    assert sum(made) == RATES[method].burst
    assert made[0] > 0
    assert made[-1] > 0


async def test_while_calls_are_scarce_the_important_ones_come_first(slack: Slack) -> None:
    await spend(slack)
    waiting = dict.fromkeys((Importance.DECISION, Importance.CONFIRMATION), 10)
    order = []
    while any(waiting.values()):
        slack.now += 1
        for importance in sorted(waiting, reverse=True):  # the least important asks first
            if waiting[importance] and await slack.call(importance) == 0:
                waiting[importance] -= 1
                order.append(importance)
    assert order == sorted(order)


async def test_those_who_wait_are_told_to_come_one_after_the_other(slack: Slack) -> None:
    await spend(slack)
    first, second = [await slack.call(Importance.DECISION) for _ in range(2)]
    assert second - first == pytest.approx(1.0)
    assert await slack.call(Importance.STORY) > second


async def test_who_asks_again_too_early_keeps_their_place(slack: Slack) -> None:
    """A job can be brought forward by whatever happens meanwhile: that makes the line no longer."""
    await spend(slack)
    for _ in range(3):
        assert await slack.call(Importance.DECISION, need="card 0") == pytest.approx(1.0 - (slack.now - 100.0))
        slack.now += 0.1
    slack.now = 100.0
    assert [await slack.call(Importance.STORY, need="card 1") for _ in range(20)] == [pytest.approx(2.0)] * 20
    assert await slack.call(Importance.STORY, need="card 2") == pytest.approx(3.0)
    slack.now += 0.5
    assert await slack.call(Importance.STORY, need="card 1") == pytest.approx(1.5)


async def test_what_has_become_more_important_comes_sooner(slack: Slack) -> None:
    await spend(slack)
    for number in range(5):
        await slack.call(Importance.STORY, need=f"card {number}")
    as_it_was = await slack.call(Importance.STORY, need="card 4")
    assert await slack.call(Importance.OUTCOME, need="card 4") < as_it_was
    assert await slack.call(Importance.STORY, need="card 4") < as_it_was


async def test_a_place_is_kept_until_the_call_is_made(slack: Slack) -> None:
    await spend(slack)
    for number in range(5):
        wait = await slack.call(Importance.DECISION, need=f"card {number}")
    slack.now += wait
    assert await slack.call(Importance.DECISION, need="card 4") == 0
    await spend(slack)
    assert await slack.call(Importance.DECISION, need="card 4") == pytest.approx(1.0)


async def test_what_slack_asks_for_is_kept_by_every_replica(slack: Slack) -> None:
    limited = SlackUnavailable("Slack refused it.", code="ratelimited", retry_after=30)
    assert await slack.call(Importance.STORY, fails=limited) == 30
    called = slack.called
    slack.pace = slack.replica()
    assert await slack.call(Importance.DECISION) == pytest.approx(30)
    assert slack.called == called
    slack.now += 30
    assert await slack.call(Importance.DECISION) == 0


@pytest.mark.parametrize(
    "error",
    [
        SlackUnavailable("Slack failed.", code="internal_error", retry_after=30),
        SlackUnavailable("Slack refused it.", code="ratelimited"),
        SlackUnavailable("Slack refused it.", code="ratelimited", retry_after=0),
        SlackUnavailable("Slack was silent."),
    ],
)
async def test_what_is_no_rate_limit_is_a_failure(slack: Slack, error: SlackUnavailable) -> None:
    with pytest.raises(SlackUnavailable):
        await slack.call(Importance.STORY, fails=error)
    assert await slack.call(Importance.STORY) == 0


async def test_without_budgets_nothing_is_held_up(slack: Slack) -> None:
    slack.pace = SlackPace(None)
    assert [await slack.call(Importance.CONFIRMATION) for _ in range(50)] == [0.0] * 50


async def test_other_methods_are_never_held_up(slack: Slack) -> None:
    assert [await slack.call(Importance.CONFIRMATION, "views.open") for _ in range(50)] == [0.0] * 50


async def test_nothing_is_kept_of_channels_in_which_nobody_waits_any_more(slack: Slack) -> None:
    """There are as many as people."""
    for number in range(20):
        for _ in range(RATES[POST].burst + 1):
            await slack.call(Importance.OUTCOME, channel=f"D{number}", need=f"told {number}")
        slack.now += 60
    assert len(slack.pace._last) == 1
