"""The notifier: every copy tells the truth, every step is told once, whatever Slack does meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Decision, Status
from bot.domain.telling.parts_facts import parts_facts
from bot.errors import Conflict
from bot.playground.slack.faults import Fault
from bot.slack.block_kit.ids import ActionId
from bot.slack.jobs.poster import Poster
from bot.slack.messages.card import card, requester_message
from bot.store import Store
from bot.workflow.requesting import asking_back
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, shown, take_back
from tests.support.installation import ALERTS, APPROVALS
from tests.support.people import APPROVER, REQUESTER, SECOND
from tests.support.stand_ins import client_of

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def slack_fault(stage: Stage, method: str, error: str, *, times: int = 1, channel: str | None = None) -> None:
    fault = Fault(error=error, times=times, retry_after=0, channel=channel)
    stage.playground.slack.state.faults.add(method, fault)


def direct(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages("D0REQUEST1")]


@sqlite_only
async def test_a_request_has_one_card_whose_thread_tells_each_step_once(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    assert "Waits for approval" in card.text
    await stage.decide(request)
    await stage.run_until_idle()
    [card] = stage.cards()
    assert "Applied and confirmed" in card.text
    [ended] = stage.thread()
    assert ended.startswith("Applied")
    [copy] = direct(stage)
    assert "Applied and confirmed" in copy


@pytest.mark.parametrize("purpose", [Purpose.CARD, Purpose.COPY])
async def test_what_a_process_that_stood_still_writes_over_is_rendered_anew(stage: Stage, purpose: Purpose) -> None:
    """Its job was taken over, and what it was about to show is old by the time at which it goes on."""
    request = await stage.propose("evil.example")
    await stage.run()
    async with stage.context.store.write() as uow:
        await uow.messages.outdate(request.id, purpose)
        [read] = await uow.messages.of_request(request.id, purpose)
        before = await uow.requests.parts(request.id)
    await stage.decide(request, Decision.DENY)
    await stage.run()
    channel = APPROVALS if purpose is Purpose.CARD else "D0REQUEST1"
    assert "Denied" in stage.messages(channel)[0].text
    poster = Poster(context=stage.context, client=client_of(stage.playground))
    facts = parts_facts(before)
    message = card(facts) if purpose is Purpose.CARD else requester_message(facts)
    await poster.bring_up_to_date(read, before.as_one, message, before.version)
    assert "Denied" not in stage.messages(channel)[0].text
    await stage.run()
    assert "Denied" in stage.messages(channel)[0].text


async def test_two_jobs_for_one_request_never_run_side_by_side(stage: Stage, store: Store) -> None:
    """A second need may be queued while the first is served: its job has to wait, or both post the card."""
    request = await stage.propose("evil.example")
    async with store.write() as uow:
        [first] = [job for job in await uow.jobs.claim("one", stage.clock(), 30, 10) if job.kind == JobKind.NOTIFY]
    await take_back(stage.context, request.id)
    async with store.write() as uow:
        assert [job.kind for job in await uow.jobs.claim("two", stage.clock(), 30, 10)] == []
        await uow.jobs.finish(first)
    async with store.write() as uow:
        assert [job.kind for job in await uow.jobs.claim("two", stage.clock(), 30, 10)] == [JobKind.NOTIFY]


async def test_a_card_that_is_posted_slowly_while_the_request_moves_on_stands_once(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    posting = asyncio.create_task(stage.run())
    await take_back(stage.context, request.id)
    await posting
    await stage.run()
    [card] = stage.cards()
    assert "Withdrawn" in card.text
    assert len(stage.thread()) == 1


async def test_a_card_whose_answer_was_lost_is_the_card(stage: Stage) -> None:
    slack_fault(stage, "chat.postMessage", "drop_after", channel=APPROVALS)
    request = await stage.propose("evil.example")
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    await decide_on(stage.context, request)
    await stage.run_until_idle()
    [card] = stage.cards()
    assert "Applied and confirmed" in card.text
    assert stage.thread()


@sqlite_only
async def test_an_update_that_was_not_answered_and_comes_after_the_next_is_undone(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    before = card.text, card.blocks
    slack_fault(stage, "chat.update", "internal_error")
    await stage.decide(request)
    while not await stage.waiting(JobKind.SHOW_AGAIN):
        assert "Applied and confirmed" not in card.text, "nothing looks after the first update"
        stage.clock.advance(seconds=5)
        await stage.run()
    now = card.text, card.blocks
    card.text, card.blocks = before
    stage.clock.advance(seconds=20)
    await stage.run()
    assert (card.text, card.blocks) == now


@sqlite_only
async def test_where_the_bot_may_not_look_the_second_is_the_card_and_the_first_loses_its_buttons(stage: Stage) -> None:
    workspace = stage.playground.slack.state.workspace
    object.__setattr__(workspace, "scopes", workspace.scopes - {"channels:history"})
    slack_fault(stage, "chat.postMessage", "drop_after", channel=APPROVALS)
    request = await stage.propose("evil.example")
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    first, second = stage.cards()
    with pytest.raises(Conflict, match="isn't the one that Portcullis has on record"):
        await decide_on(stage.context, request, seen=replace(await shown(stage.context, request.id), ts=first.ts))
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    assert "isn't the one that Portcullis has on record" in first.text
    assert "actions" not in [block["type"] for block in first.blocks]
    assert "Waits for approval" in second.text
    await decide_on(stage.context, request)
    await stage.run_until_idle()
    assert "Applied and confirmed" in second.text


@sqlite_only
@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_card_that_can_never_be_changed_is_replaced_once(stage: Stage, error: str) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    slack_fault(stage, "chat.update", error, times=1000)
    await stage.decide(request)
    await stage.run_until_idle()
    assert len(stage.cards()) == 2


@sqlite_only
async def test_a_card_of_before_there_were_versions_is_rendered_anew_at_the_first_click(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    now = await shown(stage.context, request.id)
    card.text = "As an older Portcullis posted it"
    with pytest.raises(Conflict, match="as it stands now"):
        await decide_on(stage.context, request, seen=replace(now, version=0))
    await stage.run()
    assert "Waits for approval" in card.text
    assert (await decide_on(stage.context, request, seen=now)).status is Status.APPROVED


@sqlite_only
async def test_a_card_shows_what_is_new_and_serious_before_the_next_click(stage: Stage) -> None:
    request = await stage.propose("203.0.113.7")
    await stage.run()
    [card] = stage.cards()
    assert "IP Allow List" not in card.text
    held = Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.7")
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=stage.clock(), entries=(held,)))
    with pytest.raises(Conflict, match="your click decided nothing"):
        await stage.decide(request)
    await stage.run()
    assert ":rotating_light:" in str(card.blocks)
    assert [line for line in stage.thread() if "Read the card again" in line]


@sqlite_only
@pytest.mark.parametrize("decided", [False, True])
async def test_a_deleted_card_is_posted_again_at_the_next_step(stage: Stage, decided: bool) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    if decided:
        await stage.decide(request, Decision.DENY)
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    conversation.remove(stage.cards()[0])
    if not decided:
        await stage.decide(request, Decision.DENY)
    await stage.run_until_idle()
    [card] = stage.cards()
    assert "Denied" in card.text
    assert len(stage.thread()) == 1


@sqlite_only
async def test_a_card_deleted_between_its_update_and_its_thread_is_found_missing(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    slack_fault(stage, "chat.postMessage", "thread_not_found", channel=APPROVALS)
    await stage.decide(request, Decision.DENY)
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    await stage.run()
    conversation.remove(stage.cards()[0])
    await stage.run_until_idle()
    [card] = stage.cards()
    assert "Denied" in card.text
    assert len(stage.thread()) == 1
    assert not stage.jobs.dead


@sqlite_only
async def test_a_requester_who_cannot_be_written_to_holds_nothing_up(stage: Stage) -> None:
    slack_fault(stage, "chat.postMessage", "cannot_dm_bot", channel=REQUESTER.user_id)
    request = await stage.propose("evil.example")
    await stage.run()
    assert len(stage.cards()) == 1
    assert direct(stage) == []
    slack_fault(stage, "chat.postMessage", "user_disabled", channel=REQUESTER.user_id)  # the copy is tried again
    await stage.decide(request, Decision.DENY)
    await stage.run()
    assert "Denied" in stage.cards()[0].text


@sqlite_only
async def test_a_requester_whose_account_ends_meanwhile_holds_nothing_up(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    slack_fault(stage, "chat.update", "user_disabled", channel="D0REQUEST1")
    await stage.decide(request, Decision.DENY)
    await stage.run()
    assert "Denied" in stage.cards()[0].text


@sqlite_only
async def test_the_outcome_reaches_the_requester_even_where_the_channel_is_gone(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    conversation = stage.playground.slack.state.conversations.find(APPROVALS)
    assert conversation is not None
    conversation.archived = True
    await stage.decide(request, Decision.DENY)
    await stage.run()
    assert "Denied" in direct(stage)[-1]


@sqlite_only
@pytest.mark.parametrize("error", ["ratelimited", "http_500", "drop_before"])
async def test_a_passing_fault_at_any_post_doubles_nothing(stage: Stage, error: str) -> None:
    request = await stage.propose("evil.example")
    for _ in range(4):
        slack_fault(stage, "chat.postMessage", error)
        await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    await stage.decide(request, Decision.DENY)
    slack_fault(stage, "chat.postMessage", error)
    slack_fault(stage, "chat.update", error)
    await stage.run_until_idle()
    assert len(stage.cards()) == 1
    assert len(stage.thread()) == 1
    assert len([text for text in direct(stage) if "Denied" in text]) == 2, "the copy, and the message"


@sqlite_only
@pytest.mark.parametrize("refused", [False, True])
async def test_an_answer_without_an_address_goes_to_the_person(stage: Stage, refused: bool) -> None:
    """A `response_url` works for half an hour. Somebody who can't be written to either is no reason to go on trying."""
    if refused:
        slack_fault(stage, "chat.postMessage", "cannot_dm_bot")
    async with stage.context.store.write() as uow:
        await uow.jobs.enqueue(
            JobKind.CHECK, {"indicators": ["evil.example"], "user": REQUESTER.user_id, "response_url": ""}
        )
    await stage.run()
    assert await stage.waiting() == []
    assert [("evil[.]example" in text) for text in direct(stage)] == ([] if refused else [True])


