"""How a Web API method refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """Slack says no. `code` is Slack's error code.

    `broke` says which rule the bot broke, and makes it a violation; without it the refusal is part of life (an archived
    channel, a view that was closed in the meantime). `more` stands in the answer beside the code.
    """

    def __init__(
        self,
        code: str,
        *,
        broke: str | None = None,
        messages: Sequence[str] = (),
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.more = dict(more or {})
        self.code = code
        self.broke = broke
        self.messages = tuple(messages)
