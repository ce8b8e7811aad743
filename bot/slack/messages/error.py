"""What a person sees when something did not work: what happened, to what, what to do next, and a reference."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.telling.sentence import people
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import escaped, mention, plain, without_links
from bot.slack.messages.sentences import seen

#: Who is meant by these words in a text stands below it, where the operator has named somebody.
OPERATOR = "whoever runs Portcullis"
#: Of those who may do what somebody may not, so many are named.
_NAMED = 10


def error_message(
    what: str, remedy: str, reference: str, *, contact: str = "", others: Sequence[str] = (), is_remark: bool = False
) -> Message:
    """For a command or a click. `reference` also stands in the log; empty when there is nothing to look up.

    `contact` is whom to ask, a user id or any text; `others` are the ids of those who may do it. A remark is no error:
    what the person wanted is so already.
    """
    said = " ".join(filter(None, [escaped(what, limit=1_600) or "Something went wrong.", escaped(remedy, limit=1_000)]))
    spoken = [said]
    if others:
        spoken.append(f"{_others(others)}.")
    if asked := _contact(remedy, contact):
        spoken.append(f"{asked}.")
    if reference.strip():
        spoken.append(f"Reference {escaped(reference, limit=100)}.")
    blocks = error_blocks(what, remedy, reference, contact=contact, others=others, is_remark=is_remark)
    if forms := [button for words, button in _FORMS if words in remedy]:
        blocks.append(elements.buttons(forms))
    return Message.build(name="error", text=" ".join(spoken), blocks=blocks)


def error_blocks(
    what: str, remedy: str, reference: str, *, contact: str = "", others: Sequence[str] = (), is_remark: bool = False
) -> list[Block]:
    """The same as blocks, for a modal too. In plain text, so that `*.evil.example` keeps its star."""
    mark = "" if is_remark else "\N{WARNING SIGN}\ufe0f "
    happened = plain(without_links(what), limit=1_600) or "Something went wrong."
    said = "\n".join(filter(None, [f"{mark}{happened}", plain(remedy, limit=1_000)]))
    blocks: list[Block] = [elements.plain_section(said)]
    if others:
        blocks.append(elements.context(_others(others)))
    if asked := _contact(remedy, contact):
        blocks.append(elements.context(asked))
    if reference.strip():
        named = f"Reference {escaped(reference, limit=100)}: {OPERATOR} finds it in the log."
        blocks.append(elements.context(named))
    return blocks


def _form(text: str, action_id: ActionId) -> ButtonElement:
    return elements.button(text, action_id=action_id, value=elements.NOTHING, spoken=f"{text} by a form that opens")


#: Where these words say what to do next, the form that they name opens by a button.
_FORMS = (
    ("use /import", _form("Import…", ActionId.OPEN_IMPORT)),
    ("/block or /check alone", _form("Block…", ActionId.OPEN_BLOCK)),
    ("/block or /check alone", _form("Check…", ActionId.OPEN_CHECK)),
)


def _others(others: Sequence[str]) -> str:
    return f"Named by the rule: {seen(people(others, at_most=_NAMED))}"


def _contact(remedy: str, contact: str) -> str:
    if OPERATOR not in remedy or not contact.strip():
        return ""
    return f"{OPERATOR[0].upper()}{OPERATOR[1:]}: {mention(contact.strip())}"
