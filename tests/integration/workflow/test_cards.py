"""Cards that Slack takes none of are told of, and cards that can't be kept hold up nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict, NotPermitted
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.faults import Fault
from bot.slack.jobs.card_keeper import NOT_BACK_WITHIN
from bot.store import PostedMessage
from bot.workflow.requesting.post_again import post_again
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue, notify, retire
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, shown
from tests.support.installation import ALERTS, APPROVALS, GENERAL
from tests.support.jobs import Jobs, nothing
from tests.support.people import APPROVER, REQUESTER

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

POST, UPDATE = "chat.postMessage", "chat.update"
_ALWAYS = 10_000


def fault(stage: Stage, method: str, error: str, *, times: int = 1, channel: str | None = APPROVALS) -> None:
    stage.playground.slack.state.faults.add(method, Fault(error=error, times=times, retry_after=0, channel=channel))


def mend(stage: Stage) -> None:
    stage.playground.slack.state.faults.clear()


def channel(stage: Stage, name: str = APPROVALS) -> Conversation:
    found = stage.playground.slack.state.conversations.find(name)
    assert found is not None
    return found


def direct(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages("D0REQUEST1")]


def buttons(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in block.get("elements") or []
        if element.get("type") == "button"
    ]


async def next_attempt(stage: Stage) -> None:
    """All that is due in the next minutes."""
    stage.clock.advance(minutes=6)
    await stage.run()


async def changed(stage: Stage, request: Request) -> None:
    """Something has its card looked at again."""
    async with stage.context.store.write() as uow:
        await notify(uow, request.id)
    await next_attempt(stage)


@pytest.mark.parametrize(
    "error",
    [
        "is_archived",
        "channel_not_found",
        "not_in_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "no_permission",
        "channel_is_limited_access",
        "missing_scope",
        "account_inactive",
        "invalid_blocks",
        "msg_blocks_too_long",
        "code_of_next_year",
    ],
)
@sqlite_only
async def test_a_card_that_slack_does_not_take_is_told_once_with_what_to_do(stage: Stage, error: str) -> None:
    fault(stage, POST, error, times=_ALWAYS)
    request = await stage.propose("evil.example")
    for _ in range(4):
        await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    assert f"card of #{request.id}" in alert.text
    assert f"Slack's answer: {error}" in alert.text
    assert len(alert.text.splitlines()) == 3, "what, why, and what to do about it"
    [told] = [text for text in direct(stage) if "Nobody can decide yet" in text]
    assert error in told
    assert (await stage.kinds(request)).count(EventKind.CARD_REFUSED) == 1
    assert not stage.jobs.dead


async def test_a_card_that_can_be_posted_again_is_told_in_the_same_alert(stage: Stage) -> None:
    channel(stage).archived = True
    request = await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    assert "Unarchive the channel" in alert.text
    assert stage.cards() == []
    async with stage.context.store.read() as uow:
        [(missing, remedy)] = await uow.messages.refused_cards_of_all()
    assert missing == request.id
    assert "Unarchive the channel" in remedy
    channel(stage).archived = False
    await next_attempt(stage)
    [card] = stage.cards()
    [alert] = stage.messages(ALERTS)
    assert "Now: The card is posted." in alert.text
    assert "Unarchive the channel" not in alert.text
    assert card.ts.replace(".", "") in str(alert.blocks), "a link to it"
    async with stage.context.store.read() as uow:
        assert await uow.messages.refused_cards_of_all() == []
    assert [text for text in direct(stage) if "The card is posted now" in text]
    assert (await stage.kinds(request))[-2:] == [EventKind.CARD_REFUSED, EventKind.CARD_POSTED]
    await stage.decide(request, Decision.DENY)
    await stage.run()
    [alert] = stage.messages(ALERTS)
    assert "Now: The card is posted. Denied by" in alert.text


@sqlite_only
async def test_an_alert_that_was_overtaken_while_its_answer_was_lost_says_what_became_of_the_card(stage: Stage) -> None:
    channel(stage).archived = True
    stage.playground.slack.state.faults.add(POST, Fault(error="drop_after", channel=ALERTS))
    request = await stage.propose("evil.example")
    while not stage.messages(ALERTS):
        stage.clock.advance(seconds=1)
        await stage.run()
    channel(stage).archived = False
    await stage.decide(request, Decision.DENY)
    for _ in range(3):
        await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    assert "Denied by" in alert.text


@sqlite_only
async def test_an_update_of_an_alert_that_comes_after_the_next_is_undone(stage: Stage) -> None:
    channel(stage).archived = True
    request = await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    channel(stage).archived = False
    await next_attempt(stage)
    [alert] = stage.messages(ALERTS)
    before = alert.text, alert.blocks
    fault(stage, "chat.update", "internal_error")
    await stage.decide(request, Decision.DENY)
    while not await stage.waiting(JobKind.SHOW_AGAIN):
        stage.clock.advance(seconds=5)
        await stage.run()
    assert "Denied by" in alert.text
    alert.text, alert.blocks = before
    stage.clock.advance(seconds=20)
    await stage.run()
    assert "Denied by" in alert.text


@sqlite_only
async def test_what_was_shown_when_the_worker_was_stopped_is_shown_once_more(stage: Stage) -> None:
    """What it had called for may take effect after the next update."""
    request = await stage.propose("evil.example")
    await stage.run()
    await stage.decide(request, Decision.DENY)
    async with stage.context.store.write() as uow:
        for job in await uow.jobs.claim("one that is stopped", stage.clock(), 60, 20):
            await uow.jobs.release(job)
    await stage.run()
    assert await stage.waiting(JobKind.SHOW_AGAIN)


@sqlite_only
async def test_it_is_told_whatever_the_attempt(stage: Stage) -> None:
    """A first attempt that fails for a passing reason used to keep the alert from being told at all."""
    fault(stage, POST, "ratelimited")
    fault(stage, POST, "is_archived", times=_ALWAYS)
    await stage.propose("evil.example")
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    assert len(stage.messages(ALERTS)) == 1


@sqlite_only
async def test_another_reason_is_told_as_well(stage: Stage) -> None:
    fault(stage, POST, "not_in_channel", times=2)
    fault(stage, POST, "is_archived", times=_ALWAYS)
    await stage.propose("evil.example")
    for _ in range(4):
        await next_attempt(stage)
    assert [alert.text.count("is_archived") for alert in stage.messages(ALERTS)] == [0, 1]


@sqlite_only
async def test_a_card_that_was_posted_before_its_alert_is_not_told_of(stage: Stage) -> None:
    fault(stage, POST, "not_in_channel")
    fault(stage, POST, "ratelimited", times=_ALWAYS, channel=ALERTS)
    await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    mend(stage)
    await stage.run_until_idle(longest=stage.context.lapse_after / 100)
    assert len(stage.cards()) == 1
    assert stage.messages(ALERTS) == []


@sqlite_only
async def test_a_channel_that_is_archived_under_a_card_is_told_too(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, UPDATE, "is_inactive", times=_ALWAYS)
    async with stage.context.store.write() as uow:
        await uow.messages.outdate(request.id, Purpose.CARD)
    await changed(stage, request)
    [alert] = stage.messages(ALERTS)
    assert "is_inactive" in alert.text


@sqlite_only
async def test_a_thread_that_takes_no_replies_holds_up_nothing(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, POST, "restricted_action_thread_locked", times=_ALWAYS)
    await stage.decide(request, Decision.DENY)
    await stage.run()
    assert "Denied" in stage.cards()[0].text
    assert await stage.waiting(JobKind.NOTIFY) == []


@sqlite_only
async def test_the_alert_channel_tells_not_of_itself(stage: Stage) -> None:
    """Where alerts go to the approval channel too, whoever asked is told, the log and the doctor."""
    stage.jobs = Jobs(stage.context, stage.playground, alert_channel=APPROVALS)
    channel(stage).archived = True
    await stage.propose("evil.example")
    await stage.run()
    await next_attempt(stage)
    assert await stage.waiting(JobKind.ALERT) == []
    assert [text for text in direct(stage) if "Nobody can decide yet" in text]


@sqlite_only
async def test_whoever_mends_it_at_once_sees_the_card_at_once(stage: Stage) -> None:
    fault(stage, POST, "not_in_channel")
    await stage.propose("evil.example")
    await stage.run()
    assert stage.cards() == []
    stage.clock.advance(seconds=6)
    await stage.run()
    assert len(stage.cards()) == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
@sqlite_only
async def test_what_slack_does_not_take_goes_out_in_its_plainest_form(stage: Stage, error: str) -> None:
    fault(stage, POST, error)
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    assert {block["type"] for block in card.blocks} == {"section", "actions"}
    assert all(block["text"]["type"] == "plain_text" for block in card.blocks if block["type"] == "section")
    said = str(card.blocks)
    assert all(word in said for word in ("evil[.]example", "Phishing wave", "0 of 1 approval", f"#{request.id}"))
    assert buttons(card) == ["Approve", "Deny…", "Details"]
    assert stage.messages(ALERTS) == []
    now = await shown(stage.context, request.id)
    assert (now.ts, now.version) == (card.ts, request.version)
    with pytest.raises(Conflict, match="as it stands now"):
        await decide_on(stage.context, request, seen=replace(now, version=request.version - 1))
    await stage.run()
    assert (await decide_on(stage.context, request, seen=now)).status is Status.APPROVED


@sqlite_only
async def test_an_update_that_slack_does_not_take_goes_out_in_its_plainest_form(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, UPDATE, "msg_too_long")
    await stage.decide(request, Decision.DENY)
    await stage.run()
    [card] = stage.cards()
    assert "Denied" in str(card.blocks)
    assert {block["type"] for block in card.blocks} == {"section", "actions"}


async def on_record(stage: Stage, request: Request, purpose: Purpose = Purpose.CARD) -> list[PostedMessage]:
    async with stage.context.store.read() as uow:
        return await uow.messages.of_request(request.id, purpose)


async def set_channel(stage: Stage, approval_channel: str) -> None:
    """Portcullis is started anew with another approval channel."""
    stage.jobs = Jobs(
        stage.context, stage.playground, instead={JobKind.RESULT: nothing}, approval_channel=approval_channel
    )
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.KEEP_CARDS, NothingPayload())
    await stage.run_until_idle(longest=timedelta(minutes=1))


async def test_a_channel_that_is_set_anew_gets_each_card_that_waits(stage: Stage) -> None:
    denied, waiting = await stage.propose("other.example"), await stage.propose("evil.example")
    await stage.run()
    await stage.decide(denied, Decision.DENY)
    await stage.run()
    [old] = [card for card in stage.cards() if "evil[.]example" in card.text]
    await set_channel(stage, GENERAL)
    [card] = stage.messages(GENERAL)
    assert "evil[.]example" in card.text
    assert "Approve" in buttons(card)
    assert buttons(old) == ["Details"]
    assert f"<#{GENERAL}>" in old.text
    assert len(stage.cards()) == 2, "what is decided stays where it is"
    [known] = await on_record(stage, waiting)
    assert (known.channel, known.ts) == (GENERAL, card.ts)
    before = ShownCard(channel=APPROVALS, ts=old.ts, version=waiting.version)
    with pytest.raises(Conflict, match="isn't the one that Portcullis has on record"):
        await decide_on(stage.context, waiting, seen=before)
    await stage.run()
    assert (await decide_on(stage.context, waiting)).status is Status.APPROVED
    await set_channel(stage, GENERAL)
    assert len(stage.messages(GENERAL)) - len([m for m in stage.messages(GENERAL) if m.thread_ts]) == 1


@pytest.mark.parametrize("stands", [True, False])
@sqlite_only
async def test_a_card_in_doubt_in_the_channel_of_before_loses_its_buttons(stage: Stage, stands: bool) -> None:
    fault(stage, POST, "drop_after" if stands else "drop_before")
    request = await stage.propose("evil.example")
    await stage.run()
    assert await on_record(stage, request) == []
    await set_channel(stage, GENERAL)
    [card] = stage.messages(GENERAL)
    assert "Approve" in buttons(card)
    assert [buttons(old) for old in stage.cards()] == [["Details"]] * stands
    async with stage.context.store.read() as uow:
        assert await uow.posts.in_doubt(["card:"]) == []
    assert (await decide_on(stage.context, request)).status is Status.APPROVED


def gets_another_id(stage: Stage) -> None:
    """The approval channel is that of GENERAL from now on, with all that stands in it; the old id is no channel's."""
    state = stage.playground.slack.state
    channel(stage, GENERAL).messages = channel(stage).messages
    del state.conversations._by_id[APPROVALS]


