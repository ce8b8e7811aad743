"""slack_sdk's blocks as the dictionaries that Slack gets.

They are those that slack_sdk makes, without its own checks: for these it looks through all names of each model and of
each part of it, which takes longer than all else that a message is made with. `bot.slack.block_kit.block_rules` holds
every message and view to what they check, and to more.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.models.basic_objects import JsonObject

#: What each sort of model has, in the order in which slack_sdk gives it out. There are some twenty sorts.
_NAMES: dict[type[JsonObject], tuple[str, ...]] = {}


def as_dict(model: JsonObject) -> dict[str, Any]:
    """The same as its `to_dict`. A model that has one of its own, such as an option, is asked for it.

    Such a one checks itself, and raises SlackObjectFormationError.
    """
    kind = type(model)
    if kind.to_dict is not JsonObject.to_dict:
        return model.to_dict()
    if (names := _NAMES.get(kind)) is None:
        names = _NAMES[kind] = tuple(sorted(model.attributes))
    found = {}
    for name in names:
        value = getattr(model, name, None)
        # Slack takes a part that is left out where it takes no empty one.
        if value is not None and not (hasattr(value, "__len__") and len(value) == 0):
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a model holds
    if isinstance(value, JsonObject):
        return as_dict(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
