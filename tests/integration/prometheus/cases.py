"""When each alert fires, and when it doesn't: what Prometheus's own `promtool test rules` is given.

A case has the series that go in, a value a minute in promtool's notation, and the minutes after which it is looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ACKNOWLEDGED = 'portcullis_acknowledgement_seconds_bucket{kind="command",le="%s"}'
_CALLS = 'portcullis_tenant_call_seconds_count{service="exchange",access="%s",outcome="%s"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One alert, and whether it fires."""

    alert: str
    series: Mapping[str, str]
    minutes: int
    fires: bool = True


CASES = (
    Case(alert="PortcullisDown", series={'up{job="portcullis",instance="a"}': "1 0x5"}, minutes=4),
    Case(alert="PortcullisDown", series={'up{job="portcullis",instance="a"}': "0 1x5"}, minutes=4, fires=False),
    Case(alert="PortcullisDown", series={'up{job="another",instance="a"}': "0x5"}, minutes=4, fires=False),
    Case(alert="PortcullisSlackNotWell", series={'portcullis_slack_well{instance="a"}': "1 0x5"}, minutes=4),
    Case(
        alert="PortcullisSlackNotWell",
        series={'portcullis_slack_well{instance="a"}': "1 0 1x5"},
        minutes=4,
        fires=False,
    ),
    Case(
        alert="PortcullisDatabaseSilent",
        series={'portcullis_database_read_age_seconds{instance="a"}': "0+60x9"},
        minutes=6,
    ),
    Case(
        alert="PortcullisDatabaseSilent",
        series={'portcullis_database_read_age_seconds{instance="a"}': "14x9"},
        minutes=6,
        fires=False,
    ),
    Case(alert="PortcullisAuditLogWentBack", series={"portcullis_audit_head": "100x14 60x5"}, minutes=16),
    Case(alert="PortcullisAuditLogWentBack", series={"portcullis_audit_head": "100+1x20"}, minutes=16, fires=False),
    Case(
        alert="PortcullisAcknowledgesLate",
        series={_ACKNOWLEDGED % "1.0": "0+8x30", _ACKNOWLEDGED % "3.0": "0+10x30", _ACKNOWLEDGED % "+Inf": "0+10x30"},
        minutes=20,
    ),
    Case(
        alert="PortcullisAcknowledgesLate",
        series={_ACKNOWLEDGED % "0.25": "0+10x30", _ACKNOWLEDGED % "3.0": "0+10x30", _ACKNOWLEDGED % "+Inf": "0+10x30"},
        minutes=20,
        fires=False,
    ),
    Case(
        alert="PortcullisDeliveriesFail",
        series={'portcullis_deliveries_total{kind="click",outcome="failed"}': "0+1x20"},
        minutes=16,
    ),
    Case(
        alert="PortcullisDeliveriesFail",
        series={'portcullis_deliveries_total{kind="click",outcome="refused"}': "0+9x20"},
        minutes=16,
        fires=False,
    ),
    Case(
        alert="PortcullisChangesLate", series={'portcullis_jobs_oldest_seconds{lane="applying"}': "0+60x9"}, minutes=8
    ),
    Case(
        alert="PortcullisChangesLate",
        series={'portcullis_jobs_oldest_seconds{lane="telling"}': "0+60x9"},
        minutes=8,
        fires=False,
    ),
    Case(alert="PortcullisJobsLate", series={'portcullis_jobs_oldest_seconds{lane="telling"}': "0+60x70"}, minutes=68),
    Case(
        alert="PortcullisJobsLate",
        series={'portcullis_jobs_oldest_seconds{lane="telling"}': "60x70"},
        minutes=68,
        fires=False,
    ),
    Case(alert="PortcullisJobsGivenUp", series={"portcullis_jobs_dead": "1x3"}, minutes=2),
    Case(alert="PortcullisJobsGivenUp", series={"portcullis_jobs_dead": "0x3"}, minutes=2, fires=False),
    Case(alert="PortcullisTenantRefusesApp", series={_CALLS % ("read", "SignInFailed"): "0 1x9"}, minutes=4),
    Case(alert="PortcullisTenantRefusesApp", series={_CALLS % ("read", "Throttled"): "0 1x9"}, minutes=4, fires=False),
    Case(
        alert="PortcullisTenantCallsFail",
        series={_CALLS % ("read", "TenantUnavailable"): "0+3x30", _CALLS % ("read", "done"): "0+1x30"},
        minutes=26,
    ),
    Case(
        alert="PortcullisTenantCallsFail",
        series={_CALLS % ("write", "ValueRefused"): "0+3x30", _CALLS % ("read", "done"): "0+1x30"},
        minutes=26,
        fires=False,
    ),
    Case(alert="PortcullisSnapshotOld", series={'portcullis_snapshot_age_seconds{list="url"}': "0+60x70"}, minutes=68),
    Case(
        alert="PortcullisSnapshotOld",
        series={'portcullis_snapshot_age_seconds{list="url"}': "900x70"},
        minutes=68,
        fires=False,
    ),
    Case(alert="PortcullisListUnreadable", series={'portcullis_snapshot_unreadable{list="url"}': "1x40"}, minutes=35),
    Case(
        alert="PortcullisListUnreadable",
        series={'portcullis_snapshot_unreadable{list="url"}': "1 0x40"},
        minutes=35,
        fires=False,
    ),
    Case(
        alert="PortcullisRequestsWait",
        series={'portcullis_requests_oldest_seconds{status="pending"}': "172801x2"},
        minutes=1,
    ),
    Case(
        alert="PortcullisRequestsWait",
        series={'portcullis_requests_oldest_seconds{status="pending"}': "86400x2"},
        minutes=1,
        fires=False,
    ),
    Case(
        alert="PortcullisUnrequestedChanges",
        series={'portcullis_unrequested_changes{state="told"}': "2x1500"},
        minutes=1445,
    ),
    Case(
        alert="PortcullisUnrequestedChanges",
        series={'portcullis_unrequested_changes{state="adopted"}': "2x1500"},
        minutes=1445,
        fires=False,
    ),
    Case(
        alert="PortcullisVersionsDiffer",
        series={'portcullis_build_info{version="1"}': "1x40", 'portcullis_build_info{version="2"}': "1x40"},
        minutes=35,
    ),
    Case(
        alert="PortcullisVersionsDiffer",
        series={
            'portcullis_build_info{version="1",instance="a"}': "1x40",
            'portcullis_build_info{version="1",instance="b"}': "1x40",
        },
        minutes=35,
        fires=False,
    ),
)


def rule_test(case: Case, *, rules: str) -> dict[str, Any]:
    """A case as promtool reads it: that the alert fires is asked by the series ALERTS that Prometheus makes of it."""
    expression = f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}}) > bool 0 or vector(0)'
    return {
        "rule_files": [rules],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
                "promql_expr_test": [
                    {
                        "expr": expression,
                        "eval_time": f"{case.minutes}m",
                        "exp_samples": [{"labels": "{}", "value": int(case.fires)}],
                    }
                ],
            }
        ],
    }
