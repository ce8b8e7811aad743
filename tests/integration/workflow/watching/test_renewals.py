"""An entry that has stayed for long comes back to its owner: who is asked, and what an answer does, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import PORTCULLIS, Event, EventKind
from bot.domain.figures.figures import MailSource
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.people import Person
from bot.domain.requests.renewal import Answer, Closing, PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import MOST_NAMED, Renewing, Unanswered
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict, NotPermitted
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.playground.tenant.mail import MailRights, StagedMail
from bot.slack.jobs.poster import Poster
from bot.slack.jobs.renewal_teller import RenewalTeller
from bot.store import AuditFilter
from bot.tenant.tracing.service import MailTracing
from bot.workflow.requesting.let_end import let_end
from bot.workflow.requesting.review import review
from bot.workflow.shared.job_kinds import JobKind, NothingPayload, PersonPayload
from bot.workflow.shared.jobs import enqueue
from bot.workflow.watching.renewals import LOOK_EVERY
from tests.integration.workflow.conftest import Stage
from tests.support import deciding
from tests.support.deciding import take_back
from tests.support.installation import APPROVALS
from tests.support.people import APPROVER, REQUESTER, SECOND, who_is
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import access_to

DAY = timedelta(days=1)
PAIR = "spoof news@fabrikam.example, 203.0.113.0/24"
OTHER = "spoof shop@fabrikam.example, 198.51.100.0/24"
THIRD = "spoof post@fabrikam.example, 192.0.2.0/24"


def rules(stage: Stage, **otherwise: object) -> None:
    object.__setattr__(stage.context, "renewing", Renewing(**otherwise))  # type: ignore[arg-type]  # its own fields


async def allowed(stage: Stage, *values: str, who: Person = REQUESTER) -> Request:
    """Spoof allows without an end, in the tenant."""
    proposals = drafted(
        stage.context, *values, action=Action.ALLOW, end="never", reason="Our newsletter", acknowledged=True
    )
    made = await propose_all(stage.context, actor=who, proposals=proposals)
    assert made.requests, made.refusals
    [request] = made.requests
    await stage.decide(request, who=APPROVER if who is not APPROVER else SECOND)
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED
    return request


async def look(stage: Stage, after: timedelta = LOOK_EVERY) -> None:
    """So much later, it is looked what is due; and all that comes of it is done."""
    stage.clock.now += after
    await stage.snapshot()
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.RENEWALS, NothingPayload(), key=JobKind.RENEWALS)
    await stage.run()


async def renewals(stage: Stage, *states: RenewalState) -> list[Renewal]:
    async with stage.context.store.read() as uow:
        return await uow.renewals.page(states or tuple(RenewalState))


async def events(stage: Stage) -> list[Event]:
    """What is logged of renewals, the oldest first."""
    async with stage.context.store.read() as uow:
        page = await uow.audit.page(filters=AuditFilter(limit=1000))
    return [event for event in page[::-1] if event.kind.startswith("renewal.")]


async def kinds(stage: Stage) -> list[str]:
    return [str(event.kind).removeprefix("renewal.") for event in await events(stage)]


def asked(stage: Stage, who: Person = REQUESTER) -> list[Message]:
    said = ("due for renewal: keep", "about renewals below", "waits for an answer any more")
    return [each for each in stage.messages(f"D{who.user_id[1:]}") if any(words in each.text for words in said)]


def pairs(stage: Stage) -> int:
    """How many spoof pairs the tenant holds."""
    held = stage.standin.lists()["spoof"]
    assert isinstance(held, list)
    return len(held)


def told(stage: Stage) -> list[Message]:
    """What the approvers were told."""
    return [message for message in stage.messages(APPROVALS) if "due for renewal, and nobody" in message.text]


def shown(*answered: Renewal) -> Mapping[int, int]:
    return {each.id: each.version for each in answered}


async def kept(stage: Stage, *values: str, who: Person = REQUESTER, end: str = "never") -> Request:
    """A request that asks to keep an entry, or some, as the form makes it."""
    about = values or (PAIR,)
    drafts = drafted(
        stage.context, *about, operation=Operation.EXTEND, action=Action.ALLOW, end=end, reason="Still our newsletter"
    )
    proposals = [replace(each, keeps_end=end == "never") for each in drafts]
    made = await propose_all(stage.context, actor=who, proposals=proposals)
    assert made.requests, made.refusals
    [request] = made.requests
    return request


async def test_an_owner_is_asked_once_about_all_of_theirs_that_is_due(stage: Stage) -> None:
    first = await allowed(stage, PAIR)
    stage.clock.now += 5 * DAY
    second = await allowed(stage, OTHER)
    await look(stage, 85 * DAY - timedelta(hours=1))
    assert asked(stage) == []
    await look(stage, timedelta(hours=1))
    await look(stage)
    [message] = asked(stage)
    assert message.text.startswith("2 of your entries are due for renewal: keep them, or let them end?")
    assert f"#{first.id}" in message.text
    assert f"#{second.id}" in message.text
    assert "Our newsletter" in str(message.blocks)
    assert await kinds(stage) == ["due", "due", "asked"]
    [*due, ask] = await events(stage)
    assert [event.request_id for event in due] == [first.id, second.id]
    assert {event.actor for event in due} == {PORTCULLIS}
    assert (ask.target, ask.payload["entries"]) == (REQUESTER.user_id, 2)
    assert asked(stage, APPROVER) == []


async def test_nobody_is_asked_while_a_request_asks_for_it(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await allowed(stage, OTHER)
    stage.clock.now += 89 * DAY
    before = await kept(stage)
    await look(stage, DAY)
    await stage.run()
    assert [each.value for each in await renewals(stage)] == [OTHER.removeprefix("spoof ")]
    await stage.decide(before, Decision.DENY)
    await look(stage)
    assert sorted(each.value for each in await renewals(stage)) == sorted(
        each.removeprefix("spoof ") for each in (PAIR, OTHER)
    )


async def test_what_nobody_requested_is_never_asked_about_unless_it_is_adopted(stage: Stage) -> None:
    pair = {"SpoofedUser": "news@fabrikam.example", "SendingInfrastructure": "203.0.113.0/24"}
    stage.standin.edit(
        "New-TenantAllowBlockListSpoofItems",
        {"Identity": "Default", **pair, "SpoofType": "External", "Action": "Allow"},
    )
    await look(stage, 400 * DAY)
    assert await renewals(stage) == []
    adopting = await kept(stage, end="365d")
    await stage.decide(adopting)
    await stage.run()
    await look(stage, 90 * DAY)
    assert [each.owner for each in await renewals(stage)] == [REQUESTER.user_id]


async def test_kept_it_stays_for_another_period(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    request = await kept(stage)
    await stage.run()
    [message] = asked(stage)
    assert f"to be kept, by #{request.id}" in message.text
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.answer, renewal.answer_id) == (RenewalState.ANSWERED, Answer.KEEP, request.id)
    assert "end_stays" in {warning.code for warning in request.warnings}
    await stage.decide(request)
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED
    await look(stage)
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.closing) == (RenewalState.CLOSED, Closing.KEPT)
    assert asked(stage)[0].text.startswith("Nothing of this waits for an answer any more.")
    assert await kinds(stage) == ["due", "asked", "answered", "closed"]
    answered = (await events(stage))[2]
    assert (answered.actor, answered.payload["answer"], answered.payload["by"]) == (
        REQUESTER.user_id,
        "keep",
        request.id,
    )
    await look(stage, 89 * DAY)
    assert len(await renewals(stage)) == 1
    await look(stage, DAY)
    assert [each.request_id for each in await renewals(stage, RenewalState.ASKED)] == [request.id]
    assert len(asked(stage)) == 2


async def test_let_end_it_takes_an_approval_as_any_removal(stage: Stage) -> None:
    request = await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    [renewal] = await renewals(stage)
    made = await let_end(stage.context, actor=REQUESTER, shown=shown(renewal), delivery="one")
    again = await let_end(stage.context, actor=REQUESTER, shown=shown(renewal), delivery="one")
    [removal] = made.requests
    assert [each.id for each in again.requests] == [removal.id], "delivered again, it gives the same answer"
    assert (removal.operation, removal.status, removal.approvals_needed) == (Operation.REMOVE, Status.PENDING, 1)
    with pytest.raises(Conflict, match=f"answered already, by #{removal.id}"):
        await let_end(stage.context, actor=REQUESTER, shown=shown(renewal), delivery="two")
    await stage.run()
    assert pairs(stage) == 1, "nothing is taken out that nobody approved"
    await stage.decide(removal)
    await stage.run()
    await look(stage)
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.closing) == (RenewalState.CLOSED, Closing.ENDED)
    assert await kinds(stage) == ["due", "asked", "answered", "closed"]
    assert (await stage.item(request)).outcome == f"by #{removal.id}"


async def test_without_an_answer_the_approvers_are_told(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    await look(stage, 7 * DAY)
    old, reminder = asked(stage)
    assert old.text == "There is a newer message about renewals below."
    assert reminder.text.startswith("Reminder: one of your entries is due for renewal")
    await look(stage, 6 * DAY)
    assert told(stage) == []
    await look(stage, DAY)
    await look(stage)
    [message] = told(stage)
    assert "did not answer" in str(message.blocks)
    assert asked(stage)[1].text.startswith("Nothing of this waits")
    assert await kinds(stage) == ["due", "asked", "reminded", "passed_on", "told"]
    await look(stage, 100 * DAY)
    assert len(told(stage)) == 1, "nobody is told twice"
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.why) == (RenewalState.PASSED_ON, PassedOn.UNANSWERED)
    # An approver answers in the owner's place; another one decides.
    made = await let_end(stage.context, actor=APPROVER, shown=shown(renewal), delivery="theirs")
    await stage.run()
    await stage.decide(made.requests[0], who=SECOND)
    await stage.run()
    await look(stage)
    assert [each.closing for each in await renewals(stage)] == [Closing.ENDED]


async def test_without_an_answer_its_removal_is_proposed_where_that_is_set(stage: Stage) -> None:
    rules(stage, unanswered=Unanswered.REMOVE)
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    await look(stage, 14 * DAY)
    await look(stage)
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.answer, renewal.why) == (RenewalState.ANSWERED, Answer.END, PassedOn.UNANSWERED)
    async with stage.context.store.read() as uow:
        removal = await uow.requests.get(renewal.answer_id or 0)
    assert (removal.requester, removal.status) == (PORTCULLIS, Status.PENDING)
    assert told(stage) == [], "the card tells it"
    assert any("nobody answered whether it is still needed" in str(card.blocks) for card in stage.cards())
    assert pairs(stage) == 1
    assert stage.jobs.dead == []
    await stage.decide(removal)
    await stage.run()
    await look(stage)
    assert pairs(stage) == 0
    assert await kinds(stage) == ["due", "asked", "passed_on", "answered", "closed"]


async def test_a_removal_that_is_denied_leaves_it_for_another_period(stage: Stage) -> None:
    rules(stage, unanswered=Unanswered.REMOVE)
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    await look(stage, 14 * DAY)
    await look(stage)
    [renewal] = await renewals(stage)
    async with stage.context.store.read() as uow:
        removal = await uow.requests.get(renewal.answer_id or 0)
    await stage.decide(removal, Decision.DENY)
    await look(stage)
    assert [each.closing for each in await renewals(stage)] == [Closing.STAYS]
    await look(stage, 80 * DAY)
    assert len(await renewals(stage)) == 1
    await look(stage, 10 * DAY)
    assert [each.closing for each in await renewals(stage)] == [Closing.STAYS, None]


async def test_what_is_denied_to_be_kept_is_the_approvers(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    request = await kept(stage)
    await stage.decide(request, Decision.DENY)
    await look(stage)
    [renewal] = await renewals(stage)
    assert (renewal.state, renewal.why) == (RenewalState.PASSED_ON, PassedOn.KEEP_DENIED)
    [message] = told(stage)
    assert "that was denied" in str(message.blocks)


@pytest.mark.parametrize(
    ("answer", "closing", "why"), [(Answer.END, Closing.STAYS, None), (Answer.KEEP, None, PassedOn.KEEP_DENIED)]
)
async def test_what_an_approver_leaves_out_of_an_answer_was_denied(
    stage: Stage, answer: Answer, closing: Closing | None, why: PassedOn | None
) -> None:
    await allowed(stage, PAIR, OTHER)
    await look(stage, 90 * DAY)
    if answer is Answer.KEEP:
        request = await kept(stage, PAIR, OTHER)
    else:
        made = await let_end(stage.context, actor=REQUESTER, shown=shown(*await renewals(stage)), delivery="both")
        [request] = made.requests
    await stage.run()
    first, second = (await stage.request(request)).items
    card = await deciding.shown(stage.context, request.id)
    await review(
        stage.context,
        actor=APPROVER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=card,
        who_is=who_is,
        delivery="without one",
        kept={first.id},
        out={request.id: (second,)},
    )
    await stage.run()
    await look(stage)
    left = next(each for each in await renewals(stage) if each.value == second.value)
    assert (left.closing, left.why) == (closing, why), "whoever was asked isn't asked again"
    assert EventKind.RENEWAL_REOPENED not in {event.kind for event in await events(stage)}


@pytest.mark.parametrize("gone", ["deleted", "without a role"])
async def test_an_owner_who_is_gone_is_not_asked(stage: Stage, gone: str) -> None:
    await allowed(stage, PAIR)
    if gone == "deleted":
        stage.playground.slack.state.faults.add("users.info", Fault(error="user_not_found"))
    else:
        stage.jobs.directory._entitled = {role: frozenset() for role in stage.jobs.directory._entitled}
    await look(stage, 90 * DAY)
    assert asked(stage) == []
    [message] = told(stage)
    assert "has left" in str(message.blocks)
    assert await kinds(stage) == ["due", "passed_on", "told"]


async def test_an_answer_counts_for_what_was_shown(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    [renewal] = await renewals(stage)
    with pytest.raises(NotPermitted, match="Only whoever asked for an entry"):
        await let_end(stage.context, actor=SECOND, shown=shown(renewal), delivery="a stranger's")
    with pytest.raises(Conflict, match="isn't as it was shown"):
        await let_end(stage.context, actor=REQUESTER, shown={renewal.id: renewal.version + 1}, delivery="old")
    with pytest.raises(Conflict, match="not known"):
        await let_end(stage.context, actor=REQUESTER, shown={renewal.id + 1: 1}, delivery="none")
    removal = await stage.want(Operation.REMOVE, PAIR, action=Action.ALLOW)
    await stage.run()
    assert (await stage.request(removal)).status is Status.APPLIED
    with pytest.raises(Conflict, match="is gone by now"):
        await let_end(stage.context, actor=REQUESTER, shown=shown(renewal), delivery="late")
    await look(stage)
    assert [each.closing for each in await renewals(stage)] == [Closing.ENDED]


async def test_however_many_owners_there_are_each_is_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("renewals", "renewals_due"):
        monkeypatch.setattr(f"bot.workflow.watching.{module}._OWNERS", 1)
    for who, value in ((REQUESTER, PAIR), (APPROVER, OTHER), (SECOND, THIRD)):
        await allowed(stage, value, who=who)
    await look(stage, 90 * DAY)
    assert [len(asked(stage, who)) for who in (REQUESTER, APPROVER, SECOND)] == [1, 1, 1]
    await look(stage, 14 * DAY)
    assert {each.why for each in await renewals(stage)} == {PassedOn.UNANSWERED}


async def test_what_is_passed_on_while_the_approvers_are_told_is_told_after_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allowed(stage, PAIR)
    await allowed(stage, OTHER)
    await look(stage, 90 * DAY)
    first, second = await renewals(stage)
    real = Poster.post

    async def late(poster: Poster, channel: str, *given: Any, **otherwise: Any) -> Any:  # noqa: ANN401 - as the real one
        standing = otherwise["record"]
        if channel == APPROVALS and str(otherwise["key"]).startswith("renewal:"):
            async with stage.context.store.write() as uow:
                await uow.renewals.set(first, RenewalState.PASSED_ON, why=PassedOn.OWNER_GONE, at=stage.clock())
        assert standing
        return await real(poster, channel, *given, **otherwise)

    async with stage.context.store.write() as uow:
        await uow.renewals.set(second, RenewalState.PASSED_ON, why=PassedOn.OWNER_GONE, at=stage.clock())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Poster, "post", late)
        await look(stage)
    await look(stage)
    assert [message.text[:7] for message in told(stage)][-1:] == ["2 entri"], "the first one has a message of its own"
    assert (await kinds(stage)).count("told") == 2


async def test_a_message_that_was_answered_before_its_posting_was_known_shows_so(stage: Stage) -> None:
    await allowed(stage, PAIR)
    fault = Fault(error="drop_after", retry_after=0, channel=REQUESTER.user_id)
    stage.playground.slack.state.faults.add("chat.postMessage", fault)
    await look(stage, 90 * DAY)
    assert "keep it, or let it end" in asked(stage)[0].text
    await let_end(stage.context, actor=REQUESTER, shown=shown(*await renewals(stage)), delivery="by its button")
    await look(stage)
    [message] = asked(stage)
    assert message.text.startswith("Nothing of this waits for an answer any more.")
    assert (await kinds(stage)).count("asked") == 1


async def test_after_a_message_that_nobody_can_look_for_the_next_one_is_sent(stage: Stage) -> None:
    """It is let be, and tells nothing: nobody knows whether it stands."""
    await allowed(stage, PAIR)
    stage.clock.now += 40 * DAY
    await allowed(stage, OTHER)
    faults = stage.playground.slack.state.faults
    faults.add("conversations.history", Fault(error="missing_scope", times=9))
    lost = Fault(error="drop_before", retry_after=0, channel=REQUESTER.user_id)
    faults.add("chat.postMessage", lost)
    await look(stage, 50 * DAY)
    [renewal] = await renewals(stage)
    await let_end(stage.context, actor=REQUESTER, shown=shown(renewal), delivery="in App Home")
    await look(stage)
    assert asked(stage) == []
    await look(stage, 40 * DAY)
    [message] = asked(stage)
    assert "shop" in str(message.blocks)


async def test_many_that_are_due_at_once_are_one_message_with_a_file(stage: Stage) -> None:
    many = [f"spoof m{n}@fabrikam.example, 203.0.113.0/24" for n in range(MOST_NAMED + 3)]
    await allowed(stage, *many)
    await look(stage, 90 * DAY)
    await look(stage)
    [message] = asked(stage)
    assert message.text.startswith("13 of your entries are due")
    assert "10 of 13" in str(message.blocks)
    files = [each for each in stage.playground.slack.state.files if each.name == "due-for-renewal.csv"]
    assert len(files) == 1
    waiting = await renewals(stage)
    made = await let_end(stage.context, actor=REQUESTER, shown=shown(*waiting[:MOST_NAMED]), delivery="all shown")
    assert made.requests[0].total == MOST_NAMED
    await stage.run()
    [message] = asked(stage)
    assert message.text.startswith("3 of your entries are due")


async def test_one_request_answers_for_all_the_entries_that_it_names(stage: Stage) -> None:
    many = [f"spoof m{n}@fabrikam.example, 203.0.113.0/24" for n in range(23)]
    await allowed(stage, *many)
    await look(stage, 90 * DAY)
    await look(stage)
    assert len([each for each in await renewals(stage) if each.state.waits]) == len(many)
    request = await kept(stage, *many)
    assert {each.answer_id for each in await renewals(stage)} == {request.id}
    assert not [each for each in await renewals(stage) if each.state.waits]


async def test_switched_off_nobody_is_asked_and_what_was_asked_is_called_off(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    rules(stage, every=None)
    await look(stage)
    assert [each.closing for each in await renewals(stage)] == [Closing.CALLED_OFF]
    await look(stage, 400 * DAY)
    assert len(await renewals(stage)) == 1


async def test_a_block_is_asked_about_only_where_that_is_set(stage: Stage) -> None:
    request = await stage.approved("evil.example", end="never")
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED
    await look(stage, 400 * DAY)
    assert await renewals(stage) == []
    rules(stage, blocks=True)
    await look(stage)
    assert [(each.list, each.value) for each in await renewals(stage)] == [(ListName.SENDER, "evil.example")]


async def test_a_message_whose_answer_was_lost_is_not_posted_twice(stage: Stage) -> None:
    await allowed(stage, PAIR)
    fault = Fault(error="drop_after", retry_after=0, channel=REQUESTER.user_id)
    stage.playground.slack.state.faults.add("chat.postMessage", fault)
    await look(stage, 90 * DAY)
    await look(stage, timedelta(minutes=1))
    await look(stage)
    assert len(asked(stage)) == 1
    assert (await kinds(stage)).count("asked") == 1


async def test_a_withdrawn_answer_asks_anew(stage: Stage) -> None:
    await allowed(stage, PAIR)
    await look(stage, 90 * DAY)
    request = await kept(stage)
    await stage.run()
    await take_back(stage.context, request.id)
    await look(stage)
    [renewal] = await renewals(stage)
    assert renewal.state is RenewalState.ASKED
    assert EventKind.RENEWAL_REOPENED in {event.kind for event in await events(stage)}
    assert asked(stage)[-1].text.startswith("One of your entries is due for renewal")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_figures_of_its_mail_stand_there_where_mail_is_counted(stage: Stage) -> None:
    stage.standin.set_mail(rights=MailRights(trace=True))
    tracing = MailTracing(access_to(stage.playground.environment()), sources={MailSource.TRACE}, now=stage.clock)
    object.__setattr__(stage.context, "tracing", tracing)
    rules(stage, blocks=True)
    await stage.approved("billing@evil.example", end="never")
    await stage.run()
    stage.clock.now += 90 * DAY
    stage.standin.stage_mail(StagedMail(sender="billing@evil.example"), times=3)
    await look(stage)
    [message] = asked(stage)
    said = str(message.blocks)
    assert "In the 10 days before " in said
    assert ": 3 messages to 1 person" in said
    await tracing.close()


async def test_two_who_ask_one_owner_at_once_ask_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await allowed(stage, PAIR)
    stage.clock.now += 90 * DAY
    await stage.snapshot()
    async with stage.context.store.write() as uow:
        [entry] = await uow.known.active()
        await uow.renewals.add([entry], at=stage.clock(), answer_by=stage.clock() + 14 * DAY)
        for key in ("one", "two"):
            await enqueue(uow, JobKind.ASK_OWNER, PersonPayload(user=REQUESTER.user_id), key=key)
    async with stage.context.store.write() as uow:
        claimed = await uow.jobs.claim("another", stage.clock(), 60, 100)
    first, second = (job for job in claimed if job.kind == JobKind.ASK_OWNER)
    looked, asked_first = asyncio.Event(), asyncio.Event()
    real = RenewalTeller._is_gone

    async def slow(teller: RenewalTeller, owner: str) -> bool:
        if not looked.is_set():
            looked.set()
            await asked_first.wait()  # Slack takes its time to say who somebody is
        return await real(teller, owner)

    monkeypatch.setattr(RenewalTeller, "_is_gone", slow)
    waits = asyncio.ensure_future(stage.jobs.do(first))
    await looked.wait()
    await stage.jobs.do(second)
    asked_first.set()
    await waits
    assert len(asked(stage)) == 1
    assert (await kinds(stage)).count("asked") == 1


async def test_two_who_look_at_once_ask_once(stage: Stage) -> None:
    await allowed(stage, PAIR)
    stage.clock.now += 90 * DAY
    await stage.snapshot()
    async with stage.context.store.write() as uow:
        for key in ("one", "two"):
            await enqueue(uow, JobKind.RENEWALS, NothingPayload(), key=key)
    async with stage.context.store.write() as uow:
        claimed = await uow.jobs.claim("another", stage.clock(), 60, 100)
    taken = [job for job in claimed if job.kind == JobKind.RENEWALS]
    assert len(taken) == 2
    await asyncio.gather(*(stage.jobs.do(job) for job in taken))
    await stage.run()
    assert len(await renewals(stage)) == 1
    assert len(asked(stage)) == 1
    assert await kinds(stage) == ["due", "asked"]
