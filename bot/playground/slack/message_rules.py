"""Does Slack take this message? Texts, blocks and totals, for everything that puts a message on a screen."""

from __future__ import annotations

from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.block_rules import TOTAL_CHARACTERS, message_problems, total_characters, with_ids
from bot.playground.slack.escaping import advice_on
from bot.playground.slack.ledger import Ledger

#: Advised for a new message, a limit for an update: https://docs.slack.dev/reference/methods/chat.update
TEXT_ADVISED = 4_000
#: Beyond this Slack cuts a message off: https://docs.slack.dev/changelog/2018-truncating-really-long-messages
TEXT_LIMIT = 40_000


def checked_blocks(
    ledger: Ledger, *, text: str | None, blocks: list[dict[str, Any]] | None, call: str, text_limit: int = TEXT_LIMIT
) -> list[dict[str, Any]]:
    """The message's blocks with every id filled in. Raises Refused when Slack would refuse the message.

    Blocks without a text are taken, as Slack does, and noted as a violation: screen readers and notifications have
    nothing but the text.
    """
    if not text and not blocks:
        raise Refused("no_text", broke="the message has neither text nor blocks")
    if text and len(text) > text_limit:
        raise Refused("msg_too_long", broke=f"text has {len(text)} characters, {text_limit} are allowed")
    if text and len(text) > TEXT_ADVISED:
        ledger.violation("text_too_long", f"text has {len(text)} characters, {TEXT_ADVISED} are advised", call=call)
    if blocks is None:
        _advise(ledger, text, None, call=call)
        return []
    problems = message_problems(blocks)
    if problems:
        raise Refused("invalid_blocks", broke="; ".join(problems), messages=problems)
    total = total_characters(blocks)
    if total > TOTAL_CHARACTERS:
        raise Refused(
            "msg_blocks_too_long", broke=f"the blocks hold {total} characters, about {TOTAL_CHARACTERS} are allowed"
        )
    if blocks and not (text and text.strip()):
        ledger.violation("no_text", "blocks without a top-level text: screen readers get nothing", call=call)
    _advise(ledger, text, blocks, call=call)
    return with_ids(blocks)


def _advise(ledger: Ledger, text: str | None, blocks: list[dict[str, Any]] | None, *, call: str) -> None:
    for rule, what in advice_on(text, blocks):
        ledger.hint(rule, what, call=call)
