"""Giving an entry a new note: the request's reason is what the note will say.

Microsoft documents no limit for `-Notes` ("Set-TenantAllowBlockListItems"), so a note is as long as a reason may be.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.entries import Entry
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.current_end import record_of
from bot.domain.policies.listed import check_listed
from bot.domain.policies.reason_and_end import check_reason


def check_annotation(case: Case, findings: Findings) -> None:
    """The rules for notes: something is said, and the entry is there."""
    check_reason(case, findings)
    for indicator in case.proposal.indicators:
        listed = check_listed(case, indicator, findings)
        if listed and _has_no_place(case, listed[0]):
            findings.refuse(
                "note_has_no_place",
                f"{defanged(indicator.value)} was not asked for here, and its list keeps no notes.",
                "Give it an end with /extend first: then Portcullis keeps a record of it, and notes with that.",
                indicator=indicator,
            )
        elif listed:
            _say_what_goes(case, indicator, listed[0], findings)
    if not case.proposal.list.traits.keeps_notes:
        findings.warn(
            "note_kept_by_portcullis",
            "This list keeps no notes: Portcullis keeps this one, and /check shows it. The tenant is not changed.",
        )


def _has_no_place(case: Case, entry: Entry) -> bool:
    """Whether neither the list nor Portcullis has anything that a note could be written on."""
    return not case.proposal.list.traits.keeps_notes and case.known is not None and record_of(case, entry) is None


def _say_what_goes(case: Case, indicator: Indicator, entry: Entry, findings: Findings) -> None:
    record = record_of(case, entry)
    before = entry.notes or (record.notes if record is not None else "")
    if before:
        findings.warn("note_replaced", f"{defanged(indicator.value)}: its note now, {quoted(before)}, is replaced.")
