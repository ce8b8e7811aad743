"""`/requests` and `/audit`: what they read, what they refuse, and the Older button."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Status
from bot.domain.requests.who_decides import ApproverRule
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages import audit_page, request_list
from bot.slack.queries import details_view, requests_answer
from bot.store.people import Names
from bot.workflow.asking.home import home
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, VISITOR, Bot
from tests.integration.slack.test_listeners import pending, text_of
from tests.support import people
from tests.support.requests import add_request
from tests.support.scripted_slack import ok
from tests.unit.slack.rendered import texts


def older(message: dict[str, Any], action_id: str) -> str | None:
    """The value of the Older button below an answer."""
    for block in message.get("blocks", []):
        for element in block.get("elements", []):
            if element.get("action_id") == action_id:
                return str(element["value"])
    return None


def names(message: dict[str, Any]) -> list[str]:
    """The indicators of an answer, in the order in which they stand there."""
    return list(dict.fromkeys(re.findall(r"evil\d+", json.dumps(message["blocks"]))))


async def many_requests(bot: Bot, number: int) -> None:
    async with bot.store.write() as uow:
        for n in range(number):
            requester = REQUESTER if n % 2 else APPROVER
            await add_request(uow, bot.store, requester=requester, indicators=[(Kind.DOMAIN, f"evil{n}.example")])


async def many_events(bot: Bot, number: int) -> None:
    async with bot.store.write() as uow:
        for n in range(number):
            await uow.audit.append(
                EventKind.CHECK_ASKED, actor=REQUESTER, target=f"evil{n}.example", request_id=n, at=bot.store.clock()
            )


@pytest.mark.parametrize("text", ["", "open", " OPEN ", "mine", "all", "`mine`", "“all”", "—all", "\u200bopen"])
async def test_scopes(bot: Bot, text: str) -> None:
    await many_requests(bot, 2)
    said = text_of(await bot.command("/requests", text))
    assert "evil1[.]example" in said
    assert ("evil0[.]example" in said) is ("mine" not in text)


@pytest.mark.parametrize("text", ["1", "#1", " 1 ", "request 1", "`1`", "“#1”", "\u200b1", "Request: 1"])
async def test_one_request_by_its_number(bot: Bot, text: str) -> None:
    await pending(bot)
    assert "#1" in text_of(await bot.command("/requests", text))


async def test_whom_a_rule_names_stands_in_details_and_only_they_are_offered_to_decide(bot: Bot) -> None:
    request_id = await pending(bot)
    rule = ApproverRule(name="Network team", approvers=(people.SECOND.user_id, "S0NETWORK"))
    context = replace(bot.context, rules=replace(bot.context.rules, approvers=(rule,)))
    for person, may in ((people.APPROVER, False), (people.SECOND, True)):
        for scope in ("", f"#{request_id}"):
            answer = await requests_answer(context, person, scope)
            assert (ActionId.DECIDE in str(answer.to_dict())) is may
        page = await home(context, actor=person, noted=False)
        assert page is not None
        assert [parts.id for parts in page.overview.for_me] == ([request_id] if may else [])
        told = await details_view(context, person, request_id, shown=0)
        assert f"By the rule “Network team”: <@{people.SECOND.user_id}> and <!subteam^S0NETWORK>" in texts(told.view)
        assert (ActionId.DECIDE in str(told.view.to_dict())) is may
    async with bot.store.write() as uow:
        await uow.requests.move(request_id, expected=Status.PENDING, to=Status.WITHDRAWN)
    told = await details_view(context, people.SECOND, request_id, shown=0)
    assert "Who decides" not in texts(told.view)


async def test_what_requests_cannot_show_is_told(bot: Bot) -> None:
    for text in ("7", "0", "999999999999999", "9" * 16, "yours", "١", "1.5", "open mine", "-1"):
        said = text_of(await bot.command("/requests", text))
        assert "/requests can't show that" in said or "There is no request" in said


async def test_older_requests_follow_without_a_gap_or_a_repetition(bot: Bot) -> None:
    number = 2 * request_list.PAGE + 3
    await many_requests(bot, number)
    answer = (await bot.command("/requests", "all")).json()
    seen = names(answer)
    while value := older(answer, ActionId.OLDER_REQUESTS):
        assert (await bot.click(ActionId.OLDER_REQUESTS, value, who=REQUESTER)).status_code == 200
        [job] = [job for job in await bot.jobs() if job.kind == JobKind.REPLY]
        answer = job.payload["message"]
        seen += names(answer)
    assert seen == [f"evil{n}" for n in reversed(range(number))]


async def test_the_audit_log_by_request_person_indicator_and_time(bot: Bot) -> None:
    await many_events(bot, 3)
    for query, found in {
        "": {"evil0", "evil1", "evil2"},
        "1d": {"evil0", "evil1", "evil2"},
        "1": {"evil1"},
        "#2": {"evil2"},
        "request 2": {"evil2"},
        f"<@{REQUESTER}|somebody>": {"evil0", "evil1", "evil2"},
        f"@{REQUESTER}": {"evil0", "evil1", "evil2"},
        "EVIL0[.]example": {"evil0"},
        "evil0.example 7d": {"evil0"},
        "evil9.example": set(),
        "since yesterday by portcullis checks": set(),
        f"checks 7d by @{REQUESTER} evil2.example #2": {"evil2"},
        "denied": set(),
        "checks": {"evil0", "evil1", "evil2"},
        "blocks": set(),
    }.items():
        said = text_of(await bot.command("/audit", query, who=AUDITOR)).partition("\n")[2]
        assert {name for name in ("evil0", "evil1", "evil2") if f"{name}[.]example" in said} == found, query


async def test_every_event_of_a_proposal_of_two_lists_has_its_one_number(bot: Bot) -> None:
    async with bot.store.write() as uow:
        first = await add_request(uow, bot.store)
        part = await add_request(uow, bot.store, list=ListName.URL, proposal_id=first.id)
        other = await add_request(uow, bot.store)
        for request in (first, part, other):
            await uow.audit.append(
                EventKind.REQUEST_REVIEWED,
                actor=APPROVER,
                target=f"request {request.id}",
                request_id=request.id,
                payload={"decision": "approve"},
                at=bot.store.clock(),
            )
    for query in (f"#{first.id}", f"#{part.id}"):  # a tenant's note may name a part
        said = text_of(await bot.command("/audit", query, who=AUDITOR))
        assert said.startswith(f"Audit log: #{first.id}. 2 events")
        assert re.findall(r"voted to approve · #(\d+)", said) == [str(first.id)] * 2
    said = text_of(await bot.command("/audit", "who approved", who=AUDITOR))
    assert re.findall(r"voted to approve · (.+)", said) == [f"#{number.proposal_id}" for number in (other, part, first)]


async def test_what_the_audit_log_cannot_look_for_is_told(bot: Bot) -> None:
    for query in (
        "never",
        "evil.example never",
        "two words",
        "999999999d",
        "0d",
        "5y",
        "1 2",
        "'; --",
        "@nobody",
        "99",
    ):
        said = text_of(await bot.command("/audit", query, who=AUDITOR))
        assert "Audit log" not in said
        assert "Reference" not in said, "what was mistyped is no incident"


async def test_somebody_who_has_acted_is_found_by_the_name_that_slack_told(bot: Bot) -> None:
    await many_events(bot, 1)
    assert "Nobody is known" in text_of(await bot.command("/audit", "@Anna", who=AUDITOR))
    await bot.command("/requests", "mine", who=REQUESTER, user_name="anna")
    async with asyncio.timeout(20):
        while True:
            async with bot.store.read() as uow:
                if "anna" in (await uow.people.names()).values():
                    break
            await asyncio.sleep(0.01)
    said = text_of(await bot.command("/audit", "by @Anna checks", who=AUDITOR))
    assert "evil0[.]example" in said
    assert f"<@{REQUESTER}>" in said


async def test_a_name_is_the_one_that_slack_shows(bot: Bot) -> None:
    await many_events(bot, 1)
    async with bot.store.write() as uow:
        await uow.people.describe(REQUESTER, Names(handle="amaier", display="Anna (IT)", real="Anna Maier"))
        await uow.people.describe(APPROVER, Names(handle="anna", display="", real="anna Berg"))
        await uow.people.describe(VISITOR, Names(handle="x", display="ANNA", real=""))
    for query in ("@Anna (IT) checks", "checks by anna maier", "@AMAIER", "@“Anna Maier”", "today @anna maier checks"):
        said = text_of(await bot.command("/audit", query, who=AUDITOR))
        assert "evil0[.]example" in said, query
        assert f"<@{REQUESTER}>" in said, query
    said = text_of(await bot.command("/audit", "@Anna denied", who=AUDITOR))
    assert "2 people are called @anna" in said
    assert APPROVER in said
    assert f"ANNA (@x): {VISITOR}" in said
    said = text_of(await bot.command("/audit", "@Anton Maier", who=AUDITOR))
    assert "Nobody is known here by the name @anton" in said


async def test_the_name_that_slack_shows_is_read_of_whoever_acts(bot: Bot) -> None:
    profile = {"display_name": "Anna M.", "real_name": "Anna Maier"}
    bot.slack.answers["users.info"] = ok(user={"id": REQUESTER, "name": "amaier", "profile": profile})
    await bot.command("/requests", "mine", who=REQUESTER, user_name="amaier")
    await bot.command("/requests", "mine", who=REQUESTER, user_name="amaier")
    async with asyncio.timeout(20):
        while True:
            async with bot.store.read() as uow:
                known = (await uow.people.known()).get(REQUESTER)
            if known is not None and known.display:
                break
            await asyncio.sleep(0.01)
    assert known == Names(handle="amaier", display="Anna M.", real="Anna Maier")
    assert bot.slack.count("users.info") == 1


async def test_older_events_follow_without_a_gap(bot: Bot) -> None:
    number = 2 * audit_page.PAGE + 3
    await many_events(bot, number)
    answer = (await bot.command("/audit", f"@{REQUESTER}", who=AUDITOR)).json()
    seen: list[str] = []
    while True:
        seen += names(answer)
        value = older(answer, ActionId.OLDER_EVENTS)
        if value is None:
            break
        await bot.click(ActionId.OLDER_EVENTS, value, who=AUDITOR)
        [job] = [job for job in await bot.jobs() if job.kind == JobKind.REPLY]
        assert job.payload["replaces"] is True
        answer = job.payload["message"]
    assert seen == [f"evil{n}" for n in reversed(range(number))]
    while (value := older(answer, ActionId.NEWER_EVENTS)) is not None:
        await bot.click(ActionId.NEWER_EVENTS, value, who=AUDITOR)
        [job] = [job for job in await bot.jobs() if job.kind == JobKind.REPLY]
        answer = job.payload["message"]
    # The reader of the log is in it as well, but not what this query looks for.
    assert names(answer) == [f"evil{n}" for n in reversed(range(number))][: audit_page.PAGE]


async def test_a_file_of_the_log_is_asked_for_once_by_who_may_read_it(bot: Bot) -> None:
    assert "may not query" in text_of(await bot.command("/audit", "7d export", who=REQUESTER))
    assert "isn't understood" in text_of(await bot.command("/audit", "frobnicate export", who=AUDITOR))
    assert "no request #99" in text_of(await bot.command("/audit", "#99 export", who=AUDITOR))
    body = {"trigger_id": "the same"}
    for _ in range(2):
        answer = await bot.command("/audit", "checks 7d export ocsf", who=AUDITOR, **body)
        assert "direct message" in text_of(answer)
    assert "still being made" in text_of(await bot.command("/audit", "export", who=AUDITOR))
    await bot.click(ActionId.EXPORT_EVENTS, "0 denied", who=APPROVER)
    jobs = [job for job in await bot.jobs() if job.kind == JobKind.EXPORT_AUDIT]
    assert [(job.payload["user"], job.payload["query"], job.payload["format"]) for job in jobs] == [
        (AUDITOR, "checks 7d", "ocsf"),
        (APPROVER, "denied", "csv"),
    ]


async def test_an_older_button_with_anything_else_is_told(bot: Bot) -> None:
    for action in (ActionId.OLDER_REQUESTS, ActionId.OLDER_EVENTS, ActionId.NEWER_EVENTS):
        for value in ("", "x", "-1 mine", "9" * 30, "1 nonsense words here"):
            assert (await bot.click(action, value)).status_code == 200
            [reply] = await bot.replies()
            assert "can't be read" in reply or "/requests can't show that" in reply or "isn't understood" in reply


async def test_reading_the_log_is_logged_and_needs_the_role(bot: Bot) -> None:
    assert "may not query" in text_of(await bot.command("/audit", who=REQUESTER))
    assert "may not see" in text_of(await bot.command("/requests", who=VISITOR))
    await bot.command("/audit", "evil.example", who=AUDITOR)
    async with bot.store.read() as uow:
        kinds = [(event.kind, event.actor) for event in await uow.audit.page()]
    assert kinds == [
        (EventKind.AUDIT_READ, AUDITOR),
        (EventKind.ACCESS_REFUSED, VISITOR),
        (EventKind.ACCESS_REFUSED, REQUESTER),
    ]


MARKED = [
    ("/check", "now `203.0.113.7`", "the answer follows"),
    ("/check", "“now” 203.0.113.7", "the answer follows"),
    ("/check", "now: 203.0.113.7", "the answer follows"),
    ("/check", "`help`", "Is it allowed, blocked"),
    ("/block", "—help", "Request a block"),
    ("/block", "\u200bevil.example `30d` Phishing wave", "evil[.]example"),
    ("/block", "```\nevil.example\n203.0.113.7\n``` 30d Phishing wave", "evil[.]example"),
    ("/block", "domain “evil.example” 30d Phishing wave", "evil[.]example"),
    ("/extend", "block: evil.example 30d The wave goes on", "evil[.]example"),
    ("/note", "`block` evil.example Case 4711", "evil[.]example"),
    ("/unblock", "sender: evil.example Clean again", "evil[.]example"),
    ("/unblock", "domain evil.example until 2030-12-31: clean again", "evil[.]example"),
    ("/safelist", "`off`: The baseline says so", "is not known"),
    ("/audit", "`evil.example` “7d”", "No events"),
    ("/audit", "request 1 – 7d", "no request #1"),
]


@pytest.mark.parametrize(("command", "text", "said"), MARKED)
async def test_marks_around_words_are_no_part_of_them(bot: Bot, command: str, text: str, said: str) -> None:
    entry = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", identity="1")
    if command not in {"/check", "/block"}:
        async with bot.store.write() as uow:
            await uow.snapshots.save(Snapshot(as_of=bot.store.clock(), entries=(entry,)))
    answer = await bot.command(command, text, who=APPROVER)
    assert said in json.dumps(answer.json(), ensure_ascii=False)
    assert not bot.slack.count("views.open"), "a form opened to ask"
