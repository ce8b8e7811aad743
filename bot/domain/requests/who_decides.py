"""Who may decide on what, and how many it takes, by the operator's rules: the one answer that every place asks for.

1. Only approvers decide, nobody on their own, and each once.
2. Where rules are about a change, an approver has to be named by each of them, by their id or by a group.
3. A proposal over several lists is decided by who may decide each part of it.
4. Where a rule says how many have to approve, it takes as many, or more where policy says so: no rule takes less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request
from bot.errors import LeftToOthers, NotPermitted, PortcullisError


class Act(StrEnum):
    """What a change does, in the words of the commands: what a rule is about."""

    BLOCK = "block"
    ALLOW = "allow"
    UNBLOCK = "unblock"  #: take a block out
    END_ALLOW = "end-allow"  #: take an allow out
    EXTEND = "extend"  #: give an entry another end
    NOTE = "note"  #: give an entry other notes
    SAFE_LIST_OFF = "safe-list-off"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True)
class About:
    """A kind of change: what it does to which list."""

    act: Act
    list: ListName


def about(operation: Operation, action: Action, name: ListName) -> About:
    """What kind of change this is."""
    match operation:
        case Operation.ADD:
            act = Act.BLOCK if action is Action.BLOCK else Act.ALLOW
        case Operation.REMOVE:
            act = Act.UNBLOCK if action is Action.BLOCK else Act.END_ALLOW
        case Operation.EXTEND:
            act = Act.EXTEND
        case Operation.ANNOTATE:
            act = Act.NOTE
        case Operation.SAFE_LIST_OFF:
            act = Act.SAFE_LIST_OFF
        case Operation.SUBMIT:
            act = Act.SUBMIT
    return About(act, name)


def about_request(request: Request) -> About:
    """What kind of change a request asks for."""
    return about(request.operation, request.action, request.list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverRule:
    """Who may approve some kinds of change, and how many it takes, as the operator has written it."""

    name: str
    acts: frozenset[Act] = frozenset()  #: empty: all
    lists: frozenset[ListName] = frozenset()  #: empty: all
    approvers: tuple[str, ...] = ()  #: people (`U…`) and user groups (`S…`); empty: all approvers
    approvals: int = 1  #: at least so many

    def is_about(self, change: About) -> bool:
        """Whether it is about this kind of change."""
        return (not self.acts or change.act in self.acts) and (not self.lists or change.list in self.lists)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """What waits for a decision, as far as it matters for who may decide."""

    about: frozenset[About]
    requester: str
    reviewers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, parts: Parts) -> Undecided:
        """A proposal: what of it waits, or else all of it."""
        lead = parts.lead
        return cls(
            about=frozenset(map(about_request, parts.open or parts.requests)),
            requester=parts.requester,
            reviewers=frozenset(review.reviewer for review in lead.reviews),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MayDecide:
    """Whether somebody may decide, and why or why not. `error` is what to raise where they may not."""

    why: str  #: for people, without a full stop
    rule: str = ""  #: the name of the rule that keeps them from it
    error: PortcullisError | None = None

    @property
    def may(self) -> bool:
        return self.error is None


def by_rules(person: Person, changes: Iterable[About], rules: Sequence[ApproverRule]) -> MayDecide:
    """Whether somebody may decide on such changes at all, by their role and the rules.

    Where a group that a rule names couldn't be read, and nothing else lets them, that is the error.
    """
    if not person.has(Right.REVIEW):
        error = person.doubt or NotPermitted(
            "Only approvers decide on requests.",
            "Leave it to one of them, or ask whoever runs Portcullis to make you one.",
        )
        return MayDecide(why="no approver", error=error)
    named: list[str] = []
    for rule in rules_that_name(frozenset(changes), rules):
        found = person.among(rule.approvers)
        if found is None:
            error = person.unread_of(rule.approvers) or LeftToOthers(
                f"By the rule “{rule.name}” others decide on this.",
                "Leave it to those whom the rule names, or ask whoever runs Portcullis.",
                others=rule.approvers,
            )
            return MayDecide(why=f"not named by the rule “{rule.name}”", rule=rule.name, error=error)
        named.append(f"the rule “{rule.name}” names {found}")
    return MayDecide(why="; ".join(named) or "an approver, and no rule says otherwise")


def rules_that_name(changes: Collection[About], rules: Sequence[ApproverRule]) -> list[ApproverRule]:
    """The rules that say who decides on such changes: whoever does has to be named by each of them."""
    return [rule for rule in rules if rule.approvers and any(map(rule.is_about, changes))]


def may_decide(person: Person, undecided: Undecided, rules: Sequence[ApproverRule]) -> MayDecide:
    """Whether somebody may decide on a proposal that waits: also by whose it is, and what they did before."""
    if person.user_id == undecided.requester:
        return MayDecide(why="their own", error=NotPermitted("Nobody reviews their own request."))
    if person.user_id in undecided.reviewers:
        return MayDecide(why="reviewed already", error=NotPermitted("You have reviewed this already."))
    return by_rules(person, undecided.about, rules)


def approvals_by_rules(changes: Collection[About], rules: Sequence[ApproverRule]) -> int:
    """How many approvals such changes take at least, by the rules: 1 where none says more."""
    return max([rule.approvals for rule in rules if any(map(rule.is_about, changes))], default=1)


def called_by_rules(names: Sequence[str], changes: Collection[About], rules: Sequence[ApproverRule]) -> tuple[str, ...]:
    """Whom a card calls of those whom the operator has named for all cards.

    Where rules say who decides, those are called who are named by all of them; and if none of them is, all whom the
    rules name. Where nobody is named, nobody is called.
    """
    narrowing = [rule.approvers for rule in rules_that_name(changes, rules)]
    if not names or not narrowing:
        return tuple(names)
    left = tuple(name for name in names if all(name in approvers for approvers in narrowing))
    return left or tuple(dict.fromkeys(name for approvers in narrowing for name in approvers))


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """That fewer people may decide on a kind of change than it takes."""

    about: About
    can: int
    needed: int


def too_few(rules: Sequence[ApproverRule], approvers: Collection[str]) -> list[TooFew]:
    """What could never be approved, by the rules and those who are approvers at all.

    Where a group is among those whom it depends on, nobody knows here how many are in it, and nothing is said.
    """
    found: list[TooFew] = []
    for change in (About(act, name) for act in Act for name in ListName):
        named = [rule.approvers for rule in rules if rule.approvers and rule.is_about(change)]
        if groups_of(name for names in (approvers, *named) for name in names):
            continue
        can = frozenset(approvers).intersection(*named)
        needed = approvals_by_rules({change}, rules)
        if len(can) < needed and (named or needed > 1):
            found.append(TooFew(about=change, can=len(can), needed=needed))
    return found


def groups_of(names: Iterable[str]) -> frozenset[str]:
    """The user groups among these."""
    return frozenset(name for name in names if name.startswith("S"))
