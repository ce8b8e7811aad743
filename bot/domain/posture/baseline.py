"""The baseline: a tenant's policies held against its rules.

Source: CISA SCuBA's secure configuration baseline for Microsoft 365, MS.SECURITYSUITE.8 (until April 2026 MS.EXO.12).
The CIS Microsoft 365 benchmark has the same two in 2.1.12 and 2.1.13; its 2.1.14 is about domains that an anti-spam
policy allows, and is reported where those policies were read. The baseline's third statement, that a block list MAY be
made, can't fail, and is not reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import ConditionKind, Does, PlaceReading
from bot.domain.overrides.places import Place
from bot.errors import IncompleteAnswer


class PostureOutcome(StrEnum):
    """How a tenant does by one rule."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureResult:
    """One rule of the baseline, and how the tenant does by it."""

    id: str
    former_id: str  #: the rule's name until April 2026, which many reports still use; empty where it had none
    also: tuple[str, ...]  #: the same in the CIS Microsoft 365 benchmark
    title: str
    result: PostureOutcome
    details: str
    policies: tuple[str, ...] = ()  #: the policies that fail
    entries: tuple[Entry, ...] = ()  #: the allow entries that make them fail


def posture(policies: Sequence[FilterPolicy], places: Sequence[PlaceReading] = ()) -> tuple[PostureResult, ...]:
    """How the tenant's policies do, a result for each rule: of the connection filter, and of anti-spam policies where
    they could be read in full or have what fails.

    Every policy counts, whatever its name, and every entry counts, whether it is an IP or junk. Raises
    IncompleteAnswer when there is no policy at all: every tenant has at least the default one, so what was not read
    would pass for what is well.
    """
    if not policies:
        raise IncompleteAnswer(
            "There is no connection filter policy to judge, and every tenant has at least one.",
            "Read them again with Get-HostedConnectionFilterPolicy.",
        )
    return (_no_allow_list(policies), _no_safe_list(policies), *_no_allowed_domains(places))


def _no_allow_list(policies: Sequence[FilterPolicy]) -> PostureResult:
    failing = [policy for policy in policies if policy.allow]
    entries = tuple(
        Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value=value, policy=policy.identity)
        for policy in failing
        for value in policy.allow
    )
    details = "No connection filter policy has an IP Allow List."
    if failing:
        count = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        details = (
            f"{count} in the IP Allow List of {_named(failing)}. Mail from there skips spam filtering, SPF, DKIM and "
            "DMARC. Remove each one, with /unallow, or have it justified again."
        )
    return PostureResult(
        id="MS.SECURITYSUITE.8.1v1",
        former_id="MS.EXO.12.1v1",
        also=("CIS 2.1.12",),
        title="IP allow lists SHOULD NOT be created",
        result=PostureOutcome.FAIL if failing else PostureOutcome.PASS,
        details=details,
        policies=tuple(policy.identity for policy in failing),
        entries=entries,
    )


def _no_safe_list(policies: Sequence[FilterPolicy]) -> PostureResult:
    failing = [policy for policy in policies if policy.safe_list]
    details = "The safe list is off in every connection filter policy."
    if failing:
        details = (
            f"The safe list is on in {_named(failing)}. Mail from servers on Microsoft's own list of good senders "
            "skips spam filtering. Switch it off, with /safelist."
        )
    return PostureResult(
        id="MS.SECURITYSUITE.8.2v1",
        former_id="MS.EXO.12.2v1",
        also=("CIS 2.1.13",),
        title="Safe lists SHOULD NOT be enabled",
        result=PostureOutcome.FAIL if failing else PostureOutcome.PASS,
        details=details,
        policies=tuple(policy.identity for policy in failing),
    )


def _no_allowed_domains(places: Sequence[PlaceReading]) -> tuple[PostureResult, ...]:
    readings = [reading for reading in places if reading.place is Place.ANTI_SPAM]
    failing = [
        override
        for reading in readings
        for override in reading.overrides
        if override.does is Does.LETS_THROUGH
        and any(condition.kind is ConditionKind.DOMAIN for condition in override.conditions)
    ]
    if not failing and not any(reading.is_whole for reading in readings):
        return ()  # what wasn't read has neither passed nor failed
    names = tuple(dict.fromkeys(override.name for override in failing))
    details = "No anti-spam policy in use allows whole domains."
    if failing:
        details = (
            f"Whole domains are allowed by {_listed(names)}. Whoever writes such a domain as the sender skips spam "
            "filtering. Take them out in the Defender portal."
        )
    return (
        PostureResult(
            id="CIS 2.1.14",
            former_id="",
            also=(),
            title="Inbound anti-spam policies do not contain allowed domains",
            result=PostureOutcome.FAIL if failing else PostureOutcome.PASS,
            details=details,
            policies=names,
        ),
    )


def _named(policies: Sequence[FilterPolicy]) -> str:
    return _listed([policy.identity for policy in policies])


def _listed(policies: Sequence[str]) -> str:
    names = ", ".join(policies)
    return f"policy {names}" if len(policies) == 1 else f"policies {names}"
