"""What is due for renewal, told: to an owner, and to the approvers where no owner answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.figures.figures import DAYS, Found, Unseen
from bot.domain.lists.traits import Action, label
from bot.domain.requests.renewal import Answer, PassedOn, Renewal
from bot.domain.telling.counting import plural
from bot.domain.telling.figures_facts import beside
from bot.domain.telling.sentence import Day, Quoted, Sentence, Value, Who, sentence

_WHY: Mapping[PassedOn, str] = {
    PassedOn.UNANSWERED: " did not answer",
    PassedOn.OWNER_GONE: " has left, or may not propose any more",
    PassedOn.KEEP_DENIED: " wanted to keep it, and that was denied",
    PassedOn.CAME_TO_NOTHING: "'s entry: nothing came of the request about it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One entry that is due, as somebody is asked about it."""

    carried: str  #: by which buttons know it
    value: str
    action: Action
    place: str
    number: int  #: by which people know the request that keeps it
    asked_for: Sentence  #: who asked for it, since when it is kept, and until when
    reason: Sentence  #: why, as its requester wrote it
    use: Sentence  #: its last use and its mail, as far as that is known; else empty
    why: Sentence  #: why the approvers are asked; empty for an owner
    card_url: str = ""  #: where that request's card is read; empty where it isn't known


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """One that is answered, and waits for its request."""

    said: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalFacts:
    """What somebody is asked: the first lines of so many, and what is answered."""

    lines: tuple[DueLine, ...]
    total: int
    answered: tuple[AnsweredLine, ...]
    answer_by: datetime | None  #: the earliest of their times; None where there is none to keep
    for_approvers: bool
    is_reminder: bool = False
    removes: bool = False  #: without an answer their removal is proposed

    @property
    def headline(self) -> str:
        """`3 of your entries are due for renewal: keep or end?`"""
        if not self.total:
            return "Nothing of this waits for an answer any more."
        if self.for_approvers:
            return f"{plural(self.total, 'entry', 'entries')} due for renewal, and nobody answers for {_it(self.total)}"
        again = "Reminder: " if self.is_reminder else ""
        is_are = "is" if self.total == 1 else "are"
        which = "one of your entries" if self.total == 1 else f"{self.total:,} of your entries"
        said = f"{again}{which} {is_are} due for renewal: keep {_it(self.total)}, or let {_it(self.total)} end?"
        return said[0].upper() + said[1:]

    @property
    def what_then(self) -> Sentence:
        """What happens without an answer; empty where nothing does."""
        if not self.total:
            return ()
        if self.for_approvers:
            return ("They stay until somebody answers. Either answer makes a request that takes the usual approvals.",)
        then = "their removal is proposed" if self.removes else "the approvers are asked"
        by = () if self.answer_by is None else ("Please answer by ", Day(self.answer_by), f"; after that {then}. ")
        return sentence(by, "Either answer makes a request that takes the usual approvals.")


def due_line(
    renewal: Renewal,
    *,
    number: int,
    reason: str = "",
    since: datetime | None = None,
    expires: datetime | None = None,
    last_used: datetime | None = None,
    found: Found | None = None,
    card_url: str = "",
) -> DueLine:
    """One entry, told. `found` is its mail, counted when it was asked about first."""
    kept = () if since is None else (", kept since ", Day(since))
    until: Sentence = (", ends ", Day(expires)) if expires is not None else (", without an end",)
    used = () if last_used is None else sentence("Last used ", Day(last_used))
    mail = _mail(renewal, found)
    return DueLine(
        carried=str(renewal),
        value=renewal.value,
        action=renewal.action,
        place=label(renewal.list, renewal.action),
        number=number,
        asked_for=sentence("asked for by ", Who(renewal.owner), kept, until),
        reason=(Quoted(reason),) if reason.strip() else (),
        use=sentence(used, ". " if used and mail else "", mail),
        why=() if renewal.why is None else sentence(Who(renewal.owner), _WHY[renewal.why]),
        card_url=card_url,
    )


def _mail(renewal: Renewal, found: Found | None) -> Sentence:
    """With its time: a reminder, and what the approvers are told, come weeks later. Empty where nothing is known."""
    if found is None or isinstance(found, Unseen):
        return ()
    return (f"In the {DAYS} days before ", Day(renewal.asked_at), f": {beside(found)}")


def answered_line(renewal: Renewal, *, number: int) -> AnsweredLine:
    """One that is answered, told. `number` is that by which people know the request that answers."""
    wanted = "to be kept" if renewal.answer is Answer.KEEP else "to end"
    return AnsweredLine(said=sentence(Value(renewal.value), f": {wanted}, by #{number}"))


def summary(mine: int, passed_on: int) -> str:
    """`3 entries wait for your answer.`; empty where none does."""
    told = []
    if mine:
        told.append(f"{plural(mine, 'entry', 'entries')} of yours {'is' if mine == 1 else 'are'} due for renewal.")
    if passed_on:
        told.append(f"Nobody answers for {plural(passed_on, 'entry', 'entries')} due for renewal.")
    return " ".join(told)


def cells(
    renewal: Renewal, *, number: int, reason: str, since: datetime | None, expires: datetime | None
) -> tuple[str, ...]:
    """One entry as the cells of a file: value, list, action, request, owner, kept since, ends, reason."""
    return (
        renewal.value,
        label(renewal.list),
        renewal.action.value,
        f"#{number}",
        renewal.owner,
        "" if since is None else f"{since:%Y-%m-%d}",
        "never" if expires is None else f"{expires:%Y-%m-%d}",
        reason,
    )


def _it(count: int) -> str:
    return "it" if count == 1 else "them"
