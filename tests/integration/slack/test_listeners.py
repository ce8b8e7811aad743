"""Whatever is delivered, it is acknowledged in time, and its person is told what happened."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from structlog.testing import capture_logs

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.ip_allow import IPV6_OVERRIDES, SKIPS_FILTERING
from bot.domain.requests.request import Status
from bot.errors import StoreError
from bot.slack.block_kit.ids import ActionId
from bot.slack.command_table import COMMANDS, Command
from tests.integration.counted import Counted
from tests.integration.slack.harness import (
    APPROVER,
    AUDITOR,
    HOSTILE_TEXTS,
    MISSING,
    REQUESTER,
    TEXT_COMMANDS,
    VISITOR,
    Bot,
)
from tests.support.deciding import shown
from tests.support.requests import add_request
from tests.support.requests_made import newest_requests
from tests.support.scripted_slack import ok, refused

REFERENCE = re.compile(r"Reference ([0-9a-f]{8})")
PROPOSE = "/block evil.example 30d Phishing wave"


def text_of(answer: httpx.Response) -> str:
    """What the acknowledgement of a command tells."""
    assert answer.status_code == 200, answer.text
    said: str = answer.json()["text"]
    return said


def references(logged: list[Any]) -> set[str]:
    return {str(record["reference"]) for record in logged if "reference" in record}


def form(**changes: object) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": "V1",
        "type": "modal",
        "callback_id": "proposal_form",
        "private_metadata": json.dumps({"operation": "add", "action": "block"}),
        "state": {
            "values": {
                "indicators": {"value": {"type": "plain_text_input", "value": "evil.example"}},
                "reason": {"value": {"type": "plain_text_input", "value": "Phishing wave"}},
            }
        },
    }
    return {**view, **changes}


def ip_allow(indicators: str, *, end: str = "3d", reason: str = "Scanner of the office in Lyon") -> dict[str, Any]:
    """The proposal form of an allow, as it is submitted."""
    values = {
        "indicators": {"value": {"value": indicators}},
        "end": {"value": {"selected_option": {"value": end}}},
        "reason": {"value": {"value": reason}},
    }
    return form(private_metadata=json.dumps({"operation": "add", "action": "allow"}), state={"values": values})


async def shown_warning(bot: Bot, submitted: dict[str, Any]) -> dict[str, Any]:
    """The warning that a submission is answered with."""
    answer = (await bot.submit(submitted)).json()
    assert answer["response_action"] == "update", answer
    view: dict[str, Any] = answer["view"]
    assert view["callback_id"] == "ip_allow_form"
    return view


def filled(warning: dict[str, Any], indicators: str, *, ticked: bool = True) -> dict[str, Any]:
    """The warning's form as it is submitted, with the box that it has."""
    box = next(block["element"] for block in warning["blocks"] if block.get("block_id") == "acknowledged")
    values = {
        "indicators": {"value": {"value": indicators}},
        "end": {"days": {"selected_option": {"value": "3d"}}},
        "reason": {"value": {"value": "Scanner of the office in Lyon"}},
        "acknowledged": {box["action_id"]: {"selected_options": box["options"] if ticked else []}},
    }
    return {**warning, "id": "V1", "state": {"values": values}}


async def kinds(bot: Bot) -> list[str]:
    async with bot.store.read() as uow:
        return [event.kind for event in await uow.audit.page()]


async def pending(bot: Bot, requester: str = REQUESTER) -> int:
    async with bot.store.write() as uow:
        return (await add_request(uow, bot.store, requester=requester)).id


async def status(bot: Bot, request_id: int) -> Status:
    async with bot.store.read() as uow:
        return (await uow.requests.get(request_id)).status


async def test_a_command_is_committed_before_it_is_acknowledged(bot: Bot) -> None:
    answer = await bot.command("/block", "evil.example 30d Phishing wave")
    assert "evil[.]example" in text_of(answer)
    assert answer.json()["response_type"] == "ephemeral"
    assert await status(bot, 1) is Status.PENDING


