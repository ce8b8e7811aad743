"""A request held against its events. What is wrong is named by what it is about, so that a table can say it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.auditing.events import Event, EventKind, compose
from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import recorded
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import Approval, ApprovedBy, approval_out
from bot.domain.requests.evidence import AttachedFile, Evidence, MessageHeld
from bot.domain.requests.logged import (
    LoggedEvents,
    contradictions,
    end_contradictions,
    told,
)
from bot.domain.requests.logged_proposal import logged_content
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.question import Question
from bot.domain.requests.request import LARGE, Decision, Item, Request, RequestWarning, Review, Status
from tests.unit.domain.requests.cases import DAY, IP, NOW, in_days, item, record, request

REQUESTER, FIRST, SECOND, THIRD = "U0REQUESTER", "U0FIRST", "U0SECOND", "U0THIRD"
APPROVE, DENY = Decision.APPROVE, Decision.DENY


def event(kind: EventKind, actor: str = "portcullis", **payload: object) -> Event:
    return compose(seq=1, tenant_id="tenant", at=NOW, kind=str(kind), actor=actor, request_id=7, payload=payload)


def proposed(of: Request | None = None, **changes: object) -> Event:
    """What was logged when a request was proposed as it stands in `of`, but for `changes`."""
    of = of or request()
    proposal = Proposal(
        operation=of.operation,
        action=of.action,
        list=of.list,
        indicators=tuple(recorded(each.kind, each.value, ()) for each in of.items),
        reason=of.reason,
        expires=of.expires,
        lasts=of.lasts,
        evidence=of.evidence,
    )
    content = logged_content(proposal, approvals_needed=of.approvals_needed) | changes
    return event(EventKind.REQUEST_PROPOSED, REQUESTER, **{key: value for key, value in content.items() if value != ""})


def voted(actor: str, decision: Decision = APPROVE, **said: str) -> Event:
    return event(EventKind.REQUEST_REVIEWED, actor, decision=decision, approvals_needed=1, **said)


def void(*reviewers: str, needed: int = 1) -> Event:
    return event(EventKind.REQUEST_REASSESSED, SECOND, approvals_needed=needed, void=reviewers)


def reviews(*said: tuple[str, Decision]) -> tuple[Review, ...]:
    return tuple(Review(reviewer=who, decision=decision, at=NOW) for who, decision in said)


APPROVED_EVENT = event(EventKind.REQUEST_APPROVED, FIRST)
DENIED_EVENT = event(EventKind.REQUEST_DENIED, FIRST)
APPLYING_EVENT = event(EventKind.REQUEST_APPLYING)
FAILED_EVENT = event(EventKind.REQUEST_FAILED)
TRIED_AGAIN_EVENT = event(EventKind.REQUEST_TRIED_AGAIN, REQUESTER)
APPLIED_EVENT = event(EventKind.REQUEST_APPLIED)

APPROVED = request(status=Status.APPROVED, reviews=reviews((FIRST, APPROVE)))
TWO_NEEDED = request(status=Status.APPROVED, approvals_needed=2, reviews=reviews((FIRST, APPROVE), (SECOND, APPROVE)))


def about(of: Request, *events: Event, changed: tuple[int, ...] = ()) -> list[str]:
    return [each.about for each in contradictions(of, LoggedEvents(events=events, changed=changed))]


#: A request for ten days, proposed two days before it was approved.
LENGTH = request(expires=in_days(8), lasts=10 * DAY)
COUNTED = replace(LENGTH, status=Status.APPROVED, reviews=reviews((FIRST, APPROVE)), expires=in_days(10))
COUNTED_EVENT = event(EventKind.REQUEST_APPROVED, FIRST, expires=in_days(10))


@pytest.mark.parametrize(
    ("now", "events", "wrong"),
    [
        (LENGTH, [proposed(LENGTH)], []),
        (COUNTED, [proposed(LENGTH), voted(FIRST), COUNTED_EVENT], []),
        (replace(LENGTH, expires=in_days(9)), [proposed(LENGTH)], ["expires"]),
        (replace(LENGTH, lasts=11 * DAY), [proposed(LENGTH)], ["lasts"]),
        (replace(LENGTH, lasts=None), [proposed(LENGTH)], ["lasts"]),
        (replace(request(), lasts=10 * DAY), [proposed()], ["lasts"]),  # a day that becomes a length
        (replace(COUNTED, expires=in_days(8)), [proposed(LENGTH), voted(FIRST), COUNTED_EVENT], ["expires"]),
        (replace(COUNTED, expires=None), [proposed(LENGTH), voted(FIRST), COUNTED_EVENT], ["expires"]),
        (COUNTED, [proposed(LENGTH), voted(FIRST), APPROVED_EVENT], ["expires"]),  # the log doesn't name the end
        (
            replace(COUNTED, expires=in_days(90)),  # the length was another one at the click, and is as before again
            [proposed(LENGTH), voted(FIRST), event(EventKind.REQUEST_APPROVED, FIRST, expires=in_days(90))],
            ["expires"],
        ),
    ],
)
def test_a_length_is_counted_from_the_logged_approval(now: Request, events: list[Event], wrong: list[str]) -> None:
    assert about(now, *events) == wrong


@pytest.mark.parametrize(
    ("now", "events"),
    [
        pytest.param(request(), [proposed()], id="pending"),
        pytest.param(APPROVED, [proposed(), voted(FIRST), APPROVED_EVENT], id="approved"),
        pytest.param(
            TWO_NEEDED, [proposed(TWO_NEEDED), voted(FIRST), voted(SECOND), APPROVED_EVENT], id="approved by two"
        ),
        pytest.param(
            replace(APPROVED, reviews=reviews((FIRST, APPROVE))),
            [proposed(), voted(FIRST), void(FIRST), voted(FIRST), APPROVED_EVENT],
            id="approved again after it was voided",
        ),
        pytest.param(
            replace(TWO_NEEDED, status=Status.PENDING, reviews=()),
            [proposed(), voted(FIRST), void(FIRST, needed=2)],
            id="voided, and more approvals needed than were proposed",
        ),
        pytest.param(
            request(status=Status.DENIED, reviews=reviews((FIRST, DENY))),
            [proposed(), voted(FIRST, DENY), DENIED_EVENT],
            id="denied",
        ),
        pytest.param(
            request(status=Status.DENIED, reviews=(Review(reviewer=FIRST, decision=DENY, at=NOW, comment="No."),)),
            [proposed(), voted(FIRST, DENY, comment="No."), DENIED_EVENT],
            id="denied with a comment",
        ),
        pytest.param(
            replace(APPROVED, status=Status.APPLYING),
            [proposed(), voted(FIRST), APPROVED_EVENT, APPLYING_EVENT],
            id="applying",
        ),
        pytest.param(
            replace(APPROVED, status=Status.APPLIED),
            [proposed(), voted(FIRST), APPROVED_EVENT, APPLYING_EVENT, FAILED_EVENT, APPLIED_EVENT],
            id="applied after all",
        ),
        pytest.param(
            APPROVED,
            [proposed(), voted(FIRST), APPROVED_EVENT, APPLYING_EVENT, FAILED_EVENT, TRIED_AGAIN_EVENT],
            id="tried again",
        ),
        pytest.param(request(end=None), [proposed(request(end=None))], id="without an end"),
        pytest.param(
            request(reason="other", expires=in_days(3), approvals_needed=2),
            [event(EventKind.REQUEST_PROPOSED, REQUESTER, operation="add", items=[IP])],
            id="held only to what an older event has",
        ),
    ],
)
def test_what_the_log_says_is_not_contradicted(now: Request, events: list[Event]) -> None:
    assert about(now, *events) == []


LOGGED = [proposed(), voted(FIRST), APPROVED_EVENT]


def asked(text: str = "Which mail?") -> Event:
    return event(EventKind.REQUEST_ASKED, FIRST, number=1, question=text)


ANSWERED_EVENT = event(EventKind.REQUEST_ANSWERED, REQUESTER, number=1, answer="Monday's")
QUESTION = Question(number=1, by=FIRST, text="Which mail?", at=NOW)
ANSWERED = replace(QUESTION, answer="Monday's", answered_at=NOW)


@pytest.mark.parametrize(
    ("question", "events", "agrees"),
    [
        (QUESTION, [asked()], True),
        (ANSWERED, [asked(), ANSWERED_EVENT], True),
        (QUESTION, [asked("Who?"), ANSWERED_EVENT, asked()], True),  # the last one counts
        (None, [asked()], False),
        (QUESTION, [], False),
        (QUESTION, [asked("Who?")], False),
        (replace(QUESTION, by=SECOND), [asked()], False),
        (ANSWERED, [asked()], False),
        (QUESTION, [asked(), ANSWERED_EVENT], False),
    ],
)
def test_what_was_asked_and_answered_is_what_the_log_says(
    question: Question | None, events: list[Event], agrees: bool
) -> None:
    assert about(request(asked_back=question), proposed(), *events) == ([] if agrees else ["question"])


@pytest.mark.parametrize(
    ("now", "events", "expected"),
    [
        (APPROVED, [], ["proposed"]),
        (APPROVED, [proposed(), voted(FIRST, comment="Only today"), APPROVED_EVENT], ["reviews"]),
        (
            replace(APPROVED, reviews=(Review(reviewer=FIRST, decision=APPROVE, at=NOW, comment="Fine"),)),
            LOGGED,
            ["reviews"],
        ),
        (replace(APPROVED, operation=Operation.REMOVE), LOGGED, ["operation"]),
        (replace(APPROVED, action=Action.ALLOW), LOGGED, ["action"]),
        (replace(APPROVED, list=ListName.IP), LOGGED, ["list"]),
        (replace(APPROVED, reason="Another"), LOGGED, ["reason"]),
        (replace(APPROVED, requester=THIRD), LOGGED, ["requester"]),
        (replace(APPROVED, expires=None), LOGGED, ["expires"]),
        (replace(APPROVED, expires=in_days(11)), LOGGED, ["expires"]),
        (replace(APPROVED, items=(item("203.0.113.8"),)), LOGGED, ["items"]),
        (replace(APPROVED, items=(item(), item("203.0.113.8", number=2))), LOGGED, ["items"]),
        (replace(APPROVED, items=()), LOGGED, ["items"]),
        # A pending one is made an approved one, with no review, or with one that nobody gave.
        (replace(APPROVED, reviews=()), [proposed()], ["approvals", "approvals", "status"]),
        (APPROVED, [proposed()], ["reviews", "approvals", "approvals", "status"]),
        (replace(APPROVED, status=Status.PENDING), [proposed()], ["reviews"]),
        (replace(APPROVED, reviews=()), LOGGED, ["reviews"]),
        (replace(APPROVED, reviews=reviews((SECOND, APPROVE))), LOGGED, ["reviews", "reviews"]),
        (replace(APPROVED, reviews=reviews((FIRST, DENY))), LOGGED, ["reviews"]),
        # Fewer approvals than were said to be needed.
        (APPROVED, [proposed(TWO_NEEDED), voted(FIRST), APPROVED_EVENT], ["approvals_needed", "approvals"]),
        (replace(APPROVED, approvals_needed=2), [proposed(TWO_NEEDED), voted(FIRST), APPROVED_EVENT], ["approvals"]),
        # The requester's own, and one that was voided, count for nothing.
        (
            replace(APPROVED, reviews=reviews((REQUESTER, APPROVE))),
            [proposed(), voted(REQUESTER), APPROVED_EVENT],
            ["approvals"],
        ),
        (APPROVED, [proposed(), voted(FIRST), void(FIRST), APPROVED_EVENT], ["reviews", "approvals"]),
        # It was turned down, whatever came after.
        (APPROVED, [proposed(), voted(FIRST), DENIED_EVENT], ["approvals", "status"]),
        (APPROVED, [*LOGGED, event(EventKind.REQUEST_LAPSED)], ["status"]),
        (APPROVED, [proposed(), voted(FIRST), event(EventKind.REQUEST_WITHDRAWN), APPROVED_EVENT], ["status"]),
        # It stands elsewhere: what was applied would be applied again.
        (APPROVED, [*LOGGED, APPLYING_EVENT, APPLIED_EVENT], ["status"]),
        (replace(APPROVED, status=Status.APPLIED), LOGGED, ["status"]),
        (replace(APPROVED, status=Status.DENIED), LOGGED, ["status"]),
    ],
)
def test_what_somebody_changed_is_named(now: Request, events: list[Event], expected: list[str]) -> None:
    assert about(now, *events) == expected


BY_RULE = Approval(by=ApprovedBy.RULE, at=NOW, name="Phishing", why="Blocks of senders need nobody.")
RULED = request(status=Status.APPROVED, approval=BY_RULE)
RULED_EVENT = event(EventKind.REQUEST_APPROVED, approval=approval_out(BY_RULE))
AN_ALLOW = replace(RULED, action=Action.ALLOW)
A_REMOVAL = replace(RULED, operation=Operation.REMOVE)


@pytest.mark.parametrize(
    ("now", "events", "expected"),
    [
        (RULED, [proposed(), RULED_EVENT], []),
        (replace(RULED, status=Status.APPLIED), [proposed(), RULED_EVENT, APPLYING_EVENT, APPLIED_EVENT], []),
        # Reviewed afterwards.
        (replace(RULED, reviews=reviews((FIRST, APPROVE))), [proposed(), RULED_EVENT, voted(FIRST)], []),
        # It waits in the log, or was approved by reviews there.
        (replace(RULED, status=Status.PENDING), [proposed()], ["approval"]),
        (RULED, [proposed()], ["approvals", "approvals", "approval", "status"]),
        (RULED, [proposed(), APPROVED_EVENT], ["approvals", "approval"]),
        # What the log has, the database hasn't.
        (replace(RULED, approval=None), [proposed(), RULED_EVENT], ["approvals", "approval"]),
        (replace(RULED, approval=replace(BY_RULE, name="Other")), [proposed(), RULED_EVENT], ["approvals", "approval"]),
        # Nothing but a block is ever approved so, whatever the log says.
        (AN_ALLOW, [proposed(AN_ALLOW), RULED_EVENT], ["approvals", "approval"]),
        (A_REMOVAL, [proposed(A_REMOVAL), RULED_EVENT], ["approvals", "approval"]),
    ],
)
def test_what_approves_a_block_instead_of_reviews_is_what_the_log_says(
    now: Request, events: list[Event], expected: list[str]
) -> None:
    assert about(now, *events) == expected


def test_a_changed_event_is_named_though_it_agrees() -> None:
    assert about(APPROVED, *LOGGED, changed=(3,)) == ["log"]


MANY = tuple(Item(id=n, kind=Kind.DOMAIN, value=f"h{n}.example") for n in range(1, LARGE + 2))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (MANY, []),
        ((*MANY[:-1], replace(MANY[-1], value="other.example")), ["items"]),
        (MANY[:-1], ["items"]),
        (MANY[::-1], ["items"]),
    ],
)
def test_a_large_request_is_held_to_the_digest_of_all(items: tuple[Item, ...], expected: list[str]) -> None:
    assert about(request(7, *items), proposed(request(7, *MANY))) == expected


@pytest.mark.parametrize("items", [(item(),), MANY], ids=["listed", "as a digest"])
def test_policy_goes_by_the_kinds_that_were_proposed(items: tuple[Item, ...]) -> None:
    logged = proposed(request(7, *items))
    last = replace(items[-1], kind=Kind.FILTER_POLICY)
    assert about(request(7, *items), logged) == []
    assert about(request(7, *items[:-1], last), logged) == ["kinds"]
    older = {name: value for name, value in logged.payload.items() if "kinds" not in name}
    assert about(request(7, *items[:-1], last), replace(logged, payload=older)) == []


READ_THIS, MORE_OF_IT, KNOW_THIS = (
    RequestWarning(code="grave", text="Anybody may write as them.", serious=True),
    RequestWarning(code="grave", text="Anybody may write as them, and as you.", serious=True),
    RequestWarning(code="also", text="It was asked for before."),
)


def warned(*warnings: RequestWarning) -> dict[str, object]:
    return {
        "warnings": [warning.code for warning in warnings],
        "serious": [warning.text for warning in warnings if warning.serious],
    }


@pytest.mark.parametrize(
    ("has", "events", "expected"),
    [
        ((READ_THIS, KNOW_THIS), [proposed(**warned(READ_THIS, KNOW_THIS))], []),
        ((READ_THIS, KNOW_THIS), [proposed(**warned(READ_THIS))], []),  # one that came later
        ((KNOW_THIS,), [proposed(**warned(READ_THIS, KNOW_THIS))], ["warnings"]),
        ((READ_THIS,), [proposed(**warned(READ_THIS, KNOW_THIS))], ["warnings"]),
        ((replace(READ_THIS, text="All is well."),), [proposed(**warned(READ_THIS))], ["warnings"]),
        ((replace(READ_THIS, serious=False),), [proposed(**warned(READ_THIS))], ["warnings"]),
        # What was found anew takes the place of what was logged before.
        (
            (MORE_OF_IT,),
            [proposed(**warned(READ_THIS)), event(EventKind.REQUEST_REASSESSED, SECOND, **warned(MORE_OF_IT))],
            [],
        ),
        (
            (READ_THIS,),
            [proposed(**warned(READ_THIS)), event(EventKind.REQUEST_REASSESSED, SECOND, **warned(MORE_OF_IT))],
            ["warnings"],
        ),
        # Events from before say nothing of the texts.
        (
            (MORE_OF_IT,),
            [proposed(**warned(READ_THIS)), event(EventKind.REQUEST_REASSESSED, SECOND, warnings=["grave"])],
            [],
        ),
    ],
)
def test_the_warnings_that_were_to_be_read_are_there(
    has: tuple[RequestWarning, ...], events: list[Event], expected: list[str]
) -> None:
    assert about(request(warnings=has), *events) == expected


def test_the_digest_of_old_events_is_the_one_of_new_ones() -> None:
    """Requests from before are held to it: it must stay what it was."""
    values = "\n".join(each.value for each in MANY)
    assert proposed(request(7, *MANY)).payload["sha256_of_all"] == hashlib.sha256(values.encode()).hexdigest()


def test_what_a_submission_hands_over_is_held_to_what_its_event_names() -> None:
    message = MessageHeld(senders=("billing@fabrikam.example",), files=(AttachedFile(name="a.pdf", sha256="0" * 64),))
    evidence = Evidence(recipient="user@contoso.example", sha256="0" * 64, message=message)
    now = request(operation=Operation.SUBMIT, action=Action.ALLOW, evidence=evidence)
    logged = proposed(now)
    assert about(now, logged) == []
    assert about(replace(now, evidence=None), logged) == ["evidence"]
    assert now.evidence is not None
    assert about(replace(now, evidence=replace(now.evidence, sha256="1" * 64)), logged) == ["evidence.sha256"]
    assert about(replace(now, evidence=replace(now.evidence, message=None)), logged) == ["evidence.message"]
    assert about(now, proposed(now, evidence={"recipient": "user@contoso.example", "unknown": 1})) == []


def test_a_submission_that_hands_nothing_over_is_given_nothing_to_hand_over_later() -> None:
    """A URL that is submitted alone is one thing; a message that comes with it makes other allows."""
    now = request(operation=Operation.SUBMIT, action=Action.ALLOW, list=ListName.URL, items=(item("evil.example/a"),))
    logged = proposed(now)
    assert about(now, logged) == []
    given = Evidence(recipient="user@contoso.example", message_url="https://graph.example.com/v1.0/users/a/messages/b")
    assert about(replace(now, evidence=given), logged) == ["evidence"]


def test_people_are_told_what_differs() -> None:
    now = replace(APPROVED, action=Action.ALLOW, items=(item("203.0.113.8"),))
    found = contradictions(now, LoggedEvents(events=tuple(LOGGED)))
    assert told(found) == (
        "Its action is “allow” in the database, and “block” in the log. Its indicators are not those that were "
        "proposed: it has 1, among them “203.0.113.8”, which nobody proposed; the log has 1."
    )


@pytest.mark.parametrize(
    ("end", "kept", "now", "found"),
    [
        (10, 10, NOW + 10 * DAY, 0),
        (10, 10, NOW + 11 * DAY, 0),
        (10, 10, NOW + 10 * DAY - timedelta(seconds=1), 1),  # its end has not come
        (None, None, NOW + 10 * DAY, 1),
        (10, 20, NOW + 10 * DAY, 1),  # what is on record of the entry is another end
        (10, None, NOW + 10 * DAY, 1),
    ],
)
def test_an_entry_is_taken_out_at_its_logged_end_alone(
    end: float | None, kept: float | None, now: datetime, found: int
) -> None:
    assert len(end_contradictions(request(end=end), [record(7, end=kept)], now=now)) == found
