"""`/extend`, `/note` and `/safelist`: what they propose, what they ask for, what they refuse."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.ip_allow import SKIPS_FILTERING
from bot.domain.requests.binding import Purpose
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import ItemState, Request, Status
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, VISITOR, Bot
from tests.integration.slack.test_listeners import filled, kinds, text_of
from tests.support.requests import add_request
from tests.support.requests_made import newest_requests

BLOCK, ALLOW = Action.BLOCK, Action.ALLOW


def listed(name: ListName, action: Action, value: str, *, days: int | None = 10, notes: str = "") -> dict[str, Any]:
    return {"list": name, "action": action, "value": value, "days": days, "notes": notes}


def buttons_of(answer: httpx.Response) -> dict[str, str]:
    """The buttons of an answer, with what each carries."""
    blocks = answer.json()["blocks"]
    elements = [element for block in blocks for element in [*block.get("elements", ()), block.get("accessory") or {}]]
    return {element["action_id"]: element["value"] for element in elements if element.get("type") == "button"}


async def snapshot(bot: Bot, *entries: dict[str, Any], safe_list: bool = False) -> None:
    """What the last snapshot of the tenant's lists shows."""
    now = bot.store.clock()
    made = tuple(
        Entry(
            list=entry["list"],
            action=entry["action"],
            value=entry["value"],
            expires=None if entry["days"] is None else now + timedelta(days=entry["days"]),
            notes=entry["notes"],
            policy="Default" if entry["list"] is ListName.CONNECTION_FILTER else "",
        )
        for entry in entries
    )
    held = [entry for entry in made if entry.list is ListName.CONNECTION_FILTER]
    policy = FilterPolicy(
        identity="Default",
        is_default=True,
        allow=tuple(entry.value for entry in held if entry.action is ALLOW),
        block=tuple(entry.value for entry in held if entry.action is BLOCK),
        safe_list=safe_list,
    )
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=now, policies=(policy,), entries=made))


async def proposed(bot: Bot) -> list[Request]:
    async with bot.store.read() as uow:
        return await newest_requests(uow, limit=20)


def opened(bot: Bot) -> list[dict[str, Any]]:
    """The views that were opened."""
    return [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]


def inputs(view: dict[str, Any]) -> dict[str, Any]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


SENDER_BLOCK = listed(ListName.SENDER, BLOCK, "evil.example")
IP_BLOCK = listed(ListName.CONNECTION_FILTER, BLOCK, "203.0.113.7", days=None)
IP_ALLOW = listed(ListName.CONNECTION_FILTER, ALLOW, "203.0.113.7", days=None)


@pytest.mark.parametrize(
    ("text", "entries", "action"),
    [
        ("evil.example 60d The fraud goes on", [SENDER_BLOCK], BLOCK),
        ("block evil.example 60d The fraud goes on", [SENDER_BLOCK], BLOCK),
        ("blocked evil.example 60d The fraud goes on", [SENDER_BLOCK], BLOCK),
        ("block 203.0.113.7 60d Still attacking", [IP_BLOCK, IP_ALLOW], BLOCK),
        ("evil.example never The fraud goes on", [SENDER_BLOCK], BLOCK),
    ],
)
async def test_extend_proposes_another_end(bot: Bot, text: str, entries: list[dict[str, Any]], action: Action) -> None:
    await snapshot(bot, *entries)
    said = text_of(await bot.command("/extend", text))
    [request] = await proposed(bot)
    assert (request.operation, request.action) == (Operation.EXTEND, action)
    assert (request.expires is None) == ("never" in text)
    assert "New expiry date for the block of" in said


