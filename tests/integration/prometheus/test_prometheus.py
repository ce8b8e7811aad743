"""A real Prometheus reads the page, and takes the alerts and each expression of the dashboard."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot import __version__
from bot.gauges import DatabaseGauges
from bot.metrics import Metrics
from bot.playground.plain_http import NO_AUTHORITIES
from bot.store import JobLane, Store
from bot.web.edge import build_edge
from bot.web.metrics_page import MetricsPage
from tests.integration.prometheus.cases import CASES, Case, rule_test
from tests.integration.tenant.scripted import serving_app
from tests.support.installation import free_port

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yml"

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="there is no Prometheus on this machine (apt-get install --no-install-recommends prometheus)",
)


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own files
        [shutil.which("promtool") or "promtool", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_alerts_are_rules() -> None:
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    [group] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts = {rule["alert"] for rule in group["rules"]}
    assert {case.alert for case in CASES if case.fires} == alerts
    assert {case.alert for case in CASES if not case.fires} == alerts


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}-{'fires' if case.fires else 'quiet'}")
def test_when_an_alert_fires(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "case.yml"
    file.write_text(yaml.safe_dump(rule_test(case, rules=str(RULES))), encoding="utf-8")
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """One that runs, by its API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 - any JSON
        answer = await self._http.get(f"/api/v1/{path}", params=parameters)
        said = answer.json()
        assert said["status"] == "success", said
        return said["data"]

    async def value(self, expression: str) -> float | None:
        found = (await self.get("query", query=expression))["result"]
        return float(found[0]["value"][1]) if found else None

    async def until(self, expression: str, value: float) -> None:
        async with asyncio.timeout(60):
            while await self.value(expression) != value:  # noqa: ASYNC110 - Prometheus tells nobody
                await asyncio.sleep(0.1)


@asynccontextmanager
async def prometheus(folder: Path, target: str, token: str) -> AsyncIterator[Prometheus]:
    """Reads `target` each second, with a token. Both files of deploy/ are its own."""
    (folder / "token").write_text(token, encoding="utf-8")
    settings: Mapping[str, Any] = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {
                "job_name": "portcullis",
                "authorization": {"credentials_file": str(folder / "token")},
                "static_configs": [{"targets": [target]}],
            }
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
    port = free_port()
    running = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=url, trust_env=False, timeout=30) as http:
            async with asyncio.timeout(60):
                while True:
                    try:
                        if (await http.get("/-/ready")).status_code == 200:
                            break
                    except httpx.TransportError:
                        pass
                    await asyncio.sleep(0.1)
            yield Prometheus(http)
    finally:
        running.terminate()
        await running.wait()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_it_reads_the_page_and_takes_what_is_in_deploy(store: Store, tmp_path: Path) -> None:
    token, metrics = secrets.token_hex(16), Metrics()
    gauges = DatabaseGauges(store, (JobLane(name="applying"),), is_slack_well=lambda: False)
    metrics.registry.register(gauges)
    metrics.job("apply", "done")

    async def rendering(accept: str) -> tuple[bytes, str]:
        await gauges.refresh()
        return metrics.rendered(accept)

    async def ready() -> Mapping[str, str]:
        return {}

    page = MetricsPage(token=token, rendering=rendering)
    async with (
        serving_app(build_edge(readiness=ready, metrics=page)) as url,
        prometheus(tmp_path, url.removeprefix("http://"), token) as server,
    ):
        await server.until('up{job="portcullis"}', 1)
        await server.until(f'portcullis_build_info{{version="{__version__}"}}', 1)
        await server.until('portcullis_jobs_total{kind="apply",outcome="done"}', 1)
        await server.until('portcullis_jobs_waiting{lane="applying"}', 0)
        await server.until('count(ALERTS{alertname="PortcullisSlackNotWell",alertstate="pending"})', 1)
        [group] = (await server.get("rules"))["groups"]
        assert {rule["health"] for rule in group["rules"]} == {"ok"}
        dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                await server.get("query", query=target["expr"])
    await gauges.close()


async def test_without_the_token_it_sees_that_nothing_is_there(tmp_path: Path) -> None:
    async def ready() -> Mapping[str, str]:
        return {}

    async def rendering(accept: str) -> tuple[bytes, str]:
        return Metrics().rendered(accept)

    page = MetricsPage(token=secrets.token_hex(16), rendering=rendering)
    async with (
        serving_app(build_edge(readiness=ready, metrics=page)) as url,
        prometheus(tmp_path, url.removeprefix("http://"), secrets.token_hex(16)) as server,
    ):
        await server.until('up{job="portcullis"}', 0)
        assert await server.value("portcullis_build_info") is None
