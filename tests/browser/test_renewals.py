"""An allow that has stayed for long comes back to its owner, is kept, comes back again, and ends: seen on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Locator, expect

from tests.browser.hands import Hands
from tests.support.installation import APPROVALS, APPROVER, DIRECT, GENERAL, REQUESTER, Installation

pytestmark = pytest.mark.usefixtures("patience")

#: After so long an allow comes back.
PERIOD = timedelta(minutes=1)

PAIR = "news@fabrikam[.]example"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running bot for which a minute is long."""
    settings = {"PORTCULLIS_RENEW_AFTER": f"{PERIOD.total_seconds():.0f}s"}
    with Installation(folder=tmp_path_factory.mktemp("renewals"), settings=settings) as installation:
        yield installation


async def approve(hands: Hands, *words: str) -> None:
    """As an approver, approve the card in which these words stand; and be the requester again."""
    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message(*words)
    await expect(card).to_contain_text("0 of 1 approval")
    await hands.click(card, "Approve")
    await expect(card).to_contain_text(", confirmed")
    await hands.go(who=REQUESTER, where=DIRECT)


def asked(hands: Hands) -> Locator:
    return hands.message("entries is due for renewal: keep it, or let it end?", PAIR)


async def test_an_allow_is_kept_and_comes_back_and_ends(hands: Hands, here: Installation) -> None:
    await hands.go(who=REQUESTER, where=GENERAL)
    await hands.type("/allow spoof news@fabrikam.example, 203.0.113.0/24 never Our newsletter")
    await approve(hands, PAIR, "Our newsletter")

    here.skip(PERIOD)
    await expect(asked(hands)).to_contain_text("Our newsletter")
    await hands.click(asked(hands), "Keep…")
    await expect(hands.field("New expiry date")).to_have_value("as_it_is")
    await hands.field("Reason").fill("Still our newsletter")
    await hands.submit()
    await expect(hands.form).to_have_count(0)
    await expect(hands.message("Answered", PAIR)).to_contain_text("to be kept, by #")
    await approve(hands, PAIR, "Still our newsletter")

    # Kept, it comes back after another period.
    here.skip(PERIOD)
    await expect(asked(hands)).to_contain_text("Still our newsletter")
    await hands.click(asked(hands), "Let it end")
    await expect(hands.message("Answered", PAIR)).to_contain_text("to end, by #")
    await approve(hands, PAIR, "Its owner lets it end")
    await expect(hands.page.locator("[data-testid=entry][data-value*='news@fabrikam.example']")).to_have_count(0)
    await expect(hands.message("Nothing of this waits for an answer any more.")).to_be_visible()
    await hands.type("/requests renewals")
    await expect(hands.message("Only visible to you", "Nothing is due for renewal")).to_be_visible()
