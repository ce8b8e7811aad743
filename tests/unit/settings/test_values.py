"""What is written in one setting, as it is read: addresses, lengths of time, hours, days, people."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot import settings as env
from bot.settings.types import read_days, read_hours, read_servers, read_waits, read_weekly
from tests.unit.settings.environment import URLS, Environment, one_problem


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value",
    [
        "http://127.0.0.1:8420/x",
        "http://127.9.9.9",
        "http://[::1]:80",
        "http://localhost:1",
        "http://LOCALHOST",
        "https://contoso.com",
    ],
)
def test_plain_http_for_loopback_and_https_for_all(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    env.load_all()


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value",
    [
        "http://contoso.com",
        "http://128.0.0.1",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.contoso.com",
        "http://127.0.0.1.contoso.com",
        "http://[::2]",
        "ftp://127.0.0.1",
        "contoso.com",
        "https://",
        "https://[::1",
        "https://contoso.com:port",
        "https://contoso.com#x",
        "https://somebody@contoso.com",
    ],
)
def test_other_addresses_are_refused(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}:")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("90", timedelta(seconds=90)),
        (" 5m ", timedelta(minutes=5)),
    ],
)
def test_durations(environment: Environment, value: str, meant: timedelta) -> None:
    environment.set(WATCH_EVERY=value)
    assert env.load_all().policy.watch_every == meant


@pytest.mark.parametrize("value", ["soon", "-5m", "5 fortnights", "0s", "1.5h", "P1D", "9999999999999d", "999999999w"])
def test_what_is_no_duration(environment: Environment, value: str) -> None:
    environment.set(WATCH_EVERY=value)
    assert one_problem().startswith("PORTCULLIS_WATCH_EVERY:")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("8-18", (time(8), time(18))),
        ("08:30-17:00", (time(8, 30), time(17))),
        ("22 – 6", (time(22), time(6))),
        ("0-24", (time(), time())),
    ],
)
def test_working_hours(environment: Environment, value: str, meant: tuple[time, time]) -> None:
    environment.set(WORKING_HOURS=value)
    assert read_hours(env.load_all().calling.working_hours) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sun-Thu", {6, 0, 1, 2, 3}),
        ("mon, wed,sat", {0, 2, 5}),
        ("sat", {5}),
        ("mon-sun", set(range(7))),
    ],
)
def test_working_days(environment: Environment, value: str, meant: set[int]) -> None:
    environment.set(WORKING_DAYS=value)
    assert read_days(env.load_all().calling.working_days) == meant


@pytest.mark.parametrize(
    ("value", "meant"), [("mon 8", (0, 8)), ("Fri  16:00", (4, 16)), ("sun 0", (6, 0)), ("OFF", None)]
)
def test_once_a_week(environment: Environment, value: str, meant: tuple[int, int] | None) -> None:
    environment.set(POSTURE_SUMMARY=value)
    assert read_weekly(env.load_all().policy.posture_summary) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1h, 4h, 1d, 2d", (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=2))),
        ("30m 30m", (timedelta(minutes=30), timedelta(minutes=30))),
        ("Never", ()),
    ],
)
def test_waits(environment: Environment, value: str, meant: tuple[timedelta, ...]) -> None:
    environment.set(REMIND_AFTER=value)
    assert read_waits(env.load_all().calling.remind_after) == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("WORKING_HOURS", value) for value in ("nine to five", "8", "8-25", "24:01-6", "8:60-18")),
        *(("WORKING_DAYS", value) for value in ("weekdays", "mon-", "mon-fry", ",")),
        *(("POSTURE_SUMMARY", value) for value in ("weekly", "mon", "mon 24", "monday 8", "mon 8:30")),
        *(("REMIND_AFTER", value) for value in ("4h, 1h", "soon", "30s", "1h,,soon")),
        ("ESCALATE_BEFORE", "1s"),
        ("ESCALATE_TO", "@oncall"),
    ],
)
def test_what_says_nothing_of_when_and_whom_to_call(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}:")


@pytest.mark.parametrize("name", [name for name in URLS if name != "AUDIT_WEBHOOK_URL"])
def test_what_something_is_put_behind_takes_no_query(environment: Environment, name: str) -> None:
    environment.set(**{name: "https://contoso.com?x=1"})
    assert one_problem() == f"PORTCULLIS_{name}: an address here carries no query."


@pytest.mark.parametrize(
    "url",
    [
        "https://collector.example/hook",
        "https://collector.example/hook/",
        "https://collector.example/hook?api-version=1",
    ],
)
def test_the_webhook_is_called_at_the_address_that_was_given(environment: Environment, url: str) -> None:
    environment.set(AUDIT_WEBHOOK_URL=url, AUDIT_WEBHOOK_SECRET="only for this test")
    assert env.load_all().anchor.audit_webhook_url == url


@pytest.mark.parametrize("value", ["U0OPERATOR", "the help desk (ext. 4711)", "Helpdesk,  Gebäude 3"])
def test_whom_people_ask_is_an_id_or_any_text(environment: Environment, value: str) -> None:
    environment.set(CONTACT=value)
    assert env.load_all().slack.contact == " ".join(value.split())


@pytest.mark.parametrize("value", ["the help desk\u202e", "x" * 81])
def test_whom_people_ask_can_be_shown(environment: Environment, value: str) -> None:
    environment.set(CONTACT=value)
    assert one_problem().startswith("PORTCULLIS_CONTACT:")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("192.0.2.53:5353, [2001:db8::53]:53", [("192.0.2.53", 5353), ("2001:db8::53", 53)]),
        ("2001:db8::53 [2001:db8::54]", [("2001:db8::53", 53), ("2001:db8::54", 53)]),
    ],
)
def test_resolvers_are_addresses_each_perhaps_with_a_port(
    environment: Environment, given: str, read: list[tuple[str, int]]
) -> None:
    environment.set(DNS_SERVERS=given)
    assert list(read_servers(env.load_all().looking.dns_servers)) == read


@pytest.mark.parametrize(
    "given", ["dns.example", "192.0.2.999", "192.0.2.53:0", "192.0.2.53:99999", "[x]:53", "::1:::"]
)
def test_resolvers_that_are_none(environment: Environment, given: str) -> None:
    environment.set(DNS_SERVERS=given)
    assert one_problem().startswith("PORTCULLIS_DNS_SERVERS: ")