@pytest.mark.parametrize(
    ("command", "text", "judged"),
    [
        ("/block", "evil.example 30d Phishing wave", 1),
        ("/block", "203.0.113.7 evil.example 30d Phishing wave", 2),  # a proposal for each list
        ("/block", "co.uk 30d Phishing wave", 1),  # refused
        ("/block", "evil.example", 1),  # a form opens for the reason
        ("/block", "", 0),  # an empty one does
        ("/unblock", "evil.example Clean again", 1),
        ("/allow", "203.0.113.7 3d Scanner at the head office", 1),  # the warning opens
        ("/extend", "block evil.example 30d The wave goes on", 1),
        ("/note", "block evil.example Case 4711", 1),
        ("/safelist", "off The baseline says so", 1),
        ("/safelist", "", 0),
        ("/check", "evil.example", 0),
    ],
)
async def test_a_command_is_judged_once_and_so_is_the_right_to_it(
    bot: Bot, counted: Counted, command: str, text: str, judged: int
) -> None:
    policy = FilterPolicy(identity="Default", is_default=True, safe_list=True)
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), policies=(policy,)))
    assert (await bot.command(command, text)).status_code == 200
    assert (counted.judged, counted.checked) == (judged, 1)


async def test_so_is_a_form(bot: Bot, counted: Counted) -> None:
    await bot.submit(form())
    assert await status(bot, 1) is Status.PENDING
    assert (counted.judged, counted.checked) == (1, 1)


async def test_so_is_an_ip_allow_with_its_warning_and_without(bot: Bot, counted: Counted) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    assert (counted.judged, counted.checked) == (1, 1)
    for ticked in (False, True):
        counted.anew()
        await bot.submit(filled(warning, "203.0.113.7", ticked=ticked))
        assert (counted.judged, counted.checked) == (1, 1)
    assert await status(bot, 1) is Status.PENDING
    warned = [kind for kind in await kinds(bot) if kind == EventKind.IP_ALLOW_WARNED]
    assert len(warned) == 1, "the warning was shown once"


async def test_a_delivery_that_comes_again_gets_its_first_answer_and_writes_nothing(bot: Bot) -> None:
    first = await bot.command("/block", "evil.example 30d Phishing wave", trigger_id="the same")
    async with bot.store.write() as uow:
        entry = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", identity="1")
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), entries=(entry,)))
    before = await kinds(bot)
    again = await bot.command("/block", "evil.example 30d Phishing wave", trigger_id="the same")
    assert text_of(again) == text_of(first)
    assert await kinds(bot) == before


def delivered(bot: Bot, kind: str) -> dict[str, float]:
    """How many deliveries of a kind were counted, by what they came to."""
    [family] = [each for each in bot.metrics.registry.collect() if each.name == "portcullis_deliveries"]
    return {each.labels["outcome"]: each.value for each in family.samples if each.labels["kind"] == kind and each.value}


async def test_deliveries_are_counted_by_what_they_come_to(bot: Bot) -> None:
    await bot.command("/block", "evil.example 30d Phishing wave")
    await bot.command("/block", "evil.example 30d Phishing wave", who="U0STRANGER")
    await bot.command("/block", "evil.example 30d Phishing wave", user_id=MISSING)
    assert delivered(bot, "command") == {"done": 1, "refused": 1, "failed": 1}
    await bot.submit(form())
    assert delivered(bot, "form") == {"done": 1}
    seen = bot.metrics.registry.get_sample_value("portcullis_acknowledgement_seconds_count", {"kind": "command"})
    assert seen == 3


async def test_what_comes_of_a_delivery_goes_by_its_reference(bot: Bot) -> None:
    await bot.command("/block", "evil.example 30d Phishing wave", trigger_id="the same")
    async with bot.store.read() as uow:
        jobs = await uow.jobs.waiting()
        [reference] = {job.reference for job in jobs if job.reference}
        logged = await uow.references.events(reference, limit=10)
        found = await uow.references.of_events([event.seq for event in logged])
    assert REFERENCE.fullmatch(f"Reference {reference}")
    assert EventKind.REQUEST_PROPOSED in {event.kind for event in logged}
    assert set(found.values()) == {reference}


@pytest.mark.parametrize("missing", ["text", "channel_id", "response_url", "trigger_id", "user_id"])
async def test_a_command_without_a_field_is_answered_all_the_same(bot: Bot, missing: str) -> None:
    with capture_logs() as logged:
        answer = await bot.command("/block", "evil.example 30d Phishing wave", **{missing: MISSING})
    assert answer.status_code == 200
    if missing == "user_id":
        [reference] = REFERENCE.findall(text_of(answer))
        assert reference in references(logged)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("command", TEXT_COMMANDS)
