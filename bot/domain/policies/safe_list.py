"""The safe-list switch of the connection filter: it may be turned off, and never on.

Sources: Microsoft, "Configure connection filtering"; CISA SCuBA, MS.SECURITYSUITE.8.2v1 (formerly MS.EXO.12.2v1): safe
lists SHOULD NOT be enabled; CIS Microsoft 365 benchmark, 2.1.13.
"""

from __future__ import annotations

from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Case, Findings, Refusal
from bot.domain.policies.reason_and_end import check_reason


def refuse_safe_list_on() -> Refusal:
    """Why the safe list is not turned on."""
    return Refusal(
        code="safe_list_on",
        text=(
            "Portcullis doesn't turn the safe list on. Mail from servers on Microsoft's own list of good senders would "
            "skip spam filtering, and nobody here can see or change that list. The security baseline says that safe "
            "lists SHOULD NOT be enabled (CISA SCuBA MS.SECURITYSUITE.8.2v1, formerly MS.EXO.12.2v1; CIS 2.1.13)."
        ),
        remedy="Where wanted mail is stopped, propose an allow for its sender with /allow.",
    )


def check_safe_list_off(case: Case, findings: Findings) -> None:
    """The rules for turning it off: it has to be on, as far as is known."""
    check_reason(case, findings)
    if case.lists is None or not case.list_is_known:
        why = f" ({case.lists.unreadable[ListName.CONNECTION_FILTER]})" if case.lists is not None else ""
        findings.refuse(
            "safe_list_unknown",
            f"The connection filter has not been read{why}, so whether the safe list is on is not known.",
            "Try again in some minutes. If it goes on, tell whoever runs Portcullis: portcullis doctor says more.",
        )
        return
    if not case.proposal.indicators:
        findings.refuse("safe_list_is_off", "The safe list is off in every policy already.", "Nothing to do.")
        return
    on = {policy.identity: policy.safe_list for policy in case.lists.policies}
    for indicator in case.proposal.indicators:
        shown = quoted(indicator.value)
        if indicator.value not in on:
            findings.refuse(
                "no_such_policy",
                f"There is no connection filter policy {shown}.",
                "Look with /safelist which policies there are.",
                indicator=indicator,
            )
        elif not on[indicator.value]:
            findings.refuse(
                "safe_list_is_off",
                f"The safe list of policy {shown} is off already.",
                "Nothing to do.",
                indicator=indicator,
            )
    findings.warn(
        "safe_list_reserved",
        "Microsoft's pages disagree on this switch: one documents it, another calls it reserved for Microsoft's own "
        "use. Whether it went off is read back.",
    )
    findings.warn(
        "filtering_resumes",
        "Mail from servers on Microsoft's own list of good senders is filtered like any other then, and can be stopped "
        "as spam. The IP Allow List and the IP Block List stay as they are.",
    )
