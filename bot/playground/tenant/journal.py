"""What the stand-in noticed: the recent calls, and remarks on what a caller should do differently."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.responses import Response

KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """`status` is None when the connection was cut; `error` is empty when all went well."""

    at: str
    cmdlet: str
    parameters: dict[str, object] | None
    status: int | None
    error: str


@dataclass(frozen=True, kw_only=True)
class Remark:
    at: str
    cmdlet: str
    text: str


class Journal:
    """Keeps the last thousand of each, newest last, and tells `changed` about every new one."""

    def __init__(self, *, now: Callable[[], datetime], changed: Callable[[], None]) -> None:
        self._now = now
        self._changed = changed
        self._calls: deque[RecordedCall] = deque(maxlen=KEPT)
        self._remarks: deque[Remark] = deque(maxlen=KEPT)

    def answered(
        self, cmdlet: str, parameters: dict[str, object] | None, response: Response, error: str = ""
    ) -> Response:
        """Records a call that is answered with `response`, and returns it."""
        self._record(cmdlet, parameters, response.status_code, error)
        return response

    def cut(self, cmdlet: str, parameters: dict[str, object] | None, error: str) -> None:
        """Records a call whose connection is cut."""
        self._record(cmdlet, parameters, None, error)

    def remark(self, text: str, *, cmdlet: str) -> None:
        self._remarks.append(Remark(at=self._now().isoformat(), cmdlet=cmdlet, text=text))
        self._changed()

    def calls(self) -> list[dict[str, object]]:
        return [asdict(call) for call in self._calls]

    def remarks(self) -> list[dict[str, object]]:
        return [asdict(remark) for remark in self._remarks]

    def clear(self) -> None:
        self._calls.clear()
        self._remarks.clear()

    def _record(self, cmdlet: str, parameters: dict[str, object] | None, status: int | None, error: str) -> None:
        self._calls.append(
            RecordedCall(at=self._now().isoformat(), cmdlet=cmdlet, parameters=parameters, status=status, error=error)
        )
        self._changed()
