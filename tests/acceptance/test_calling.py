"""Approvers are called by the whole bot, as its settings name them: on the card, and once more before it lapses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.auditing.events import EventKind
from bot.playground.page_client import PageClient
from bot.store import AuditFilter
from tests.acceptance.steps import installation, looking
from tests.support.installation import APPROVALS, APPROVER, AUDITOR, REQUESTER, Installation

GROUP = "S0APPROVERS"


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose requests have so little time that the others are called at once."""
    settings = {
        "PORTCULLIS_CALL_APPROVERS": f"{GROUP}, {REQUESTER}",
        "PORTCULLIS_ESCALATE_TO": AUDITOR,
        "PORTCULLIS_ESCALATE_BEFORE": "1d",
        "PORTCULLIS_REQUEST_LAPSES_AFTER": "1d",
    }
    folder = tmp_path_factory.mktemp("calling")
    with installation("socket-sqlite", request=request, folder=folder, settings=settings) as here:
        yield here


async def test_those_whom_the_settings_name_are_mentioned(page: PageClient, here: Installation, name: str) -> None:
    await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    card = await page.message(APPROVER, APPROVALS, f"Please decide: <!subteam^{GROUP}>")
    assert f"<@{REQUESTER}>" not in card["text"].partition("Please decide")[2], "nobody is called to their own"
    await page.message(APPROVER, APPROVALS, f"Please decide: <@{AUDITOR}>")

    async def told() -> dict[str, str] | None:
        async with looking(here) as uow:
            events = await uow.audit.page(filters=AuditFilter(limit=100))
        called = {event.kind: event.target for event in events if event.kind.startswith("approvers.")}
        return called if EventKind.APPROVERS_TOLD_LATE in called else None

    called = await page.until("the line that calls them to be on record", told)
    assert called.pop(EventKind.APPROVERS_TOLD_LATE)
    assert called == {EventKind.APPROVERS_CALLED: GROUP, EventKind.APPROVERS_CALLED_LATE: AUDITOR}
