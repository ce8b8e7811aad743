"""What `/readyz` says: whether the database takes writes and Slack can be worked with, each reason in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.slack.app import Workspace
from bot.slack.reach import SlackReach
from bot.slack.socket_mode import SocketMode
from bot.store.write_probe import WriteProbe

_WELL = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What has to work before anybody's work is taken in."""

    database: WriteProbe
    workspace: Workspace
    reach: SlackReach
    socket_mode: SocketMode | None  #: None where Slack delivers over HTTP

    async def checks(self) -> Mapping[str, str]:
        """By name, `ok` or what is wrong. The answer comes within the probe's patience, and asks Slack nothing."""
        return {"database": await self.database.problem() or _WELL, "slack": self._slack() or _WELL}

    def is_slack_well(self) -> bool:
        """Whether Slack can be worked with."""
        return not self._slack()

    def _slack(self) -> str:
        problems = list(self.reach.problems())
        if not self.workspace.greeted:
            problems.append("Slack has not said yet who the bot is (auth.test).")
        elif self.socket_mode is not None and not self.socket_mode.is_connected:
            problems.append("Socket Mode is not connected: nothing that people type or click arrives.")
        return " ".join(problems)