@pytest.mark.parametrize(
    ("command", "entries"),
    [("/extend", [IP_BLOCK, IP_ALLOW]), ("/note", [IP_BLOCK, IP_ALLOW])],
)
async def test_what_cannot_be_told_is_asked_for(bot: Bot, command: str, entries: list[dict[str, Any]]) -> None:
    await snapshot(bot, *entries)
    assert (await bot.command(command, "203.0.113.7 30d Scanner of the office")).content == b""
    [view] = opened(bot)
    assert inputs(view)["target"]["initial_option"]["value"] == "as_listed"
    assert inputs(view)["indicators"]["initial_value"] == "203.0.113.7"
    assert "Choose below: blocks or allows." in json.dumps(view)
    assert await proposed(bot) == []


@pytest.mark.parametrize("command", ["/extend", "/note"])
@pytest.mark.parametrize("entries", [[], [SENDER_BLOCK]])
async def test_what_is_not_listed_is_said_to_be_so_with_the_ways_on(
    bot: Bot, command: str, entries: list[dict[str, Any]]
) -> None:
    await snapshot(bot, *entries)
    answer = await bot.command(command, "203.0.113.7 30d Scanner of the office")
    assert opened(bot) == []
    said = text_of(answer)
    assert "`203.0.113[.]7` isn't listed, so there is no entry to change. Lists as of" in said
    values = buttons_of(answer)
    assert values == {ActionId.OPEN_BLOCK: "203.0.113.7", ActionId.OPEN_CHECK: "203.0.113.7"}
    assert await proposed(bot) == []


async def test_an_ip_allow_that_is_there_already_is_nothing_to_do_and_asks_for_no_tick(bot: Bot) -> None:
    await snapshot(bot, listed(ListName.CONNECTION_FILTER, ALLOW, "192.0.2.0/24"))
    said = json.dumps((await bot.command("/allow", "192.0.2.0/24 7d Scanner of the office")).json())
    assert "Nothing to do. To give it a new expiry date" in said
    assert "acknowledged" not in said
    assert bot.slack.count("views.open") == 0


async def test_of_several_what_is_not_listed_is_refused_and_the_others_can_go_on(bot: Bot) -> None:
    await snapshot(bot, SENDER_BLOCK)
    answer = await bot.command("/extend", "evil.example 203.0.113.7 30d Still attacking")
    assert "`203.0.113[.]7` is not in the" in text_of(answer)
    values = buttons_of(answer)
    assert values[ActionId.OPEN_CHECK] == values[ActionId.OPEN_BLOCK] == "203.0.113.7"
    assert ActionId.REQUEST_OTHERS in values


async def test_an_allow_that_is_not_listed_is_offered_to_be_allowed(bot: Bot) -> None:
    await snapshot(bot)
    values = buttons_of(await bot.command("/extend", "allow evil.example 30d A partner"))
    assert set(values) == {ActionId.OPEN_ALLOW, ActionId.OPEN_CHECK}


async def test_the_form_says_that_nothing_is_listed(bot: Bot) -> None:
    await snapshot(bot)
    await bot.command("/extend", "203.0.113.7")
    [view] = opened(bot)
    state = {
        "target": {"value": {"selected_option": {"value": "as_listed"}}},
        "indicators": {"value": {"value": "203.0.113.7"}},
        "end": {"value": {"selected_option": {"value": "30d"}}},
        "reason": {"value": {"value": "Still attacking"}},
    }
    errors = (await bot.submit({**view, "id": "V1", "state": {"values": state}})).json()["errors"]
    assert "203.0.113[.]7 isn't listed, as of" in errors["indicators"]


async def test_what_is_not_listed_is_refused_by_name(bot: Bot) -> None:
    await snapshot(bot)
    said = text_of(await bot.command("/extend", "block evil.example 30d The fraud goes on"))
    assert "Not requested" not in said
    assert "evil[.]example" in said
    assert "is not in the" in said
    assert (await kinds(bot))[0] == EventKind.REQUEST_REFUSED


