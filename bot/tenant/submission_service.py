"""Submissions to Microsoft through Graph: filing one, finding one whose answer was lost, and reading what came of it.

Sources: Microsoft Graph (beta), "Create emailThreatSubmission", "… urlThreatSubmission", "… fileThreatSubmission", the
resource types that they name, and "tenantAllowOrBlockListAction". The action is documented for emails alone; on a URL
or a file it is tried, and left out where the service refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from bot.clock import Clock, utc_now
from bot.domain.lists.traits import ListName
from bot.domain.requests.noted import is_reference_to
from bot.domain.submissions.message import headers_of
from bot.domain.submissions.submission import EntryMade, FiledStatus, Submission, SubmissionKind, Submitted
from bot.errors import OutcomeUnknown, ValueRefused
from bot.tenant.access import TenantAccess
from bot.tenant.calling.graph import REMEDY_LOOK, Graph, Object
from bot.tenant.exchange.fields import read_date_if_possible
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.submission_call import PATHS, action_of, body_of, encoded

#: How far the service's clock may be behind ours, when a submission is looked for by its time.
_CLOCKS = timedelta(minutes=5)

#: By "entryType": the names are those of `-ListType`.
_LISTS: Mapping[str, ListName] = {
    name.traits.list_type.lower(): name for name in ListName if name.traits.takes_submissions
}
_LONGEST = 2_000

#: Results that say, whatever the status is, that Microsoft hasn't finished.
_UNFINISHED = frozenset({"underinvestigation", "willnotifyoncedone", "beinganalyzed"})


class SubmissionService:
    """The submissions of one tenant. Construction does no I/O; `close()` when done. Raises TenantErrors."""

    def __init__(self, settings: TenantAccess, *, now: Clock = utc_now) -> None:
        self._tokens = AccessTokens(settings, scope=settings.graph_scope)
        self._graph = Graph(settings=settings, tokens=self._tokens, now=now)

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()
        await self._tokens.close()

    async def sign_in(self) -> None:
        """Get a token for Microsoft Graph, or use the one there is."""
        await self._tokens.token()

    async def file(self, what: Submission, *, reference: str = "") -> Submitted:
        """File a submission. After OutcomeUnknown it may be there: `find` it, and never file it again blindly.

        Where the service won't take the action along, it is filed without: `asks_allow` of the answer says so.
        """
        path, body = PATHS[what.kind], body_of(what, content=encoded(what))
        try:
            answer = await self._graph.create(path, {**body, **action_of(what)}, reference=reference)
        except ValueRefused as error:
            # Refused is certain not to have been taken, so that this is no second submission.
            if what.kind is SubmissionKind.EMAIL or error.status != HTTPStatus.BAD_REQUEST:
                raise
            answer = await self._graph.create(path, body, reference=reference)
        filed = _submitted(what.kind, answer)
        if not filed.reference:
            raise OutcomeUnknown("Microsoft took the submission and named no reference for it.", REMEDY_LOOK)
        return filed

    async def find(self, what: Submission, *, since: datetime) -> Submitted | None:
        """The submission among those that Microsoft has, when it was filed at `since` or later; None if it isn't there.

        Known by its note; where that wasn't kept, by what was submitted. Reads what came lately, and all there is when
        that doesn't show it: how far the service understands the question is not documented.
        """
        earliest = since - _CLOCKS
        lately = f"createdDateTime ge {earliest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        for where in (lately, ""):
            try:
                objects = await self._graph.all(PATHS[what.kind], where=where)
            except ValueRefused:
                if not where:
                    raise
                continue
            for candidate in (_submitted(what.kind, each) for each in objects):
                if candidate.created is not None and candidate.created >= earliest and _is_it(what, candidate):
                    return candidate
        return None

    async def read(self, kind: SubmissionKind, reference: str) -> Submitted | None:
        """A submission by Microsoft's id; None when there is none (any more, or yet)."""
        try:
            answer = await self._graph.one(f"{PATHS[kind]}/{quote(reference, safe='')}")
        except ValueRefused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return _submitted(kind, answer)


def _is_it(what: Submission, candidate: Submitted) -> bool:
    """Whether a submission is the one that was sent: by its note, else by what it is about."""
    if candidate.note and not is_reference_to(candidate.note, what.note):
        return False
    if what.kind is SubmissionKind.URL:
        return _bare(candidate.url) == _bare(what.url)
    if what.kind is SubmissionKind.FILE:
        return candidate.file_name == what.file_name
    if candidate.note:
        return True
    same_recipient = candidate.recipient.lower() == what.recipient.lower()
    same_message = bool(what.message_url) and candidate.message_url == what.message_url
    same_id = bool(candidate.message_id) and _bare_id(candidate.message_id) == message_id(what.content or b"")
    return same_recipient and (same_message or same_id)


def message_id(content: bytes) -> str:
    """The Message-ID of a message file, without its brackets; empty when it has none. Never raises."""
    return _bare_id(str(headers_of(content).get("Message-ID", "")))


def _bare_id(text: str) -> str:
    return text.strip().strip("<>")


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/").lower() if "://" in url else url.rstrip("/").lower()


def _submitted(kind: SubmissionKind, answer: Object) -> Submitted:
    result = answer.get("result")
    result = result if isinstance(result, Mapping) else {}
    action = answer.get("tenantAllowOrBlockListAction")
    category, detail = _text(result, "category"), _text(result, "detail")
    return Submitted(
        kind=kind,
        reference=_text(answer, "id"),
        status=_status(_text(answer, "status"), category, detail),
        category=category,
        detail=detail,
        created=read_date_if_possible(answer.get("createdDateTime")),
        note=_text(action, "note") if isinstance(action, Mapping) else "",
        recipient=_text(answer, "recipientEmailAddress"),
        message_url=_text(answer, "messageUrl"),
        message_id=_text(answer, "internetMessageId"),
        url=_text(answer, "webUrl"),
        file_name=_text(answer, "fileName"),
        asks_allow=isinstance(action, Mapping) and _text(action, "action").lower() == "allow",
        entries=_entries(action.get("results")) if isinstance(action, Mapping) else (),
    )


def _status(word: str, category: str, detail: str) -> FiledStatus:
    """Where a submission stands. A status that isn't known says nothing yet, and so does an unfinished result."""
    if {category.lower(), detail.lower()} & _UNFINISHED:
        return FiledStatus.RUNNING
    known = {status.lower(): status for status in FiledStatus if status.value in _SERVICE_STATUSES}
    return known.get(word.lower(), FiledStatus.RUNNING)


_SERVICE_STATUSES = frozenset({"notStarted", "running", "succeeded", "failed", "skipped"})


def _entries(results: object) -> tuple[EntryMade, ...]:
    if not isinstance(results, list):
        return ()
    return tuple(
        EntryMade(
            list=_LISTS.get(_text(each, "entryType").lower()),
            value=_text(each, "value"),
            identity=_text(each, "identity"),
            expires=read_date_if_possible(each.get("expirationDateTime")),
            succeeded=_text(each, "status").lower() == "succeeded",
        )
        for each in results
        if isinstance(each, Mapping) and _text(each, "value")
    )


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""
