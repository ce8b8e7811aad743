"""The tab in which somebody runs a workflow of the app's step, with the real bot behind the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.hands import Hands
from tests.support.installation import APPROVALS, APPROVER, SECOND, Installation

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running bot in Socket Mode on SQLite."""
    with Installation(folder=tmp_path_factory.mktemp("workflows")) as installation:
        yield installation


async def fill(hands: Hands, **inputs: str) -> None:
    for name, value in inputs.items():
        await hands.page.get_by_test_id(f"step-{name}").fill(value)
    await hands.page.get_by_test_id("step-run").click()


async def test_a_workflow_is_run_and_two_approvers_decide_on_what_it_proposes(hands: Hands) -> None:
    await hands.page.get_by_test_id("tab-workflows").click()
    await fill(hands, indicators="evil[.]example", reason="Reported by a form", lasts="7d")
    run = hands.page.get_by_test_id("run").first
    await expect(run).to_have_attribute("data-status", "completed")
    await expect(run.get_by_test_id("run-proposal")).to_have_text("#1")
    await expect(run.get_by_test_id("run-card")).to_contain_text("/archives/")

    await run.get_by_test_id("run-card").get_by_role("link").click()
    await expect(hands.page.get_by_text("Reported by a form").first).to_be_visible()
    await hands.go(who=APPROVER, where=APPROVALS)
    card = hands.message("evil[.]example", "Reported by a form")
    await expect(card).to_contain_text("A workflow in Slack proposed this")
    await hands.click(card, "Approve")
    await expect(card).to_contain_text("1 of 2 approvals")
    await hands.page.get_by_test_id("tab-tenant").click()
    await expect(hands.entry("evil.example")).to_have_count(0)
    await hands.go(who=SECOND, where=APPROVALS)
    await hands.click(card, "Approve")
    await expect(hands.entry("evil.example")).to_have_attribute("data-action", "block")


async def test_what_it_cannot_read_is_said_and_what_it_needs_is_asked_for(hands: Hands) -> None:
    await hands.page.get_by_test_id("tab-workflows").click()
    await fill(hands, indicators="the sender of yesterday")
    await expect(hands.page.get_by_test_id("step-problem")).to_have_text("Fill in: Why.")
    await fill(hands, reason="Reported by a form")
    run = hands.page.get_by_test_id("run").first
    await expect(run).to_have_attribute("data-status", "failed")
    await expect(run.get_by_test_id("run-error")).to_contain_text("Nothing was requested")


async def test_the_workflow_to_try_opens_its_tab_filled_in(hands: Hands) -> None:
    await hands.page.get_by_test_id("show-intro").click()
    await hands.page.get_by_test_id("try-workflow").click()
    await expect(hands.page.get_by_test_id("tab-workflows")).to_be_focused()
    await expect(hands.page.get_by_test_id("step-run")).to_have_text("Run as the person on the left")
    await expect(hands.page.get_by_label("What to block")).to_have_value("fraud.example")
    await expect(hands.page.get_by_label("What to block")).to_have_accessible_description(re.compile("one or several"))
    await expect(hands.page.get_by_label("Why")).to_have_value("Reported by a form")
