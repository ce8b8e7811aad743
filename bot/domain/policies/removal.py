"""Taking an entry out of a list: it has to be there, and people must know what happens then."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.traits import Action, ListName, title
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.listed import check_listed, covering
from bot.domain.policies.reason_and_end import check_reason

#: What mail meets when the entry is gone: code and text.
_AFTERWARDS: Mapping[tuple[ListName, Action], tuple[str, str]] = {
    (ListName.CONNECTION_FILTER, Action.ALLOW): (
        "filtering_resumes",
        "Mail from there is filtered like any other again: spam filtering, SPF, DKIM and DMARC apply.",
    ),
    (ListName.CONNECTION_FILTER, Action.BLOCK): (
        "mail_accepted_again",
        "Mail from there is no longer refused at the edge. It goes through the usual filtering.",
    ),
    (ListName.SENDER, Action.BLOCK): (
        "mail_accepted_again",
        "Mail from there is no longer quarantined as high-confidence phishing, and your people can write to it again.",
    ),
    (ListName.SENDER, Action.ALLOW): (
        "filtering_resumes",
        "Mail from there is filtered like any other again, and can be stopped as spam or phishing.",
    ),
    (ListName.URL, Action.BLOCK): (
        "mail_accepted_again",
        "Mail with this URL is no longer quarantined for it, and people can open it if nothing else stops them.",
    ),
    (ListName.URL, Action.ALLOW): (
        "filtering_resumes",
        "This URL is judged like any other again, and mail with it can be stopped.",
    ),
    (ListName.FILE, Action.BLOCK): (
        "mail_accepted_again",
        "Mail with this file is no longer quarantined as malware for it. Malware scanning goes on.",
    ),
    (ListName.FILE, Action.ALLOW): (
        "filtering_resumes",
        "This file is judged like any other again, and mail with it can be stopped.",
    ),
    (ListName.IP, Action.BLOCK): (
        "mail_accepted_again",
        "Mail from there is no longer refused at the edge. It goes through the usual filtering.",
    ),
    (ListName.IP, Action.ALLOW): (
        "filtering_resumes",
        "The IP filters apply again: mail from there can be refused for its address.",
    ),
    (ListName.SPOOF, Action.BLOCK): (
        "mail_accepted_again",
        "Spoof intelligence judges this pair by itself again, and may let its mail through.",
    ),
    (ListName.SPOOF, Action.ALLOW): (
        "filtering_resumes",
        "Spoof intelligence judges this pair by itself again, and may stop its mail.",
    ),
}


def check_removal(case: Case, findings: Findings) -> None:
    """The rules for removing entries."""
    check_reason(case, findings)
    for indicator in case.proposal.indicators:
        if check_listed(case, indicator, findings):
            _say_what_stays(case, indicator, findings)
    code, text = _AFTERWARDS[case.proposal.list, case.proposal.action]
    findings.warn(code, text)


def _say_what_stays(case: Case, indicator: Indicator, findings: Findings) -> None:
    others = covering(case, indicator)
    if others:
        findings.warn(
            "still_covered",
            f"{defanged(indicator.value)} stays covered by {defanged(others[0].value)} in the "
            f"{title(case.proposal.list, case.proposal.action)}: removing this entry changes little.",
            serious=True,
        )
