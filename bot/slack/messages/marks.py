"""The signs beside statuses, items and warnings: one for each thing, wherever it is shown."""

from __future__ import annotations

from bot.domain.requests.request import ItemState, RequestWarning, Status
from bot.domain.telling.request_facts import RequestFacts

#: Green only once the tenant has said so.
_STATUS_MARKS: dict[Status, str] = {
    Status.PENDING: ":hourglass_flowing_sand:",
    Status.APPROVED: ":large_blue_circle:",
    Status.APPLYING: ":arrows_counterclockwise:",
    Status.APPLIED: ":white_check_mark:",
    Status.PARTLY_APPLIED: ":warning:",
    Status.FAILED: ":x:",
    Status.DENIED: ":no_entry_sign:",
    Status.WITHDRAWN: ":leftwards_arrow_with_hook:",
    Status.LAPSED: ":zzz:",
}

STATE_MARKS: dict[ItemState, str] = {
    ItemState.PROPOSED: ":heavy_minus_sign:",
    ItemState.INTENDED: ":grey_question:",
    ItemState.APPLIED: ":white_check_mark:",
    ItemState.ALREADY_SO: ":white_check_mark:",
    ItemState.REFUSED: ":x:",
    ItemState.CONFIRMED: ":white_check_mark:",
    ItemState.EXPIRED: ":hourglass:",
    ItemState.REMOVED: ":wastebasket:",
    ItemState.LEFT_OUT: ":heavy_minus_sign:",
}


def status_mark(facts: RequestFacts) -> str:
    """The mark beside the status. Not green any more once something is gone, or was allowed unasked."""
    if facts.status is Status.APPLIED and facts.gone:
        return ":wastebasket:"
    if facts.is_answered and facts.allowed_unnamed:
        return ":rotating_light:"
    return _STATUS_MARKS[facts.status]


def warning_mark(warning: RequestWarning) -> str:
    """The mark of a warning, the serious ones unmistakable."""
    return ":rotating_light:" if warning.serious else ":warning:"
