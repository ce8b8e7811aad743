"""`portcullis lists`: the entries of the last snapshot, by the words of `/lists`, with who asked for each."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.commands.lists import lists as typed_lists
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.store import Store
from tests.integration.cli.conftest import LISTS
from tests.integration.cli.test_check import events


def run(url: str, *arguments: str) -> Result:
    made = typer.Typer(pretty_exceptions_enable=False)
    made.command()(typed_lists)
    return CliRunner().invoke(made, [*arguments, "--database", url, "--tenant", "one"])


def test_each_entry_stands_with_its_request_and_its_end(url: str) -> None:
    result = run(url, "block", "ips", "--json")
    assert result.exit_code == 0, result.output
    [entry] = json.loads(result.stdout)["entries"]
    assert (entry["value"], entry["action"]) == ("203.0.113.9/24", "block")
    assert (entry["proposal"], entry["request"]) == (1, 1)
    assert entry["requester"] == "U0REQUEST1"
    assert entry["ends"] is not None


@pytest.mark.parametrize(("words", "count"), [(["203.0.113"], "1 entry"), (["senders"], "0 entries")])
def test_the_words_of_the_slash_command_filter(url: str, words: list[str], count: str) -> None:
    result = run(url, *words)
    assert result.exit_code == 0
    assert count in result.stdout


LONG = f"evil.example/{'a' * 100}/login"


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_a_value_stands_whole_on_a_line_whatever_the_width(
    url: str, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    async def save() -> None:
        store = Store(url, tenant_id="one")
        async with store.write() as uow:
            long = Entry(list=ListName.URL, action=Action.BLOCK, value=LONG, notes="Phishing")
            await uow.snapshots.save(replace(LISTS, entries=(*LISTS.entries, long)))
        await store.close()

    monkeypatch.setenv("COLUMNS", str(columns))
    short = run(url, "ips").stdout
    asyncio.run(save())
    for said, value in ((short, "203.0.113.9/24"), (run(url).stdout, "203.0.113.9/24"), (run(url).stdout, LONG)):
        assert any(value in line for line in said.splitlines())
        assert "#1" in said
    assert all(len(line) <= columns for line in short.splitlines())


def test_that_somebody_looked_is_an_event(url: str) -> None:
    run(url, "no", "end")
    [looked] = events(url)
    assert (looked.kind, looked.target, looked.payload["query"]) == ("operator.acted", "lists", "no end")


def test_a_contradiction_is_told_with_exit_code_2(url: str) -> None:
    assert run(url, "ends", "99999d").exit_code == 2
