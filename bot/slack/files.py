"""Files on their way out of Slack and into it.

A file is fetched from its `url_private_download` with the bot's token (docs.slack.dev/reference/objects/file-object,
scope `files:read`). Slack may send the caller on from there: the token goes with it to Slack's own hosts and nowhere
else. Without the right to read the file, Slack answers with a sign-in page in place of the file.

A file is put into a channel in three steps (docs.slack.dev/messaging/working-with-files, scope `files:write`): ask for
an address, send the bytes there, share it. Only the last one is seen by people, so whoever must not post twice takes
the steps one by one: `send`, remember the id, `share`, and after a crash asks `is_shared`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import InvalidInput, SlackError, SlackUnavailable
from bot.slack.client import TRY_AGAIN, call, seconds
from bot.tls import is_loopback, is_loopback_url

#: Slack's own domains, the government's among them: the token may go to these and what is under them.
_SLACK = ("slack.com", "slack-gov.com", "slack-files.com")
#: Where Slack keeps what it has signed an address for: followed, without the token.
_SIGNED = ("slack-edge.com",)
_MOST_STEPS = 5

_TIMEOUTS = httpx.Timeout(30, connect=10)
#: However slowly it trickles: so long may a whole file take, in seconds.
_WHOLE = 120.0

#: Never compressed: what a few bytes unfold to is known only once it is in memory.
_AS_IT_IS = {"Accept-Encoding": "identity"}

_GONE = frozenset({"file_not_found", "file_deleted", "not_visible"})
_REINSTALL = "The operator brings the app up to date with app.yaml (scope {}) and installs it again."


async def download(client: AsyncWebClient, file: Mapping[str, Any], *, limit: int, tls: ssl.SSLContext) -> bytes:
    """What a file holds. `file` is Slack's object, as a form's `file_input` or a message carries it.

    Its address is asked for (`files.info`) when the object has none. Raises InvalidInput for a file that is empty, has
    been deleted, or is larger than `limit` bytes, which is found out before all of it is here; SlackError when the bot
    may not read it or the address isn't Slack's; SlackUnavailable when it can be tried again.
    """
    _refuse_larger(file.get("size"), limit)
    address = file.get("url_private_download") or file.get("url_private")
    if not address:
        found = (await _about(client, str(file.get("id") or ""))).get("file")
        file = found if isinstance(found, Mapping) else {}
        _refuse_larger(file.get("size"), limit)
        address = file.get("url_private_download") or file.get("url_private")
    if not isinstance(address, str) or not address:
        raise InvalidInput(
            "Slack has no address for this file.", "Add the file once more; files of other apps can't be read."
        )
    try:
        async with asyncio.timeout(_WHOLE):
            content = await _fetch(client, address, limit=limit, tls=tls)
    except TimeoutError:
        raise SlackUnavailable(f"Slack did not deliver the file within {_WHOLE:.0f} seconds.", TRY_AGAIN) from None
    if not content:
        raise InvalidInput("The file is empty.", "Add one with something in it.")
    return content


async def upload(
    client: AsyncWebClient,
    *,
    channel: str,
    thread_ts: str | None,
    name: str,
    content: bytes,
    title: str,
    comment: str,
) -> str:
    """Put a file into a channel (`C…`, `G…` or `D…`), under a message if one is named. Returns the file's id.

    `comment` is mrkdwn, already escaped. Raises SlackError and what stands under it in the tree.
    """
    file_id = await send(client, name=name, content=content)
    await share(client, file_id, channel=channel, thread_ts=thread_ts, title=title, comment=comment)
    return file_id


async def send(client: AsyncWebClient, *, name: str, content: bytes) -> str:
    """Bring a file to Slack, where nobody sees it until it is shared. Returns its id. Raises SlackError."""
    try:
        answer = await call(client, "files.getUploadURLExternal", {"filename": name, "length": len(content)})
    except SlackError as error:
        raise _explained(error, scope="files:write") from error
    address, file_id = str(answer.get("upload_url") or ""), str(answer.get("file_id") or "")
    if not file_id or not _is_safe(address):
        raise SlackUnavailable("Slack named no usable address for an upload.", TRY_AGAIN)
    # On this machine the client has no context: then the address has no use for one either.
    tls = client.ssl or ssl.create_default_context()
    try:
        async with httpx.AsyncClient(verify=tls, timeout=_TIMEOUTS, trust_env=not is_loopback_url(address)) as http:
            sent = await http.post(address, content=content, headers={"Content-Type": "application/octet-stream"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The address is a capability: it stays out of the text.
        raise SlackUnavailable(f"Slack's upload could not be reached ({type(error).__name__}).", TRY_AGAIN) from None
    if sent.status_code == 429 or sent.status_code >= 500:
        raise SlackUnavailable(
            f"Slack's upload answered {sent.status_code}.",
            TRY_AGAIN,
            retry_after=seconds(sent.headers.get("Retry-After")),
        )
    if sent.status_code != 200:
        raise SlackError(f"Slack's upload answered {sent.status_code}.", code=f"http_{sent.status_code}")
    return file_id


async def share(
    client: AsyncWebClient, file_id: str, *, channel: str, thread_ts: str | None, title: str, comment: str
) -> None:
    """Show a file that was sent to the people of a channel. Raises SlackError and what stands under it in the tree."""
    arguments = {
        "files": [{"id": file_id, "title": title}],
        "channel_id": channel,
        "thread_ts": thread_ts,
        "initial_comment": comment or None,
    }
    try:
        await call(client, "files.completeUploadExternal", arguments)
    except SlackError as error:
        raise _explained(error, scope="files:write") from error


async def is_shared(client: AsyncWebClient, file_id: str) -> bool:
    """Whether people see a file that was sent: for who doesn't know any more. Raises SlackError."""
    try:
        answer = await call(client, "files.info", {"file": file_id})
    except SlackError as error:
        if error.code in _GONE:
            return False
        raise _explained(error, scope="files:read") from error
    file = answer.get("file")
    about: Mapping[str, Any] = file if isinstance(file, Mapping) else {}
    return any(about.get(place) for place in ("shares", "channels", "groups", "ims"))