@pytest.mark.parametrize("text", ["", "evil.example", "evil.example The fraud goes on", "block evil.example 999999d"])
async def test_another_end_is_asked_for_by_the_form(bot: Bot, text: str) -> None:
    await snapshot(bot, SENDER_BLOCK)
    assert (await bot.command("/extend", text)).content == b""
    [view] = opened(bot)
    fields = inputs(view)
    assert view["title"]["text"] == "Request new expiry date"
    assert list(fields) == ["indicators", "target", "end", "end_date", "reason"]
    assert fields["target"]["initial_option"]["value"] == ("block" if text.startswith("block") else "as_listed")
    assert fields["indicators"].get("initial_value", "") == ("evil.example" if text else "")


def answered(view: dict[str, Any], **values: object) -> dict[str, Any]:
    """A form as it is submitted: what was prefilled, but for `values`."""
    state: dict[str, Any] = {}
    for block_id, element in inputs(view).items():
        given: dict[str, object] = {
            "value": values.get(block_id, element.get("initial_value")),
            "selected_option": element.get("initial_option"),
        }
        if element["type"] == "static_select" and block_id in values:
            given["selected_option"] = {"value": values[block_id]}
        state[block_id] = {element["action_id"]: given}
    return {**view, "id": "V1", "state": {"values": state}}


async def test_the_form_finds_the_kind_of_entry_or_asks_for_it(bot: Bot) -> None:
    await snapshot(bot, SENDER_BLOCK, IP_BLOCK, IP_ALLOW)
    await bot.command("/extend")
    [view] = opened(bot)
    both: dict[str, object] = {"indicators": "203.0.113.7", "reason": "Still attacking"}
    answer = (await bot.submit(answered(view, **both))).json()
    assert set(answer["errors"]) == {"target"}
    assert "Choose blocks or allows" in answer["errors"]["target"]
    assert (await bot.submit(answered(view, **both, target="block"))).content == b""
    assert (await bot.submit(answered(view, indicators="evil.example", reason="Goes on", end="90d"))).content == b""
    assert [(request.operation, request.action) for request in await proposed(bot)] == [(Operation.EXTEND, BLOCK)] * 2


async def test_a_longer_ip_allow_shows_the_warning_and_takes_the_tick(bot: Bot) -> None:
    await snapshot(bot, IP_ALLOW)
    assert (await bot.command("/extend", "203.0.113.7 3d Scanner of the office in Lyon")).content == b""
    [view] = opened(bot)
    assert view["callback_id"] == "ip_allow_form"
    assert view["blocks"][0]["text"]["text"] == ":warning: While it lasts, an IP allow keeps filtering off"
    assert view["close"]["text"] == "Cancel"  # it would go on as it is: to close the form ends nothing
    assert SKIPS_FILTERING in json.dumps(view)
    assert await proposed(bot) == []
    assert (await bot.submit(filled(view, "203.0.113.7"))).content == b""
    [request] = await proposed(bot)
    assert (request.operation, request.action, request.approvals_needed) == (Operation.EXTEND, ALLOW, 2)


async def test_a_note_is_all_that_follows(bot: Bot) -> None:
    await snapshot(bot, SENDER_BLOCK)
    text_of(await bot.command("/note", "evil.example 30d is what they asked for, case 4711"))
    [request] = await proposed(bot)
    assert (request.operation, request.reason) == (Operation.ANNOTATE, "30d is what they asked for, case 4711")
    assert request.expires is None


async def test_a_note_that_is_missing_is_asked_for(bot: Bot) -> None:
    await snapshot(bot, SENDER_BLOCK)
    assert (await bot.command("/note", "evil.example")).content == b""
    [view] = opened(bot)
    assert list(inputs(view)) == ["indicators", "target", "reason"]
    assert (await bot.submit(answered(view, reason="Invoice fraud, case 4711"))).content == b""
    [request] = await proposed(bot)
    assert (request.operation, request.action, request.reason) == (
        Operation.ANNOTATE,
        BLOCK,
        "Invoice fraud, case 4711",
    )


