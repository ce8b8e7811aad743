"""Several pairs of hands may be one person's: each fills in the form that it asked for, and no other."""

from __future__ import annotations

import json

import pytest

from bot.playground.slack.open_views import OpenView
from bot.slack.block_kit.ids import CallbackId
from tests.chaos.hands import is_form


def view(callback: CallbackId, metadata: object = None) -> OpenView:
    content = {"callback_id": callback, "private_metadata": json.dumps(metadata)}
    return OpenView(id="V1", user_id="U0APPROVE1", content=content, hash="", root_id="V1")


@pytest.mark.parametrize(
    ("stands", "what", "carried", "is_it"),
    [
        (view(CallbackId.EMERGENCY_REVIEW, {"request": "1.16"}), "take out", "1.15", True),
        (view(CallbackId.EMERGENCY_REVIEW, {"request": "2.16"}), "take out", "1.16", False),
        (view(CallbackId.TOGETHER, ["1.16", "2.4"]), "take out", "1.16", False),
        (view(CallbackId.DENIAL, {"request": "1.16"}), "approve", "1.16", False),
        (view(CallbackId.DENIAL, {"request": "1.16"}), "deny", "1.16", True),
        (view(CallbackId.TOGETHER, ["1.16", "2.4"]), "approve several", "1.16", True),
        (view(CallbackId.IP_ALLOW), "allow", "", True),
        (view(CallbackId.IP_ALLOW), "import", "", False),
        (None, "allow", "", False),
    ],
)
def test_only_what_was_asked_for_is_filled_in(stands: OpenView | None, what: str, carried: str, is_it: bool) -> None:
    assert is_form(stands, what, carried) is is_it
