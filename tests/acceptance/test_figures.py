"""Mail figures by the whole bot, as its setting says: counted after the proposal, on the card, in the log and gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.auditing.events import EventKind
from bot.playground.page_client import PageClient, shown
from bot.store import AuditFilter
from tests.acceptance.steps import installation, looking
from tests.support.installation import APPROVALS, APPROVER, GENERAL, REQUESTER, Installation


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that has mail counted by both sources."""
    settings = {"PORTCULLIS_MAIL_FIGURES": "both"}
    folder = tmp_path_factory.mktemp("figures")
    with installation("socket-sqlite", request=request, folder=folder, settings=settings) as here:
        yield here


async def test_a_card_shows_how_much_mail_it_would_touch_and_can_be_approved(
    page: PageClient, here: Installation, name: str
) -> None:
    sender = f"billing@{name}"
    for status, times in (("delivered", 9), ("quarantined", 3)):
        await page.post("/api/tenant/mail", {"mail": {"sender": sender, "status": status}, "times": times})
    await page.type(REQUESTER, f"/block {sender} 30d Phishing wave")
    card = await page.message(APPROVER, APPROVALS, "Last 10 days: 12 messages to 1 person, 3 quarantined")
    assert "Phishing wave" in shown(card)
    await page.approve(APPROVER, APPROVALS, card)
    await page.message(APPROVER, APPROVALS, "*Blocked*", "billing@")
    async with looking(here) as uow:
        events = await uow.audit.page(filters=AuditFilter(limit=100))
    by_kind = {event.kind: event for event in events}
    counted, reviewed = by_kind[EventKind.FIGURES_SHOWN], by_kind[EventKind.REQUEST_REVIEWED]
    assert reviewed.payload["figures"] == counted.seq


async def test_the_mail_of_what_was_checked_is_filled_in_where_the_answer_stands(
    page: PageClient, here: Installation, name: str
) -> None:
    sender, question = f"news@{name}", "Mail of the last 10 days"
    await page.post("/api/tenant/mail", {"mail": {"sender": sender, "subject": "This week"}, "times": 40})
    await page.type(REQUESTER, f"/check {sender}")
    before = await page.message(REQUESTER, GENERAL, "Not listed", "news@", question)
    await page.click(REQUESTER, GENERAL, before, question)
    after = await page.message(REQUESTER, GENERAL, "Not listed", "news@", "Last 10 days: 40 messages to 1 person")
    assert question not in shown(after)
    assert "This week" not in shown(after)
    answers = [each for each in await page.messages(REQUESTER, GENERAL) if "Not listed" in shown(each)]
    assert [each["ts"] for each in answers if "news@" in shown(each)] == [after["ts"]], "in the answer's place"
    async with looking(here) as uow:
        events = await uow.audit.page(filters=AuditFilter(limit=100))
    asked = [event for event in events if event.kind == EventKind.CHECK_ASKED and event.target == sender]
    assert next(event.payload["from"] for event in asked) == "mail", "the newest comes first"