@pytest.mark.parametrize(("on", "words"), [(True, "on in 1 of 1 policy"), (False, "off everywhere")])
async def test_the_safe_list_is_shown_as_it_was_last_seen(bot: Bot, on: bool, words: str) -> None:
    await snapshot(bot, safe_list=on)
    said = text_of(await bot.command("/safelist", who=AUDITOR))
    assert words in said
    assert "just now" in said


async def test_without_a_snapshot_the_safe_list_is_not_known(bot: Bot) -> None:
    for text in ("", "off The baseline says so"):
        assert "is not known" in text_of(await bot.command("/safelist", text))
    assert "may not" in text_of(await bot.command("/safelist", who=VISITOR))


async def test_switching_the_safe_list_off_is_a_request(bot: Bot) -> None:
    await snapshot(bot, safe_list=True)
    said = text_of(await bot.command("/safelist", "off The baseline says so"))
    assert "Safe list off in `Default`" in said
    [request] = await proposed(bot)
    assert (request.operation, request.list) == (Operation.SAFE_LIST_OFF, ListName.CONNECTION_FILTER)
    assert [(item.kind, item.value) for item in request.items] == [(Kind.FILTER_POLICY, "Default")]


async def test_without_a_reason_the_form_asks_for_it(bot: Bot) -> None:
    await snapshot(bot, safe_list=True)
    assert (await bot.command("/safelist", "off")).content == b""
    [view] = opened(bot)
    assert list(inputs(view)) == ["reason"]
    assert (await bot.submit(answered(view, reason="The baseline says so"))).content == b""
    [request] = await proposed(bot)
    assert request.operation is Operation.SAFE_LIST_OFF


async def test_a_safe_list_that_is_off_is_not_switched_off(bot: Bot) -> None:
    await snapshot(bot)
    assert "off in every policy already" in text_of(await bot.command("/safelist", "off The baseline says so"))
    assert await proposed(bot) == []


async def test_switching_the_safe_list_on_is_refused_with_the_baselines_reason_and_logged(bot: Bot) -> None:
    for _ in range(2):
        said = text_of(await bot.command("/safelist", "on", trigger_id="the same"))
        assert "MS.SECURITYSUITE.8.2v1" in said
    assert await kinds(bot) == [EventKind.REQUEST_REFUSED]
    assert "may not propose" in text_of(await bot.command("/safelist", "on", who=AUDITOR))


async def test_what_safelist_cannot_do_is_told(bot: Bot) -> None:
    assert "/safelist can't do that" in text_of(await bot.command("/safelist", "maybe later"))


@pytest.mark.parametrize("command", ["/extend", "/note", "/safelist"])
async def test_help_for_each(bot: Bot, command: str) -> None:
    assert command in text_of(await bot.command(command, "help", who=VISITOR))


async def kept(bot: Bot, *values: str, of: str = "", name: ListName = ListName.SENDER, kind: Kind = Kind.DOMAIN) -> int:
    """A request that keeps these entries."""
    async with bot.store.write() as uow:
        request = await add_request(uow, bot.store, list=name, indicators=[(kind, value) for value in values])
        await uow.requests.set_items({item.id: (ItemState.CONFIRMED, "") for item in request.items})
        for value in [other for other in values if other != of]:
            await uow.known.put(
                KnownEntry(
                    list=name,
                    action=Action.BLOCK,
                    value=value,
                    requester=REQUESTER,
                    request_id=request.id,
                    reason="",
                    since=bot.store.clock(),
                    expires=None,
                )
            )
    return request.id


async def test_the_reminders_button_opens_the_form_with_what_still_stands(bot: Bot) -> None:
    request_id = await kept(bot, "evil.example", "gone.example", of="gone.example")
    await bot.click_on(ActionId.EXTEND, request_id, who=APPROVER, purpose=Purpose.DIRECT)
    assert await bot.replies() == []
    [view] = opened(bot)
    fields = inputs(view)
    assert fields["indicators"]["initial_value"] == "evil.example"
    assert fields["target"]["initial_option"]["value"] == "block"
    assert fields["end"]["initial_option"]["value"] == "30d"


