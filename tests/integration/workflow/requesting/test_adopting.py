"""An entry that nobody requested is kept with the end that it has: proved by reading, and nothing is sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.command_text import read_field
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.requests.unrequested import ChangeState
from bot.errors import Conflict, InvalidDuration, NotPermitted
from bot.workflow.requesting.adopting import Adoptable, adoptable
from bot.workflow.requesting.propose import propose
from bot.workflow.requesting.wanted import KeptEnd, Wanted, consider_change
from bot.workflow.shared.listed import listed_for
from bot.workflow.shared.rights import proposer
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.watching.test_unrequested import NEW, allow_ip, changes, edit, read
from tests.support.people import APPROVER, AUDITOR, REQUESTER

#: The databases' differences are the store's matter.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def block(stage: Stage, *values: str, days: int | None = 20) -> None:
    """Somebody blocks senders in the portal."""
    if days is None:
        edit(stage, NEW, ListType="Sender", Entries=list(values), Block=True, NoExpiration=True)
    else:
        ends = f"{stage.clock.now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        edit(stage, NEW, ListType="Sender", Entries=list(values), Block=True, ExpirationDate=ends)


async def opened(stage: Stage, *, number: int | None = None) -> Adoptable:
    if number is None:
        number = (await changes(stage))[-1].number
    return await adoptable(stage.context, actor=REQUESTER, number=number, delivery="d1")


async def kept(stage: Stage, lines: str, *, end: datetime | None, action: Action = Action.BLOCK) -> Request:
    """What came of the form, sent with the end as it is, and as the form showed it."""
    indicators: tuple[Indicator, ...] = tuple(
        read_field(lines, listed=await listed_for(stage.context, Operation.EXTEND)).indicators
    )
    wanted = Wanted(
        operation=Operation.EXTEND,
        action=action,
        indicators=indicators,
        reason="Known to us",
        keeps_end=KeptEnd(expires=end),
    )
    who = await proposer(stage.context, REQUESTER, delivery="d2")
    considered = await consider_change(stage.context, actor=who, wanted=wanted)
    made = await propose(stage.context, considered, delivery="d2")
    assert not made.refusals
    return made.requests[0]


@pytest.mark.parametrize("days", [20, None])
async def test_it_is_kept_with_its_end_and_nothing_is_sent(stage: Stage, days: int | None) -> None:
    await read(stage)
    block(stage, "evil.example", days=days)
    await read(stage)
    found = await opened(stage)
    assert found.may_stay
    assert (found.end is None) is (days is None)
    request = await kept(stage, found.line, end=found.end)
    assert request.expires == found.end
    assert {"end_stays", "made_by_hand"} <= {warning.code for warning in request.warnings}
    calls = len(stage.standin.calls())
    await stage.decide(request, who=APPROVER)
    await stage.run()
    [known] = await stage.known(request.list)
    assert (known.request_id, known.requester, known.expires) == (request.id, REQUESTER.user_id, found.end)
    made = await stage.request(request)
    assert made.status is Status.APPLIED
    assert [item.state for item in made.items] == [ItemState.ALREADY_SO]
    assert not [call for call in stage.standin.calls()[calls:] if not str(call["cmdlet"]).startswith("Get-")]
    assert [each.state for each in await changes(stage)] == [ChangeState.ADOPTED]


async def test_where_somebody_gave_it_another_end_meanwhile_it_gets_the_one_that_was_approved(stage: Stage) -> None:
    await read(stage)
    block(stage, "evil.example", days=20)
    await read(stage)
    found = await opened(stage)
    request = await kept(stage, found.line, end=found.end)
    edit(stage, "Set-TenantAllowBlockListItems", ListType="Sender", Entries=["evil.example"], NoExpiration=True)
    await stage.decide(request, who=APPROVER)
    await stage.run()
    [held] = [entry for entry in (await stage.context.tenant.read_lists()).entries if entry.value == "evil.example"]
    assert held.expires == found.end


async def test_the_end_that_stays_is_the_one_that_the_form_showed(stage: Stage) -> None:
    await read(stage)
    block(stage, "evil.example", days=20)
    await read(stage)
    found = await opened(stage)
    edit(stage, "Set-TenantAllowBlockListItems", ListType="Sender", Entries=["evil.example"], NoExpiration=True)
    await read(stage)
    with pytest.raises(InvalidDuration, match="another end date by now than the form showed"):
        await kept(stage, found.line, end=found.end)


async def test_what_can_not_stay_is_not_offered(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    found = await opened(stage)
    assert (found.may_stay, found.rule.most_days, found.rule.may_be_endless) == (False, 7, False)
    edit(stage, NEW, ListType="Sender", Entries=["good.example"], Allow=True, RemoveAfter=45)
    await read(stage)
    assert not (await opened(stage)).may_stay
    with pytest.raises(InvalidDuration, match="no one end date"):
        await kept(stage, "good.example", end=None, action=Action.ALLOW)


async def test_several_with_one_end_stay_and_with_different_ends_are_asked_about(stage: Stage) -> None:
    await read(stage)
    block(stage, "evil.example", "bad.example", days=20)
    block(stage, "other.example", days=30)
    await read(stage)
    end = (await opened(stage, number=(await changes(stage))[0].number)).end
    assert len((await kept(stage, "evil.example\nbad.example", end=end)).items) == 2
    with pytest.raises(InvalidDuration, match="different times"):
        await kept(stage, "evil.example\nother.example", end=end)


async def test_who_may_not_propose_opens_nothing_and_what_is_gone_is_said_to_be(stage: Stage) -> None:
    await read(stage)
    block(stage, "evil.example")
    await read(stage)
    [change] = await changes(stage)
    with pytest.raises(NotPermitted):
        await adoptable(stage.context, actor=AUDITOR, number=change.number, delivery="d1")
    with pytest.raises(Conflict, match="isn't there any more"):
        await opened(stage, number=change.number + 1)
    edit(stage, "Remove-TenantAllowBlockListItems", ListType="Sender", Entries=["evil.example"])
    await read(stage)
    with pytest.raises(Conflict, match="isn't there any more"):
        await opened(stage, number=change.number)
