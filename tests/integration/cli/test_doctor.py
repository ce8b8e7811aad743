"""`portcullis doctor`: each thing that can be wrong is found, with what to do about it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import __version__
from bot import settings as env
from bot.bootstrap import build_client
from bot.cli import doctor
from bot.cli.doctor import Row
from bot.cli.support import LookedAt, support_page
from bot.clock import utc_now
from bot.diagnosis import Diagnosis
from bot.domain.auditing.events import EventKind
from bot.errors import SettingsError
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.tenant import Roles
from bot.reference import referenced
from bot.settings import load_all
from bot.slack.client import call, web_client
from bot.slack.diagnosis import READING_SCOPES, SCOPES, WORKING_SCOPES, diagnose_channels, diagnose_slack
from bot.store import Store
from bot.store.diagnosis import diagnose_database
from bot.store.migrate import migrate
from bot.tls import outside_context
from tests.support.audit_receiver import audit_receiver
from tests.support.installation import Installation, free_port
from tests.support.scripted_slack import ScriptedSlack, ok, refused, scripted_slack


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    """A Slack in which all is well."""
    async with scripted_slack() as running:
        scopes = {"x-oauth-scopes": ",".join(SCOPES)}
        running.answers |= {
            "auth.test": ok(headers=scopes, team="Contoso", team_id="T0X", user="portcullis", user_id="U0BOT"),
            "apps.connections.open": ok(url="wss://slack.example"),
            "usergroups.users.list": ok(users=["U0ONE1"]),
        }
        yield running


async def look_at(slack: ScriptedSlack, *, team_id: str | None = None) -> dict[str, Diagnosis]:
    client = web_client("token", api_url=slack.api_url, context=outside_context())
    found = await diagnose_slack(client, app_token="app", groups=["S0A", "S0A"], team_id=team_id, by_socket=True)
    assert all(diagnosis.ok or diagnosis.remedy for diagnosis in found), "what is wrong has a remedy"
    return {diagnosis.check: diagnosis for diagnosis in found}


async def test_slack_is_well(slack: ScriptedSlack) -> None:
    found = await look_at(slack, team_id="T0X")
    assert list(found) == ["bot token", "scopes", "app token", "commands", "user group S0A"]
    assert all(diagnosis.ok for diagnosis in found.values())


async def test_a_bad_bot_token(slack: ScriptedSlack) -> None:
    slack.answers["auth.test"] = refused("invalid_auth")
    found = await look_at(slack)
    assert list(found) == ["bot token"]
    assert "invalid_auth" in found["bot token"].details
    assert "bot token" in found["bot token"].remedy


async def test_the_token_of_another_workspace(slack: ScriptedSlack) -> None:
    found = (await look_at(slack, team_id="T0OTHER"))["bot token"]
    assert not found.ok
    assert "T0X" in found.details
    assert "T0OTHER" in found.details
    assert "SLACK_TEAM_ID" in found.remedy


async def test_a_token_of_a_whole_organization(slack: ScriptedSlack) -> None:
    slack.answers["auth.test"] = ok(team_id="E0GRID", enterprise_id="E0GRID", is_enterprise_install=True)
    found = await look_at(slack)
    assert list(found) == ["bot token"]
    assert not found["bot token"].ok
    assert "whole organization (Enterprise Grid)" in found["bot token"].details
    assert "Set SLACK_TEAM_ID" in found["bot token"].remedy


@pytest.mark.parametrize(
    ("others", "ok_", "said"),
    [([], True, "reaches none"), ([{"id": "T0S", "name": "Sales"}], False, "1 other workspace: Sales.")],
)
async def test_one_workspace_of_an_organization(
    slack: ScriptedSlack, others: list[dict[str, str]], ok_: bool, said: str
) -> None:
    slack.answers["auth.test"] = ok(team_id="E0GRID", enterprise_id="E0GRID", is_enterprise_install=True)
    slack.answers["auth.teams.list"] = ok(teams=[{"id": "T0X", "name": "Ours"}, *others])
    found = await look_at(slack, team_id="T0X")
    assert (found["other workspaces"].ok, said in found["other workspaces"].details) == (ok_, True)
    assert [check for check, finding in found.items() if not finding.ok] == ([] if ok_ else ["other workspaces"])
    assert "user group S0A" in found, "the rest is looked at all the same"


async def test_the_workspaces_of_a_large_organization_are_told_in_pages(slack: ScriptedSlack) -> None:
    slack.answers["auth.test"] = ok(team_id="E0GRID", enterprise_id="E0GRID", is_enterprise_install=True)
    first = ok(teams=[{"id": "T0S", "name": "Sales"}], response_metadata={"next_cursor": "dGVhbTpU="})
    slack.queue("auth.teams.list", first, ok(teams=[{"id": "T0X"}], response_metadata={"next_cursor": ""}))
    found = await look_at(slack, team_id="T0X")
    assert found["bot token"].ok
    assert "1 other workspace: Sales." in found["other workspaces"].details
    cursors = [asked.get("cursor") for asked in slack.queries if "limit" in asked]
    assert cursors == [None, "dGVhbTpU="]


async def test_the_workspace_that_is_set_is_named_before_slack_was_asked_which_it_is(
    environment: dict[str, str], slack: ScriptedSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`portcullis who` and `import` ask for the groups and nothing else, as may a job of a bot that starts."""
    monkeypatch.setenv("PORTCULLIS_SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("PORTCULLIS_SLACK_TEAM_ID", "T0X")
    client = build_client(env.load(env.SlackSettings))
    await call(client, "usergroups.users.list", {"usergroup": "S0A"})
    assert slack.queries == [{"usergroup": "S0A", "team_id": "T0X"}]


async def test_a_missing_scope_and_one_too_many(slack: ScriptedSlack) -> None:
    fewer = ",".join(SCOPES - {"usergroups:read"})
    slack.answers["auth.test"] = ok(headers={"x-oauth-scopes": fewer}, team_id="T0X")
    found = (await look_at(slack))["scopes"]
    assert (found.ok, found.details) == (False, "Missing: usergroups:read.")
    assert "app.yaml" in found.remedy
    given = [*SCOPES, *READING_SCOPES, *WORKING_SCOPES, "channels:read"]
    slack.answers["auth.test"] = ok(headers={"x-oauth-scopes": ",".join(given)}, team_id="T0X")
    found = (await look_at(slack))["scopes"]
    assert (found.ok, "More than needed: channels:read." in found.details) == (True, True)
    assert "Without" not in found.details


async def test_without_the_scopes_to_read_it_works_and_says_what_may_happen(slack: ScriptedSlack) -> None:
    given = [*SCOPES, *READING_SCOPES - {"im:history"}, "users:read"]
    slack.answers["auth.test"] = ok(headers={"x-oauth-scopes": ",".join(given)}, team_id="T0X")
    found = (await look_at(slack))["scopes"]
    assert (found.ok, "Without im:history, a message can be posted twice" in found.details) == (True, True)
    assert "Without dnd:read, approvers can be reminded outside their working hours." in found.details


async def test_what_slack_does_not_tell_is_said_to_be_so(slack: ScriptedSlack) -> None:
    found = (await look_at(slack))["commands"]
    assert (found.ok, found.remedy) == (True, "")
    assert "compare them with app.yaml" in found.details
    assert "/block" in found.details


async def test_a_line_in_each_channel(slack: ScriptedSlack) -> None:
    client = web_client("token", api_url=slack.api_url, context=outside_context())
    slack.queue("chat.postMessage", ok(ts="1.1"), refused("not_in_channel"))
    found = await diagnose_channels(client, {"approval": "C0APPROVALS", "alert": "C0ALERTS"})
    assert [(each.check, each.ok) for each in found] == [("approval channel", True), ("alert channel", False)]
    assert found[1].details == "C0ALERTS: Slack refused chat.postMessage: not_in_channel."
    assert "type /invite" in found[1].remedy
    slack.queue("chat.postMessage", ok(ts="1.2"))
    [both] = await diagnose_channels(client, {"approval": "C0APPROVALS", "alert": "C0APPROVALS"})
    assert (both.check, both.ok) == ("approval and alert channel", True)


async def test_a_slack_that_fails_in_the_middle(slack: ScriptedSlack) -> None:
    slack.queue("auth.test", slack.answers["auth.test"], refused("internal_error"))
    slack.answers["apps.connections.open"] = refused("not_allowed_token_type")
    slack.answers["usergroups.users.list"] = ok(users=[])
    found = await look_at(slack)
    assert {check: diagnosis.ok for check, diagnosis in found.items()} == {
        "bot token": True,
        "scopes": False,
        "app token": False,
        "commands": True,
        "user group S0A": False,
    }
    assert "connections:write" in found["app token"].remedy
    assert "no members" in found["user group S0A"].details
    slack.answers["usergroups.users.list"] = refused("no_such_subteam")
    assert "no_such_subteam" in (await look_at(slack))["user group S0A"].details


async def test_socket_mode_that_was_opened_just_before(slack: ScriptedSlack) -> None:
    """By the one who ran doctor a moment ago, or by a bot that started: the token may be right or wrong."""
    slack.answers["apps.connections.open"] = refused("ratelimited")
    found = (await look_at(slack))["app token"]
    assert not found.ok
    assert "Nobody knows yet whether the token is right. Look again in a minute" in found.remedy


async def test_a_slack_that_cannot_be_reached() -> None:
    client = web_client("token", api_url=f"http://127.0.0.1:{free_port()}", context=outside_context())
    [found] = await diagnose_slack(client, app_token=None, groups=[], team_id=None, by_socket=False)
    assert not found.ok
    assert "could not be reached" in found.details
    assert "Check the network, the proxy, SLACK_API_URL" in found.remedy


async def database(url: str) -> dict[str, tuple[bool, str, str]]:
    return {
        diagnosis.check: (diagnosis.ok, diagnosis.details, diagnosis.remedy)
        for diagnosis in await diagnose_database(url)
    }


async def test_the_database_from_missing_to_well(tmp_path: Path) -> None:
    path = tmp_path / "portcullis.sqlite3"
    url = f"sqlite:///{path}"
    found = await database(url)
    assert list(found) == ["connection"]
    assert found["connection"][1] == f"There is no database portcullis.sqlite3. (Database: {path})"
    assert "portcullis migrate" in found["connection"][2]
    assert not path.exists(), "looking makes nothing"
    sqlite3.connect(path).close()
    found = await database(url)
    assert [ok for ok, _, _ in found.values()] == [True, False]
    assert "portcullis migrate" in found["tables"][2]
    await migrate(url)
    found = await database(url)
    assert list(found) == ["connection", "tables", "writing", "jobs", "cards", "audit triggers", "audit log"]
    assert all(ok for ok, _, _ in found.values())


async def test_an_audit_log_that_was_tampered_with(tmp_path: Path) -> None:
    path = tmp_path / "portcullis.sqlite3"
    url = f"sqlite:///{path}"
    await migrate(url)
    for tenant in ("one", "two"):
        store = Store(url, tenant_id=tenant)
        async with store.write() as uow:
            for _ in range(3):
                await uow.audit.append(EventKind.CHECK_ASKED, actor="U0ONE1", target="x", at=store.clock())
        await store.close()
    assert (await database(url))["audit log"] == (True, "Intact; 6 events.", "")
    with sqlite3.connect(path) as connection:
        triggers = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE audit_events SET actor = 'U0TWO2' WHERE tenant_id = 'two' AND seq = 2")
    connection.close()
    is_well, details, remedy = (await database(url))["audit log"]
    assert (is_well, "tenant two" in details, "one" in details) == (False, True, False)
    assert "portcullis audit verify" in remedy
    is_well, details, remedy = (await database(url))["audit triggers"]
    assert (is_well, "audit_events_no_update of audit_events is missing" in details) == (False, True)
    assert "portcullis migrate --triggers" in remedy


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The playground, and no bot."""
    folder = tmp_path_factory.mktemp("doctor")
    installation = Installation(folder=folder)
    asyncio.run(migrate(installation.database_url))
    installation.start_playground()
    yield installation
    installation.__exit__()


@pytest.fixture
def environment(here: Installation, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process's variables, as the bot would have them."""
    for name in os.environ:
        if name.startswith("PORTCULLIS_"):
            monkeypatch.delenv(name)
    settings = {name: value for name, value in here.environment().items() if name.startswith("PORTCULLIS_")}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    here.tenant.reset()
    return settings


async def wrong(part: str) -> Mapping[str, Row]:
    """What is wrong with one part; each with a remedy."""
    rows = [row for row in await doctor._look() if not row.ok]
    assert all(row.remedy for row in rows)
    return {row.check: row for row in rows if row.part == part}


def test_all_is_well_in_words_and_in_json(here: Installation) -> None:
    told = here.command("doctor", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    rows = json.loads(told.stdout)
    assert {row["part"] for row in rows} == {"database", "Slack", "tenant", "policy", "server"}
    assert all(row.keys() == {"part", "check", "ok", "details", "remedy"} for row in rows)
    assert "doctor --post" in next(row["details"] for row in rows if row["check"] == "channels")
    words = here.command("doctor")
    assert (words.returncode, "All is well." in words.stdout) == (0, True)


def test_the_same_remedy_is_told_once_for_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    def row(part: str, check: str, remedy: str) -> Row:
        return Row(part=part, check=check, ok=False, details="It fails.", remedy=remedy)

    doctor._print(
        [
            row("tenant", "one", "Mend it."),
            row("tenant", "two", "Mend it."),
            row("tenant", "three", "Mend that."),
            row("server", "four", "Mend it."),
        ]
    )
    remedies = [line.strip() for line in capsys.readouterr().out.splitlines() if "→" in line]
    assert remedies == ["→ Mend it.", "→ as above", "→ Mend that.", "→ Mend it."]


def test_a_line_is_posted_only_when_asked_for(here: Installation) -> None:
    told = here.command("doctor", "--json", "--post")
    assert told.returncode == 0, told.stdout + told.stderr
    checks = {row["check"]: row["details"] for row in json.loads(told.stdout) if row["part"] == "Slack"}
    assert "channels" not in checks
    assert checks["approval channel"] == checks["alert channel"] == "A line was posted there."


#: What the page must not tell, by setting: anything that isn't a number, a switch or a word of ours.
TELLING = {
    "SLACK_TEAM_ID": "T0TELLING1",
    "CONTACT": "the mail team of Telling",
    "DENIAL_REASONS": "telling reason; another",
    "ACCEPTED_DOMAINS": "telling.example",
    "AUDITORS": "U0TELLING1",
    "CALL_APPROVERS": "S0TELLING1",
    "DNS_SERVERS": "192.0.2.53",
    "AUDIT_WEBHOOK_URL": "https://telling.example/in",
    "AUDIT_WEBHOOK_SECRET": "telling-secret-0123456789",
    "METRICS_TOKEN": "telling-token-0123456789",
    "ANCHOR_FILE": "/telling/heads.jsonl",
}


async def test_the_page_for_support_tells_neither_who_nor_where(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in TELLING.items():
        monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    monkeypatch.setenv("PORTCULLIS_IP_ALLOW_MAX_DAYS", "11")
    rows = [
        LookedAt(part="Slack", check="user group S0TELLING1", ok=False),
        LookedAt(part="Slack", check="user group S0_TELLING", ok=True),
        LookedAt(part="Slack", check="user group SELL", ok=True),
        LookedAt(part="policy", check="rule “Telling”", ok=True),
        LookedAt(part="policy", check="rule “Partners” (“Telling”, telling.example)”", ok=True),
    ]
    page = await support_page(rows)
    given = {**environment, **{f"PORTCULLIS_{name}": value for name, value in TELLING.items()}}
    plain = {"socket", "http", "secret", "world", "plan1", "plan2", "0", "on", "off"}
    for name, value in given.items():
        if len(value) > 3 and value not in plain and not value.isdigit():
            assert value not in page, name
    assert "elling" not in page.lower()
    assert "SELL" not in page
    assert "127.0.0.1" not in page
    assert "ip_allow_max_days: 11\n" in page
    assert "ip_allow: two-person (default)" in page
    assert "slack_bot_token: given" in page
    assert "auditors: 1 given" in page
    assert "client_certificate: not given" in page
    assert "WRONG  Slack: user group …" in page
    assert "ok     policy: rule …" in page
    assert f"Portcullis {__version__}, " in page
    assert "SQLite at revision " in page


async def test_the_page_for_support_with_settings_that_are_wrong(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTCULLIS_IP_ALLOW", "telling")
    monkeypatch.setenv("PORTCULLIS_APROVERS", "U0TELLING1")
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", f"postgresql://telling@127.0.0.1:{free_port()}/telling")
    page = await support_page([])
    assert "ip_allow: given; this part of the settings is wrong" in page
    assert "1 names that nothing reads" in page
    assert "it can't be read (StoreUnreachable)" in page
    assert "elling" not in page


async def test_the_page_for_support_counts_what_waits_and_names_what_was_given_up(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portcullis.sqlite3'}"
    await migrate(url)
    store = Store(url, tenant_id="one")
    with referenced("0a1b2c3d"):
        async with store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U0ONE1", target="telling.example", at=store.clock())
            await uow.jobs.enqueue("request.apply", {"request_id": 7})
            await uow.jobs.enqueue("request.notify", {"request_id": 7})
            [job] = await uow.jobs.claim("telling", store.clock(), 30, 1)
            await uow.jobs.mark_dead(job, "telling.example is away")
    await store.close()
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("PORTCULLIS_"):
                patch.delenv(name)
        patch.setenv("PORTCULLIS_DATABASE_URL", url)
        page = await support_page([])
    assert "1 events, " in page
    assert "jobs request.notify: 1, the oldest for 0 s" in page
    assert f"given up: job-{job.id} request.apply of " in page
    assert "reference 0a1b2c3d" in page
    assert "elling" not in page


def test_the_page_for_support_at_a_terminal(here: Installation) -> None:
    told = here.command("doctor", "--support")
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith("Portcullis ")
    assert "ok     database: connection" in told.stdout
    assert here.command("doctor", "--support", "--json").returncode == 2


def test_several_things_wrong_at_once_and_no_secret_told(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secrets.token_hex(12)
    settings = {
        "PORTCULLIS_SLACK_BOT_TOKEN": f"xoxb-{secret}",
        "PORTCULLIS_CLIENT_SECRET": secret,
        "PORTCULLIS_DATABASE_URL": f"postgresql://portcullis:{secret}@127.0.0.1:{free_port()}/x",
        "PORTCULLIS_APROVERS": "U0TYPO1",
    }
    monkeypatch.setattr(here, "_settings", settings)
    told = here.command("doctor", "--json")
    assert told.returncode == 1
    rows = json.loads(told.stdout)
    assert [(row["part"], row["check"]) for row in rows if not row["ok"]] == [
        ("database", "connection"),
        ("Slack", "bot token"),
        ("tenant", "token"),
        ("settings", "unknown name"),
    ]
    assert secret not in told.stdout + told.stderr
    words = here.command("doctor")
    assert (words.returncode, "4 of" in words.stdout, secret in words.stdout) == (1, True, False)


async def test_settings_that_are_missing_are_told_part_by_part(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTCULLIS_APPROVERS")
    monkeypatch.delenv("PORTCULLIS_CLIENT_SECRET")
    assert "PORTCULLIS_APPROVERS is missing" in (await wrong("Slack"))["settings"].details
    assert "PORTCULLIS_CLIENT_CERTIFICATE is missing" in (await wrong("tenant"))["settings"].details
    assert await wrong("database") == {}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("policy", "IP_ALLOW", "yes"),
        ("policy", "IP_ALLOW_MAX_DAYS", "9999"),
        ("looking further", "OVERRIDES", "mailboxes"),
        ("looking further", "DNS_SERVERS", "somewhere"),
        ("server", "HTTP_PORT", "99999"),
        ("server", "LOG_LEVEL", "LOUD"),
        ("Slack", "APPROVERS", "somebody"),
    ],
)
async def test_a_value_that_run_refuses_is_told(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, part: str, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PORTCULLIS_{name}", value)
    [row] = [row for row in await doctor._look() if not row.ok]
    assert (row.part, row.check) == (part, "settings")
    assert row.details.startswith(f"PORTCULLIS_{name}: ")
    assert row.remedy == "Correct it: docs/settings.md."
    with pytest.raises(SettingsError):
        load_all()


async def test_each_wrong_value_has_its_row(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCULLIS_IP_ALLOW", "yes")
    monkeypatch.setenv("PORTCULLIS_IP_ALLOW_MAX_DAYS", "9999")
    monkeypatch.delenv("PORTCULLIS_APPROVERS")
    bad = [row for row in await doctor._look() if not row.ok]
    assert [row.part for row in bad] == ["Slack", "policy", "policy"]
    assert ["Set it" in row.remedy for row in bad] == [True, False, False]


async def test_a_role_that_is_missing_in_the_tenant(environment: dict[str, str], here: Installation) -> None:
    here.tenant.arm(Fault(kind="403", times=50))
    found = await wrong("tenant")
    assert len([check for check in found if check.startswith("list: ")]) == 6
    assert any("role" in row.remedy.lower() for row in found.values())


async def test_one_list_that_cannot_be_read(environment: dict[str, str], here: Installation) -> None:
    here.tenant.arm(Fault(kind="403", cmdlet="Get-HostedConnectionFilterPolicy", times=50))
    assert [check.lower() for check in await wrong("tenant")] == ["list: connection filter"]


async def test_what_is_well_for_now_is_marked_as_such(
    environment: dict[str, str], here: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    here.tenant.arm(Fault(kind="403", cmdlet="Get-AcceptedDomain", times=5))
    rows = await doctor._look()
    assert all(row.ok for row in rows)
    doctor._print(rows)
    [line] = [line for line in capsys.readouterr().out.splitlines() if "accepted domains: " in line]
    assert line.strip().startswith("! ")


async def test_submissions_are_looked_at_when_they_are_on(
    environment: dict[str, str], here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.tenant.set_roles(Roles(graph_role=False))
    assert await wrong("tenant") == {}
    monkeypatch.setenv("PORTCULLIS_SUBMISSIONS", "on")
    found = await wrong("tenant")
    assert list(found) == ["app role ThreatSubmission.ReadWrite.All"]
    assert "Grant admin consent" in found["app role ThreatSubmission.ReadWrite.All"].remedy
    monkeypatch.setenv("PORTCULLIS_SUBMISSIONS", "perhaps")
    assert await wrong("tenant") == {}
    assert set(await wrong("policy")) == {"settings"}


async def test_rules_with_which_nothing_starts_are_wrong(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[approval]]\nname = "Lead"\nlists = ["url"]\napprovers = ["U0LEAD"]\n')
    monkeypatch.setenv("PORTCULLIS_RULES_FILE", str(file))
    monkeypatch.setenv("PORTCULLIS_APPROVERS", "U0APPROVE1")
    with pytest.raises(SettingsError) as refused_by_run:
        load_all()
    found = await wrong("settings")
    assert [row.details for row in found.values()] == list(refused_by_run.value.problems)
    assert "Add U0LEAD to PORTCULLIS_APPROVERS" in found["taken together"].details


def written(here: Installation) -> list[object]:
    return [call["cmdlet"] for call in here.tenant.calls() if not str(call["cmdlet"]).startswith("Get-")]


def is_empty(here: Installation) -> bool:
    lists: Any = here.tenant.lists()
    return not any(policy["IPBlockList"] for policy in lists["policies"]) and not any(lists["items"].values())


def test_writing_is_tried_only_when_asked_for(here: Installation) -> None:
    here.tenant.reset()
    assert here.command("doctor", "--json").returncode == 0
    assert written(here) == []
    told = here.command("doctor", "--write", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    checks = [row["check"] for row in json.loads(told.stdout) if row["check"].startswith("write: ")]
    assert len(checks) == 2
    assert told.stderr.count("Adding a block of ") == 2
    assert len(written(here)) == 4
    assert is_empty(here)


def test_what_cannot_be_logged_is_not_written(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.tenant.reset()
    # Of one database the log takes nothing; the other isn't there.
    path = tmp_path / "portcullis.sqlite3"
    asyncio.run(migrate(f"sqlite:///{path}"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER closed BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'closed'); END"
        )
    for address in (f"sqlite:///{path}", f"sqlite:///{tmp_path}/missing.sqlite3"):
        monkeypatch.setattr(here, "_settings", {"PORTCULLIS_DATABASE_URL": address})
        told = here.command("doctor", "--write", "--json")
        assert told.returncode == 1
        rows = json.loads(told.stdout)
        [writing] = [row for row in rows if (row["part"], row["check"]) == ("tenant", "writing")]
        assert writing["details"].startswith("Nothing was written, because it can't be logged: ")
        assert "portcullis migrate" in writing["remedy"]
        assert "Adding" not in told.stderr
        assert written(here) == []
        assert all(row["ok"] for row in rows if row["part"] == "tenant" and row["check"] != "writing")


def test_a_role_that_may_not_write(here: Installation) -> None:
    here.tenant.reset()
    here.tenant.set_roles(Roles(directory_role="reader"))
    told = here.command("doctor", "--write", "--json")
    assert told.returncode == 1
    bad = [row for row in json.loads(told.stdout) if not row["ok"]]
    assert [row["check"].partition(":")[0] for row in bad] == ["write", "write"]
    assert all("Security Administrator" in row["remedy"] for row in bad)


@contextmanager
def interruptible() -> Iterator[None]:
    """What is started within can be interrupted by SIGINT and SIGHUP, also where this run can't.

    A shell that runs something in the background has it ignore SIGINT, and `nohup` SIGHUP; whatever that starts ignores
    it too, and so does a doctor, as it should. What a process catches, its children don't inherit.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_write_is_cleaned_up(here: Installation, number: signal.Signals) -> None:
    here.tenant.reset()
    here.tenant.arm(Fault(kind="delay", cmdlet="New-TenantAllowBlockListItems", delay=2))
    with interruptible():
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "doctor", "--write"],
            env=here.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    ends = time.monotonic() + 60
    while here.tenant.armed():  # a process that runs tells nobody how far it is
        assert process.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.01)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode not in {0, 1}
    assert "Stopping: looking whether" in told
    assert "Traceback" not in told
    assert written(here) == ["New-TenantAllowBlockListItems", "Remove-TenantAllowBlockListItems"]
    assert is_empty(here)


async def test_the_webhook_of_the_audit_log(monkeypatch: pytest.MonkeyPatch) -> None:
    with audit_receiver() as receiver:
        assert await doctor._audit_log() == [], "none is set"
        monkeypatch.setenv("PORTCULLIS_AUDIT_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("PORTCULLIS_AUDIT_WEBHOOK_SECRET", receiver.secret.decode())
        [row] = await doctor._audit_log()
        assert row.ok
        assert receiver.calls == [("0-0", [])], "it is asked, and gets no event"
        receiver.status = 302
        [row] = await doctor._audit_log()
        assert not row.ok
        assert "redirect" in row.details
        assert row.remedy


async def test_an_event_that_the_webhook_refuses_is_told(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite3'}"
    await migrate(url)
    store = Store(url, tenant_id=environment["PORTCULLIS_TENANT_ID"])
    with audit_receiver() as receiver:
        monkeypatch.setenv("PORTCULLIS_DATABASE_URL", url)
        monkeypatch.setenv("PORTCULLIS_AUDIT_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("PORTCULLIS_AUDIT_WEBHOOK_SECRET", receiver.secret.decode())
        for minutes in (20, 5):
            async with store.write() as uow:
                at = utc_now() - timedelta(minutes=minutes)
                await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target="evil.example", at=at)
        answers, waits = await doctor._audit_log()
        assert (answers.ok, waits.ok) == (True, False)
        assert waits.details.startswith("Event 1 has waited since ")
        assert waits.details.endswith(", and 1 after it.")
        assert "audit list --before 2 --limit 1" in waits.remedy
        async with store.write() as uow:
            await uow.audit_cursors.move(receiver.client.name, 1)
        assert [row.ok for row in await doctor._audit_log()] == [True], "the next has come just now"
    await store.close()
