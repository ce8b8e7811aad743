"""Submitting to Microsoft what should not have been blocked, which makes the allow entries.

Sources: Microsoft, "Manage allows and blocks in the Tenant Allow/Block List" and "Use the Submissions page"; Microsoft
Graph, "threatSubmission".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import listed_as
from bot.domain.lists.entries import Entry, has_ended
from bot.domain.lists.traits import Action, ListName, title
from bot.domain.lists.url_pattern import read_url
from bot.domain.policies.case import Case, Field, Findings
from bot.domain.policies.empty_file import refuse_empty_file
from bot.domain.policies.gateway_links import refuse_gateway, warn_of_fragment
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.submission_evidence import check_evidence_matches
from bot.domain.requests.evidence import Evidence
from bot.domain.submissions.texts import PAGE, TABS

_EMAIL_CREATES = (
    "What the submission of an email creates depends on what blocked it. Stopped by spoof intelligence: an allow for "
    "the spoofed sender. Stopped as impersonation: no entry, but the sender is trusted in the anti-phishing policy. "
    "Stopped for a file or a URL: an allow for that file or URL. Otherwise: an allow for the sender. Not blocked by "
    "filtering: nothing."
)

#: What Microsoft makes of a submission, for each list.
_CREATES: Mapping[ListName, str] = {
    ListName.SENDER: _EMAIL_CREATES,
    ListName.URL: "The submission creates an allow for the URL, which covers variations of it too.",
    ListName.FILE: "The submission creates an allow for the file.",
}

#: Microsoft documents the allow action for submissions of emails only.
_BARE_URL_CREATES = (
    "A URL is submitted without a message here. Microsoft may judge it without making an allow entry: the answer will "
    "say so, and what to do by hand then."
)

_LASTS = (
    "An entry made like this lasts until 45 days after its last use, or until a date 30 days ahead at most. Microsoft "
    "learns from it meanwhile, and removes it then."
)

SIMULATIONS = (
    "URLs of a phishing simulation belong in the advanced delivery configuration, not in the Tenant Allow/Block List."
)


def steps(name: ListName) -> str:
    """What to do on Microsoft's Submissions page, to have an allow made for something that goes to this list."""
    return (
        f"Open {PAGE}, tab {TABS[name]}, submit it as one that should not have been blocked, and choose the "
        "option to allow it."
    )


def check_by_hand(case: Case, findings: Findings) -> None:
    """Where Portcullis may not submit, nor allow directly: say where, how, and what comes of it."""
    name = case.proposal.list
    for indicator in case.proposal.indicators:
        if _is_blocked_here(case, indicator, _standing(case, indicator), findings):
            continue
        findings.refuse(
            "allow_by_submission",
            f"An allow for {defanged(indicator.value)} is not made directly. A submission to Microsoft creates the "
            "entries that the filters need, and only those, for as long as they are used.",
            steps(name),
            indicator=indicator,
        )
    findings.better_ways.append(steps(name))
    findings.better_ways.append(f"{_CREATES[name]} {_LASTS}")
    if name is ListName.URL:
        findings.better_ways.append(SIMULATIONS)


def check_submission(case: Case, findings: Findings) -> None:
    """The rules for a submission that Portcullis files."""
    if not case.rules.submissions:
        check_by_hand(case, findings)
        return
    check_reason(case, findings)
    check_end(case, findings)
    _check_evidence(case, findings)
    check_evidence_matches(case, findings)
    for indicator in case.proposal.indicators:
        _check_listed_already(case, indicator, findings)
        _check_host(indicator, findings)
        refuse_empty_file(indicator, findings)
        if case.proposal.list is ListName.URL:
            warn_of_fragment(indicator, findings)
            _check_one_url(indicator, findings)
    _say_what_comes_of_it(case, findings)


def is_enough(evidence: Evidence | None) -> bool:
    """Whether Microsoft can look at a message: its file, or where it lies and whose it is."""
    return evidence is not None and bool(evidence.file_name or (evidence.message_url and evidence.recipient))


def _check_evidence(case: Case, findings: Findings) -> None:
    name = case.proposal.list
    if name is ListName.URL or is_enough(case.proposal.evidence):
        return
    what = "the message that was blocked" if name is ListName.SENDER else "the file, or the message that it came with,"
    findings.refuse(
        "evidence_missing",
        f"Microsoft needs to see {what} to judge it.",
        f"Upload it, or give the message's address in Microsoft Graph and who was to get it. Without it: {steps(name)}",
        at=Field.EVIDENCE,
    )


def _standing(case: Case, indicator: Indicator) -> list[Entry]:
    return [entry for entry in case.near(indicator) if not has_ended(entry, case.now)]


def _is_blocked_here(case: Case, indicator: Indicator, standing: Sequence[Entry], findings: Findings) -> bool:
    """Whether the tenant's own entry blocks it: then no submission helps, and the proposal says what does."""
    name, shown = case.proposal.list, defanged(indicator.value)
    if not listed_as(standing, indicator, Action.BLOCK):
        return False
    findings.refuse(
        "other_action",
        f"{shown} is in the {title(name, Action.BLOCK)}: you blocked it yourselves, and there a value exists once.",
        "Remove it there first, with /unblock. That may be all it takes.",
        indicator=indicator,
    )
    return True


def _check_listed_already(case: Case, indicator: Indicator, findings: Findings) -> None:
    name, shown = case.proposal.list, defanged(indicator.value)
    standing = _standing(case, indicator)
    if _is_blocked_here(case, indicator, standing, findings):
        return
    if listed_as(standing, indicator, Action.ALLOW):
        findings.warn(
            "allowed_already",
            f"{shown} is in the {title(name, Action.ALLOW)} already. What still stops its mail is something else.",
        )


def _check_host(indicator: Indicator, findings: Findings) -> None:
    """Nobody asks Microsoft to allow the host of a mail gateway."""
    match indicator.kind:
        case Kind.DOMAIN:
            host = indicator.value.removeprefix("*.")
        case Kind.URL:
            pattern = read_url(indicator.value)
            host = pattern.host if pattern is not None else ""
        case _:
            return
    refuse_gateway(indicator, host, findings, with_subdomains=False)


def _check_one_url(indicator: Indicator, findings: Findings) -> None:
    if any(mark in indicator.value for mark in "*~"):
        findings.refuse(
            "url_pattern",
            f"{defanged(indicator.value)} stands for many URLs; a submission is about one.",
            "Name the URL that was blocked. Its submission covers variations of it too.",
            indicator=indicator,
        )


def _say_what_comes_of_it(case: Case, findings: Findings) -> None:
    evidence = case.proposal.evidence
    findings.warn("submission_creates", f"{_creates(case)} {_LASTS}")
    if evidence is not None and (evidence.message_url or evidence.file_name):
        findings.warn("submission_hands_over", "What is submitted leaves your tenant: people at Microsoft may read it.")
        if len(case.proposal.indicators) > 1:
            findings.warn(
                "submission_of_several",
                "One message stands for all of these: Microsoft makes entries for what is in it, and for nothing else.",
                serious=True,
            )
    if case.proposal.list is ListName.URL:
        findings.warn("simulation_urls", SIMULATIONS)


def _creates(case: Case) -> str:
    """What comes of it: a file that lies in a message is judged with the message."""
    evidence = case.proposal.evidence
    if evidence is not None and (evidence.message_url or evidence.message is not None):
        return _EMAIL_CREATES
    return _BARE_URL_CREATES if case.proposal.list is ListName.URL else _CREATES[case.proposal.list]
