"""`portcullis check` beside a database: its snapshot, and what it has on record."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.account import account
from bot.cli.commands.check import check as typed_check
from bot.cli.commands.posture import posture as typed_posture
from bot.domain.auditing.events import Event
from bot.domain.figures.figures import MailFigures, MailSource
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.posture.findings import find
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.senders.shared_senders import SHARED_SENDERS
from bot.store import Store
from tests.integration.cli.conftest import LISTS, TAKEN
from tests.support.dns_server import dns_in_a_thread
from tests.support.requests import add_request

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTCULLIS_TENANT_ID", raising=False)
    made = typer.Typer(pretty_exceptions_enable=False)
    made.command()(typed_check)
    return lambda *arguments: CliRunner().invoke(made, list(arguments))


def events(url: str, tenant_id: str = "one") -> list[Event]:
    async def go() -> list[Event]:
        store = Store(url, tenant_id=tenant_id)
        async with store.read() as uow:
            found = await uow.audit.page()
        await store.close()
        return found

    return asyncio.run(go())


def live(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tenant itself, which has the same lists."""
    monkeypatch.setattr("bot.cli.live.read_live_lists", lambda _names: LISTS)


def test_the_snapshot_is_judged_without_the_tenant(run: Run, url: str) -> None:
    result = run("203.0.113.7", "--snapshot", "--database", url, "--tenant", "one", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["verdict"] == "blocked"
    assert datetime.fromisoformat(answer["as_of"]) == TAKEN
    [entry] = answer["entries"]
    assert entry["recorded"]["requester"] == "U0REQUEST1"
    assert (entry["recorded"]["approvers"], entry["recorded"]["proposal"]) == (["U0APPROVE1"], 1)
    assert datetime.fromisoformat(entry["recorded"]["expires"]) == TAKEN + timedelta(days=7)


def test_the_only_tenant_needs_no_name_and_nothing_is_cut_off(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("203.0.113.7", "--snapshot", "--database", url)
    assert result.exit_code == 0, result.output
    assert f"{TAKEN + timedelta(days=7):%Y-%m-%d}" in result.stdout
    assert "…" not in result.stdout
    assert "203.0.113.9/24" in result.stdout


def test_people_are_told_until_when_and_who_asked_and_approved(run: Run, url: str) -> None:
    said = run("203.0.113.7", "--snapshot", "--database", url).stdout
    until = f"Until {TAKEN + timedelta(days=7):%Y-%m-%d %H:%M} UTC, when Portcullis removes it"
    assert f"{until} · asked by U0REQUEST1, approved by U0APPROVE1 · #1" in " ".join(said.split())


def test_whose_an_address_is_is_asked_of_dns_where_the_operator_wants_it(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dns_in_a_thread() as server:
        server.text(SHARED_SENDERS[0].domains[0], "v=spf1 ip4:203.0.113.0/24 -all")
        monkeypatch.setenv("PORTCULLIS_DNS_SERVERS", f"127.0.0.1:{server.port}")
        said = run("203.0.113.7", "--snapshot", "--database", url).stdout
        assert "Shared" not in said
        assert server.asked == []
        monkeypatch.setenv("PORTCULLIS_WHO_IS", "on")
        said = run("203.0.113.7", "--snapshot", "--database", url).stdout
        assert f"Shared: {SHARED_SENDERS[0].name}'s outbound range." in " ".join(said.split())
        answer = json.loads(run("203.0.113.7", "--snapshot", "--database", url, "--json").stdout)
        assert answer["whose"] == {"names": [], "shared_by": [SHARED_SENDERS[0].name]}


def test_of_an_entry_that_is_not_on_record_it_is_said_only_where_there_are_records(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(LISTS, entries=(replace(LISTS.entries[0], value="198.51.100.7"),))
    monkeypatch.setattr("bot.cli.live.read_live_lists", lambda _names: other)
    assert "No end · entered outside of Portcullis" in run("198.51.100.7", "--database", url).stdout
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", "sqlite:///missing.sqlite3")
    said = run("198.51.100.7").stdout
    assert "blocked" in said
    assert "outside of Portcullis" not in said
    assert "No end" not in said, "the connection filter keeps none: only the records would tell"


def test_the_tenants_own_answer_is_joined_to_what_is_on_record(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(monkeypatch)
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", url)
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", "one")
    answer = json.loads(run("203.0.113.7", "--json").stdout)
    assert answer["entries"][0]["recorded"]["reason"] == "Spam"
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", "another")
    answer = json.loads(run("203.0.113.7", "--json").stdout)
    assert answer["entries"][0]["recorded"] is None, "another tenant's records are not shown"


def test_who_looked_is_an_event_where_the_bot_serves_the_tenant(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    live(monkeypatch)
    for options in (("--snapshot",), (), ("--tenant", "another")):
        named = run("203.0.113[.]7", "--database", url, "--tenant", "one", *options)
        assert (named.exit_code, named.stderr) == (0, "")
    lists = tmp_path / "lists.json"
    lists.write_text(json.dumps({"policies": [], "items": {}, "spoof": []}))
    run("203.0.113.7", "--lists", str(lists), "--database", url, "--tenant", "one")
    found = events(url)
    assert [(event.kind, event.target, event.actor) for event in found] == [
        ("operator.acted", "check", f"account:{account()}")
    ] * 2
    assert [event.payload["snapshot"] for event in found] == [False, True]
    assert {(event.payload["indicator"], event.payload["verdict"]) for event in found} == {("203.0.113.7", "blocked")}
    assert events(url, "another") == [], "a slip in the name begins no log"


def test_who_looked_at_the_posture_is_an_event(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch)
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", url)
    for name, value in {"TENANT_ID": "one", "CLIENT_ID": "app", "CLIENT_SECRET": secrets.token_hex(8)}.items():
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    made = typer.Typer(pretty_exceptions_enable=False)
    made.command()(typed_posture)
    assert CliRunner().invoke(made, []).exit_code == 0
    [looked] = events(url)
    assert (looked.kind, looked.target) == ("operator.acted", "posture")
    assert {looked.payload[rule] for rule in ("MS.SECURITYSUITE.8.1v1", "MS.SECURITYSUITE.8.2v1")} == {"pass"}


def test_the_posture_says_since_when_and_who_asked_where_the_database_is_at_hand(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pair = Entry(list=ListName.SPOOF, action=Action.ALLOW, value="*, 203.0.113.0/24")
    monkeypatch.setattr("bot.cli.live.read_live_lists", lambda _names: replace(LISTS, entries=(pair,)))
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", url)
    for name, value in {"TENANT_ID": "one", "CLIENT_ID": "app", "CLIENT_SECRET": secrets.token_hex(8)}.items():
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)

    async def scanned() -> None:
        store = Store(url, tenant_id="one")
        [finding] = find(replace(LISTS, entries=(pair,)), (), now=TAKEN, own_domains=frozenset())
        faults = {(finding.name, fault.value): finding.place for fault in finding.faults}
        async with store.write() as uow:
            await uow.posture.add(faults, since=TAKEN, is_told=True)
            first = await add_request(uow, store)
            second = await add_request(uow, store, list=pair.list, action=pair.action, proposal_id=first.id)
            kept = KnownEntry(
                list=pair.list,
                action=pair.action,
                value=pair.value,
                requester="U0REQUEST1",
                request_id=second.id,
                reason="Partner",
                since=TAKEN,
                expires=None,
            )
            await uow.known.put(kept)
        await store.close()

    asyncio.run(scanned())
    made = typer.Typer(pretty_exceptions_enable=False)
    made.command()(typed_posture)
    answer = json.loads(CliRunner().invoke(made, ["--json"]).stdout)
    [found] = answer["findings"]
    assert {datetime.fromisoformat(fault["since"]) for fault in found["faults"]} == {TAKEN}
    assert not any("on record" in gap for gap in answer["unseen"])
    assert (found["request"], found["proposal"], found["requester"], found["named"]) == (3, 2, "U0REQUEST1", True)
    page = tmp_path / "posture.html"
    assert CliRunner().invoke(made, ["--html", str(page)]).exit_code == 0
    assert f"(since {TAKEN:%Y-%m-%d})" in page.read_text()
    assert "<td>U0REQUEST1, #2</td>" in page.read_text(), "people know a part by its proposal's number"
    assert [event.kind for event in events(url)] == ["operator.acted"] * 2


@pytest.mark.parametrize("tenant", ["", "one"])
def test_without_a_database_the_verdict_stands_all_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tenant: str
) -> None:
    live(monkeypatch)
    monkeypatch.delenv("PORTCULLIS_DATABASE_URL", raising=False)
    result = run("203.0.113.7", "--json", *(["--tenant", tenant] if tenant else []))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == "blocked"
    assert result.stderr == ""
    assert list(tmp_path.glob("*.sqlite3")) == [], "none is made"


def test_a_database_that_was_named_and_cannot_be_read_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch)
    result = run("203.0.113.7", "--database", "sqlite:///missing.sqlite3", "--tenant", "one", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == "blocked"
    assert "Who asked for an entry is not known" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "another"], "no snapshot"),
        (["--tenant", "one", "--lists", "-"], "can't both be judged"),
    ],
)
def test_a_snapshot_that_is_not_there_is_an_error(run: Run, url: str, arguments: list[str], words: str) -> None:
    result = run("203.0.113.7", "--snapshot", "--database", url, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_its_mail_is_counted_where_that_is_asked_for(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = MailFigures(
        source=MailSource.TRACE, messages=12, people=2, delivered=9, junk=3, quarantined=0, stopped=0, failed_dmarc=None
    )
    monkeypatch.setattr("bot.cli.live.count_mail", lambda indicator: found if indicator.kind is Kind.IPV4 else None)
    on = ("203.0.113.7", "--snapshot", "--database", url, "--tenant", "one")
    assert "Mail of the last 10 days" not in run(*on).stdout
    told = "203.0.113[.]7: 12 messages to 2 people (9 delivered, 3 to the junk folder)"
    assert f"Mail of the last 10 days: {told}" in run(*on, "--figures").stdout
    assert json.loads(run(*on, "--figures", "--json").stdout)["figures"]["messages"] == 12


def test_where_mail_is_not_counted_it_says_what_would_count_it(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TENANT_ID", "one"), ("CLIENT_ID", "app"), ("CLIENT_SECRET", secrets.token_hex(8))):
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    answer = run("203.0.113.7", "--snapshot", "--database", url, "--tenant", "one", "--figures")
    assert answer.exit_code == 2
    assert "PORTCULLIS_MAIL_FIGURES is off" in answer.stderr