async def test_a_hostile_text_is_answered(bot: Bot, command: str) -> None:
    """How long that takes, `python -m tests.bench.commands` tells."""
    for text in HOSTILE_TEXTS:
        answer = await bot.command(command, text, who=APPROVER)
        assert answer.status_code == 200
        assert "Traceback" not in answer.text


async def test_an_unknown_command_gets_an_answer(bot: Bot) -> None:
    answer = await bot.command("/nonsense", "x")
    assert "doesn't know that" in text_of(answer)
    assert "app.yaml" in text_of(answer)


async def test_help_needs_no_role_and_changes_nothing(bot: Bot) -> None:
    assert "/block" in text_of(await bot.command("/block", " HELP ", who=VISITOR))
    assert await bot.jobs() == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_every_other_answer_of_a_command_needs_a_role(bot: Bot, command: Command) -> None:
    typed, _ = command.examples[0]
    answer = await bot.command(command.name, typed.removeprefix(command.name).strip(), who=VISITOR)
    assert "may not" in text_of(answer)
    assert await kinds(bot) == [EventKind.ACCESS_REFUSED]
    assert await bot.jobs() == []


#: What a button carries that somebody may have in front of them whose roles were taken away.
CARRIED = {
    ActionId.APPROVE: "1",
    ActionId.APPROVE_SOME: "1",
    ActionId.DENY: "1",
    ActionId.WITHDRAW: "1",
    ActionId.WITHDRAW_HERE: "1",
    ActionId.DETAILS: "1",
    ActionId.POST_AGAIN: "1",
    ActionId.PROPOSE_AGAIN: "1",
    ActionId.ASK: "1",
    ActionId.KEEP: "1",
    ActionId.TAKE_OUT: "1",
    ActionId.DECIDE_SEVERAL: "-",
    ActionId.TRY_AGAIN: "1",
    ActionId.DECIDE: "1",
    ActionId.ANSWER: "1",
    ActionId.EXTEND: "1",
    ActionId.REQUEST_OTHERS: "0123456789abcdef",
    ActionId.ADD_SUBDOMAINS: "1",
    ActionId.PROPOSE_REMOVAL: "1",
    ActionId.REMOVE_CHANGE: "1",
    ActionId.OLDER_REQUESTS: "7 all",
    ActionId.OLDER_EVENTS: "7",
    ActionId.NEWER_EVENTS: "7",
    ActionId.EXPORT_EVENTS: "0 7d",
    ActionId.CHECK_NOW: "evil.example",
    ActionId.CHECK_MAIL: "evil.example",
    ActionId.IMPORT_REQUEST: "1.1",
    ActionId.IMPORT_COLUMN: "1.1.1",
    ActionId.IMPORT_ENDS: "1.1.1",
    ActionId.OPEN_BLOCK: "evil.example",
    ActionId.OPEN_UNBLOCK: "evil.example",
    ActionId.OPEN_ALLOW: "203.0.113.7",
    ActionId.OPEN_UNALLOW: "203.0.113.7",
    ActionId.OPEN_EXTEND: "evil.example",
    ActionId.OPEN_ADOPT: "1",
    ActionId.OPEN_CHECK: "evil.example",
    ActionId.OPEN_IMPORT: "-",
    ActionId.ENTRY: "check 0123456789abcdef",
    ActionId.POSTURE_REMEDY: "0123456789abcdef remove",
    ActionId.POSTURE_NEXT: "8",
    ActionId.POSTURE_BACK: "0",
    ActionId.OPEN_POSTURE: "-",
    ActionId.LISTS_NEXT: "8 evil",
    ActionId.LISTS_BACK: "0",
    ActionId.RENEWAL_KEEP: "1.1",
    ActionId.RENEWAL_END: "1.1",
}


#: Whoever gave an import may throw it away, whatever their role is by now; and a Home says whom to ask for a role.
FOR_ALL = {ActionId.IMPORT_CANCEL, ActionId.REFRESH_HOME}


