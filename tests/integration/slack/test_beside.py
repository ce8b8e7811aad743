"""What stands beside a proposal in the forms that decide: its mail, as the log has it, and that it stood there."""

from __future__ import annotations

import json
from typing import Any

from bot.domain.auditing.events import PORTCULLIS, Event, EventKind
from bot.domain.figures.as_json import proposal_out
from bot.domain.figures.figures import FiguresOf, MailFigures, MailSource
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.traits import Action
from bot.domain.senders.as_json import owners_out
from bot.domain.senders.owner import AddressOwner
from bot.slack.block_kit.ids import ActionId
from bot.store import AuditFilter
from bot.store.beside import ShownBeside
from tests.integration.slack.harness import APPROVER, Bot
from tests.integration.slack.test_denying import WHY
from tests.integration.slack.test_denying import opened as form_opened
from tests.integration.slack.test_together import opened, proposed, ticked
from tests.support import people
from tests.support.deciding import shown
from tests.support.proposing import drafted, propose_all

FOUND = MailFigures(source=MailSource.TRACE, messages=9, people=2, delivered=9, junk=0, quarantined=0, stopped=0)
LINE = "Last 10 days: 9 messages to 2 people"


async def shown_figures(bot: Bot, number: int) -> int:
    """The number of the event that says what a card shows of a proposal's mail."""
    async with bot.store.write() as uow:
        [item] = (await uow.requests.get(number)).items
        each = FiguresOf(indicator=Indicator(kind=item.kind, value=item.value), found=FOUND)
        event = await uow.audit.append(
            EventKind.FIGURES_SHOWN,
            actor=PORTCULLIS,
            request_id=number,
            payload=proposal_out(ProposalFigures(of_each=(each,), total=1)),
            at=bot.context.now(),
        )
    return event.seq


async def reviews(bot: Bot, number: int) -> list[Event]:
    async with bot.store.read() as uow:
        page = await uow.audit.page(filters=AuditFilter(request_id=number, limit=100))
    return [event for event in page if event.kind == EventKind.REQUEST_REVIEWED]


async def test_several_approved_together_show_their_mail_and_the_log_says_so(bot: Bot) -> None:
    await proposed(bot, "one.example", "two.example")
    seq = await shown_figures(bot, 1)
    form = await opened(bot)
    assert json.dumps(form).count(LINE) == 1
    await bot.submit(ticked(form, 1, 2), who=APPROVER)
    [first], [second] = await reviews(bot, 1), await reviews(bot, 2)
    assert first.payload["figures"] == seq
    assert "figures" not in second.payload


async def read_before_approving(bot: Bot) -> dict[str, Any]:
    await bot.click_on(ActionId.APPROVE, 1)
    body = [body for method, _, body in bot.slack.asked if method == "views.open"][-1]
    return {**json.loads(body)["view"], "id": "V1"}


async def test_all_of_an_ip_allow_is_read_with_its_mail_and_whose_it_is(bot: Bot) -> None:
    proposals = drafted(bot.context, "203.0.113.7", action=Action.ALLOW, end="5d", acknowledged=True)
    await propose_all(bot.context, actor=people.REQUESTER, proposals=proposals)
    seq = await shown_figures(bot, 1)
    owner = AddressOwner(address="203.0.113.7", names=("mail.sender.example",))
    async with bot.store.write() as uow:
        whose = await uow.audit.append(
            EventKind.OWNERS_SHOWN,
            actor=PORTCULLIS,
            request_id=1,
            payload=owners_out([owner]),
            at=bot.context.now(),
        )
    form = await read_before_approving(bot)
    shown = json.dumps(form)
    assert "9 messages to 2 people" in shown
    assert LINE in shown
    assert "By DNS it is mail[.]sender[.]example." in shown
    await bot.submit({**form, "state": {"values": {}}}, who=APPROVER)
    [event] = await reviews(bot, 1)
    assert (event.payload["figures"], event.payload["owners"]) == (seq, whose.seq)


async def test_what_comes_after_the_form_was_opened_did_not_stand_there(bot: Bot) -> None:
    await proposed(bot, "one.example")
    form = await opened(bot)
    await shown_figures(bot, 1)
    await bot.submit(ticked(form, 1), who=APPROVER)
    [event] = await reviews(bot, 1)
    assert "figures" not in event.payload


async def test_a_denial_names_what_stood_on_the_card_that_it_began_on(bot: Bot) -> None:
    await proposed(bot, "one.example")
    seq = await shown_figures(bot, 1)
    seen = await shown(bot.context, 1)
    async with bot.store.write() as uow:
        known = await uow.messages.find(seen.channel, seen.ts)
        assert known is not None
        await uow.messages.mark_beside(known.id, ShownBeside(figures=seq))
    await bot.click_on(ActionId.DENY, 1)
    await bot.submit({**form_opened(bot), "state": {"values": WHY}}, who=APPROVER)
    [event] = await reviews(bot, 1)
    assert (event.payload["decision"], event.payload["figures"]) == ("deny", seq)