@sqlite_only
async def test_a_card_in_doubt_in_a_channel_that_got_another_id_is_the_card(stage: Stage) -> None:
    fault(stage, POST, "drop_after")
    request = await stage.propose("evil.example")
    await stage.run()
    gets_another_id(stage)
    await set_channel(stage, GENERAL)
    [card] = stage.messages(GENERAL)
    assert "Approve" in buttons(card)
    [known] = await on_record(stage, request)
    assert (known.channel, known.ts) == (GENERAL, card.ts)
    async with stage.context.store.read() as uow:
        assert await uow.posts.in_doubt(["card:"]) == []
    assert (await decide_on(stage.context, request)).status is Status.APPROVED
    await stage.run()
    assert len([each for each in stage.messages(GENERAL) if each.thread_ts is None]) == 1


@sqlite_only
async def test_one_that_comes_late_to_a_channel_that_got_another_id_loses_its_buttons(stage: Stage) -> None:
    """The call was under way while the channel got its id, and took effect after another card had been posted."""
    fault(stage, POST, "drop_after")
    await stage.propose("evil.example")
    await stage.run()
    gets_another_id(stage)
    [late] = stage.messages(GENERAL)
    channel(stage, GENERAL).messages.clear()
    stage.jobs = Jobs(stage.context, stage.playground, instead={JobKind.RESULT: nothing}, approval_channel=GENERAL)
    [attempt] = await stage.waiting(JobKind.NOTIFY)
    stage.clock.now = attempt.run_at
    await stage.run()
    [card] = stage.messages(GENERAL)
    channel(stage, GENERAL).messages.append(late)
    await stage.run_until_idle(longest=timedelta(minutes=1))
    assert [buttons(late), "Approve" in buttons(card)] == [["Details"], True]
    async with stage.context.store.read() as uow:
        assert await uow.posts.in_doubt(["card:"]) == []


