"""Block Kit's composition objects, as strictly as Slack reads them: texts, options, confirmation dialogs.

Every model refuses keys that Slack doesn't document. Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator


class Strict(BaseModel):
    """A JSON object in which nothing may stand that Slack doesn't know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PlainText(Strict):
    """Text in which no markup works. Never empty."""

    type: Literal["plain_text"]
    text: Annotated[str, StringConstraints(min_length=1)]
    emoji: bool | None = None


class Mrkdwn(Strict):
    """Text in Slack's own markup. Never empty."""

    type: Literal["mrkdwn"]
    text: Annotated[str, StringConstraints(min_length=1)]
    verbatim: bool | None = None


Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]


def at_most(limit: int) -> AfterValidator:
    """A text object whose text has at most `limit` characters."""

    def check(text: PlainText | Mrkdwn) -> PlainText | Mrkdwn:
        if len(text.text) > limit:
            msg = f"must be at most {limit} characters, has {len(text.text)}"
            raise ValueError(msg)
        return text

    return AfterValidator(check)


#: Ids that the app chooses: blocks, actions, callbacks.
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ShortPlain = Annotated[PlainText, at_most(75)]
Placeholder = Annotated[PlainText, at_most(150)]
Style = Literal["primary", "danger"]


class Confirm(Strict):
    """The dialog that asks again before a click counts."""

    title: Annotated[PlainText, at_most(100)]
    text: Annotated[Text, at_most(300)]
    confirm: Annotated[PlainText, at_most(30)]
    deny: Annotated[PlainText, at_most(30)]
    style: Style | None = None


class Option(Strict):
    """One choice of a select menu."""

    text: ShortPlain
    value: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    description: ShortPlain | None = None


class RichOption(Strict):
    """One choice of checkboxes or radio buttons, where markup works too."""

    text: Annotated[Text, at_most(75)]
    value: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    description: Annotated[Text, at_most(75)] | None = None


class OverflowOption(Option):
    """One choice of an overflow menu, which can be a link."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=3000)] | None = None


class OptionGroup(Strict):
    """Choices under a heading."""

    label: ShortPlain
    options: Annotated[list[Option], Field(min_length=1, max_length=100)]


class DispatchActionConfig(Strict):
    """When typing counts as an action."""

    trigger_actions_on: Annotated[
        list[Literal["on_enter_pressed", "on_character_entered"]], Field(min_length=1, max_length=2)
    ]


class ConversationFilter(Strict):
    """Which conversations a menu offers."""

    include: Annotated[list[Literal["im", "mpim", "private", "public"]], Field(min_length=1)] | None = None
    exclude_external_shared_channels: bool | None = None
    exclude_bot_users: bool | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> ConversationFilter:
        if not self.model_fields_set:
            msg = "must have at least one of include, exclude_external_shared_channels, exclude_bot_users"
            raise ValueError(msg)
        return self


class SlackFile(Strict):
    """A file in Slack, by id or address."""

    id: str | None = None
    url: str | None = None


def distinct(key: Callable[[Any], object], name: str) -> AfterValidator:
    """A list in which no two items have the same `key`."""

    def check(items: list[Any]) -> list[Any]:
        keys = [key(item) for item in items]
        if len(set(keys)) != len(keys):
            msg = f"two items have the same {name}"
            raise ValueError(msg)
        return items

    return AfterValidator(check)