async def _about(client: AsyncWebClient, file_id: str) -> Mapping[str, Any]:
    if not file_id:
        raise InvalidInput("Slack named no file.", "Add the file once more.")
    try:
        return await call(client, "files.info", {"file": file_id})
    except SlackError as error:
        if error.code in _GONE:
            raise _gone() from error
        raise _explained(error, scope="files:read") from error


async def _fetch(client: AsyncWebClient, address: str, *, limit: int, tls: ssl.SSLContext) -> bytes:
    """Follow the address to its end; each step decides anew whether the token goes along."""
    own = urlsplit(client.base_url).netloc.lower()
    for _ in range(_MOST_STEPS):
        with_token = _takes_token(address, own=own)
        if not with_token and not _is_under(address, _SIGNED):
            raise SlackError(
                "The file's address is not one of Slack's: the bot's token is not sent there.",
                "Add the file to Slack itself, not from elsewhere.",
                code="foreign_address",
            )
        headers = {**_AS_IT_IS, **({"Authorization": f"Bearer {client.token}"} if with_token else {})}
        try:
            async with (
                httpx.AsyncClient(verify=tls, timeout=_TIMEOUTS, trust_env=not is_loopback_url(address)) as http,
                http.stream("GET", address, headers=headers) as answer,
            ):
                if not answer.has_redirect_location:
                    return await _content(answer, limit=limit)
                address = urljoin(address, answer.headers["Location"])
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SlackUnavailable(
                f"Slack could not be reached for the file ({type(error).__name__}).", TRY_AGAIN
            ) from None
    raise SlackUnavailable("Slack sent the bot round in circles for the file.", TRY_AGAIN)


async def _content(answer: httpx.Response, *, limit: int) -> bytes:
    status = answer.status_code
    if status == 429 or status >= 500:
        wait = seconds(answer.headers.get("Retry-After"))
        raise SlackUnavailable(f"Slack answered {status} for the file.", TRY_AGAIN, retry_after=wait)
    if status in {404, 410}:
        raise _gone()
    if status in {401, 403} or _is_page(answer):
        raise _not_readable()
    if status != 200:
        raise SlackError(f"Slack answered {status} for the file.", "Add the file once more.", code=f"http_{status}")
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise SlackError(
            "Slack sent the file compressed, which was not asked for.",
            "A proxy may stand in between: the operator takes it out of the way for Slack's files.",
            code="compressed",
        )
    _refuse_larger(answer.headers.get("Content-Length"), limit)
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        _refuse_larger(len(content), limit)
    return bytes(content)


def _is_page(answer: httpx.Response) -> bool:
    """Whether this is a page to look at, such as the one to sign in at, and not a file to keep."""
    is_html = answer.headers.get("Content-Type", "").lower().startswith("text/html")
    return is_html and not answer.headers.get("Content-Disposition", "").lower().startswith("attachment")


def _takes_token(address: str, *, own: str) -> bool:
    """Slack's own hosts, over TLS; or the very host and port that the bot's calls go to anyway."""
    if not _is_safe(address):
        return False
    return _is_under(address, _SLACK) or urlsplit(address).netloc.lower() == own


def _is_under(address: str, domains: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _refuse_larger(size: object, limit: int) -> None:
    if isinstance(size, int | str) and str(size).isdecimal() and int(size) > limit:
        most = f"{limit // 1024 // 1024:,} MiB" if limit >= 1024 * 1024 else f"{limit:,} bytes"
        raise InvalidInput(f"The file is larger than {most}.", "Split it, and send the parts one by one.")


def _gone() -> InvalidInput:
    return InvalidInput("The file is no longer in Slack.", "Add it once more.")


def _not_readable() -> SlackError:
    return SlackError(
        "Slack let the bot have a sign-in page in place of the file.",
        _REINSTALL.format("files:read"),
        code="missing_scope",
    )


def _explained(error: SlackError, *, scope: str) -> SlackError:
    """The same error; for a scope that is missing, with the name of it."""
    if error.code != "missing_scope":
        return error
    return SlackError(error.what, _REINSTALL.format(scope), code=error.code)
