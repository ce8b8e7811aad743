"""A block of a domain doesn't cover its subdomains: said to whoever proposes or approves one, with a way to have both.

Source: Microsoft, "Allow or block email using the Tenant Allow/Block List": a domain's entry is for that domain alone,
`*.` before it for its subdomains. Whether that covers the domain itself can be read both ways there.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import recorded
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import has_ended
from bot.domain.lists.sender_pattern import SenderPattern, read_sender
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.import_limits import MOST_BY_HAND
from bot.domain.policies.names import is_public_suffix
from bot.domain.requests.request import ItemState, Request

#: The code of the warning, by which a request is known whose domains have subdomains that it doesn't block.
NOT_COVERED = "subdomains_not_covered"


def check_subdomains(case: Case, findings: Findings) -> None:
    """Sender blocks of domains, or of their subdomains: warned of what each leaves, unless that is blocked as well."""
    senders = {indicator: read_sender(indicator.value) for indicator in case.proposal.indicators}
    proposed = frozenset(senders.values())
    for indicator, sender in senders.items():
        if sender is None or sender.local or is_public_suffix(sender.domain):
            continue
        other = SenderPattern(domain=sender.domain, below=not sender.below)
        if other in proposed or _is_blocked(case, indicator, other):
            continue
        shown, domain = defanged(indicator.value), defanged(sender.domain)
        if sender.below:
            findings.warn(
                "domain_itself_unsure",
                f"{shown} is for the subdomains. Microsoft doesn't say clearly whether it also stops mail from "
                f"{domain} itself: to stop both, block both.",
            )
        else:
            below = defanged(f"*.{sender.domain}")
            findings.warn(NOT_COVERED, f"{shown} doesn't cover its subdomains: for those, block {below} as well.")


def _is_blocked(case: Case, beside: Indicator, sender: SenderPattern) -> bool:
    return any(
        entry.action is Action.BLOCK and not has_ended(entry, case.now) and read_sender(entry.value) == sender
        for entry in case.near(beside)
    )


def offers_subdomains(request: Request) -> bool:
    """Whether whoever asked for a request may have the subdomains of its domains added to it with one click.

    It has to be pending and to leave some out, and to stay small enough to be read on a card. Imports are left as they
    were given.
    """
    return (
        request.is_open
        and request.operation is Operation.ADD
        and request.list is ListName.SENDER
        and any(warning.code == NOT_COVERED for warning in request.warnings)
        and 0 < request.asked * 2 <= MOST_BY_HAND
        and not request.set_aside
        and all(item.line is None for item in request.items)
    )


def left_below(request: Request) -> int:
    """How many domains of a request have subdomains that it leaves."""
    asked = {value_key(request.list, item.value) for item in request.items if item.state is not ItemState.LEFT_OUT}
    return len(with_subdomains(request)) - len(asked)


def with_subdomains(request: Request) -> tuple[Indicator, ...]:
    """The indicators of a request, and behind each domain its subdomains, where they aren't among them already.

    Without those that an approver left out: nobody asks for them any more.
    """
    found: dict[object, Indicator] = {
        value_key(request.list, item.value): recorded(item.kind, item.value, item.notes)
        for item in request.items
        if item.state is not ItemState.LEFT_OUT
    }
    both: list[Indicator] = []
    for indicator in found.values():
        both.append(indicator)
        sender = read_sender(indicator.value)
        if sender is None or sender.local or sender.below or is_public_suffix(sender.domain):
            continue
        below = recorded(Kind.DOMAIN, f"*.{sender.domain}")
        if value_key(request.list, below.value) not in found:
            both.append(below)
    return tuple(both)
