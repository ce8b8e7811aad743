"""What is counted, and that no label holds anything that somebody typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.errors import PermissionMissing, SignInFailed
from bot.metrics import ACKNOWLEDGED_WITHIN, Metrics, Process

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
#: What a metric is told apart by. A new one is thought about first: it must have a few values, none of them typed.
LABELS = {"version", "kind", "outcome", "service", "access", "method"}


def counted() -> Metrics:
    metrics = Metrics()
    metrics.delivery("command", "done", seconds=0.2)
    metrics.job("apply", "failed")
    metrics.tenant_call("exchange", write=True, outcome="done", seconds=1.5)
    metrics.tenant_throttled("graph")
    metrics.slack_call("chat.postMessage", "throttled", seconds=0.3)
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_what_is_counted() -> None:
    metrics = counted()
    assert value(metrics, "portcullis_build_info", version=__version__) == 1
    assert value(metrics, "portcullis_deliveries_total", kind="command", outcome="done") == 1
    assert value(metrics, "portcullis_acknowledgement_seconds_bucket", kind="command", le="0.25") == 1
    assert value(metrics, "portcullis_acknowledgement_seconds_bucket", kind="command", le="0.1") == 0
    assert value(metrics, "portcullis_jobs_total", kind="apply", outcome="failed") == 1
    labels = {"service": "exchange", "access": "write", "outcome": "done"}
    assert value(metrics, "portcullis_tenant_call_seconds_sum", **labels) == 1.5
    assert value(metrics, "portcullis_tenant_throttled_total", service="graph") == 1
    assert value(metrics, "portcullis_slack_call_seconds_count", method="chat.postMessage", outcome="throttled") == 1


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("portcullis_deliveries_total", {"kind": "click", "outcome": "not_acknowledged"}),
        ("portcullis_deliveries_total", {"kind": "command", "outcome": "failed"}),
        (
            "portcullis_tenant_call_seconds_count",
            {"service": "graph", "access": "read", "outcome": SignInFailed.__name__},
        ),
        (
            "portcullis_tenant_call_seconds_count",
            {"service": "exchange", "access": "write", "outcome": PermissionMissing.__name__},
        ),
    ],
)
def test_what_an_alert_looks_for_begins_at_nought(name: str, labels: dict[str, str]) -> None:
    """The first of a series that comes later is no increase to Prometheus."""
    assert value(Metrics(), name, **labels) == 0


def test_an_acknowledgement_has_as_long_as_slack_waits() -> None:
    assert max(ACKNOWLEDGED_WITHIN) == 3


def test_each_label_is_one_that_was_thought_about() -> None:
    samples = [sample for family in counted().registry.collect() for sample in family.samples]
    own = [sample for sample in samples if sample.name.startswith("portcullis_")]
    assert {name for sample in own for name in sample.labels} - {"le"} == LABELS


@pytest.mark.parametrize(
    "accept", ["", "text/plain", "application/openmetrics-text; version=1.0.0", "nothing; like=it"]
)
def test_the_page_is_what_prometheus_reads(accept: str) -> None:
    content, content_type = counted().rendered(accept)
    assert ("openmetrics" in content_type) == ("openmetrics" in accept)
    if "openmetrics" not in accept:
        names = {family.name for family in text_string_to_metric_families(content.decode())}
        assert {"portcullis_jobs", "portcullis_deliveries", "process_resident_memory_bytes"} <= names
    assert b"_created" not in content


def test_a_process_is_counted_where_nothing_but_processes_is_seen(tmp_path: Path) -> None:
    """As systemd has it under `ProcSubset=pid`, and so in deploy/portcullis.service."""
    own, here = tmp_path / "self", Path("/proc/self")
    (own / "fd").mkdir(parents=True)
    for name in ("stat", "limits"):
        (own / name).write_bytes((here / name).read_bytes())
    shown, usual = (
        {family.name: family.samples[0].value for family in process.collect()}
        for process in (Process(registry=None, proc=str(tmp_path)), Process(registry=None))
    )
    assert shown.keys() == usual.keys()
    assert shown["process_resident_memory_bytes"] > 1_000_000
    assert abs(shown["process_start_time_seconds"] - usual["process_start_time_seconds"]) < 5
    assert list(Process(registry=None, proc=str(tmp_path / "none")).collect()) == []


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=abc", "text/plain; version=1.x", ";;=,"])
def test_a_header_that_is_none_gets_the_plain_page(accept: str) -> None:
    content, content_type = counted().rendered(accept)
    assert content_type.startswith("text/plain")
    assert b"portcullis_jobs_total" in content


def test_two_in_one_process_count_for_themselves() -> None:
    assert value(Metrics(), "portcullis_jobs_total", kind="apply", outcome="failed") is None


def documented() -> set[str]:
    return set(re.findall(r"^\| `(portcullis_\w+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_metric_of_a_process_is_in_the_document() -> None:
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in counted().registry.collect()
        if family.name.startswith("portcullis_")
    }
    assert names <= documented()
