"""Where the bytes of files go, and where the app and the people get them from.

The app's addresses are as guarded as Slack's: without a token that may read files they lead to the page to sign in at,
with HTTP 200 and HTML in place of the file. Source: https://docs.slack.dev/reference/objects/file-object#authentication
"""

from __future__ import annotations

import hmac
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.playground.slack.page_answers import guarded, problem
from bot.playground.slack.page_bodies import FileBody
from bot.playground.slack.state import SlackState
from bot.playground.slack.stored_files import FORM_FILE_BYTES, StoredFile

#: The name under which faults of the download are armed.
DOWNLOAD = "url_private_download"
_SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to your workspace</body></html>"


def routes(state: SlackState) -> list[Route]:
    """What the app uses."""

    async def upload(request: Request) -> Response:
        content = await request.body()
        file = state.files.awaited(request.path_params["ticket"])
        if file is None:
            return PlainTextResponse("no such upload", status_code=404)
        if len(content) != file.size:
            what = f"{len(content)} bytes were sent, {file.size} were announced"
            state.ledger.violation("upload_length", what, call="upload")
            return PlainTextResponse("wrong length", status_code=400)
        if request.headers.get("authorization"):
            state.ledger.hint("upload_token", "the upload's address needs no token: one was sent", call="upload")
        file.content = content
        return PlainTextResponse(f"OK - {file.size}")

    async def download(request: Request) -> Response:
        fault = state.faults.next(DOWNLOAD)
        if fault is not None and fault.error.startswith("http_"):
            return PlainTextResponse("Server Error", status_code=int(fault.error.removeprefix("http_")))
        if not _may_read(state, request):
            what = "a file was asked for without a token that may read files"
            state.ledger.violation("file_not_authed", what, call=DOWNLOAD)
            return RedirectResponse(f"{state.base_url}/slack/sign-in", status_code=302)
        file = state.files.find(request.path_params["file_id"])
        if file is None or file.content is None:
            return PlainTextResponse("no such file", status_code=404)
        return _handed_over(file)

    async def sign_in(request: Request) -> Response:  # noqa: ARG001 - an endpoint's shape
        return HTMLResponse(_SIGN_IN)

    return [
        Route("/slack/upload/{ticket}", upload, methods=["POST"]),
        Route("/slack/files-pri/{team_id}-{file_id}/download/{name}", download, methods=["GET"]),
        Route("/slack/files-pri/{team_id}-{file_id}/{name}", download, methods=["GET"]),
        Route("/slack/sign-in", sign_in, methods=["GET"]),
    ]


def page_routes(state: SlackState) -> list[Route]:
    """What people use: choosing a file for a form, and opening one that they see."""

    async def choose(request: Request) -> Response:
        body = FileBody.model_validate_json(await request.body())
        person = state.workspace.person(body.user_id)
        if person is None:
            return problem(f"There is no person {body.user_id}.")
        if len(body.content) > FORM_FILE_BYTES:
            return problem("A form takes files of up to 10 MB.")
        file = state.files.keep(name=body.name, content=body.content, user=person.id, at=state.clock.now())
        return JSONResponse({"id": file.id, "name": file.name, "size": file.size})

    async def fetch(request: Request) -> Response:
        person = state.workspace.person(request.query_params.get("as", ""))
        file = state.files.find(request.path_params["file_id"])
        if person is None or file is None or file.content is None or not _sees(state, person.id, file):
            return JSONResponse({"problem": "There is no such file for this person."}, status_code=404)
        return _handed_over(file)

    return [
        Route("/api/files", guarded(choose), methods=["POST"]),
        Route("/api/files/{file_id}", fetch, methods=["GET"]),
    ]


def _sees(state: SlackState, user_id: str, file: StoredFile) -> bool:
    places = (state.conversations.find(channel) for channel in file.shares)
    return file.user == user_id or any(place is not None and user_id in place.members for place in places)


def _may_read(state: SlackState, request: Request) -> bool:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    token = state.workspace.credentials.bot_token
    return hmac.compare_digest(sent.encode(), token.encode()) and "files:read" in state.workspace.scopes


def _handed_over(file: StoredFile) -> Response:
    return Response(
        file.content,
        media_type=file.mimetype,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name or file.id, safe='')}"},
    )
