"""What the audit log says of a change, once it says it: the cmdlet, when, by whom, and with which parameters."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.requests.attributing import AdminRecord
from bot.tenant.access import TenantAccess
from bot.tenant.audit_records import AuditRecords
from tests.contract.audit_log import AuditLog
from tests.contract.service import ITEMS, Record
from tests.contract.writing import Writing

NEW = f"New-{ITEMS}"


@pytest.fixture
def asked(audit_log: AuditLog, writing: Writing) -> tuple[str, str]:
    """A question that has run, and a value that was added before; skipped where its record isn't there yet."""
    values = [writing.value("Sender", name) for name in ("logged", "logged-too", "logged-last")]
    for value in values:
        writing.add("Sender", value)
    number = audit_log.run([NEW.lower()])
    if audit_log.patience and not of_value(audit_log.records(number), values[-1]):
        pytest.skip("the record isn't there yet: records come late, by two days at most")
    return number, values[-1]


def of_value(records: list[Record], value: str) -> list[Record]:
    return [record for record in records if value in str(record["auditData"])]


def test_a_record_says_what_the_bot_goes_by(audit_log: AuditLog, asked: tuple[str, str]) -> None:
    number, value = asked
    records = of_value(audit_log.records(number), value)
    assert records
    for record in records:
        assert record["id"]
        assert record["operation"].lower() == NEW.lower()
        assert abs(datetime.fromisoformat(record["createdDateTime"]) - datetime.now(UTC)) < timedelta(hours=1)
        assert record["userPrincipalName"] or record["userId"] or record["auditData"]["UserId"]
        told = {each["Name"]: each["Value"] for each in record["auditData"]["Parameters"]}
        assert value in told["Entries"]
        assert all(isinstance(text, str) for text in told.values())


def test_the_bot_reads_it_and_takes_no_application_for_a_person(access: TenantAccess, asked: tuple[str, str]) -> None:
    number, value = asked

    async def read() -> tuple[AdminRecord, ...]:
        service = AuditRecords(access)
        try:
            return await service.records(number)
        finally:
            await service.close()

    records = [each for each in asyncio.run(read()) if value in each.parameters.get("Entries", "")]
    assert records
    assert all("@" not in each.user or access.client_id in each.texts for each in records)
