"""Reading: the token, the address, the shape of answers, records and refusals, the pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

import pytest

from bot.domain.lists.traits import ListName
from bot.tenant.exchange.records import read_entries, read_policies, read_spoof
from tests.contract.service import FILTER, ITEMS, LIST_OF_TYPE, LIST_TYPES, READS, SPOOF, Service

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
EVERY_READ = pytest.mark.parametrize(
    ("cmdlet", "parameters"), READS, ids=[" ".join((cmdlet, *given.values())) for cmdlet, given in READS]
)


class TestTheDoor:
    """Who gets in, and where the door is."""

    @pytest.mark.parametrize("token", ["", "Bearer", "Bearer no-such-token", "Basic eDp5"])
    def test_without_a_good_token_it_is_401(self, service: Service, token: str) -> None:
        assert service.post("Get-AcceptedDomain", authorization=token).status_code == 401

    def test_another_version_of_the_path_is_refused(self, service: Service) -> None:
        url = f"{service.base}/v1.0/{service.tenant_id}/InvokeCommand"
        assert service.post("Get-AcceptedDomain", url=url).status_code in {404, 405}

    def test_a_cmdlet_that_the_caller_does_not_have_is_403(self, service: Service) -> None:
        assert service.post("Get-PortcullisContractNothing").status_code == 403


class TestAnswers:
    """What a read returns."""

    @EVERY_READ
    def test_a_read_returns_a_list_of_records(
        self, service: Service, cmdlet: str, parameters: Mapping[str, str]
    ) -> None:
        body = service.run(cmdlet, **parameters)
        assert isinstance(body["value"], list)
        assert all(isinstance(record, dict) for record in body["value"])
        assert isinstance(body.get("@adminapi.warnings", []), list)

    @EVERY_READ
    def test_pages_together_are_the_whole(self, service: Service, cmdlet: str, parameters: Mapping[str, str]) -> None:
        whole = service.read(cmdlet, **parameters)
        size = max(1, -(-len(whole) // 3))
        in_pages = service.read(cmdlet, page_size=size, **parameters)
        assert [record["Identity"] for record in in_pages] == [record["Identity"] for record in whole]

    def test_a_page_is_no_longer_than_asked_and_names_the_next_one_on_the_same_host(self, service: Service) -> None:
        whole = service.read("Get-AcceptedDomain")
        first = service.post("Get-AcceptedDomain", page_size=1).json()
        assert len(first["value"]) == 1
        link = first.get("@odata.nextLink")
        assert bool(link) is (len(whole) > 1)
        assert link is None or link.split("/")[2] == service.url.split("/")[2]

    def test_the_lists_have_to_be_asked_for_one_by_one(self, service: Service) -> None:
        refusal = service.refusal(f"Get-{ITEMS}")
        assert refusal.status == 400
        assert "ListType" in refusal.words

    def test_an_unknown_policy_returns_every_policy(self, service: Service) -> None:
        everything = service.read(f"Get-{FILTER}")
        assert service.read(f"Get-{FILTER}", Identity=f"none {uuid.uuid4()}") == everything


class TestRecords:
    """What the records hold, as far as the tenant has any. The bot has to be able to read each of them."""

    def test_policies(self, service: Service) -> None:
        records = service.read(f"Get-{FILTER}")
        assert records
        assert sum(bool(record["IsDefault"]) for record in records) == 1
        for record in records:
            assert isinstance(record["Identity"], str)
            assert isinstance(record["EnableSafeList"], bool)
            assert {"IPAllowList", "IPBlockList"} <= record.keys()
        assert len(read_policies(records)) == len(records)

    @pytest.mark.parametrize("list_type", LIST_TYPES)
    def test_items(self, service: Service, list_type: str) -> None:
        records = service.read(f"Get-{ITEMS}", ListType=list_type)
        for record in records:
            assert {"Identity", "Value", "Action", "ExpirationDate", "Notes", "ListSubType"} <= record.keys()
            assert "ListType" not in record
            assert record["Action"] in {"Allow", "Block"}
            for name in ("ExpirationDate", "CreatedDateTime", "LastModifiedDateTime"):
                assert record.get(name) is None or DATE.fullmatch(record[name])
        assert len(read_entries(LIST_OF_TYPE[list_type], records)) == len(records)

    def test_spoof_pairs(self, service: Service) -> None:
        records = service.read(f"Get-{SPOOF}")
        for record in records:
            assert {"Identity", "SpoofedUser", "SendingInfrastructure", "SpoofType", "Action"} <= record.keys()
            assert record["SpoofType"] in {"Internal", "External"}
        assert len(read_spoof(records)) == len(records)

    def test_the_bot_knows_every_list_type(self) -> None:
        assert set(LIST_OF_TYPE) == set(LIST_TYPES)
        assert set(LIST_OF_TYPE.values()) | {ListName.CONNECTION_FILTER, ListName.SPOOF} == set(ListName)


class TestRefusals:
    """How the service says no, before anything is done."""

    @pytest.mark.parametrize(
        ("parameters", "named"),
        [
            ({"ListType": "Sender", "NoSuchParameter": 1}, "NoSuchParameter"),
            ({"ListType": "Nothing"}, "ListType"),
        ],
    )
    def test_a_call_that_does_not_bind_is_400_and_names_the_parameter(
        self, service: Service, parameters: dict[str, object], named: str
    ) -> None:
        refusal = service.refusal(f"Get-{ITEMS}", **parameters)
        assert refusal.status == 400
        assert named in refusal.words

    def test_the_telling_words_are_inside_and_the_message_is_generic(self, service: Service) -> None:
        refusal = service.refusal(f"Get-{ITEMS}", ListType="Nothing")
        assert "ListType" not in refusal.message
        assert "ListType" in refusal.inner
        assert refusal.detail in refusal.inner

    def test_a_page_that_cannot_be_had_is_400_and_never_an_empty_page(self, service: Service) -> None:
        answer = service.post("Get-AcceptedDomain", url=f"{service.url}?$skiptoken={uuid.uuid4().hex}")
        assert answer.status_code == 400
        assert "pagination" in answer.text.lower()
