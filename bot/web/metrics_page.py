"""/metrics: what Prometheus reads, for whoever brings the token that the operator has set."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from bot.web.refusals import RefusalLog

#: The page for an `Accept` header, with its content type. It comes within seconds.
Rendering: TypeAlias = Callable[[str], Awaitable[tuple[bytes, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPage:
    """The page, and who may read it."""

    token: str = field(repr=False)
    rendering: Rendering
    _refusals: RefusalLog = field(default_factory=RefusalLog, repr=False)

    async def answer(self, request: Request) -> Response:
        """401 without the token, whatever else was sent."""
        given = request.headers.get("authorization", "")
        # Compared as bytes: of a text, `compare_digest` takes ASCII only.
        if not hmac.compare_digest(given.encode("latin-1"), f"Bearer {self.token}".encode()):
            self._refusals.refused("request for /metrics without its token refused")
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        content, content_type = await self.rendering(request.headers.get("accept", ""))
        return Response(content, headers={"Content-Type": content_type})