@sqlite_only
@pytest.mark.parametrize("same", [True, False])
async def test_an_alert_in_doubt_is_told_once_when_another_channel_is_set(stage: Stage, same: bool) -> None:
    """Whether it is the same channel with another id, or another one."""
    fault(stage, POST, "drop_after", channel=ALERTS)
    await stage.propose("203.0.113.7", action=Action.ALLOW, end="1d")
    await stage.run()
    assert len(stage.messages(ALERTS)) == 1
    if same:
        channel(stage, GENERAL).messages = channel(stage, ALERTS).messages
        del stage.playground.slack.state.conversations._by_id[ALERTS]
    stage.jobs = Jobs(stage.context, stage.playground, alert_channel=GENERAL)
    await stage.run_until_idle(longest=timedelta(minutes=2))
    told = stage.messages(GENERAL) if same else [*stage.messages(ALERTS), *stage.messages(GENERAL)]
    assert len(told) == 1


@sqlite_only
async def test_replicas_with_different_channels_do_not_send_a_card_to_and_fro(stage: Stage) -> None:
    """As while they are updated, one after the other."""
    request = await stage.propose("evil.example")
    await stage.run()
    for _ in range(3):
        await set_channel(stage, GENERAL)
        await set_channel(stage, APPROVALS)
    assert (len(stage.cards()), len(stage.messages(GENERAL))) == (1, 1), "it was moved once"
    [known] = await on_record(stage, request)
    assert known.channel == GENERAL
    assert (await decide_on(stage.context, request)).status is Status.APPROVED, "and decides where it is"


