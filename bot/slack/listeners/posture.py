"""/posture, its pages, the button beside a finding, and the way there from an alert or from Home."""

from __future__ import annotations

from functools import partial

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.posture.finding import Finding, Remedy
from bot.domain.posture.scans import grave
from bot.domain.reading.lines import line_of
from bot.domain.requests.people import Person
from bot.domain.telling.posture_facts import finding_facts, portal_path
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import Conflict, InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId
from bot.slack.command_table import POSTURE, Command
from bot.slack.listeners.delivered import Click, Typed
from bot.slack.listeners.deliveries import Handler, on_click, on_command
from bot.slack.listeners.forms import form_for, open_view
from bot.slack.listeners.others import requested
from bot.slack.listeners.where_asked import asked_at
from bot.slack.messages.posture import (
    PAGE,
    PosturePageFacts,
    PosturePlace,
    posture_message,
    posture_place,
    remedy_asked,
)
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.asking.posture import finding_called, posture_page
from bot.workflow.requesting.posture_remedy import asked_already, asked_for, reason_of, wanted_for
from bot.workflow.requesting.propose import propose
from bot.workflow.requesting.wanted import Wanted, consider_change, consider_safe_list_off
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import Proposer, proposer


async def _posture(typed: Typed) -> Message:
    if typed.text.strip():
        raise InvalidInput("/posture takes nothing behind it.", "Type /posture alone, or /posture help.")
    return await _page(typed.context, typed.person, PosturePlace(start=0))


async def _turned(click: Click, *, back: bool) -> Message:
    place = posture_place(click.value)
    if place is None:
        raise InvalidInput("This button can't be read.", "Type /posture again.")
    return await _page(click.context, click.person, place, back=back)


async def _opened(click: Click) -> Message | None:
    """From an alert, an answer that its person alone sees; from Home, which has no place for one, a view."""
    if click.message:
        return await _page(click.context, click.person, PosturePlace(start=0))
    shown = await _page(click.context, click.person, PosturePlace(start=0), is_whole=False)
    await open_view(click.client, click.trigger_id, Modal.showing(shown, title="Posture"), over=click.view)
    return None


async def _page(
    context: Context, person: Person, place: PosturePlace, *, back: bool = False, is_whole: bool = True
) -> Message:
    after, before = ("", place.finding) if back else (place.finding, "")
    page = await posture_page(context, actor=person, start=place.start, size=PAGE, after=after, before=before)
    found, asked = page.posture, await asked_for(context, page.findings)
    facts = PosturePageFacts(
        baseline=found.baseline,
        findings=[finding_facts(finding, asked=asked.get(finding.name)) for finding in page.findings],
        start=page.start,
        total=len(found.findings),
        grave=grave(found.findings),
        unseen=found.unseen,
        as_of=found.as_of,
        is_whole=is_whole or len(found.findings) <= PAGE,
    )
    return posture_message(facts, rights=person.rights, now=context.now())


async def _remedy(click: Click) -> Message | None:
    """Propose what remedies a finding, as an ordinary request; what has to be read or written first opens its form.

    The worst of its faults may be another by now, which takes another remedy than the button says: then nothing is
    proposed.
    """
    context = click.context
    who = await proposer(context, click.person, delivery=click.delivery)
    asked = remedy_asked(click.value)
    if asked is None:
        raise InvalidInput("This button can't be read.", "Type /posture again.")
    name, remedy = asked
    finding = await finding_called(context, name)
    if finding.remedy is not remedy:
        raise Conflict(
            "This finding isn't as it was shown to you any more, and nothing was requested.",
            "Look at the posture again with /posture.",
        )
    if finding.remedy is Remedy.PORTAL:
        raise InvalidInput("Portcullis can't change this itself.", f"Change it there: {portal_path(finding)}.")
    before, once = await asked_already(context, finding)
    if before is not None:
        return proposed_message(proposal_facts([before]))
    if finding.remedy is Remedy.SWITCH_OFF:
        return await _switch_off(click, who, finding, once)
    wanted = wanted_for(finding)
    assert wanted is not None  # noqa: S101 - all other remedies are of entries
    if finding.remedy is Remedy.NOTE:
        given = FormInput(operation=Operation.ANNOTATE, action=Action.ALLOW, indicators=_lines(wanted))
        form = proposal_form.build(Operation.ANNOTATE, Action.ALLOW, prefill=given)
        await open_view(click.client, click.trigger_id, asked_at(form, click.asked_at), over=click.view)
        return None
    return await _propose(click, who, wanted, once)


async def _propose(click: Click, who: Proposer, wanted: Wanted, once: str) -> Message | None:
    context = click.context
    considered = await consider_change(context, actor=who, wanted=wanted)
    given = FormInput(operation=wanted.operation, action=wanted.action, indicators=_lines(wanted), reason=wanted.reason)
    if (asked := form_for(given, considered, now=context.now())) is not None:
        await open_view(click.client, click.trigger_id, asked_at(asked, click.asked_at), over=click.view)
        return None
    return await requested(context, considered, wanted, delivery=click.delivery, once=once)


async def _switch_off(click: Click, who: Proposer, finding: Finding, once: str) -> Message:
    considered = await consider_safe_list_off(click.context, actor=who, reason=reason_of(finding), policy=finding.value)
    # What is refused today may go ahead at a later click.
    once = "" if considered.refusals else once
    proposed = await propose(click.context, considered, delivery=click.delivery, once=once)
    return proposed_message(proposal_facts(proposed.requests, proposed.refusals))


def _lines(wanted: Wanted) -> str:
    return "\n".join(map(line_of, wanted.indicators))


HANDLERS: dict[Command, Handler] = {POSTURE: _posture}

ROUTES = (
    on_command(POSTURE, _posture),
    on_click(ActionId.POSTURE_NEXT, partial(_turned, back=False), in_place=True, only_looks=True),
    on_click(ActionId.POSTURE_BACK, partial(_turned, back=True), in_place=True, only_looks=True),
    on_click(ActionId.OPEN_POSTURE, _opened, only_looks=True),
    on_click(ActionId.POSTURE_REMEDY, _remedy),
)
