"""The tenant's own audit log, and the questions that are left there.

A question runs for some looks, and then has its records. They come late: `late` is by how much, and `odd` are whatever
records a test wants to be among them. Source: Microsoft Graph v1.0, "auditLogRecord resource type".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .cmdlets import Record
from .graph_errors import GraphRefused

_TYPE = "#microsoft.graph.security.auditLogQuery"


@dataclass
class _Question:
    since: datetime
    until: datetime
    operations: frozenset[str]
    looks: int


@dataclass
class AuditLog:
    """What admins, and the bot's own application, did."""

    now: Callable[[], datetime]
    late: timedelta = timedelta()  #: so long after what it tells of a record is there
    looks: int = 0  #: so often a question is found running before it is done
    odd: list[Record] = field(default_factory=list)  #: told along with each answer
    records: list[Record] = field(default_factory=list)
    questions: dict[str, _Question] = field(default_factory=dict)

    def write(self, operation: str, parameters: Mapping[str, object], *, caller: str) -> None:
        """Somebody ran a cmdlet."""
        told = [{"Name": name, "Value": _as_text(value)} for name, value in parameters.items()]
        at = _wire(self.now())
        named = str(parameters.get("Identity") or parameters.get("Name") or "")
        self.records.append(
            {
                "id": str(uuid.uuid4()),
                "createdDateTime": at,
                "auditLogRecordType": "exchangeAdmin",
                "operation": operation,
                "userType": "admin",
                "userId": caller,
                "userPrincipalName": caller,
                "service": "Exchange",
                "clientIp": "198.51.100.24",
                "objectId": named,
                "auditData": {
                    "CreationTime": at,
                    "Operation": operation,
                    "UserId": caller,
                    "ObjectId": named,
                    "Parameters": told,
                },
            }
        )

    def ask(self, body: Mapping[str, object]) -> tuple[str, Record]:
        """Leave a question. Raises GraphRefused for one that Graph would not take."""
        if body.get("@odata.type") != _TYPE or not isinstance(body.get("operationFilters"), list):
            raise GraphRefused("The request is not an auditLogQuery.")
        try:
            since, until = (_moment(body[name]) for name in ("filterStartDateTime", "filterEndDateTime"))
        except (KeyError, ValueError):
            raise GraphRefused("filterStartDateTime and filterEndDateTime are needed.") from None
        number = str(uuid.uuid4())
        named = body["operationFilters"]
        operations = frozenset(str(each).lower() for each in named) if isinstance(named, list) else frozenset()
        self.questions[number] = _Question(since=since, until=until, operations=operations, looks=self.looks)
        return number, {**body, "id": number, "status": "notStarted"}

    def look(self, number: str) -> Record:
        """How a question stands. Raises GraphRefused for one that isn't there."""
        question = self._question(number)
        question.looks -= 1
        return {"@odata.type": _TYPE, "id": number, "status": "succeeded" if question.looks < 0 else "running"}

    def answer(self, number: str) -> list[Record]:
        """The records of a question. Raises GraphRefused likewise."""
        question = self._question(number)
        there = self.now() - self.late
        found = [
            record
            for record in self.records
            if question.since <= (at := _moment(record["createdDateTime"])) <= question.until
            and at <= there
            and str(record["operation"]).lower() in question.operations
        ]
        return [*self.odd, *found]

    def _question(self, number: str) -> _Question:
        if number not in self.questions:
            raise GraphRefused("The query could not be found.", status=404)
        return self.questions[number]


def _as_text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(each) for each in value)
    if isinstance(value, Mapping):
        return ";".join(f"{name}={_as_text(each)}" for name, each in value.items())
    return str(value)


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
