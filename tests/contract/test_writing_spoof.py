"""Writing spoof pairs: they are added by what they are, and edited and removed by the service's ids."""

from __future__ import annotations

import uuid

import pytest

from bot.tenant.exchange.records import read_spoof
from tests.contract.service import SPOOF, Service
from tests.contract.writing import Writing

NEW, SET, REMOVE = (f"{verb}-{SPOOF}" for verb in ("New", "Set", "Remove"))
NETWORK = "192.0.2.0/24"


class TestPairs:
    """New-, Set- and Remove-TenantAllowBlockListSpoofItems."""

    @pytest.mark.parametrize("infrastructure", [NETWORK, "fabrikam.com", "*"])
    def test_a_pair_is_listed_as_it_was_asked_for(self, writing: Writing, infrastructure: str) -> None:
        pair = writing.add_pair(writing.user(), infrastructure)
        assert pair["SendingInfrastructure"].lower() == infrastructure
        assert (pair["SpoofType"], pair["Action"]) == ("External", "Block")
        assert uuid.UUID(pair["Identity"])
        (read,) = read_spoof([pair])
        assert read.value == f"{writing.user()}, {infrastructure}"

    def test_it_has_neither_end_nor_notes(self, writing: Writing) -> None:
        pair = writing.add_pair(writing.user(), NETWORK)
        assert not {"ExpirationDate", "Notes"} & pair.keys()

    def test_a_duplicate_is_400(self, service: Service, writing: Writing) -> None:
        writing.add_pair(writing.user(), NETWORK)
        refusal = service.refusal(
            NEW,
            Identity="Default",
            Action="Block",
            SpoofedUser=writing.user(),
            SendingInfrastructure=NETWORK,
            SpoofType="External",
        )
        assert refusal.status == 400

    def test_both_sides_may_not_be_anybody(self, service: Service) -> None:
        refusal = service.refusal(
            NEW, Identity="Default", Action="Block", SpoofedUser="*", SendingInfrastructure="*", SpoofType="External"
        )
        assert refusal.status == 400

    def test_its_action_can_be_changed_by_its_id(self, service: Service, writing: Writing) -> None:
        pair = writing.add_pair(writing.user(), NETWORK)
        service.run(SET, Identity="Default", Ids=[pair["Identity"]], Action="Allow")
        service.eventually(lambda: (service.pair(writing.user()) or {}).get("Action") == "Allow", "the other action")

    def test_several_are_removed_by_one_call(self, service: Service, writing: Writing) -> None:
        users = [writing.user(name) for name in ("one", "two", "three")]
        ids = [writing.add_pair(user, NETWORK)["Identity"] for user in users]
        service.run(REMOVE, Identity="Default", Ids=ids[:2])
        service.eventually(lambda: service.pair(users[0]) is None and service.pair(users[1]) is None, "the removal")
        assert service.pair(users[2]) is not None

    def test_what_is_not_there_cannot_be_removed(self, service: Service, writing: Writing) -> None:
        pair = writing.add_pair(writing.user(), NETWORK)
        refusal = service.refusal(REMOVE, Identity="Default", Ids=[pair["Identity"], str(uuid.uuid4())])
        assert refusal.status in {400, 404}
        assert service.pair(writing.user()) is not None
