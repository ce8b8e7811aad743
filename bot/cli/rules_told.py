"""The operator's rules in a sentence each, for who reads them in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.who_decides import ApproverRule
from bot.domain.telling.counting import plural
from bot.settings.rules_file import RulesFile


def told(rules: RulesFile) -> Iterator[tuple[str, str]]:
    """The name of each rule and what it says, in the order of the file."""
    for rule in rules.approvers:
        yield rule.name, _of_approval(rule)
    for needless in rules.need_nobody:
        yield needless.name, _without_approval(needless)


def _of_approval(rule: ApproverRule) -> str:
    who = f"decided by {', '.join(rule.approvers)} (of the approvers)" if rule.approvers else "decided by any approver"
    what = f"{_words(rule.acts) or 'everything'} on {_words(rule.lists) or 'any list'}"
    return f"{what}: {who}, at least {plural(rule.approvals, 'approval')}."


def _without_approval(rule: NobodyRule) -> str:
    return (
        f"blocks on {_words(rule.lists)}, asked for by {', '.join(rule.requesters)}, need nobody: {rule.most} at once, "
        f"{rule.per_hour} an hour, {plural(rule.addresses, 'address', 'addresses')} each, for "
        f"{plural(rule.longest.days, 'day')} at most."
    )


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(str(name).replace("_", "-") for name in names))
