"""What `/requests` and `/audit` look for, and the answers: shared by the commands and by the buttons below them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.lists.change import Operation
from bot.domain.reading.typed_marks import bare, without_marks
from bot.domain.requests.emergency import is_reviewable
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.requests.requested_change import change_for
from bot.domain.requests.trying_again import is_triable
from bot.domain.requests.who_decides import ApproverRule, Undecided, by_rules, may_decide, rules_that_name
from bot.domain.submissions.filing_plan import intended
from bot.domain.telling.audit_exports import Format
from bot.domain.telling.audit_facts import looked_for
from bot.domain.telling.details_facts import DetailsFacts, present_ends
from bot.domain.telling.event_facts import event_facts, facts_of_step
from bot.domain.telling.figures_facts import how_counted, in_full
from bot.domain.telling.owners_facts import with_owners
from bot.domain.telling.parts_facts import parts_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.card_links import requests_linked
from bot.slack.command_table import REQUESTS
from bot.slack.messages import audit_page, request_list
from bot.slack.messages.renewal import renewals_page
from bot.slack.modals.details import details
from bot.slack.renewals import lines_linked
from bot.tenant.submission_call import as_text
from bot.workflow.asking import queries
from bot.workflow.asking.as_powershell import by_snapshot
from bot.workflow.asking.audit import audit
from bot.workflow.asking.audit_export import ask_for_export
from bot.workflow.asking.renewals import renewals_shown
from bot.workflow.requesting.post_again import right_to
from bot.workflow.shared.context import Context

#: So many steps of a request stand in its details: the newest ones.
_STEPS_SHOWN = 100

#: So much that is due for renewal is shown of one's own, and of what is passed on to the approvers.
_RENEWALS_SHOWN = 5
_RENEWALS = frozenset({"renewals", "renewal", "due"})

_NUMBER = re.compile(r"(?:request\s?:?\s*)?#?([0-9]{1,15})", re.IGNORECASE)


async def requests_answer(context: Context, person: Person, text: str, *, before_id: int | None = None) -> Message:
    """`/requests [open | mine | all | renewals | number]`. Raises InvalidInput, NotPermitted, NotFound."""
    scope = _bare_words(text).lower() or "open"
    if scope in _RENEWALS:
        return await renewals_answer(context, person)
    if number := _NUMBER.fullmatch(scope):
        parts = await queries.one_request(context, actor=person, request_id=int(number[1]))
        told = await requests_linked(context, [parts_facts(parts)])
        to_decide = _to_decide(context, person, [parts])
        return request_list.request_list(told, heading=f"#{parts.id}", to_decide=to_decide)
    headings = {"open": "Open requests", "mine": "Your requests", "all": "All requests"}
    if scope not in headings:
        raise InvalidInput("/requests can't show that.", f"Use: /requests {REQUESTS.usage_hint}.")
    found = await queries.requests(
        context,
        actor=person,
        statuses={status for status in Status if status.is_under_way} if scope == "open" else None,
        unreviewed_too=scope == "open",
        requester=person.user_id if scope == "mine" else None,
        before_id=before_id,
        limit=request_list.PAGE + 1,
    )
    told = await requests_linked(context, [parts_facts(parts) for parts in found])
    return request_list.request_list(
        told, heading=headings[scope], scope=scope, to_decide=_to_decide(context, person, found)
    )


async def renewals_answer(context: Context, person: Person) -> Message:
    """`/requests renewals`: what is due for renewal and waits for somebody's answer. Raises NotPermitted."""
    found = await renewals_shown(context, actor=person, limit=_RENEWALS_SHOWN)
    return renewals_page(
        mine=await lines_linked(context, found.mine),
        all_mine=found.all_mine,
        passed_on=await lines_linked(context, found.passed_on),
        all_passed_on=found.all_passed_on,
    )


def _to_decide(context: Context, person: Person, found: Sequence[Parts]) -> frozenset[int]:
    """The numbers of those that this person may decide now."""
    rules = context.rules.approvers
    return frozenset(
        parts.id
        for parts in found
        if (parts.is_open or is_reviewable(parts)) and may_decide(person, Undecided.of(parts), rules).may
    )


async def older_requests(context: Context, person: Person, value: str) -> Message:
    """The page that an Older button under requests asks for. Raises InvalidInput, NotPermitted."""
    before, scope = _place(value)
    return await requests_answer(context, person, scope, before_id=before)


async def audit_answer(
    context: Context, person: Person, text: str, *, before: int | None = None, after: int | None = None
) -> Message:
    """`/audit` and what stands behind it. Raises InvalidInput, NotPermitted."""
    typed = " ".join(without_marks(text).split())
    page = await audit(context, actor=person, text=typed, before=before, after=after, limit=audit_page.PAGE)
    events = page.events
    return audit_page.audit_page(
        audit_page.PageFacts(
            events=[event_facts(event, number=page.numbers.get(event.request_id or 0)) for event in events],
            looked_for=looked_for(page.query),
            looked_among=page.looked_among,
            requests_among=page.requests_among,
            query=typed,
            after_seq=events[0].seq if events and page.has_newer else None,
            before_seq=events[-1].seq if events and page.has_older else None,
        )
    )


