"""Requests, events, verdicts and texts, hostile ones among them, for the tests of what people are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.domain.auditing.events import Event, EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.indicators.indicator import Indicator, Kind, Note
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import Effect
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import AttachedFile, Evidence, MessageHeld
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import (
    MOST_NAMED_ASIDE,
    Decision,
    Item,
    ItemState,
    Request,
    RequestWarning,
    Review,
    SetAside,
    Status,
)
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

#: An entry, what is on record of it, and a verdict that it decides.
ENTRY = Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.0/24", policy="Default")
KNOWN = KnownEntry(
    list=ListName.CONNECTION_FILTER,
    action=Action.ALLOW,
    value="203.0.113.0/24",
    requester="U0REQUESTER",
    request_id=42,
    reason="Scanner",
    since=NOW,
    expires=NOW + timedelta(days=7),
)
VERDICT = Verdict(
    indicator=Indicator(kind=Kind.IPV4, value="203.0.113.7"),
    judgement=Judgement.ALLOWED,
    because="203.0.113.0/24 on the IP Allow List covers it.",
    matches=(Match(entry=ENTRY, effect=Effect.COVERS, wins=True, known=KNOWN),),
    limits=("Malware is scanned all the same.",),
    as_of=NOW,
)

#: A link to a card that is as long as any that is shown.
LONGEST_CARD_LINK = f"https://{'w' * 95}.example/archives/C012345678A/p1700000000000001"

HOSTILE: tuple[str, ...] = (
    "<!channel> look here",
    "<!here|urgent> & <@U000> <https://evil.example|our portal>",
    "a & b < c > d",
    "`code` and ```a block that never ends",
    "*bold* _italic_ ~gone~ :white_check_mark: Approved",
    "line one\nline two\r\nline three\u2028line four",
    "\u202emoc.live\u202c and \u2066isolated",
    "שלום עולם, مرحبا بالعالم",
    "\x00\x07\x1b[31m nul and bell",
    "half a pair \ud800 and the other \udfff",
    "“smart” — dashes…",
    '"quotes" and \\backslashes\\' * 60,
    "x" * 20_000,
    "&" * 5_000,
    "😀" * 3_000,
    " ",
    "",
)


def request(
    *,
    status: Status = Status.PENDING,
    operation: Operation = Operation.ADD,
    action: Action = Action.BLOCK,
    list_name: ListName = ListName.SENDER,
    items: Sequence[Item] | int = 2,
    reason: str = "Invoice fraud",
    warnings: Sequence[RequestWarning] = (),
    reviews: Sequence[Review] = (),
    approvals_needed: int = 1,
    expires: datetime | None = NOW + timedelta(days=30),
    failure: str = "",
    request_id: int = 42,
    requester: str = "U0REQUESTER",
    sent: int = 0,
    set_aside: int = 0,
    named_aside: Sequence[SetAside] = (),
    tally: Mapping[ItemState, int] | None = None,
    evidence: Evidence | None = None,
    lasts: timedelta | None = None,
    version: int = 57,
) -> Request:
    if isinstance(items, int):
        items = [item(number) for number in range(1, items + 1)]
    return Request(
        id=request_id,
        tenant_id="tenant",
        operation=operation,
        action=action,
        list=list_name,
        reason=reason,
        expires=expires,
        requester=requester,
        status=status,
        approvals_needed=approvals_needed,
        created_at=NOW,
        lapses_at=NOW + timedelta(days=3),
        warnings=tuple(warnings),
        items=tuple(items),
        reviews=tuple(reviews),
        failure=failure,
        sent=sent,
        set_aside=set_aside or len(named_aside),
        named_aside=tuple(named_aside),
        tally=tally or {},
        evidence=evidence,
        lasts=lasts,
        version=version,
    )


def facts(**changes: object) -> RequestFacts:
    """The same, told."""
    return request_facts(request(**changes))  # type: ignore[arg-type]


def ip_allow_facts(**changes: object) -> RequestFacts:
    """A request for an IP allow, told."""
    return request_facts(ip_allow(**changes))


def ip_allow(**changes: object) -> Request:
    """A request that would put an address on the IP Allow List."""
    values: dict[str, Any] = {
        "action": Action.ALLOW,
        "list_name": ListName.CONNECTION_FILTER,
        "items": [Item(id=1, kind=Kind.IPV4, value="203.0.113.7")],
        "approvals_needed": 2,
        "warnings": [
            RequestWarning(code="other", text="The address belongs to a hosting company."),
            RequestWarning(code="ip_allow_skips_filtering", text="Skips spam filtering, SPF, DKIM.", serious=True),
        ],
    }
    return request(**{**values, **changes})


def item(
    number: int = 1,
    *,
    value: str = "",
    state: ItemState = ItemState.PROPOSED,
    outcome: str = "",
    kind: Kind = Kind.DOMAIN,
    notes: Mapping[str, str] | None = None,
) -> Item:
    """`notes` are texts by their codes."""
    return Item(
        id=number,
        kind=kind,
        value=value or f"sender{number}.example",
        state=state,
        outcome=outcome,
        notes=tuple(Note(code=code, text=text) for code, text in (notes or {}).items()),
    )


def review(reviewer: str = "U0APPROVER", *, decision: Decision = Decision.APPROVE, comment: str = "") -> Review:
    return Review(reviewer=reviewer, decision=decision, at=NOW + timedelta(hours=1), comment=comment)


def event(seq: int = 1, **changes: object) -> Event:
    values: dict[str, Any] = {
        "seq": seq,
        "tenant_id": "tenant",
        "at": NOW,
        "kind": EventKind.REQUEST_PROPOSED,
        "actor": "U0REQUESTER",
        "target": "sender1.example",
        "request_id": 42,
    }
    return Event(**{**values, **changes})


def step(
    first: int = 1,
    *,
    kind: str = EventKind.REQUEST_PROPOSED,
    count: int = 1,
    actor: str = "U0REQUESTER",
    target: str = "sender1.example",
    targets: Sequence[str] | None = None,
    at: datetime = NOW,
) -> StoryStep:
    return StoryStep(
        kind=kind,
        first=first,
        last=first + count - 1,
        count=count,
        actor=actor,
        at=at,
        targets=(target,) * min(count, 50) if targets is None else tuple(targets),
    )


#: Any text, hostile ones among them, with halves of surrogate pairs.
any_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec=None), max_size=400),
    st.text('<>&`*!@|\\"\n ', max_size=400),
)
any_time = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
any_user = st.one_of(st.just("U0APPROVER"), any_text)

any_item = st.builds(
    Item,
    id=st.integers(1, 10**9),
    kind=st.sampled_from(Kind),
    value=any_text,
    state=st.sampled_from(ItemState),
    outcome=any_text,
)
any_warning = st.builds(RequestWarning, code=any_text, text=any_text, serious=st.booleans())
any_review = st.builds(Review, reviewer=any_user, decision=st.sampled_from(Decision), at=any_time, comment=any_text)
any_evidence = st.builds(
    Evidence,
    recipient=any_text,
    message_url=any_text,
    file_name=any_text,
    sha256=any_text,
    size=st.integers(0, 3_000_000),
    message=st.none()
    | st.builds(
        MessageHeld,
        senders=st.lists(any_text, max_size=10).map(tuple),
        written_from=any_text,
        return_path=any_text,
        subject=any_text,
        date=any_text,
        message_id=any_text,
        links=st.lists(any_text, max_size=10).map(tuple),
        files=st.lists(st.builds(AttachedFile, name=any_text, sha256=any_text), max_size=10).map(tuple),
        more_links=st.integers(0, 500),
        more_files=st.integers(0, 500),
        is_read_whole=st.booleans(),
    ),
)
any_set_aside = st.builds(
    SetAside, line=st.integers(1, 10_000), typed=any_text, value=any_text, code=any_text, reason=any_text
)
any_request = st.builds(
    Request,
    id=st.integers(1, 10**18),
    tenant_id=any_text,
    operation=st.sampled_from(Operation),
    action=st.sampled_from(Action),
    list=st.sampled_from(ListName),
    reason=any_text,
    expires=st.none() | any_time,
    requester=any_user,
    status=st.sampled_from(Status),
    approvals_needed=st.integers(0, 5),
    created_at=any_time,
    lapses_at=any_time,
    warnings=st.lists(any_warning, max_size=12).map(tuple),
    items=st.lists(any_item, max_size=14).map(tuple),
    reviews=st.lists(any_review, max_size=8).map(tuple),
    failure=any_text,
    sent=st.integers(0, 10_000),
    set_aside=st.integers(0, 10_000),
    named_aside=st.lists(any_set_aside, max_size=MOST_NAMED_ASIDE).map(tuple),
    tally=st.dictionaries(st.sampled_from(ItemState), st.integers(0, 10_000), max_size=3),
    evidence=st.none() | any_evidence,
)
any_request_facts = any_request.map(request_facts)
any_step = st.builds(
    StoryStep,
    kind=st.one_of(st.sampled_from(EventKind).map(str), any_text),
    first=st.integers(1, 10**9),
    last=st.integers(10**9, 10**12),
    count=st.integers(1, 30_000),
    actor=any_user,
    at=any_time,
    targets=st.lists(any_text, max_size=3).map(tuple),
)
any_event = st.builds(
    Event,
    seq=st.integers(1, 10**12),
    tenant_id=any_text,
    at=any_time,
    kind=st.one_of(st.sampled_from(EventKind).map(str), any_text),
    actor=any_user,
    target=any_text,
    request_id=st.none() | st.integers(1, 10**12),
    payload=st.dictionaries(st.sampled_from(["decision", "outcome", "comment", "n"]), any_text | st.integers()),
)
