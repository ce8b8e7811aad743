"""One trial: people act and everything fails for some seconds; then nothing does, and the bots have to come to rest."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import update

from bot.clock import utc_now
from bot.errors import StoreError
from bot.store import Job
from bot.store.tables import JobRow
from bot.workflow.shared.job_kinds import JobKind
from tests.chaos.approvals import Breach
from tests.chaos.database import Databases
from tests.chaos.faults import Tally
from tests.chaos.found import Found, look
from tests.chaos.invariants import breaches, broken_rules
from tests.chaos.launcher import Launcher
from tests.chaos.mishaps import let_happen
from tests.chaos.people import People
from tests.chaos.place import Place, place_of
from tests.chaos.plan import Mishap, Plan
from tests.chaos.recovery import FAR_OFF, Recoveries, Seen
from tests.chaos.strays import click_strays
from tests.chaos.waiting import comes_true

#: How long the bots have to come to rest, in seconds, on a machine that is busy with other things. They keep to Slack's
#: rates, of which fifty updates a minute is the one that counts here.
REST_WITHIN = 240.0

#: How often what a kill interrupted is looked at, in seconds: no figure is more exact than that.
FOLLOWED_EVERY = 0.2

#: How often people try again what failed, once nothing goes wrong any more but what is armed for once.
_TRIED_AGAIN = 2

#: Jobs that look again after a while at what a call may have done that took its time: that a message stands twice, or
#: shows what it showed before.
_LOOKS_AGAIN = (JobKind.STRAYS, JobKind.SHOW_AGAIN)


@dataclass(slots=True, kw_only=True)
class Result:
    """What became of a trial. Times are in seconds."""

    plan: Plan
    tally: Tally
    breaches: list[Breach] = field(default_factory=list)
    acts: int = 0
    acknowledged: int = 0
    done: Counter[str] = field(default_factory=Counter)  #: the acts that were acknowledged, by what they are
    requests: int = 0
    added: int = 0  #: entries that the tenant was made to take
    events: int = 0
    starts: int = 0
    strays_retired: int = 0
    #: How often somebody was answered once more where they acted: on a decision that was kept, and where nobody could
    #: look whether the first answer arrived.
    answered_again: int = 0
    ready_after: list[float] = field(default_factory=list)  #: from each start until a bot was ready
    recoveries: Recoveries = field(default_factory=Recoveries)  #: what each kill interrupted
    loads: list[float] = field(default_factory=list)  #: how busy the machine was: its average of a minute, now and then
    rest_waits: Counter[str] = field(default_factory=Counter)  #: kinds of jobs that it waited for then, in seconds
    rest_after: float | None = None  #: from the moment when nothing failed any more; None: never
    lasted: float = 0.0


def run(plan: Plan, *, launcher: Launcher, databases: Databases, folder: Path) -> Result:
    """Run a trial, and look at what came of it."""
    url = databases.new(plan.database, folder)
    try:
        return asyncio.run(_run(plan, launcher=launcher, databases=databases, url=url, folder=folder))
    finally:
        databases.forget(url)


async def _run(plan: Plan, *, launcher: Launcher, databases: Databases, url: str, folder: Path) -> Result:
    began = time.monotonic()
    async with place_of(plan, launcher=launcher, database_url=url, folder=folder) as place:
        result = Result(plan=plan, tally=place.tally)
        people = People(place, random.Random(f"people {plan.seed}"))  # noqa: S311 - to be had again
        place.bots.start()
        await place.bots.until_ready(60)
        following = asyncio.create_task(_follow(place, result.recoveries, result.loads))
        await _storm(place, people, databases)
        place.wire.is_calm = True
        place.bots.kill()
        calm = time.monotonic()
        if await _rests(place, result) and await _rests_after_more(place, people, result):
            result.rest_after = time.monotonic() - calm
        else:
            result.breaches.append(Breach(kind="never came to rest", what=await _what_is_left(place)))
        following.cancel()
        found = await look(place)
        result.breaches += breaches(found, people.acts)
        retired, kept = await click_strays(place, found)
        result.strays_retired = retired
        result.breaches += kept
        result.breaches += broken_rules([*place.playground.slack.state.ledger.violations])
        result.breaches += [Breach(kind="a bot ended by itself", what=what) for what in place.bots.unforeseen]
        _sum_up(result, place, people, found)
    result.lasted = time.monotonic() - began
    return result


async def _storm(place: Place, people: People, databases: Databases) -> None:
    """People at work, and what the plan has for the bots and the database."""
    plan, began = place.plan, time.monotonic()

    def over() -> bool:
        return people.acknowledged >= plan.acts or time.monotonic() - began >= plan.at_most

    def has_come(acts: int) -> bool:
        return people.acknowledged >= acts or over()

    async def after(acts: int) -> None:
        await comes_true(partial(has_come, acts), within=plan.at_most)
        # Not a wait for anything: the moment itself is what is tried.
        await asyncio.sleep(place.bots.chance.uniform(0.0, 0.7))

    async def kill(acts: int) -> None:
        await after(acts)
        if place.bots.kill():
            place.tally.kills["at any moment"] += 1

    async def kill_one_by_one(every: float) -> None:
        for acts in plan.kills_after:
            await comes_true(partial(has_come, acts), within=every)
            await comes_true(lambda: place.bots.any_ready, within=plan.at_most)
            # On a machine where a start takes long, so does everything that a bot is to be killed in the middle of.
            await asyncio.sleep(place.bots.chance.uniform(0.0, max(every, place.bots.latest_start)))
            await kill(0)

    every = plan.kill_every
    kills = [kill(acts) for acts in plan.kills_after] if every is None else [kill_one_by_one(every)]

    async def happens(acts: int, what: Mishap) -> None:
        await after(acts)
        await let_happen(place, databases, what)

    await asyncio.gather(
        *(people.lives(over) for _ in range(plan.people)),
        *kills,
        *(happens(acts, what) for acts, what in plan.mishaps),
    )


async def _rests(place: Place, result: Result) -> bool:
    """Wait until every bot is ready and no job is left to do; False where that takes too long."""
    last = time.monotonic()

    async def is_idle() -> bool:
        nonlocal last
        due, since, last = await _due(place), last, time.monotonic()
        result.rest_waits.update(dict.fromkeys({job.kind for job in due}, last - since))
        return not due

    async def comes_to_rest() -> bool:
        nonlocal last
        is_ready, last = await place.bots.until_ready(REST_WITHIN), time.monotonic()
        return is_ready and await comes_true(is_idle, within=REST_WITHIN, every=0.2)

    if not await comes_to_rest() or not await comes_true(lambda: not place.wire.on_their_way, within=REST_WITHIN):
        return False
    await _let_a_minute_pass(place)
    return await comes_to_rest()


async def _rests_after_more(place: Place, people: People, result: Result) -> bool:
    """Have people see to what failed and what was blocked at once, kill a bot in the midst of it, and wait again.

    What a tenant refuses once may fail only now, when it is tried again after another failure: so it is twice.
    """
    for _ in range(_TRIED_AGAIN):
        if not await people.see_to_the_rest():
            break
        place.bots.kill()
        if not await _rests(place, result):
            return False
    return True


async def _let_a_minute_pass(place: Place) -> None:
    """Have looked now what is looked at again after a minute."""
    store = place.store()
    try:
        async with store.write() as uow:
            await uow.jobs._scope.session.execute(
                update(JobRow).where(JobRow.kind.in_(_LOOKS_AGAIN), JobRow.state == "todo").values(run_at=utc_now())
            )
    finally:
        await store.close()


async def _due(place: Place) -> list[Job]:
    """The jobs that are to be done now or soon, dead ones apart."""
    store = place.store()
    try:
        async with store.read() as uow:
            now = utc_now()
            return [
                job
                for job in await uow.jobs.waiting()
                if job.kind not in FAR_OFF and (job.kind not in _LOOKS_AGAIN or job.attempts > 0 or job.run_at <= now)
            ]
    finally:
        await store.close()


async def _what_is_left(place: Place) -> str:
    return ", ".join(f"{job.kind} #{job.id} ({job.attempts} attempts: {job.error})" for job in await _due(place))


async def _follow(place: Place, recoveries: Recoveries, loads: list[float]) -> None:
    """Follow in the database what kills interrupt, until cancelled."""
    store = place.store()
    try:
        while True:
            at, now, lives = time.monotonic(), utc_now(), [*place.bots.lives]
            with suppress(StoreError):
                async with store.read() as uow:
                    jobs, doubted = await uow.jobs.waiting(), await uow.posts.in_doubt([""])
                called = {each.token: place.wire.called_by.get(each.token) for each in doubted}
                faults = place.tally.faults.total()
                recoveries.note(Seen(at=at, now=now, jobs=jobs, doubted=called, faults=faults), lives)
            loads.append(os.getloadavg()[0])
            await asyncio.sleep(FOLLOWED_EVERY)
    finally:
        await store.close()


def _sum_up(result: Result, place: Place, people: People, found: Found) -> None:
    lives = place.bots.lives
    result.acts = len(people.acts)
    result.acknowledged = people.acknowledged
    result.done = Counter(act.what for act in people.acts if act.was_acknowledged)
    result.requests = len(found.requests)
    result.added = found.added.total()
    result.events = len(found.events)
    result.starts = len(lives)
    answers = place.playground.slack.state.response_urls.values()
    result.answered_again = sum(max(0, answer.uses - 1) for answer in answers)
    result.ready_after = [life.ready - life.started for life in lives if life.ready is not None]
