"""What the bot that runs on this machine says of itself at `/readyz`; for `portcullis doctor`."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from bot.diagnosis import Diagnosis
from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

_CHECK = "running bot"
#: `/readyz` answers within three seconds; in seconds.
_PATIENCE = 5.0
_MOST_BYTES = 65_536

#: What listens on every address is asked at this machine's own.
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


async def look_at_running_bot(host: str, port: int) -> Diagnosis:
    """Ask whoever listens where the settings say. Nobody does: that is no fault, for the bot needn't run now
    or here, and yet worth a look."""
    named = _EVERYWHERE.get(host, host)
    url = f"http://[{named}]:{port}/readyz" if ":" in named else f"http://{named}:{port}/readyz"
    try:
        # This machine's own address is behind no proxy.
        async with (
            httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as http,
            http.stream("GET", url) as answer,
        ):
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    break
    except httpx.ConnectError:
        details = f"Nobody listens at {host} port {port}: it doesn't run here."
        return Diagnosis(check=_CHECK, ok=True, details=details, remedy="Start it, where it is to run here.")
    except httpx.HTTPError as error:
        details = f"What listens at {host} port {port} doesn't answer ({type(error).__name__})."
        return Diagnosis(check=_CHECK, ok=False, details=details, remedy="Look into its log, and start it anew.")
    return _said(answer.status_code, body, where=f"{host} port {port}")


def _said(status: int, body: bytes, *, where: str) -> Diagnosis:
    try:
        said = read_outside_json(body, most_bytes=_MOST_BYTES)
    except UnreadableJson:
        said = None
    checks = said.get("checks") if isinstance(said, Mapping) else None
    if not isinstance(checks, Mapping):
        details = f"Something else than Portcullis answers at {where}."
        remedy = "Set HTTP_HOST and HTTP_PORT to where nothing else listens."
        return Diagnosis(check=_CHECK, ok=False, details=details, remedy=remedy)
    if status == httpx.codes.OK:
        return Diagnosis(check=_CHECK, ok=True, details=f"It answers at {where}, and is ready.")
    wrong = " ".join(f"{name}: {state}" for name, state in checks.items() if state != "ok")
    remedy = "The rows above say what to do, else the bot's log."
    return Diagnosis(check=_CHECK, ok=False, details=f"It answers at {where}, and isn't ready. {wrong}", remedy=remedy)
