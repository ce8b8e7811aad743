"""The posture, told: each finding in a line, a scan's summary, and where in the portal to do what Portcullis can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lists.differences import SAFE_LIST_PLACE
from bot.domain.lists.traits import Action, ListName, short_label
from bot.domain.overrides.places import Place
from bot.domain.posture.baseline import PostureOutcome, PostureResult
from bot.domain.posture.finding import Finding, Gravity, Remedy
from bot.domain.posture.scans import PostureScan, compared
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Day, Part, Quoted, Sentence, Strong, Value, Who, sentence

#: What the button beside a finding says. What isn't here has none.
REMEDIES: Mapping[Remedy, str] = {
    Remedy.REMOVE: "Propose removal",
    Remedy.SWITCH_OFF: "Propose switching it off",
    Remedy.END: "Propose an expiry date",
    Remedy.NOTE: "Write a note…",
}
_TWO_WEEKS = timedelta(weeks=2)
_PORTAL_PATHS: Mapping[Place, str] = {
    Place.MAIL_FLOW_RULES: "Exchange admin center: Mail flow, Rules",
    Place.CONNECTORS: "Exchange admin center: Mail flow, Connectors",
    Place.ANTI_SPAM: "Defender portal: Policies & rules, Threat policies, Anti-spam",
    Place.ANTI_PHISHING: "Defender portal: Policies & rules, Threat policies, Anti-phishing",
    Place.ADVANCED_DELIVERY: "Defender portal: Policies & rules, Threat policies, Advanced delivery",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFacts:
    """One finding as a line. Its texts come from the tenant, or from people: any text."""

    name: str  #: by which buttons know it
    gravity: Gravity
    line: Sentence
    remedy: Remedy
    where: str = ""  #: where in the portal it is changed, where Portcullis can't
    asked: int | None = None  #: the number of the proposal under way that remedies it; None: there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFacts:
    """A week of the posture, told."""

    number: int  #: of the scan's event
    at: datetime
    headline: Sentence
    worse: tuple[str, ...]  #: what there is more of
    better: tuple[str, ...]  #: what there is less of
    gravest: tuple[FindingFacts, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorseFacts:
    """What a scan found that is new and grave."""

    number: int
    headline: Sentence
    findings: tuple[FindingFacts, ...]
    more: int  #: so many are not among them


def finding_facts(finding: Finding, *, asked: int | None = None, is_scanned: bool = True) -> FindingFacts:
    """One finding, told: what and where it is, what is wrong with it, since when, and who asked for the entry.

    `asked` is the number of the proposal under way that remedies it; None: there is none. Where nothing was ever
    scanned, it isn't known whether one is new.
    """
    place = finding.place
    is_override = place in set(Place)
    named: Part = Quoted(f"“{finding.value}”") if is_override or place == SAFE_LIST_PLACE else Value(finding.value)
    parts: list[Part | Sentence] = [named, " · ", place_words(place), " · ", Strong(_faults(finding))]
    if finding.within:
        parts += [": ", Quoted(finding.within)]
    if finding.detail:
        parts += [", " if is_override else " · ", Quoted(finding.detail)]
    if is_scanned:
        parts += [" · ", since_words(finding)]
    return FindingFacts(
        name=finding.name,
        gravity=finding.gravity,
        line=sentence(*parts, _asked_by(finding)),
        remedy=finding.remedy,
        where=portal_path(finding),
        asked=asked,
    )


def place_words(place: str) -> str:
    """What people call a place: `IP Allow List`, `mail flow rule`."""
    if place in set(ListName):
        return short_label(ListName(place), Action.ALLOW)
    if place in set(Place):
        return Place(place).words.singular
    return "connection filter policy" if place == SAFE_LIST_PLACE else place


def portal_path(finding: Finding) -> str:
    """Where in the portal it is changed, where Portcullis can't; empty where it can."""
    return _PORTAL_PATHS[Place(finding.place)] if finding.place in set(Place) else ""


def since_words(finding: Finding) -> Sentence:
    """`seen since ‹day›`, by the worst of its faults."""
    return ("new",) if finding.first_seen is None else ("seen since ", Day(finding.first_seen))


def rule_line(result: PostureResult) -> str:
    """A rule of the baseline by all its names: `MS.SECURITYSUITE.8.1v1 (formerly MS.EXO.12.1v1; CIS 2.1.12)`."""
    others = "; ".join((*([f"formerly {result.former_id}"] if result.former_id else []), *result.also))
    return f"{result.id} ({others})" if others else result.id


def is_met(result: PostureResult) -> bool:
    """Whether the tenant does as a rule of the baseline says."""
    return result.result is PostureOutcome.PASS


def counts_line(findings: int, grave: int) -> str:
    """`12 findings, 3 of them grave`."""
    if not findings:
        return "No findings"
    return f"{plural(findings, 'finding')}, {f'{grave:,} of them' if grave else 'none of them'} grave"


def summary_facts(scan: PostureScan, before: PostureScan | None) -> SummaryFacts:
    """The weekly summary of a scan, against the one a week before it; None: it is the first.

    What is only not seen any more is no better, and what is only seen again no worse.
    """
    more, fewer = compared(before, scan) if before is not None else ({}, {})
    if before is not None:
        more = {} if set(before.unseen) - set(scan.unseen) else more
        fewer = {} if set(scan.unseen) - set(before.unseen) else fewer
    return SummaryFacts(
        number=scan.number,
        at=scan.at,
        headline=sentence(
            Strong("The posture this week"), ": ", counts_line(scan.findings, scan.grave), _against(scan, before)
        ),
        worse=tuple(f"{count:,} more × {fault.traits.words}" for fault, count in more.items()),
        better=tuple(f"{count:,} fewer × {fault.traits.words}" for fault, count in fewer.items()),
        gravest=tuple(map(finding_facts, scan.gravest)),
        unseen=scan.unseen,
    )


def worse_facts(scan: PostureScan) -> WorseFacts:
    """The alert of what a scan found that is new and grave."""
    return WorseFacts(
        number=scan.number,
        headline=sentence(
            Strong("The posture got worse"), f": {plural(scan.worse_count, 'grave finding')} that nobody was told of."
        ),
        findings=tuple(map(finding_facts, scan.worse)),
        more=scan.worse_count - len(scan.worse),
    )


NOTHING_FOUND: Sentence = ("Nothing that lets mail through needs looking after, as far as it could be seen.",)


def _faults(finding: Finding) -> str:
    return ", ".join(fault.traits.words for fault in finding.faults)


def _asked_by(finding: Finding) -> Sentence:
    row = finding.row
    if row is None or row.known is None:
        return ()
    number = row.number if row.number is not None else row.known.request_id
    asked = "asked by " if row.known.is_named else "nobody asked for it: it came of the submission of "
    return (f" · {asked}", Who(row.known.requester), f", #{number}")


def _against(scan: PostureScan, before: PostureScan | None) -> Sentence:
    if before is None or set(scan.unseen) != set(before.unseen):
        return (".",)
    # The summary before this one is longer ago where some were missed, or were switched off.
    then: Sentence = ("a week ago.",) if scan.at - before.at < _TWO_WEEKS else ("on ", Day(before.at), ".")
    difference = scan.findings - before.findings
    if not difference:
        return sentence(", as many as " if scan.findings else ", as ", then)
    return sentence(f", {abs(difference):,} {'more' if difference > 0 else 'fewer'} than ", then)
