"""What Slack's clients do to a text before it reaches the app."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OPENING = re.compile(r'(^|[\s(\[{])"')


def as_sent(text: str, *, mentioned: Mapping[str, tuple[str, str]] | None = None) -> str:
    """The text after the client's "smart" typography: curly double quotes, and a dash for two hyphens.

    A command that declares `should_escape: false` gets `&`, `<` and `>` raw, and mentions as they were typed. For one
    that escapes, `mentioned` has whom people can mention: the id and the handle, by the name that is shown.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    for name in sorted(mentioned or {}, key=len, reverse=True):
        user_id, handle = (mentioned or {})[name]
        text = re.sub(rf"(?<!\S)@{re.escape(name)}(?!\w)", f"<@{user_id}|{handle}>", text)
    curled = _OPENING.sub("\\1\u201c", text).replace('"', "\u201d")
    return curled.replace("--", "\u2014")


def split_command(text: str) -> tuple[str, str]:
    """What was typed as command (with its slash, in lower case) and the rest, stripped as Slack does."""
    command, _, rest = text.strip().partition(" ")
    return command.lower(), rest.strip()