@sqlite_only
async def test_of_several_verdicts_of_which_one_fails_none_is_told_twice(stage: Stage) -> None:
    values = [f"{name}.example" for name in ("one", "two", "three", "four", "five")]
    async with stage.context.store.write() as uow:
        asked = {"indicators": values, "kinds": ["domain"] * 5, "user": REQUESTER.user_id, "response_url": ""}
        await uow.jobs.enqueue(JobKind.CHECK, asked)
        [check] = await uow.jobs.claim("test", stage.clock(), 60, 1)
    await stage.jobs.do(check)
    for _ in range(2):
        async with stage.context.store.write() as uow:
            [answer] = await uow.jobs.claim("test", stage.clock(), 60, 1)
        await stage.jobs.do(answer)
    assert len(direct(stage)) == 2
    slack_fault(stage, "chat.postMessage", "http_500", channel=REQUESTER.user_id)
    await stage.run_until_idle()
    told = direct(stage)
    assert [[value for value in values if value.replace(".", "[.]") in text] for text in told] == [[v] for v in values]


async def test_many_decide_at_once(stage: Stage) -> None:
    """Each in a transaction of its own, at the same time: one wins, and each other one is told how it stands."""
    request = await stage.propose("evil.example")
    card = await shown(stage.context, request.id)
    copy = await shown(stage.context, request.id, purpose=Purpose.COPY)
    results = await asyncio.gather(
        decide_on(stage.context, request, Decision.APPROVE, who=APPROVER, seen=card),
        decide_on(stage.context, request, Decision.DENY, who=SECOND, seen=card),
        take_back(stage.context, request.id, seen=copy),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in results) == 2
    assert (await stage.request(request)).status in {Status.APPROVED, Status.DENIED, Status.WITHDRAWN}


