"""One list that can't be read: the others are told all the same, and what could not be seen is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.playground.page_client import PageClient
from tests.acceptance.steps import approved, clear_faults, defanged, fault, idle, installation
from tests.support.installation import AUDITOR, GENERAL, Installation

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="module", params=["socket-sqlite"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("unreadable")) as here:
        yield here


async def test_a_check_says_which_list_it_could_not_see(page: PageClient, here: Installation) -> None:
    await approved(page, "/block evil.example 7d Phishing wave", defanged("evil.example"))
    await idle(page, here)
    await fault(page, "403", "Get-TenantAllowBlockListSpoofItems", times=10_000)
    await page.type(AUDITOR, "/check now evil.example")
    await page.message(AUDITOR, GENERAL, "Blocked", defanged("evil.example"), "What could not be seen", "poof")
    await page.type(AUDITOR, "/check now other.example")
    await page.message(AUDITOR, GENERAL, "Not listed", defanged("other.example"), "What could not be seen", "poof")
    await page.type(AUDITOR, f"/check now {HASH}")
    answer = await page.message(AUDITOR, GENERAL, "Not listed", HASH[:16], "Read from the tenant")
    assert "could not be seen" not in str(answer["blocks"]), "spoof pairs have no say in it"
    await clear_faults(here)
    await page.type(AUDITOR, "/check now other.example")
    answer = await page.message(AUDITOR, GENERAL, "Not listed", defanged("other.example"), after=answer["ts"])
    assert "could not be seen" not in str(answer["blocks"])
