"""Whoever has stolen the bot's token can write as the bot, and has nothing decided by it: what was seen is decided."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import Json, PageClient, buttons, shown
from bot.slack.client import NO_UNFURL
from tests.acceptance.steps import defanged, events_for, idle, installation, only_request, propose
from tests.support.installation import APPROVALS, APPROVER, DIRECT, REQUESTER, SECOND, VISITOR, Installation
from tests.support.stand_ins import client_of

NOT_OURS = "isn't the one that Portcullis has on record"
OLD = "as it stands now"


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("false-cards")
    with installation(request.param, request=request, folder=folder) as here:
        yield here


async def stolen(here: Installation, method: str, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """A call with the bot's token by somebody else than the bot."""
    client = client_of(here.playground)
    try:
        answer = await client.api_call(method, json={**arguments, **NO_UNFURL})
    finally:
        if client.session is not None:
            await client.session.close()
    return dict(answer.data) if isinstance(answer.data, dict) else {}


def falsified(card: Json, words: str) -> list[Json]:
    """The blocks of a card that says something else above the card's own buttons."""
    actions = copy.deepcopy(card["blocks"][-1])
    return [{"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}, actions]


async def false_card(page: PageClient, here: Installation, card: Json, *, channel: str = APPROVALS) -> Json:
    """A card that speaks of something harmless, with the buttons of another one; as people see it."""
    words = f"Block harmless.example, says nobody about {card['ts']}"
    posted = await stolen(here, "chat.postMessage", channel=channel, text=words, blocks=falsified(card, words))
    where = APPROVALS if channel == APPROVALS else DIRECT
    return await page.message(APPROVER, where, words, after=str(float(posted["ts"]) - 1))


async def ip_allow(page: PageClient, address: str) -> Json:
    """A pending IP allow; its card."""
    await page.type(REQUESTER, f"/allow {address} 7d Scanner at the head office")
    form = await page.view(REQUESTER)
    assert (await page.submit(REQUESTER, form, {"acknowledged": ["acknowledged"]}))["errors"] is None
    return await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "0 of 2")


async def events(here: Installation, value: str) -> list[tuple[str, str, object]]:
    """What happened to the request about a value since it was proposed: the kind, by whom, and why not."""
    found = await events_for(here, await only_request(here, value))
    return [(event.kind, event.actor, event.payload.get("why")) for event in found[1:]]


async def demand_untouched(here: Installation, value: str) -> None:
    request = await only_request(here, value)
    assert (request.status, request.reviews) == (Status.PENDING, ())


async def test_two_approvers_of_a_false_card_approve_nothing(
    page: PageClient, here: Installation, address: str
) -> None:
    card = await ip_allow(page, address)
    false = await false_card(page, here, card)
    for who in (APPROVER, SECOND):
        await page.approve(who, APPROVALS, false)
        told = await page.message(who, APPROVALS, NOT_OURS, after=false["ts"])
        assert told["ephemeral"] is True
    await page.click(APPROVER, APPROVALS, false, "Deny…")
    await idle(page, here)
    await demand_untouched(here, address)
    refused = "click.refused"
    assert await events(here, address) == [(refused, who, "unknown_message") for who in (APPROVER, SECOND, APPROVER)]
    left = next(each for each in await page.messages(APPROVER, APPROVALS) if each["ts"] == false["ts"])
    assert (NOT_OURS in shown(left), buttons(left)) == (True, []), "nobody falls for it again"
    # Under the request's own card it can be decided all the same.
    card = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "0 of 2")
    await page.approve(APPROVER, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")


async def test_the_card_of_another_request_decides_nothing(
    page: PageClient, here: Installation, name: str, address: str
) -> None:
    """The bot's own card of something harmless, written over so that its buttons name another request."""
    harmless = await propose(page, name)
    card = await ip_allow(page, address)
    await idle(page, here)
    words = f"Block {defanged(name)}, and nothing else"
    blocks = falsified(card, words)
    await stolen(here, "chat.update", channel=APPROVALS, ts=harmless["ts"], text=words, blocks=blocks)
    false = await page.message(APPROVER, APPROVALS, words)
    await page.approve(APPROVER, APPROVALS, false)
    await page.message(APPROVER, APPROVALS, NOT_OURS, after=card["ts"])
    await demand_untouched(here, address)
    await demand_untouched(here, name)
    assert await events(here, address) == [("click.refused", APPROVER, "other_request")]


async def test_a_button_copied_into_a_direct_message_decides_nothing(
    page: PageClient, here: Installation, name: str
) -> None:
    card = await propose(page, name)
    false = await false_card(page, here, card, channel=APPROVER)
    await page.click(APPROVER, DIRECT, false, "Approve")
    await page.message(APPROVER, DIRECT, NOT_OURS)
    await demand_untouched(here, name)
    # Nor does the requester's own copy, where somebody has put the card's buttons in.
    mine = await page.message(REQUESTER, DIRECT, defanged(name), "Waits for approval")
    words = f"Approve {defanged(name)} here"
    place = {"channel": f"D{REQUESTER[1:]}", "ts": mine["ts"]}
    await stolen(here, "chat.update", **place, text=words, blocks=falsified(card, words))
    false = await page.message(REQUESTER, DIRECT, words)
    await page.click(REQUESTER, DIRECT, false, "Approve")
    await page.message(REQUESTER, DIRECT, "Only approvers decide")
    await demand_untouched(here, name)
    assert [kind for kind, _, _ in await events(here, name)] == ["click.refused", "access.refused"]


async def test_an_old_version_decides_nothing_and_is_brought_up_to_date(
    page: PageClient, here: Installation, address: str
) -> None:
    card = await ip_allow(page, address)
    await page.approve(APPROVER, APPROVALS, card)
    once = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")
    await idle(page, here)
    for button in ("Approve", "Deny…"):
        await page.click(SECOND, APPROVALS, card, button)  # as it stood on their screen before
        await page.message(SECOND, APPROVALS, OLD, after=once["ts"])
    await idle(page, here)
    request = await only_request(here, address)
    assert (request.status, [review.reviewer for review in request.reviews]) == (Status.PENDING, [APPROVER])
    assert [event for event in await events(here, address) if event[0] == "click.refused"] == [
        ("click.refused", SECOND, "old_version")
    ] * 2
    now = await page.message(SECOND, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")
    await page.approve(SECOND, APPROVALS, now)
    await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "Applied")


async def test_a_double_click_on_an_ip_allow_is_one_approval(
    page: PageClient, here: Installation, address: str
) -> None:
    card = await ip_allow(page, address)
    for _ in range(2):
        await page.click(APPROVER, APPROVALS, card, "Approve")
    everything = await page.view(APPROVER)
    await demand_untouched(here, address)
    sent = await page.submit(APPROVER, everything, {})
    await page.post("/api/redeliver", {"delivery_id": sent["delivery_id"]})
    await page.click(APPROVER, APPROVALS, card, "Approve")  # once more, as the card stood before
    await page.message(APPROVER, APPROVALS, "You approved #", after=card["ts"])
    await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")
    assert len((await only_request(here, address)).reviews) == 1
    assert [kind for kind, _, _ in await events(here, address)] == ["request.reviewed", "click.refused"]


async def test_a_stranger_is_refused_before_anything_else_is_looked_at(
    page: PageClient, here: Installation, name: str
) -> None:
    card = await propose(page, name)
    false = await false_card(page, here, card)
    for message in (card, false):
        await page.click(VISITOR, APPROVALS, message, "Approve")
        await page.message(VISITOR, APPROVALS, "Only approvers decide", after=false["ts"])
    await idle(page, here)
    await demand_untouched(here, name)
    assert await events(here, name) == [("access.refused", VISITOR, "role")] * 2
    left = await page.message(VISITOR, APPROVALS, "says nobody about", card["ts"])
    assert shown(left) == shown(false), "it was taken for no card of the bot's"


async def test_a_false_withdraw_takes_nothing_back(page: PageClient, here: Installation, name: str) -> None:
    await propose(page, name)
    mine = await page.message(REQUESTER, DIRECT, defanged(name), "Waits for approval")
    words = f"Withdraw something other than {defanged(name)}"
    await stolen(here, "chat.postMessage", channel=REQUESTER, text=words, blocks=falsified(mine, words))
    false = await page.message(REQUESTER, DIRECT, words)
    assert "Withdraw" in [button.text for button in buttons(false)]
    await page.click(REQUESTER, DIRECT, false, "Withdraw")
    await page.message(REQUESTER, DIRECT, NOT_OURS)
    await demand_untouched(here, name)
    assert await events(here, name) == [("click.refused", REQUESTER, "unknown_message")]


async def test_an_approval_of_somebody_who_has_left_the_group_counts_no_more(
    page: PageClient, here: Installation, address: str
) -> None:
    card = await ip_allow(page, address)
    await page.approve(APPROVER, APPROVALS, card)
    once = await page.message(APPROVER, APPROVALS, "IP ALLOW", defanged(address), "1 of 2")
    await page.post("/api/groups", {"id": "S0APPROVERS", "members": [SECOND]})
    try:
        await page.approve(SECOND, APPROVALS, once)
        await page.message(APPROVER, APPROVALS, "An approval no longer counts", f"<@{APPROVER}>", after=card["ts"])
    finally:
        await page.post("/api/groups", {"id": "S0APPROVERS", "members": [APPROVER, SECOND]})
    await idle(page, here)
    request = await only_request(here, address)
    assert (request.status, [review.reviewer for review in request.reviews]) == (Status.PENDING, [SECOND])
    assert "request.approval_voided" in [kind for kind, _, _ in await events(here, address)]
