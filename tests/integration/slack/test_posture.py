"""/posture over the last snapshot: paged in place, logged, and a click that proposes the remedy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import unquote_plus

import httpx
import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Does, Override, PlaceReading
from bot.domain.overrides.places import Place
from bot.domain.posture.findings import find
from bot.domain.requests.request import Request, Status
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.posture import PAGE
from bot.workflow.requesting.close import withdraw_answered
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, VISITOR, Bot
from tests.support import people
from tests.support.requests_made import newest_requests

RULE = Override(place=Place.MAIL_FLOW_RULES, name="Partner", does=Does.LETS_THROUGH, how="spam filtering is skipped")


def allow(value: str, name: ListName = ListName.SENDER, *, notes: str = "why", **fields: object) -> Entry:
    return Entry(list=name, action=Action.ALLOW, value=value, notes=notes, **fields)  # type: ignore[arg-type]


async def snapshot(bot: Bot, *entries: Entry, safe_list: bool = False, ips: Sequence[str] = ()) -> Snapshot:
    policies = (FilterPolicy(identity="Default", allow=tuple(ips), safe_list=safe_list),)
    lists = Snapshot(
        as_of=bot.store.clock(),
        policies=policies,
        entries=(*entries, *policy_entries(policies)),
        places=(PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=(RULE,)),),
    )
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)
    return lists


def names(bot: Bot, lists: Snapshot) -> dict[str, str]:
    """By value, what the buttons beside the findings carry."""
    found = find(lists, (), now=bot.store.clock(), own_domains=frozenset())
    return {finding.value: f"{finding.name} {finding.remedy}" for finding in found}


def said(answer: httpx.Response) -> str:
    return json.dumps(answer.json(), ensure_ascii=False)


async def opened(bot: Bot) -> str:
    """The one view that was opened."""
    [body] = await bot.slack.asked_for("views.open", times=1)
    return unquote_plus(body.decode())


async def requests(bot: Bot) -> list[Request]:
    async with bot.store.read() as uow:
        return list(await newest_requests(uow))


@pytest.mark.parametrize(("command", "text"), [("/posture", ""), ("/portcullis", "posture")])
async def test_it_shows_the_gravest_first_and_is_logged(bot: Bot, command: str, text: str) -> None:
    await snapshot(bot, allow("fabrikam.example", notes="", bounded_by_use=True), ips=["203.0.113.7"])
    shown = said(await bot.command(command, text, who=AUDITOR))
    assert "Posture: 3 findings, 2 of them grave" in shown
    assert shown.index("203.0.113[.]7") < shown.index("Partner") < shown.index("fabrikam[.]example")
    assert ActionId.POSTURE_REMEDY not in shown  # an auditor proposes nothing
    async with bot.store.read() as uow:
        [event] = await uow.audit.page()
    assert (event.kind, event.actor) == (EventKind.POSTURE_READ, AUDITOR)


async def test_before_the_first_reading_it_says_so(bot: Bot) -> None:
    assert "have not been read yet" in said(await bot.command("/posture"))


async def test_nobody_without_a_role_sees_it(bot: Bot) -> None:
    await snapshot(bot, ips=["203.0.113.7"])
    assert "You may not check the tenant's lists." in said(await bot.command("/posture", who=VISITOR))
    await bot.click(ActionId.OPEN_POSTURE, "-", who=VISITOR)
    [reply] = await bot.replies()
    assert "You may not check" in reply


async def test_a_page_is_turned_in_place_and_hides_nothing_that_comes_or_goes(bot: Bot) -> None:
    values = [f"a{number:02}.example" for number in range(20)]
    await snapshot(bot, *map(allow, values))
    blocks = (await bot.command("/posture")).json()["blocks"]
    [following] = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    assert following["action_id"] == ActionId.POSTURE_NEXT
    await snapshot(bot, *map(allow, values[1:]))  # the first one is gone
    await bot.click(ActionId.POSTURE_NEXT, following["value"], who=REQUESTER)
    [reply] = await bot.replies()
    shown = [number for number in range(20) if f"a{number:02}[.]example" in reply]
    assert shown == list(range(PAGE - 1, 2 * PAGE - 1))  # the rule stands before them


async def test_one_click_proposes_the_removal_once(bot: Bot) -> None:
    lists = await snapshot(bot, ips=["203.0.113.0/24"])
    name = names(bot, lists)["203.0.113.0/24"]
    await bot.click(ActionId.POSTURE_REMEDY, name, who=REQUESTER)
    await bot.click(ActionId.POSTURE_REMEDY, name, who=APPROVER)
    [request] = await requests(bot)
    assert (request.operation, request.action, request.requester) == (Operation.REMOVE, Action.ALLOW, REQUESTER)
    assert (request.status, [item.value for item in request.items]) == (Status.PENDING, ["203.0.113.0/24"])
    assert request.reason == "Posture: an IP allow, wide, no expiry date, no note"
    assert len(await bot.replies()) == 2
    shown = said(await bot.command("/posture"))
    assert f"#{request.proposal_id} asks for its remedy." in shown
    assert ActionId.POSTURE_REMEDY not in shown


async def test_once_it_was_turned_down_it_can_be_proposed_again(bot: Bot) -> None:
    lists = await snapshot(bot, ips=["203.0.113.7"])
    name = names(bot, lists)["203.0.113.7"]
    for _ in range(3):
        await bot.click(ActionId.POSTURE_REMEDY, name, who=REQUESTER)
        newest = (await requests(bot))[0]
        assert newest.status is Status.PENDING
        await withdraw_answered(
            bot.context, actor=people.REQUESTER, request_id=newest.id, version=newest.version, delivery=bot.trigger()
        )
    assert len(await requests(bot)) == 3


async def test_an_end_is_proposed_for_what_has_none(bot: Bot) -> None:
    lists = await snapshot(bot, allow("fabrikam.example"))
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["fabrikam.example"], who=REQUESTER)
    [request] = await requests(bot)
    assert (request.operation, request.action) == (Operation.EXTEND, Action.ALLOW)
    assert request.expires is not None


async def test_an_end_of_an_ip_allow_shows_its_warning_first(bot: Bot) -> None:
    lists = await snapshot(bot, allow("2001:db8::1", ListName.IP))
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["2001:db8::1"], who=REQUESTER)
    assert await requests(bot) == []
    assert "ip_allow_form" in await opened(bot)


async def test_the_safe_list_is_proposed_to_be_switched_off(bot: Bot) -> None:
    lists = await snapshot(bot, safe_list=True)
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["Default"], who=REQUESTER)
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["Default"], who=REQUESTER)
    [request] = await requests(bot)
    assert request.operation is Operation.SAFE_LIST_OFF


async def test_of_several_policies_the_click_is_about_the_one_beside_it(bot: Bot) -> None:
    policies = tuple(FilterPolicy(identity=name, safe_list=True) for name in ("Default", "Second"))
    lists = Snapshot(as_of=bot.store.clock(), policies=policies)
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["Second"], who=REQUESTER)
    [request] = await requests(bot)
    assert [item.value for item in request.items] == ["Second"]


async def test_a_note_is_written_by_a_person(bot: Bot) -> None:
    lists = await snapshot(bot, allow("fabrikam.example", notes="", bounded_by_use=True))
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["fabrikam.example"], who=REQUESTER)
    assert await requests(bot) == []
    assert "fabrikam" in await opened(bot)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0123456789abcdef remove", "isn't there any more"),
        ("0123456789abcdef", "can't be read"),
        ("'; DROP TABLE", "can't be read"),
        ("Partner", "Rules"),
    ],
)
async def test_what_cannot_be_remedied_here_is_said(bot: Bot, value: str, words: str) -> None:
    lists = await snapshot(bot)
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists).get(value, value), who=REQUESTER)
    [reply] = await bot.replies()
    assert words in reply
    assert await requests(bot) == []


async def test_a_click_counts_for_the_remedy_that_the_button_showed(bot: Bot) -> None:
    now = bot.store.clock()
    lists = await snapshot(bot, allow("fabrikam.example", last_used=now - timedelta(days=89)))
    button = names(bot, lists)["fabrikam.example"]
    assert button.endswith(" end")
    # Unused for long by now, it would be its removal that is proposed.
    await snapshot(bot, allow("fabrikam.example", last_used=now - timedelta(days=91)))
    await bot.click(ActionId.POSTURE_REMEDY, button, who=REQUESTER)
    [reply] = await bot.replies()
    assert "isn't as it was shown to you any more" in reply
    assert await requests(bot) == []


async def test_who_may_not_propose_proposes_nothing(bot: Bot) -> None:
    lists = await snapshot(bot, ips=["203.0.113.7"])
    await bot.click(ActionId.POSTURE_REMEDY, names(bot, lists)["203.0.113.7"], who=AUDITOR)
    assert await requests(bot) == []
    [reply] = await bot.replies()
    assert "may not propose" in reply


async def test_from_home_it_opens_a_view_and_from_an_alert_an_answer(bot: Bot) -> None:
    await snapshot(bot, ips=["203.0.113.7"])
    home = {"container": {"type": "view", "view_id": "V0"}, "view": {"type": "home", "id": "V0"}}
    await bot.click(ActionId.OPEN_POSTURE, "-", who=REQUESTER, **home)
    assert "203.0.113[.]7" in await opened(bot)
    await bot.click(ActionId.OPEN_POSTURE, "-", who=REQUESTER)
    [reply] = await bot.replies()
    assert "203.0.113[.]7" in reply
