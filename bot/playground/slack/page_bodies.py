"""What the page sends: one model for each thing that somebody can do."""

from __future__ import annotations

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, JsonValue

from bot.playground.slack.http_carrier import Forgery
from bot.playground.slack.socket_carrier import Reason


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Acting(_Body):
    user_id: str = Field(alias="as")


class HomeBody(_Acting):
    """Somebody opens the app's Home."""


class ShortcutBody(_Acting):
    """A shortcut of the workspace, or of a message (`channel` and `ts`)."""

    callback_id: str
    channel: str | None = None
    ts: str | None = None


class StepBody(_Acting):
    """A workflow of one step, with what stands in the step's inputs."""

    callback_id: str
    inputs: dict[str, str] = Field(default_factory=dict)


class CommandBody(_Acting):
    """A typed command."""

    channel: str
    text: str


class MessageBody(CommandBody):
    """A written message."""

    thread_ts: str | None = None


class ClickBody(_Acting):
    """A click on an element of a message (`channel` and `ts`) or of a view (`view_id`).

    `values` is what stands in the view's fields at that time, if anything was typed.
    """

    block_id: str
    action_id: str
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    value: JsonValue = None
    values: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)


class CloseBody(_Acting):
    """A view that is closed."""

    view_id: str


class SubmitBody(CloseBody):
    """A form that is sent."""

    values: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)


class FileBody(_Acting):
    """A file that somebody chose for a form; its content in Base64."""

    name: str = Field(min_length=1, max_length=255)
    content: Base64Bytes


class FaultBody(_Body):
    """Something that is to go wrong."""

    method: str
    error: str
    times: int = Field(default=1, ge=1)
    retry_after: int = Field(default=1, ge=0)
    channel: str | None = None
    seconds: float = Field(default=0, ge=0)


class GroupBody(_Body):
    """A user group's new members. Without `told` the events about it are lost on the way."""

    id: str
    members: list[str]
    told: bool = True


class ChannelBody(_Body):
    """A channel to archive, or to take the bot out of."""

    channel: str


class RedeliverBody(_Body):
    """An earlier delivery."""

    delivery_id: str


class ForgeBody(_Body):
    """A delivery that isn't Slack's. `text` is the command in its body."""

    kind: Forgery
    text: str = "/check 203.0.113.7"
    user_id: str | None = Field(default=None, alias="as")
    channel: str | None = None


class DisconnectBody(_Body):
    """How Socket Mode connections end."""

    reason: Reason = "refresh_requested"
