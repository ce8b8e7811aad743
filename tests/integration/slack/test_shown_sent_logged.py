"""Shown = sent = logged: each field of each call stands on the card or in the details, and in the proposal's event.

Each case builds the very call that is sent for a request, by the code that sends it, takes it apart field by field, and
looks for each in what an approver sees and in what is logged.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pytest

from bot.domain.auditing.events import EventKind, canonical_json
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import Rules
from bot.domain.policies.drafting import safe_list_off
from bot.domain.reading.listed import Listed
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request
from bot.domain.requests.requested_change import change_for
from bot.domain.submissions.evidence import with_file_seen
from bot.domain.submissions.filing_plan import plan
from bot.domain.telling.request_facts import request_facts
from bot.slack.messages.card import card
from bot.slack.queries import details_view
from bot.store import AuditFilter, Store
from bot.tenant.exchange.change_parts import cmdlets_to_send
from bot.tenant.exchange.cmdlets import on_the_wire
from bot.tenant.submission_call import PATHS, action_of, body_of, encoded
from bot.workflow.shared.context import Context
from tests.integration.databases import Clock
from tests.support.people import APPROVER, REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import unreached_tenant
from tests.unit.slack.rendered import texts

ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE
SUBMIT = Operation.SUBMIT
BLOCK, ALLOW = Action.BLOCK, Action.ALLOW
HASH = "ab" * 32
FILE = b"%PDF-1.7 a price list"
MESSAGE = (
    b"Return-Path: <bounce@mailer.example>\r\nMessage-ID: <0042@fabrikam.example>\r\n"
    b"Date: Wed, 2 Jan 2030 03:04:05 +0000\r\n"
    b"From: Billing <billing@fabrikam.example>\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"
)
TO = "user@contoso.example"
ADDRESS = f"https://graph.microsoft.com/v1.0/users/{TO}/messages/AAMkAGI2"
POLICIES = (
    FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.8",), block=("198.51.100.9",), safe_list=True),
    FilterPolicy(identity="Branch office", block=("198.51.100.9",), safe_list=True),
)


def listed(name: ListName, action: Action, value: str) -> Entry:
    return Entry(list=name, action=action, value=value, identity="an id of the service", notes="By hand")


ENTRIES = (
    listed(ListName.SENDER, BLOCK, "Held.example"),
    listed(ListName.SENDER, ALLOW, "allowed.example"),
    listed(ListName.URL, BLOCK, "held.example/a?b=1&c=2"),
    listed(ListName.FILE, BLOCK, HASH.upper()),
    listed(ListName.IP, BLOCK, "2001:DB8::9"),
    listed(ListName.SPOOF, ALLOW, "held.example, sender.example"),
)


FILING, DIRECT = Rules(plan=Plan.PLAN1, submissions=True), Rules(plan=Plan.PLAN1, direct_allow=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What somebody asks for."""

    operation: Operation
    action: Action
    values: tuple[str, ...]
    end: str | None = None
    evidence: Evidence | None = None
    content: bytes | None = None
    rules: Rules = FILING


def case(operation: Operation, action: Action, *values: str, **others: object) -> Case:
    return Case(operation=operation, action=action, values=values, **others)  # type: ignore[arg-type]


CASES = [
    case(ADD, BLOCK, "203.0.113.7", "203.0.113.32/28", end="30d"),
    case(ADD, ALLOW, "203.0.113.7", end="3d"),
    case(ADD, BLOCK, "evil.example", "a@evil.example", end="30d"),
    case(ADD, BLOCK, "evil.example", end="never"),
    case(ADD, BLOCK, "evil.example", end="180d"),
    case(ADD, BLOCK, "https://evil.example/a?b=1&c=2", end="7d"),
    case(ADD, BLOCK, HASH.replace("a", "c"), end="7d"),
    case(ADD, BLOCK, "2001:db8::7", end="7d"),
    case(ADD, BLOCK, "spoof ceo@contoso.example, evil.example"),  # an own domain: an internal spoof
    case(ADD, BLOCK, "spoof fabrikam.example, evil.example"),
    case(ADD, ALLOW, "2001:db8::7", end="3d"),
    case(ADD, ALLOW, "spoof fabrikam.example, mailer.example"),
    case(ADD, ALLOW, "fabrikam.example", end="7d", rules=DIRECT),
    case(ADD, ALLOW, "https://fabrikam.example/a", end="7d", rules=DIRECT),
    case(REMOVE, ALLOW, "203.0.113.8"),
    case(REMOVE, BLOCK, "198.51.100.9"),  # in two policies
    case(REMOVE, BLOCK, "held.example"),
    case(REMOVE, ALLOW, "allowed.example"),
    case(REMOVE, BLOCK, "https://held.example/a?b=1&c=2"),
    case(REMOVE, BLOCK, HASH),
    case(REMOVE, BLOCK, "2001:db8::9"),
    case(REMOVE, ALLOW, "spoof held.example, sender.example"),
    case(EXTEND, BLOCK, "held.example", end="60d"),
    case(EXTEND, BLOCK, "198.51.100.9", end="60d"),  # the tenant keeps no end: nothing is sent
    case(ANNOTATE, BLOCK, "held.example"),
    case(Operation.SAFE_LIST_OFF, ALLOW),
    case(SUBMIT, ALLOW, "fabrikam.example", end="7d", evidence=Evidence(recipient=TO, message_url=ADDRESS)),
    case(
        *(SUBMIT, ALLOW, "fabrikam.example"),
        end="7d",
        evidence=Evidence(recipient=TO, file_name="blocked.eml"),
        content=MESSAGE,
    ),
    case(SUBMIT, ALLOW, sha256(FILE).hexdigest(), end="7d", evidence=Evidence(file_name="prices.pdf"), content=FILE),
    case(SUBMIT, ALLOW, "https://fabrikam.example/a", "https://fabrikam.example/b?c=1&d=2", end="7d"),
]


