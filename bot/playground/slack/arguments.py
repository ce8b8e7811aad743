"""The arguments of a Web API call, however they were sent: JSON, form fields, or the query."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.playground.slack.api_errors import Refused


class Arguments:
    """Named arguments. Texts, flags and structures are read the way Slack reads them; a null is no argument."""

    def __init__(self, values: dict[str, Any], *, from_json: bool) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}
        self.from_json = from_json

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """The argument as text, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, dict | list):
            raise Refused("invalid_arguments", broke=f"{name} must be a text")
        return str(value)

    def required(self, name: str) -> str:
        """The argument as text. Raises Refused when it is missing or empty."""
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name}"
            raise Refused("invalid_arguments", broke=f"{name} is missing", messages=[message])
        return value

    def flag(self, name: str) -> bool | None:
        """The argument as a truth value; None if it wasn't sent."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        return str(value).lower() in {"1", "true"}

    def structure(self, name: str, *, error: str) -> Any:  # noqa: ANN401 - it is judged by who asked for it
        """The argument as JSON, which in a form is a text. Raises Refused with `error` when it isn't JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(error, broke=f"{name} is not JSON") from None


async def read_arguments(request: Request) -> Arguments:
    """Everything that came with the request. Raises Refused when the body can't be read."""
    values: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            sent = json.loads(body or b"{}")
        except ValueError:
            raise Refused("invalid_json", broke="the body is not JSON") from None
        if not isinstance(sent, dict):
            raise Refused("json_not_object", broke="the body is not a JSON object")
        return Arguments(values | sent, from_json=True)
    if kind == "application/x-www-form-urlencoded":
        return Arguments(values | dict(parse_qsl(body.decode(), keep_blank_values=True)), from_json=False)
    if body:
        raise Refused("invalid_post_type", broke=f"a body of type {kind or '(none)'} can't be read")
    return Arguments(values, from_json=False)
