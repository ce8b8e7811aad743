"""What a submission shows Microsoft, and what it says of itself: known before anybody approves it.

Whatever stands in a message was written by whoever sent it: any text, hostile ones among them, each cut to a length.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that lies in a message."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeld:
    """What a message that is handed over says of itself, as far as it was read."""

    senders: tuple[str, ...] = ()  #: the addresses in From, the one that people see; empty where none can be read
    written_from: str = ""  #: From as it is written, the names in it included
    return_path: str = ""
    subject: str = ""
    date: str = ""
    message_id: str = ""
    links: tuple[str, ...] = ()  #: as entries of the list of URLs name them; of many, those that were asked for first
    files: tuple[AttachedFile, ...] = ()  #: likewise
    more_links: int = 0  #: how many more there are
    more_files: int = 0
    is_read_whole: bool = True  #: False: its body couldn't be read, so that it may have other links and files


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The message or file that shows what was blocked wrongly. A URL needs none.

    Of a message that is named by its address in the tenant nothing more is known. Requests from before these were kept
    have neither `sha256`, nor `size`, nor `message`.
    """

    recipient: str = ""  #: who was to get the message
    message_url: str = ""  #: the message's address in Microsoft Graph
    file_name: str = ""  #: the name of the file that is kept with the request
    sha256: str = ""  #: of that file: it, and no other one, is handed over
    size: int = 0  #: in bytes
    message: MessageHeld | None = None  #: where that file is a message

    @property
    def is_unseen(self) -> bool:
        """Whether it names something that nobody has looked into."""
        return bool(self.message_url) or (bool(self.file_name) and not self.sha256)
