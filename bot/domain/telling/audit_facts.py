"""What was looked for in the audit log, as it was understood: so that nobody takes an answer for another question's."""

from __future__ import annotations

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.auditing.query import AuditQuery
from bot.domain.lists.narrower import narrower_than
from bot.domain.lists.wider import wider_values
from bot.domain.telling.sentence import Moment, Part, Sentence, Value, Who


def looked_for(query: AuditQuery) -> Sentence:
    """What a query asks for, its parts set off by points; empty where it asks for everything."""
    told: list[Sentence] = [(topic.label,) for topic in query.topics]
    if query.request_id is not None:
        told.append((f"#{query.request_id}",))
    if query.indicator is not None:
        told.append((Value(query.indicator.value), _beside(query)))
    if query.actor is not None:
        told.append(("by ", "Portcullis" if query.actor == PORTCULLIS else Who(query.actor)))
    if query.since is not None:
        told.append(("since ", Moment(query.since)))
    if query.until is not None:
        told.append(("until ", Moment(query.until)))
    parts: list[Part] = []
    for each in told:
        parts += [" · " if parts else "", *each]
    return tuple(part for part in parts if part)


def _beside(query: AuditQuery) -> str:
    """Which other values than an indicator's own were looked for."""
    if query.indicator is None:
        return ""
    match bool(wider_values(query.indicator)), narrower_than(query.indicator) is not None:
        case True, True:
            return ", what covers it and what lies within"
        case True, False:
            return " and what covers it"
        case False, True:
            return " and what lies within"
        case _:
            return ""
