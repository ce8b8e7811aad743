"""The tenant on a bad day: card, items, audit log and tenant agree in the end, and nothing is green before it is true.

Every kind of fault, and the ones that take hours, are in tests/integration/workflow/applying/test_apply.py: here is
the whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.domain.requests.request import ItemState, Request, Status
from bot.playground.page_client import PageClient, shown
from tests.acceptance.steps import (
    NEW,
    cards,
    changes,
    count_events,
    defanged,
    events_for,
    fault,
    idle,
    installation,
    listed,
    only_request,
    propose,
    status,
)
from tests.support.installation import ALERTS, APPROVALS, APPROVER, DIRECT, REQUESTER, Installation

GET = "Get-TenantAllowBlockListItems"
ENDED = (Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED)


@pytest.fixture(scope="module", params=["http-sqlite"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("tenant")) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client
        assert here.tenant.calls() != []
        assert await client.get("/api/tenant/faults") == [], "a fault that was armed never came to pass"
        assert await client.violations() == []


async def agreed(page: PageClient, here: Installation, name: str, *, shows: str) -> Request:
    """The request once it has ended, with everything that tells of it saying the same."""
    await status(page, here, name, *ENDED)
    await page.message(APPROVER, APPROVALS, defanged(name), shows)
    await idle(page, here)
    request = await only_request(here, name)
    [card] = await cards(page, name)
    assert shows in shown(card)
    for item in request.items:
        holds = item.state in {ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED}
        assert await listed(page, item.value) == (1 if holds else 0), item
    kinds = [str(event.kind) for event in await events_for(here, request)]
    assert [kinds.count(f"request.{end}") for end in ENDED].count(1) == 1
    assert kinds.count(f"request.{request.status}") == 1
    assert kinds.count("request.applying") == 1
    await page.message(REQUESTER, DIRECT, f"#{request.id}", shows.split(" ", maxsplit=1)[0])
    return request


@pytest.mark.parametrize(
    ("kind", "cmdlet", "options"),
    [
        ("drop_before", GET, {}),
        ("drop_after", NEW, {}),
        ("429", NEW, {"retry_after": 1}),
        ("503", GET, {"times": 2}),
        ("504_after", NEW, {}),
        ("lag", NEW, {"times": 2}),
        ("401", NEW, {}),
        ("truncate_page", GET, {}),
    ],
)
async def test_a_passing_fault_ends_green_and_once(
    page: PageClient, here: Installation, name: str, kind: str, cmdlet: str, options: dict[str, int]
) -> None:
    card = await propose(page, name)
    await idle(page, here)
    await fault(page, kind, cmdlet, **options)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    request = await agreed(page, here, name, shows="Applied and confirmed")
    assert request.status is Status.APPLIED
    assert len(await changes(page, name, taken=True)) <= 1
    assert await count_events(here, name, "item.applied") == 1


async def test_a_success_that_changes_nothing_is_not_green_and_is_put_right(
    page: PageClient, here: Installation, name: str
) -> None:
    card = await propose(page, name)
    await idle(page, here)
    await fault(page, "ok_but_nothing_happens", NEW)
    await page.click(APPROVER, APPROVALS, card, "Approve")

    async def sent_and_not_listed() -> bool | None:
        sent = await changes(page, name)
        if sent and not await listed(page, name):
            [card] = await cards(page, name)
            assert "Applied" not in shown(card)
            return True
        return None

    await page.until("the call that changes nothing", sent_and_not_listed)
    request = await agreed(page, here, name, shows="Applied and confirmed")
    assert request.status is Status.APPLIED
    assert len(await changes(page, name)) == 2


async def test_what_somebody_adds_while_the_call_is_under_way_is_no_failure(
    page: PageClient, here: Installation, name: str
) -> None:
    card = await propose(page, name, f"more-{name}")
    await idle(page, here)
    await fault(page, "delay", NEW, delay=3)
    await page.click(APPROVER, APPROVALS, card, "Approve")

    async def under_way() -> bool | None:
        return not await page.get("/api/tenant/faults") or None

    await page.until("the call to be under way", under_way)
    by_hand = {"ListType": "Sender", "Entries": [name], "Block": True, "NoExpiration": True}
    assert (await page.post("/api/tenant/edit", {"cmdlet": NEW, "parameters": by_hand}))["ok"]
    assert (await agreed(page, here, name, shows="Applied and confirmed")).status is Status.APPLIED


async def test_one_bad_value_among_several_is_named_and_the_others_hold(
    page: PageClient, here: Installation, name: str
) -> None:
    bad = f"bad-{name}"
    card = await propose(page, name, bad, f"more-{name}")
    await idle(page, here)
    # Allowed by hand since the lists were read: the tenant refuses a block of the same value.
    by_hand = {"ListType": "Sender", "Entries": [bad], "Allow": True}
    assert (await page.post("/api/tenant/edit", {"cmdlet": NEW, "parameters": by_hand}))["ok"]
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, name, Status.PARTLY_APPLIED)
    card = await page.message(APPROVER, APPROVALS, defanged(name), "Partly applied", "2 of 3")
    await page.message(APPROVER, ALERTS, "Partly applied", "Its card says why")
    await page.message(REQUESTER, DIRECT, "Your request", "Partly applied", defanged(bad))
    await idle(page, here)
    states = {item.value: item.state for item in (await only_request(here, name)).items}
    assert states == {
        name: ItemState.CONFIRMED,
        bad: ItemState.REFUSED,
        f"more-{name}": ItemState.CONFIRMED,
    }


async def test_a_missing_role_fails_at_once_and_is_told(page: PageClient, here: Installation, name: str) -> None:
    card = await propose(page, name)
    await idle(page, here)
    await page.post("/api/tenant/roles", {"directory_role": "reader"})
    try:
        await page.click(APPROVER, APPROVALS, card, "Approve")
        request = await agreed(page, here, name, shows="Failed")
    finally:
        await page.post("/api/tenant/roles", {"directory_role": "admin"})
    assert request.status is Status.FAILED
    assert "directory role" in request.failure
    await page.message(APPROVER, ALERTS, "Failed", defanged(name), "Its card says why")
