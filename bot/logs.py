"""The log: JSON lines on standard error, with nothing secret in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Slack tokens, bearer tokens, response_url capabilities, private keys: whatever library put them there.
_SECRETS = re.compile(
    r"(?P<kind>xox[a-z]|xapp|xwfp)-[A-Za-z0-9-]+"
    r"|(?P<bearer>[Bb]earer )[A-Za-z0-9._~+/=-]+"
    r"|(?P<hook>https://hooks\.slack\.com/)\S+"
    r"|(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?P<field>(?:client_secret|client_assertion|access_token|ticket|signing_secret|password)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+"
)


def redacted(text: str) -> str:
    """The text without anything that looks like a credential."""
    return _SECRETS.sub(lambda match: f"{match[match.lastgroup] if match.lastgroup else ''}[redacted]", text)


def _redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 — structlog's own signature
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redacted(value)
    return event


def configure(level: str = "INFO") -> None:
    """Send this process's log to standard error, a JSON object to a line, other libraries' records included."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _redact,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These log requests, bodies or addresses at INFO and DEBUG: what people typed, and response_urls.
    for name in (
        "slack_bolt",
        "slack_sdk",
        "httpx",
        "httpcore",
        "msal",
        "urllib3",
        "aiohttp",
        "sqlalchemy",
        "aiosqlite",
        "alembic",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