@pytest.mark.parametrize("action", [action for action in ActionId if action not in FOR_ALL])
async def test_every_button_needs_a_role_at_the_click(bot: Bot, action: ActionId) -> None:
    await pending(bot)
    assert (await bot.click(action, CARRIED[action], who=VISITOR)).status_code == 200
    assert await kinds(bot) == [EventKind.ACCESS_REFUSED]
    assert await status(bot, 1) is Status.PENDING
    [said] = await bot.replies()
    assert "Reference" not in said, "an ordinary refusal is no incident"
    assert "views.open" not in {asked[0] for asked in bot.slack.asked}


async def test_a_stranger_is_told_whom_to_ask(bot: Bot) -> None:
    said = text_of(await bot.command("/block", "evil.example 30d Phishing wave", who=VISITOR))
    assert "may not propose" in said
    assert "Ask whoever runs Portcullis" in said
    assert not REFERENCE.search(said), "an ordinary refusal is no incident"


async def test_what_nobody_foresaw_is_told_in_general_and_logged_in_full(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("inner details")

    monkeypatch.setattr("bot.slack.listeners.commands.consider_change", broken)
    with capture_logs() as logged:
        answer = await bot.command("/block", "evil.example 30d Phishing wave")
    said = text_of(answer)
    assert "inside Portcullis" in said
    assert "inner details" not in answer.text
    [record] = [entry for entry in logged if entry.get("reference") in REFERENCE.findall(said)]
    assert record["log_level"] == "error"
    assert str(record["exc_info"]) == "inner details"


#: The buttons that carry a request's number.
OF_A_REQUEST = [
    *(ActionId.APPROVE, ActionId.APPROVE_SOME, ActionId.DENY, ActionId.WITHDRAW, ActionId.DETAILS, ActionId.POST_AGAIN),
    *(
        ActionId.ADD_SUBDOMAINS,
        ActionId.PROPOSE_AGAIN,
        ActionId.ASK,
        ActionId.ANSWER,
        ActionId.DECIDE,
        ActionId.TRY_AGAIN,
        ActionId.WITHDRAW_HERE,
    ),
]


@pytest.mark.parametrize("action", OF_A_REQUEST)
async def test_a_button_that_carries_no_number_does_nothing_but_tell(bot: Bot, action: str) -> None:
    for value in ("", "x", "-1", "1.5", "٣", "9" * 400, "1; DROP TABLE requests", None, 7, [1], {"a": 1}):
        answer = await bot.click(action, value)
        assert (answer.status_code, answer.text) == (200, "")
        [reply] = await bot.replies()
        assert "request" in reply.lower(), value


@pytest.mark.parametrize("action", OF_A_REQUEST)
async def test_a_button_of_a_request_that_is_not_there(bot: Bot, action: str) -> None:
    assert (await bot.click(action, "123456")).status_code == 200
    [reply] = await bot.replies()
    assert "123456" in reply
    assert not REFERENCE.search(reply)


#: What bolt itself takes and hands on; and what makes it stumble.
ODD_CLICKS: tuple[dict[str, object], ...] = (
    {"user": MISSING},
    {"user": {}},
    {"user": None},
    {"user": MISSING, "response_url": MISSING},
    {"actions": [{}]},
    {"actions": MISSING},
    {"actions": [{"type": "button", "action_id": 7, "block_id": "b", "value": "1"}]},
    {"actions": [{"type": "button", "action_id": ActionId.APPROVE, "block_id": "b"}]},
    {"type": "message_action"},
    {"type": 7},
    {"type": MISSING},
    {"type": "event_callback", "event": {"type": "message"}},
    {"user": "U0APPROVE1"},
    {"actions": []},
    {"actions": {"action_id": ActionId.APPROVE}},
)


async def test_a_click_of_an_odd_shape_is_answered_and_decides_nothing(bot: Bot) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    for changes in ODD_CLICKS:
        answer = await bot.click_on(ActionId.APPROVE, request_id, **changes)
        assert answer.status_code in {200, 400}, changes
        assert answer.status_code == 200 or changes in ODD_CLICKS[-3:], changes
        assert answer.text == ""
        assert await status(bot, request_id) is Status.PENDING, changes


async def test_a_click_counts_without_what_it_needs_only_to_answer(bot: Bot) -> None:
    for changes in ({"trigger_id": None}, {"response_url": 7}):
        request_id = await pending(bot, requester="U0SOMEBODY")
        assert (await bot.click_on(ActionId.APPROVE, request_id, **changes)).status_code == 200
        assert await status(bot, request_id) is Status.APPROVED


async def test_a_click_that_comes_from_nowhere_decides_nothing(bot: Bot) -> None:
    for container in ("message", None, {}, {"channel_id": 7, "message_ts": []}):
        request_id = await pending(bot, requester="U0SOMEBODY")
        answer = await bot.click_on(ActionId.APPROVE, request_id, container=container)
        assert answer.status_code == 200
        assert await status(bot, request_id) is Status.PENDING
    assert set(await kinds(bot)) == {EventKind.CLICK_REFUSED}


@pytest.mark.parametrize("sent", ["{}", "[]", "x", json.dumps({"request": 1, "channel": "C", "ts": "1.1"}), None])
async def test_an_approval_form_that_carries_nothing_approves_nothing(bot: Bot, sent: str | None) -> None:
    await pending(bot, requester="U0SOMEBODY")
    view = {"id": "V1", "type": "modal", "callback_id": "approval_form", "private_metadata": sent, "state": {}}
    answer = await bot.submit(view, who=APPROVER)
    assert "can't be read" in answer.text
    assert await status(bot, 1) is Status.PENDING


async def test_an_approval_form_needs_the_right_when_it_is_sent(bot: Bot) -> None:
    await pending(bot, requester="U0SOMEBODY")
    sent = json.dumps({"request": "1.0", "channel": "C0APPROVALS", "ts": "1700000000.000001"})
    view = {"id": "V1", "type": "modal", "callback_id": "approval_form", "private_metadata": sent, "state": {}}
    assert "Only approvers" in (await bot.submit(view, who=VISITOR)).text
    assert await kinds(bot) == [EventKind.ACCESS_REFUSED]


async def test_an_unknown_button_is_told(bot: Bot) -> None:
    assert (await bot.click("request_explode", "1")).status_code == 200
    [reply] = await bot.replies()
    assert "doesn't know that" in reply


async def test_details_open_in_time_or_the_person_is_told(bot: Bot) -> None:
    request_id = await pending(bot)
    await bot.click_on(ActionId.DETAILS, request_id, who=AUDITOR)
    assert bot.slack.count("views.open") == 1
    assert await bot.replies() == []
    bot.slack.queue("views.open", refused("exchanged_trigger_id"))
    await bot.click_on(ActionId.DETAILS, request_id, who=AUDITOR)
    assert await bot.replies() == []
    never = asyncio.Event()

    async def hang() -> Response:
        await never.wait()
        return ok()

    bot.slack.queue("views.open", hang)
    begun = time.monotonic()
    assert (await bot.click_on(ActionId.DETAILS, request_id, who=AUDITOR)).status_code == 200
    assert time.monotonic() - begun < 3
    never.set()
    [reply] = await bot.replies()
    assert "views.open" in reply


async def test_details_go_by_the_last_snapshot_of_the_lists(bot: Bot) -> None:
    policy = FilterPolicy(identity="Head office", is_default=True)
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), policies=(policy,)))
        request = await add_request(
            uow, bot.store, list=ListName.CONNECTION_FILTER, indicators=[(Kind.IPV4, "203.0.113.7")]
        )
    await bot.click_on(ActionId.DETAILS, request.id, who=AUDITOR)
    [(_, _, opened)] = [asked for asked in bot.slack.asked if asked[0] == "views.open"]
    shown = json.dumps(json.loads(opened)["view"])
    assert "As PowerShell, lists as of" in shown
    assert "-Identity 'Head office'" in shown


