"""The stand-in's Microsoft Graph: what it takes as a submission, what it refuses, and what comes of one."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from bot.playground.tenant import Known, Roles, SubmissionItem
from tests.integration.playground.tenant_wire import Wire, in_days, new_stand_in, served

SCOPE = "https://graph.microsoft.com/.default"
RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
SENDER = "billing@fabrikam.example"
ROOT = "/tenant/graph/beta/security/threatSubmission"
MESSAGE = f"Message-ID: <0042@fabrikam.example>\r\nFrom: {SENDER}\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"


class GraphWire:
    """What a well-behaved client of Graph does."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.token = str(wire.sign_in(scope=SCOPE).json()["access_token"])

    def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return self.wire.http.request(
            method, path if path.startswith("/") else f"{ROOT}/{path}", json=body, headers=sent
        )

    def create(self, body: object, *, collection: str = "emailThreats") -> dict[str, Any]:
        answer = self.call("POST", collection, body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def refused(self, method: str, path: str, body: object = None, *, status: int = 400) -> str:
        answer = self.call(method, path, body)
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert {"date", "request-id", "client-request-id"} == set(error["innerError"])
        return str(error["message"])

    def get(self, path: str) -> dict[str, Any]:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def graph() -> Iterator[GraphWire]:
    stand_in = new_stand_in()
    stand_in.know(
        Known(
            name=MESSAGE_URL,
            sender=SENDER,
            subject="Your invoice",
            blocked_by=(SubmissionItem(list_type="Url", value="fabrikam.example/pay"),),
        )
    )
    with served(stand_in) as wire:
        yield GraphWire(wire)


def email(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "@odata.type": "#microsoft.graph.security.emailUrlThreatSubmission",
        "category": "notJunk",
        "recipientEmailAddress": RECIPIENT,
        "messageUrl": MESSAGE_URL,
        "tenantAllowOrBlockListAction": {
            "action": "allow",
            "expirationDateTime": in_days(7),
            "note": "Portcullis request 7",
        },
    }
    return {key: value for key, value in (body | changes).items() if value is not ...}


def content(text: str = MESSAGE, **changes: object) -> dict[str, object]:
    encoded = base64.b64encode(text.encode()).decode()
    kind = "#microsoft.graph.security.emailContentThreatSubmission"
    return email(**({"messageUrl": ..., "fileContent": encoded, "@odata.type": kind} | changes))


def web_url(**changes: object) -> dict[str, object]:
    body = {
        "@odata.type": "#microsoft.graph.security.urlThreatSubmission",
        "category": "notJunk",
        "webUrl": "https://fabrikam.example/pay",
    }
    return body | changes


def test_a_submission_is_given_back_as_it_stands_and_without_what_was_handed_over(graph: GraphWire) -> None:
    created = graph.create(content())

    assert created["status"] == "running"
    assert created["result"]["detail"] == "underInvestigation"
    assert created["sender"] == SENDER
    assert "fileContent" not in created
    [call] = [call for call in graph.wire.stand_in.calls() if call["cmdlet"] == "post-emailThreats"]
    assert "characters)" in str(call["parameters"])
    read = graph.get(f"emailThreats/{created['id']}")
    assert {key: read[key] for key in read if key != "@odata.context"} == {
        key: created[key] for key in created if key != "@odata.context"
    }


def test_what_blocked_the_message_decides_which_entry_comes_of_it(graph: GraphWire) -> None:
    created = graph.create(email())
    assert graph.wire.values("Url") == []

    graph.wire.page("POST", "/submissions")
    read = graph.get(f"emailThreats/{created['id']}")
    [entry] = graph.wire.run("Get-TenantAllowBlockListItems", ListType="Url")["value"]
    assert (entry["Value"], entry["Action"], entry["ListSubType"]) == ("fabrikam.example/pay", "Allow", "Submission")
    assert (entry["SubmissionID"], entry["Notes"]) == (created["id"], "Portcullis request 7")
    [result] = read["tenantAllowOrBlockListAction"]["results"]
    assert (result["identity"], result["entryType"], result["status"]) == (entry["Identity"], "url", "succeeded")
    assert (read["status"], read["result"]["detail"]) == ("succeeded", "badReclassifiedAsGood")


def test_entries_come_with_the_clock_and_the_result_later(graph: GraphWire) -> None:
    created = graph.create(content())
    graph.wire.page("POST", "/clock", {"advance_seconds": 6})
    assert graph.wire.values("Sender") == [SENDER]
    assert graph.get(f"emailThreats/{created['id']}")["status"] == "running"
    graph.wire.page("POST", "/clock", {"advance_seconds": 60})
    assert graph.get(f"emailThreats/{created['id']}")["status"] == "succeeded"


def test_an_entry_that_is_there_already_is_left_alone(graph: GraphWire) -> None:
    graph.wire.run("New-TenantAllowBlockListItems", ListType="Url", Entries=["fabrikam.example/pay"], Block=True)
    created = graph.create(email())
    graph.wire.page("POST", "/submissions")

    [result] = graph.get(f"emailThreats/{created['id']}")["tenantAllowOrBlockListAction"]["results"]
    assert result["status"] == "skipped"


def test_no_entry_comes_of_a_message_that_was_not_blocked_or_is_not_there(graph: GraphWire) -> None:
    graph.wire.page("POST", "/known", {"name": MESSAGE_URL, "otherwise": "nothing"})
    graph.create(email())
    unknown = graph.create(email(messageUrl=f"{MESSAGE_URL}X"))
    graph.wire.page("POST", "/submissions")

    assert [graph.wire.values(kind) for kind in ("Sender", "Url", "FileHash")] == [[], [], []]
    assert graph.get(f"emailThreats/{unknown['id']}")["result"]["detail"] == "messageNotFound"


def test_without_the_action_no_entry_comes_of_it(graph: GraphWire) -> None:
    created = graph.create(email(tenantAllowOrBlockListAction=...))
    graph.wire.page("POST", "/submissions")

    assert created["tenantAllowOrBlockListAction"] is None
    assert graph.wire.values("Url") == []


def test_the_list_has_the_newest_first_and_comes_in_pages(graph: GraphWire) -> None:
    made = [graph.create(email())["id"] for _ in range(5)]

    first = graph.get("emailThreats?$top=2")
    second = graph.call("GET", first["@odata.nextLink"].removeprefix(graph.wire.base_url)).json()
    third = graph.call("GET", second["@odata.nextLink"].removeprefix(graph.wire.base_url)).json()
    assert [submission["id"] for page in (first, second, third) for submission in page["value"]] == made[::-1]
    assert "@odata.nextLink" not in third


def test_the_list_can_be_asked_for_what_came_lately(graph: GraphWire) -> None:
    graph.create(email())
    assert len(graph.get(f"emailThreats?$filter=createdDateTime ge {in_days(-1)[:19]}Z")["value"]) == 1
    assert graph.get(f"emailThreats?$filter=createdDateTime ge {in_days(1)[:19]}Z")["value"] == []
    assert "Invalid filter" in graph.refused("GET", "emailThreats?$filter=status eq 'running'")
    assert "not supported" in graph.refused("GET", "emailThreats?$orderby=createdDateTime")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (email(**{"@odata.type": ...}), "'@odata.type' is required"),
        (email(**{"@odata.type": "#microsoft.graph.emailUrlThreatSubmission"}), "could not be resolved"),
        (email(**{"@odata.type": "#microsoft.graph.security.urlThreatSubmission"}), "could not be resolved"),
        (email(reason="x"), "The property 'reason' does not exist on type"),
        (email(tenantAllowOrBlockListAction={"action": "allow", "notes": "x"}), "notes' does not exist"),
        (email(category="clean"), "'category' isn't valid"),
        (email(category="phishing"), "Only an allow"),
        (email(recipientEmailAddress=...), "'recipientEmailAddress' isn't valid"),
        (email(recipientEmailAddress="nobody"), "SMTP address"),
        (email(messageUrl="https://outlook.office.com/mail/1"), "isn't the address of a message"),
        (email(tenantAllowOrBlockListAction={"action": "permit"}), "isn't valid"),
        (email(tenantAllowOrBlockListAction={"action": "allow", "expirationDateTime": in_days(31)}), "30 days"),
        (email(tenantAllowOrBlockListAction={"action": "allow", "expirationDateTime": in_days(-1)}), "future"),
        (email(tenantAllowOrBlockListAction={"action": "allow", "expirationDateTime": "2030-01-01"}), "isn't valid"),
        (content(fileContent="no base64!"), "isn't base64"),
        (content(fileContent=""), "is empty"),
        (content("no message"), "isn't a message"),
        ([], "has to be a JSON object"),
    ],
)
def test_what_is_not_as_documented_is_refused(graph: GraphWire, body: object, text: str) -> None:
    assert text in graph.refused("POST", "emailThreats", body)
    assert graph.wire.stand_in.submissions() == []


