"""Which blocks need nobody's approval, by the operator's rules, and which never do without, whatever a rule says.

A rule lets a proposal through only as a whole, and only blocks that are put on a list of which policy warns of nothing
serious. Never without approval: an allow or a removal; a wildcard; a network of many addresses; one's own domains, and
anything while it isn't known which those are; what policy wants more than one approval for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, NoteCode
from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.entries import Snapshot
from bot.domain.policies.case import Assessment
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal

#: A network of more addresses than so many is wide, whatever a rule says: a /24 is one.
MOST_ADDRESSES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """That a rule lets a part of a proposal through: `why` says what it went by, for people and the log."""

    rule: NobodyRule
    count: int  #: how many indicators
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Whether a proposal needs nobody. With `through` empty it waits for approval.

    `why_not` says, for people, why a rule that names the requester, and is about it or a part of it, doesn't let it
    through; empty where no rule is.
    """

    through: tuple[LetThrough, ...] = ()
    why_not: str = ""


def needs_nobody(
    person: Person,
    judged: Sequence[tuple[Proposal, Assessment]],
    rules: Sequence[NobodyRule],
    *,
    lists: Snapshot | None,
    knows_own_domains: bool,
    now: datetime,
) -> Decided:
    """Whether all parts of what somebody proposes are let through, each by the first rule that does.

    `knows_own_domains`: the tenant's accepted domains are set or were read. The limit per hour isn't looked at here.
    """
    found: list[LetThrough] = []
    theirs = [rule for rule in rules if person.among(rule.requesters) is not None]
    without = [proposal for proposal, _ in judged if not any(rule.is_about(proposal) for rule in theirs)]
    if len(without) == len(judged):
        return Decided()
    if without:
        nouns = without[0].list.traits.words.nouns
        return Decided(why_not=f"none that names you is about {nouns}, and it is decided as a whole")
    for proposal, assessment in judged:
        about = [rule for rule in theirs if rule.is_about(proposal)]
        never = _never(proposal, assessment, lists=lists, knows_own_domains=knows_own_domains)
        whys = [never or _why_not(proposal, rule, now=now) for rule in about]
        rule = next((rule for rule, why in zip(about, whys, strict=True) if not why), None)
        if rule is None:
            return Decided(why_not=whys[0])
        found.append(LetThrough(rule=rule, count=len(proposal.indicators), why=_why(person, proposal, rule)))
    return Decided(through=tuple(found))


def _never(proposal: Proposal, assessment: Assessment, *, lists: Snapshot | None, knows_own_domains: bool) -> str:
    """Why no rule can let something through; empty where one can."""
    if not assessment.may_proceed or assessment.approvals_needed > 1:
        return "it takes more than one approval"
    if lists is None or proposal.list in lists.unreadable or not knows_own_domains:
        return "the tenant's lists and its own domains have not been read yet"
    if serious := next((warning for warning in assessment.warnings if warning.serious), None):
        return f"there is a warning: {serious.text}"
    return next(filter(None, map(_odd, proposal.indicators)), "")


def _odd(indicator: Indicator) -> str:
    """Why an indicator never goes through without approval; empty where it may."""
    shown = defanged(indicator.value)
    if "*" in indicator.value or "~" in indicator.value:
        return f"{shown} has a wildcard"
    if indicator.has_note(NoteCode.OWN_DOMAIN):
        return f"{shown} is your own"
    if _addresses(indicator) > MOST_ADDRESSES:
        return f"{shown} is a wide network"
    return ""


def _why_not(proposal: Proposal, rule: NobodyRule, *, now: datetime) -> str:
    """Why this rule doesn't let a proposal through that could be; empty where it does."""
    count = len(proposal.indicators)
    if count > rule.most:
        return f"it has {count} indicators, and the rule takes {rule.most} at once"
    if wide := next((each for each in proposal.indicators if _addresses(each) > rule.addresses), None):
        return f"{defanged(wide.value)} has more addresses than the rule takes"
    lasts = proposal.lasts if proposal.lasts is not None else _left(proposal.expires, now)
    if lasts is None or lasts > rule.longest:
        return f"it lasts longer than the {rule.longest.days} days that the rule takes"
    return ""


def _left(expires: datetime | None, now: datetime) -> timedelta | None:
    return None if expires is None else expires - now


def _why(person: Person, proposal: Proposal, rule: NobodyRule) -> str:
    """What a rule went by."""
    count = len(proposal.indicators)
    counted = "1 indicator" if count == 1 else f"{count} indicators"
    place = proposal.list.value.replace("_", " ")
    group = person.among(rule.requesters)
    named = "whom it names" if group in {None, person.user_id} else f"in {group}"
    return (
        f"a block of {counted} on the list {place}, by somebody {named}; the rule takes {rule.per_hour} an hour, "
        "whoever asks"
    )


def _addresses(indicator: Indicator) -> int:
    span = read_span(indicator.value)
    return 1 if span is None else span.size
