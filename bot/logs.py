"""The log: JSON lines on standard error, with nothing secret in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_FIELD_NAMES = (
    "client_secret|client_assertion|access_token|refresh_token|id_token|ticket|signing_secret|password|passwd"
    "|private_key|bot_token|app_token|response_url"
)

#: What a credential looks like, whatever library put it into a text. What a group matched stays, the rest goes.
_SECRETS = re.compile(
    r"(?P<slack>(?:xox[a-z]|xapp|xwfp)-)[\w.-]+"
    r"|(?P<scheme>\b(?:bearer|basic) )[\w.~+/=-]{8,}"
    r"|(?P<jwt>\beyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"
    # A response_url is good for half an hour to whoever reads it; the second form is Slack's stand-in's.
    r"|(?P<hook>https://hooks\.slack(?:-gov)?\.com/)[^\s\"'<>\\]+"
    r"|(?P<hook_here>https?://[^\s/\"'<>\\]+/slack/response/)[^\s\"'<>\\]+"
    r"|(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    # Up to the last @ of the word: a password may hold one that nobody wrote as %40.
    r"|(?P<login>://[^\s/:@\"']*:)[^\s\"'<>]+(?=@)"
    rf"|(?P<field>\b(?:{_FIELD_NAMES})[\"']?\s*[=:]\s*(?:b?[\"'])?)[^\s&\"',}}]+",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(rf"(?:\w*_)?(?:{_FIELD_NAMES}|token|secret|authorization)", re.IGNORECASE)

#: These log requests, bodies or addresses at INFO and DEBUG: what people typed, and response_urls.
_TALKATIVE = frozenset(
    {
        "aiohttp",
        "aiosqlite",
        "alembic",
        "asyncpg",
        "httpcore",
        "httpx",
        "msal",
        "slack_bolt",
        "slack_sdk",
        "sqlalchemy",
        "urllib3",
        "websockets",
    }
)

#: Deeper than this a value is told by its name alone.
_DEEPEST = 8


def redacted(text: str) -> str:
    """The text without anything that looks like a credential."""
    return _SECRETS.sub(lambda match: f"{match[match.lastgroup] if match.lastgroup else ''}[redacted]", text)


def _clean(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redacted(value)
    if depth >= _DEEPEST:
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return {
            redacted(str(key)): "[redacted]" if _SECRET_NAME.fullmatch(str(key)) else _clean(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(inner, depth + 1) for inner in value]
    return redacted(str(value) if isinstance(value, BaseException) else repr(value))


def _redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        # What begins with an underscore is between structlog and logging, and isn't printed.
        if not key.startswith("_"):
            event[key] = "[redacted]" if _SECRET_NAME.fullmatch(key) else _clean(value)
    return event


#: What anybody who can reach the port can have uvicorn say, as often as they like. It tells who runs the bot nothing.
_OF_STRANGERS = ("Invalid HTTP request received.", "Unsupported upgrade request.", "No supported WebSocket library")

#: What bolt says at each start of a token that it doesn't use: the bot's own is its client's, which is as it should be,
#: and one in the environment is another program's.
_OF_UNUSED_TOKENS = ("As you gave `client` as well, `token`", "As `installation_store` or `authorize` has been used")


def _is_fit_to_print(record: logging.LogRecord) -> bool:
    if record.name == "uvicorn.error" and str(record.msg).startswith(_OF_STRANGERS):
        return False
    if record.name.startswith("slack_bolt.") and str(record.msg).startswith(_OF_UNUSED_TOKENS):
        return False
    # Asked at the handler: bolt gives each of its loggers a level of its own, whatever their parent says.
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _TALKATIVE


def configure(level: str = "INFO", *, for_good: bool = False) -> None:
    """Send this process's log to standard error, a JSON object to a line, other libraries' records included.

    `for_good`: the process logs much, and no other log is set up in it, so that loggers needn't look for it each time.
    """
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
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_is_fit_to_print)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=for_good,
    )
