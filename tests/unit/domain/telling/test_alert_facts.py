"""What whoever looks after the bot is alarmed of."""

from __future__ import annotations

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.telling.alert_facts import AlertFacts, AlertKind, AlertName, alert_facts, anchored, as_it_stands
from tests.support.samples import event, ip_allow, item, request, review, step
from tests.unit.domain.telling.plain_text import in_words


@pytest.mark.parametrize(
    ("what", "made", "kind", "says"),
    [
        (
            AlertName.IP_ALLOW_PROPOSED,
            ip_allow(),
            AlertKind.IP_ALLOW,
            "IP ALLOW proposed by U0REQUESTER: 203.0.113.7, #42. 0 of 2 approvals; nothing has been changed.",
        ),
        (
            AlertName.IP_ALLOW_PROPOSED,
            ip_allow(operation=Operation.EXTEND),
            AlertKind.IP_ALLOW,
            "KEEP IP ALLOW proposed by U0REQUESTER: 203.0.113.7, #42. 0 of 2 approvals; nothing",
        ),
        (
            AlertName.IP_ALLOW_PROPOSED,
            request(action=Action.ALLOW, list_name=ListName.IP, items=2),
            AlertKind.IP_ALLOW,
            "IP ALLOW proposed by U0REQUESTER: 2 IPv6 addresses or networks, #42. 0 of 1 approval; nothing",
        ),
        (
            AlertName.REQUEST_FAILED,
            request(status=Status.FAILED, reviews=[review()], failure="The list is full."),
            AlertKind.FAILED,
            "#42 by U0REQUESTER, Block 2 senders. Failed: none of 2 senders applied. Approved by U0APPROVER. Its card",
        ),
        (
            AlertName.ENTRY_MISSING,
            request(),
            AlertKind.GONE,
            "No longer in effect: 0 senders of #42 were changed or removed outside of Portcullis. Find",
        ),
        (
            AlertName.REQUEST_DELAYED,
            request(),
            AlertKind.HELD_UP,
            "#42 is approved, but could not be applied yet. Portcullis keeps trying.",
        ),
        (
            AlertName.LOG_CONTRADICTED,
            request(),
            AlertKind.TAMPERED,
            "The database contradicts the log about #42, so nothing is sent to the tenant for it",
        ),
        (
            AlertName.END_DELAYED,
            request(),
            AlertKind.HELD_UP,
            "The end date of #42 has passed, but its entries could not be removed yet. Portcullis keeps trying.",
        ),
        (AlertName.JOBS_DELAYED, None, AlertKind.HELD_UP, "Work is delayed. Portcullis keeps trying."),
        ("request.apply", request(), AlertKind.JOB_DEAD, "A job was given up: request.apply for #42."),
        ("request.apply", None, AlertKind.JOB_DEAD, "A job was given up: request.apply."),
        (AlertName.REQUEST_FAILED, None, AlertKind.JOB_DEAD, "A job was given up: request_failed."),
        (AlertName.GROUP_UNREAD, None, AlertKind.GROUP, "A user group can't be read, so nobody has a role by it"),
        (AlertName.RESTORED, None, AlertKind.RESTORED, "The database was restored from a backup. What was decided"),
        (" ", None, AlertKind.JOB_DEAD, "A job was given up: unnamed."),
    ],
)
def test_each_alarm_says_what_it_is_about(what: str, made: Request | None, kind: AlertKind, says: str) -> None:
    facts = alert_facts(what, made, [], details="Because.", reference="job-1")
    assert facts.kind is kind
    assert in_words(facts.sentence).startswith(says)
    assert (facts.request.id if facts.request is not None else None) == (made.id if made is not None else None)


@pytest.mark.parametrize(
    ("what", "made", "says", "now"),
    [
        (AlertName.IP_ALLOW_PROPOSED, ip_allow(), "#42. 0 of 2 approvals; nothing has been changed.", ""),
        (
            AlertName.IP_ALLOW_PROPOSED,
            ip_allow(status=Status.WITHDRAWN),
            "203.0.113.7, #42.",
            "Withdrawn by U0REQUESTER. Nothing was changed.",
        ),
        (AlertName.REQUEST_DELAYED, request(status=Status.LAPSED), "Portcullis keeps trying.", "Expired undecided"),
        (AlertName.REQUEST_FAILED, request(status=Status.FAILED, reviews=[review()]), "Its card says why.", ""),
    ],
)
def test_an_alarm_that_was_told_says_where_its_request_stands_now(
    what: AlertName, made: Request, says: str, now: str
) -> None:
    facts = as_it_stands(what, made, [])
    assert in_words(facts.sentence).endswith(says)
    assert in_words(facts.now).startswith(now)
    assert bool(facts.now) is bool(now)
    assert facts.details == ""


