"""Events in the form of the OCSF schema: each has what the schema requires, in the types that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from bot.domain.auditing.events import ACCOUNT, PORTCULLIS, Event, EventKind
from bot.domain.auditing.ocsf import as_ocsf
from tests.support.samples import any_event
from tests.unit.domain.auditing.chains import event

#: The schema's own words for what is used here: github.com/ocsf/ocsf-schema, Apache 2.0, of July 2026: events/iam/
#: entity_management.json with what it extends, and dictionary.json. By object: required, at least one of, and types.
SCHEMA: dict[str, tuple[set[str], set[str], dict[str, Any]]] = {
    "event": (
        {
            "activity_id",
            "category_uid",
            "class_uid",
            "entity",
            "metadata",
            "severity_id",
            "time",
            "type_uid",
        },
        set(),
        {
            "activity_id": int,
            "activity_name": str,
            "actor": "actor",
            "category_name": str,
            "category_uid": int,
            "class_name": str,
            "class_uid": int,
            "comment": str,
            "entity": "managed_entity",
            "message": str,
            "metadata": "metadata",
            "severity": str,
            "severity_id": int,
            "status": str,
            "status_id": int,
            "time": int,
            "type_name": str,
            "type_uid": int,
        },
    ),
    "actor": (set(), {"user", "app_name"}, {"user": "user", "app_name": str}),
    "user": (set(), {"name", "uid"}, {"name": str, "uid": str}),
    "managed_entity": (
        set(),
        {"name", "uid"},
        {"name": str, "uid": str, "type": str, "type_id": int, "data": dict},
    ),
    "metadata": (
        {"product", "version"},
        set(),
        {
            "event_code": str,
            "log_name": str,
            "original_time": str,
            "product": "product",
            "sequence": int,
            "tenant_uid": str,
            "uid": str,
            "version": str,
        },
    ),
    "product": (set(), {"name", "uid"}, {"name": str, "vendor_name": str}),
}
ENUMS = {
    "activity_id": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99},
    "severity_id": {0, 1, 2, 3, 4, 5, 6, 99},
    "status_id": {0, 1, 2, 99},
}


def demand_valid(made: Mapping[str, Any], name: str = "event") -> None:
    required, one_of, types = SCHEMA[name]
    assert required <= made.keys()
    assert not one_of or one_of & made.keys()
    for key, value in made.items():
        kind = types[key]  # an attribute that the schema doesn't have is a KeyError
        if isinstance(kind, str):
            demand_valid(value, kind)
        else:
            assert type(value) is kind, key
    assert all(made[key] in values for key, values in ENUMS.items() if key in made)


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_is_valid(kind: EventKind) -> None:
    made = as_ocsf(event(kind=kind), name="anna")
    demand_valid(made)
    assert made["type_uid"] == 300_400 + made["activity_id"]


@given(any_event)
def test_any_event_is_valid(logged: Event) -> None:
    demand_valid(as_ocsf(logged))


@pytest.mark.parametrize(
    ("kind", "payload", "activity", "status", "severity"),
    [
        (EventKind.REQUEST_PROPOSED, {}, 1, 1, 1),
        (EventKind.REQUEST_DENIED, {}, 3, 1, 1),
        (EventKind.REQUEST_FAILED, {}, 3, 2, 2),
        (EventKind.ITEM_APPLIED, {"operation": "add"}, 1, 1, 1),
        (EventKind.ITEM_APPLIED, {"operation": "remove"}, 4, 1, 1),
        (EventKind.ITEM_EXPIRED, {}, 4, 1, 1),
        (EventKind.CHECK_ASKED, {}, 2, 1, 1),
        (EventKind.REQUEST_CONTRADICTED, {}, 3, 2, 4),
        (EventKind.JOB_DEAD, {}, 99, 2, 3),
        ("request.reopened", {}, 3, 1, 1),
        ("moon.landed", {}, 99, 1, 1),
    ],
)
def test_what_it_was_and_how_it_went(
    kind: str, payload: dict[str, Any], activity: int, status: int, severity: int
) -> None:
    made = as_ocsf(event(kind=kind, payload=payload))
    assert (made["activity_id"], made["status_id"], made["severity_id"]) == (activity, status, severity)


def test_who_it_was() -> None:
    assert as_ocsf(event(actor="U1"), name="anna")["actor"] == {"user": {"uid": "U1", "name": "anna"}}
    assert as_ocsf(event(actor="U1"))["actor"] == {"user": {"uid": "U1"}}
    assert as_ocsf(event(actor=PORTCULLIS))["actor"] == {"app_name": "Portcullis"}
    assert as_ocsf(event(actor=f"{ACCOUNT}root"))["actor"] == {"user": {"uid": "account:root", "name": "root"}}
