"""What is counted while the bot runs, for Prometheus: every metric of a process, with its help and its labels.

No label holds an indicator, a person, a channel or anything else that somebody typed: each has a few values that stand
in this program. What the database knows is counted by `bot.gauges`, and joins the same registry.
"""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

import prometheus_client as prometheus
from prometheus_client.exposition import choose_encoder

from bot import __version__

#: Of each counter Prometheus would get a second series with the time at which it was made, which nobody reads.
prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]

#: How long an acknowledgement takes, in seconds. Slack waits for three, so there is nothing to tell beyond.
ACKNOWLEDGED_WITHIN = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)

#: How long a call to the tenant or to Slack takes, in seconds. A call to the tenant has four minutes.
_CALLED_WITHIN = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 240.0)


#: What alerts look for: deliveries of these kinds that ended so, and calls to these services that were refused so.
_KINDS, _FAILURES = ("command", "click", "form", "shortcut", "event"), ("failed", "not_acknowledged")
_SERVICES, _REFUSALS = ("exchange", "graph"), ("SignInFailed", "PermissionMissing")


class Process(prometheus.ProcessCollector):
    """What Prometheus's clients tell of a process, also where nothing but processes is seen in /proc.

    There, as under `ProcSubset=pid` in deploy/portcullis.service, prometheus_client itself shows nothing: it looks for
    when the machine was started.
    """

    def _boot_time(self) -> float | None:
        try:
            found: float | None = super()._boot_time()  # type: ignore[no-untyped-call]
        except OSError:
            if not Path(self._proc, "self", "stat").exists():
                raise
            found = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_BOOTTIME)
        return found


class Metrics:
    """What one process has counted since it began. A part that counts is handed this; a test makes one of its own."""

    def __init__(self) -> None:
        #: What /metrics shows.
        self.registry = prometheus.CollectorRegistry()
        Process(registry=self.registry)
        build = prometheus.Gauge(
            "portcullis_build_info", "Always 1; the version is in the label.", ["version"], registry=self.registry
        )
        build.labels(version=__version__).set(1)
        self._deliveries = self._counter(
            "portcullis_deliveries_total", "What Slack delivered, and how it ended.", "kind", "outcome"
        )
        self._acknowledged = prometheus.Histogram(
            "portcullis_acknowledgement_seconds",
            "From a delivery to its acknowledgement; Slack waits for 3 seconds.",
            ["kind"],
            buckets=ACKNOWLEDGED_WITHIN,
            registry=self.registry,
        )
        self._jobs = self._counter("portcullis_jobs_total", "Attempts of jobs, and how each ended.", "kind", "outcome")
        self._tenant_calls = self._calls(
            "portcullis_tenant_call_seconds",
            "Calls to Exchange Online and Microsoft Graph, with all their pages and attempts.",
            "service",
            "access",
            "outcome",
        )
        self._tenant_throttled = self._counter(
            "portcullis_tenant_throttled_total", "Answers by which the tenant asked for fewer calls.", "service"
        )
        self._slack_calls = self._calls(
            "portcullis_slack_call_seconds", "Calls to Slack's Web API.", "method", "outcome"
        )

        self._begin_at_nought()

    def delivery(self, kind: str, outcome: str, *, seconds: float) -> None:
        """Slack has delivered something, and it was acknowledged, or not, after so many seconds."""
        self._deliveries.labels(kind=kind, outcome=outcome).inc()
        self._acknowledged.labels(kind=kind).observe(seconds)

    def job(self, kind: str, outcome: str) -> None:
        """An attempt of a job has ended."""
        self._jobs.labels(kind=kind, outcome=outcome).inc()

    def tenant_call(self, service: str, *, write: bool, outcome: str, seconds: float) -> None:
        """A call to the tenant has ended."""
        access = "write" if write else "read"
        self._tenant_calls.labels(service=service, access=access, outcome=outcome).observe(seconds)

    def tenant_throttled(self, service: str) -> None:
        """The tenant has asked for fewer calls."""
        self._tenant_throttled.labels(service=service).inc()

    def slack_call(self, method: str, outcome: str, *, seconds: float) -> None:
        """A call to Slack has ended."""
        self._slack_calls.labels(method=method, outcome=outcome).observe(seconds)

    def rendered(self, accept: str) -> tuple[bytes, str]:
        """The page, in the form that an `Accept` header asks for, with the content type of it."""
        try:
            encode, content_type = choose_encoder(accept)
        except (TypeError, ValueError):  # prometheus_client's reader stumbles over some headers
            encode, content_type = choose_encoder("")
        return encode(self.registry), content_type

    def _begin_at_nought(self) -> None:
        """Have what alerts look for be there from the beginning: the first of a series that comes later is no increase
        to Prometheus. https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics"""
        for kind, outcome in product(_KINDS, _FAILURES):
            self._deliveries.labels(kind=kind, outcome=outcome)
        for service, access, outcome in product(_SERVICES, ("read", "write"), _REFUSALS):
            self._tenant_calls.labels(service=service, access=access, outcome=outcome)

    def _counter(self, name: str, told: str, *labels: str) -> prometheus.Counter:
        return prometheus.Counter(name, told, labels, registry=self.registry)

    def _calls(self, name: str, told: str, *labels: str) -> prometheus.Histogram:
        return prometheus.Histogram(name, told, labels, buckets=_CALLED_WITHIN, registry=self.registry)
