"""What DNS says of addresses changes the warnings of an IP allow, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Assessment
from bot.domain.policies.general_facts import is_general
from bot.domain.policies.known_sharers import with_owners
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import RequestWarning
from bot.domain.senders.owner import AddressOwner

GRAVE = RequestWarning(code="ip_allow_skips_filtering", text="It skips filtering.", serious=True)
GENERAL = RequestWarning(code="ip_allow_shared", text="Portcullis can't tell.")
BEFORE = Assessment(warnings=(GRAVE, GENERAL), approvals_needed=2, needs_acknowledgement=True)


def proposal(*values: str, action: Action = Action.ALLOW) -> Proposal:
    return Proposal(
        operation=Operation.ADD,
        action=action,
        list=ListName.CONNECTION_FILTER,
        indicators=tuple(map(read, values)),
        reason="Partner",
        expires=None,
    )


def shared(*values: str) -> dict[str, AddressOwner]:
    return {value: AddressOwner(address=value, shared_by=("Google",)) for value in values}


def codes(assessment: Assessment) -> list[str]:
    return [warning.code for warning in assessment.warnings]


def test_a_shared_address_takes_the_place_of_what_nobody_could_tell() -> None:
    after = with_owners(proposal("203.0.113.7"), BEFORE, shared("203.0.113.7"))
    assert codes(after) == ["ip_allow_skips_filtering", "ip_allow_shared_by"]
    assert after.warnings[1].serious
    assert "Google's outbound range" in after.warnings[1].text
    assert not is_general(after.warnings[1]), "it is about this address, and stands on the card"
    assert replace(after, warnings=BEFORE.warnings) == BEFORE


def test_of_several_addresses_the_others_can_still_not_be_told() -> None:
    after = with_owners(proposal("203.0.113.7", "203.0.113.8"), BEFORE, shared("203.0.113.8"))
    assert codes(after) == ["ip_allow_skips_filtering", "ip_allow_shared_by", "ip_allow_shared"]


def test_many_shared_addresses_are_not_all_spelled_out() -> None:
    values = [f"203.0.113.{number}" for number in range(10)]
    assert codes(with_owners(proposal(*values), BEFORE, shared(*values))).count("ip_allow_shared_by") == 3


@pytest.mark.parametrize(
    ("asked", "owners"),
    [
        (proposal("203.0.113.7"), {}),
        (proposal("203.0.113.7"), {"203.0.113.7": AddressOwner(address="203.0.113.7", names=("a.example",))}),
        (proposal("203.0.113.7"), shared("203.0.113.8")),
        (proposal("203.0.113.7", action=Action.BLOCK), shared("203.0.113.7")),
    ],
    ids=["nothing known", "a name only", "another address", "a block"],
)
def test_otherwise_nothing_changes(asked: Proposal, owners: dict[str, AddressOwner]) -> None:
    assert with_owners(asked, BEFORE, owners) == BEFORE
