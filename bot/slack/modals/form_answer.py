"""What comes back of a form: as hostile as anything from outside, it is read field by field.

What is not as it should be is `InvalidInput`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.mail_headers import MOST_OFFERED
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json
from bot.slack.block_kit.block_rules import OPTION_VALUE
from bot.slack.block_kit.ids import Carried
from bot.slack.modals.form_fields import AS_IT_IS, AS_LISTED, ENDS, NEVER, TARGET, TEXT_LIMIT, VALUE, days_in, is_date

_MOST_RENEWALS = 20

_Word = TypeVar("_Word", bound=StrEnum)


class FormAnswer:
    """The payload of a submitted view, read with suspicion. Every method raises InvalidInput on an odd shape."""

    def __init__(self, view: object) -> None:
        self._view = _mapping(view)
        self._values = _mapping(_mapping(self._view.get("state")).get("values"))
        try:
            self._metadata = _mapping(
                read_outside_json(_text(self._view.get("private_metadata"), limit=TEXT_LIMIT), most_bytes=TEXT_LIMIT)
            )
        except UnreadableJson:
            raise _unreadable() from None

    def operation(self) -> Operation:
        return _word(Operation, self._metadata.get("operation"))

    def action(self) -> Action:
        return _word(Action, self._metadata.get("action"))

    def target(self) -> Action | None:
        """Which kind of entry was chosen; None for what is listed."""
        option = self._element(TARGET).get("selected_option")
        if option is None:
            return None
        value = _text(_mapping(option).get("value"), limit=150)
        return None if value == AS_LISTED else _word(Action, value)

    def about(self) -> Carried | None:
        """The request, in the version that was shown, that the form was opened for; None where it was for none."""
        given = self._metadata.get("about")
        if given is None:
            return None
        if (read := Carried.read(_text(given, limit=50))) is None:
            raise _unreadable()
        return read

    def renewals(self) -> tuple[Carried, ...]:
        """The renewals, in the versions that were shown, that the form answers; none where it answers none."""
        given = self._metadata.get("renewals", [])
        if not isinstance(given, list) or len(given) > _MOST_RENEWALS:
            raise _unreadable()
        read = [Carried.read(_text(each, limit=50)) for each in given]
        if any(each is None for each in read):
            raise _unreadable()
        return tuple(each for each in read if each is not None)

    def stays(self) -> str:
        """The end that was shown as the one that stays: ISO 8601 with its offset, or `never`; empty for none."""
        given = _text(self._metadata.get("stays", ""), limit=50)
        if given and given != NEVER:
            try:
                is_sound = datetime.fromisoformat(given).tzinfo is not None
            except ValueError:
                is_sound = False
            if not is_sound:
                raise _unreadable()
        return given

    def warned(self) -> frozenset[str]:
        """What the form's warning was about; nothing when it carried none."""
        values = self._metadata.get("warned", [])
        if not isinstance(values, list):
            raise _unreadable()
        return frozenset(_text(value, limit=TEXT_LIMIT) for value in values)

    def long_lines(self) -> tuple[str, ...]:
        """The lines that were too long for a choice; none where the form carried none."""
        lines = self._metadata.get("lines", [])
        if not isinstance(lines, list):
            raise _unreadable()
        return tuple(_text(line, limit=TEXT_LIMIT) for line in lines)

    def text(self, block_id: str, *, limit: int) -> str:
        value = self._element(block_id).get("value")
        return "" if value is None else _text(value, limit=limit)

    def selected(self, block_id: str, *, action_id: str = VALUE) -> str:
        """A chosen duration, `never`, or the end that is there; empty when nothing was chosen or no such field is."""
        option = self._element(block_id, action_id).get("selected_option")
        if option is None:
            return ""
        value = _text(_mapping(option).get("value"), limit=150)
        if value not in ENDS and value != AS_IT_IS and days_in(value) is None:
            raise _unreadable()
        return value

    def option(self, block_id: str) -> str:
        """The value of a chosen option, any text; empty when nothing was chosen."""
        option = self._element(block_id).get("selected_option")
        return "" if option is None else _text(_mapping(option).get("value"), limit=OPTION_VALUE)

    def date(self, block_id: str) -> str:
        """A chosen date, `YYYY-MM-DD`, or empty."""
        value = self._element(block_id).get("selected_date")
        if value is None:
            return ""
        if not is_date(chosen := _text(value, limit=10)):
            raise _unreadable()
        return chosen

    def chosen(self, block_id: str) -> list[str]:
        """The values of the options that were ticked; none when the form has no such field."""
        options = self._element(block_id).get("selected_options")
        if options is None:
            return []
        if not isinstance(options, list) or len(options) > MOST_OFFERED:
            raise _unreadable()
        return [_text(_mapping(option).get("value"), limit=OPTION_VALUE) for option in options]

    def ticked(self, block_id: str, *, action_id: str = VALUE) -> bool:
        options = self._element(block_id, action_id).get("selected_options")
        if options is None:
            return False
        if not isinstance(options, list):
            raise _unreadable()
        return any(_mapping(option).get("value") == block_id for option in options)

    def _element(self, block_id: str, action_id: str = VALUE) -> Mapping[str, Any]:
        block = self._values.get(block_id)
        if block is None:
            return {}
        element = _mapping(block).get(action_id)
        return {} if element is None else _mapping(element)


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _unreadable()
    return value


def _text(value: object, *, limit: int) -> str:
    if not isinstance(value, str):
        raise _unreadable()
    if len(value) > limit:
        raise InvalidInput(
            f"A field of the form holds more than {limit:,} characters.", "Shorten it, or send several requests."
        )
    return value


def _word(kind: type[_Word], value: object) -> _Word:
    try:
        return kind(_text(value, limit=50))
    except ValueError:
        raise _unreadable() from None
