"""`portcullis doctor`: what is wrong with the settings, the database, Slack or the tenant, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial

import typer
from rich.text import Text

from bot import logs
from bot import settings as env
from bot.as_set import build_lookup, build_receiver, tenant_settings
from bot.bootstrap import build_client
from bot.cli.account import log_act
from bot.cli.rights import chosen_rights
from bot.cli.rules_told import told
from bot.cli.running_bot import look_at_running_bot
from bot.cli.support import LookedAt, support_page
from bot.cli.terminal import console_for, say
from bot.clock import utc_now
from bot.diagnosis import Diagnosis
from bot.dns.diagnosis import diagnose_dns
from bot.errors import PortcullisError, ReceiverFailed, SettingsError, StoreError
from bot.slack.diagnosis import UNTRIED_CHANNELS, diagnose_channels, diagnose_slack
from bot.store import AuditFilter, Store
from bot.store.diagnosis import diagnose_database
from bot.tenant.diagnosing.diagnosis import diagnose as diagnose_tenant
from bot.tenant.optional_rights import TenantRight, rights_for
from bot.webhook.receiver import Receiver

#: So long may an event wait for the webhook. The job that hands it on is tried again ten minutes later at most.
_WAITS_AT_MOST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was looked at. `remedy` is empty when it is well; with `ok`, it says what to do before long."""

    part: str
    check: str
    ok: bool
    details: str
    remedy: str = ""


def doctor(*, as_json: bool, what_if: bool, write: bool, post: bool, support: bool) -> None:
    """Do what `portcullis doctor` is asked for."""
    if support and as_json:
        raise typer.BadParameter("--support prints a page, and no JSON: leave one of them out.")
    # What is logged on the way is told by the rows; and structlog, left alone, would print it into the JSON.
    logs.configure("ERROR")
    # Ended in the midst of a look, the pool can't give its connection back: no news to anybody.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        rows = asyncio.run(_until_ended(_look(write=write, what_if=what_if, post=post)))
        page = asyncio.run(_page(rows)) if support else ""
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)
    if support:
        print(page)
    elif as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        _print(rows)
    sys.exit(0 if all(row.ok for row in rows) else 1)


