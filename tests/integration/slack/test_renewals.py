"""What is due for renewal, as Slack delivers it: the buttons, the form that keeps it, the command that shows it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, PassedOn, Renewal, RenewalState
from bot.domain.requests.request import Request, Status
from bot.slack.block_kit.ids import ActionId
from bot.store import AuditFilter
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, Bot
from tests.support.requests import add_request
from tests.support.requests_made import newest_requests

PAIRS = ("news@fabrikam.example, 203.0.113.0/24", "shop@fabrikam.example, 198.51.100.0/24")
DAY = timedelta(days=1)


async def due(bot: Bot, *values: str) -> list[Renewal]:
    """Spoof allows without an end, listed, kept for the requester, and asked about."""
    now = bot.context.now()
    entries = tuple(Entry(list=ListName.SPOOF, action=Action.ALLOW, value=value) for value in values or PAIRS[:1])
    async with bot.store.write() as uow:
        keeper = await add_request(uow, bot.store)
        await uow.snapshots.save(Snapshot(as_of=now, entries=entries, accepted_domains=frozenset({"contoso.example"})))
        known = [
            KnownEntry(
                list=entry.list,
                action=entry.action,
                value=entry.value,
                requester=REQUESTER,
                request_id=keeper.id,
                reason="Our <!channel> newsletter",
                since=now - 100 * DAY,
                expires=None,
            )
            for entry in entries
        ]
        await uow.known.put_all(known)
        return await uow.renewals.add(known, at=now, answer_by=now + 14 * DAY)


async def now(bot: Bot, renewal: Renewal) -> Renewal:
    async with bot.store.read() as uow:
        return (await uow.renewals.find([renewal.id]))[renewal.id]


async def made(bot: Bot) -> list[Request]:
    """The requests that came of answers, oldest first."""
    async with bot.store.read() as uow:
        return [each for each in (await newest_requests(uow))[::-1] if each.operation is not Operation.ADD]


async def kinds(bot: Bot) -> list[str]:
    async with bot.store.read() as uow:
        page = await uow.audit.page(filters=AuditFilter(limit=100))
    return [str(event.kind) for event in page[::-1]]


def opened(bot: Bot) -> dict[str, Any]:
    """The form that was opened last."""
    body = [body for method, _, body in bot.slack.asked if method == "views.open"][-1]
    view = json.loads(body)["view"] if body.startswith(b"{") else json.loads(parse_qs(body.decode())["view"][0])
    return dict(json.loads(view) if isinstance(view, str) else view)


def filled(view: dict[str, Any], *, reason: str = "Still our newsletter") -> dict[str, Any]:
    """A form as it is sent: what stands in it beforehand, and a reason."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        state: dict[str, Any] = {"type": element["type"]}
        if "initial_value" in element:
            state["value"] = element["initial_value"]
        if "initial_option" in element:
            state["selected_option"] = element["initial_option"]
        values[block["block_id"]] = {element["action_id"]: state}
    values["reason"] = {"value": {"type": "plain_text_input", "value": reason}}
    return {**view, "id": "V1", "state": {"values": values}}


async def test_kept_by_the_form_it_is_an_ordinary_request_and_answers(bot: Bot) -> None:
    [asked] = await due(bot)
    await bot.click(ActionId.RENEWAL_KEEP, str(asked), who=REQUESTER)
    view = opened(bot)
    assert "As it is: without an expiry date" in str(view)
    assert PAIRS[0] in str(view)
    sent = filled(view)
    assert (await bot.submit(sent)).content == b""
    assert (await bot.submit(sent)).content == b"", "sent twice, as by a double click, it is one request"
    [request] = await made(bot)
    assert (request.operation, request.action, request.expires) == (Operation.EXTEND, Action.ALLOW, None)
    assert (request.status, request.reason) == (Status.PENDING, "Still our newsletter")
    answered = await now(bot, asked)
    assert (answered.state, answered.answer, answered.answer_id) == (RenewalState.ANSWERED, Answer.KEEP, request.id)
    assert (await kinds(bot)).count(EventKind.RENEWAL_ANSWERED) == 1
    # Another form of before it was answered proposes nothing more.
    late = await bot.submit(filled(view, reason="Once more, with other words"))
    assert f"answered already, by #{request.id}" in late.text
    assert len(await made(bot)) == 1


