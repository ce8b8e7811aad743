"""The operator's rules in the whole bot: a block that needs nobody is applied at once, and others decide by the rules.

`portcullis who` and `portcullis doctor` say the same of them, as processes of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.playground.page_client import PageClient
from tests.acceptance.steps import defanged, entry, installation, looking, only_request
from tests.support.installation import APPROVALS, APPROVER, GENERAL, REQUESTER, SECOND, Installation

RULES = f"""
[[approval]]
name = "Network team"
lists = ["connection-filter"]
approvers = ["{SECOND}"]

[[no_approval]]
name = "Phishing"
lists = ["sender"]
requesters = ["{REQUESTER}"]
per_hour = 1
"""


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rules")
    file = folder / "rules.toml"
    file.write_text(RULES, encoding="utf-8")
    settings = {"PORTCULLIS_RULES_FILE": str(file), "PORTCULLIS_ACCEPTED_DOMAINS": "contoso.example"}
    with installation("socket-sqlite", request=request, folder=folder, settings=settings) as here:
        yield here


async def test_a_block_that_needs_nobody_is_applied_and_the_next_waits(
    page: PageClient, here: Installation, name: str
) -> None:
    async def read() -> bool | None:
        async with looking(here) as uow:
            return await uow.snapshots.load() is not None or None

    await page.until("the tenant's lists are read", read)
    await page.type(REQUESTER, f"/block {name} 7d Phishing wave", channel=GENERAL)
    await page.message(APPROVER, APPROVALS, defanged(name), "Applied", "by the rule “Phishing”")
    assert (await entry(page, name))["Action"] == "Block"
    assert (await only_request(here, name)).reviews == ()
    answer = await page.type(REQUESTER, f"/block next.{name} 7d Phishing wave", channel=GENERAL)
    assert answer["problem"] is None
    await page.message(REQUESTER, GENERAL, "No rule approves it: the limit of 1 an hour leaves no room for it")
    await page.message(APPROVER, APPROVALS, f"next[.]{defanged(name)}", "Waits for approval")


async def test_only_those_whom_a_rule_names_decide(page: PageClient, address: str) -> None:
    await page.type(REQUESTER, f"/block {address} 7d Scanner")
    card = await page.message(APPROVER, APPROVALS, defanged(address), "Waits for approval")
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, "Network team” others decide on this", f"by the rule: <@{SECOND}>")
    await page.click(SECOND, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, defanged(address), "Applied")


def test_who_says_what_somebody_may_do(here: Installation) -> None:
    said = here.command("who", APPROVER, "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    may = {(each["list"], each["does"]): each for each in found["may"]}
    assert "approver" in found["roles"]
    assert (may["connection-filter", "block"]["decide"], may["sender", "block"]["decide"]) == (False, True)
    assert may["connection-filter", "block"]["why"] == "not named by the rule “Network team”"
    told = here.command("who", REQUESTER)
    assert told.returncode == 0, told.stderr
    assert "their own need nobody by “Phishing”" in told.stdout


@pytest.mark.parametrize(
    ("user", "error"), [("U0NOBODYATALL", "Slack knows nobody with the id"), ("@somebody", "is no Slack user id")]
)
def test_who_of_an_id_that_is_none(here: Installation, user: str, error: str) -> None:
    said = here.command("who", user, "--json")
    assert said.returncode == 2
    assert error in json.loads(said.stdout)["error"]


def test_doctor_shows_each_rule(here: Installation) -> None:
    rows = {row["check"]: row["details"] for row in json.loads(here.command("doctor", "--json").stdout)}
    assert "need nobody: 10 at once, 1 an hour" in rows["rule “Phishing”"]
    assert f"decided by {SECOND} (of the approvers)" in rows["rule “Network team”"]
