"""What `/requests` and `/audit` look for, and the answers: shared by the commands and by the buttons below them."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.wider import wider_values
from bot.domain.reading.durations import looks_like_duration, read_lifetime
from bot.domain.reading.lines import read_as_logged
from bot.domain.reading.listed import Listed
from bot.domain.reading.typed_marks import bare, without_marks
from bot.domain.requests.people import Person
from bot.domain.requests.request import Status
from bot.domain.requests.requested_change import change_for
from bot.domain.submissions.filing_plan import intended
from bot.domain.telling.details_facts import DetailsFacts, present_ends
from bot.domain.telling.event_facts import event_facts, facts_of_step
from bot.domain.telling.request_facts import request_facts
from bot.errors import InvalidIndicator, InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.command_table import AUDIT, REQUESTS
from bot.slack.messages import audit_page, request_list
from bot.slack.modals.details import details
from bot.store import AuditFilter
from bot.tenant.submission_call import as_text
from bot.workflow.asking import queries
from bot.workflow.asking.as_powershell import by_snapshot
from bot.workflow.requesting.post_again import right_to
from bot.workflow.shared.context import Context
from bot.workflow.shared.listed import listed_entries

#: So many steps of a request stand in its details: the newest ones.
_STEPS_SHOWN = 100

_NUMBER = re.compile(r"(?:request\s?:?\s*)?#?([0-9]{1,15})", re.IGNORECASE)
_PERSON = re.compile(r"<?@?([UW][A-Z0-9]{4,20})(?:\|[^>]*)?>?", re.ASCII)


async def requests_answer(context: Context, person: Person, text: str, *, before_id: int | None = None) -> Message:
    """`/requests [open | mine | all | number]`. Raises InvalidInput, NotPermitted, NotFound."""
    scope = _bare_words(text).lower() or "open"
    if number := _NUMBER.fullmatch(scope):
        request = await queries.one_request(context, actor=person, request_id=int(number[1]))
        return request_list.request_list([request_facts(request)], heading=f"Request {request.id}")
    headings = {"open": "Open requests", "mine": "Your requests", "all": "All requests"}
    if scope not in headings:
        raise InvalidInput("That is nothing that /requests can show.", f"Write {REQUESTS.usage_hint}.")
    found = await queries.requests(
        context,
        actor=person,
        statuses={status for status in Status if status.is_under_way} if scope == "open" else None,
        requester=person.user_id if scope == "mine" else None,
        before_id=before_id,
        limit=request_list.PAGE + 1,
    )
    return request_list.request_list(
        [request_facts(request) for request in found], heading=headings[scope], scope=scope
    )


async def older_requests(context: Context, person: Person, value: str) -> Message:
    """The page that an Older button under requests asks for. Raises InvalidInput, NotPermitted."""
    before, scope = _older(value)
    return await requests_answer(context, person, scope, before_id=before)


async def audit_answer(context: Context, person: Person, text: str, *, before_seq: int | None = None) -> Message:
    """`/audit [request number | indicator | member ID] [7d]`. Raises InvalidInput, NotPermitted."""
    query = " ".join(without_marks(text).split())
    filters = _filters(query, context, before_seq, await listed_entries(context))
    events = await queries.audit(context, actor=person, filters=filters, query=query)
    before = events[audit_page.PAGE - 1].seq if len(events) > audit_page.PAGE else None
    return audit_page.audit_page([event_facts(event) for event in events], query=query, before_seq=before)


async def older_audit(context: Context, person: Person, value: str) -> Message:
    """The page that an Older button under events asks for. Raises InvalidInput, NotPermitted."""
    before, query = _older(value)
    return await audit_answer(context, person, query, before_seq=before)


async def details_view(context: Context, person: Person, request_id: int, *, shown: int) -> Modal:
    """The details of a request, as it is now, with its change as PowerShell. Raises NotPermitted, NotFound.

    `shown` is the version that stood where they were asked for; 0: none that is known.
    """
    found = await queries.details(context, actor=person, request_id=request_id)
    # In a thread: a full list has thousands of spellings to go through.
    told = await asyncio.to_thread(_told, context, found)
    may = person.has(right_to(is_theirs=found.request.requester == person.user_id))
    return details(told, shown=shown, has_card_again=may)


def _told(context: Context, found: queries.Details) -> DetailsFacts:
    request, lists = found.request, found.lists
    is_submission = request.operation is Operation.SUBMIT
    return DetailsFacts(
        request=request_facts(request),
        powershell=""
        if is_submission
        else by_snapshot(change_for(request, request.items), lists, accepted_domains=context.rules.accepted_domains),
        graph_calls="\n\n".join(
            as_text(what, request.evidence) for what in (intended(request, now=context.now()) if is_submission else ())
        ),
        as_of=None if lists is None else lists.as_of,
        steps=tuple(facts_of_step(step) for step in found.steps[-_STEPS_SHOWN:]),
        ends_now=present_ends(request, lists, found.known),
    )


def _older(value: str) -> tuple[int, str]:
    older = audit_page.older_from(value)
    if older is None:
        raise InvalidInput("This button can't be read.", "Type the command again.")
    return older


def _filters(query: str, context: Context, before_seq: int | None, listed: Listed | None) -> AuditFilter:
    words = query.split()
    since = None
    if words and looks_like_duration(bare(words[-1])):
        days = read_lifetime(bare(words.pop()), today=context.now().date()).days
        if days is None:
            raise InvalidInput("How far back has to be a number of days.", f"Write {AUDIT.usage_hint}.")
        since = context.now() - timedelta(days=days)
    about, plain = " ".join(words), _bare_words(" ".join(words))
    actor = target = request_id = None
    wider: tuple[str, ...] = ()
    if number := _NUMBER.fullmatch(plain):
        request_id = int(number[1])
    elif person := _PERSON.fullmatch(plain):
        actor = person[1]
    elif about:
        indicator = _target(about, listed)
        target, wider = indicator.value, wider_values(indicator)
    return AuditFilter(
        actor=actor,
        target=target,
        wider=wider,
        request_id=request_id,
        since=since,
        before_seq=before_seq,
        limit=audit_page.PAGE + 1,
    )


def _bare_words(text: str) -> str:
    """The words of a text without marks around them, and without the dashes between."""
    return " ".join(filter(None, map(bare, without_marks(text).split())))


def _target(about: str, listed: Listed | None) -> Indicator:
    try:
        return read_as_logged(about, listed=listed)
    except InvalidIndicator as error:
        raise InvalidInput(
            "That is neither a request's number, nor a member ID, nor an indicator.", f"Write {AUDIT.usage_hint}."
        ) from error
