"""`portcullis check --mailbox`: over the wire, logged before anything is read, and with a reason where nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.commands.check import check
from bot.domain.auditing.events import ACCOUNT, EventKind
from bot.tenant.optional_rights import JUNK_SETTINGS
from tests.integration.cli.test_check import Run, events
from tests.integration.playground.tenant_wire import Wire, new_stand_in, served
from tests.unit.cli.commands import alone
from tests.unit.cli.commands import run as typed

ANA = "ana@contoso.example"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with served(new_stand_in(plan="plan2", accepted_domains=("contoso.example",))) as wire:
        wire.stand_in.hold_mailbox(ANA, TrustedSendersAndDomains=["evil.example", "clinic.example"])
        yield wire


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, wire: Wire, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    for name, value in wire.stand_in.environment(wire.base_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORTCULLIS_SAFE_SENDERS", "on")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: typed(alone(check), *arguments)


def asked(wire: Wire) -> int:
    return sum(call["cmdlet"] == JUNK_SETTINGS for call in wire.stand_in.calls())


def test_it_says_how_the_sender_stands_there_and_what_has_the_last_word(run: Run, url: str) -> None:
    on = ("info@evil.example", "--mailbox", ANA, "--database", url, "--tenant", "one")
    told = run(*on).stdout
    assert "Safe there: info@evil.example" in told
    assert "Last word: Malware is stopped all the same" in told
    answer = json.loads(run(*on, "--json").stdout)["mailbox"]
    assert (answer["address"], answer["safe"], answer["blocked"]) == (ANA, "by_domain", "not_listed")
    assert answer["why_not"] is None
    assert "clinic" not in told + json.dumps(answer)


def test_who_looked_is_an_event_with_the_account_of_the_machine(run: Run, url: str) -> None:
    run("info@evil.example", "--mailbox", ANA, "--database", url, "--tenant", "one")
    [event] = [event for event in events(url) if event.kind == EventKind.MAILBOX_ASKED]
    assert event.actor.startswith(ACCOUNT)
    assert (event.target, event.payload["senders"]) == (ANA, ["info@evil.example"])


def test_where_it_can_not_be_logged_nothing_is_read(run: Run, wire: Wire, url: str) -> None:
    answer = run("info@evil.example", "--mailbox", ANA, "--database", url, "--tenant", "other")
    assert answer.exit_code == 2
    assert "can't be written down" in answer.stderr
    assert asked(wire) == 0


def test_a_mailbox_that_is_not_there_is_told_beside_the_verdict(run: Run, url: str) -> None:
    on = ("evil.example", "--mailbox", "nobody@contoso.example", "--database", url, "--tenant", "one")
    answer = run(*on)
    assert answer.exit_code == 1
    assert "not listed" in answer.stdout
    assert "no such mailbox" in answer.stdout
    assert "no such mailbox" in json.loads(run(*on, "--json").stdout)["mailbox"]["why_not"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("evil.example", "--mailbox", "ana@fabrikam.example"), "none of yours"),
        (("evil.example", "--mailbox", "*@contoso.example"), "isn't the address of a mailbox"),
        (("203.0.113.7", "--mailbox", ANA), "senders alone"),
        (("evil.example", "--mailbox", ANA, "--lists", "-"), "no mailboxes"),
    ],
)
def test_what_can_not_be_asked_is_refused_and_asks_nobody(
    run: Run, wire: Wire, url: str, arguments: tuple[str, ...], words: str
) -> None:
    answer = run(*arguments, "--database", url, "--tenant", "one")
    assert answer.exit_code == 2
    assert words in answer.stderr
    assert asked(wire) == 0


def test_switched_off_it_says_how_to_switch_it_on(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCULLIS_SAFE_SENDERS", "off")
    answer = run("evil.example", "--mailbox", ANA, "--database", url, "--tenant", "one")
    assert answer.exit_code == 2
    assert "SAFE_SENDERS" in answer.stderr
