"""What a person put into a form: the prefill of one, and what comes back from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Refusal
from bot.slack.block_kit.ids import Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class FormInput:
    """A proposal as text, before anything of it was read.

    `indicators` has one or several, a line each or separated as people do. `end` is a duration (`7d`), `never`, an ISO
    date (`2026-12-31`: the last day), or empty when nothing was chosen. `warned` is what the form itself brought along:
    the values whose warning stood above the box, or a digest of them all (see bot.slack.modals.ip_allow_form). `action`
    is None where a change of existing entries leaves it open: then it is that of the entries as they are listed.
    `about` is the request, in the version that was shown, whose entries the form was opened for, where it was; and
    `renewals` are those that it answers, by their numbers, likewise.
    """

    operation: Operation
    action: Action | None
    indicators: str = ""
    end: str = ""
    reason: str = ""
    acknowledged: bool = False
    warned: frozenset[str] = frozenset()
    about: Carried | None = None
    renewals: tuple[Carried, ...] = ()
    emergency: bool | None = None  #: to be blocked at once, or not; None: the form doesn't offer it
    emergency_days: int = 0  #: so long may what is blocked at once last; 0: the form doesn't offer that
    adopts: bool = False  #: it asks to keep an entry that nobody requested
    is_warned_next: bool = False  #: a second form has the warning that goes with it
    as_it_is: str = ""  #: the end that such an entry has, in words, where it may keep it
    stays: str = ""  #: the same for machines: ISO 8601, or `never`; empty where there is none to keep
    ends: tuple[str, ...] = ()  #: the lengths to choose from, where they aren't the usual ones


class WrongFields(Exception):
    """What was submitted can't be used; `refusals` say where and why."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        super().__init__()
        self.refusals = tuple(refusals)
