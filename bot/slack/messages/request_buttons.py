"""The buttons about a request. Each carries the request's id and version, and says aloud which request it is about."""

from __future__ import annotations

from slack_sdk.models.blocks import ButtonElement

from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.ids import ActionId, Carried


def carried(facts: RequestFacts) -> str:
    """What every button about a request carries."""
    return str(Carried(request_id=facts.id, version=facts.version))


def details_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the details of a request."""
    return elements.button(
        "Details", action_id=ActionId.DETAILS, value=carried(facts), spoken=f"Details of #{facts.number}"
    )


def approve_button(facts: RequestFacts) -> ButtonElement:
    """The button that approves a request, or opens all of it first where there is a question to answer."""
    spoken = f"Approve #{facts.number}{', after reading all of it' if facts.question else ''}"
    return elements.button("Approve", action_id=ActionId.APPROVE, value=carried(facts), spoken=spoken, style="primary")


def approve_some_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the form in which an approver leaves lines out."""
    spoken = f"Approve some of the lines of #{facts.number}"
    return elements.button("Approve some…", action_id=ActionId.APPROVE_SOME, value=carried(facts), spoken=spoken)


def deny_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the form which asks why."""
    spoken = f"Deny #{facts.number}, and say why"
    return elements.button("Deny…", action_id=ActionId.DENY, value=carried(facts), spoken=spoken, style="danger")


def decide_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens all of a request, to approve or deny it elsewhere than on its card."""
    words, spoken = "Decide…", f"Decide on #{facts.number}, after reading all of it"
    if facts.awaits_review:
        words, spoken = "Review…", f"Review emergency block #{facts.number}"
    return elements.button(words, action_id=ActionId.DECIDE, value=carried(facts), spoken=spoken)


def keep_button(facts: RequestFacts) -> ButtonElement:
    """The button by which an approver keeps an emergency block."""
    spoken = f"Keep emergency block #{facts.number}"
    return elements.button("Keep", action_id=ActionId.KEEP, value=carried(facts), spoken=spoken, style="primary")


def take_out_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the form in which an emergency block is taken out."""
    spoken = f"Take out emergency block #{facts.number}, and say why"
    return elements.button(
        "Take out…", action_id=ActionId.TAKE_OUT, value=carried(facts), spoken=spoken, style="danger"
    )


def decide_several_button() -> ButtonElement:
    """The button that opens what waits for the reader, to approve several of them together."""
    spoken = "Approve several requests together, after reading each"
    return elements.button("Approve several…", action_id=ActionId.DECIDE_SEVERAL, value=elements.NOTHING, spoken=spoken)


def try_again_button(facts: RequestFacts) -> ButtonElement:
    """The button that has what failed applied once more."""
    spoken = f"Try again what failed of #{facts.number}"
    return elements.button("Try again", action_id=ActionId.TRY_AGAIN, value=carried(facts), spoken=spoken)


def propose_again_button(facts: RequestFacts) -> ButtonElement:
    """The button that opens the form with what was asked for, for whoever asked."""
    spoken = f"Propose again what #{facts.number} asked for"
    return elements.button("Propose again", action_id=ActionId.PROPOSE_AGAIN, value=carried(facts), spoken=spoken)


def withdraw_button(facts: RequestFacts) -> ButtonElement:
    """The button that takes a request back, below the requester's own line about it."""
    return elements.button(
        "Withdraw", action_id=ActionId.WITHDRAW, value=carried(facts), spoken=f"Withdraw #{facts.number}"
    )


def withdraw_here_button(facts: RequestFacts) -> ButtonElement:
    """The button that takes a request back, below the answer that whoever asked for it sees alone."""
    return elements.button(
        "Withdraw", action_id=ActionId.WITHDRAW_HERE, value=carried(facts), spoken=f"Withdraw #{facts.number}"
    )


def subdomains_button(facts: RequestFacts) -> ButtonElement:
    """The button that replaces a request by one with the subdomains of its domains, for whoever asked for it."""
    domains = "domain's" if facts.domains_left == 1 else "domains'"
    of_all = "its" if facts.total == 1 else "their"
    its = of_all if facts.domains_left == facts.total else f"the {domains}"
    spoken = f"Block {its} subdomains too: that replaces #{facts.number}"
    return elements.button(
        f"Block {its} subdomains too", action_id=ActionId.ADD_SUBDOMAINS, value=carried(facts), spoken=spoken
    )
