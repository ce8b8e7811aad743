"""InvokeCommand from the outside: the path, the headers, the roles, the body, the binding of parameters, the pages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.playground.tenant_wire import FILTER, ITEMS, Wire, hashtable, new_stand_in, served


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in(accepted_domains=("contoso.example", "mail.contoso.example"))) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    shared.forget_token()
    return shared


def body_of(cmdlet: str, **parameters: object) -> dict[str, object]:
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}


def test_an_answer_has_the_documented_members(wire: Wire) -> None:
    body = wire.run("Get-AcceptedDomain")
    assert [domain["DomainName"] for domain in body["value"]] == ["contoso.example", "mail.contoso.example"]
    assert body["@adminapi.warnings"] == []
    assert "@odata.nextLink" not in body
    assert [domain["Default"] for domain in body["value"]] == [True, False]


def test_one_accepted_domain_by_name(wire: Wire) -> None:
    found = wire.run("Get-AcceptedDomain", Identity="mail.contoso.example")["value"]
    assert [domain["Name"] for domain in found] == ["mail.contoso.example"]
    wire.refused("Get-AcceptedDomain", status=404, Identity="other.example")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/adminapi/v1.0/{tenant}/InvokeCommand", 405),
        ("/adminapi/v2.0/{tenant}/InvokeCommand", 405),
        ("/adminapi/beta/{other}/InvokeCommand", 404),
        ("/adminapi/beta/{tenant}/Mailbox", 404),
    ],
)
def test_a_wrong_path_is_refused(wire: Wire, path: str, status: int) -> None:
    url = "/tenant/exchange" + path.format(tenant=wire.tenant_id, other=uuid.uuid4())
    answer = wire.http.post(url, json=body_of("Get-AcceptedDomain"), headers=wire.headers("Get-AcceptedDomain"))
    assert answer.status_code == status


def test_only_post_is_taken(wire: Wire) -> None:
    assert wire.http.get(wire.url, headers=wire.headers("Get-AcceptedDomain")).status_code == 405


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer unknown", "Basic eDp5"])
def test_without_a_good_token_nobody_comes_in(wire: Wire, authorization: str | None) -> None:
    headers = wire.headers("Get-AcceptedDomain")
    headers.pop("Authorization")
    if authorization is not None:
        headers["Authorization"] = authorization
    answer = wire.http.post(wire.url, json=body_of("Get-AcceptedDomain"), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    last = wire.page("GET", "/calls")[-1]
    assert (last["cmdlet"], last["status"]) == ("Get-AcceptedDomain", 401)


def test_a_token_for_graph_doesnt_open_exchange(wire: Wire) -> None:
    token = wire.sign_in(scope="https://graph.microsoft.com/.default").json()["access_token"]
    headers = wire.headers("Get-AcceptedDomain") | {"Authorization": f"Bearer {token}"}
    assert wire.http.post(wire.url, json=body_of("Get-AcceptedDomain"), headers=headers).status_code == 401


def test_without_the_app_role_401_and_without_the_directory_role_403(wire: Wire) -> None:
    wire.page("POST", "/roles", {"app_role": False, "directory_role": "admin"})
    assert wire.post("Get-AcceptedDomain").status_code == 401
    wire.page("POST", "/roles", {"app_role": True, "directory_role": "none"})
    assert "not recognized" in wire.refused("Get-AcceptedDomain", status=403)


def test_a_reader_may_read_and_not_write(wire: Wire) -> None:
    wire.page("POST", "/roles", {"app_role": True, "directory_role": "reader"})
    assert wire.policy()["Name"] == "Default"
    wire.refused(f"Set-{FILTER}", status=403, Identity="Default", EnableSafeList=True)
    assert wire.policy()["EnableSafeList"] is False


def test_a_403_can_come_as_bytes_that_dont_decode(wire: Wire) -> None:
    wire.page("POST", "/roles", {"directory_role": "none", "nul_bodies": True})
    with wire.http.stream("POST", wire.url, json=body_of("Get-AcceptedDomain"), headers=wire.headers("x")) as answer:
        assert answer.status_code == 403
        assert answer.headers["content-encoding"] == "gzip"
        with pytest.raises(httpx.DecodingError):
            answer.read()


def test_an_unknown_cmdlet_is_unknown_to_this_caller(wire: Wire) -> None:
    assert "Get-Nothing" in wire.refused("Get-Nothing", status=403)


def test_names_of_cmdlets_and_parameters_match_in_any_case(wire: Wire) -> None:
    assert wire.run(f"get-{FILTER.lower()}", IDENTITY="default")["value"][0]["Name"] == "Default"


def test_the_body_has_to_be_announced_as_json(wire: Wire) -> None:
    headers = wire.headers("Get-AcceptedDomain") | {"Content-Type": "text/plain"}
    answer = wire.http.post(wire.url, content=json.dumps(body_of("Get-AcceptedDomain")), headers=headers)
    assert answer.status_code == 415
    headers["Content-Type"] = "application/json; charset=utf-8"
    answer = wire.http.post(wire.url, content=json.dumps(body_of("Get-AcceptedDomain")), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "{}",
        '{"CmdletInput": null}',
        '{"CmdletInput": {"Parameters": {}}}',
        '{"CmdletInput": {"CmdletName": "Get-AcceptedDomain"}}',
        '{"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": null}}',
        '{"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": []}}',
        '{"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {}, "More": 1}}',
        '{"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {}}, "More": 1}',
    ],
)
def test_a_body_of_another_shape_is_refused(wire: Wire, body: str) -> None:
    answer = wire.http.post(wire.url, content=body, headers=wire.headers("Get-AcceptedDomain"))
    assert answer.status_code == 400
    assert answer.json()["error"]["innererror"]["internalexception"]["type"] == "Microsoft.OData.ODataException"


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "words"),
    [
        (f"Get-{ITEMS}", {}, "missing mandatory parameters: ListType"),
        (f"Get-{ITEMS}", {"ListType": "Senders"}, "Sender, Url, FileHash, IP"),
        (f"Get-{ITEMS}", {"ListType": "Sender", "Entires": "x"}, "matches parameter name 'Entires'"),
        (f"Get-{ITEMS}", {"ListType": "Sender", "Block": "true"}, "parameter 'Block'"),
        (f"Get-{ITEMS}", {"ListType": "Sender", "Block": None}, "'Block' because it is null"),
        (f"Get-{ITEMS}", {"ListType": None}, "'ListType' because it is null"),
        (f"Get-{ITEMS}", {"ListType": "Sender", "WhatIf": True}, "'WhatIf'"),
        (f"New-{ITEMS}", {"ListType": "Sender", "Entries": ["a.example", 1], "Block": True}, "parameter 'Entries'"),
        (f"New-{ITEMS}", {"ListType": "Sender", "Entries": [], "Block": True}, "parameter 'Entries'"),
        (
            f"New-{ITEMS}",
            {"ListType": "Sender", "Entries": ["a.example"], "Block": True, "ExpirationDate": "soon"},
            "System.DateTime",
        ),
        (
            f"New-{ITEMS}",
            {"ListType": "Sender", "Entries": ["a.example"], "Allow": True, "RemoveAfter": "45"},
            "System.Int32",
        ),
        (f"Get-{ITEMS}", {"ListType": "Sender", "listtype": "Url"}, "more than once"),
        (f"Set-{FILTER}", {"IPAllowList": []}, "missing mandatory parameters: Identity"),
        (f"Set-{FILTER}", {"Identity": "Default", "IPBlockList": {"Add": ["192.0.2.1"]}}, "parameter 'IPBlockList'"),
        (f"Set-{FILTER}", {"Identity": "Default", "IPBlockList": hashtable(Added=["192.0.2.1"])}, "'Added'"),
        (f"Set-{FILTER}", {"Identity": "Default", "IPBlockList": hashtable(Add=[1])}, "parameter 'IPBlockList'"),
        (f"Set-{FILTER}", {"Identity": "Default", "EnableSafeList": "yes"}, "System.Boolean"),
    ],
)
def test_parameters_are_bound_strictly(wire: Wire, cmdlet: str, parameters: dict[str, object], words: str) -> None:
    before = wire.page("GET", "/lists")
    assert words in wire.refused(cmdlet, **parameters)
    assert wire.page("GET", "/lists") == before


def test_powershells_common_parameters_are_taken(wire: Wire) -> None:
    wire.run("Get-AcceptedDomain", ErrorAction="Stop", Verbose=True)


@pytest.mark.parametrize(
    ("header", "value", "words"),
    [
        ("X-AnchorMailbox", None, "X-AnchorMailbox is missing"),
        ("X-AnchorMailbox", "UPN:somebody@contoso.example", "X-AnchorMailbox isn't APP:SystemMailbox{"),
        ("Prefer", None, "odata.maxpagesize"),
        ("X-CmdletName", None, "X-CmdletName is missing"),
        ("X-CmdletName", "Get-Mailbox", "X-CmdletName says Get-Mailbox"),
        ("client-request-id", None, "client-request-id"),
        ("client-request-id", "17", "client-request-id"),
    ],
)
def test_what_the_service_tolerates_is_remarked(wire: Wire, header: str, value: str | None, words: str) -> None:
    headers = wire.headers("Get-AcceptedDomain")
    headers.pop(header)
    if value is not None:
        headers[header] = value
    answer = wire.http.post(wire.url, json=body_of("Get-AcceptedDomain"), headers=headers)
    assert answer.status_code == 200
    assert len(wire.remarks()) == 1
    assert words in wire.remarks()[0]


def test_a_well_formed_call_gets_no_remark(wire: Wire) -> None:
    wire.run("Get-AcceptedDomain")
    assert wire.remarks() == []


class TestPages:
    @pytest.fixture(autouse=True)
    def five(self, wire: Wire) -> None:
        wire.run(f"New-{ITEMS}", ListType="Sender", Entries=[f"{n}.example" for n in "abcde"], Block=True)

    def follow(self, wire: Wire, link: str, list_type: str = "Sender", **headers: str) -> httpx.Response:
        cmdlet = f"Get-{ITEMS}"
        sent = wire.headers(cmdlet, page_size=2) | headers
        return wire.http.post(link, json=body_of(cmdlet, ListType=list_type), headers=sent)

    def test_the_list_comes_in_pages_of_the_size_asked_for(self, wire: Wire) -> None:
        body = wire.post(f"Get-{ITEMS}", page_size=2, ListType="Sender").json()
        sizes, values = [], []
        while True:
            sizes.append(len(body["value"]))
            values += [entry["Value"] for entry in body["value"]]
            if "@odata.nextLink" not in body:
                break
            assert body["@odata.nextLink"].startswith(f"{wire.base_url}{wire.url}?")
            body = self.follow(wire, body["@odata.nextLink"]).json()
        assert sizes == [2, 2, 1]
        assert values == [f"{n}.example" for n in "abcde"]

    def test_a_page_can_be_asked_for_again(self, wire: Wire) -> None:
        link = wire.post(f"Get-{ITEMS}", page_size=2, ListType="Sender").json()["@odata.nextLink"]
        first, second = (self.follow(wire, link).json()["value"] for _ in range(2))
        assert first == second

    def test_an_exact_fit_has_no_further_page(self, wire: Wire) -> None:
        assert "@odata.nextLink" not in wire.post(f"Get-{ITEMS}", page_size=5, ListType="Sender").json()

    def test_a_further_page_needs_the_same_body_and_anchor(self, wire: Wire) -> None:
        link = wire.post(f"Get-{ITEMS}", page_size=2, ListType="Sender").json()["@odata.nextLink"]
        for answer in (
            self.follow(wire, link, list_type="Url"),
            self.follow(wire, link, **{"X-AnchorMailbox": "APP:other"}),
            self.follow(wire, link + "x"),
        ):
            assert answer.status_code == 400
            assert "Expired or Invalid pagination request" in answer.text
        assert self.follow(wire, link).status_code == 200

    def test_a_page_expires_after_half_an_hour(self, wire: Wire) -> None:
        link = wire.post(f"Get-{ITEMS}", page_size=2, ListType="Sender").json()["@odata.nextLink"]
        wire.page("POST", "/clock", {"advance_seconds": 1801})
        assert "Expired or Invalid pagination request" in self.follow(wire, link).text
