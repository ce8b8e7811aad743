"""An event in the form of the Open Cybersecurity Schema Framework, for those who collect events of many programs.

Each is an Entity Management event (class 3004): somebody creates, reads, changes or removes something that is managed,
here a request or an entry of a list. Source: https://schema.ocsf.io/classes/entity_management (Apache 2.0); what is
used of it has been there since version 1.3.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.auditing.events import ACCOUNT, PORTCULLIS, Event, EventKind, Json, iso

#: The version of the schema that is claimed.
VERSION = "1.8.0"

_CATEGORY, _CLASS = 3, 3004
_CREATE, _READ, _UPDATE, _DELETE, _OTHER = 1, 2, 3, 4, 99
_ACTIVITIES = {_CREATE: "Create", _READ: "Read", _UPDATE: "Update", _DELETE: "Delete"}
_BY_KIND: Mapping[str, int] = {
    EventKind.REQUEST_PROPOSED: _CREATE,
    EventKind.SUBMISSION_FILED: _CREATE,
    EventKind.ITEM_EXPIRED: _DELETE,
    EventKind.ITEM_REMOVED: _DELETE,
    EventKind.CHECK_ASKED: _READ,
    EventKind.MAILBOX_ASKED: _READ,
    EventKind.AUDIT_READ: _READ,
    EventKind.AUDIT_EXPORTED: _READ,
    EventKind.REQUESTS_READ: _READ,
    EventKind.LISTS_READ: _READ,
    EventKind.POSTURE_READ: _READ,
    EventKind.POSTURE_SCANNED: _READ,
    EventKind.IMPORT_READ: _READ,
    EventKind.ITEM_CONFIRMED: _READ,
    EventKind.ITEM_MISSING: _READ,
    EventKind.PORTAL_ADDED: _CREATE,
    EventKind.PORTAL_REMOVED: _DELETE,
    EventKind.PORTAL_CHANGED: _UPDATE,
    EventKind.PORTAL_SWITCHED: _UPDATE,
    EventKind.PORTAL_ENDED: _DELETE,
    EventKind.PORTAL_UNWATCHED: _READ,
    EventKind.PORTAL_WATCHED: _READ,
    EventKind.PORTAL_ATTRIBUTED: _READ,
    EventKind.PORTAL_UNATTRIBUTED: _READ,
}
_BY_OPERATION: Mapping[object, int] = {"add": _CREATE, "remove": _DELETE}
_FAILED = frozenset(
    {
        EventKind.REQUEST_REFUSED,
        EventKind.REQUEST_FAILED,
        EventKind.REQUEST_CONTRADICTED,
        EventKind.ITEM_REFUSED,
        EventKind.ITEM_MISSING,
        EventKind.ACCESS_REFUSED,
        EventKind.CLICK_REFUSED,
        EventKind.CARD_REFUSED,
        EventKind.JOB_DEAD,
    }
)
_HIGH = frozenset({EventKind.REQUEST_CONTRADICTED, EventKind.SUBMISSION_UNNAMED})
_MEDIUM = frozenset(
    {
        EventKind.REQUEST_EMERGENCY,
        EventKind.IP_ALLOW_WARNED,
        EventKind.SPOOF_ALLOW_WARNED,
        EventKind.PORTAL_ADDED,
        EventKind.PORTAL_CHANGED,
        EventKind.PORTAL_SWITCHED,
        EventKind.JOB_DEAD,
    }
)
_SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High"}
_SAID = ("comment", "reason")


def as_ocsf(event: Event, *, name: str = "") -> dict[str, Json]:
    """An event as a JSON object of the schema. `name` is what whoever acted is called, where that is known.

    A kind of event that this version doesn't know is one of another activity.
    """
    activity, kind = _activity(event), str(event.kind)
    activity_name = _ACTIVITIES.get(activity, kind)
    severity = _severity(event)
    failed = event.kind in _FAILED
    subject = event.target or (f"request {event.request_id}" if event.request_id is not None else kind)
    made: dict[str, Json] = {
        "category_uid": _CATEGORY,
        "category_name": "Identity & Access Management",
        "class_uid": _CLASS,
        "class_name": "Entity Management",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"Entity Management: {activity_name if activity != _OTHER else 'Other'}",
        "time": int(event.at.timestamp() * 1000),
        "severity_id": severity,
        "severity": _SEVERITIES[severity],
        "status_id": 2 if failed else 1,
        "status": "Failure" if failed else "Success",
        "message": f"{event.actor}: {kind} {event.target}".strip(),
        "actor": _actor(event.actor, name),
        "entity": {
            "name": subject,
            "uid": f"request {event.request_id}" if event.request_id is not None else subject,
            "type_id": 99,
            "type": _type(kind),
            "data": dict(event.payload),
        },
        "metadata": {
            "version": VERSION,
            "product": {"name": "Portcullis", "vendor_name": "Portcullis"},
            "log_name": "audit",
            "event_code": kind,
            "uid": f"{event.tenant_id}/{event.seq}",
            "sequence": event.seq,
            "tenant_uid": event.tenant_id,
            "original_time": iso(event.at),
        },
    }
    said = next((text for key in _SAID if isinstance(text := event.payload.get(key), str) and text.strip()), "")
    return made | ({"comment": said} if said else {})


def _activity(event: Event) -> int:
    if event.kind in _BY_KIND:
        return _BY_KIND[event.kind]
    if event.kind == EventKind.ITEM_APPLIED:
        return _BY_OPERATION.get(event.payload.get("operation"), _UPDATE)
    return _UPDATE if event.kind.startswith(("request.", "item.", "submission.")) else _OTHER


def _severity(event: Event) -> int:
    if event.kind in _HIGH:
        return 4
    if event.kind in _MEDIUM:
        return 3
    return 2 if event.kind in _FAILED else 1


def _type(kind: str) -> str:
    match kind.partition(".")[0]:
        case "item" | "check":
            return "Mail filter entry"
        case "request" | "submission":
            return "Request"
        case other:
            return other.replace("_", " ").capitalize() or "Other"


def _actor(actor: str, name: str) -> Json:
    if actor == PORTCULLIS:
        return {"app_name": "Portcullis"}
    if actor.startswith(ACCOUNT):
        account = actor.removeprefix(ACCOUNT)
        return {"user": {"uid": actor, "name": account}}
    return {"user": {"uid": actor, **({"name": name} if name else {})}}
