"""The reference: one id for all that comes of a delivery, from its acknowledgement to the calls to the tenant.

It stands in each line of the log, as structlog's context has it, goes with the jobs that are queued under it, and is
kept beside the events that are written under it. Who is told of an error is told the reference, too.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

_FIELD = "reference"
#: So many hexadecimal digits has one.
LENGTH = 8

#: How one looks.
REFERENCE = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


def current_reference() -> str:
    """What the running task's work goes by; empty where it goes by none."""
    return str(get_contextvars().get(_FIELD, ""))


def new_reference() -> str:
    """One for work that nothing delivered, such as a job that comes round."""
    return secrets.token_hex(LENGTH // 2)


def reference_of(digest: str) -> str:
    """That of a delivery whose key is a digest in hexadecimal digits: a repetition has the same one."""
    return digest[:LENGTH]


@contextmanager
def referenced(reference: str) -> Iterator[None]:
    """Have what this task does in the block, and the tasks that it begins there, go by a reference."""
    with bound_contextvars(**{_FIELD: reference}):
        yield
