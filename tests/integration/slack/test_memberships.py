"""Who is in a user group: read within the minute for ordinary acts, after the click for decisions, never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from starlette.responses import Response

from bot.errors import MembersUnread, SlackError
from bot.slack.client import web_client
from bot.slack.memberships import FRESH, LONGEST, Memberships
from bot.store import Store
from bot.store import awaited as awaited_deliveries
from bot.tls import outside_context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import Clock
from tests.support.scripted_slack import ScriptedSlack, ok, refused, scripted_slack

LIST, GROUP = "usergroups.users.list", "S0GROUP"
LIMITED = refused("ratelimited", status=429, headers={"Retry-After": "30"})
SECOND = timedelta(seconds=1)


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as running:
        running.answers[LIST] = ok(users=["U0ONE1"])
        yield running


def of(slack: ScriptedSlack, store: Store) -> Memberships:
    """The memberships as one replica has them."""
    return Memberships(web_client("token", api_url=slack.api_url, context=outside_context()), store)


@pytest.fixture
def replica(slack: ScriptedSlack, store: Store) -> Memberships:
    return of(slack, store)


def now() -> float:
    return asyncio.get_running_loop().time()


async def members(
    memberships: Memberships, *, anew: bool = False, group: str = GROUP, within: float = 20
) -> frozenset[str]:
    """Who is in it. Raises what stands in the way. No test hangs on a busy machine's speed."""
    found = (await memberships.members([group], since=now() if anew else None, within=within))[group]
    if isinstance(found, SlackError):
        raise found
    return found


class Slow:
    """An answer that waits until the test lets it go."""

    def __init__(self, *users: str) -> None:
        self.users = users
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> Response:
        self.asked.set()
        await self.go.wait()
        return ok(users=list(self.users))


