"""A proposal as it stands in the store: its requests, one for each list and end, which are decided together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.requests.request import MOST_NAMED_ASIDE, TURNED_DOWN, ItemState, Request, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The requests of one proposal, in the order of their numbers: one at least."""

    requests: tuple[Request, ...]

    @property
    def id(self) -> int:
        """The number of the proposal."""
        return self.requests[0].proposal_id

    @property
    def version(self) -> int:
        """What is shown of the proposal is bound to it: the number of the last event that can change the card."""
        return self.requests[0].version

    @property
    def requester(self) -> str:
        """Slack user id."""
        return self.requests[0].requester

    @property
    def open(self) -> tuple[Request, ...]:
        """Those that wait for a decision."""
        return tuple(request for request in self.requests if request.is_open)

    @property
    def is_open(self) -> bool:
        """Whether any of it waits for a decision."""
        return bool(self.open)

    @property
    def lead(self) -> Request:
        """The request by which it is told where the proposal stands with its decision: the first that waits, else the
        first that was approved, else the first of all.

        Those that wait have the same reviews, and take as many approvals; so have those that were approved.
        """
        approved = (request for request in self.requests if request.status not in TURNED_DOWN)
        return (*self.open, *approved, *self.requests)[0]

    @property
    def asked_about(self) -> Request:
        """The first request, on which it is on record what was asked: it waits as long as any of the proposal does."""
        return replace(self.requests[0], status=self.lead.status)

    @property
    def status(self) -> Status:
        """Where the whole of it stands: where all parts do that weren't turned down, or between them."""
        statuses = {request.status for request in self.requests}
        if left := statuses - TURNED_DOWN:
            statuses = left
        if len(statuses) == 1 or Status.PENDING in statuses:
            return self.lead.status
        if statuses & {Status.APPROVED, Status.APPLYING}:
            return Status.APPLYING
        return Status.PARTLY_APPLIED

    @property
    def as_one(self) -> Request:
        """All of it as one request, for whoever tells of it: where one list is asked for, it has that of the first."""
        tally: Counter[ItemState] = Counter()
        for request in self.requests:
            tally.update(request.counts)
        aside = sum(request.set_aside for request in self.requests)
        named = tuple(line for request in self.requests for line in request.named_aside)
        return replace(
            self.lead,
            id=self.id,
            part_of=None,
            status=self.status,
            asked_back=self.requests[0].asked_back,
            warnings=tuple(dict.fromkeys(warning for request in self.requests for warning in request.warnings)),
            items=tuple(item for request in self.requests for item in request.items),
            tally=tally,
            sent=sum(request.sent for request in self.requests),
            set_aside=aside,
            named_aside=named if aside <= MOST_NAMED_ASIDE else (),
            failure="; ".join(dict.fromkeys(request.failure for request in self.requests if request.failure)),
        )

    @property
    def is_grave(self) -> bool:
        """Whether what is still to be decided of it lets strangers in; see `Request.is_grave`."""
        return any(request.is_grave for request in self.open or self.requests)

    def of(self, request_id: int) -> Request:
        """One of its requests. Raises LookupError for any other."""
        return {request.id: request for request in self.requests}[request_id]


def by_proposal(requests: Iterable[Request]) -> list[Parts]:
    """Requests by their proposals, in their order: those of one follow each other, beginning with its first."""
    found: list[list[Request]] = []
    for request in requests:
        if found and request.part_of is not None and found[-1][0].proposal_id == request.part_of:
            found[-1].append(request)
        else:
            found.append([request])
    return [Parts(requests=tuple(each)) for each in found]
