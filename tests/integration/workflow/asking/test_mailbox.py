"""A sender in the lists of one mailbox: who may ask, what is logged before anything is read, and what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.policies.case import Rules
from bot.domain.requests.people import Person
from bot.domain.telling.mailbox_facts import BLOCK_HAS_THE_LAST_WORD, FILTER_HAS_THE_LAST_WORD
from bot.errors import InvalidInput, NotPermitted
from bot.playground.tenant.faults import Fault
from bot.playground.tenant.tenant import Roles
from bot.store import AuditFilter
from bot.tenant.exchange import junk_settings
from bot.tenant.optional_rights import JUNK_SETTINGS
from bot.workflow.asking.mailbox import NO_RIGHT, ask_about_mailbox
from tests.integration.workflow.conftest import Stage
from tests.support.jobs import Jobs
from tests.support.people import AUDITOR, REQUESTER

ANA = "ana@contoso.example"
EVIL = Indicator(kind=Kind.ADDRESS, value="billing@evil.example")
NOBODY = Person(user_id="U0NOBODY", roles=frozenset())


@pytest.fixture
def looking(stage: Stage) -> Stage:
    """A stage on which mailboxes may be looked into, and Ana has some senders."""
    stage.context = replace(
        stage.context, safe_senders=True, rules=Rules(accepted_domains=frozenset({"contoso.example"}))
    )
    stage.jobs = Jobs(stage.context, stage.playground)
    stage.standin.hold_mailbox(
        ANA, TrustedSendersAndDomains=["evil.example", "clinic.example"], BlockedSendersAndDomains=["union.example"]
    )
    return stage


async def ask(
    stage: Stage,
    *indicators: Indicator,
    mailbox: str = ANA,
    who: Person = REQUESTER,
    delivery: str = "typed",
) -> None:
    await ask_about_mailbox(
        stage.context,
        actor=who,
        indicators=indicators or (EVIL,),
        mailbox=mailbox,
        delivery=delivery,
        response_url="",
    )


def told(stage: Stage) -> Sequence[str]:
    conversation = stage.playground.slack.state.conversations.direct(REQUESTER.user_id)
    return [] if conversation is None else [f"{message.text} {message.blocks}" for message in conversation.messages]


async def logged(stage: Stage) -> list[Event]:
    async with stage.context.store.read() as uow:
        return [*await uow.audit.page(filters=AuditFilter(limit=100))]


def asked(stage: Stage) -> int:
    return sum(call["cmdlet"] == JUNK_SETTINGS for call in stage.standin.calls())


async def test_the_verdict_comes_first_and_then_how_it_stands_in_that_mailbox(looking: Stage) -> None:
    await ask(looking)
    await looking.run()
    verdict, mailbox = told(looking)
    assert "Not listed" in verdict
    assert "*Safe there*" in mailbox
    assert "its domain is there" in mailbox
    assert FILTER_HAS_THE_LAST_WORD in mailbox
    assert ANA in mailbox


async def test_a_block_of_the_list_is_said_to_have_the_last_word(looking: Stage) -> None:
    looking.standin.hold("evil.example", list_type="Sender")
    await ask(looking)
    await looking.run()
    assert BLOCK_HAS_THE_LAST_WORD in told(looking)[-1]


async def test_who_asked_about_whose_mailbox_is_logged_before_it_is_read(looking: Stage) -> None:
    await ask(looking)
    assert asked(looking) == 0
    [event] = [event for event in await logged(looking) if event.kind == EventKind.MAILBOX_ASKED]
    assert (event.actor, event.target, event.at) == (REQUESTER.user_id, ANA, looking.clock())
    assert event.payload == {"senders": [EVIL.value]}
    assert EventKind.CHECK_ASKED in {each.kind for each in await logged(looking)}


async def test_nothing_else_of_the_lists_is_told_or_kept(looking: Stage) -> None:
    await ask(looking)
    await looking.run()
    everything = f"{told(looking)} {await logged(looking)}"
    assert "clinic.example" not in everything
    assert "union.example" not in everything


async def test_a_delivery_that_comes_twice_is_asked_and_logged_once(looking: Stage) -> None:
    await ask(looking)
    await ask(looking)
    await looking.run()
    assert asked(looking) == 1
    assert [event.kind for event in await logged(looking)].count(EventKind.MAILBOX_ASKED) == 1


async def test_whoever_may_check_may_ask_and_nobody_else(looking: Stage) -> None:
    with pytest.raises(NotPermitted):
        await ask(looking, who=NOBODY)
    assert EventKind.MAILBOX_ASKED not in {event.kind for event in await logged(looking)}
    await ask(looking, who=AUDITOR)
    assert EventKind.MAILBOX_ASKED in {event.kind for event in await logged(looking)}


@pytest.mark.parametrize(
    ("indicator", "mailbox", "words"),
    [
        (Indicator(kind=Kind.IPV4, value="203.0.113.7"), ANA, "senders alone"),
        (Indicator(kind=Kind.URL, value="evil.example/pay"), ANA, "senders alone"),
        (EVIL, "ana@fabrikam.example", "none of yours"),
        (EVIL, "ana@mail.contoso.example", "none of yours"),
    ],
)
async def test_what_can_not_be_asked_is_refused_in_words_and_asks_nobody(
    looking: Stage, indicator: Indicator, mailbox: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await ask(looking, indicator, mailbox=mailbox)
    assert EventKind.MAILBOX_ASKED not in {event.kind for event in await logged(looking)}


async def test_switched_off_the_operator_can_switch_it_on(looking: Stage) -> None:
    looking.context = replace(looking.context, safe_senders=False)
    with pytest.raises(InvalidInput, match="SAFE_SENDERS"):
        await ask(looking)


async def test_switched_off_since_it_was_asked_nothing_is_read(looking: Stage) -> None:
    await ask(looking)
    looking.jobs = Jobs(replace(looking.context, safe_senders=False), looking.playground)
    await looking.run()
    assert asked(looking) == 0
    assert "switched off" in told(looking)[-1]


async def test_without_known_domains_nobody_is_looked_into(looking: Stage) -> None:
    looking.context = replace(looking.context, rules=Rules())
    with pytest.raises(InvalidInput, match="ACCEPTED_DOMAINS"):
        await ask(looking)


@pytest.mark.parametrize(
    ("mailbox", "roles", "words"),
    [
        ("nobody@contoso.example", Roles(), "no such mailbox"),
        (ANA, Roles(withheld=frozenset({JUNK_SETTINGS})), NO_RIGHT),
    ],
)
async def test_why_a_mailbox_can_not_be_looked_into_is_told_beside_the_verdict(
    looking: Stage, mailbox: str, roles: Roles, words: str
) -> None:
    looking.standin.set_roles(roles)
    await ask(looking, mailbox=mailbox)
    await looking.run()
    verdict, unseen = told(looking)
    assert "Not listed" in verdict
    assert words in unseen


async def test_a_late_answer_costs_the_verdict_nothing(looking: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junk_settings, "MAILBOX_WITHIN", 0.3)
    looking.standin.arm(Fault(kind="delay", delay=1, cmdlet=JUNK_SETTINGS))
    await ask(looking)
    await looking.run()
    verdict, unseen = told(looking)
    assert "Not listed" in verdict
    assert "gave no answer about this mailbox" in unseen
