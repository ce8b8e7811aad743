"""Whose an address is, by DNS, for a command that was asked about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.domain.senders.owner import AddressOwner


def owners_of(value: str) -> Mapping[str, AddressOwner]:
    """What DNS says of the address, where the operator wants that asked; nothing for what is none.

    Raises SettingsError for settings that can't be read.
    """
    # Imported here: judging an exported file needs no settings, and where DNS isn't asked, nothing of it is loaded.
    from bot.settings import LookingSettings, load  # noqa: PLC0415

    settings = load(LookingSettings)
    if not settings.who_is:
        return {}
    from bot import logs  # noqa: PLC0415
    from bot.dns.lookup import Lookup  # noqa: PLC0415
    from bot.dns.who_is import WhoIs  # noqa: PLC0415
    from bot.settings.types import read_servers  # noqa: PLC0415

    logs.configure("ERROR")  # structlog, left alone, would print into the JSON
    return {value: asyncio.run(WhoIs(Lookup(read_servers(settings.dns_servers))).find_out(value))}
