"""Seven people at once: one outcome, one application, and nobody waits for three seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import Json, PageClient, shown
from bot.playground.slack.workspace import Person
from tests.acceptance.steps import (
    changes,
    count_events,
    defanged,
    idle,
    installation,
    listed,
    only_request,
    propose,
    status,
)
from tests.support import forks
from tests.support.installation import (
    AHEAD,
    APPROVALS,
    APPROVER,
    DIRECT,
    REQUESTER,
    SECOND,
    Installation,
    free_port,
)

OTHERS = tuple(Person(id=f"U0CROWD{number}", name=f"Approver {number}") for number in range(3, 8))
CROWD = [APPROVER, SECOND, *(person.id for person in OTHERS)]

DECIDED = (Status.APPLIED, Status.DENIED, Status.WITHDRAWN)


@contextmanager
def beside(here: Installation) -> Iterator[None]:
    """A second process of the same bot, on the same database."""
    port = free_port()
    with here.log.open("ab") as sink:
        environment = here.environment() | {"PORTCULLIS_HTTP_PORT": str(port)}
        second = forks.start(
            str(here.lead),
            "unlimited",
            "run",
            environment=environment,
            module=AHEAD,
            stdout=sink.fileno(),
            stderr=sink.fileno(),
        )
    try:
        yield
    finally:
        second.terminate()
        assert second.wait(timeout=40) == 0


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql", "socket-postgresql-twice"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    kind = request.param.removesuffix("-twice")
    folder = tmp_path_factory.mktemp("crowd")
    crowd = installation(kind, request=request, folder=folder, approvers=OTHERS)
    with crowd as here:
        if kind == request.param:
            yield here
        else:
            with beside(here):
                yield here


@pytest.fixture
async def page(here: Installation, request: pytest.FixtureRequest) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        wanted = 2 if "twice" in request.node.name else 1

        async def connected() -> bool | None:
            return here.mode == "http" or here.playground.slack.connections == wanted or None

        await client.until(f"{wanted} connections", connected)
        # What a bot reads of the tenant when it starts takes all of a small machine for a moment.
        await idle(client, here)
        yield client
        assert await client.violations() == []


async def test_seven_approvals_at_once_are_one_application(page: PageClient, here: Installation, name: str) -> None:
    card = await propose(page, name)
    clicked = await asyncio.gather(*(page.click(who, APPROVALS, card, "Approve") for who in CROWD))
    assert [click["problem"] for click in clicked] == [None] * 7
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied and confirmed")
    await idle(page, here)
    assert len(await changes(page, name)) == 1
    assert await listed(page, name) == 1
    for kind in ("request.reviewed", "request.approved", "request.applying", "item.applied", "request.applied"):
        assert await count_events(here, name, kind) == 1, kind
    [review] = (await only_request(here, name)).reviews
    assert review.reviewer in CROWD
    await told_that_it_was_late(page, [who for who in CROWD if who != review.reviewer], after=card)


async def told_that_it_was_late(page: PageClient, people: list[str], *, after: Json) -> None:
    for who in people:
        await page.message(who, APPROVALS, "already", after=after["ts"])


@pytest.mark.parametrize("first", [0, 4])
async def test_seven_who_disagree_at_once_get_one_outcome(
    page: PageClient, here: Installation, name: str, first: int
) -> None:
    card = await propose(page, name)
    copy = await page.message(REQUESTER, DIRECT, defanged(name), "Waits for approval")
    clicks = [
        page.click(REQUESTER, DIRECT, copy, "Withdraw"),
        *(page.click(who, APPROVALS, card, "Approve") for who in CROWD[:3]),
        *(page.deny(who, APPROVALS, card) for who in CROWD[3:6]),
    ]
    clicked = await asyncio.gather(*clicks[first:], *clicks[:first])
    assert [click["problem"] for click in clicked] == [None] * 7
    request = await status(page, here, name, *DECIDED)
    words = {Status.APPLIED: "Applied", Status.DENIED: "Denied", Status.WITHDRAWN: "Withdrawn"}[request.status]
    await page.message(APPROVER, APPROVALS, defanged(name), words)
    await page.message(REQUESTER, DIRECT, defanged(name), words)
    await idle(page, here)
    ends = [await count_events(here, name, f"request.{end}") for end in ("approved", "denied", "withdrawn")]
    assert sum(ends) == 1
    applied = int(request.status is Status.APPLIED)
    assert len(await changes(page, name)) == applied
    assert await listed(page, name) == applied


async def test_of_seven_approvals_of_an_ip_allow_at_once_one_counts_and_the_others_look_again(
    page: PageClient, here: Installation, address: str
) -> None:
    """Each has the whole of it open; what they read says that nobody has approved it yet, and then somebody has."""
    await page.type(REQUESTER, f"/allow {address} 7d Scanner at the head office")
    form = await page.view(REQUESTER)
    await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]})
    card = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "0 of 2")
    await asyncio.gather(*(page.click(who, APPROVALS, card, "Approve") for who in CROWD))
    read = {who: await page.view(who) for who in CROWD}
    await asyncio.gather(*(page.submit(who, read[who], {}) for who in CROWD))
    once = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")
    [first] = (await only_request(here, address)).reviews
    late = [who for who in CROWD if who != first.reviewer]
    for who in late:
        assert "as it stands now" in shown({"blocks": (await page.view(who))["blocks"]})
        await page.post("/api/close", {"as": who, "view_id": (await page.view(who))["id"]})
    await page.approve(late[0], APPROVALS, once)
    await page.message(APPROVER, APPROVALS, defanged(address), "Applied")
    await idle(page, here)
    assert len({review.reviewer for review in (await only_request(here, address)).reviews}) == 2
    assert await count_events(here, address, "request.approved") == 1
    policies = (await page.lists())["policies"]
    assert [value for policy in policies for value in policy["IPAllowList"] or []].count(address) == 1
