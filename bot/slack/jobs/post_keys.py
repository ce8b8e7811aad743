"""What the messages are called that jobs post: each stands once by its key, and is looked for while in doubt."""

from __future__ import annotations

from bot.domain.requests.binding import Purpose

#: What a request's messages may be that carry a button, in somebody's direct messages (`D…`).
_DIRECTLY = (Purpose.COPY, Purpose.DIRECT)
#: What the alert channel is told is called after its job.
_ALERT = "alert:"


def of_request(purpose: str, request_id: int, which: object = "") -> str:
    """One of a request's: a card by its channel, a step of the story by its number; of any other there is one."""
    return f"{purpose}:{request_id}:{which}"


def told_of(request_id: int) -> list[str]:
    """What the messages are called by which a request is told of: where one is in doubt, it may stand."""
    told = (Purpose.CARD, Purpose.COPY, Purpose.THREAD, Purpose.DIRECT)
    return [of_request(purpose, request_id) for purpose in told]


def which_of(key: str) -> str:
    """Which one of its kind a request's message is."""
    return key.rpartition(":")[2]


def of_alert(job_id: int) -> str:
    """What the alert channel is told by a job."""
    return f"{_ALERT}{job_id}"


def of_unrequested(reading: int) -> str:
    """What the alert channel is told of changes that nobody requested, by the number of the first of their events."""
    return f"{_ALERT}unrequested:{reading}"


def of_posture(what: str, scan: int) -> str:
    """What the alert channel is told of a scan of the posture, by the number of its event."""
    return f"{_ALERT}{what}:{scan}"


def of_preview(preview_id: int) -> str:
    """The preview of an import."""
    return f"preview:{preview_id}"


def beginnings(channel: str, request_id: int | None) -> tuple[str, ...]:
    """How the keys begin of all messages that may stand in a channel with a button about a request."""
    if request_id is None:
        return ()
    if channel.startswith("D"):
        return tuple(of_request(purpose, request_id) for purpose in _DIRECTLY)
    return (of_request(Purpose.CARD, request_id, channel), of_request(Purpose.THREAD, request_id), _ALERT)