async def audit_export(context: Context, person: Person, text: str, *, form: Format, delivery: str) -> Message:
    """What `/audit … export` answers, and the Export button. Raises InvalidInput, NotPermitted, Conflict."""
    typed = " ".join(without_marks(text).split())
    await ask_for_export(context, actor=person, text=typed, form=form, delivery=delivery)
    return audit_page.export_begun()


async def exported_page(context: Context, person: Person, value: str, *, delivery: str) -> Message:
    """The same for the Export button under a page."""
    _, query = _place(value)
    return await audit_export(context, person, query, form=Format.CSV, delivery=delivery)


async def older_audit(context: Context, person: Person, value: str) -> Message:
    """The page that an Older button under events asks for. Raises InvalidInput, NotPermitted."""
    before, query = _place(value)
    return await audit_answer(context, person, query, before=before)


async def newer_audit(context: Context, person: Person, value: str) -> Message:
    """The page that a Newer button asks for. Raises likewise."""
    after, query = _place(value)
    return await audit_answer(context, person, query, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsShown:
    """The details of a request, for one person."""

    view: Modal
    counts_for: Request | None  #: the request, where a button in them counts only in what is on record; else None


async def details_view(context: Context, person: Person, request_id: int, *, shown: int) -> DetailsShown:
    """The details of a request, as it is now, with its change as PowerShell. Raises NotPermitted, NotFound.

    `shown` is the version that stood where they were asked for; 0: none that is known.
    """
    found = await queries.details(context, actor=person, request_id=request_id)
    # In a thread: a full list has thousands of spellings to go through.
    told = await asyncio.to_thread(_told, context, found)
    [request] = await requests_linked(context, [told.request])
    told = replace(told, request=request)
    is_theirs = found.parts.requester == person.user_id
    may_act = person.has(right_to(is_theirs=is_theirs))
    has_try_again = may_act and any(is_triable(each, at=context.now()) for each in found.parts.requests)
    view = details(
        told,
        shown=shown,
        has_card_again=may_act,
        may_review=not is_theirs and by_rules(person, Undecided.of(found.parts).about, context.rules.approvers).may,
        has_try_again=has_try_again,
    )
    return DetailsShown(view=view, counts_for=found.parts.lead if has_try_again else None)


def _deciders(context: Context, parts: Parts) -> tuple[ApproverRule, ...]:
    """The rules that say who decides, while somebody is to."""
    if not (parts.is_open or is_reviewable(parts)):
        return ()
    return tuple(rules_that_name(Undecided.of(parts).about, context.rules.approvers))


def _asked(request: Request) -> list[Item]:
    """All but what an approver left out."""
    return [item for item in request.items if item.state is not ItemState.LEFT_OUT]


def _told(context: Context, found: queries.Details) -> DetailsFacts:
    counted = found.beside.figures
    requests, lists, now = found.parts.requests, found.lists, context.now()
    domains = context.rules.accepted_domains
    # What is sent is told as it would be if it were approved now.
    sent = [replace(request, expires=request.ends_if_approved(now)) for request in requests]
    submitted = [request for request in sent if request.operation is Operation.SUBMIT]
    changed = [request for request in sent if request.operation is not Operation.SUBMIT]
    return DetailsFacts(
        request=parts_facts(found.parts),
        powershell="\n\n".join(
            by_snapshot(change_for(request, _asked(request)), lists, accepted_domains=domains) for request in changed
        ),
        graph_calls="\n\n".join(
            as_text(what, request.evidence) for request in submitted for what in intended(request, now=now)
        ),
        as_of=None if lists is None else lists.as_of,
        waits_because=found.waits_because,
        deciders=_deciders(context, found.parts),
        figures=() if counted is None else tuple(map(in_full, counted.of_each)),
        counted_how=() if counted is None else how_counted(counted),
        subjects=found.subjects,
        owners=with_owners(parts_facts(found.parts), found.beside.owners).owners,
        steps=tuple(facts_of_step(step) for step in found.steps[-_STEPS_SHOWN:]),
        ends_now={
            value: end for request in requests for value, end in present_ends(request, lists, found.known).items()
        },
    )


def _place(value: str) -> tuple[int, str]:
    place = audit_page.place_from(value)
    if place is None:
        raise InvalidInput("This button can't be read.", "Type the command again.")
    return place


def _bare_words(text: str) -> str:
    """The words of a text without marks around them, and without the dashes between."""
    return " ".join(filter(None, map(bare, without_marks(text).split())))
