"""Records as they come over the wire: one that is as most are, and whatever else may come."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

QUICK = settings(max_examples=60)

KEYS = st.sampled_from(
    [
        "Identity",
        "Value",
        "Action",
        "Notes",
        "ExpirationDate",
        "RemoveAfter",
        "ObjectState",
        "LastUsedDate(DateTime])",
        "SpoofedUser",
        "SendingInfrastructure",
        "IPAllowList",
        "IPBlockList",
        "EnableSafeList",
        "IsDefault",
        "x@y",
        "(",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Block", "Allow", "0", "Deleted", "2026-01-01T00:00:00.1234567Z", "/Date(1)/", "203.0.113.1"])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text() | KEYS, inner), max_leaves=8)
RECORDS = VALUES | st.lists(st.dictionaries(KEYS, VALUES))


def item(**changes: object) -> dict[str, object]:
    """A record as it comes over the wire, oddities included."""
    record: dict[str, object] = {
        "Identity": "opaque-identity",
        "Value": "evil.example",
        "Action": "Block",
        "Notes": "request 7",
        "SubmissionID": None,
        "ListSubType": "Tenant",
        "SysManaged": False,
        "CreatedDateTime@data.type": "System.DateTime",
        "CreatedDateTime": "2026-01-02T03:04:05.1234567Z",
        "LastModifiedDateTime": "2026-01-02T03:04:05.1234567Z",
        "ExpirationDate@data.type": "System.DateTime",
        "ExpirationDate": "2026-02-01T00:00:00Z",
        "RemoveAfter": None,
        "LastUsedDate(DateTime])": None,
        "LastUsedDate": None,
        "ModifiedBy": "",
        "EntryValueHash": "hash",
        "ObjectState": "New",
        "Error": None,
    }
    return {**record, **changes}
