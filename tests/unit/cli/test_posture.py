"""`portcullis posture`: pass or fail for each rule, whatever the policies hold, and what else is found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import Result

from bot.cli.commands.posture import posture as typed_posture
from bot.cli.posture_page import page
from bot.cli.posture_report import PostureReport
from bot.domain.lists.entries import FilterPolicy, Snapshot
from bot.domain.lists.traits import ListName
from bot.domain.posture.baseline import posture as posture_of
from bot.domain.posture.finding import Fault, Finding
from bot.domain.posture.scans import PostureScan
from tests.support.samples import NOW
from tests.unit.cli.commands import alone, live, run


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("COLUMNS", "300")  # whatever terminal the tests run in, nothing is wrapped
    return alone(typed_posture)


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
    assert [rule["result"] for rule in json.loads(result.stdout)["baseline"]] == results
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
    told = " ".join(result.stderr.split())  # wrapped to the terminal
    assert "Record 2 of the policies has something else than values in IPAllowList: the export was cut." in told
    assert "ConvertTo-Json -Depth 10" in told


def test_json_has_the_rules_with_both_ids(app: typer.Typer) -> None:
    answer = json.loads(judged(app, "--json", policies=policy("Second", IPAllowList=["203.0.113.7", "junk"])).stdout)[
        "baseline"
    ]
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
    assert [rule["result"] for rule in json.loads(judged(app, "--json", policies=data).stdout)["baseline"]] == results


@pytest.mark.parametrize("data", [{"policies": None, "items": {}}, {"items": {}, "spoof": []}])
def test_exported_lists_without_the_policies_are_an_error(app: typer.Typer, data: object) -> None:
    assert judged(app, policies=data).exit_code == 2


def test_without_a_file_the_tenant_is_read(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    policies = (FilterPolicy(identity="Default", allow=("203.0.113.7",)),)
    asked = live(monkeypatch, Snapshot(as_of=now, policies=policies))
    assert run(app).exit_code == 1
    assert asked == [None]  # all of it


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


EXPORTED = {
    "as_of": "2030-12-01T08:00:00Z",
    "policies": [policy(IPAllowList=["203.0.113.0/24"])],
    "items": {
        "Sender": [
            {"Value": "fabrikam.example", "Action": "Allow", "Notes": "", "RemoveAfter": None, "ExpirationDate": None}
        ],
        "Url": [],
        "FileHash": [],
        "IP": [],
    },
    "spoof": [{"SpoofedUser": "*", "SendingInfrastructure": "203.0.113.0/24", "Action": "Allow"}],
}


def test_json_has_the_findings_the_gravest_first_and_what_could_not_be_seen(app: typer.Typer) -> None:
    answer = json.loads(judged(app, "--json", policies=EXPORTED).stdout)
    assert answer["as_of"] == "2030-12-01T08:00:00+00:00"
    assert [(each["value"], each["gravity"], each["remedy"]) for each in answer["findings"]] == [
        ("203.0.113.0/24", "grave", "remove"),
        ("*, 203.0.113.0/24", "grave", "remove"),
        ("fabrikam.example", "serious", "end"),
    ]
    assert [fault["fault"] for fault in answer["findings"][0]["faults"]] == ["ip_allow", "wide", "no_end", "no_note"]
    assert answer["counts"]["no_end"] == 3
    assert any("Portcullis has on record" in gap for gap in answer["unseen"])


def test_a_file_of_the_policies_alone_says_what_it_lacks(app: typer.Typer) -> None:
    answer = json.loads(judged(app, "--json", policies=policy(IPAllowList=["203.0.113.7"])).stdout)
    assert [each["value"] for each in answer["findings"]] == ["203.0.113.7"]
    assert sum("the file has the policies alone" in gap for gap in answer["unseen"]) == len(ListName) - 1


@pytest.mark.parametrize("columns", [80, 60])
def test_people_read_it_in_a_terminal_of_so_many_columns(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = judged(app, policies=EXPORTED).stdout.splitlines()
    # The names of a rule stand on one line, and so does a value, to be copied.
    assert [line for line in lines if len(line) > columns and "SHOULD NOT" not in line] == []
    text = "\n".join(lines)
    for words in ("3 findings, 2 of them grave", "GRAVE   203.0.113[.]0/24", "an IP allow, wide", "→ Propose removal"):
        assert words in text
    assert "new" not in text  # of a file nobody knows since when


def test_of_many_findings_some_are_printed_and_the_others_counted(app: typer.Typer) -> None:
    many = judged(app, policies=policy(IPAllowList=[f"203.0.113.{number}" for number in range(200)])).stdout
    assert many.count("GRAVE") == 50
    assert "…and 150 more: --json and --html have all of them" in many


HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "\x00\x1b[31m\u202e\ud800",
    "https://evil.example/?a=1&b=<2>",
)


@given(st.lists(st.one_of(st.sampled_from(HOSTILE_TEXTS), st.text(min_size=1, max_size=80)), min_size=1, max_size=8))
def test_the_page_holds_nothing_but_what_it_was_made_of(texts: list[str]) -> None:
    report = PostureReport(
        as_of=NOW,
        made_at=NOW,
        baseline=posture_of([FilterPolicy(identity=text, allow=(text,), safe_list=True) for text in texts]),
        findings=tuple(
            Finding(place=place, value=text, within=text, detail=text, faults=(Fault.BYPASS,))
            for text in texts
            for place in ("sender", "mail_flow_rules", "safe_list")
        ),
        unseen=tuple(texts),
        tenant=texts[0],
    )
    found = _Tags()
    found.feed(page(report))
    assert found.tags <= _OURS
    assert found.attributes <= {"lang", "charset", "http-equiv", "content", "name", "scope", "class"}
    page(report).encode()  # no half of a pair


_OURS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "code", "div"} | {
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


class _Tags(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_is_written_whole_for_its_owner_alone(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "posture.html"
    result = judged(app, "--html", str(file), policies=EXPORTED)
    assert (result.exit_code, result.stdout) == (1, "")
    text = file.read_text()
    for words in (
        "MS.SECURITYSUITE.8.1v1",
        "MS.EXO.12.1v1",
        "203.0.113[.]0/24",
        "an IP allow",
        "Lists as of 2030-12-01",
    ):
        assert words in text
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", [".", "missing/posture.html"])
def test_a_page_that_cannot_be_written_is_told_before_anything_is_read(
    app: typer.Typer, tmp_path: Path, name: str
) -> None:
    result = judged(app, "--html", str(tmp_path / name), policies=EXPORTED)
    assert result.exit_code == 2
    assert "can't be written" in result.stderr


def test_the_picture_says_in_words_how_it_went() -> None:
    scans = [
        PostureScan(
            number=day,
            at=NOW + timedelta(days=day),
            as_of=NOW,
            counts={},
            findings=10 - day,
            grave=min(3, 10 - day),
            added=0,
            gone=1,
        )
        for day in range(8)
    ]
    report = PostureReport(as_of=NOW, made_at=NOW, baseline=(), findings=(), unseen=(), history=scans)
    text = page(report)
    assert "From 2026-03-01 to 2026-03-08: findings from 10 to 3, grave ones from 3 to 3." in text
    assert text.count("<polyline") == 2
    [table] = re.findall(r"<caption>How many findings each day had.*?</table>", text, re.DOTALL)
    assert re.findall(r"<th scope=\"row\">(.*?)</th><td>(.*?)</td>", table)[:2] == [
        ("2026-03-08", "3"),
        ("2026-03-07", "4"),
    ]
    assert "How it went" not in page(replace(report, history=scans[:1]))
