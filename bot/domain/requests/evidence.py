"""What a submission shows Microsoft."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The message or file that shows what was blocked wrongly. A URL needs none."""

    recipient: str = ""  #: who was to get the message
    message_url: str = ""  #: the message's address in Microsoft Graph
    file_name: str = ""  #: the name of the file that is kept with the request