#: What a rule would read as something else, and what it stands in.
TO_BE_EXTENDED = [
    (ListName.URL, Kind.URL, "evil.example"),
    (ListName.URL, Kind.URL, "evil.example/a/#x"),
    (ListName.SPOOF, Kind.SPOOF_PAIR, "evil.example, 203.0.113.0/24"),
]


@pytest.mark.parametrize(("name", "kind", "value"), TO_BE_EXTENDED)
async def test_the_reminders_form_asks_for_just_the_entries_that_stand(
    bot: Bot, name: ListName, kind: Kind, value: str
) -> None:
    await snapshot(bot, listed(name, BLOCK, value))
    before = await kept(bot, value, name=name, kind=kind)
    await bot.click_on(ActionId.EXTEND, before, who=REQUESTER, purpose=Purpose.DIRECT)
    [view] = opened(bot)
    await bot.submit(answered(view, end="90d", reason="The fraud goes on, ticket 4711"))
    after = (await proposed(bot))[0]
    assert after.id != before
    assert (after.operation, after.list, after.items[0].value) == (Operation.EXTEND, name, value)


async def test_the_reminders_button_is_for_those_who_may_propose(bot: Bot) -> None:
    request_id = await kept(bot, "evil.example")
    await bot.click_on(ActionId.EXTEND, request_id, who=AUDITOR, purpose=Purpose.DIRECT)
    [reply] = await bot.replies()
    assert "may not propose" in reply
    assert opened(bot) == []


async def test_where_nothing_stands_any_more_there_is_nothing_to_extend(bot: Bot) -> None:
    async with bot.store.write() as uow:
        request = await add_request(uow, bot.store)
        await uow.requests.move(request.id, expected=Status.PENDING, to=Status.DENIED)
    await bot.click_on(ActionId.EXTEND, request.id, who=REQUESTER, purpose=Purpose.DIRECT)
    [reply] = await bot.replies()
    assert "Nothing of #1" in reply


async def test_the_details_of_another_end_show_the_one_that_there_is_now(bot: Bot) -> None:
    await snapshot(bot, SENDER_BLOCK, IP_BLOCK)
    async with bot.store.write() as uow:
        keeping = await add_request(
            uow, bot.store, list=ListName.CONNECTION_FILTER, indicators=[(Kind.IPV4, "203.0.113.7")]
        )
        ends = bot.store.clock() + timedelta(days=4)
        await uow.known.put(
            KnownEntry(
                list=ListName.CONNECTION_FILTER,
                action=Action.BLOCK,
                value="203.0.113.7",
                requester=REQUESTER,
                request_id=keeping.id,
                reason="",
                since=bot.store.clock(),
                expires=ends,
            )
        )
    await bot.command("/extend", "203.0.113.7 60d Still attacking")
    await bot.command("/extend", "evil.example 60d Still attacking")
    for request, days in zip(reversed((await proposed(bot))[:2]), (4, 10), strict=True):
        await bot.click_on(ActionId.DETAILS, request.id, who=AUDITOR)
        shown = json.dumps(opened(bot)[-1])
        assert "ends now: <!date^" in shown
        expected = bot.store.clock() + timedelta(days=days)
        assert f"{expected:%Y-%m-%d}" in shown.partition("ends now: ")[2][:80]


