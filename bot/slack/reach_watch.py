"""Asks Slack `auth.test` where no call has told for a while whether Slack can be reached and takes the bot token.

Slack takes hundreds of them a minute: https://docs.slack.dev/reference/methods/auth.test
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError
from bot.slack.client import call
from bot.slack.reach import SlackReach

#: After so many seconds without a call.
QUIET = 10.0
#: After so many where the last call has failed, or the token was refused.
IN_DOUBT = 5.0


async def ask_now_and_then(
    client: AsyncWebClient, reach: SlackReach, stop: asyncio.Event, *, quiet: float = QUIET, in_doubt: float = IN_DOUBT
) -> None:
    """Ask until `stop` is set. `client` tells its `reach` what becomes of each call, these and all others."""
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            left = (in_doubt if reach.is_in_doubt else quiet) - reach.quiet_for
            if left > 0:
                await asyncio.wait({stopped}, timeout=left)
                continue
            asking = asyncio.create_task(_ask(client))
            await asyncio.wait({stopped, asking}, return_when=asyncio.FIRST_COMPLETED)
            asking.cancel()
    finally:
        stopped.cancel()


async def _ask(client: AsyncWebClient) -> None:
    with suppress(SlackError):  # its reach was told
        await call(client, "auth.test")
