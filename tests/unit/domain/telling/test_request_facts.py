"""What is told of a request: its headline by operation, where it stands by status, and everything beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.request import Decision, ItemState, Request, RequestWarning, Review, Status
from bot.domain.telling.request_facts import EndFacts, ItemFacts, RequestFacts, request_facts
from bot.domain.telling.sentence import Moment, Value
from tests.support.samples import NOW, any_request_facts, facts, ip_allow, item, request, review
from tests.unit.domain.telling.plain_text import in_words

BLOCK, ALLOW = Action.BLOCK, Action.ALLOW
FILTER = ListName.CONNECTION_FILTER

#: By operation and action: the headline for one item, and for two.
HEADLINES = {
    (Operation.ADD, BLOCK): ("Block sender1.example", "Block 2 senders"),
    (Operation.ADD, ALLOW): ("Allow sender1.example", "Allow 2 senders"),
    (Operation.REMOVE, BLOCK): ("Unblock sender1.example", "Unblock 2 senders"),
    (Operation.REMOVE, ALLOW): ("Unallow sender1.example", "Unallow 2 senders"),
    (Operation.EXTEND, BLOCK): (
        "New expiry date for the block of sender1.example",
        "New expiry date for the block of 2 senders",
    ),
    (Operation.EXTEND, ALLOW): (
        "New expiry date for the allow of sender1.example",
        "New expiry date for the allow of 2 senders",
    ),
    (Operation.ANNOTATE, BLOCK): ("New note on the block of sender1.example", "New note on the block of 2 senders"),
    (Operation.ANNOTATE, ALLOW): ("New note on the allow of sender1.example", "New note on the allow of 2 senders"),
    (Operation.SAFE_LIST_OFF, BLOCK): ("Safe list off in sender1.example", "Safe list off in 2 policies"),
    (Operation.SAFE_LIST_OFF, ALLOW): ("Safe list off in sender1.example", "Safe list off in 2 policies"),
    (Operation.SUBMIT, BLOCK): (
        "Submit sender1.example to Microsoft, to be blocked",
        "Submit 2 senders to Microsoft, to be blocked",
    ),
    (Operation.SUBMIT, ALLOW): (
        "Submit sender1.example to Microsoft, to be let through",
        "Submit 2 senders to Microsoft, to be let through",
    ),
}

#: By status: the items' state, where the request stands, and the same in few words.
STANDINGS = {
    Status.PENDING: (ItemState.PROPOSED, "Waits for approval: 1 of 2 approvals, expires undecided 2026-03-04 12:00."),
    Status.APPROVED: (ItemState.PROPOSED, "Approved by U0APPROVER. Queued: nothing has been changed yet."),
    Status.APPLYING: (
        ItemState.INTENDED,
        "Being applied, approved by U0APPROVER. The tenant has not confirmed it yet.",
    ),
    Status.APPLIED: (ItemState.APPLIED, "Applied: read back from the tenant. Approved by U0APPROVER."),
    Status.PARTLY_APPLIED: (ItemState.APPLIED, "Partly applied: 1 of 1. Approved by U0APPROVER."),
    Status.FAILED: (ItemState.REFUSED, "Failed: none of {counted} applied. Approved by U0APPROVER."),
    Status.DENIED: (ItemState.PROPOSED, "Denied by U0DENIER. Nothing was changed."),
    Status.WITHDRAWN: (ItemState.PROPOSED, "Withdrawn by U0REQUESTER. Nothing was changed."),
    Status.LAPSED: (ItemState.PROPOSED, "Expired undecided. Nothing was changed."),
}
REVIEWS = [review(), review("U0DENIER", decision=Decision.DENY)]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("operation", "action"), HEADLINES)
def test_each_operation_has_its_headline_and_each_status_its_sentence(
    operation: Operation, action: Action, status: Status
) -> None:
    state, stands = STANDINGS[status]
    if operation is Operation.SUBMIT and status is Status.APPLIED:
        stands = "Filed with Microsoft, which decides what comes of it. Approved by U0APPROVER."
    told = facts(
        operation=operation,
        action=action,
        status=status,
        items=[item(state=state)],
        reviews=REVIEWS,
        approvals_needed=2,
    )
    assert in_words(told.headline) == HEADLINES[operation, action][0]
    assert in_words(told.status_sentence) == stands.format(counted=told.counted)
    assert in_words(facts(operation=operation, action=action).headline) == HEADLINES[operation, action][1]
    assert told.is_open == (status is Status.PENDING)
    assert (told.approvals_given, told.approvals_needed) == (1, 2)
    assert (told.operation, told.action, told.list, told.status) == (operation, action, ListName.SENDER, status)
    assert told.effect


@pytest.mark.parametrize(
    ("states", "status", "operation", "stands"),
    [
        (
            {ItemState.CONFIRMED: 2},
            Status.APPLIED,
            Operation.ADD,
            "Applied and confirmed: read back from the tenant, and",
        ),
        ({ItemState.CONFIRMED: 1, ItemState.ALREADY_SO: 1}, Status.APPLIED, Operation.ADD, "Applied: read back from"),
        (
            {ItemState.APPLIED: 1, ItemState.EXPIRED: 1},
            Status.APPLIED,
            Operation.ADD,
            "Applied; 1 of 2 no longer in effect.",
        ),
        (
            {ItemState.EXPIRED: 1, ItemState.REMOVED: 1},
            Status.APPLIED,
            Operation.ADD,
            "Applied, and no longer in effect. ",
        ),
        (
            {ItemState.APPLIED: 9_000, ItemState.REMOVED: 10, ItemState.REFUSED: 990},
            Status.PARTLY_APPLIED,
            Operation.ADD,
            "Partly applied: 9,010 of 10,000; 10 no longer in effect.",
        ),
        (
            {ItemState.INTENDED: 10, ItemState.REFUSED: 5},
            Status.FAILED,
            Operation.ADD,
            "Failed: it is not known what became of 10 senders: look at the list.",
        ),
        ({ItemState.REFUSED: 5}, Status.FAILED, Operation.SAFE_LIST_OFF, "Failed: none of 5 policies applied."),
    ],
)
def test_the_outcome_is_told_by_all_items(
    states: dict[ItemState, int], status: Status, operation: Operation, stands: str
) -> None:
    assert in_words(facts(status=status, operation=operation, tally=states).status_sentence).startswith(stands)


@pytest.mark.parametrize(
    ("made", "headline", "named", "short"),
    [
        (request(items=[]), "Block 0 senders", "Block 0 senders: (nothing)", "Block (nothing)"),
        (request(items=1), "Block sender1.example", "Block sender1.example", "Block sender1.example"),
        (
            request(items=2),
            "Block 2 senders",
            "Block 2 senders: sender1.example, sender2.example",
            "Block sender1.example and 1 more",
        ),
        (
            request(items=3),
            "Block 3 senders",
            "Block 3 senders: sender1.example, sender2.example, sender3.example",
            "Block sender1.example and 2 more",
        ),
        (
            request(items=5),
            "Block 5 senders",
            "Block 5 senders: sender1.example, sender2.example, sender3.example and 2 more",
            "Block sender1.example and 4 more",
        ),
        (
            request(items=[item(1, state=ItemState.LEFT_OUT), item(2), item(3)]),
            "Block 3 senders",
            "Block 3 senders: sender1.example, sender2.example, sender3.example",
            "Block sender2.example and 1 more",
        ),
        (ip_allow(), "Allow 203.0.113.7", "IP ALLOW 203.0.113.7", "IP ALLOW 203.0.113.7"),
        (
            ip_allow(operation=Operation.EXTEND),
            "New expiry date for the allow of 203.0.113.7",
            "KEEP IP ALLOW 203.0.113.7",
            "KEEP IP ALLOW 203.0.113.7",
        ),
    ],
)
def test_a_headline_names_values_as_there_is_room(made: Request, headline: str, named: str, short: str) -> None:
    told = request_facts(made)
    assert in_words(told.headline) == headline
    assert in_words(told.named_headline) == named
    assert in_words(told.short_headline) == short


TAKEN_OUT, KEPT = review(decision=Decision.DENY), review()
GONE, STANDS = ItemState.REMOVED, ItemState.CONFIRMED


@pytest.mark.parametrize(
    ("states", "emergency", "said"),
    [
        ([STANDS, STANDS], None, "applied"),
        ([STANDS, GONE], None, "applied, 1 of 2 no longer in effect"),
        ([GONE, GONE], None, "applied, no longer in effect"),
        ([ItemState.EXPIRED, ItemState.EXPIRED], None, "applied, has ended"),
        ([STANDS, STANDS], [], "applied, emergency block to be reviewed"),
        ([STANDS, STANDS], [KEPT], "applied"),
        ([STANDS, STANDS], [TAKEN_OUT], "applied, emergency block taken out"),
        ([GONE, GONE], [TAKEN_OUT], "applied, emergency block taken out"),
        ([STANDS, GONE], [TAKEN_OUT], "applied, emergency block taken out, 1 of 2 no longer in effect"),
    ],
)
def test_a_line_of_a_list_says_what_became_of_what_was_applied(
    states: list[ItemState], emergency: list[Review] | None, said: str
) -> None:
    made = request(status=Status.APPLIED, items=[item(number, state=state) for number, state in enumerate(states, 1)])
    if emergency is not None:
        made = replace(made, approval=Approval(by=ApprovedBy.EMERGENCY, at=NOW), reviews=tuple(emergency))
    assert request_facts(made).status_words == said


@pytest.mark.parametrize(
    ("operation", "action", "name", "alarm"),
    [
        (Operation.ADD, ALLOW, FILTER, "IP ALLOW"),
        (Operation.EXTEND, ALLOW, FILTER, "KEEP IP ALLOW"),
        (Operation.REMOVE, ALLOW, FILTER, ""),
        (Operation.ANNOTATE, ALLOW, FILTER, ""),
        (Operation.SAFE_LIST_OFF, ALLOW, FILTER, ""),
        (Operation.ADD, BLOCK, FILTER, ""),
        (Operation.ADD, ALLOW, ListName.SENDER, ""),
        (Operation.ADD, ALLOW, ListName.SPOOF, ""),
        (Operation.ADD, ALLOW, ListName.IP, "IP ALLOW"),
        (Operation.EXTEND, ALLOW, ListName.IP, "KEEP IP ALLOW"),
        (Operation.REMOVE, ALLOW, ListName.IP, ""),
        (Operation.ADD, BLOCK, ListName.IP, ""),
    ],
)
def test_an_ip_allow_is_told_apart_and_asks_its_approver_first(
    operation: Operation, action: Action, name: ListName, alarm: str
) -> None:
    told = facts(operation=operation, action=action, list_name=name, items=1)
    assert told.alarm == alarm
    assert bool(told.question) == bool(alarm)


@pytest.mark.parametrize(
    ("operation", "name", "asked"),
    [
        (Operation.ADD, FILTER, "will skip spam filtering, SPF, DKIM and DMARC."),
        (Operation.EXTEND, FILTER, "will go on skipping spam filtering, SPF, DKIM and DMARC."),
        (Operation.ADD, ListName.IP, "will no longer be refused for its address."),
        (Operation.EXTEND, ListName.IP, "will still not be refused for its address."),
    ],
)
def test_the_question_says_what_an_ip_allow_of_either_version_does(
    operation: Operation, name: ListName, asked: str
) -> None:
    told = facts(operation=operation, action=ALLOW, list_name=name, items=1)
    assert in_words(told.question).startswith(f"Mail from sender1.example {asked} Do you know who sends from there")


@pytest.mark.parametrize(
    ("operation", "name", "days", "end"),
    [
        (Operation.ADD, ListName.SENDER, 30, ("Until", False, "2026-03-31 12:00")),
        (Operation.ADD, ListName.SENDER, None, ("Until", False, "never ends")),
        (Operation.ADD, ListName.SENDER, 120, ("Until", True, "2026-06-29 12:00, when Portcullis removes it")),
        (Operation.ADD, FILTER, 7, ("Until", True, "2026-03-08 12:00, when Portcullis removes it")),
        (
            Operation.EXTEND,
            ListName.SPOOF,
            7,
            ("New expiry date", True, "2026-03-08 12:00, when Portcullis removes it"),
        ),
        (Operation.SUBMIT, ListName.URL, 7, ("Until", False, "2026-03-08 12:00")),
        (Operation.REMOVE, ListName.SENDER, None, None),
        (Operation.ANNOTATE, ListName.SENDER, None, None),
        (Operation.SAFE_LIST_OFF, FILTER, None, None),
    ],
)
def test_an_end_says_when_and_who_sees_to_it(
    operation: Operation, name: ListName, days: int | None, end: tuple[str, bool, str] | None
) -> None:
    expires = None if days is None else NOW + timedelta(days=days)
    told = facts(operation=operation, list_name=name, expires=expires).end
    if end is None:
        assert told is None
        return
    assert told == EndFacts(label=end[0], at=expires, removed_by_portcullis=end[1])
    assert in_words(told.words) == end[2]


@pytest.mark.parametrize(
    ("operation", "action", "name", "place"),
    [
        (Operation.ADD, ALLOW, FILTER, "IP Allow List (connection filter)"),
        (Operation.ADD, BLOCK, FILTER, "IP Block List (connection filter)"),
        (Operation.SAFE_LIST_OFF, ALLOW, FILTER, "Connection filter, safe list"),
        (Operation.ADD, BLOCK, ListName.SENDER, "Tenant Allow/Block List, senders"),
        (Operation.REMOVE, ALLOW, ListName.SPOOF, "Tenant Allow/Block List, spoofed senders"),
    ],
)
def test_a_place_is_called_as_in_the_admin_centre(
    operation: Operation, action: Action, name: ListName, place: str
) -> None:
    assert facts(operation=operation, action=action, list_name=name).place == place


def test_an_item_is_a_value_with_its_outcome() -> None:
    refused = item(state=ItemState.REFUSED, outcome="Duplicate value.")
    assert facts(items=[refused]).items == (
        ItemFacts(
            value="sender1.example",
            state=ItemState.REFUSED,
            word="refused",
            outcome="Duplicate value.",
            kind=refused.kind,
        ),
    )


@pytest.mark.parametrize(
    ("state", "word"),
    [(ItemState.APPLIED, "filed"), (ItemState.CONFIRMED, "confirmed"), (ItemState.REFUSED, "refused")],
)
def test_what_was_submitted_is_filed_and_no_more(state: ItemState, word: str) -> None:
    assert facts(operation=Operation.SUBMIT, items=[item(state=state)]).items[0].word == word


def test_what_is_not_as_asked_comes_first_once_there_is_an_outcome() -> None:
    items = [item(1, state=ItemState.APPLIED), item(2, state=ItemState.REFUSED), item(3, state=ItemState.CONFIRMED)]

    def values(status: Status) -> list[str]:
        return [shown.value for shown in facts(status=status, items=items).items_by_need]

    assert values(Status.PARTLY_APPLIED) == ["sender2.example", "sender1.example", "sender3.example"]
    assert values(Status.APPLYING) == ["sender1.example", "sender2.example", "sender3.example"]


def test_serious_warnings_come_first_and_each_kind_in_its_order() -> None:
    warnings = [
        RequestWarning(code="a", text="A"),
        RequestWarning(code="b", text="B", serious=True),
        RequestWarning(code="c", text="C"),
    ]
    told = facts(warnings=warnings)
    assert [warning.code for warning in told.warnings] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("status", "total", "sent", "words"),
    [
        (Status.APPLYING, 10_000, 1_240, "1,240 of 10,000 sent"),
        (Status.APPLYING, 10_000, 0, "0 of 10,000 sent"),
        (Status.APPLYING, 10_000, 10_020, "10,000 of 10,000 sent"),
        (Status.APPLYING, 21, 20, "20 of 21 sent"),
        (Status.APPLYING, 20, 10, ""),
        (Status.APPROVED, 10_000, 0, ""),
        (Status.APPLIED, 10_000, 10_000, ""),
    ],
)
def test_progress_is_told_while_a_large_request_is_being_applied(
    status: Status, total: int, sent: int, words: str
) -> None:
    told = facts(status=status, sent=sent, tally={ItemState.INTENDED: total})
    assert told.progress == words
    assert words in in_words(told.status_sentence)


def test_everything_else_is_told_as_it_is() -> None:
    given = review(comment="Seen it")
    told = facts(reviews=[given], failure="The list is full.", set_aside=3, tally={ItemState.REMOVED: 4})
    assert told.reviews == (given,)
    assert (told.failure, told.set_aside, told.gone, told.total) == ("The list is full.", 3, 4, 4)
    assert (told.requester, told.asked_at, told.reason, told.reason_label) == (
        "U0REQUESTER",
        NOW,
        "Invoice fraud",
        "Why",
    )
    assert told.lapses_at == NOW + timedelta(days=3)
    assert facts(operation=Operation.ANNOTATE).reason_label == "The new note"


@given(
    any_request_facts,
    st.sampled_from(["subject", "headline", "named_headline", "short_headline", "status_sentence"]),
)
def test_what_people_typed_stands_in_a_slot_and_never_among_the_words(told: RequestFacts, name: str) -> None:
    """The words between the slots are the program's own: whoever shows them has nothing to fear from them."""
    for part in getattr(told, name):
        if isinstance(part, str):
            assert all((sign.isascii() and sign.isalnum()) or sign in " ,.:;/()“”^" for sign in part)
        elif isinstance(part, Value):
            assert part.value in {shown.value for shown in told.items}
        elif isinstance(part, Moment):
            assert part.at == told.lapses_at
