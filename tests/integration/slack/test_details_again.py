"""What failed is tried again from the details too: in those that Portcullis opened, in the version of now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.requests.request import ItemState, Request, Status
from bot.slack.block_kit.ids import ActionId
from bot.slack.queries import details_view
from tests.integration.slack.harness import APPROVER, AUDITOR, Bot
from tests.integration.slack.test_deciding_elsewhere import in_view, proposed, request
from tests.support import people
from tests.support.deciding import decide_on
from tests.support.requests_made import newest_requests


async def failed(bot: Bot) -> Request:
    """A request that was approved, and of which nothing came."""
    await decide_on(bot.context, await proposed(bot))
    async with bot.store.write() as uow:
        found = (await newest_requests(uow))[0]
        await uow.requests.move(found.id, expected=Status.APPROVED, to=Status.APPLYING)
        await uow.requests.move(found.id, expected=Status.APPLYING, to=Status.FAILED, failure="No role")
        await uow.requests.set_items({item.id: (ItemState.REFUSED, "No role") for item in found.items})
    await bot.jobs()
    return await request(bot)


def has_it(view: bytes) -> bool:
    return ActionId.TRY_AGAIN.encode() in view


async def test_it_is_tried_again_in_the_details_and_they_show_how_it_stands_then(bot: Bot) -> None:
    waits = await failed(bot)
    await bot.click_on(ActionId.DETAILS, waits.id, who=APPROVER)
    assert [has_it(body) for method, _, body in bot.slack.asked if method == "views.open"] == [True]
    await in_view(bot, ActionId.TRY_AGAIN, waits, "V1")
    assert (await request(bot)).status is Status.APPROVED
    assert [has_it(body) for method, _, body in bot.slack.asked if method == "views.push"] == [False]


async def test_details_that_are_not_on_record_try_nothing(bot: Bot) -> None:
    waits = await failed(bot)
    await in_view(bot, ActionId.TRY_AGAIN, waits, "V1")
    assert (await request(bot)).status is Status.FAILED
    [said] = await bot.replies()
    assert "isn't one that Portcullis opened for you" in said


async def test_an_auditor_and_whoever_looks_after_a_day_have_no_such_button(bot: Bot) -> None:
    waits = await failed(bot)
    await bot.click_on(ActionId.DETAILS, waits.id, who=AUDITOR)
    assert [has_it(body) for method, _, body in bot.slack.asked if method == "views.open"] == [False]
    now = bot.context.now()
    for after, has in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        later = replace(bot.context, now=lambda after=after: now + after)
        found = await details_view(later, people.APPROVER, waits.id, shown=0)
        assert (ActionId.TRY_AGAIN in str(found.view.to_dict())) is has
