"""What was handed over to Microsoft for a request, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from bot.domain.submissions.submission import Filed, FiledStatus, SubmissionKind
from bot.store.databases import insert_or_ignore
from bot.store.scope import Scope
from bot.store.tables import SubmissionRow


class Submissions:
    """The submissions of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, filed: Filed) -> Filed:
        """Keep a submission, with its own number (`id` is not looked at).

        An item has one of each kind: adding another gives the one that is there.
        """
        await self._scope.changed(
            insert_or_ignore(
                self._scope.dialect,
                SubmissionRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "request_id": filed.request_id,
                    "item_id": filed.item_id,
                    "kind": filed.kind.value,
                    "reference": filed.reference,
                    "status": filed.status.value,
                    "result": filed.result,
                    "filed_at": filed.filed_at,
                    "checked_at": filed.checked_at,
                },
            )
        )
        kept = await self.of_request(filed.request_id)
        return next(
            submission for submission in kept if (submission.item_id, submission.kind) == (filed.item_id, filed.kind)
        )

    async def of_request(self, request_id: int) -> list[Filed]:
        """The submissions of a request, in the order in which they were added."""
        rows = await self._scope.session.scalars(
            select(SubmissionRow)
            .where(SubmissionRow.request_id == request_id, SubmissionRow.tenant_id == self._scope.tenant_id)
            .order_by(SubmissionRow.id)
        )
        return [_filed(row) for row in rows]

    async def set(
        self,
        submission_id: int,
        *,
        reference: str | None = None,
        status: FiledStatus | None = None,
        result: str | None = None,
        filed_at: datetime | None = None,
        checked_at: datetime | None = None,
    ) -> bool:
        """Change what is given of a submission, and nothing else; False when this tenant has no such submission."""
        given = {
            "reference": reference,
            "status": None if status is None else status.value,
            "result": result,
            "filed_at": filed_at,
            "checked_at": checked_at,
        }
        values = {name: value for name, value in given.items() if value is not None}
        mine = (SubmissionRow.id == submission_id, SubmissionRow.tenant_id == self._scope.tenant_id)
        if not values:
            return await self._scope.session.scalar(select(SubmissionRow.id).where(*mine)) is not None
        return await self._scope.changed(update(SubmissionRow).where(*mine).values(**values)) == 1


def _filed(row: SubmissionRow) -> Filed:
    return Filed(
        id=row.id,
        request_id=row.request_id,
        item_id=row.item_id,
        kind=SubmissionKind(row.kind),
        reference=row.reference,
        status=FiledStatus(row.status),
        result=row.result,
        filed_at=row.filed_at,
        checked_at=row.checked_at,
    )
