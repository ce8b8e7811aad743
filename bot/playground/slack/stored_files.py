"""The files that the workspace holds: those that people put into a form, and those that the app puts into a channel.

Source: https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

#: What a form's file input takes: https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
FORM_FILE_BYTES = 10 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """One file. `content` is None until its bytes have come; `ticket` is the address that takes them.

    `shares` has the conversations it was put into; nobody but its owner and the app sees one that has none.
    """

    id: str
    name: str
    size: int
    user: str
    created: int
    title: str = ""
    ticket: str = ""
    content: bytes | None = None
    complete: bool = False
    shares: dict[str, str] = field(default_factory=dict)

    @property
    def extension(self) -> str:
        """`csv` for `evil.csv`; empty when the name has none."""
        _, dot, extension = self.name.rpartition(".")
        return extension.lower() if dot else ""

    @property
    def mimetype(self) -> str:
        """What the name says that it is."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class StoredFiles:
    """Every file of the workspace, by id."""

    def __init__(self, *, team_id: str) -> None:
        self._team_id = team_id
        self._by_id: dict[str, StoredFile] = {}

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(self._by_id.values())

    def find(self, file_id: str) -> StoredFile | None:
        """The file with this id, whole or not, or None."""
        return self._by_id.get(file_id)

    def awaited(self, ticket: str) -> StoredFile | None:
        """The file whose bytes this address takes, or None."""
        return next((file for file in self if ticket and file.ticket == ticket and file.content is None), None)

    def announce(self, *, name: str, size: int, user: str, at: float) -> StoredFile:
        """A file of the app that will come to an address of its own."""
        file = StoredFile(
            id=_new_id(), name=name, size=size, user=user, created=int(at), title=name, ticket=secrets.token_urlsafe(24)
        )
        self._by_id[file.id] = file
        return file

    def keep(self, *, name: str, content: bytes, user: str, at: float) -> StoredFile:
        """A file that a person has put into a form."""
        file = StoredFile(
            id=_new_id(),
            name=name,
            size=len(content),
            user=user,
            created=int(at),
            title=name,
            content=content,
            complete=True,
        )
        self._by_id[file.id] = file
        return file

    def forget(self, file_id: str) -> None:
        """Its owner has deleted it."""
        self._by_id.pop(file_id, None)

    def as_slack(self, file: StoredFile, *, base_url: str) -> dict[str, Any]:
        """The file as it stands in API answers and payloads."""
        address = f"{base_url}/slack/files-pri/{self._team_id}-{file.id}"
        name = quote(file.name.replace("/", "_").lower(), safe="")
        shared = list(file.shares)
        return {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.extension or "binary",
            "pretty_type": file.extension.upper() or "Binary",
            "user": file.user,
            "user_team": self._team_id,
            "editable": False,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": f"{address}/{name}",
            "url_private_download": f"{address}/download/{name}",
            "shares": {"public": {channel: [{"ts": ts}] for channel, ts in file.shares.items() if channel[0] == "C"}}
            | {"private": {channel: [{"ts": ts}] for channel, ts in file.shares.items() if channel[0] != "C"}}
            if shared
            else {},
            "channels": [channel for channel in shared if channel[0] == "C"],
            "groups": [],
            "ims": [channel for channel in shared if channel[0] == "D"],
            "has_rich_preview": False,
            "file_access": "visible",
        }


def _new_id() -> str:
    return f"F{secrets.token_hex(5).upper()}"
