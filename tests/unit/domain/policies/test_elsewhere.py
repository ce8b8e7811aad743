"""What a proposal is warned of because of what else lets mail through or stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Does, Override, PlaceReading
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import MARKED_AS_SPAM
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Rules
from bot.domain.requests.proposal import Proposal
from tests.unit.domain.overrides.making import addresses, domains, ips, override
from tests.unit.domain.policies.proposals import propose
from tests.unit.domain.tenant_lists import NOW, entry, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
EVIL, IP = "evil.example", "203.0.113.7"
RULE = override(domains(EVIL), name="Partner")
WITH_IP = override(domains(EVIL), ips(IP), name="Relay")
IP_RULE = override(ips("203.0.113.0/24"), name="Relay")
ANY = override(name="Invoices", when=("the subject has “invoice”",))
SIMULATION = override(domains(EVIL), ips(IP), place=Place.ADVANCED_DELIVERY, name="Simulation")
TRUSTED = override(domains(EVIL), place=Place.ANTI_PHISHING, name="Strict", is_partial=True)
BAN = override(domains(EVIL), name="Ban", does=Does.STOPS, how="it is deleted")
MARKS = override(domains(EVIL), name="Marks", does=Does.STOPS, how=MARKED_AS_SPAM)
IP_BAN = override(ips(IP), name="Ban", does=Does.STOPS, how="it is deleted")
SPAM = override(addresses(f"info@{EVIL}"), place=Place.ANTI_SPAM, name="Default")

#: What this rule says, and whether gravely.
CODES = {
    "let_past_block": True,
    "let_through_elsewhere": False,
    "still_let_through": False,
    "stopped_elsewhere": True,
    "already_let_through": False,
}


def assessed(proposal: Proposal, *overrides: Override) -> Assessment:
    listed = entry(ListName.SENDER, ALLOW, EVIL)
    lists = tenant(*([listed] if proposal.operation is Operation.REMOVE else []))
    places = tuple(PlaceReading(place=each.place, overrides=(each,)) for each in overrides)
    return assess(proposal, replace(lists, places=places), Rules(direct_allow=True), now=NOW)


def removal() -> Proposal:
    return replace(propose(ALLOW, EVIL), operation=Operation.REMOVE)


@pytest.mark.parametrize(
    ("proposal", "overrides", "codes"),
    [
        (propose(BLOCK, EVIL), (), []),
        (propose(BLOCK, EVIL), (RULE,), ["let_through_elsewhere"]),
        (propose(BLOCK, EVIL), (WITH_IP,), ["let_through_elsewhere"]),
        (propose(BLOCK, EVIL), (SPAM,), ["let_through_elsewhere"]),
        (propose(BLOCK, EVIL), (RULE, SIMULATION), ["let_past_block"]),
        (propose(BLOCK, EVIL), (ANY,), []),
        (propose(BLOCK, EVIL), (TRUSTED,), []),
        (propose(BLOCK, EVIL), (BAN,), []),
        (propose(BLOCK, IP), (IP_RULE,), []),
        (propose(ALLOW, EVIL), (RULE,), ["already_let_through"]),
        (propose(ALLOW, EVIL), (WITH_IP,), []),
        (propose(ALLOW, EVIL), (BAN,), ["stopped_elsewhere"]),
        (propose(ALLOW, EVIL), (MARKS,), []),  # the filter goes on, and Microsoft doesn't say which wins there
        (propose(ALLOW, EVIL), (BAN, RULE), ["stopped_elsewhere", "already_let_through"]),
        (propose(ALLOW, IP, days=3), (IP_BAN,), ["stopped_elsewhere"]),
        (removal(), (RULE,), ["still_let_through"]),
        (removal(), (), []),
    ],
)
def test_what_is_said_of_a_proposal(proposal: Proposal, overrides: tuple[Override, ...], codes: list[str]) -> None:
    warnings = [each for each in assessed(proposal, *overrides).warnings if each.code in CODES]
    assert [each.code for each in warnings] == codes
    assert all(each.serious is CODES[each.code] for each in warnings)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (WITH_IP, "“Relay”, when it comes from 203.0.113[.]7, lets its mail through."),
        (replace(RULE, unless=("the subject has “x”",)), "“Partner”, unless the subject has “x”, lets its mail"),
        (
            replace(WITH_IP, unless=("the subject has “x”",)),
            "“Relay”, when it comes from 203.0.113[.]7, unless the subject has “x”, lets its mail through.",
        ),
        (replace(RULE, how="Safe Links is skipped", is_partial=True), "“Partner” may let its mail through."),
    ],
)
def test_the_words_name_the_override_its_conditions_and_its_exceptions(rule: Override, says: str) -> None:
    [warning] = [each for each in assessed(propose(BLOCK, EVIL), rule).warnings if each.code in CODES]
    assert warning.text.startswith(f"evil[.]example: the mail flow rule {says}")
