"""What is left of a write when the service says that all is well and does only the first half of it."""

from __future__ import annotations

from collections.abc import Mapping


def first_half(parameters: Mapping[str, object]) -> dict[str, object] | None:
    """The parameters with each list of values cut to its first half, or None when nothing is left of one."""
    halved: dict[str, object] = {}
    for name, value in parameters.items():
        cut = _halved(value)
        if cut in ([], {}):
            return None
        halved[name] = cut
    return halved


def _halved(value: object) -> object:
    if isinstance(value, list):
        return value[: len(value) // 2]
    if isinstance(value, Mapping):
        lists = {key: _halved(values) for key, values in value.items() if isinstance(values, list)}
        return {**value, **lists} if any(lists.values()) else {}
    return value
