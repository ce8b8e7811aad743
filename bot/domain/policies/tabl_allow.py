"""Allow entries of the Tenant Allow/Block List: most come from a submission, spoofed senders are direct.

Sources: Microsoft, "Manage allows and blocks in the Tenant Allow/Block List" and "Use the Submissions page".
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.coverage import read_pair
from bot.domain.defanging import defanged
from bot.domain.indicators import Indicator
from bot.domain.lists import ListName
from bot.domain.policies.names import is_own
from bot.domain.policies.proposal import Case, Findings
from bot.domain.policies.reason_and_end import check_end, check_reason

SUBMISSIONS = "https://security.microsoft.com/reportsubmission"

#: The tab to submit on, for each list.
_TABS: Mapping[ListName, str] = {
    ListName.SENDER: "Emails",
    ListName.URL: "URLs",
    ListName.FILE: "Email attachments",
}

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

SIMULATIONS = (
    "URLs of a phishing simulation belong in the advanced delivery configuration, not in the Tenant Allow/Block List."
)


def check_allow_by_submission(case: Case, findings: Findings) -> None:
    """Domains, addresses, URLs and files aren't allowed directly: say where, how, and what comes of it."""
    name = case.proposal.list
    how = (
        f"Open {SUBMISSIONS}, tab {_TABS[name]}, submit it as one that should not have been blocked, and choose the "
        "option to allow it."
    )
    for indicator in case.proposal.indicators:
        findings.refuse(
            "allow_by_submission",
            f"An allow for {defanged(indicator.value)} is not made directly. A submission to Microsoft creates the "
            "entries that the filters need, and only those, for 30 days.",
            how,
            indicator=indicator,
        )
    findings.better_ways.append(how)
    findings.better_ways.append(
        f"{_CREATES[name]} An entry made like this lasts 30 days, while Microsoft learns from it, and is then removed."
    )
    if name is ListName.URL:
        findings.better_ways.append(SIMULATIONS)


def check_spoof_allow(case: Case, findings: Findings) -> None:
    """A spoofed sender may be allowed directly, even before spoof intelligence has seen it."""
    check_reason(case, findings)
    check_end(case, findings)
    for indicator in case.proposal.indicators:
        _check_pair(case, indicator, findings)
    findings.better_ways.append(
        "Have the sender repair SPF, DKIM or DMARC: then the mail is no longer taken for spoofed, and needs no entry."
    )


def _check_pair(case: Case, indicator: Indicator, findings: Findings) -> None:
    shown = defanged(indicator.value)
    findings.warn(
        "spoof_allow",
        f"{shown}: mail from this infrastructure may pretend to be this sender, and is no longer stopped for that. "
        "Everything else about it is still filtered.",
    )
    pair = read_pair(indicator.value)
    if pair is None:
        return
    if pair.infrastructure == "*":
        findings.warn(
            "spoof_allow_any_source",
            f"{shown}: with * as the infrastructure, anybody at all may pretend to be this sender.",
            serious=True,
        )
    if pair.user == "*":
        findings.warn(
            "spoof_allow_any_sender",
            f"{shown}: with * as the sender, this infrastructure may pretend to be anybody, your own people included.",
            serious=True,
        )
    elif is_own(pair.user.rpartition("@")[2], case.accepted_domains):
        findings.warn(
            "spoof_allow_own_domain",
            f"{shown}: the sender is one of your own. A stranger who gets at this infrastructure can write as your "
            "people.",
            serious=True,
        )
