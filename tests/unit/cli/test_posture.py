"""`portcullis posture`: pass or fail for each rule, whatever the policies hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer
from typer.testing import Result

from bot.cli import posture
from bot.domain.lists.entries import FilterPolicy, Snapshot
from bot.domain.lists.traits import ListName
from tests.unit.cli.commands import alone, live, run


@pytest.fixture
def app() -> typer.Typer:
    return alone(posture.posture)


def judged(app: typer.Typer, *arguments: str, policies: object) -> Result:
    """What comes of these policies, given on standard input."""
    return run(app, *arguments, "--policies", "-", given=json.dumps(policies))


def policy(name: str = "Default", **fields: object) -> dict[str, Any]:
    return {"Identity": name, "IPAllowList": [], "IPBlockList": [], "EnableSafeList": False, **fields}


SHAPES = [
    ("one object", policy(), ["pass", "pass"]),
    ("a list", [policy(), policy("Second", IPAllowList=["203.0.113.7"])], ["fail", "pass"]),
    ("as REST returns it", {"value": [policy(EnableSafeList=True)]}, ["pass", "fail"]),
    ("a bare string", policy(IPAllowList="203.0.113.7"), ["fail", "pass"]),
    ("null", policy(IPAllowList=None), ["pass", "pass"]),
    *((f"{empty} is no entry", policy(IPAllowList=empty), ["pass", "pass"]) for empty in ({}, [None], [""], [" ", {}])),
    ("junk counts", policy(IPAllowList=["mail server"]), ["fail", "pass"]),
    ("odd junk counts", policy(IPAllowList=[7, True]), ["fail", "pass"]),
    ("a block list is none of its business", policy(IPBlockList=["203.0.113.7"]), ["pass", "pass"]),
]


@pytest.mark.parametrize(("policies", "results"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_results_and_exit_code(app: typer.Typer, policies: object, results: list[str]) -> None:
    result = judged(app, "--json", policies=policies)
    assert [rule["result"] for rule in json.loads(result.stdout)] == results
    assert result.exit_code == (1 if "fail" in results else 0)


CUT = [
    "System.Collections.ArrayList",
    "System.Object[]",
    "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]",
    "Deserialized.System.Collections.ArrayList",
    "@{Length=11}",
    ["203.0.113.7", "System.Object[]"],
    ["203.0.113.7", {"a": 1}],
    {"Length": 11},
    {"value": "System.Object[]", "Count": 1},
]


@pytest.mark.parametrize("cut", CUT)
def test_an_export_that_was_cut_is_not_judged(app: typer.Typer, cut: object) -> None:
    result = judged(app, policies=[policy("Second"), policy(IPAllowList=cut)])
    assert result.exit_code == 2
    assert (
        "Record 2 of the policies has something else than values in IPAllowList: the export was cut." in result.stderr
    )
    assert "ConvertTo-Json -Depth 10" in result.stderr


def test_json_has_the_rules_with_both_ids(app: typer.Typer) -> None:
    answer = json.loads(judged(app, "--json", policies=policy("Second", IPAllowList=["203.0.113.7", "junk"])).stdout)
    assert [(rule["id"], rule["former_id"]) for rule in answer] == [
        ("MS.SECURITYSUITE.8.1v1", "MS.EXO.12.1v1"),
        ("MS.SECURITYSUITE.8.2v1", "MS.EXO.12.2v1"),
    ]
    assert answer[0]["policies"] == ["Second"]
    assert answer[0]["entries"] == ["203.0.113.7", "junk"]
    assert answer[0]["details"]


def test_people_get_the_rules_the_policies_and_the_entries(app: typer.Typer) -> None:
    result = judged(app, policies=policy("Second", IPAllowList=["203.0.113.7", "\x1b[31mred"]))
    for words in ("FAIL", "PASS", "MS.SECURITYSUITE.8.1v1", "MS.EXO.12.1v1", "203.0.113.7", "Second"):
        assert words in result.stdout
    assert "\x1b[31mred" not in result.stdout


@pytest.mark.parametrize("policies", ["text", 7, [7], {"unrelated": 1}])
def test_what_holds_no_policies_is_an_error_and_no_pass(app: typer.Typer, policies: object) -> None:
    result = judged(app, "--json", policies=policies)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"] in result.stderr


#: Records of other cmdlets, and of exports that left out what a rule goes by.
NO_POLICIES = [
    {"Identity": "Default", "SpamAction": "MoveToJmf", "AllowedSenders": []},
    [policy(), {"Value": "evil.example", "Action": "Block"}],
    {"Identity": "Default", "IPAllowList": []},
    {"Identity": "Default", "EnableSafeList": False},
    {"policies": [{"Name": "Default", "AllowedSenderDomains": ["contoso.com"]}], "items": {}},
]


@pytest.mark.parametrize("policies", NO_POLICIES)
def test_records_of_another_cmdlet_are_named_and_have_not_passed(app: typer.Typer, policies: object) -> None:
    result = judged(app, "--json", policies=policies)
    assert result.exit_code == 2
    assert "is it of another cmdlet?" in json.loads(result.stdout)["error"]


EMPTY = [("a list", []), ("as REST returns it", {"value": []}), ("the exported lists", {"policies": [], "items": {}})]


@pytest.mark.parametrize("policies", [shape[1] for shape in EMPTY], ids=[shape[0] for shape in EMPTY])
def test_a_file_without_any_policy_has_not_passed(app: typer.Typer, policies: object) -> None:
    result = judged(app, "--json", policies=policies)
    assert result.exit_code == 2
    assert "no connection filter policy in this file" in json.loads(result.stdout)["error"].lower()
    assert "PASS" not in judged(app, policies=policies).stdout


@pytest.mark.parametrize(
    ("data", "results"),
    [
        ({"policies": [policy(IPAllowList=["203.0.113.7"])], "items": {}, "spoof": []}, ["fail", "pass"]),
        ({"policies": policy(EnableSafeList=True)}, ["pass", "fail"]),
    ],
)
def test_the_policies_are_taken_from_the_exported_lists(app: typer.Typer, data: object, results: list[str]) -> None:
    assert [rule["result"] for rule in json.loads(judged(app, "--json", policies=data).stdout)] == results


@pytest.mark.parametrize("data", [{"policies": None, "items": {}}, {"items": {}, "spoof": []}])
def test_exported_lists_without_the_policies_are_an_error(app: typer.Typer, data: object) -> None:
    assert judged(app, policies=data).exit_code == 2


def test_without_a_file_the_tenant_is_read(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    policies = (FilterPolicy(identity="Default", allow=("203.0.113.7",)),)
    asked = live(monkeypatch, Snapshot(as_of=now, policies=policies))
    assert run(app).exit_code == 1
    assert asked == [{ListName.CONNECTION_FILTER}]


def test_a_connection_filter_that_was_not_read_has_not_passed(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    live(monkeypatch, Snapshot(as_of=now, unreadable={ListName.CONNECTION_FILTER: "HTTP 403"}))
    result = run(app)
    assert result.exit_code == 2
    assert "HTTP 403" in result.stderr


def test_a_tenant_that_answers_with_no_policy_has_not_passed(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch, Snapshot(as_of=datetime(2026, 11, 21, tzinfo=UTC)))
    result = run(app, "--json")
    assert result.exit_code == 2
    assert "no connection filter policy" in json.loads(result.stdout)["error"]
