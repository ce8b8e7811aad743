"""What whoever runs the bot sees of it: its metrics, its log by one reference, its version."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.playground.page_client import PageClient
from tests.acceptance.steps import idle, installation
from tests.support.installation import APPROVALS, APPROVER, REQUESTER, Installation

TOKEN = secrets.token_hex(16)


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("operating")
    with installation(
        request.param, request=request, folder=folder, settings={"PORTCULLIS_METRICS_TOKEN": TOKEN}
    ) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        yield client


async def metrics(here: Installation) -> dict[str, float]:
    """Each sample, by its name with its labels."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        assert (await http.get(f"{here.bot_url}/metrics")).status_code == 401
        answer = await http.get(f"{here.bot_url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (await http.get(f"{here.bot_url}/healthz")).text == f"ok {__version__}"
    assert answer.status_code == 200
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_block_is_counted_and_its_way_can_be_followed(here: Installation, page: PageClient, name: str) -> None:
    await page.type(REQUESTER, f"/block {name} 30d Phishing wave")
    shown = name.replace(".", "[.]")
    card = await page.message(APPROVER, APPROVALS, shown, "Phishing wave")
    await idle(page, here)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await page.message(APPROVER, APPROVALS, shown, "Applied")

    async def is_counted() -> bool:
        found = await metrics(here)
        return (
            found.get("portcullis_deliveries_total kind=command outcome=done", 0) >= 1
            and found.get("portcullis_deliveries_total kind=click outcome=done", 0) >= 1
            and found.get("portcullis_jobs_total kind=request.apply outcome=done", 0) >= 1
            and found.get("portcullis_tenant_call_seconds_count access=write outcome=done service=exchange", 0) >= 1
            and found.get("portcullis_slack_call_seconds_count method=chat.postMessage outcome=done", 0) >= 1
            and found["portcullis_slack_well"] == 1
            and found.get("portcullis_audit_head", 0) >= 1
        )

    await page.until("all of it to be counted", is_counted)
    assert not any(name in sample or REQUESTER in sample or APPROVALS in sample for sample in await metrics(here))
    told = here.command("trace", "#1", "--json", "--log", str(here.log))
    assert told.returncode == 0, told.stdout + told.stderr
    found = json.loads(told.stdout)
    [approved] = {each["reference"] for each in found["events"] if each["kind"] == "request.approved"}
    written = [line for line in found["log"] if line["event"] == "tenant call" and line["write"]]
    assert [line["reference"] for line in written] == [approved]
    started = [json.loads(line) for line in here.log.read_text().splitlines() if '"event": "started"' in line]
    assert {line["version"] for line in started} == {__version__}
