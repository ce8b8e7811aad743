"""The posture as a report: what it holds, as JSON, and as text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.cli.sentences import in_words, moment, printable
from bot.cli.terminal import console_for, say
from bot.domain.posture.baseline import PostureResult
from bot.domain.posture.finding import Finding, Gravity
from bot.domain.posture.scans import FaultKey, KeptFault, PostureScan, counted, grave
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.telling.posture_facts import REMEDIES, counts_line, finding_facts, is_met, rule_line

#: So many findings are printed for people; the others are counted.
_MOST_SHOWN = 50
_INDENT = " " * 6
_STYLES = {Gravity.GRAVE: "bold red", Gravity.SERIOUS: "bold yellow", Gravity.MINOR: "bold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the database has for a report: what is on record of entries, since when faults were seen, and the scans."""

    known: Sequence[KnownEntry] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)  #: by which people know the requests of these
    kept: Mapping[FaultKey, KeptFault] = field(default_factory=dict)
    scans: Sequence[PostureScan] = ()  #: the oldest first
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureReport:
    """The posture of a tenant, for whoever reads it elsewhere than in Slack."""

    as_of: datetime  #: when the lists were read
    made_at: datetime
    baseline: tuple[PostureResult, ...]
    findings: tuple[Finding, ...]  #: the gravest first
    unseen: tuple[str, ...]  #: what could not be seen, a sentence each
    history: Sequence[PostureScan] = ()  #: the oldest first
    tenant: str = ""  #: empty: not known, as of a file

    @property
    def is_scanned(self) -> bool:
        """Whether it is known since when findings have been there."""
        return bool(self.history) or any(finding.since for finding in self.findings)


def as_object(report: PostureReport) -> dict[str, Any]:
    """The report as machines get it: plain values, dates in ISO 8601."""
    return {
        "as_of": report.as_of.isoformat(),
        "baseline": [_rule(result) for result in report.baseline],
        "counts": counted(report.findings),
        "findings": [_finding(finding) for finding in report.findings],
        "unseen": list(report.unseen),
        "history": [
            {
                "at": scan.at.isoformat(),
                "findings": scan.findings,
                "grave": scan.grave,
                "new": scan.added,
                "gone": scan.gone,
                "counts": dict(scan.counts),
            }
            for scan in report.history
        ],
    }


def show(report: PostureReport) -> None:
    """Print the report for people, in lines that fit the terminal."""
    console = console_for()
    for result in report.baseline:
        _show_rule(console, result)
    counts = counts_line(len(report.findings), grave(report.findings))
    console.print()
    say(console, Text(f"{counts}. Lists as of {moment(report.as_of)}", style="bold"))
    for finding in report.findings[:_MOST_SHOWN]:
        facts = finding_facts(finding, is_scanned=report.is_scanned)
        word = Text(f"{facts.gravity.words.upper():<8}", style=_STYLES[facts.gravity])
        what, _, rest = in_words(facts.line).partition(" · ")
        say(console, what, before=word)
        remedy = facts.where or REMEDIES.get(facts.remedy, "")
        say(console, rest, before=_INDENT)
        say(console, remedy.rstrip("…"), before=f"{_INDENT}→ ")
    if (left := len(report.findings) - _MOST_SHOWN) > 0:
        say(console, f"…and {left:,} more: --json and --html have all of them")
    for gap in report.unseen:
        say(console, f"Not seen: {printable(gap)}", hang=2)


def _show_rule(console: Console, result: PostureResult) -> None:
    style = "bold green" if is_met(result) else "bold red"
    outcome = Text.assemble((result.result.value.upper(), style), "  ")
    say(console, f"{rule_line(result)} {result.title}", before=outcome)
    say(console, printable(result.details), before=_INDENT)
    for entry in result.entries[:_MOST_SHOWN]:
        say(console, f"{printable(entry.value)}  ({printable(entry.policy)})", before=f"{_INDENT}- ")
    if (left := len(result.entries) - _MOST_SHOWN) > 0:
        say(console, f"…and {left:,} more", before=_INDENT)


def _rule(result: PostureResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "former_id": result.former_id,
        "also": list(result.also),
        "title": result.title,
        "result": result.result.value,
        "details": result.details,
        "policies": list(result.policies),
        "entries": [entry.value for entry in result.entries],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    facts = finding_facts(finding)
    row = finding.row
    known = None if row is None else row.known
    return {
        "id": finding.name,
        "place": finding.place,
        "value": finding.value,
        "part": finding.within,
        "when": finding.detail if finding.override is not None else "",
        "gravity": finding.gravity.words,
        "faults": [
            {"fault": fault.value, "since": since.isoformat() if (since := finding.since.get(fault)) else None}
            for fault in finding.faults
        ],
        "ends": row.end.isoformat() if row is not None and row.end is not None else None,
        "note": "" if row is None else row.note,
        "request": None if known is None else known.request_id,
        "proposal": None if row is None or known is None else row.number,
        "requester": None if known is None else known.requester,
        "named": None if known is None else known.is_named,
        "remedy": finding.remedy.value,
        "where": facts.where,
    }
