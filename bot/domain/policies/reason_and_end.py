"""Every request has a reason that says something, and an end that its list permits."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.lists.ends import end_rule, ended_by_portcullis
from bot.domain.lists.traits import title
from bot.domain.policies.case import Case, Field, Findings

LEAST_REASON = 3
MOST_REASON = 500

#: Words that are no reason by themselves: they repeat the wish, or only press.
_EMPTY_WORDS = """
    a add address allow allowed allowlist and asap at because block cause do email for from i in ip is it just listed
    mail me my n na need needed needs no none now of ok on per please pls quick reason request requested required server
    some test testing that the them this to todo unblock urgent us want we whitelist with work works x yes you
"""


def check_reason(case: Case, findings: Findings) -> None:
    """A reason is required; of an IP allow's, reviewers are told when it says little."""
    reason = " ".join(case.proposal.reason.split())
    if len(reason) > MOST_REASON:
        findings.refuse(
            "reason_too_long",
            f"The reason has {len(reason)} characters; at most {MOST_REASON} are kept.",
            "Say it shorter, and link to the ticket for the rest.",
            at=Field.REASON,
        )
    # `...`, or characters that nobody sees, say nothing.
    says_something = any(map(str.isalnum, reason))
    if len(reason) < LEAST_REASON or not says_something:
        findings.refuse(
            "reason_too_short" if says_something else "reason_missing",
            "A reason is required."
            if not says_something
            else f"The reason is too short: at least {LEAST_REASON} characters.",
            "Say who needs this, and what happened; a ticket number helps whoever reads the log later.",
            at=Field.REASON,
        )
    elif case.proposal.is_ip_allow and _says_little(reason):
        # For people to judge: a list of words can't tell a good reason from a bad one.
        findings.warn(
            "reason_says_little",
            "The reason says little: ask whose server it is, which mail is stopped, and why the better ways don't do.",
            serious=True,
        )


def _says_little(reason: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", reason.casefold())) - set(_EMPTY_WORDS.split())
    return len(set("".join(words))) < 4


def check_end(case: Case, findings: Findings) -> None:
    """The end that an entry is to have: in the future, and no later than its list and the operator permit."""
    proposal = case.proposal
    rule = end_rule(proposal.list, proposal.action, ip_allow_max_days=case.rules.ip_allow_max_days)
    latest = case.now + timedelta(days=rule.most_days) if rule.most_days is not None else None
    findings.latest_expiry = latest if not rule.may_be_endless else None
    most = f"at most {_days(rule.most_days)} from now" if rule.most_days is not None else "any date"
    if proposal.expires is None:
        _check_never(case, findings, may_be_endless=rule.may_be_endless, most=most)
        return
    if proposal.expires <= case.now:
        findings.refuse(
            "end_passed", "The end date has passed already.", "Give an end date in the future.", at=Field.EXPIRES
        )
    elif latest is not None and proposal.expires > latest:
        never = ", or never" if rule.may_be_endless else ""
        findings.refuse(
            "end_too_late",
            f"An entry of the {title(proposal.list, proposal.action)} lasts {most}{never}.",
            f"Choose an end date no later than {latest:%Y-%m-%d %H:%M} UTC{never}.",
            at=Field.EXPIRES,
        )
    elif not rule.service_keeps_end:
        findings.warn(
            "end_kept_by_portcullis",
            "This list has no expiry dates: Portcullis keeps the date, and removes the entry then.",
        )
    elif ended_by_portcullis(proposal.list, proposal.action, expires=proposal.expires, since=case.now):
        findings.warn(
            "end_beyond_service",
            f"The service keeps end dates of at most {_days(rule.service_most_days)}. Portcullis keeps this one: until "
            "then the entry stands in the tenant without an end, and then Portcullis removes it.",
        )


def _check_never(case: Case, findings: Findings, *, may_be_endless: bool, most: str) -> None:
    proposal = case.proposal
    if not may_be_endless:
        findings.refuse(
            "end_required",
            f"An entry of the {title(proposal.list, proposal.action)} needs an end date, {most}.",
            "Give a duration such as 1d or 7d.",
            at=Field.EXPIRES,
        )
        return
    findings.warn("never_ends", "This entry never ends by itself. Somebody will have to remember to remove it.")


def _days(count: int | None) -> str:
    return "1 day" if count == 1 else f"{count} days"
