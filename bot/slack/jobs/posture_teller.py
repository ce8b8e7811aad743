"""What the alert channel is told of the posture: what a scan found that is new and grave, and the weekly summary.

Each is made of what the scan's record says, and posted once, by the number of the scan's event.
"""

from __future__ import annotations

from bot.domain.telling.alert_facts import AlertName
from bot.domain.telling.posture_facts import summary_facts, worse_facts
from bot.slack.jobs import post_keys
from bot.slack.jobs.poster import Poster
from bot.slack.messages.posture import summary_message, worse_message
from bot.store import Job
from bot.workflow.shared.context import Context

#: What an alert is about that this tells.
TELLS = frozenset({AlertName.POSTURE_WORSE, AlertName.POSTURE_SUMMARY})


class PostureTeller:
    """Tells the alert channel of scans as the database has them."""

    def __init__(self, *, context: Context, poster: Poster, alert_channel: str) -> None:
        self._context = context
        self._poster = poster
        self._alert_channel = alert_channel

    async def tell(self, what: str, number: int, *, job: Job) -> None:
        """Post what a scan has to tell. Raises SlackError and TryLater, to be tried again. A scan that is forgotten is
        told no more.
        """
        async with self._context.store.read() as uow:
            scan = await uow.posture.scan(number)
            before = None if scan is None else await uow.posture.week_before(scan)
        if scan is None:
            return
        if what == AlertName.POSTURE_SUMMARY:
            message = summary_message(summary_facts(scan, before))
        else:
            message = worse_message(worse_facts(scan))
        await self._poster.post(self._alert_channel, message, key=post_keys.of_posture(what, number), job=job)
