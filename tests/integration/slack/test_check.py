"""`/check`: answered at once from the last snapshot, with its age; or from the tenant, where that won't do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.domain.auditing.events import EventKind
from bot.domain.figures.figures import MailSource, Unseen
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Decision, Review
from bot.slack.block_kit.ids import ActionId
from bot.store import Job
from bot.store.tables import JobRow
from bot.tenant.access import TenantAccess
from bot.tenant.tracing.service import MailTracing
from bot.tls import outside_context
from bot.workflow.asking.check import CHANGING, NO_SNAPSHOT, SILENT, TOO_OLD, UNREAD
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, VISITOR, Bot
from tests.integration.slack.test_listeners import text_of
from tests.integration.slack.test_portcullis import opened
from tests.support.requests import add_request

BLOCKED = Entry(list=ListName.CONNECTION_FILTER, action=Action.BLOCK, value="203.0.113.9/24", policy="Default")
FOLLOWS = "the answer follows"


async def snapshot(bot: Bot, *entries: Entry, age: timedelta = timedelta(), **unreadable: str) -> None:
    policy = FilterPolicy(identity="Default", is_default=True)
    lists = Snapshot(
        as_of=bot.store.clock() - age,
        policies=(policy,),
        entries=entries,
        unreadable={ListName(name): why for name, why in unreadable.items()},
    )
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)


async def live_checks(bot: Bot) -> list[Job]:
    return [job for job in await bot.jobs() if job.kind == JobKind.CHECK]


def button(message: dict[str, Any]) -> str | None:
    """What the Read now button carries."""
    for block in message["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == ActionId.CHECK_NOW:
                return str(element["value"])
    return None


async def test_the_answer_comes_with_the_acknowledgement_and_says_how_old_it_is(bot: Bot) -> None:
    await snapshot(bot, BLOCKED, age=timedelta(minutes=3))
    answer = await bot.command("/check", "203.0.113[.]7")
    said = text_of(answer)
    assert said.startswith("Blocked: `203.0.113[.]7`.")
    assert "Lists as of" in said
    assert "3 minutes ago" in said
    assert answer.json()["response_type"] == "ephemeral"
    assert button(answer.json()) == "203.0.113.7"
    assert await bot.jobs() == [], "the tenant is not asked"


def offered(answer: httpx.Response) -> list[dict[str, Any]]:
    """The buttons in the row below the verdict."""
    blocks = answer.json()["blocks"]
    return [element for block in blocks if block["type"] == "actions" for element in block["elements"]]


async def test_it_names_who_asked_for_an_entry_however_the_tenant_spells_it(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    async with bot.store.write() as uow:
        request = await add_request(uow, bot.store)
        await uow.requests.add_review(
            request.id, Review(reviewer=APPROVER, decision=Decision.APPROVE, at=bot.store.clock())
        )
        await uow.known.put(
            KnownEntry(
                list=ListName.CONNECTION_FILTER,
                action=Action.BLOCK,
                value="203.0.113.0/24",
                requester=REQUESTER,
                request_id=request.id,
                reason="Spam",
                since=bot.store.clock(),
                expires=None,
                notes="Known spammer",
            )
        )
    answer = (await bot.command("/check", "203.0.113.7")).json()
    shown = json.dumps(answer, ensure_ascii=False)
    assert f"asked by <@{REQUESTER}>, approved by <@{APPROVER}> · #{request.id}" in shown
    assert "note “Known spammer”" in shown
    await bot.click(ActionId.DETAILS, answer["blocks"][0]["accessory"]["value"], who=AUDITOR)
    assert f"#{request.id}" in json.dumps(opened(bot)[-1])


async def test_what_can_be_proposed_is_offered_to_those_who_may_now(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    words = {
        who: [element["text"]["text"] for element in offered(await bot.command("/check", "203.0.113.7", who=who))]
        for who in (REQUESTER, AUDITOR)
    }
    assert words == {REQUESTER: ["Unblock 203.0.113[.]9/24…", "Read now"], AUDITOR: ["Read now"]}

    [unblock, _] = offered(await bot.command("/check", "203.0.113.7"))
    await bot.click(ActionId(unblock["action_id"]), unblock["value"], who=REQUESTER)
    assert "203.0.113.9/24" in json.dumps(opened(bot)[-1])

    await bot.command("/check", "now 203.0.113.7")
    await bot.command("/check", "now 203.0.113.7", who=AUDITOR)
    assert [job.payload["may_propose"] for job in await live_checks(bot)] == [True, False]


async def test_it_tells_of_a_request_under_way_that_names_the_same(bot: Bot) -> None:
    await snapshot(bot)
    await bot.command("/block", "evil.example 30d Phishing wave")
    said = text_of(await bot.command("/check", "evil.example"))
    assert said.startswith("Not listed: `evil[.]example`.")
    assert f"#1 by <@{REQUESTER}> asks to block it: waits for approval." in said


async def test_several_are_answered_in_one_message(bot: Bot) -> None:
    long_hosts = [f"{'a' * 60}.{number}.{'b' * 60}.example" for number in range(4)]
    notes = "N" * 500
    entries = [
        Entry(list=name, action=action, value=host, notes=notes)
        for host in long_hosts
        for name in (ListName.SENDER, ListName.URL)
        for action in Action
    ]
    await snapshot(bot, BLOCKED, *entries, spoof="The service did not answer. " * 20)
    answer = await bot.command("/check", " ".join(["203.0.113.7", *long_hosts]))
    said = text_of(answer)
    assert said.count("Blocked") >= 5
    assert "Could not be seen" in said
    carried = button(answer.json())
    assert carried is not None
    assert carried.splitlines() == ["203.0.113.7", *long_hosts]


async def test_what_is_asked_is_logged_once_with_where_the_answer_came_from(bot: Bot) -> None:
    await snapshot(bot)
    for _ in range(2):
        text_of(await bot.command("/check", "203.0.113.7 evil.example", trigger_id="the same"))
    async with bot.store.read() as uow:
        events = await uow.audit.page()
    assert [(event.kind, event.target, event.payload["from"]) for event in reversed(events)] == [
        (EventKind.CHECK_ASKED, "203.0.113.7", "snapshot"),
        (EventKind.CHECK_ASKED, "evil.example", "snapshot"),
    ]


async def test_without_a_snapshot_the_tenant_is_read_and_the_person_told_why(bot: Bot) -> None:
    said = text_of(await bot.command("/check", "203.0.113.7"))
    assert NO_SNAPSHOT in said
    assert FOLLOWS in said
    [job] = await live_checks(bot)
    assert job.payload["indicators"] == ["203.0.113.7"]
    assert job.payload["response_url"].startswith("http")


@pytest.mark.parametrize(("age", "live"), [(timedelta(minutes=44), False), (timedelta(minutes=46), True)])
async def test_a_snapshot_is_gone_by_until_several_readings_have_come_to_nothing(
    bot: Bot, age: timedelta, live: bool
) -> None:
    await snapshot(bot, BLOCKED, age=age)
    said = text_of(await bot.command("/check", "203.0.113.7"))
    assert (TOO_OLD in said) == live
    assert len(await live_checks(bot)) == int(live)


async def test_a_list_that_could_not_be_read_is_asked_for_anew(bot: Bot) -> None:
    await snapshot(bot, connection_filter="The service did not answer.")
    assert UNREAD in text_of(await bot.command("/check", "203.0.113.7"))
    assert len(await live_checks(bot)) == 1


async def test_a_related_list_that_could_not_be_read_stands_beside_the_answer(bot: Bot) -> None:
    await snapshot(bot, BLOCKED, spoof="The service did not answer.")
    said = text_of(await bot.command("/check", "203.0.113.7"))
    assert "as far as could be seen" in said
    assert "The service did not answer." in said
    assert await live_checks(bot) == []


async def test_after_a_change_the_snapshot_is_not_gone_by_until_it_is_taken_anew(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    async with bot.store.write() as uow:
        await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
    assert CHANGING in text_of(await bot.command("/check", "203.0.113.7"))
    assert len(await live_checks(bot)) == 1


async def reading_that_hangs(bot: Bot, seconds: float) -> None:
    """The lists have been read anew for so long, and no answer has come."""
    async with bot.store.write() as uow:
        await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
    async with bot.store.write() as uow:
        now = bot.store.clock()
        await uow.jobs.claim("one", now, 300, 1)
        await uow.jobs._scope.session.execute(update(JobRow).values(taken_at=now - timedelta(seconds=seconds)))


@pytest.mark.parametrize("age", [timedelta(minutes=5), timedelta(hours=5)])
@pytest.mark.parametrize("typed", ["203.0.113.7", "now 203.0.113.7"])
async def test_while_the_tenant_is_silent_the_snapshot_answers_and_says_so(
    bot: Bot, typed: str, age: timedelta
) -> None:
    await snapshot(bot, BLOCKED, age=age)
    await reading_that_hangs(bot, 11)
    said = text_of(await bot.command("/check", typed))
    assert said.startswith("Blocked: `203.0.113[.]7`.")
    assert SILENT in said
    assert "5 hours ago" in said or "5 minutes ago" in said
    assert await live_checks(bot) == []


async def test_a_reading_that_has_just_begun_is_waited_for(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    await reading_that_hangs(bot, 9)
    assert CHANGING in text_of(await bot.command("/check", "203.0.113.7"))
    assert len(await live_checks(bot)) == 1


async def test_a_reading_that_has_failed_and_waits_counts_as_silence(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    await reading_that_hangs(bot, 0)
    async with bot.store.write() as uow:
        [job] = await uow.jobs.waiting(kind=JobKind.WATCH)
        await uow.jobs.retry(job, bot.store.clock() + timedelta(minutes=5), "No answer.")
    assert SILENT in text_of(await bot.command("/check", "now 203.0.113.7"))


async def test_without_a_snapshot_silence_is_waited_for(bot: Bot) -> None:
    await reading_that_hangs(bot, 600)
    assert NO_SNAPSHOT in text_of(await bot.command("/check", "203.0.113.7"))
    assert len(await live_checks(bot)) == 1


async def test_read_now_is_answered_from_the_snapshot_while_the_tenant_is_silent(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    await reading_that_hangs(bot, 11)
    await bot.click(ActionId.CHECK_NOW, "203.0.113.7", who=AUDITOR)
    [reply] = await bot.replies()
    assert "Blocked" in reply
    assert SILENT in reply


async def test_a_reading_that_is_due_later_changes_nothing(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    async with bot.store.write() as uow:
        await uow.jobs.enqueue(JobKind.WATCH, {}, run_at=bot.store.clock() + timedelta(minutes=10))
    assert "Blocked" in text_of(await bot.command("/check", "203.0.113.7"))


async def test_now_reads_the_tenant_whatever_the_snapshot(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    said = text_of(await bot.command("/check", "NOW 203.0.113.7"))
    assert FOLLOWS in said
    assert "Blocked" not in said
    [job] = await live_checks(bot)
    assert job.payload["indicators"] == ["203.0.113.7"]
    assert (await bot.command("/check", "now")).text == ""
    assert bot.slack.count("views.open") == 1, "nothing to check was named: the form opens"


async def test_read_now_asks_for_just_what_was_answered(bot: Bot) -> None:
    await snapshot(bot)
    pair = "user@contoso.com, 203.0.113.0/24"
    carried = button((await bot.command("/check", f"spoof {pair}", who=AUDITOR)).json())
    assert (await bot.click(ActionId.CHECK_NOW, carried, who=AUDITOR)).content == b""
    [job] = await live_checks(bot)
    assert job.payload["indicators"] == [pair]
    assert job.payload["user"] == AUDITOR


async def test_a_click_delivered_again_asks_once(bot: Bot) -> None:
    for _ in range(3):
        await bot.click(ActionId.CHECK_NOW, "203.0.113.7", who=AUDITOR, trigger_id="the same")
    assert len(await live_checks(bot)) == 1


@pytest.mark.parametrize(
    "value", ["", "what is this", None, "203.0.113.7\n0x7f.1", "\n".join(f"203.0.113.{n}" for n in range(6))]
)
async def test_a_button_that_carries_anything_else_asks_nothing(bot: Bot, value: object) -> None:
    await bot.click(ActionId.CHECK_NOW, value, who=AUDITOR)
    jobs = await bot.jobs()
    assert [job.kind for job in jobs] == [JobKind.REPLY]


async def test_roles_are_read_at_the_click(bot: Bot) -> None:
    await bot.click(ActionId.CHECK_NOW, "203.0.113.7", who=VISITOR)
    [reply] = await bot.replies()
    assert "may not check" in reply
    assert "may not check" in text_of(await bot.command("/check", "203.0.113.7", who=VISITOR))


def mail_button(answer: httpx.Response) -> str | None:
    """What the button carries that has the mail counted."""
    elements = [element for block in answer.json()["blocks"] for element in block.get("elements", [])]
    return next((str(each["value"]) for each in elements if each.get("action_id") == ActionId.CHECK_MAIL), None)


@pytest.fixture
async def counting(bot: Bot) -> AsyncIterator[Bot]:
    """A bot that counts mail, of a tenant that nobody reaches."""
    access = TenantAccess(tenant_id="tenant", client_id="app", secret="none", ssl_context=outside_context())
    tracing = MailTracing(access, sources={MailSource.TRACE})
    object.__setattr__(bot.context, "tracing", tracing)
    yield bot
    await tracing.close()


async def test_mail_is_offered_to_be_counted_where_that_is_done(counting: Bot) -> None:
    await snapshot(counting, BLOCKED)
    carried = mail_button(await counting.command("/check", "203.0.113.7 evil.example"))
    assert carried == "203.0.113.7\nevil.example"
    assert (await counting.click(ActionId.CHECK_MAIL, carried, who=AUDITOR)).content == b""
    [job] = await counting.jobs()
    assert job.kind == JobKind.COUNT_MAIL
    assert (job.payload["indicators"], job.payload["user"]) == (["203.0.113.7", "evil.example"], AUDITOR)
    assert job.payload["response_url"]


async def test_mail_is_not_offered_where_nobody_counts_it(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    assert mail_button(await bot.command("/check", "203.0.113.7")) is None


async def test_what_is_known_of_mail_stands_there_at_once_and_takes_the_answers_place(counting: Bot) -> None:
    await snapshot(counting, BLOCKED)
    asked = Indicator(kind=Kind.IPV4, value="203.0.113.7")
    async with counting.store.write() as uow:
        await uow.figures.keep(asked, Unseen.RANGES, at=counting.context.now())
    answer = await counting.command("/check", "203.0.113.7")
    assert "Last 10 days: message trace can't see ranges of IPs" in text_of(answer)
    assert mail_button(answer) is None
    # A button of an answer from before that.
    await counting.click(ActionId.CHECK_MAIL, "203.0.113.7", who=AUDITOR)
    [job] = await counting.jobs()
    assert (job.kind, job.payload["replaces"]) == (JobKind.REPLY, True)
    assert "Last 10 days: " in job.payload["message"]["text"]


@pytest.mark.parametrize(
    "value", ["", "what is this", None, "203.0.113.7\n0x7f.1", "\n".join(f"203.0.113.{n}" for n in range(6))]
)
async def test_a_button_that_carries_anything_else_counts_nothing(counting: Bot, value: object) -> None:
    await counting.click(ActionId.CHECK_MAIL, value, who=AUDITOR)
    assert [job.kind for job in await counting.jobs()] == [JobKind.REPLY]


async def test_a_form_that_opens_says_what_is_known_of_the_mail(counting: Bot) -> None:
    await snapshot(counting)
    async with counting.store.write() as uow:
        await uow.figures.keep(
            Indicator(kind=Kind.DOMAIN, value="evil.example"), Unseen.DOMAINS, at=counting.store.clock()
        )
    await counting.command("/block", "evil.example")
    [body] = [body.decode() for method, _, body in counting.slack.asked if method == "views.open"]
    assert "Mail of the last 10 days" in body
    assert "message trace shows none, and may not see whole domains" in body


async def test_the_index_is_made_once_for_a_snapshot_that_stays(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    text_of(await bot.command("/check", "203.0.113.7"))
    async with bot.store.read() as uow:
        first = await uow.snapshots.load()
    assert first is not None
    index = await bot.context.index_cache.index(first)
    await snapshot(bot, BLOCKED)
    text_of(await bot.command("/check", "203.0.113.7"))
    async with bot.store.read() as uow:
        again = await uow.snapshots.load()
    assert again is not None
    assert await bot.context.index_cache.index(again) is await bot.context.index_cache.index(again)
    more = replace(again, entries=(*again.entries, replace(BLOCKED, value="198.51.100.7")))
    assert await bot.context.index_cache.index(more) is not index


ODD = Entry(list=ListName.URL, action=Action.BLOCK, value="evil.example/folder/#x=1", identity="id")


@pytest.mark.parametrize("typed", ["evil.example/folder/#x=1", "hxxps://evil[.]example/folder/#x=1"])
async def test_an_entry_is_found_by_its_exact_value_and_asked_about_again(bot: Bot, typed: str) -> None:
    await snapshot(bot, ODD)
    answer = await bot.command("/check", typed)
    assert text_of(answer).startswith("Blocked: `evil[.]example/folder/#x=1`.")
    carried = button(answer.json())
    assert carried == "evil.example/folder/#x=1"

    await bot.click(ActionId.CHECK_NOW, carried, who=REQUESTER)
    [job] = await live_checks(bot)
    assert (job.payload["indicators"], job.payload["kinds"]) == ([carried], ["url"])


async def test_how_it_was_read_is_told_at_once_and_goes_with_the_question(bot: Bot) -> None:
    await snapshot(bot, BLOCKED)
    assert "‘CIP:’ was left out" in text_of(await bot.command("/check", "CIP:203.0.113.9"))
    await bot.command("/check", "now CIP:203.0.113.9")
    [job] = await live_checks(bot)
    assert "label_stripped" in [code for code, _ in job.payload["notes"][0]]