@pytest.mark.parametrize(("who", "may"), [(APPROVER, True), (REQUESTER, True), (AUDITOR, False)])
async def test_whoever_may_has_the_card_posted_again_from_its_details(bot: Bot, who: str, may: bool) -> None:
    request_id = await pending(bot)
    await bot.click_on(ActionId.DETAILS, request_id, who=who)
    [(_, _, opened)] = [asked for asked in bot.slack.asked if asked[0] == "views.open"]
    assert (str(ActionId.POST_AGAIN).encode() in opened) is may
    in_a_form = {"type": "view", "view_id": "V1"}
    assert (await bot.click(ActionId.POST_AGAIN, f"{request_id}.1", who=who, container=in_a_form)).status_code == 200
    [reply] = await bot.replies()
    assert ("is being posted again" in reply) is may


async def test_a_role_that_cannot_be_read_is_told_as_such(bot: Bot) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    bot.slack.queue("usergroups.users.list", refused("ratelimited", status=429))
    await bot.click_on(ActionId.APPROVE, request_id, who=REQUESTER)
    [reply] = await bot.replies()
    assert "usergroups.users.list" in reply
    assert "Only approvers" not in reply
    assert await status(bot, request_id) is Status.PENDING


async def test_a_form_of_an_odd_shape_is_answered_and_proposes_nothing(bot: Bot) -> None:
    values = {"values": {"indicators": {"value": {"value": {"a": 1}}}}}
    for view in (
        form(private_metadata="garbage"),
        form(private_metadata="[]"),
        form(private_metadata="x" * 100_000),
        form(private_metadata=7),
        form(private_metadata=None),
        form(private_metadata=json.dumps({"operation": "explode", "action": "block"})),
        form(state=None),
        form(state={"values": []}),
        form(state={"values": {"indicators": 7}}),
        form(state=values),
        form(callback_id="another_form"),
        form(callback_id=None),
    ):
        answer = await bot.submit(view)
        assert answer.status_code == 200
        assert answer.json()["response_action"] in {"errors", "update"}, view
        assert "Traceback" not in answer.text
    for nonsense in ({}, None, "view"):
        assert (await bot.submit(nonsense)).status_code in {200, 400}
    async with bot.store.read() as uow:
        assert await newest_requests(uow, limit=10) == []