async def test_let_end_it_is_one_removal_however_often_it_is_clicked(bot: Bot) -> None:
    [asked] = await due(bot)
    for _ in range(2):
        await bot.click(ActionId.RENEWAL_END, str(asked), who=REQUESTER)
    [request] = await made(bot)
    assert (request.operation, request.status) == (Operation.REMOVE, Status.PENDING)
    assert request.reason.startswith("Its owner lets it end")
    first, second = await bot.replies()
    assert f"#{request.id}" in first
    assert f"answered already, by #{request.id}" in second
    assert (await now(bot, asked)).answer is Answer.END


async def test_several_are_answered_together(bot: Bot) -> None:
    asked = await due(bot, *PAIRS)
    await bot.click(ActionId.RENEWAL_END, " ".join(map(str, asked)), who=REQUESTER)
    [request] = await made(bot)
    assert {item.value for item in request.items} == set(PAIRS)
    assert [(await now(bot, each)).state for each in asked] == [RenewalState.ANSWERED] * 2


@pytest.mark.parametrize("who", [APPROVER, AUDITOR])
async def test_only_its_owner_answers_until_it_is_passed_on(bot: Bot, who: str) -> None:
    [asked] = await due(bot)
    for action in (ActionId.RENEWAL_KEEP, ActionId.RENEWAL_END):
        await bot.click(action, str(asked), who=who)
    assert await made(bot) == []
    assert (await kinds(bot)).count(EventKind.ACCESS_REFUSED) == 2
    assert "views.open" not in {each[0] for each in bot.slack.asked}


async def test_an_approver_answers_for_what_is_passed_on(bot: Bot) -> None:
    [asked] = await due(bot)
    async with bot.store.write() as uow:
        await uow.renewals.set(asked, RenewalState.PASSED_ON, why=PassedOn.OWNER_GONE, at=bot.context.now())
    await bot.click(ActionId.RENEWAL_END, str(asked), who=APPROVER)
    assert await made(bot) == [], "it isn't as it was shown any more"
    await bot.click(ActionId.RENEWAL_END, str(await now(bot, asked)), who=APPROVER)
    [request] = await made(bot)
    assert request.requester == APPROVER


@pytest.mark.parametrize(
    "value", ["", "x", "1", "1.", "-1.1", "1.1 x", "9" * 400, "1.1 " * 400, "٣.1", None, 7, ["1.1"]]
)
async def test_a_button_that_carries_nothing_known_does_nothing_but_tell(bot: Bot, value: object) -> None:
    await due(bot)
    for action in (ActionId.RENEWAL_KEEP, ActionId.RENEWAL_END):
        assert (await bot.click(action, value, who=REQUESTER)).status_code == 200
        [said] = await bot.replies()
        assert "renewal" in said
    assert await made(bot) == []


async def test_requests_renewals_shows_what_waits_with_its_buttons(bot: Bot) -> None:
    [asked] = await due(bot)
    shown = (await bot.command("/requests", "renewals")).json()
    assert "1 entry of yours is due for renewal." in shown["text"]
    assert str(asked) in json.dumps(shown["blocks"])
    assert "<!channel>" not in json.dumps(shown["blocks"])
    assert "1 entry of yours is due for renewal." in (await bot.command("/portcullis")).json()["text"]
    nothing = (await bot.command("/requests", "renewals", who=APPROVER)).json()
    assert "Nothing is due for renewal that is yours to answer." in nothing["text"]
    async with bot.store.write() as uow:
        await uow.renewals.set(asked, RenewalState.PASSED_ON, why=PassedOn.UNANSWERED, at=bot.context.now())
    passed_on = (await bot.command("/requests", "renewals", who=APPROVER)).json()
    assert "Nobody answers for 1 entry due for renewal." in passed_on["text"]
    assert "did not answer" in json.dumps(passed_on["blocks"])
    assert EventKind.REQUESTS_READ in await kinds(bot)


async def test_audit_renewals_finds_what_was_answered(bot: Bot) -> None:
    [asked] = await due(bot)
    await bot.click(ActionId.RENEWAL_END, str(asked), who=REQUESTER)
    found = (await bot.command("/audit", "renewals", who=APPROVER)).json()
    assert "answered its renewal" in found["text"] or "answered its renewal" in json.dumps(found["blocks"])
