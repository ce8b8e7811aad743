"""The alerts and the dashboard in deploy/: what they ask for is counted, and each alert says what is to be done."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
DOCUMENT = ROOT / "docs" / "operations.md"
#: What Prometheus itself, and its client, have beside ours.
OTHERS = {"up", "process_resident_memory_bytes"}
METRIC = re.compile(r"\b(?:portcullis_\w+|process_\w+|up)\b(?=[{\[ )]|$)")
LABEL = re.compile(r'\b(\w+)\s*(?:=|!=|=~|!~)\s*"')


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"])


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [*(rule["expr"] for rule in rules()), *shown]


def documented_metrics() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `(portcullis_\w+)`[^|]*\|([^|]*)\|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def named(expression: str) -> set[str]:
    """The metrics that an expression asks for; of a histogram, the metric and not its series."""
    return {re.sub(r"_seconds_(bucket|count|sum)$", "_seconds", name) for name in METRIC.findall(expression)}


@pytest.mark.parametrize("expression", expressions())
def test_what_is_asked_for_is_counted(expression: str) -> None:
    known = documented_metrics()
    asked = named(expression)
    assert asked
    assert asked - OTHERS <= known.keys()
    labels = {"job", "le", "instance"}.union(*(known.get(name, set()) for name in asked))
    assert set(LABEL.findall(expression)) <= labels


def test_each_metric_that_is_documented_is_shown_or_alerted_on() -> None:
    assert documented_metrics().keys() <= set().union(*map(named, expressions()))


def test_each_alert_says_what_is_to_be_done_in_the_document_and_no_other() -> None:
    told = re.findall(r"^\| `(Portcullis\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [rule["alert"] for rule in rules()]
    assert max(Counter(told).values()) == 1


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_has_a_severity_and_a_sentence(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert re.fullmatch(r"[A-Z{].*\.", rule["annotations"]["summary"])


def test_the_panels_stand_side_by_side_and_not_on_each_other() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)
    assert {panel["datasource"]["uid"] for panel in panels()} == {"${datasource}"}