async def test_an_ip_allow_by_form_gets_its_warning_and_keeps_what_was_typed(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7", end="30d", reason="x"))
    blocks = {block["block_id"]: block for block in warning["blocks"] if "block_id" in block}
    assert blocks["indicators"]["element"]["initial_value"] == "203.0.113.7"
    assert blocks["end"]["element"]["initial_option"]["value"] == "7d", "the limit, for an end beyond it"
    assert blocks["reason"]["element"]["initial_value"] == "x"
    assert "at most 7 days" in str(blocks["problem_end"])
    assert "too short" in str(blocks["problem_reason"])
    assert await kinds(bot) == [EventKind.IP_ALLOW_WARNED]


async def test_an_indicator_that_is_refused_as_such_is_told_before_any_warning(bot: Bot) -> None:
    answer = (await bot.submit(ip_allow("203.0.113.7\nevil.example"))).json()
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"indicators"}
    assert "tick the box" not in str(answer)


async def test_the_tick_counts_for_what_was_warned_about(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7\n203.0.113.8"))
    assert (await bot.submit(filled(warning, "203.0.113[.]8"))).content == b""
    assert await status(bot, 1) is Status.PENDING


async def test_a_tick_under_another_warning_does_not_count(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    anew = await shown_warning(bot, filled(warning, "203.0.113.0/24"))
    assert "Microsoft advises against ranges" in str(anew["blocks"])
    box = next(block for block in anew["blocks"] if block.get("block_id") == "acknowledged")
    assert "initial_options" not in box["element"]
    assert "indicators are others" in str(anew["blocks"])
    async with bot.store.read() as uow:
        assert await newest_requests(uow, limit=10) == []
    assert (await bot.submit(filled(anew, "203.0.113.0/24"))).content == b""
    assert await status(bot, 1) is Status.PENDING


async def test_a_tick_that_comes_without_any_warning_does_not_count(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    bare = {**warning, "private_metadata": json.dumps({"operation": "add", "action": "allow"})}
    await shown_warning(bot, filled(bare, "203.0.113.7"))


async def test_a_box_left_empty_is_an_error_at_the_box(bot: Bot) -> None:
    warning = await shown_warning(bot, ip_allow("203.0.113.7"))
    answer = (await bot.submit(filled(warning, "203.0.113.7", ticked=False))).json()
    assert set(answer["errors"]) == {"acknowledged"}


async def test_a_mixed_ip_allow_shows_the_warnings_of_both_lists(bot: Bot) -> None:
    await bot.command("/allow", "203.0.113.7 2001:db8::7 3d Scanner of the office in Lyon")
    [(_, _, opened)] = [asked for asked in bot.slack.asked if asked[0] == "views.open"]
    shown = json.dumps(json.loads(opened)["view"])
    assert SKIPS_FILTERING in shown
    assert IPV6_OVERRIDES in shown
    assert shown.count("Outlook safe senders") == 1


async def test_more_indicators_than_a_request_takes_are_told(bot: Bot) -> None:
    many = [f"203.0.113.{number}" for number in range(101)]
    said = text_of(await bot.command("/allow", " ".join(many) + " 7d Scanners"))
    assert "101 indicators for one list" in said
    assert "up to 100" in said
    answer = (await bot.submit(ip_allow("\n".join(many)))).json()
    assert "101 indicators for one list" in answer["errors"]["indicators"]
    both = [*many[:100], "evil.example"]
    assert "inside Portcullis" not in text_of(await bot.command("/block", " ".join(both) + " 30d Scanners"))


async def test_a_form_without_a_person_is_told(bot: Bot) -> None:
    with capture_logs() as logged:
        answer = await bot.submit(form(), user=MISSING)
    assert answer.json()["response_action"] == "update"
    assert set(REFERENCE.findall(answer.text)) <= references(logged)
    assert REFERENCE.search(answer.text)


async def test_a_sound_form_proposes(bot: Bot) -> None:
    answer = await bot.submit(form())
    assert (answer.status_code, answer.json() if answer.content else {}) == (200, {})
    assert await status(bot, 1) is Status.PENDING


@pytest.mark.parametrize(
    "changes", [{"team": {"id": "T0OTHER"}}, {"team": None}, {"team": "x"}, {"team_id": "T0OTHER"}]
)
async def test_another_workspace_is_told_and_decides_nothing(bot: Bot, changes: dict[str, object]) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    with capture_logs() as logged:
        answer = await bot.click_on(ActionId.APPROVE, request_id, **changes)
    assert (answer.status_code, answer.text) == (200, "")
    assert await status(bot, request_id) is Status.PENDING
    [said] = await bot.replies()
    assert "doesn't serve the workspace" in said
    assert [record["log_level"] for record in logged] == ["warning", "info"]


async def test_a_repeated_delivery_changes_nothing(bot: Bot) -> None:
    request_id = await pending(bot, requester="U0SOMEBODY")
    seen = await shown(bot.context, request_id)
    place = {"type": "message", "channel_id": seen.channel, "message_ts": seen.ts}
    for _ in range(3):
        clicked = await bot.click(
            ActionId.APPROVE, f"{request_id}.{seen.version}", container=place, trigger_id="the same"
        )
        assert clicked.status_code == 200
    assert await status(bot, request_id) is Status.APPROVED
    assert await bot.replies() == []


async def test_without_a_database_the_person_is_told_at_once(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object) -> None:
        raise StoreError("The database can't be reached.", "Check that it runs.")

    waiting = await pending(bot)
    monkeypatch.setattr(bot.store, "write", gone)
    with capture_logs() as logged:
        assert (await bot.click(ActionId.APPROVE, f"{waiting}.1")).status_code == 200
        async with asyncio.timeout(60):
            while not (hooked := [asked for asked in bot.slack.asked if asked[0] == "hook"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # it goes out after the acknowledgement
    [(_, _, told)] = hooked
    [reference] = set(REFERENCE.findall(told.decode()))
    assert reference in references(logged)
    said = text_of(await bot.command("/block", "evil.example 30d Phishing wave"))
    assert "database can't be reached" in said
    assert (await bot.submit(form())).json()["response_action"] == "update"


async def test_when_slack_does_not_answer_the_greeting_people_are_told(bot: Bot) -> None:
    bot.slack.queue("auth.test", refused("internal_error"), refused("internal_error"))
    assert "auth.test" in text_of(await bot.command("/requests"))
    assert (await bot.click(ActionId.APPROVE, "1")).status_code == 200
    [reply] = await bot.replies()
    assert "auth.test" in reply
    assert "none" in text_of(await bot.command("/requests"))


async def test_slack_is_told_that_the_address_is_ours(bot: Bot) -> None:
    """What Slack sends when the address is set: https://docs.slack.dev/reference/events/url_verification"""
    answer = await bot.deliver({"type": "url_verification", "challenge": "a challenge"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "a challenge"})
    assert bot.slack.asked == []


async def test_a_signed_look_at_the_certificate_is_answered(bot: Bot) -> None:
    answer = await bot.deliver({"ssl_check": "1", "token": "old"}, as_form=True)
    assert (answer.status_code, answer.text) == (200, "")
