"""`/check … for somebody`: read as people mean it, answered at once that the answer follows, left to a job."""

from __future__ import annotations

import json

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.policies.case import Rules
from bot.store import Job
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import REQUESTER, VISITOR, Bot
from tests.integration.slack.test_listeners import text_of
from tests.integration.slack.test_portcullis import events

ANA = "ana@contoso.example"


@pytest.fixture
def looking(bot: Bot) -> Bot:
    object.__setattr__(bot.context, "safe_senders", True)
    object.__setattr__(bot.context, "rules", Rules(accepted_domains=frozenset({"contoso.example"})))
    return bot


async def checks(bot: Bot) -> list[Job]:
    return [job for job in await bot.jobs() if job.kind == JobKind.CHECK]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/check", "evil.example for ana@contoso.example"),
        ("/check", "now evil[.]example in the mailbox of <mailto:ana@contoso.example|ana@contoso.example>"),
        ("/portcullis", "check mailbox: ana@contoso.example evil.example"),
    ],
)
async def test_the_answer_follows_by_a_job_and_the_question_is_logged(looking: Bot, command: str, text: str) -> None:
    assert "the answer follows" in text_of(await looking.command(command, text))
    [job] = await checks(looking)
    assert (job.payload["mailbox"], job.payload["indicators"]) == (ANA, ["evil.example"])
    assert EventKind.MAILBOX_ASKED in await events(looking)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("evil.example for ana@fabrikam.example", "none of yours"),
        ("evil.example for ana@contoso.example and bob@contoso.example", "Exactly one mailbox"),
        ("203.0.113.7 for ana@contoso.example", "senders alone"),
        ("evil.example mailbox: ana", "isn't the address of a mailbox"),
        ("mailbox: ana@contoso.example", "Whom to look for"),
        ("evil.example for ana@contoso.example foo", "‘foo’ behind the mailbox wasn't read"),
        ("evil.example,foo for ana@contoso.example", "‘foo’ wasn't read"),
        ("now evil.example foo for ana@contoso.example", "‘foo’ wasn't read"),
    ],
)
async def test_what_can_not_be_asked_is_told_in_words(looking: Bot, text: str, words: str) -> None:
    assert words in text_of(await looking.command("/check", text))
    assert await checks(looking) == []


async def test_switched_off_it_says_how_to_switch_it_on(bot: Bot) -> None:
    assert "SAFE_SENDERS" in text_of(await bot.command("/check", f"evil.example for {ANA}"))
    assert await checks(bot) == []


async def test_whoever_has_no_role_may_not_ask(looking: Bot) -> None:
    await looking.command("/check", f"evil.example for {ANA}", who=VISITOR)
    assert await checks(looking) == []
    assert EventKind.MAILBOX_ASKED not in await events(looking)


async def test_an_address_alone_is_checked_as_ever(looking: Bot) -> None:
    answer = await looking.command("/check", ANA, who=REQUESTER)
    assert "the answer follows" in text_of(answer)
    [job] = await checks(looking)
    assert job.payload["mailbox"] == ""
    assert EventKind.MAILBOX_ASKED not in json.dumps(await events(looking))