def name_of(given: Case) -> str:
    return f"{given.operation} {given.action} {' '.join(given.values)} {given.end or ''}".strip()


@pytest.mark.parametrize("given", CASES, ids=name_of)
async def test_each_field_that_goes_out_is_shown_and_logged(store: Store, clock: Clock, given: Case) -> None:
    lists = Snapshot(
        as_of=clock(),
        policies=POLICIES,
        entries=(*ENTRIES, *policy_entries(POLICIES)),
        accepted_domains=frozenset({"contoso.example"}),
    )
    async with store.write() as uow:
        await uow.snapshots.save(lists)
    context = Context(store=store, tenant=unreached_tenant(), rules=given.rules, now=clock)
    request = await proposed(context, given, lists)

    details = (await details_view(context, APPROVER, request.id, shown=request.version)).view
    shown = html.unescape(texts(card(request_facts(request))) + texts(details))
    async with store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.REQUEST_PROPOSED))
    logged = canonical_json(event.payload)

    sent = list(fields_of_submission(request, given, clock()) if given.operation is SUBMIT else fields(request, lists))
    nothing = given.operation in {EXTEND, ANNOTATE} and not request.list.traits.keeps_ends
    assert bool(sent) is not nothing
    assert not [text for text in sent if text not in shown], shown
    assert not [text for text in sent if text not in logged], logged
    await context.tenant.close()


async def proposed(context: Context, given: Case, lists: Snapshot) -> Request:
    proposals: Sequence[Proposal]
    if given.operation is Operation.SAFE_LIST_OFF:
        proposals = [safe_list_off(lists.policies, reason="The baseline says so")]
    else:
        proposals = drafted(
            context,
            *given.values,
            operation=given.operation,
            action=given.action,
            end=given.end,
            reason="Phishing wave",
            evidence=given.evidence,
            acknowledged=True,
            listed=Listed(lists.entries),
        )
    if given.content is not None:
        proposals = [with_file_seen(proposal, given.content) for proposal in proposals]
    made = await propose_all(context, actor=REQUESTER, proposals=proposals)
    assert made.requests, made.refusals
    [request] = made.requests
    return request


def fields(request: Request, lists: Snapshot) -> Iterator[str]:
    """Each field of each cmdlet that is sent, by the code that sends it."""
    entries = (
        safe_lists_on(lists.policies)
        if request.operation is Operation.SAFE_LIST_OFF
        else tuple(entry for entry in lists.entries if entry.list is request.list)
    )
    reading = ListSnapshot(
        list=request.list,
        as_of=lists.as_of,
        policies=lists.policies,
        entries=entries,
        accepted_domains=lists.accepted_domains,
    )
    for command in cmdlets_to_send(change_for(request, request.items), reading):
        yield command.cmdlet
        for name, parameter in command.parameters.items():
            yield name
            # The service's own id stands for a pair, which is what people can read.
            ids = [entry.value for entry in entries] if name == "Ids" else None
            yield from leaves(ids if ids is not None else on_the_wire(parameter))


def fields_of_submission(request: Request, given: Case, now: datetime) -> Iterator[str]:
    """Each field of each call of Microsoft Graph. A file's bytes are known by their SHA-256."""
    for piece in plan(request, request.items, content=given.content, is_on=True, now=now).pieces:
        what = piece.submission
        yield PATHS[what.kind]
        content = encoded(what)
        body = {**body_of(what, content=content), **action_of(what)}
        for text in leaves(body):
            if text != content or not content:
                yield text
                continue
            assert given.content is not None
            yield sha256(given.content).hexdigest()
            yield f"{len(given.content)} bytes"


def leaves(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for key, each in value.items():
                # How the admin endpoint is told of a hashtable says nothing of what goes out.
                if each != "#Exchange.GenericHashTable":
                    yield str(key)
                    yield from leaves(each)
        case list() | tuple():
            for each in value:
                yield from leaves(each)
        case bool():
            pass  # a switch: its name says it
        case _:
            yield from str(value).split(", ")


def test_the_cases_have_every_operation() -> None:
    assert {given.operation for given in CASES} == set(Operation)
