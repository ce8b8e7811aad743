"""What somebody edits in the portal is told, with the name, kept or taken out, and in the log: seen on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Locator, expect

from bot.playground.tenant import Roles
from tests.browser.hands import Hands
from tests.support.installation import ALERTS, APPROVALS, APPROVER, AUDITOR, GENERAL, REQUESTER, Installation

pytestmark = pytest.mark.usefixtures("patience")

ADMIN = "helpdesk@contoso.example"
FILTER = "Connection filter · Default"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running bot that reads the lists every two seconds, and a tenant whose audit log is a second late."""
    settings = {"PORTCULLIS_WATCH_EVERY": "2s", "PORTCULLIS_AUDIT_LOG": "on"}
    installation = Installation(folder=tmp_path_factory.mktemp("portal"), settings=settings)
    installation.tenant.set_roles(Roles(audit_role=True))
    installation.tenant.audit_log.late = timedelta(seconds=1)
    with installation:
        yield installation


def portal(hands: Hands) -> Locator:
    return hands.page.get_by_test_id("portal")


async def add(hands: Hands, value: str, *, to: str, action: str = "Allow") -> None:
    """Add an entry with the portal's form."""
    form = portal(hands)
    await form.get_by_label("List").select_option(to)
    await form.get_by_label("Value").fill(value)
    await form.get_by_label("What it does").select_option(action)
    await form.get_by_test_id("portal-save").click()
    await expect(hands.entry(value)).to_have_attribute("data-action", action.lower())


async def approve(hands: Hands, *words: str) -> None:
    """As an approver, approve the card in which these words stand; the alerts are shown afterwards."""
    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message(*words)
    await expect(card).to_contain_text("0 of 1 approval")
    await hands.click(card, "Approve")
    await expect(card).not_to_contain_text("0 of 1 approval")
    await hands.go(who=REQUESTER, where=ALERTS)


async def test_what_is_edited_in_the_portal_is_told_with_a_name_and_kept_or_taken_out(hands: Hands) -> None:
    await hands.type("/check 203.0.113.9")
    await expect(hands.message("Only visible to you", "203.0.113[.]9")).to_contain_text("Not listed")
    await hands.go(who=REQUESTER, where=ALERTS)
    await portal(hands).locator("summary").click()
    await portal(hands).get_by_label("Signed in as").fill(ADMIN)

    # An IP allow is told at once, the name follows in the same alert, and it is proposed to be taken out.
    await add(hands, "203.0.113.9", to=FILTER)
    alert = hands.message("IP allow added", "203.0.113[.]9")
    await expect(alert).to_contain_text("skips spam filtering, SPF, DKIM and DMARC")
    await expect(hands.button(alert, "Adopt…")).to_be_visible()
    await expect(alert).to_contain_text(f"By {ADMIN} from 198.51.100.24")
    await expect(alert).to_have_count(1)
    await hands.click(alert, "Propose removal")
    await expect(alert).to_contain_text("asks to remove it")
    await expect(hands.button(alert, "Propose removal")).to_have_count(0)
    await approve(hands, "203.0.113[.]9")
    await expect(hands.entry("203.0.113.9")).to_have_count(0)
    await expect(alert).to_contain_text("It is gone again.")

    # A block is adopted: it gets an owner and an end.
    await add(hands, "evil.example", to="Senders", action="Block")
    alert = hands.message("Block added", "evil[.]example")
    await hands.click(alert, "Adopt…")
    await expect(hands.field("Keep it until")).to_have_value("as_it_is")
    await hands.field("Keep it until").select_option("90 days")
    await hands.field("Reason").fill("It was right")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await expect(alert).to_contain_text("asks to keep it")
    await approve(hands, "evil[.]example", "It was right")
    await expect(hands.button(alert, "Adopt…")).to_have_count(0)

    # What is changed, taken out and switched is told too.
    await hands.page.get_by_role("button", name="Change evil.example").click()
    await portal(hands).get_by_label("Note").fill("Ask the help desk")
    await portal(hands).get_by_test_id("portal-save").click()
    await expect(hands.message("Block changed", "evil[.]example")).to_contain_text("Ask the help desk")
    await hands.page.get_by_role("button", name="Remove evil.example").click()
    await expect(hands.message("Block removed", "evil[.]example")).to_contain_text("It was made by #")
    await hands.page.get_by_role("button", name="Switch the safe list on").click()
    alert = hands.message("Safe list switched on")
    await expect(hands.button(alert, "Propose switching it off")).to_be_visible()
    await expect(alert).to_contain_text(f"By {ADMIN}")

    await hands.go(who=AUDITOR, where=GENERAL)
    await hands.type("/audit portal")
    told = hands.message("Only visible to you", "203.0.113[.]9")
    await expect(told).to_contain_text(ADMIN)
