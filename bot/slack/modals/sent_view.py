"""What was filled in in a form, as Slack delivers it: hostile, like everything from outside, and of any shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.modals.form_fields import VALUE


def values_in(view: object) -> Mapping[str, Any]:
    """What each of its inputs holds, by block; empty for any other shape than a form's."""
    state = view.get("state") if isinstance(view, Mapping) else None
    values = state.get("values") if isinstance(state, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def element_in(view: object, block_id: str) -> Mapping[str, Any]:
    """What one of its inputs holds, as its element; empty where there is none."""
    block = values_in(view).get(block_id)
    element = block.get(VALUE) if isinstance(block, Mapping) else None
    return element if isinstance(element, Mapping) else {}
