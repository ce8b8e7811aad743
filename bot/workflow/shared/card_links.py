"""Where the cards of requests are read: links that are made of what is on record, without a call.

Slack has a message at `https://WORKSPACE.slack.com/archives/C…/p…`, its time stamp without the dot: so
`chat.getPermalink` answers, whose documentation shows it. The workspace's address is what `auth.test` told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.store import UnitOfWork

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,253}/?")
_CHANNEL = re.compile(r"[A-Z0-9]{1,40}")
_TS = re.compile(r"([0-9]{1,12})\.([0-9]{1,9})")


@dataclass(slots=True)
class CardLinks:
    """Makes the links, once it is told at which address the workspace is; before that there are none."""

    _address: str = ""

    def workspace_at(self, url: str) -> None:
        """The workspace's address, as Slack told it. Anything else than a plain address counts as none."""
        self._address = url.rstrip("/") if _ADDRESS.fullmatch(url) else ""

    def link(self, channel: str, ts: str) -> str:
        """Where a message is read; empty where that can't be told."""
        stamp = _TS.fullmatch(ts)
        if not self._address or stamp is None or not _CHANNEL.fullmatch(channel):
            return ""
        return f"{self._address}/archives/{channel}/p{stamp[1]}{stamp[2]}"

    async def of_requests(self, uow: UnitOfWork, request_ids: Collection[int]) -> Mapping[int, str]:
        """Where the cards of these requests are read, by the requests' numbers: of those that are on record."""
        if not self._address or not request_ids:
            return {}
        cards = await uow.messages.cards(request_ids)
        links = {number: self.link(card.channel, card.ts) for number, card in cards.items()}
        return {number: link for number, link in links.items() if link}