def test_a_url_takes_no_action_unless_it_is_told_to(graph: GraphWire) -> None:
    action = {"action": "allow", "note": "Portcullis request 7"}
    body = web_url(tenantAllowOrBlockListAction=action)
    assert "does not exist on type" in graph.refused("POST", "urlThreats", body)
    assert "full URL" in graph.refused("POST", "urlThreats", web_url(webUrl="fabrikam.example/pay"))

    graph.wire.stand_in.set_action_elsewhere("ignored")
    assert "tenantAllowOrBlockListAction" not in graph.create(body, collection="urlThreats")
    graph.wire.stand_in.set_action_elsewhere("taken")
    assert graph.create(body, collection="urlThreats")["tenantAllowOrBlockListAction"]["note"] == action["note"]
    graph.wire.page("POST", "/submissions")
    assert graph.wire.values("Url") == ["fabrikam.example/pay"]


def test_a_file_is_named_by_its_hash_in_the_list(graph: GraphWire) -> None:
    graph.wire.stand_in.set_action_elsewhere("taken")
    raw = secrets.token_bytes(64)
    body = {
        "@odata.type": "#microsoft.graph.security.fileContentThreatSubmission",
        "category": "notJunk",
        "fileName": "prices.pdf",
        "fileContent": base64.b64encode(raw).decode(),
        "tenantAllowOrBlockListAction": {"action": "allow"},
    }
    graph.create(body, collection="fileThreats")
    graph.wire.page("POST", "/submissions")
    assert graph.wire.values("FileHash") == [sha256(raw).hexdigest()]