@sqlite_only
async def test_a_channel_that_was_set_back_gets_its_cards_after_a_while(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    await set_channel(stage, GENERAL)
    stage.clock.advance(seconds=NOT_BACK_WITHIN.total_seconds())
    await set_channel(stage, APPROVALS)
    [known] = await on_record(stage, request)
    assert known.channel == APPROVALS
    assert ["Approve" in buttons(card) for card in (*stage.cards(), *stage.messages(GENERAL))] == [False, True, False]


@pytest.mark.parametrize(
    ("of", "purpose", "keeps"),
    [
        ("itself", Purpose.THREAD, True),
        ("itself", Purpose.DIRECT, False),  # stands in no channel of many
        ("another", Purpose.THREAD, False),
    ],
)
@sqlite_only
async def test_only_what_may_be_a_card_in_doubt_keeps_its_buttons_meanwhile(
    stage: Stage, of: str, purpose: Purpose, keeps: bool
) -> None:
    request, other = await stage.propose("evil.example"), await stage.propose("other.example")
    await stage.run()
    [known] = await on_record(stage, request)
    in_doubt = request if of == "itself" else other
    async with stage.context.store.write() as uow:
        await uow.messages.forget(known.id)
        await uow.posts.call(f"{purpose}:{in_doubt.id}:99", sure_at=stage.clock() + timedelta(seconds=10), seen=None)
        await retire(uow, request.id, channel=known.channel, ts=known.ts)
    await stage.run()
    assert ("Approve" in buttons(stage.cards()[0])) == keeps


@sqlite_only
async def test_an_old_channel_that_is_archived_holds_up_nothing(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    channel(stage).archived = True
    await set_channel(stage, GENERAL)
    assert len(stage.messages(GENERAL)) == 1
    assert await on_record(stage, request, Purpose.OLD_CARD) == []
    assert stage.messages(ALERTS) == []
    assert await stage.waiting(JobKind.NOTIFY) == []


@sqlite_only
async def test_a_channel_that_takes_nothing_takes_no_card_from_people_who_see_it_elsewhere(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    channel(stage, GENERAL).archived = True
    await set_channel(stage, GENERAL)
    [card] = stage.cards()
    assert "Approve" in buttons(card)
    assert (await decide_on(stage.context, request)).status is Status.APPROVED


@sqlite_only
async def test_a_channel_that_got_another_id_keeps_its_cards(stage: Stage) -> None:
    """So it is with a private channel that is shared with another company. Its messages keep their time stamps."""
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    [known] = await on_record(stage, request)
    async with stage.context.store.write() as uow:
        await uow.messages.move(known.id, channel="G0BEFORE", version=known.version)
    clicked = ShownCard(channel=APPROVALS, ts=card.ts, version=known.version)
    with pytest.raises(Conflict, match="has another id by now"):
        await decide_on(stage.context, request, seen=clicked)
    await stage.run()
    assert stage.cards() == [card]
    assert (await decide_on(stage.context, request, seen=clicked)).status is Status.APPROVED


@sqlite_only
async def test_a_new_id_that_is_set_finds_the_cards_that_stand_there(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    [known] = await on_record(stage, request)
    async with stage.context.store.write() as uow:
        await uow.messages.move(known.id, channel="G0BEFORE", version=known.version)
    await set_channel(stage, APPROVALS)
    assert stage.cards() == [card]
    [known] = await on_record(stage, request)
    assert (known.channel, known.version) == (APPROVALS, request.version)


@sqlite_only
async def test_until_the_new_id_is_set_a_click_is_enough(stage: Stage) -> None:
    """Nothing can be posted under the old id, which is what the settings say: the card that people see decides."""
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    [known] = await on_record(stage, request)
    async with stage.context.store.write() as uow:
        await uow.messages.move(known.id, channel="G0BEFORE", version=known.version)
    stage.jobs = Jobs(stage.context, stage.playground, approval_channel="G0BEFORE")
    clicked = ShownCard(channel=APPROVALS, ts=card.ts, version=known.version)
    with pytest.raises(Conflict, match="has another id by now"):
        await decide_on(stage.context, request, seen=clicked)
    await stage.run()
    assert stage.messages(ALERTS) == []
    assert (await decide_on(stage.context, request, seen=clicked)).status is Status.APPROVED


@sqlite_only
async def test_a_message_of_the_same_moment_elsewhere_is_not_taken_for_the_card(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [card] = stage.cards()
    false = ShownCard(channel=GENERAL, ts=card.ts, version=request.version)
    with pytest.raises(Conflict, match="has another id by now"):
        await decide_on(stage.context, request, seen=false)
    await stage.run()
    with pytest.raises(Conflict):
        await decide_on(stage.context, request, seen=false)
    await stage.run()
    assert (await stage.request(request)).status is Status.PENDING


@sqlite_only
@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_card_that_is_lost_is_posted_once_more_and_again_when_somebody_asks(stage: Stage, error: str) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    fault(stage, UPDATE, error, times=_ALWAYS)
    for _ in range(4):
        async with stage.context.store.write() as uow:
            await uow.messages.outdate(request.id, Purpose.CARD)
        await changed(stage, request)
    assert len(stage.cards()) == 2
    mend(stage)
    await post_again(stage.context, actor=APPROVER, request_id=request.id, delivery="click")
    await stage.run()
    [*_, card] = stage.cards()
    assert len(stage.cards()) == 3
    now = await shown(stage.context, request.id)
    assert now.ts == card.ts
    assert (await decide_on(stage.context, request, seen=now)).status is Status.APPROVED


@pytest.mark.parametrize("who", [APPROVER, REQUESTER])
@sqlite_only
async def test_a_card_is_posted_again_once_in_place_of_the_one_before(stage: Stage, who: Person) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    [old] = stage.cards()
    for _ in range(2):
        await post_again(stage.context, actor=who, request_id=request.id, delivery="the same")
        await stage.run()
    [first, second] = stage.cards()
    assert first == old
    assert buttons(old) == ["Details"]
    assert "Approve" in buttons(second)
    assert (await stage.kinds(request)).count(EventKind.CARD_ASKED) == 1
    await stage.decide(request, Decision.DENY)
    with pytest.raises(Conflict, match="waits for no decision any more"):
        await post_again(stage.context, actor=who, request_id=request.id, delivery="another")


@sqlite_only
async def test_who_may_not_decide_has_nobody_elses_card_posted_again(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    await stage.run()
    stranger = replace(REQUESTER, user_id="U0REQUEST2")
    with pytest.raises(NotPermitted):
        await post_again(stage.context, actor=stranger, request_id=request.id, delivery="click")
    await stage.run()
    assert len(stage.cards()) == 1


@sqlite_only
async def test_a_card_that_is_nowhere_is_posted_where_it_stood_before(stage: Stage) -> None:
    """Its channel had another id for a while, and the message is gone."""
    request = await stage.propose("evil.example")
    await stage.run()
    [known] = await on_record(stage, request)
    async with stage.context.store.write() as uow:
        await uow.messages.move(known.id, channel="G0BEFORE", version=0)
    channel(stage).remove(stage.cards()[0])
    await changed(stage, request)
    [card] = stage.cards()
    [known] = await on_record(stage, request)
    assert (known.channel, known.ts) == (APPROVALS, card.ts)
