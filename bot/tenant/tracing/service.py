"""Mail figures of one tenant: whichever source sees an indicator is asked, within a budget that all replicas share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace

import structlog

from bot.budgets import Rate, Turns
from bot.clock import Clock, utc_now
from bot.domain.figures.figures import Found, MailFigures, MailSource, Unseen
from bot.domain.figures.sources import asked_of
from bot.domain.indicators.indicator import Indicator, Kind
from bot.errors import IncompleteAnswer, PermissionMissing, TenantError, Throttled, ValueRefused
from bot.tenant.access import Patience, TenantAccess
from bot.tenant.calling.answers import REMEDY_WAIT
from bot.tenant.calling.graph import Graph, refusals_in
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.tracing import hunting, message_trace
from bot.tenant.tracing.refused import WORDS, demand_cloud, explained

_log = structlog.get_logger(__name__)

#: Message trace takes 100 requests in five minutes: these 40 at once, and 60 more within that time.
TRACE_RATE = Rate(per_second=0.2, burst=40)
#: Advanced hunting takes 45 a minute at least.
HUNTING_RATE = Rate(per_second=0.5, burst=10)

#: Nobody's decision waits for figures: what isn't there by then is asked for again later, in seconds. Within a call
#: nothing is: that would be in no budget.
_PATIENCE = Patience(read=20.0, total=30.0, attempts=1, longest_retry_after=3.0)
_LONGEST_WAIT = 2.0


class MailTracing:
    """The mail figures of one tenant. Construction does no I/O; `close()` when done. Raises TenantErrors."""

    def __init__(
        self,
        settings: TenantAccess,
        *,
        sources: Collection[MailSource],
        patience: Patience = _PATIENCE,
        now: Clock = utc_now,
    ) -> None:
        self.sources = frozenset(sources)
        self._cloud = settings.cloud
        self._now = now
        self._tokens = AccessTokens(settings, scope=settings.graph_scope)
        hurried = replace(settings, patience=patience)
        # Each source is asked to wait by itself: the other one, submissions and the audit log go on meanwhile.
        self._graph = {
            source: Graph(
                settings=hurried,
                tokens=self._tokens,
                version="v1.0",
                refusals=refusals_in(WORDS),
                budget=source.value,
                now=now,
            )
            for source in MailSource
        }
        self._turns = {
            MailSource.TRACE: Turns(settings.budgets, "tenant:message-trace", TRACE_RATE),
            MailSource.HUNTING: Turns(settings.budgets, "tenant:hunting", HUNTING_RATE),
        }
        self._read: Mapping[MailSource, Callable[[Indicator, bool], Awaitable[Found]]] = {
            MailSource.TRACE: self._by_trace,
            MailSource.HUNTING: self._by_hunting,
        }

    async def close(self) -> None:
        """Close the connections."""
        for graph in self._graph.values():
            await graph.close()
        await self._tokens.close()

    async def figures(self, indicator: Indicator, *, subjects: bool = False) -> Found:
        """What the last ten days' mail says of an indicator, or why nothing of it can be seen.

        `subjects` are read along, of the newest messages, only where they are asked for. Where the first source that
        sees it fails, the next is asked; that this one can't see it counts only where the first isn't granted, and not
        where it may answer in a while. Raises the last one's TenantError: PermissionMissing for what isn't granted or
        isn't in this cloud, Throttled with `retry_after` once the budget is used up.
        """
        sources = asked_of(indicator, self.sources)
        if isinstance(sources, Unseen):
            return sources
        failed: TenantError | None = None
        for source in sources:
            try:
                found = await self._read[source](indicator, subjects)
                if not isinstance(found, Unseen) or failed is None or isinstance(failed, PermissionMissing):
                    return found
            except TenantError as error:
                failed = explained(error, source)
                _log.info("mail figures not read", source=source.value, kind=indicator.kind.value, error=str(failed))
        assert failed is not None  # noqa: S101 - there is one source at least
        if isinstance(failed, PermissionMissing) and MailSource.TRACE in self.sources:
            hidden = asked_of(indicator, {MailSource.TRACE})
            if isinstance(hidden, Unseen):
                return hidden
        raise failed

    async def try_out(self, source: MailSource) -> None:
        """Ask a source the smallest thing there is, to find out whether it answers. Raises TenantErrors."""
        demand_cloud(source, self._cloud)
        nobody = Indicator(kind=Kind.ADDRESS, value="nobody@portcullis.invalid")
        try:
            await self._read[source](nobody, False)
        except TenantError as error:
            raise explained(error, source) from error

    async def _by_trace(self, indicator: Indicator, subjects: bool) -> Found:
        demand_cloud(MailSource.TRACE, self._cloud)
        try:
            objects, is_whole = await self._rows(message_trace.mail_from(indicator))
        except ValueRefused:
            if indicator.kind is not Kind.DOMAIN:
                raise
            return Unseen.DOMAINS
        read = message_trace.rows_from(objects, indicator)
        if not read.rows and (objects or not is_whole):
            raise IncompleteAnswer("Message trace answered with nothing that was asked for.", REMEDY_WAIT)
        if read.set_aside:
            _log.warning("rows of message trace set aside", count=read.set_aside)
        if indicator.kind is Kind.DOMAIN and not read.rows:
            return Unseen.DOMAINS
        written_to, written_is_whole = await self._written_to(indicator)
        return message_trace.figures_of(
            read, is_whole=is_whole, subjects=subjects, written_to=written_to, written_is_whole=written_is_whole
        )

    async def _written_to(self, indicator: Indicator) -> tuple[int | None, bool]:
        """How many messages were sent to it, as far as one page tells, and whether that page is all."""
        where = message_trace.mail_to(indicator)
        if where is None:
            return None, True
        try:
            objects, is_whole = await self._rows(where, pages=1)
        except ValueRefused:
            return None, True
        read = message_trace.rows_to(objects, indicator)
        if not read.rows and (indicator.kind is Kind.DOMAIN or objects or not is_whole):
            return None, True  # it may not see whole domains, and what it answered is about something else
        return message_trace.count_messages(read), is_whole

    async def _rows(
        self, where: str, *, pages: int = message_trace.MOST_PAGES
    ) -> tuple[tuple[dict[str, object], ...], bool]:
        query = message_trace.query_of(where, now=self._now())
        return await self._graph[MailSource.TRACE].some(
            message_trace.PATH, query=query, pages=pages, before_each=lambda: self._take_turn(MailSource.TRACE)
        )

    async def _by_hunting(self, indicator: Indicator, subjects: bool) -> Found:
        await self._take_turn(MailSource.HUNTING)
        answer = await self._graph[MailSource.HUNTING].ask(
            hunting.PATH, hunting.body_of(hunting.counts_query(indicator))
        )
        found = hunting.figures_of(answer)
        if found is None:
            raise IncompleteAnswer("Advanced hunting answered with no figures that can be read.", REMEDY_WAIT)
        return replace(found, subjects=await self._subjects(indicator, found)) if subjects else found

    async def _subjects(self, indicator: Indicator, found: MailFigures) -> tuple[str, ...]:
        if not found.messages:
            return ()
        await self._take_turn(MailSource.HUNTING)
        body = hunting.body_of(hunting.subjects_query(indicator))
        return hunting.subjects_of(await self._graph[MailSource.HUNTING].ask(hunting.PATH, body))

    async def _take_turn(self, source: MailSource) -> None:
        if wait := await self._turns[source].take(patience=_LONGEST_WAIT):
            raise Throttled(
                f"As much has been asked of {source.value} as it takes in a while.", REMEDY_WAIT, retry_after=wait
            )
