"""Block Kit's elements, as strictly as Slack reads them: buttons, menus, inputs.

Source: https://docs.slack.dev/reference/block-kit/block-elements. Menus with an external data source are left
out on purpose: they need a request URL that the app doesn't declare.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.playground.slack.composition import (
    Confirm,
    ConversationFilter,
    DispatchActionConfig,
    Identifier,
    Option,
    OptionGroup,
    OverflowOption,
    Placeholder,
    RichOption,
    ShortPlain,
    SlackFile,
    Strict,
    Style,
    distinct,
)


def _is_date(text: str) -> str:
    date.fromisoformat(text)
    return text


DateText = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_is_date)]
TimeText = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Options = Annotated[
    list[Option], Field(min_length=1, max_length=100), distinct(lambda option: option.value, "option value")
]
RichOptions = Annotated[
    list[RichOption], Field(min_length=1, max_length=10), distinct(lambda option: option.value, "option value")
]
MaxSelected = Annotated[int, Field(ge=1)]
#: Without its dot: `csv`.
FileExtension = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,20}$")]


class Element(Strict):
    """What every interactive element can have."""

    action_id: Identifier | None = None


class Focusable(Element):
    """An element that can have the cursor when a view opens. Only one in a view may ask for it."""

    focus_on_load: bool | None = None


class Button(Element):
    """A button. Its `value` comes back with the click."""

    type: Literal["button"]
    text: ShortPlain
    value: Annotated[str, StringConstraints(max_length=2000)] | None = None
    url: Annotated[str, StringConstraints(min_length=1, max_length=3000)] | None = None
    style: Style | None = None
    confirm: Confirm | None = None
    accessibility_label: Annotated[str, StringConstraints(max_length=75)] | None = None


class _Menu(Focusable):
    placeholder: Placeholder | None = None
    confirm: Confirm | None = None


class _StaticMenu(_Menu):
    options: Options | None = None
    option_groups: Annotated[list[OptionGroup], Field(min_length=1, max_length=100)] | None = None

    def choices(self) -> list[Option]:
        """Every option, grouped or not."""
        grouped = [option for group in self.option_groups or [] for option in group.options]
        return [*(self.options or []), *grouped]

    @model_validator(mode="after")
    def _one_kind_of_options(self) -> _StaticMenu:
        if (self.options is None) == (self.option_groups is None):
            msg = "must have either options or option_groups"
            raise ValueError(msg)
        return self


class StaticSelect(_StaticMenu):
    """A menu with fixed options."""

    type: Literal["static_select"]
    initial_option: Option | None = None

    @model_validator(mode="after")
    def _initial_is_offered(self) -> StaticSelect:
        if self.initial_option is not None and self.initial_option not in self.choices():
            msg = "initial_option must be exactly one of the options"
            raise ValueError(msg)
        return self


class MultiStaticSelect(_StaticMenu):
    """A menu with fixed options, of which several can be chosen."""

    type: Literal["multi_static_select"]
    initial_options: Annotated[list[Option], Field(min_length=1)] | None = None
    max_selected_items: MaxSelected | None = None

    @model_validator(mode="after")
    def _initial_are_offered(self) -> MultiStaticSelect:
        if any(option not in self.choices() for option in self.initial_options or []):
            msg = "initial_options must be exactly among the options"
            raise ValueError(msg)
        return self


class UsersSelect(_Menu):
    """A menu of people."""

    type: Literal["users_select"]
    initial_user: str | None = None


class MultiUsersSelect(_Menu):
    """A menu of people, of whom several can be chosen."""

    type: Literal["multi_users_select"]
    initial_users: list[str] | None = None
    max_selected_items: MaxSelected | None = None


class ConversationsSelect(_Menu):
    """A menu of conversations."""

    type: Literal["conversations_select"]
    initial_conversation: str | None = None
    default_to_current_conversation: bool | None = None
    response_url_enabled: bool | None = None
    filter: ConversationFilter | None = None


class MultiConversationsSelect(_Menu):
    """A menu of conversations, of which several can be chosen."""

    type: Literal["multi_conversations_select"]
    initial_conversations: list[str] | None = None
    default_to_current_conversation: bool | None = None
    max_selected_items: MaxSelected | None = None
    filter: ConversationFilter | None = None


class ChannelsSelect(_Menu):
    """A menu of public channels."""

    type: Literal["channels_select"]
    initial_channel: str | None = None
    response_url_enabled: bool | None = None


class MultiChannelsSelect(_Menu):
    """A menu of public channels, of which several can be chosen."""

    type: Literal["multi_channels_select"]
    initial_channels: list[str] | None = None
    max_selected_items: MaxSelected | None = None


class Overflow(Element):
    """The menu behind the three dots."""

    type: Literal["overflow"]
    options: Annotated[list[OverflowOption], Field(min_length=1, max_length=5)]
    confirm: Confirm | None = None


class DatePicker(Focusable):
    """A calendar."""

    type: Literal["datepicker"]
    initial_date: DateText | None = None
    placeholder: Placeholder | None = None
    confirm: Confirm | None = None


class TimePicker(Focusable):
    """A clock, in 24 hours."""

    type: Literal["timepicker"]
    initial_time: TimeText | None = None
    placeholder: Placeholder | None = None
    confirm: Confirm | None = None
    timezone: str | None = None


class DateTimePicker(Focusable):
    """A calendar with a clock; Unix seconds."""

    type: Literal["datetimepicker"]
    initial_date_time: Annotated[int, Field(ge=1_000_000_000, le=9_999_999_999)] | None = None
    confirm: Confirm | None = None


class Checkboxes(Focusable):
    """Boxes to tick."""

    type: Literal["checkboxes"]
    options: RichOptions
    initial_options: Annotated[list[RichOption], Field(min_length=1)] | None = None
    confirm: Confirm | None = None

    @model_validator(mode="after")
    def _initial_are_offered(self) -> Checkboxes:
        if any(option not in self.options for option in self.initial_options or []):
            msg = "initial_options must be exactly among the options"
            raise ValueError(msg)
        return self


class RadioButtons(Focusable):
    """Boxes of which one is ticked."""

    type: Literal["radio_buttons"]
    options: RichOptions
    initial_option: RichOption | None = None
    confirm: Confirm | None = None

    @model_validator(mode="after")
    def _initial_is_offered(self) -> RadioButtons:
        if self.initial_option is not None and self.initial_option not in self.options:
            msg = "initial_option must be exactly one of the options"
            raise ValueError(msg)
        return self


class PlainTextInput(Focusable):
    """A field to type into."""

    type: Literal["plain_text_input"]
    initial_value: Annotated[str, StringConstraints(max_length=3000)] | None = None
    multiline: bool | None = None
    min_length: Annotated[int, Field(ge=0, le=3000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=3000)] | None = None
    placeholder: Placeholder | None = None
    dispatch_action_config: DispatchActionConfig | None = None

    @model_validator(mode="after")
    def _lengths_fit(self) -> PlainTextInput:
        if self.min_length is not None and self.max_length is not None and self.min_length > self.max_length:
            msg = "min_length must not be greater than max_length"
            raise ValueError(msg)
        if self.initial_value is not None and len(self.initial_value) > (self.max_length or 3000):
            msg = "initial_value must not be longer than max_length"
            raise ValueError(msg)
        return self


class FileInput(Element):
    """A place for files, which the person chooses from their device. In modals only."""

    type: Literal["file_input"]
    filetypes: Annotated[list[FileExtension], Field(min_length=1)] | None = None
    max_files: Annotated[int, Field(ge=1, le=10)] | None = None


class NumberInput(Focusable):
    """A field for a number; every figure is a text."""

    type: Literal["number_input"]
    is_decimal_allowed: bool
    initial_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None
    placeholder: Placeholder | None = None
    dispatch_action_config: DispatchActionConfig | None = None


class AddressInput(Focusable):
    """A field for a mail address or a URL."""

    type: Literal["email_text_input", "url_text_input"]
    initial_value: str | None = None
    placeholder: Placeholder | None = None
    dispatch_action_config: DispatchActionConfig | None = None


class ImageElement(Strict):
    """A small picture in a section or a context."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    image_url: Annotated[str, StringConstraints(min_length=1, max_length=3000)] | None = None
    slack_file: SlackFile | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ImageElement:
        if (self.image_url is None) == (self.slack_file is None):
            msg = "must have either image_url or slack_file"
            raise ValueError(msg)
        return self


Menus = (
    StaticSelect
    | MultiStaticSelect
    | UsersSelect
    | MultiUsersSelect
    | ConversationsSelect
    | MultiConversationsSelect
    | ChannelsSelect
    | MultiChannelsSelect
)
Pickers = DatePicker | TimePicker | Checkboxes | RadioButtons

#: What may stand in an actions block.
ActionElement = Annotated[
    Button | Overflow | Menus | Pickers | DateTimePicker,
    Field(discriminator="type"),
]
#: What may stand beside a section's text.
Accessory = Annotated[
    Button | Overflow | Menus | Pickers | ImageElement,
    Field(discriminator="type"),
]
#: What may stand in an input block.
InputElement = Annotated[
    PlainTextInput | NumberInput | AddressInput | FileInput | Menus | Pickers | DateTimePicker,
    Field(discriminator="type"),
]