async def test_an_alert_about_a_request_tells_what_became_of_it(stage: Stage) -> None:
    """Whoever was alarmed of an IP allow sees it approved, applied and ended where they were alarmed."""
    request = await stage.propose("203.0.113.7", action=Action.ALLOW, end="1d")
    await stage.run()
    [alert] = stage.messages(ALERTS)
    [card] = stage.cards()
    assert "0 of 2 approvals; nothing has been changed." in alert.text
    assert f"p{card.ts.replace('.', '')}" in str(alert.blocks)  # the link to its card
    await stage.decide(request)
    await stage.run()
    [alert] = stage.messages(ALERTS)
    assert "1 of 2 approvals" in alert.text
    await stage.decide(request, who=SECOND)
    await stage.run()
    [alert] = stage.messages(ALERTS)
    assert "nothing has been changed" not in alert.text
    assert "Now: Applied" in alert.text
    await stage.run_until_idle()
    [alert] = stage.messages(ALERTS)
    assert "Now: Applied, and no longer in effect" in alert.text


@sqlite_only
@pytest.mark.parametrize(("ends", "says"), [("withdrawn", "Now: Withdrawn by"), ("denied", "Now: Denied by")])
async def test_an_alert_about_a_request_that_came_to_nothing_says_so(stage: Stage, ends: str, says: str) -> None:
    request = await stage.propose("203.0.113.7", action=Action.ALLOW, end="1d")
    await stage.run()
    if ends == "withdrawn":
        await take_back(stage.context, request.id)
    else:
        await stage.decide(request, Decision.DENY)
    await stage.run()
    [alert] = stage.messages(ALERTS)
    assert says in alert.text
    assert "nothing has been changed" not in alert.text


