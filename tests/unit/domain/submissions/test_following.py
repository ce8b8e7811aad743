"""What is learnt of a submission each time it is looked at, what of it is news, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import ItemState
from bot.domain.submissions.following import (
    AFTER_THE_END,
    ENDED,
    FOLLOWED_FOR,
    GONE,
    Learnt,
    Look,
    by_reference,
    given_up_for_lost,
    is_over,
    learn,
    look_at,
    lost_answers,
    next_look,
    result_event,
)
from bot.domain.submissions.submission import EntryMade, Filed, FiledStatus, SubmissionKind, Submitted
from tests.unit.domain.requests.cases import DAY, NOW, SECOND, record
from tests.unit.domain.submissions.cases import PAY, REFERENCE, SENDER, entry, filed, item, reading, submission

APPLIED, CONFIRMED, INTENDED = ItemState.APPLIED, ItemState.CONFIRMED, ItemState.INTENDED
RUNNING, SUCCEEDED, UNANSWERED = FiledStatus.RUNNING, FiledStatus.SUCCEEDED, FiledStatus.UNANSWERED
MINUTE = timedelta(minutes=1)

AGREES = "Microsoft has looked at it: clean. Microsoft agrees: its filters learn from it."
NO_ANSWER = "Microsoft gave no result in the time that was waited."
SENT = f"submitted to Microsoft, reference {REFERENCE}"
ALLOWED = (
    "Allowed now: fabrikam[.]example (Tenant Allow/Block List's allowed domains and addresses, until 2030-01-11 03:04 "
    "UTC)."
)

UNASKED = (
    "Not asked for, and allowed all the same: evil[.]example (Tenant Allow/Block List's allowed domains and addresses, "
    "until 2030-01-11 03:04 UTC)."
)


def submitted(status: FiledStatus = SUCCEEDED, *, asks_allow: bool = True, made: Sequence[EntryMade] = ()) -> Submitted:
    """What Microsoft has of it: it agrees, if it is done."""
    is_done = status is SUCCEEDED
    return Submitted(
        kind=SubmissionKind.EMAIL,
        reference=REFERENCE,
        status=status,
        category="notJunk" if is_done else "",
        detail="badReclassifiedAsGood" if is_done else "",
        asks_allow=asks_allow,
        entries=tuple(made),
    )


def look(**changes: object) -> Look:
    """Microsoft is still looking, and no entry has come of it."""
    plain = Look(filed=(filed(),), items=(item(),), status=RUNNING, result="", asks_allow=True, entries=())
    return replace(plain, **changes)  # type: ignore[arg-type]


def long_ago(**changes: object) -> Filed:
    """A submission that has been followed for as long as it is worth it."""
    return filed(filed_at=NOW - FOLLOWED_FOR, **changes)


# Which submissions there are.


def test_what_has_one_reference_is_one_submission() -> None:
    records = [
        filed(1),
        filed(2, reference="another"),
        filed(3),
        filed(4, kind=SubmissionKind.URL),
        filed(5, reference=""),
    ]
    assert [[of.item_id for of in group] for group in by_reference(records)] == [[1, 3], [2], [4]]


def test_what_was_sent_with_no_known_answer_is_looked_for() -> None:
    begun = {"reference": "", "status": FiledStatus.INTENDED}
    request = submission(*(item(number, state=INTENDED) for number in (1, 2, 3, 4)), item(5, state=APPLIED))
    records = [filed(1, **begun), filed(2), filed(3, reference="", status=FiledStatus.LOST), filed(5, **begun)]
    items, lost = lost_answers(request, records)
    assert [found.id for found in items] == [1]
    assert lost == {1: records[0], 5: records[3]}
    with_reference = filed(1, status=FiledStatus.INTENDED)
    assert lost_answers(request, [with_reference]) == ([], {})


# What is learnt.


@pytest.mark.parametrize(
    ("ours", "theirs", "status", "result"),
    [
        (filed(), submitted(), SUCCEEDED, AGREES),
        (filed(), submitted(RUNNING), RUNNING, ""),
        # Microsoft has it no more: what was known stays so.
        (filed(status=SUCCEEDED, result=AGREES), None, SUCCEEDED, AGREES),
        (filed(), None, RUNNING, ""),
        # Once its time is over, nobody asks any more.
        (long_ago(), submitted(RUNNING), UNANSWERED, NO_ANSWER),
        (long_ago(), None, UNANSWERED, NO_ANSWER),
        (long_ago(), submitted(), SUCCEEDED, AGREES),
        (filed(filed_at=NOW - FOLLOWED_FOR + SECOND), submitted(RUNNING), RUNNING, ""),
    ],
)
def test_what_microsoft_made_of_it(ours: Filed, theirs: Submitted | None, status: FiledStatus, result: str) -> None:
    found = look_at(submission(), (ours,), theirs, reading(), now=NOW)
    assert (found.status, found.result) == (status, result)
    assert (found.filed, found.reference) == ((ours,), REFERENCE)


@pytest.mark.parametrize(
    ("theirs", "asks_allow"), [(submitted(), True), (submitted(asks_allow=False), False), (None, True)]
)
def test_whether_an_allow_was_asked_for(theirs: Submitted | None, asks_allow: bool) -> None:
    assert look_at(submission(), (filed(),), theirs, reading(), now=NOW).asks_allow is asks_allow


def test_a_look_is_at_the_items_of_one_submission() -> None:
    request = submission(item(1), item(2, "contoso.example"), item(3, "third.example"))
    assert look_at(request, (filed(1), filed(3)), None, reading(), now=NOW).items == (
        request.items[0],
        request.items[2],
    )


MADE = EntryMade(list=ListName.URL, value=PAY, identity="made", succeeded=True)


@pytest.mark.parametrize(
    ("listed", "theirs", "counts"),
    [
        (entry(), None, True),
        (entry(submission_id=""), None, True),  # by its value, origin and time
        (entry(value="another.example", submission_id=""), None, False),
        (entry(submission_id="", created=NOW - DAY), None, False),  # from before it was filed
        (entry(PAY, ListName.URL, submission_id="", subtype="", identity="made"), submitted(made=[MADE]), True),
        (entry(PAY, ListName.URL, submission_id="", subtype="", identity="made"), submitted(), False),
        (entry(expires=NOW + SECOND), None, True),
        (entry(expires=NOW), None, False),  # it acts no more
        (entry(expires=None), None, True),
        (entry(action=Action.BLOCK), None, False),
    ],
)
def test_the_entries_that_act_now(listed: Entry, theirs: Submitted | None, counts: bool) -> None:
    found = look_at(submission(), (filed(),), theirs, reading(listed), now=NOW)
    assert (*found.entries, *found.unnamed) == ((listed,) if counts else ())


@pytest.mark.parametrize(
    ("listed", "named"),
    [
        (entry(), True),
        (entry("Billing@Fabrikam.example"), True),  # an address of the domain that was asked for
        (entry("mail.fabrikam.example"), False),
        (entry("*.fabrikam.example"), False),
        (entry("evil.example"), False),
        (entry(SENDER, ListName.URL), False),  # the same text in another list
        (entry(PAY, ListName.URL), False),
        (entry("evil.example", submission_id="", notes="Portcullis request 7"), False),  # known by its note
    ],
)
def test_what_the_request_names_is_told_from_what_nobody_asked_for(listed: Entry, named: bool) -> None:
    found = look_at(submission(), (filed(),), None, reading(listed), now=NOW)
    assert (found.entries, found.unnamed) == (((listed,), ()) if named else ((), (listed,)))


# What it means for the items.


def learnt(
    of: Look,
    *,
    state: ItemState = APPLIED,
    outcome: str = "",
    lists: Snapshot | None = None,
    gone: Sequence[KnownEntry] = (),
    **request: object,
) -> Learnt:
    """What a look means for the one item of a request, which stands like this."""
    current = {1: item(state=state, outcome=outcome)}
    return learn(submission(**request), of, current, lists or reading(), gone, now=NOW)


def states(found: Learnt) -> dict[int, tuple[ItemState, str]]:
    """The items that change: their states and words, by id."""
    return {changed.id: (changed.state, changed.outcome) for changed in found.items}


@pytest.mark.parametrize(
    ("of", "state", "words"),
    [
        (look(), APPLIED, SENT),
        (look(status=SUCCEEDED, result=AGREES), APPLIED, f"{SENT}. {AGREES} No entry has come of it so far."),
        (look(entries=(entry(),)), CONFIRMED, f"{SENT}. {ALLOWED}"),
        (look(status=SUCCEEDED, result=AGREES, entries=(entry(),)), CONFIRMED, f"{SENT}. {AGREES} {ALLOWED}"),
        (
            look(filed=(long_ago(),), status=UNANSWERED, result=NO_ANSWER),
            APPLIED,
            f"{SENT}. {NO_ANSWER} No entry came of it.",
        ),
        # What nobody asked for confirms nothing, and stands first.
        (
            look(status=SUCCEEDED, result=AGREES, unnamed=(entry("evil.example"),)),
            APPLIED,
            f"{SENT}. {UNASKED} {AGREES} No entry has come of it so far.",
        ),
        (look(entries=(entry(),), unnamed=(entry("evil.example"),)), CONFIRMED, f"{SENT}. {UNASKED} {ALLOWED}"),
    ],
)
def test_what_stands_beside_an_item(of: Look, state: ItemState, words: str) -> None:
    assert states(learnt(of)) == {1: (state, words)}


def test_without_the_wish_for_an_allow_nobody_waits_for_an_entry() -> None:
    without = (
        f"{SENT}; Microsoft took no allow with it, so that no entry will come of it. To have one, submit it at "
        "https://security.microsoft.com/reportsubmission, tab Emails, and choose “Allow this message”."
    )
    found = learnt(look(status=SUCCEEDED, result=AGREES, asks_allow=False))
    assert states(found) == {1: (APPLIED, f"{without} {AGREES}")}
    # One came all the same: that counts.
    [(state, words)] = states(learnt(look(asks_allow=False, entries=(entry(),)))).values()
    assert (state, words) == (CONFIRMED, f"{SENT}. {ALLOWED}")


@pytest.mark.parametrize("unreadable", [ListName.SENDER, ListName.URL])
def test_where_a_list_can_not_be_read_nobody_says_that_no_entry_came(unreadable: ListName) -> None:
    words = f"{SENT}. {AGREES} Which entries came of it can't be read now."
    lists = reading(unreadable=(unreadable,))
    assert states(learnt(look(status=SUCCEEDED, result=AGREES), lists=lists)) == {1: (APPLIED, words)}
    with_entry = look(status=SUCCEEDED, result=AGREES, entries=(entry(),))
    assert states(learnt(with_entry, lists=lists)) == {1: (CONFIRMED, f"{SENT}. {AGREES} {ALLOWED}")}


@pytest.mark.parametrize(
    ("of", "state", "is_news"),
    [
        (look(), APPLIED, False),
        (look(status=SUCCEEDED, result=AGREES), APPLIED, True),
        (look(filed=(filed(result=AGREES),), status=SUCCEEDED, result=AGREES), APPLIED, False),
        (look(entries=(entry(),)), APPLIED, True),
        (look(entries=(entry(),)), CONFIRMED, False),
        (look(status=SUCCEEDED, result=AGREES, entries=(entry(),)), CONFIRMED, True),
    ],
)
def test_a_result_and_an_entry_are_news_once(of: Look, state: ItemState, is_news: bool) -> None:
    news = learnt(of, state=state).news
    assert news == (replace(of, items=(item(state=state),)) if is_news else None)


def test_only_what_changes_is_written_down() -> None:
    assert learnt(look(), outcome=SENT) == Learnt()
    assert states(learnt(look(), outcome="something else")) == {1: (APPLIED, SENT)}


@pytest.mark.parametrize("state", [state for state in ItemState if not state.holds])
def test_what_somebody_has_dealt_with_otherwise_is_left_alone(state: ItemState) -> None:
    for of in (look(status=SUCCEEDED, result=AGREES), look(entries=(entry(),)), look()):
        assert learnt(of, state=state) == Learnt()


def test_of_several_items_each_is_looked_at_by_itself() -> None:
    request = submission(item(1), item(2, "contoso.example"), item(3, "third.example"))
    current = {
        1: item(1, outcome=SENT),
        2: item(2, "contoso.example", state=ItemState.REMOVED),
        3: item(3, "third.example"),
    }
    of = look(items=request.items, status=SUCCEEDED, result=AGREES, filed=(filed(1), filed(2), filed(3)))
    found = learn(request, of, current, reading(), (), now=NOW)
    assert list(states(found)) == [1, 3]
    assert found.news is not None
    assert found.news.items == (current[1], current[3])


# Once the entries are gone.


def on_record(end: float | None) -> KnownEntry:
    """The record of an entry that is gone."""
    return record(7, SENDER, list=ListName.SENDER, action=Action.ALLOW, end=end)


@pytest.mark.parametrize(
    ("gone", "request_ends", "state", "words", "kind"),
    [
        ([on_record(0)], 10, ItemState.EXPIRED, ENDED, EventKind.ITEM_EXPIRED),
        ([on_record(-1), on_record(0)], 10, ItemState.EXPIRED, ENDED, EventKind.ITEM_EXPIRED),
        ([on_record(1)], 10, ItemState.REMOVED, GONE, EventKind.ITEM_MISSING),
        ([on_record(0), on_record(1)], -1, ItemState.REMOVED, GONE, EventKind.ITEM_MISSING),
        ([on_record(None)], -1, ItemState.REMOVED, GONE, EventKind.ITEM_MISSING),
        # Nothing was on record any more: a request of ours took it out, and has told it; or its end has come.
        ([], 10, ItemState.REMOVED, GONE, None),
        ([], None, ItemState.REMOVED, GONE, None),
        ([], 0, ItemState.EXPIRED, ENDED, EventKind.ITEM_EXPIRED),
    ],
)
def test_how_what_came_of_it_ended(
    gone: list[KnownEntry], request_ends: float | None, state: ItemState, words: str, kind: EventKind | None
) -> None:
    expires = None if request_ends is None else NOW + request_ends * DAY
    found = learnt(look(status=SUCCEEDED, result=AGREES), state=CONFIRMED, gone=gone, expires=expires)
    assert states(found) == {1: (state, words)}
    assert found.news is None
    if kind is None:
        assert found.events == ()
        return
    [event] = found.events
    assert (event.kind, event.actor, event.target, event.request_id) == (kind, PORTCULLIS, SENDER, 7)
    assert event.at == NOW
    assert event.payload == {
        "operation": "submit",
        "action": "allow",
        "list": "sender",
        "reference": REFERENCE,
        "outcome": words,
    }


def test_an_item_that_never_had_an_entry_does_not_end() -> None:
    """Of two that one message stands for, one was applied and stays so."""
    request = submission(item(1), item(2, "contoso.example"))
    current = {1: item(1, state=CONFIRMED), 2: item(2, "contoso.example", state=APPLIED)}
    of = look(items=request.items, filed=(filed(1), filed(2)), status=SUCCEEDED, result=AGREES)
    assert list(states(learn(request, of, current, reading(), [on_record(0)], now=NOW))) == [1]


def test_a_list_that_can_not_be_read_makes_no_entry_seem_gone() -> None:
    of = look(status=SUCCEEDED, result=AGREES)
    assert learnt(of, state=CONFIRMED, lists=reading(unreadable=(ListName.SENDER,))) == Learnt()
    # Another list's trouble is none for this one.
    assert states(learnt(of, state=CONFIRMED, lists=reading(unreadable=(ListName.URL,)))) == {
        1: (ItemState.REMOVED, GONE)
    }


# What is logged as one step.


def test_all_that_is_new_is_told_at_once() -> None:
    one = look(status=SUCCEEDED, result=AGREES, entries=(entry(),), unnamed=(entry(PAY, ListName.URL),))
    other = look(items=(item(2, "contoso.example"),), filed=(filed(2, reference="another"),))
    event = result_event(submission(), [one, other], at=NOW)
    assert event is not None
    assert (event.kind, event.actor, event.request_id, event.at) == (EventKind.SUBMISSION_RESULT, PORTCULLIS, 7, NOW)
    assert event.target == "request 7"
    assert event.payload == {
        "results": [
            {
                "items": [SENDER],
                "reference": REFERENCE,
                "status": "succeeded",
                "result": AGREES,
                "entries": [{"list": "sender", "value": SENDER, "expires": NOW + 9 * DAY}],
                "unnamed": [{"list": "url", "value": PAY, "expires": NOW + 9 * DAY}],
            },
            {
                "items": ["contoso.example"],
                "reference": "another",
                "status": "running",
                "result": "",
                "entries": [],
                "unnamed": [],
            },
        ]
    }


def test_what_is_new_of_one_value_is_told_of_it() -> None:
    event = result_event(submission(), [look()], at=NOW)
    assert event is not None
    assert event.target == SENDER


def test_nothing_new_is_not_told() -> None:
    assert result_event(submission(), [], at=NOW) is None


# When to look again.


@pytest.mark.parametrize(
    ("ago", "wait"),
    [
        (timedelta(), MINUTE),
        (MINUTE, MINUTE),
        (10 * MINUTE, 10 * MINUTE),
        (DAY, DAY),
        (1.5 * DAY, DAY),
        (2.5 * DAY, DAY / 2),  # once more at the end of its time
        (FOLLOWED_FOR - SECOND, SECOND),
        (FOLLOWED_FOR, None),
        (FOLLOWED_FOR + DAY, None),
    ],
)
def test_the_waits_grow(ago: timedelta, wait: timedelta | None) -> None:
    moment = next_look([filed(filed_at=NOW - ago)], {1: APPLIED}, [], now=NOW)
    assert moment == (None if wait is None else NOW + wait)
    assert is_over(filed(filed_at=NOW - ago), NOW) is (wait is None)


@pytest.mark.parametrize(
    ("record_of_it", "state", "goes_on"),
    [
        (filed(), APPLIED, True),
        (filed(), CONFIRMED, True),  # the result is still to come
        (filed(status=SUCCEEDED), APPLIED, True),  # the entry is
        (filed(status=SUCCEEDED), INTENDED, True),
        (filed(status=SUCCEEDED), CONFIRMED, True),  # one that nobody asked for may come
        (filed(status=SUCCEEDED), ItemState.REMOVED, False),
        (filed(status=FiledStatus.INTENDED, reference=""), INTENDED, True),
        (filed(status=FiledStatus.NOT_FILED, reference=""), ItemState.REFUSED, False),
        (filed(status=FiledStatus.LOST, reference=""), INTENDED, False),
    ],
)
def test_it_goes_on_as_long_as_there_is_something_to_learn(
    record_of_it: Filed, state: ItemState, goes_on: bool
) -> None:
    assert (next_look([record_of_it], {1: state}, [], now=NOW) is not None) is goes_on


@pytest.mark.parametrize(
    ("ends", "moment"),
    [
        ([NOW + 9 * DAY], NOW + 9 * DAY + AFTER_THE_END),
        ([NOW + 9 * DAY, NOW + 2 * DAY], NOW + 2 * DAY + AFTER_THE_END),
        ([NOW - DAY], NOW + AFTER_THE_END),
        ([None], None),
        ([None, NOW + DAY], NOW + DAY + AFTER_THE_END),
        ([], None),
    ],
)
def test_entries_are_looked_at_again_when_they_should_have_ended(
    ends: list[datetime | None], moment: datetime | None
) -> None:
    looks = [look(entries=(entry(expires=end),)) for end in ends]
    done = long_ago(status=SUCCEEDED)
    assert next_look([done], {1: CONFIRMED}, looks, now=NOW) == moment
    # Whatever comes first.
    assert next_look([filed()], {1: CONFIRMED}, looks, now=NOW) == NOW + MINUTE


def test_what_was_never_found_is_given_up_when_its_time_is_over() -> None:
    begun = {"reference": "", "status": FiledStatus.INTENDED}
    records = [
        long_ago(**begun),
        filed(2, filed_at=NOW - FOLLOWED_FOR + SECOND, **begun),
        filed(3, filed_at=NOW - FOLLOWED_FOR),
    ]
    assert given_up_for_lost(records, now=NOW) == records[:1]