async def test_a_reading_that_somebody_comes_to_wait_for_gives_way_to_nobody(
    slack: ScriptedSlack, replica: Memberships, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job has begun it; whoever clicks then goes first, but not before what they are waiting for."""
    monkeypatch.setattr(awaited_deliveries, "GIVEN_WAY", 3600.0)
    slow = Slow("U0ONE1")
    slack.answers[LIST] = slow
    of_job = asyncio.create_task(members(replica))
    await slow.asked.wait()
    with awaited_deliveries.awaited("click", within=60.0):
        of_click = asyncio.create_task(members(replica))
        slow.go.set()
        assert await of_click == {"U0ONE1"}
    assert await of_job == {"U0ONE1"}
    assert slack.count(LIST) == 1


async def test_ordinary_acts_of_a_minute_take_one_question(
    slack: ScriptedSlack, replica: Memberships, clock: Clock
) -> None:
    for _ in range(60):
        assert await members(replica) == {"U0ONE1"}
        clock.now += SECOND * 0.9
    assert slack.count(LIST) == 1
    clock.now += SECOND * 10
    slack.answers[LIST] = ok(users=["U0TWO2"])
    assert await members(replica) == {"U0TWO2"}
    assert slack.count(LIST) == 2


async def test_who_was_taken_out_has_no_right_at_the_next_decision_though_no_event_came(
    slack: ScriptedSlack, replica: Memberships
) -> None:
    assert await members(replica) == {"U0ONE1"}
    slack.answers[LIST] = ok(users=[])
    assert await members(replica, anew=True) == frozenset()
    assert await members(replica) == frozenset(), "nor for what comes after it"


async def test_what_was_read_serves_after_a_restart_and_every_replica(
    slack: ScriptedSlack, replica: Memberships, open_store: Callable[..., Store]
) -> None:
    assert await members(replica) == {"U0ONE1"}
    assert await members(of(slack, open_store())) == {"U0ONE1"}
    assert slack.count(LIST) == 1


async def test_replicas_that_need_it_at_once_ask_once(slack: ScriptedSlack, open_store: Callable[..., Store]) -> None:
    slow = Slow("U0ONE1")
    slack.answers[LIST] = slow
    waiting = [asyncio.create_task(members(of(slack, open_store()))) for _ in range(3)]
    await slow.asked.wait()
    slow.go.set()
    assert await asyncio.gather(*waiting) == [{"U0ONE1"}] * 3
    assert slack.count(LIST) == 1


async def test_a_replica_that_died_while_it_read_is_not_waited_for(
    replica: Memberships, store: Store, clock: Clock
) -> None:
    async with store.write() as uow:
        assert await uow.user_groups.claim(GROUP, now=clock(), until=clock() + SECOND)
        assert not await uow.user_groups.claim(GROUP, now=clock(), until=clock() + SECOND)
    clock.now += SECOND
    assert await members(replica) == {"U0ONE1"}


async def test_people_who_act_in_the_same_moment_share_one_reading(slack: ScriptedSlack, replica: Memberships) -> None:
    slow = Slow("U0ONE1")
    slack.answers[LIST] = slow
    first = asyncio.create_task(members(replica))
    await slow.asked.wait()
    others = [asyncio.create_task(members(replica)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()  # whoever gave up takes nobody else's reading along
    slow.go.set()
    assert await asyncio.gather(*others) == [{"U0ONE1"}] * 3
    assert slack.count(LIST) == 1


async def test_decisions_share_a_reading_that_begins_after_the_last_of_them(
    slack: ScriptedSlack, replica: Memberships
) -> None:
    """What runs already when somebody clicks may have been answered before they were taken out of the group."""
    before, after = Slow("U0GONE1"), Slow("U0ONE1")
    slack.queue(LIST, before, after)
    first = asyncio.create_task(members(replica, anew=True))
    await before.asked.wait()
    clicks = [asyncio.create_task(replica._read_after_now(GROUP)) for _ in range(20)]
    await asyncio.sleep(0)
    before.go.set()
    assert await first == {"U0GONE1"}
    await after.asked.wait()
    after.go.set()
    assert await asyncio.gather(*clicks) == [{"U0ONE1"}] * 20
    assert slack.count(LIST) == 2


async def test_all_that_one_decision_asks_shares_a_reading(slack: ScriptedSlack, replica: Memberships) -> None:
    since = now()
    for _ in range(3):
        assert (await replica.members([GROUP], since=since))[GROUP] == {"U0ONE1"}
    assert slack.count(LIST) == 1


async def test_an_event_makes_it_be_read_anew(slack: ScriptedSlack, replica: Memberships, clock: Clock) -> None:
    assert await members(replica) == {"U0ONE1"}
    clock.now += SECOND
    await replica.changed(GROUP)
    slack.answers[LIST] = ok(users=[])
    clock.now += SECOND
    assert await members(replica) == frozenset()


async def test_an_event_during_a_reading_counts_for_what_is_read_by_it(
    slack: ScriptedSlack, replica: Memberships, clock: Clock
) -> None:
    slow = Slow("U0GONE1")
    slack.queue(LIST, slow)
    reading = asyncio.create_task(members(replica))
    await slow.asked.wait()
    clock.now += SECOND
    await replica.changed(GROUP)
    slow.go.set()
    await reading
    assert await members(replica) == {"U0ONE1"}
    assert slack.count(LIST) == 2


async def test_while_slack_limits_ordinary_acts_go_by_the_last_reading_and_decisions_wait(
    slack: ScriptedSlack, replica: Memberships, clock: Clock
) -> None:
    await members(replica)
    clock.now += FRESH
    slack.answers[LIST] = LIMITED
    assert await members(replica) == {"U0ONE1"}
    with pytest.raises(MembersUnread, match=r"limits how often.*Try again in 30 seconds") as limited:
        await members(replica, anew=True)
    assert limited.value.retry_after == 30
    assert slack.count(LIST) == 2, "Slack said when to ask again"
    clock.now += SECOND * 29
    found = await replica.members([GROUP, "S0OTHER"], since=now())
    waits = [error.retry_after for error in found.values() if isinstance(error, MembersUnread)]
    assert waits == [1, 1], "the limit is of the method, not of the group"
    assert slack.count(LIST) == 2
    clock.now += SECOND
    slack.answers[LIST] = ok(users=["U0TWO2"])
    assert await members(replica, anew=True) == {"U0TWO2"}
    assert slack.count(LIST) == 3


async def test_a_limit_holds_for_every_replica(
    slack: ScriptedSlack, replica: Memberships, open_store: Callable[..., Store]
) -> None:
    slack.answers[LIST] = LIMITED
    for memberships in (replica, of(slack, open_store())):
        with pytest.raises(MembersUnread):
            await members(memberships, anew=True)
    assert slack.count(LIST) == 1


@pytest.mark.parametrize(
    "answer",
    [LIMITED, refused("internal_error"), ok(users="U0ONE1"), Response("<html>")],
    ids=["limited", "internal error", "no list", "no JSON"],
)
async def test_what_is_too_old_gives_no_right_and_the_alert_channel_is_told_once(
    slack: ScriptedSlack, replica: Memberships, store: Store, clock: Clock, answer: Response
) -> None:
    await members(replica)
    slack.answers[LIST] = answer
    clock.now += LONGEST - SECOND
    assert await members(replica) == {"U0ONE1"}
    clock.now += SECOND * 60
    for _ in range(2):
        with pytest.raises(SlackError):
            await members(replica)
    async with store.read() as uow:
        [alert] = await uow.jobs.waiting(kind=JobKind.ALERT)
    assert alert.payload["what"] == "group_unread"
    assert alert.payload["details"].startswith(f"{GROUP}: ")


async def test_what_slack_says_has_changed_gives_no_right_until_it_was_read(
    slack: ScriptedSlack, replica: Memberships
) -> None:
    await members(replica)
    await replica.changed(GROUP)
    slack.answers[LIST] = LIMITED
    with pytest.raises(MembersUnread):
        await members(replica)


@pytest.mark.parametrize("code", ["no_such_subteam", "missing_scope", "invalid_auth"])
async def test_a_group_that_is_gone_gives_no_right_at_once_and_the_alert_channel_is_told_once(
    slack: ScriptedSlack, replica: Memberships, store: Store, clock: Clock, code: str
) -> None:
    await members(replica)
    clock.now += FRESH
    slack.answers[LIST] = refused(code)
    for _ in range(30):
        with pytest.raises(SlackError, match=f"S0GROUP can't be read.*{code}"):
            await members(replica)
    assert slack.count(LIST) == 2, "it isn't asked for at each command"
    async with store.read() as uow:
        assert len(await uow.jobs.waiting(kind=JobKind.ALERT)) == 1
    clock.now += FRESH
    slack.answers[LIST] = ok(users=["U0ONE1"])
    assert await members(replica) == {"U0ONE1"}, "once it can be read, all is well"


async def test_a_slow_slack_is_not_waited_for_longer_than_the_acknowledgement_allows(
    slack: ScriptedSlack, replica: Memberships, clock: Clock
) -> None:
    await members(replica)
    clock.now += FRESH
    slow = Slow("U0TWO2")
    slack.answers[LIST] = slow
    with pytest.raises(MembersUnread, match="too long"):
        await members(replica, anew=True, within=0)
    assert await members(replica, within=0) == {"U0ONE1"}
    slow.go.set()
    assert await members(replica, anew=True) == {"U0TWO2"}


async def test_a_clock_that_was_set_back_makes_nothing_new(
    slack: ScriptedSlack, replica: Memberships, clock: Clock
) -> None:
    await members(replica)
    clock.now -= timedelta(days=1)
    slack.answers[LIST] = ok(users=[])
    assert await members(replica) == frozenset()
