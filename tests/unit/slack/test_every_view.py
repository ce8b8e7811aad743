"""Every message, form and Home, with anything in it: Slack takes it, by our rules and by those of its stand-in.

The views are found, not listed: whatever in `bot.slack.messages` and `bot.slack.modals` returns one. A new view is
built here of whatever its arguments' types allow. Where whoever makes its facts bounds them, `SPECIAL` says so, or
`OF_THEIR_OWN` names the test that builds it of facts that are made so.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

import bot.slack.messages
import bot.slack.modals
from bot.domain.lists.change import Operation
from bot.domain.policies.case import Rules
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.request import Request
from bot.domain.telling.event_facts import EventFacts, event_facts
from bot.domain.telling.request_facts import ItemFacts, RequestFacts, item_facts, request_facts
from bot.playground.slack.block_rules import message_problems
from bot.playground.slack.views import problems_of
from bot.slack.block_kit.blocks import Home, Message, Modal
from bot.slack.command_table import COMMANDS, Command
from bot.slack.messages.reminder import MOST_NAMED, Reminder
from bot.slack.modals.approval_form import Box
from tests.support.samples import (
    HOSTILE,
    LONGEST_CARD_LINK,
    any_event,
    any_item,
    any_request,
    event,
    item,
    request,
    review,
)
from tests.unit.slack.any_value import MANY, Drawn, Special, Values, Worst

ADD = Operation.ADD

View: TypeAlias = Callable[..., Message | Modal | Home | None]
_KINDS = {Message, Modal, Home}


def found() -> Iterator[tuple[str, View]]:
    """Everything that returns a view, by its name."""
    for package in (bot.slack.messages, bot.slack.modals):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ != module.__name__ or name.startswith("_"):
                    continue
                returned = typing.get_type_hints(function).get("return")
                if returned in _KINDS or _KINDS & set(typing.get_args(returned)):
                    yield f"{info.name.removeprefix('bot.slack.')}.{name}", function


VIEWS = dict(found())

#: Views of facts that are bounded together, not one by one: the test in which they are built at their worst.
OF_THEIR_OWN = {
    "messages.alert.alert_message": "messages/test_alert.py",
    "messages.home.home_view": "messages/test_home.py",
    "messages.import_answer.imported_message": "messages/test_import.py",
    "messages.import_preview.preview_message": "messages/test_import_preview.py",
    "messages.list_page.list_page": "messages/test_list_page.py",
    "messages.not_opened.command_not_opened": "messages/test_not_opened.py",
    "messages.posture.posture_message": "messages/test_posture.py",
    "messages.proposed.proposed_message": "messages/test_answers.py",
    "messages.renewal.renewal_message": "messages/test_renewal.py",
    "messages.renewal.renewals_page": "messages/test_renewal.py",
    "messages.unrequested.unrequested_message": "messages/test_unrequested.py",
    "messages.verdict.snapshot_message": "messages/test_verdict.py",
    "messages.verdict.verdict_message": "messages/test_verdict.py",
    "modals.choose_form.build": "modals/test_choose_form.py",
    "modals.import_form.build": "../../integration/slack/test_import_form.py",
    "modals.proposal_form.build": "modals/test_proposal_form.py",
    "modals.together_form.build": "modals/test_together_form.py",
}
OF_ANYTHING = sorted(set(VIEWS) - set(OF_THEIR_OWN))


def _words(_: Values) -> str:
    """Words of this program: no more than its longest."""
    return "Words of this program, as long as they get"


def _several_words(values: Values) -> tuple[str, ...]:
    return (_words(values),) * 5


def _few(hint: object, at_most: int) -> Callable[[Values], object]:
    """At most so many of a type: whoever makes the facts sees to that."""
    return lambda values: tuple(values.of(hint) for _ in range(min(values.count(), at_most)))


def _request(values: Values) -> Request:
    if isinstance(values, Drawn):
        return typing.cast("Request", values.draw(any_request))
    said = values.text()
    return request(
        items=[item(number, value=said, outcome=said) for number in range(1, MANY)],
        reason=said,
        requester=said,
        failure=said,
        reviews=[review(said, comment=said)] * 9,
        request_id=10**15,
    )


def _event(values: Values) -> EventFacts:
    said = values.text()
    made = event(10**12, kind=said, actor=said, target=said, request_id=10**15, payload={"reason": said})
    return event_facts(values.draw(any_event) if isinstance(values, Drawn) else made)


def _item(values: Values) -> ItemFacts:
    said = values.text()
    return item_facts(values.draw(any_item) if isinstance(values, Drawn) else item(value=said, outcome=said), ADD)


def _boxes(values: Values) -> tuple[Box, ...]:
    said = [values.text() for _ in range(min(values.count(), 100))]
    return tuple(Box(number=number, value=text or "x", label="URLs") for number, text in enumerate(said))


#: What isn't just any text or any number of anything, and who sees to that.
SPECIAL: Special = {
    Request: _request,
    RequestFacts: lambda values: request_facts(_request(values)),
    EventFacts: _event,
    ItemFacts: _item,
    Command: lambda values: values.chosen(COMMANDS),
    Rules: lambda _: Rules(),
    ShownCard: lambda _: ShownCard(channel="C012345678A", ts="1700000000.000001", version=10**9),
    "card_url": lambda _: LONGEST_CARD_LINK,
    "channel": lambda _: "C012345678A",
    "export_message.told": _words,
    "called": lambda values: ("U0APPROVER", "S0APPROVERS") * min(values.count(), 10),
    "Reminder.card_url": lambda _: LONGEST_CARD_LINK,
    # The denials to choose from are a setting's: ten at most, each another.
    "reasons": lambda values: tuple(f"{place} is why" for place in range(min(values.count(), 10))),
    "choices": _boxes,
    "waiting": _few(Reminder, MOST_NAMED),
    "FormInput.as_it_is": _words,
    "FormInput.stays": lambda _: "2026-03-31T12:00:00+00:00",
    "FindingFacts.name": _words,
    "FindingFacts.where": _words,
    "SafeListFacts.headline": _words,
    "SafeListFacts.means": _words,
    "DetailsFacts.counted_how": _several_words,
    "OverviewFacts.due": _words,
    "SummaryFacts.better": _several_words,
    "SummaryFacts.unseen": _several_words,
    "SummaryFacts.worse": _several_words,
}


def built(view: View, values: Values) -> Message | Modal | Home | None:
    """A view of such values. What it is made of is checked against our own rules as it is made."""
    hints = typing.get_type_hints(view)
    listed, named = [], {}
    for parameter in inspect.signature(view).parameters.values():
        name = parameter.name
        own = f"{view.__name__}.{name}"
        made = values.of(hints[name], name=own if own in SPECIAL else name)
        if parameter.kind is parameter.VAR_POSITIONAL:
            listed.append(made)
        else:
            named[parameter.name] = made
    return view(*listed, **named)


def problems_at_slack(made: Message | Modal | Home | None) -> list[str]:
    """What the stand-in for Slack, which has its own rules, says against it."""
    match made:
        case Message():
            return message_problems(made.to_dict()["blocks"])
        case Modal():
            return problems_of(made.to_dict(), kind="modal")
        case Home():
            return problems_of(made.to_dict(), kind="home")
    return []


def test_the_views_are_found() -> None:
    assert len(VIEWS) > 50
    assert {"messages.card.card", "messages.error.error_message", "modals.details.details"} <= set(VIEWS)


@pytest.mark.parametrize(("name", "test"), OF_THEIR_OWN.items())
def test_what_is_built_elsewhere_is_built_there(name: str, test: str) -> None:
    assert name in VIEWS, "it is gone: take it off the table"
    module = name.split(".")[1]
    assert module in (Path(__file__).parent / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OF_ANYTHING)
def test_slack_takes_it_at_its_worst(name: str) -> None:
    for text in HOSTILE:
        assert problems_at_slack(built(VIEWS[name], Worst(text, SPECIAL))) == [], text
