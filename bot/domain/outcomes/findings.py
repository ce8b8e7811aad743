"""What a list, read just now, says of each value of a change: before anything is sent, and after it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step

NOT_LISTED = "no longer on the list: if it is still wanted, propose it again"
ENDED_ALREADY = "its end date has passed: if it is still wanted, propose it again"


def find(reading: ListSnapshot, change: Change, *, now: datetime) -> Outcomes:
    """Hold a change against a reading that was made for it: each value is as asked, missing, or barred.

    Thousands of values take a moment: do it in a thread.
    """
    as_asked = reading.state(change, now=now)
    found = {value: _found(reading, change, value, as_asked[value], now) for value in change.values}
    return Outcomes(found, read_at=reading.as_of, reading=reading)


def _found(reading: ListSnapshot, change: Change, value: str, as_asked: bool, now: datetime) -> Outcome:
    step = Step.AS_ASKED if as_asked else Step.MISSING
    if change.operation.takes_out:
        return Outcome(step=step)
    entry = reading.holds(value, change.action, now=now)
    if entry is None and (why := _barred(reading, change, value, now)):
        return Outcome(step=Step.BARRED, words=why)
    return Outcome(step=step, entry=entry)


def _barred(reading: ListSnapshot, change: Change, value: str, now: datetime) -> str:
    """Why an entry that isn't live can't be added or edited; empty where it can."""
    if change.operation.edits:
        return ENDED_ALREADY if reading.held(value, change.action) else NOT_LISTED
    other = change.action.other
    if change.list.traits.one_entry_a_value and reading.holds(value, other, now=now) is not None:
        listed = "allowed" if other is Action.ALLOW else "blocked"
        return f"the list has it as {listed}, and a value only once: take that entry out first"
    return ""


def read_back(sent: Outcomes, reading: ListSnapshot, change: Change, *, now: datetime) -> Outcomes:
    """What was sent, and what the list says of it afterwards: whatever the calls answered, the list is right.

    A value that was sent is done or unseen. One that was refused is done if the list is as asked all the same: a
    duplicate that somebody added a second ago is no failure. What was not sent stays as it is. Thousands of values take
    a moment: do it in a thread.
    """
    tried = sent.at(Step.TAKEN, Step.UNANSWERED, Step.REFUSED)
    found = find(reading, replace(change, values=tried), now=now)
    back = {value: _read_back(sent[value], outcome) for value, outcome in found.items()}
    return sent | Outcomes(back, reading=reading)


def _read_back(sent: Outcome, found: Outcome) -> Outcome:
    if found.step is Step.AS_ASKED:
        return replace(found, step=Step.DONE)
    if sent.step is Step.REFUSED:
        return sent
    return replace(found, step=Step.UNSEEN, words="")


def is_unknown(sent: Outcomes, back: Outcomes) -> bool:
    """Whether only another attempt can tell what became of a change: the answer to a call was lost, and the list, read
    `back`, does not show all of it.
    """
    return bool(sent.at(Step.UNANSWERED)) and bool(back.at(Step.UNSEEN, Step.LEFT))


def ended_entries(reading: ListSnapshot, change: Change) -> Mapping[Action, tuple[str, ...]]:
    """The values to be added that are still listed with an end date that has passed, by that entry's action.

    Such an entry acts no more, and would make the new one a duplicate. Give the change with what is missing only.
    """
    if change.operation is not Operation.ADD:
        return {}
    actions = tuple(Action) if change.list.traits.one_entry_a_value else (change.action,)
    held = {action: tuple(value for value in change.values if reading.held(value, action)) for action in actions}
    return {action: values for action, values in held.items() if values}
