"""Slack's look at the certificate, now and then: it is answered, and is no delivery.

By Slack's page it is a plain GET with `ssl_check=1`; its libraries take a form with that field too. Neither has to be
signed, and neither does anything.

Source: https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from bot.web.bodies import BodyReader, BodyRefused

#: Bytes of a form that says no more than this, with Slack's old token.
_LONGEST = 500
_MOST_FIELDS = 5


async def answer_get(request: Request) -> Response:
    """200 for the look at the certificate. Deliveries come by POST alone."""
    return Response(status_code=200 if _asks(request.query_params) else 405)


async def is_certificate_check(request: Request, bodies: BodyReader) -> bool:
    """Whether what was posted without a signature is nothing else. A longer body isn't read."""
    size = request.headers.get("content-length", "")
    if not size.isdigit() or len(size) > len(str(_LONGEST)) or int(size) > _LONGEST:
        return False
    try:
        body = (await bodies.read(request)).decode("ascii")
        return _asks(dict(parse_qsl(body, max_num_fields=_MOST_FIELDS)))
    except (BodyRefused, ValueError):
        return False


def _asks(fields: Mapping[str, str]) -> bool:
    return fields.get("ssl_check") == "1" and fields.keys() <= {"ssl_check", "token"}
