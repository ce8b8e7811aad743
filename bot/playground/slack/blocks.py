"""Block Kit's blocks, as strictly as Slack reads them. Source: https://docs.slack.dev/reference/block-kit/blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from bot.playground.slack.composition import Identifier, Mrkdwn, PlainText, SlackFile, Strict, Text, at_most
from bot.playground.slack.elements import Accessory, ActionElement, ImageElement, InputElement


class Block(Strict):
    """What every block can have. Slack makes up a missing `block_id`."""

    block_id: Identifier | None = None


class Section(Block):
    """Text, or two columns of fields, with at most one element beside it."""

    type: Literal["section"]
    text: Annotated[Text, at_most(3000)] | None = None
    fields: Annotated[list[Annotated[Text, at_most(2000)]], Field(min_length=1, max_length=10)] | None = None
    accessory: Accessory | None = None
    expand: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Section:
        if self.text is None and self.fields is None:
            msg = "must have text or fields"
            raise ValueError(msg)
        return self


class Header(Block):
    """A large heading; plain text only."""

    type: Literal["header"]
    text: Annotated[PlainText, at_most(150)]


class Divider(Block):
    """A line."""

    type: Literal["divider"]


class Context(Block):
    """Small print."""

    type: Literal["context"]
    elements: Annotated[
        list[Annotated[ImageElement | PlainText | Mrkdwn, Field(discriminator="type")]],
        Field(min_length=1, max_length=10),
    ]


class Actions(Block):
    """A row of buttons and menus."""

    type: Literal["actions"]
    elements: Annotated[list[ActionElement], Field(min_length=1, max_length=25)]


class Input(Block):
    """A labelled field of a form."""

    type: Literal["input"]
    label: Annotated[PlainText, at_most(2000)]
    element: InputElement
    hint: Annotated[PlainText, at_most(2000)] | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class Image(Block):
    """A picture."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    image_url: Annotated[str, StringConstraints(min_length=1, max_length=3000)] | None = None
    slack_file: SlackFile | None = None
    title: Annotated[PlainText, at_most(2000)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Image:
        if (self.image_url is None) == (self.slack_file is None):
            msg = "must have either image_url or slack_file"
            raise ValueError(msg)
        return self


class Markdown(Block):
    """Text in standard Markdown."""

    type: Literal["markdown"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=12_000)]


class Alert(Block):
    """A coloured notice."""

    type: Literal["alert"]
    text: Annotated[Text, at_most(200)]
    level: Literal["default", "info", "warning", "error", "success"] | None = None


class RichTextPart(Strict):
    """One part of a rich text: a paragraph, a list, code, a quotation."""

    type: Literal["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"]
    elements: list[dict[str, JsonValue]]
    style: Literal["bullet", "ordered"] | None = None
    indent: Annotated[int, Field(ge=0, le=8)] | None = None
    offset: int | None = None
    border: Annotated[int, Field(ge=0, le=1)] | None = None


class RichText(Block):
    """What Slack's own editor makes."""

    type: Literal["rich_text"]
    elements: Annotated[list[RichTextPart], Field(min_length=1)]


class RawCell(Strict):
    """A table's cell with plain text."""

    type: Literal["raw_text"]
    text: Annotated[str, StringConstraints(min_length=1)]


class RichCell(Strict):
    """A table's cell with rich text."""

    type: Literal["rich_text"]
    elements: Annotated[list[RichTextPart], Field(min_length=1)]


class ColumnSetting(Strict):
    """How a table's column looks."""

    align: Literal["left", "center", "right"] | None = None
    is_wrapped: bool | None = None


class Table(Block):
    """Rows of cells; the first is the heading."""

    type: Literal["table"]
    rows: Annotated[
        list[
            Annotated[
                list[Annotated[RawCell | RichCell, Field(discriminator="type")]], Field(min_length=1, max_length=20)
            ]
        ],
        Field(min_length=1, max_length=100),
    ]
    column_settings: Annotated[list[ColumnSetting | None], Field(max_length=20)] | None = None


#: What a message may hold.
MessageBlock = Annotated[
    Section | Header | Divider | Context | Actions | Input | Image | Markdown | Alert | RichText | Table,
    Field(discriminator="type"),
]
#: What a modal or the Home tab may hold: tables and Markdown are for messages only.
ViewBlock = Annotated[
    Section | Header | Divider | Context | Actions | Input | Image | Alert | RichText,
    Field(discriminator="type"),
]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