#: What is listed, how it is typed behind the command, and what the request is about.
BY_THEIR_VALUE = [
    ("/unblock", listed(ListName.URL, BLOCK, "evil.example/a/#x"), "hxxps://evil[.]example/a/#x", "evil.example/a/#x"),
    ("/unblock", listed(ListName.URL, BLOCK, "evil.example/?a=1&b=2#c"), "evil.example/?a=1&amp;b=2#c", None),
    ("/unblock", listed(ListName.SENDER, BLOCK, "*@evil.example"), "*@evil.example", None),
    ("/unallow", listed(ListName.CONNECTION_FILTER, ALLOW, "10.0.0.0/8"), "10.0.0.0/8", None),
    ("/unallow", listed(ListName.CONNECTION_FILTER, ALLOW, "mail server"), "mail server", None),
    ("/extend", listed(ListName.URL, BLOCK, "*contoso.com"), "*contoso.com 60d", None),
    ("/note", listed(ListName.URL, BLOCK, "*contoso.com"), "*contoso.com", None),
]


@pytest.mark.parametrize(("command", "entry", "typed", "value"), BY_THEIR_VALUE)
async def test_an_entry_is_named_by_its_exact_value(
    bot: Bot, command: str, entry: dict[str, Any], typed: str, value: str | None
) -> None:
    await snapshot(bot, entry)
    await bot.command(command, f"{typed} No longer needed, ticket 4711")
    [request] = await proposed(bot)
    assert [item.value for item in request.items] == [value or entry["value"]]
    assert (request.list, request.action) == (entry["list"], entry["action"])
    assert request.reason == "No longer needed, ticket 4711"


async def test_the_form_takes_an_entry_by_its_exact_value(bot: Bot) -> None:
    await snapshot(bot, listed(ListName.URL, BLOCK, "evil.example/a/#x"))
    await bot.command("/unblock", "evil.example/a/#x")
    [view] = opened(bot)
    answer = await bot.submit(answered(view, reason="No longer needed, ticket 4711"))
    assert answer.content in {b"", b"{}"}
    [request] = await proposed(bot)
    assert [item.value for item in request.items] == ["evil.example/a/#x"]


async def test_text_that_stands_in_another_list_is_named_with_how_to_write_it(bot: Bot) -> None:
    await snapshot(bot, listed(ListName.URL, BLOCK, "evil.example"))
    said = text_of(await bot.command("/unblock", "evil.example No longer needed, ticket 4711"))
    assert "for that entry write url:evil[.]example" in said
    await bot.command("/unblock", "url:evil[.]example No longer needed, ticket 4711")
    [request] = await proposed(bot)
    assert (request.list, request.items[0].value) == (ListName.URL, "evil.example")


async def test_the_answer_to_a_block_of_a_domain_offers_its_subdomains(bot: Bot) -> None:
    await snapshot(bot)
    answer = await bot.command("/block", "evil.example 30d Phishing wave")
    assert "doesn't cover its subdomains" in answer.text
    [before] = await proposed(bot)

    await bot.click_on(ActionId.ADD_SUBDOMAINS, before.id, who=REQUESTER, purpose=Purpose.COPY)

    [reply] = await bot.replies()
    after, before = await proposed(bot)
    assert f"#{after.id}" in reply
    assert (before.status, after.status) == (Status.WITHDRAWN, Status.PENDING)
    assert [item.value for item in after.items] == ["evil.example", "*.evil.example"]


async def test_what_was_just_proposed_is_taken_back_below_its_answer(bot: Bot) -> None:
    await bot.command("/block", "evil.example 30d Phishing wave")
    [request] = await proposed(bot)
    await bot.click(ActionId.WITHDRAW_HERE, f"{request.id}.{request.version}", who=APPROVER)
    await bot.click(ActionId.WITHDRAW_HERE, f"{request.id}.{request.version - 1}", who=REQUESTER)
    [request] = await proposed(bot)
    assert request.status is Status.PENDING, "neither somebody else's click counts, nor one on an older answer"
    await bot.click(ActionId.WITHDRAW_HERE, f"{request.id}.{request.version}", who=REQUESTER)
    [request] = await proposed(bot)
    assert request.status is Status.WITHDRAWN
    assert "Withdrawn" in (await bot.replies())[-1]
