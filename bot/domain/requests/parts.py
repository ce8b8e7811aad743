"""A proposal as it stands in the store: its requests, one for each list and end, which are decided together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.requests.request import Request


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
        first of all. Those that wait have the same reviews, and take as many approvals."""
        return (*self.open, *self.requests)[0]

    @property
    def is_grave(self) -> bool:
        """Whether what is still to be decided of it lets strangers in; see `Request.is_grave`."""
        return any(request.is_grave for request in self.open or self.requests)

    def of(self, request_id: int) -> Request:
        """One of its requests. Raises LookupError for any other."""
        return {request.id: request for request in self.requests}[request_id]
