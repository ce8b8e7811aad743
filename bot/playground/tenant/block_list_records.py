"""An entry of the Tenant Allow/Block List as it goes over the wire, with the service's own oddities.

Kept on purpose: the `…@data.type` sidecars beside typed values, the malformed key `LastUsedDate(DateTime])`, seven
fraction digits, and an entry that comes back from its removal with `Action "0"`. There is no list type in a record.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from .cmdlets import Record, wire_time
from .state import Item

ObjectState = Literal["New", "Unchanged", "Changed", "Deleted"]


def item_record(item: Item, *, object_state: ObjectState = "Unchanged") -> Record:
    """The record that a cmdlet returns for the entry."""
    record: Record = {
        "LastUsedDate": None if item.last_used is None else wire_time(item.last_used),
        "Error": None,
        "Identity": item.identity,
        "Value": item.value,
        "Action": "0" if object_state == "Deleted" else item.action,
        "Notes": item.notes,
        "SubmissionID": item.submission_id,
        "ListSubType": item.sub_type,
        "SysManaged": False,
        "LastModifiedDateTime@data.type": "System.DateTime",
        "LastModifiedDateTime": wire_time(item.modified),
    }
    if item.expires is not None:
        record["ExpirationDate@data.type"] = "System.DateTime"
    record["ExpirationDate"] = None if item.expires is None else wire_time(item.expires)
    record |= {
        "ObjectState": object_state,
        "EntryValueHash": base64.b64encode(hashlib.sha256(item.value.encode()).digest()).decode(),
        "ModifiedBy": item.modified_by,
        "LastUsedDate(DateTime])": None,
    }
    if item.remove_after is not None:
        record["RemoveAfter@data.type"] = "System.Int32"
    record["RemoveAfter"] = item.remove_after
    record |= {"CreatedDateTime@data.type": "System.DateTime", "CreatedDateTime": wire_time(item.created)}
    return record