@sqlite_only
async def test_an_alert_in_an_archived_channel_holds_nothing_up(stage: Stage) -> None:
    request = await stage.propose("203.0.113.7", action=Action.ALLOW, end="1d")
    await stage.run()
    slack_fault(stage, "chat.update", "is_archived", channel=ALERTS)
    await take_back(stage.context, request.id)
    await stage.run_until_idle()
    assert "Withdrawn" in stage.cards()[0].text


@sqlite_only
async def test_an_alert_that_is_gone_is_forgotten(stage: Stage) -> None:
    request = await stage.propose("203.0.113.7", action=Action.ALLOW, end="1d")
    await stage.run()
    [alert] = stage.messages(ALERTS)
    conversation = stage.playground.slack.state.conversations.find(ALERTS)
    assert conversation is not None
    conversation.remove(alert)
    await take_back(stage.context, request.id)
    await stage.run_until_idle()
    async with stage.context.store.read() as uow:
        purposes = [message.purpose for message in await uow.messages.of_request(request.id)]
    assert not any(purpose.startswith("alert:") for purpose in purposes)


async def test_a_question_loses_its_button_once_it_needs_no_answer(stage: Stage) -> None:
    """Answered, followed by another, or decided without one: told in its place, once."""
    request = await stage.propose("evil.example")
    await asking_back.ask(stage.context, actor=APPROVER, request_id=request.id, text="Which mail?", delivery="1")
    await stage.run()
    assert questions(stage) == [("“Which mail?”", True)]
    await asking_back.answer(
        stage.context, actor=REQUESTER, request_id=request.id, number=1, text="Monday's", delivery="2"
    )
    await stage.run()
    assert questions(stage) == [("“Which mail?” You answered: “Monday's”", False)]

    await asking_back.ask(stage.context, actor=APPROVER, request_id=request.id, text="Whose?", delivery="3")
    await stage.run()
    await asking_back.ask(stage.context, actor=SECOND, request_id=request.id, text="Sure?", delivery="4")
    await stage.run()
    assert questions(stage)[1:] == [("“Whose?” You were asked something else since.", False), ("“Sure?”", True)]

    await stage.decide(request, Decision.DENY)
    await stage.run_until_idle()
    assert questions(stage)[2] == ("“Sure?” It needs no answer any more.", False)


@sqlite_only
async def test_a_question_that_slack_has_lost_is_not_told_again(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await asking_back.ask(stage.context, actor=APPROVER, request_id=request.id, text="Which mail?", delivery="1")
    await stage.run()
    [told] = [message for message in stage.messages("D0REQUEST1") if "Which mail?" in message.text]
    stage.messages("D0REQUEST1").remove(told)
    await stage.decide(request, Decision.DENY)
    await stage.run_until_idle()
    assert questions(stage) == []


def questions(stage: Stage) -> list[tuple[str, bool]]:
    """What was asked, with what came of it, and whether a button answers it."""
    return [
        (
            message.text.partition(f"<@{APPROVER.user_id}>: ")[2]
            or message.text.partition(f"<@{SECOND.user_id}>: ")[2],
            ActionId.ANSWER in str(message.blocks),
        )
        for message in stage.messages("D0REQUEST1")
        if message.text.startswith("A question")
    ]
