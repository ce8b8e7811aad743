"""A submission from its approval to the entries that came of it, and whatever may go wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Decision, ItemState, Status
from bot.domain.submissions.submission import FiledStatus
from bot.playground.tenant import Known, Roles
from bot.playground.tenant.faults import FaultKind
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.submitting import submit
from tests.integration.workflow.submitting.conftest import (
    BY_FILE,
    GET,
    MESSAGE,
    MESSAGE_URL,
    RECIPIENT,
    SENDER,
    Submitting,
)
from tests.support.deciding import take_back
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all


async def test_an_approved_submission_is_filed_with_its_allow(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, end="7d")

    await submitting.run()

    [call] = submitting.posts()
    assert call["parameters"] == {
        "@odata.type": "#microsoft.graph.security.emailUrlThreatSubmission",
        "category": "notJunk",
        "recipientEmailAddress": RECIPIENT,
        "messageUrl": MESSAGE_URL,
        "tenantAllowOrBlockListAction": {
            "action": "allow",
            "expirationDateTime": "2030-01-09T03:04:05Z",
            "note": f"Portcullis request {request.id}",
        },
    }
    [there] = submitting.stage.standin.submissions()
    now = await submitting.stage.request(request)
    [item] = now.items
    assert (now.status, item.state) == (Status.APPLIED, ItemState.APPLIED)
    assert item.outcome == f"submitted to Microsoft, reference {there['id']}"
    assert await submitting.stage.kinds(request) == [
        EventKind.REQUEST_PROPOSED,
        EventKind.REQUEST_REVIEWED,
        EventKind.REQUEST_APPROVED,
        EventKind.REQUEST_APPLYING,
        EventKind.SUBMISSION_FILED,
        EventKind.REQUEST_APPLIED,
    ]


async def test_the_entries_that_came_of_it_are_known_by_who_asked(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER)
    await submitting.run()
    await submitting.later(minutes=1)

    async with submitting.stage.context.store.read() as uow:
        known = await uow.known.active(request_id=request.id)
    [item] = (await submitting.stage.request(request)).items
    assert {(entry.list, entry.value, entry.requester) for entry in known} == {
        (ListName.SENDER, SENDER, REQUESTER.user_id),
        (ListName.URL, "fabrikam.example/pay", REQUESTER.user_id),
    }
    assert item.state is ItemState.CONFIRMED
    assert "Microsoft agrees" in item.outcome
    assert f"Allowed now: {SENDER.replace('.', '[.]')}" in item.outcome
    assert (await submitting.stage.kinds(request)).count(EventKind.SUBMISSION_RESULT) == 1
    told = [line for line in submitting.stage.thread() if line.startswith("Heard from Microsoft")]
    assert len(told) == 1
    assert "Allowed now" in told[0]


async def test_checks_and_proposals_see_at_once_what_came_of_it(submitting: Submitting) -> None:
    stage = submitting.stage
    await stage.snapshot()
    await submitting.approved(SENDER)
    await submitting.run()
    made = len(stage.standin.calls())
    await submitting.later(minutes=1)
    calls = {call["cmdlet"] for call in stage.standin.calls()[made:]}

    async with stage.context.store.read() as uow:
        lists = await uow.snapshots.load()
    assert lists is not None
    assert {entry.value for entry in lists.entries} == {SENDER, "fabrikam.example/pay"}
    assert "Get-HostedConnectionFilterPolicy" not in calls, "what nothing comes of is not read"


async def test_entries_are_told_before_the_result_and_the_result_when_it_comes(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER)
    await submitting.run()
    async with submitting.stage.context.store.write() as uow:
        await uow.jobs.enqueue(JobKind.FOLLOW, {"request_id": request.id})
    await submitting.later(seconds=10)
    [early] = (await submitting.stage.request(request)).items
    await submitting.later(minutes=2)
    [late] = (await submitting.stage.request(request)).items

    assert early.state is ItemState.CONFIRMED
    assert "Allowed now" in early.outcome
    assert "Microsoft agrees" not in early.outcome
    assert "Microsoft agrees" in late.outcome
    assert (await submitting.stage.kinds(request)).count(EventKind.SUBMISSION_RESULT) == 2


async def test_a_message_file_is_handed_over_and_then_forgotten(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, evidence=BY_FILE, content=MESSAGE)
    assert await submitting.has_file(request)
    await submitting.run()
    await submitting.later(minutes=1)

    [there] = submitting.stage.standin.submissions()
    assert there["@odata.type"] == "#microsoft.graph.security.emailContentThreatSubmission"
    assert there["sender"] == SENDER
    assert not await submitting.has_file(request)
    [item] = (await submitting.stage.request(request)).items
    assert item.state is ItemState.CONFIRMED


async def test_a_file_that_is_named_by_its_hash_is_submitted_as_a_file(submitting: Submitting) -> None:
    content = b"%PDF-1.7 a price list"
    submitting.stage.standin.set_action_elsewhere("taken")
    evidence = Evidence(file_name="prices.pdf")
    request = await submitting.approved(sha256(content).hexdigest(), evidence=evidence, content=content)
    await submitting.run()
    await submitting.later(minutes=1)

    [there] = submitting.stage.standin.submissions()
    assert (there["@odata.type"], there["fileName"]) == (
        "#microsoft.graph.security.fileContentThreatSubmission",
        "prices.pdf",
    )
    [item] = (await submitting.stage.request(request)).items
    assert item.state is ItemState.CONFIRMED


async def test_another_file_than_was_named_is_not_handed_over_as_it(submitting: Submitting) -> None:
    evidence = Evidence(file_name="prices.pdf")
    request = await submitting.approved("ab" * 32, evidence=evidence, content=b"%PDF-1.7 something else")
    await submitting.run()

    now = await submitting.stage.request(request)
    assert submitting.stage.standin.submissions() == []
    assert (now.status, now.items[0].state) == (Status.FAILED, ItemState.REFUSED)
    assert not await submitting.has_file(request)


async def test_where_the_action_is_refused_a_url_is_filed_without_it_and_the_request_says_so(
    submitting: Submitting,
) -> None:
    request = await submitting.approved("https://fabrikam.example/pay", evidence=None)
    await submitting.run()

    [there] = submitting.stage.standin.submissions()
    [item] = (await submitting.stage.request(request)).items
    assert there["webUrl"] == "https://fabrikam.example/pay"
    assert "no entry will come of it" in item.outcome
    assert "https://security.microsoft.com/reportsubmission, tab URLs" in item.outcome
    await submitting.later(minutes=1)
    [item] = (await submitting.stage.request(request)).items
    assert "Microsoft agrees" in item.outcome
    assert item.state is ItemState.APPLIED


@pytest.mark.parametrize("taken", [True, False])
async def test_what_becomes_of_an_action_on_a_url_is_told_by_the_lists(submitting: Submitting, taken: bool) -> None:
    submitting.stage.standin.set_action_elsewhere("taken" if taken else "ignored")
    request = await submitting.approved("https://fabrikam.example/pay", evidence=None)
    await submitting.run()
    await submitting.later(minutes=1)

    [item] = (await submitting.stage.request(request)).items
    assert (item.state is ItemState.CONFIRMED) is taken
    assert ("Allowed now" in item.outcome) is taken
    assert ("no entry will come of it" in item.outcome) is not taken


@pytest.mark.parametrize("kind", ["drop_after", "504_after"])
async def test_a_submission_with_a_lost_answer_is_found_and_not_filed_twice(
    submitting: Submitting, kind: FaultKind
) -> None:
    submitting.fault(kind)
    request = await submitting.approved(SENDER)
    await submitting.run()
    await submitting.later(seconds=10)

    [there] = submitting.stage.standin.submissions()
    now = await submitting.stage.request(request)
    assert len(submitting.posts()) == 1
    assert now.status is Status.APPLIED
    assert str(there["id"]) in now.items[0].outcome


async def test_a_submission_that_the_list_shows_late_is_waited_for(submitting: Submitting) -> None:
    submitting.fault("drop_after")
    submitting.fault("truncate_page", GET)
    request = await submitting.approved(SENDER)
    await submitting.run()
    during = await submitting.stage.request(request)
    await submitting.later(seconds=20)
    await submitting.later(seconds=20)

    assert (during.status, during.items[0].state) == (Status.APPLYING, ItemState.INTENDED)
    assert (await submitting.stage.request(request)).status is Status.APPLIED
    assert len(submitting.posts()) == 1


async def test_a_submission_that_can_not_be_found_stays_unknown_and_is_never_filed_again(
    submitting: Submitting,
) -> None:
    submitting.fault("drop_before")
    request = await submitting.approved(SENDER)
    await submitting.run()
    for _ in range(12):
        await submitting.later(minutes=2)
    after = await submitting.stage.request(request)
    for _ in range(30):
        await submitting.later(hours=6)

    assert (after.status, after.items[0].state) == (Status.FAILED, ItemState.INTENDED)
    assert "not to be found" in after.failure
    assert len(submitting.posts()) == 1
    assert await submitting.filed(request) == [FiledStatus.LOST]
    assert await submitting.stage.waiting(JobKind.FOLLOW) == []


async def test_a_lost_submission_that_turns_up_after_it_was_given_up_puts_the_request_right(
    submitting: Submitting,
) -> None:
    submitting.fault("drop_after")
    submitting.fault("403", GET, times=10_000)
    request = await submitting.approved(SENDER)
    await submitting.run()
    async with submitting.stage.context.store.write() as uow:
        await submit.give_up(submitting.stage.context, uow, await uow.requests.get(request.id), "Given up.")
    failed = await submitting.stage.request(request)
    submitting.stage.standin.disarm()
    await submitting.later(minutes=1)
    await submitting.later(minutes=1)
    await submitting.later(minutes=2)

    assert failed.status is Status.FAILED
    now = await submitting.stage.request(request)
    assert (now.status, now.items[0].state) == (Status.APPLIED, ItemState.CONFIRMED)
    assert len(submitting.posts()) == 1


async def test_too_many_calls_are_waited_for_and_it_is_filed_once(submitting: Submitting) -> None:
    submitting.fault("429", times=3)
    request = await submitting.approved(SENDER)
    await submitting.run()
    during = await submitting.filed(request)
    for _ in range(3):
        await submitting.later(seconds=30)

    assert during == [FiledStatus.NOT_FILED]
    assert len(submitting.stage.standin.submissions()) == 1
    assert (await submitting.stage.request(request)).status is Status.APPLIED


async def test_a_missing_permission_is_final_and_says_where_to_give_it(submitting: Submitting) -> None:
    submitting.stage.standin.set_roles(Roles(graph_role=False))
    request = await submitting.approved(SENDER, evidence=BY_FILE, content=MESSAGE)
    await submitting.run()

    now = await submitting.stage.request(request)
    assert (now.status, now.items[0].state) == (Status.FAILED, ItemState.REFUSED)
    assert "ThreatSubmission.ReadWrite.All" in now.failure
    assert "admin consent" in now.failure
    assert not await submitting.has_file(request)
    assert await submitting.stage.waiting(JobKind.FOLLOW) == []


async def test_what_microsoft_refuses_is_told_in_its_words_with_the_steps_by_hand(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, evidence=BY_FILE, content=b"no message at all")
    await submitting.run()

    now = await submitting.stage.request(request)
    assert "The fileContent isn't a message." in now.failure
    assert "https://security.microsoft.com/reportsubmission, tab Emails" in now.failure


async def test_a_submission_of_which_nothing_comes_says_so_and_is_not_followed_for_ever(
    submitting: Submitting,
) -> None:
    submitting.stage.standin.know(Known(name=MESSAGE_URL, sender=SENDER, otherwise="impersonation"))
    request = await submitting.approved(SENDER)
    await submitting.run()
    await submitting.later(minutes=1)
    [early] = (await submitting.stage.request(request)).items
    for _ in range(30):
        await submitting.later(hours=6)

    [late] = (await submitting.stage.request(request)).items
    assert "anti-phishing policy" in early.outcome
    assert "No entry has come of it so far." in early.outcome
    assert "No entry came of it." in late.outcome
    assert (await submitting.stage.kinds(request)).count(EventKind.SUBMISSION_RESULT) == 1
    assert await submitting.stage.waiting(JobKind.FOLLOW) == []


async def test_the_end_of_what_came_of_it_is_told(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, end="7d")
    await submitting.run()
    await submitting.later(minutes=1)
    for _ in range(9):
        await submitting.later(days=1)

    [item] = (await submitting.stage.request(request)).items
    async with submitting.stage.context.store.read() as uow:
        assert await uow.known.active(request_id=request.id) == []
    assert item.state is ItemState.EXPIRED
    assert (await submitting.stage.kinds(request))[-1] == EventKind.ITEM_EXPIRED


async def test_an_entry_that_somebody_takes_out_is_told_as_gone(submitting: Submitting) -> None:
    submitting.stage.standin.know(Known(name=MESSAGE_URL, sender=SENDER))
    request = await submitting.approved(SENDER, end="7d")
    await submitting.run()
    await submitting.later(seconds=70)
    submitting.stage.standin.edit("Remove-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": [SENDER]})
    async with submitting.stage.context.store.write() as uow:
        await uow.jobs.enqueue(JobKind.FOLLOW, {"request_id": request.id})
    await submitting.run()

    [item] = (await submitting.stage.request(request)).items
    assert item.state is ItemState.REMOVED
    assert (await submitting.stage.kinds(request))[-1] == EventKind.ITEM_MISSING


async def test_what_a_request_of_ours_took_out_is_no_alarm(submitting: Submitting) -> None:
    stage = submitting.stage
    stage.standin.know(Known(name=MESSAGE_URL, sender=SENDER))
    request = await submitting.approved(SENDER, end="7d")
    await submitting.run()
    await submitting.later(minutes=1)
    removal = drafted(
        stage.context,
        SENDER,
        operation=Operation.REMOVE,
        action=Action.ALLOW,
        end=None,
    )
    made = await propose_all(stage.context, actor=REQUESTER, proposals=removal)
    await stage.decide(made.requests[0])
    await submitting.run()
    async with stage.context.store.write() as uow:
        await uow.jobs.enqueue(JobKind.FOLLOW, {"request_id": request.id})
    await submitting.run()

    [item] = (await stage.request(request)).items
    assert item.state is ItemState.REMOVED
    kinds = await stage.kinds(request)
    assert EventKind.ITEM_REMOVED in kinds
    assert EventKind.ITEM_MISSING not in kinds


async def test_a_list_that_can_not_be_read_makes_no_entry_seem_gone(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, end="7d")
    await submitting.run()
    await submitting.later(minutes=1)
    submitting.stage.fault("403", "Get-TenantAllowBlockListItems", times=3)
    async with submitting.stage.context.store.write() as uow:
        await uow.jobs.enqueue(JobKind.FOLLOW, {"request_id": request.id})
    await submitting.run()

    [item] = (await submitting.stage.request(request)).items
    async with submitting.stage.context.store.read() as uow:
        assert len(await uow.known.active(request_id=request.id)) == 2
    assert item.state is ItemState.CONFIRMED


async def test_a_file_that_is_still_on_its_way_is_waited_for(submitting: Submitting) -> None:
    request = await submitting.approved(SENDER, evidence=BY_FILE)
    await submitting.run()
    during = await submitting.stage.request(request)
    async with submitting.stage.context.store.write() as uow:
        await uow.attachments.put(request.id, "blocked.eml", MESSAGE)
    await submitting.later(seconds=30)

    assert (during.status, during.items[0].state) == (Status.APPLYING, ItemState.PROPOSED)
    assert (await submitting.stage.request(request)).status is Status.APPLIED


async def test_with_submissions_off_an_approved_one_is_refused_with_the_steps(submitting: Submitting) -> None:
    stage = submitting.stage
    request = await submitting.approved(SENDER)
    stage.jobs = Jobs(replace(stage.context, submissions=None), stage.playground)
    await stage.run()

    now = await stage.request(request)
    assert now.status is Status.FAILED
    assert "does not file submissions here" in now.failure
    assert "https://security.microsoft.com/reportsubmission" in now.failure


@pytest.mark.parametrize("how", ["denied", "withdrawn", "lapsed"])
async def test_a_file_goes_with_a_request_that_comes_to_nothing(submitting: Submitting, how: str) -> None:
    stage = submitting.stage
    proposals = drafted(
        stage.context,
        SENDER,
        operation=Operation.SUBMIT,
        action=Action.ALLOW,
        end=None,
        evidence=BY_FILE,
    )
    [request] = (await propose_all(stage.context, actor=REQUESTER, proposals=proposals)).requests
    async with stage.context.store.write() as uow:
        await uow.attachments.put(request.id, "blocked.eml", MESSAGE)
    if how == "denied":
        await stage.decide(request, Decision.DENY)
    elif how == "withdrawn":
        await take_back(stage.context, request.id)
    else:
        stage.clock.now = request.lapses_at + timedelta(minutes=1)
        await stage.run()

    assert not await submitting.has_file(request)


async def test_an_entry_that_was_given_another_end_stays_with_the_request_that_gave_it(submitting: Submitting) -> None:
    """With an end on the second, as dates have it, the tenant's and the one on record are the same."""
    stage = submitting.stage
    stage.standin.know(Known(name=MESSAGE_URL, sender=SENDER))
    request = await submitting.approved(SENDER, end="7d")
    await submitting.run()
    await submitting.later(minutes=1)
    end = f"{stage.clock() + timedelta(days=20):%Y-%m-%d}"
    extension = await stage.want(Operation.EXTEND, SENDER, action=Action.ALLOW, end=end)
    await submitting.run()
    note = await stage.want(Operation.ANNOTATE, SENDER, action=Action.ALLOW, reason="Until their mail is repaired")
    await submitting.run()
    [before] = await stage.known(ListName.SENDER)
    assert (before.request_id, before.notes) == (extension.id, note.reason)
    async with stage.context.store.write() as uow:
        await uow.jobs.enqueue(JobKind.FOLLOW, {"request_id": request.id})
    await submitting.run()

    assert await stage.known(ListName.SENDER) == [before]
