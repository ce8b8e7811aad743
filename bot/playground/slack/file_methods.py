"""Uploading a file in three steps: ask for an address, send the bytes there, put it into a channel.

Source: https://docs.slack.dev/messaging/working-with-files#upload
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.conversations import Message
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.state import SlackState, UploadedFile


def _get_upload_url(state: SlackState, args: Arguments) -> dict[str, Any]:
    name = args.required("filename")
    length = args.required("length")
    if not length.isdigit() or int(length) == 0:
        raise Refused("invalid_arguments", broke=f"length is {length}")
    file = UploadedFile(
        id=f"F{secrets.token_hex(5).upper()}", name=name, length=int(length), ticket=secrets.token_urlsafe(24)
    )
    state.files[file.id] = file
    return {"upload_url": f"{state.base_url}/slack/upload/{file.ticket}", "file_id": file.id}


def _complete_upload(state: SlackState, args: Arguments) -> dict[str, Any]:
    files = args.structure("files", error="invalid_arguments")
    if not isinstance(files, list) or not files:
        raise Refused("invalid_arguments", broke="files is missing")
    done: list[dict[str, Any]] = []
    for entry in files:
        file = state.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
        if file is None or file.content is None:
            raise Refused("file_not_found", broke="nothing was uploaded under this id")
        done.append(
            {
                "id": file.id,
                "name": file.name,
                "title": entry.get("title") or file.name,
                "size": file.length,
                "url_private": f"{state.base_url}/slack/files/{file.id}",
            }
        )
    channel_id = args.text("channel_id") or args.text("channels")
    if channel_id:
        conversation = state.conversations.find(channel_id)
        if conversation is None:
            raise Refused("channel_not_found")
        if conversation.archived or not conversation.has_bot:
            raise Refused("is_archived" if conversation.archived else "not_in_channel")
        state.say(
            conversation,
            Message(
                ts=state.conversations.next_ts(),
                user=state.workspace.bot.id,
                text=args.text("initial_comment") or "",
                thread_ts=args.text("thread_ts"),
                files=done,
            ),
        )
    return {"files": done}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": method(_get_upload_url, "filename length alt_txt snippet_type", takes_json=False),
    "files.completeUploadExternal": method(
        _complete_upload, "files channel_id channels thread_ts initial_comment blocks"
    ),
}


def routes(state: SlackState) -> list[Route]:
    """Where the bytes go, and where people get them from."""

    async def upload(request: Request) -> Response:
        content = await request.body()
        ticket = request.path_params["ticket"]
        file = next((file for file in state.files.values() if file.ticket == ticket and file.content is None), None)
        if file is None:
            return PlainTextResponse("no such upload", status_code=404)
        if len(content) != file.length:
            what = f"{len(content)} bytes were sent, {file.length} were announced"
            state.ledger.violation("upload_length", what, call="upload")
            return PlainTextResponse("wrong length", status_code=400)
        file.content = content
        return PlainTextResponse(f"OK - {file.length}")

    async def download(request: Request) -> Response:
        file = state.files.get(request.path_params["file_id"])
        if file is None or file.content is None:
            return PlainTextResponse("no such file", status_code=404)
        disposition = f"attachment; filename*=UTF-8''{file.id}"
        return Response(
            file.content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": disposition},
        )

    return [
        Route("/slack/upload/{ticket}", upload, methods=["POST"]),
        Route("/slack/files/{file_id}", download, methods=["GET"]),
    ]
