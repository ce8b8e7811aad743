"""One mailbox's own lists by the whole bot, as its setting says: asked by name, answered and logged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.auditing.events import EventKind
from bot.playground.page_client import PageClient, shown
from bot.store import AuditFilter
from tests.acceptance.steps import installation, looking
from tests.support.installation import GENERAL, REQUESTER, Installation

ANA = "ana@contoso.example"


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that looks into mailboxes."""
    settings = {"PORTCULLIS_SAFE_SENDERS": "on", "PORTCULLIS_ACCEPTED_DOMAINS": "contoso.example"}
    folder = tmp_path_factory.mktemp("mailbox")
    with installation("socket-sqlite", request=request, folder=folder, settings=settings) as here:
        yield here


async def test_the_answer_names_the_mailbox_and_what_has_the_last_word(
    page: PageClient, here: Installation, name: str
) -> None:
    here.tenant.hold_mailbox(ANA, TrustedSendersAndDomains=[name, "clinic.example"])
    await page.type(REQUESTER, f"/check info@{name} for {ANA}")
    await page.message(REQUESTER, GENERAL, "Not listed", f"info@{name.replace('.', '[.]')}")
    answer = await page.message(REQUESTER, GENERAL, "Safe there", "its domain is there", "Last word")
    assert "clinic" not in shown(answer)
    async with looking(here) as uow:
        events = await uow.audit.page(filters=AuditFilter(limit=100))
    [asked] = [event for event in events if event.kind == EventKind.MAILBOX_ASKED]
    assert (asked.actor, asked.target) == (REQUESTER, ANA)
