"""What Slack's clients do to a text before it reaches the app."""

from __future__ import annotations

import re

_OPENING = re.compile(r'(^|[\s(\[{])"')


def as_sent(text: str) -> str:
    """The text after the client's "smart" typography: curly double quotes, and a dash for two hyphens.

    Commands declare `should_escape: false`, so that `&`, `<` and `>` arrive raw.
    """
    curled = _OPENING.sub("\\1\u201c", text).replace('"', "\u201d")
    return curled.replace("--", "\u2014")


def split_command(text: str) -> tuple[str, str]:
    """What was typed as command (with its slash, in lower case) and the rest, stripped as Slack does."""
    command, _, rest = text.strip().partition(" ")
    return command.lower(), rest.strip()
