"""Files through the Web API: an address to upload to, a place in a channel for what came there, and what it is.

Source: https://docs.slack.dev/messaging/working-with-files and https://docs.slack.dev/reference/methods#files
"""

from __future__ import annotations

from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.scopes import require_scope
from bot.playground.slack.state import SlackState
from bot.playground.slack.stored_files import StoredFile


def _get_upload_url(state: SlackState, args: Arguments) -> dict[str, Any]:
    require_scope(state, "files:write")
    name = args.required("filename")
    length = args.required("length")
    if not length.isdigit() or int(length) == 0:
        raise Refused("invalid_arguments", broke=f"length is {length}")
    file = state.files.announce(name=name, size=int(length), user=state.workspace.bot.id, at=state.clock.now())
    return {"upload_url": f"{state.base_url}/slack/upload/{file.ticket}", "file_id": file.id}


def _complete_upload(state: SlackState, args: Arguments) -> dict[str, Any]:
    require_scope(state, "files:write")
    entries = args.structure("files", error="invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise Refused("invalid_arguments", broke="files is missing")
    done = [_uploaded(state, entry) for entry in entries]
    channel_id = args.text("channel_id") or args.text("channels")
    # Everything is judged before anything is changed: a refused call may be made again.
    place = _place(state, channel_id) if channel_id else None
    thread_ts = args.text("thread_ts")
    if place is not None and thread_ts and place.message(thread_ts) is None:
        raise Refused("thread_not_found")
    for file, title in done:
        file.complete, file.title = True, title
    if place is not None:
        _show(state, place, [file for file, _ in done], comment=args.text("initial_comment") or "", under=thread_ts)
    return {"files": [state.file_as_slack(file) for file, _ in done]}


def _uploaded(state: SlackState, entry: object) -> tuple[StoredFile, str]:
    file = state.files.find(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.content is None or not isinstance(entry, dict):
        raise Refused("file_not_found", broke="nothing was uploaded under this id")
    if file.complete:
        raise Refused("file_not_found", broke="this upload was completed before")
    return file, str(entry.get("title") or file.name)


def _place(state: SlackState, channel_id: str) -> Conversation:
    conversation = state.conversations.find(channel_id)
    if conversation is None:
        raise Refused("channel_not_found")
    if conversation.archived or not conversation.has_bot:
        raise Refused("is_archived" if conversation.archived else "not_in_channel")
    return conversation


def _show(state: SlackState, place: Conversation, files: list[StoredFile], *, comment: str, under: str | None) -> None:
    ts = state.conversations.next_ts()
    for file in files:
        file.shares[place.id] = ts
    state.say(
        place,
        Message(
            ts=ts,
            user=state.workspace.bot.id,
            text=comment,
            thread_ts=under,
            files=[state.file_as_slack(file) for file in files],
        ),
    )


def _info(state: SlackState, args: Arguments) -> dict[str, Any]:
    require_scope(state, "files:read")
    file = state.files.find(args.required("file"))
    if file is None or not file.complete:
        raise Refused("file_not_found")
    return {"file": state.file_as_slack(file), "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": method(_get_upload_url, "filename length alt_txt snippet_type", takes_json=False),
    "files.completeUploadExternal": method(
        _complete_upload, "files channel_id channels thread_ts initial_comment blocks"
    ),
    "files.info": method(_info, "file count cursor limit page", takes_json=False),
}