async def _until_ended(looking: Coroutine[None, None, list[Row]]) -> list[Row]:
    """SIGTERM, and a terminal that is closed, end it as Ctrl-C does: by taking out what was added first."""
    task = asyncio.ensure_future(looking)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` has it
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


async def _page(rows: Sequence[Row]) -> str:
    return await support_page([LookedAt(part=row.part, check=row.check, ok=row.ok) for row in rows])


async def _look(*, write: bool = False, what_if: bool = False, post: bool = False) -> list[Row]:
    parts: dict[str, Callable[[], Coroutine[None, None, list[Row]]]] = {
        "database": _database,
        "Slack": partial(_slack, post=post),
        "tenant": partial(_tenant, write=write, what_if=what_if),
        "audit log": _audit_log,
        "looking further": _looking,
        "DNS": _dns,
        "policy": _policy,
        "server": _server,
    }
    looked = await asyncio.gather(*(look() for look in parts.values()), return_exceptions=True)
    rows: list[Row] = []
    for part, found in zip(parts, looked, strict=True):
        if isinstance(found, SettingsError):
            rows += [
                Row(part=part, check="settings", ok=False, details=problem, remedy=_remedy(problem))
                for problem in found.problems
            ]
        elif isinstance(found, PortcullisError):
            rows.append(Row(part=part, check="settings", ok=False, details=found.what, remedy=found.remedy))
        elif isinstance(found, BaseException):
            raise found
        else:
            rows += [replace(row, part=part) for row in found]
    rows += [
        Row(part="settings", check="taken together", ok=False, details=problem, remedy=_remedy(problem))
        for problem in env.wrong_together()
    ]
    rows += [_unknown(unknown) for unknown in env.unknown_names()]
    return rows


def _unknown(unknown: env.UnknownName) -> Row:
    remedy = f"Did you mean {unknown.meant}? " if unknown.meant else "Take it away, or look for a slip of the pen: "
    return Row(
        part="settings",
        check="unknown name",
        ok=False,
        details=f"{unknown.name} is set, and nothing reads it.",
        remedy=f"{remedy}docs/settings.md lists every name.",
    )


def _remedy(problem: str) -> str:
    return f"{'Set it in the environment' if ' is missing' in problem else 'Correct it'}: docs/settings.md."


def _rows(diagnoses: Iterable[Diagnosis]) -> list[Row]:
    return [
        Row(part="", check=diagnosis.check, ok=diagnosis.ok, details=diagnosis.details, remedy=diagnosis.remedy)
        for diagnosis in diagnoses
    ]


async def _database() -> list[Row]:
    settings = env.load(env.DatabaseSettings)
    findings = await diagnose_database(settings.database_url)
    return _rows(findings)


async def _slack(*, post: bool = False) -> list[Row]:
    settings = env.load(env.SlackSettings)
    client = build_client(settings)
    findings = await diagnose_slack(
        client,
        app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else None,
        groups=sorted(settings.user_groups | env.load(env.CallingSettings).user_groups | _rule_groups()),
        team_id=settings.slack_team_id,
        by_socket=settings.slack_mode == "socket",
    )
    if not findings[0].ok:
        return _rows(findings)
    if not post:
        return _rows([*findings, UNTRIED_CHANNELS])
    if not_logged := await _log_act("doctor --post"):
        return [*_rows(findings), *not_logged]
    channels = {"approval": settings.approval_channel, "alert": settings.alert_channel or settings.approval_channel}
    return _rows([*findings, *await diagnose_channels(client, channels)])


async def _tenant(*, write: bool = False, what_if: bool = False) -> list[Row]:
    not_logged = await _log_act("doctor --write" if write else "doctor --what-if") if write or what_if else []
    write, what_if = write and not not_logged, what_if and not not_logged
    findings = await diagnose_tenant(
        tenant_settings(env.load(env.TenantSettings)), rights=_rights(), write=write, ask_what_if=what_if, tell=_tell
    )
    return [*_rows(findings), *not_logged]


async def _log_act(act: str) -> list[Row]:
    """Write down that entries are added and taken out again, or a line is posted. What can't be written down isn't
    done: its row."""
    try:
        url, tenant_id = env.load(env.DatabaseSettings).database_url, env.load(env.TenantSettings).tenant_id
        await log_act(url, tenant_id, act)
    except PortcullisError as error:
        what = "posted" if act == "doctor --post" else "written"
        details = f"Nothing was {what}, because it can't be logged: {error}"
        remedy = "Mend the database first, with `portcullis migrate`."
        return [Row(part="", check="writing", ok=False, details=details, remedy=remedy)]
    return []


def _rights() -> tuple[TenantRight, ...]:
    """The rights that the settings need; wrong settings have their own rows, and then none is asked for."""
    try:
        return rights_for(chosen_rights(env.load(env.PolicySettings), env.load(env.LookingSettings)))
    except SettingsError:
        return ()


def _tell(line: str) -> None:
    # Not on standard output: that is the JSON's. Where nobody reads any more, what was added is taken out all the same.
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


async def _audit_log() -> list[Row]:
    receiver = build_receiver(env.load(env.AnchorSettings))
    if receiver is None:
        return []
    try:
        # No event: only whether it answers, and takes our signature.
        await receiver.send(b"", first=0, last=0)
    except ReceiverFailed as error:
        return [Row(part="", check="webhook", ok=False, details=error.what, remedy=error.remedy)]
    answers = Row(part="", check="webhook", ok=True, details="AUDIT_WEBHOOK_URL takes what is sent there.")
    return [answers, *await _waiting_for(receiver)]


async def _waiting_for(receiver: Receiver) -> list[Row]:
    """Whether events wait for the receiver, although it answers. Nothing where no database can be read."""
    try:
        url, tenant_id = env.load(env.DatabaseSettings).database_url, env.load(env.TenantSettings).tenant_id
        store = Store(url, tenant_id=tenant_id)
    except PortcullisError:
        return []  # it has rows of its own
    try:
        async with store.read() as uow:
            at = await uow.audit_cursors.at(receiver.name)
            waiting = await uow.audit.page(filters=AuditFilter(after_seq=at, limit=1))
            head = await uow.audit.head()
    except StoreError:
        return []
    finally:
        await store.close()
    if not waiting or head is None or utc_now() - waiting[0].at < _WAITS_AT_MOST:
        return []
    first = waiting[0].seq
    details = f"Event {first} has waited since {waiting[0].at:%Y-%m-%d %H:%M} UTC, and {head.seq - first} after it."
    remedy = (
        "While the bot runs, the receiver refuses that event: its own log says why, and "
        f"`portcullis audit list --before {first + 1} --limit 1` shows it."
    )
    return [Row(part="", check="webhook", ok=False, details=details, remedy=remedy)]


async def _looking() -> list[Row]:
    """Nothing but what is wrong with these settings: what they switch on is looked at where it is."""
    env.load(env.LookingSettings)
    return []


async def _dns() -> list[Row]:
    try:
        settings = env.load(env.LookingSettings)
    except SettingsError:
        return []  # it has rows of its own
    return _rows(await diagnose_dns(build_lookup(settings))) if settings.who_is else []


async def _policy() -> list[Row]:
    settings = env.load(env.PolicySettings)
    details = (
        f"IP_ALLOW is {settings.ip_allow}, IP_ALLOW_MAX_DAYS {settings.ip_allow_max_days}, "
        f"TENANT_PLAN {settings.tenant_plan}, DIRECT_ALLOW {_switch(settings.direct_allow)}, "
        f"SUBMISSIONS {_switch(settings.submissions)}, WORKFLOW_STEP {_switch(settings.workflow_step)}."
    )
    rows = [Row(part="", check="settings", ok=True, details=details)]
    return rows + [Row(part="", check=f"rule “{name}”", ok=True, details=said) for name, said in told(settings.rules)]


def _rule_groups() -> frozenset[str]:
    """The user groups that rules name; wrong policy settings have their own rows."""
    try:
        return env.load(env.PolicySettings).rules.user_groups
    except SettingsError:
        return frozenset()


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"


async def _server() -> list[Row]:
    settings = env.load(env.ServerSettings)
    details = f"HTTP_HOST is {settings.http_host}, HTTP_PORT {settings.http_port}, LOG_LEVEL {settings.log_level}."
    running = await look_at_running_bot(settings.http_host, settings.http_port)
    return [Row(part="", check="settings", ok=True, details=details), *_rows([running])]


def _print(rows: Sequence[Row]) -> None:
    console = console_for()
    part, told = "", set[str]()
    for row in rows:
        if row.part != part:
            part, told = row.part, set()
            console.print()
            say(console, Text(part, style="bold"))
        mark, colour = ("✗", "red") if not row.ok else ("!", "yellow") if row.remedy else ("✓", "green")
        say(console, f"{row.check}: {row.details}", before=Text.assemble("  ", (mark, colour), " "))
        if row.remedy:
            # Where one right is missing, all lists have the same remedy, a paragraph each.
            say(console, "as above" if row.remedy in told else row.remedy, before="      → ")
            told.add(row.remedy)
    bad = sum(not row.ok for row in rows)
    console.print()
    say(console, "All is well." if bad == 0 else f"{bad} of {len(rows)} {'needs' if bad == 1 else 'need'} a look.")
