"""Whose addresses are, as it stands in an event of the log, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from bot.domain.senders.owner import AddressOwner

_OWNERS = TypeAdapter(tuple[AddressOwner, ...])


def owners_out(owners: Sequence[AddressOwner]) -> dict[str, object]:
    """What DNS says of some addresses, as the event of its being shown has it."""
    return {"owners": _OWNERS.dump_python(tuple(owners), mode="json")}


def owners_in(payload: Mapping[str, object]) -> tuple[AddressOwner, ...]:
    """The same, read back from an event; nothing where this version doesn't understand it."""
    try:
        return _OWNERS.validate_python(payload.get("owners"))
    except ValidationError:
        return ()
