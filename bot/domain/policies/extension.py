"""Giving an entry a new expiry date, later or earlier; or an owner, with the end that it has."""

from __future__ import annotations

from datetime import datetime

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName, title
from bot.domain.policies.case import Case, Field, Findings
from bot.domain.policies.current_end import CurrentEnd, current_end, is_made_by_hand
from bot.domain.policies.ip_allow import check_ip_allow
from bot.domain.policies.listed import check_listed, check_not_ended
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.spoof_allow import check_who_gets_in

_SUBMIT_AGAIN = (
    "Microsoft removes an allow entry when it has learned what it had to. Where mail is stopped again afterwards, a "
    "new submission with /allow tells Microsoft so; a longer entry doesn't."
)


def check_extension(case: Case, findings: Findings) -> None:
    """The rules for a new expiry date: what holds for a new entry's end, and the entry has to be there."""
    if case.proposal.is_ip_allow:
        check_ip_allow(case, findings)
    else:
        check_reason(case, findings)
        check_end(case, findings)
        if case.proposal.list is ListName.SPOOF and case.proposal.action is Action.ALLOW:
            check_who_gets_in(case, findings)
    for indicator in case.proposal.indicators:
        listed = check_listed(case, indicator, findings)
        if check_not_ended(case, indicator, listed, findings):
            _check_change(case, indicator, listed[0], findings)
    if case.proposal.action is Action.ALLOW and case.proposal.list.traits.takes_submissions:
        findings.better_ways.append(_SUBMIT_AGAIN)


def _check_change(case: Case, indicator: Indicator, entry: Entry, findings: Findings) -> None:
    shown, expires = defanged(indicator.value), case.proposal.expires
    if is_made_by_hand(case, entry):
        by = f" (last changed by {quoted(entry.modified_by)})" if entry.modified_by else ""
        findings.warn(
            "made_by_hand",
            f"{shown} did not come into the {title(entry.list, entry.action)} through Portcullis{by}. This request "
            "takes it into keeping.",
        )
    now = current_end(case, entry)
    if now is None:
        return
    if now.is_at(expires) and case.proposal.keeps_end:
        findings.warn(
            "end_stays",
            f"{shown} {_until(now)} already, and that stays. If the list still says so when this is applied, nothing "
            "is sent to the tenant: from then on the entry has an owner here.",
        )
    elif now.is_at(expires):
        findings.refuse(
            "same_end",
            f"{shown} {_until(now)} already.",
            "Nothing to do. To change when it ends, give a new expiry date.",
            at=Field.EXPIRES,
            indicator=indicator,
        )
    else:
        _say_change(shown, now, expires, findings)


def _say_change(shown: str, now: CurrentEnd, expires: datetime | None, findings: Findings) -> None:
    if expires is None:
        findings.warn("made_endless", f"{shown} {_until(now)} now, and would never end.")
    elif now.by_use:
        findings.warn(
            "end_by_use_replaced", f"{shown} {_until(now)} now, and would end on {_date(expires)}, used or not."
        )
    elif now.at is None:
        findings.warn("gets_an_end", f"{shown} has no end date now, and would end on {_date(expires)}.")
    elif now.is_later_than(expires):
        findings.warn("ends_sooner", f"{shown} {_until(now)} now, and would end sooner, on {_date(expires)}.")
    else:
        findings.warn("lasts_longer", f"{shown} {_until(now)} now, and would last longer, until {_date(expires)}.")


def _until(end: CurrentEnd) -> str:
    if end.by_use:
        return "ends 45 days after its last use"
    return "has no end date" if end.at is None else f"ends on {_date(end.at)}"


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
