"""What DNS says of one IP address: its names, and the services that send from it for everybody. None of it is proof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.indicators.defanging import defanged

#: Of an address's names and services, so many are told.
_MOST_TOLD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOwner:
    """What was found of one address.

    `names` are those that the address names and that name the address, in lower case; `shared_by` are services by their
    names in `SHARED_SENDERS`. Without `is_complete` some answers were missing: a service that isn't named may still be
    it.
    """

    address: str
    names: tuple[str, ...] = ()
    shared_by: tuple[str, ...] = ()
    is_complete: bool = True

    @property
    def is_told(self) -> bool:
        """Whether anything was found that is worth telling."""
        return bool(self.names or self.shared_by)


def in_words(owner: AddressOwner) -> str:
    """One line beside an answer; empty where nothing was found. Values are defanged."""
    said = []
    if owner.shared_by:
        said.append(f"Shared: {_ranges(owner)}.")
    if owner.names:
        said.append(f"By DNS it is {' and '.join(defanged(name) for name in owner.names[:_MOST_TOLD])}.")
    return " ".join(said)


def shared_warning(owner: AddressOwner) -> str:
    """What somebody must know who wants to allow a shared address."""
    return (
        f"{defanged(owner.address)} is shared: {_ranges(owner)}. Everybody who sends through that service comes from "
        "there, so that an allow lets all of them in."
    )


def _ranges(owner: AddressOwner) -> str:
    return " and ".join(f"{name}'s outbound range" for name in owner.shared_by[:_MOST_TOLD])
