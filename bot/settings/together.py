"""What each part of the settings takes by itself, and what could never work together."""

from __future__ import annotations

from bot.domain.requests.who_decides import too_few
from bot.domain.telling.counting import plural
from bot.settings.part import PREFIX
from bot.settings.policy import PolicySettings
from bot.settings.slack import SlackSettings
from bot.settings.tenant import LookingSettings, TenantSettings


def impossible_together(
    tenant: TenantSettings | None, policy: PolicySettings | None, looking: LookingSettings | None
) -> list[str]:
    """What each part takes by itself, and what could never work. A part that is wrong has lines of its own."""
    if tenant is None or tenant.cloud == "world":
        return []
    # Source: the table of national clouds on Microsoft's page about each of them.
    worldwide = {
        "SUBMISSIONS": (
            policy is not None and policy.submissions,
            "takes submissions",
            "people are shown how to submit by hand",
        ),
        "AUDIT_LOG": (
            looking is not None and looking.audit_log,
            "searches the audit log",
            "nobody is named who changed an entry past Portcullis",
        ),
        "MAIL_FIGURES": (
            looking is not None and looking.mail_figures in {"trace", "both"},
            "traces messages",
            "cards go without figures; or to hunting, which is offered there, too",
        ),
    }
    return [
        f"{PREFIX}{name}: Microsoft Graph {does} in the worldwide cloud only, and {PREFIX}CLOUD is {tenant.cloud}; "
        f"set it to off, and {then}."
        for name, (is_on, does, then) in worldwide.items()
        if is_on
    ]


def undecidable(slack: SlackSettings | None, policy: PolicySettings | None) -> list[str]:
    """What the rules let nobody, or too few, of the approvers ever approve."""
    if slack is None or policy is None:
        return []
    found = too_few(policy.rules.approvers, slack.approvers)
    if not found:
        return []
    first, others = found[0], len(found) - 1
    kind = f"“{first.about.act.value}” on {first.about.list.value.replace('_', '-')}"
    can = f"only {first.can} of" if first.can else "nobody in"
    told = (
        f"by the rules, {kind} takes {plural(first.needed, 'approval')}, and {can} {PREFIX}APPROVERS may decide on it."
    )
    if others:
        told += f" {plural(others, 'other kind', 'other kinds')} of change {'has' if others == 1 else 'have'} the same "
        told += "problem."
    rules = [rule for rule in policy.rules.approvers if rule.is_about(first.about)]
    strangers = sorted({name for rule in rules for name in rule.approvers} - set(slack.approvers))
    add = ", ".join(strangers) or "more people"
    return [f"{PREFIX}RULES_FILE: {told} Add {add} to {PREFIX}APPROVERS, or change the rules."]