def test_the_head_of_the_log_is_told_with_how_to_compare_it() -> None:
    facts = anchored("26 " + "0" * 64)
    assert (facts.kind, facts.details) == (AlertKind.ANCHOR, "26 " + "0" * 64)
    assert "portcullis audit verify --against" in in_words(facts.sentence)


def test_the_names_are_those_that_waiting_jobs_have() -> None:
    """What is stored is never to be changed here, only added to: it lies in somebody's database."""
    assert [name.value for name in AlertName] == [
        "ip_allow_proposed",
        "request_delayed",
        "request_failed",
        "entry_missing",
        "log_anchored",
        "log_contradicted",
        "card_refused",
        "group_unread",
        "end_delayed",
        "jobs_delayed",
        "unnamed_allow",
        "emergency_unreviewed",
        "unrequested",
        "posture_worse",
        "posture_summary",
        "place_unwatched",
        "socket_lost",
        "restored",
    ]


def unnamed(**payload: object) -> AlertFacts:
    told = {"list": "sender", "value": "evil.example", "expires": "2026-03-08T12:00:00.000000Z", **payload}
    happened = event(417, kind=EventKind.SUBMISSION_UNNAMED, target="evil.example", request_id=42, payload=told)
    made = request(operation=Operation.SUBMIT, action=Action.ALLOW, status=Status.APPLIED, items=1)
    return alert_facts(AlertName.UNNAMED_ALLOW, made, [], event=happened)


def test_an_allow_that_nobody_asked_for_says_what_it_is_and_where_it_came_from() -> None:
    facts = unnamed()
    assert (facts.kind, facts.removable) == (AlertKind.UNNAMED, 417)
    assert in_words(facts.sentence) == (
        "Allowed, and nobody asked for it: evil.example (Tenant Allow/Block List, senders, until "
        "2026-03-08 12:00). It came of the submission of #42 by U0REQUESTER, which names sender1.example. Find "
        "out who sends from there, and have it removed unless it is meant."
    )
    assert "until 45 days after its last use" in in_words(unnamed(expires=None).sentence)


def test_a_job_that_was_given_up_says_why_and_what_to_do_and_where_to_look() -> None:
    facts = alert_facts("request.apply", None, [], details="The tenant refused the token.", reference="job-7")
    assert (facts.details, facts.reference) == ("The tenant refused the token.", "job-7")
    assert in_words(facts.remedy) == (
        "Find the cause in the log; portcullis doctor checks Slack, the tenant and the database."
    )


def test_what_is_held_up_says_why() -> None:
    assert alert_facts(AlertName.REQUEST_DELAYED, request(), [], details="No answer.").details == "No answer."


@pytest.mark.parametrize(("count", "named"), [(1, 0), (2, 2)])
def test_an_ip_allow_of_several_names_them(count: int, named: int) -> None:
    facts = alert_facts(
        AlertName.IP_ALLOW_PROPOSED, request(action=Action.ALLOW, list_name=ListName.IP, items=count), []
    )
    assert (len(facts.items), facts.total) == (named, named)


def test_an_alarm_of_many_missing_names_some_and_counts_all() -> None:
    gone = [item(number, state=ItemState.REMOVED) for number in range(1, 21)]
    large = request(status=Status.APPLIED, items=gone, tally={ItemState.REMOVED: 500})
    named = [shown.value for shown in gone]
    steps = [
        step(1, kind=EventKind.ITEM_MISSING, targets=["earlier.example"]),
        step(2, kind=EventKind.REQUEST_APPLIED),
        step(3, kind=EventKind.ITEM_MISSING, count=500, targets=named),
    ]
    facts = alert_facts(AlertName.ENTRY_MISSING, large, steps)
    assert "500 senders" in in_words(facts.sentence)
    assert [shown.value for shown in facts.items] == named
    assert facts.total == 500
