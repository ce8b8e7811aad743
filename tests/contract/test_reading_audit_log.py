"""The audit log's questions: left, looked at, and answered by pages."""

from __future__ import annotations

import uuid

from tests.contract.audit_log import STATUSES, AuditLog
from tests.contract.service import FILTER, ITEMS

OPERATIONS = (f"new-{ITEMS}".lower(), f"set-{FILTER}".lower())


def test_a_question_is_taken_and_named(audit_log: AuditLog) -> None:
    taken = audit_log.ask(OPERATIONS)
    assert isinstance(taken["id"], str)
    assert taken["id"].strip()
    assert taken["status"] in STATUSES


def test_how_it_stands_can_be_asked(audit_log: AuditLog) -> None:
    number = audit_log.ask(OPERATIONS)["id"]
    assert audit_log.get(f"/{number}").json()["status"] in STATUSES


def test_a_question_that_is_not_there_is_not_found(audit_log: AuditLog) -> None:
    audit_log.ask(OPERATIONS)  # which says whether the caller may ask at all
    assert audit_log.get(f"/{uuid.uuid4()}").status_code == 404


def test_only_what_was_asked_about_is_answered(audit_log: AuditLog) -> None:
    records = audit_log.records(audit_log.run(OPERATIONS))
    assert {record["operation"].lower() for record in records} <= set(OPERATIONS)