def test_only_a_token_for_graph_with_its_permission_comes_in(graph: GraphWire) -> None:
    exchange = graph.wire.token()
    assert graph.call("GET", "emailThreats", Authorization=f"Bearer {exchange}").status_code == 401
    assert graph.call("GET", "emailThreats", Authorization="").status_code == 401
    graph.wire.stand_in.set_roles(Roles(graph_role=False))
    assert "permission" in graph.refused("GET", "emailThreats", status=403)
    assert "permission" in graph.refused("POST", "emailThreats", email(), status=403)


def test_it_is_there_in_the_beta_version_only(graph: GraphWire) -> None:
    assert "segment" in graph.refused("GET", "/tenant/graph/v1.0/security/threatSubmission/emailThreats")
    assert "segment" in graph.refused("GET", "appThreats")
    assert "could not be found" in graph.refused("GET", "emailThreats/none", status=404)


def test_faults_hit_what_they_are_armed_for(graph: GraphWire) -> None:
    graph.wire.arm("429", cmdlet="post-emailThreats", retry_after=7)
    assert graph.get("emailThreats")["value"] == []
    answer = graph.call("POST", "emailThreats", email())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    graph.wire.arm("drop_after", cmdlet="post-emailThreats")
    with pytest.raises(httpx.TransportError):
        graph.call("POST", "emailThreats", email())
    graph.wire.arm("lag", cmdlet="post-emailThreats", times=2)
    graph.create(email())
    assert [len(graph.get("emailThreats")["value"]) for _ in range(3)] == [1, 1, 2]
    graph.wire.arm("ok_but_nothing_happens", cmdlet="post-emailThreats")
    graph.create(email())
    assert len(graph.wire.stand_in.submissions()) == 2


def test_a_reset_forgets_it_all(graph: GraphWire) -> None:
    graph.create(email())
    graph.wire.page("POST", "/reset")
    assert graph.wire.page("GET", "/submissions") == []
