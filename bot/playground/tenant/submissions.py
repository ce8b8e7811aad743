"""Entries that a submission to Microsoft creates: the only way to an allow entry for a file.

Source: Microsoft Learn, "Manage allows and blocks in the Tenant Allow/Block List": such an entry lasts 30 days.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from .errors import CmdletRefused
from .state import Item, ListType
from .tenant import Tenant
from .values import check_item, item_key

LASTS = timedelta(days=30)


class SubmissionItem(BaseModel):
    """What the submitted message was blocked by, and so what gets an allow entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list_type: ListType
    value: str


def add_from_submission(tenant: Tenant, submission: SubmissionItem) -> Item:
    """Adds the allow entry. Raises CmdletRefused when the value is no good or is listed already."""
    kind, value = submission.list_type, submission.value
    if reason := check_item(value, list_type=kind, action="Allow", sub_type="Submission"):
        raise CmdletRefused(f"Invalid value to add: {value} - {reason}..")
    key = item_key(value, list_type=kind)
    if key in tenant.state.items[kind]:
        raise CmdletRefused(f"Invalid value to add: {value} - Duplicate value..")
    now = tenant.now()
    item = Item(
        list_type=kind,
        value=value,
        action="Allow",
        sub_type="Submission",
        submission_id=str(uuid.uuid4()),
        created=now,
        modified=now,
        modified_by="",
        expires=now + LASTS,
    )
    tenant.state.items[kind][key] = item
    tenant.changed()
    return item
