"""Everything about a request, as facts: with its steps, its change as PowerShell, and the ends that there are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import Snapshot
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Request
from bot.domain.requests.who_decides import ApproverRule
from bot.domain.telling.event_facts import EventFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsFacts:
    """Everything about a request."""

    request: RequestFacts
    powershell: str = ""  #: the change as cmdlets, of many lines
    graph_calls: str = ""  #: a submission as calls of Microsoft Graph, likewise
    as_of: datetime | None = None  #: of the snapshot that the cmdlets go by; None: without any
    deciders: tuple[ApproverRule, ...] = ()  #: the rules that say who decides, of what waits for a decision
    waits_because: str = ""  #: why it waits, though a rule says that such blocks need nobody; empty: none is about it
    steps: tuple[EventFacts, ...] = ()  #: in order
    figures: tuple[Sentence, ...] = ()  #: how much mail each indicator has had, as its card shows it
    owners: tuple[Sentence, ...] = ()  #: whose its addresses are, as its card shows it
    counted_how: tuple[str, ...] = ()  #: what has to be known of these figures, a sentence each
    subjects: tuple[str, ...] = ()  #: of such mail, any text; for an approver alone
    #: For what would get another end, the one that it has now, by value; None: it has none.
    ends_now: Mapping[str, datetime | None] = field(default_factory=dict)


def present_ends(
    request: Request, lists: Snapshot | None, known: Sequence[KnownEntry]
) -> Mapping[str, datetime | None]:
    """The ends that the entries have now which a request would give another, by the request's own spelling.

    Empty for every other request, for one that is concluded, and where nothing is known of the lists. `known` is what
    Portcullis has on record: where the tenant keeps no end, ours is the end.
    """
    if request.operation is not Operation.EXTEND or request.status.is_over or lists is None:
        return {}
    wanted = {value_key(request.list, item.value): item.value for item in request.items}
    ours = {value_key(record.list, record.value): record.expires for record in known if record.action == request.action}
    ends: dict[str, datetime | None] = {}
    for entry in lists.entries:
        if entry.list is request.list and entry.action is request.action:
            key = value_key(entry.list, entry.value)
            if (value := wanted.get(key)) is not None:
                ends[value] = entry.expires or ours.get(key)
    return ends
