"""`portcullis who`: what somebody in Slack may do here, for each list and each kind of change, and why."""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot import logs
from bot import settings as env
from bot.bootstrap import build_client, build_directory
from bot.cli.failures import told
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, say
from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.people import Person, Right
from bot.domain.requests.who_decides import About, Act, approvals_by_rules, by_rules
from bot.domain.telling.counting import plural
from bot.errors import InvalidInput, SlackError
from bot.settings.rules_file import RulesFile
from bot.slack.client import call
from bot.slack.memberships import PATIENT
from bot.store import Store

#: Slack's word for an id that it doesn't know.
_UNKNOWN = frozenset({"user_not_found", "users_not_found", "user_not_visible"})


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What somebody may do with one kind of change to one list, as machines get it."""

    list: str
    does: str
    decide: bool
    why: str
    approvals: int  #: how many it takes by the rules; policy may want more
    without_approval: tuple[str, ...] = ()  #: the rules by which their blocks need nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatSomebodyMay:
    """What somebody may do."""

    user: str
    roles: tuple[str, ...]
    rights: tuple[str, ...]
    because: tuple[str, ...]  #: the settings that give the roles, and the groups by which they are in the rules
    may: tuple[May, ...]


def who(*, user: str, as_json: bool) -> None:
    """Do what `portcullis who` is asked for."""
    with told(as_json=as_json):
        if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", user):
            raise InvalidInput(f"{user} is no Slack user id.", "Name a person by their id (U…), from their profile.")
        logs.configure("ERROR")
        settings = env.load_all()
        found = asyncio.run(_look(settings, user))
    if as_json:
        print(json.dumps(asdict(found), indent=2))
    else:
        show(found)


async def _look(settings: env.Settings, user: str) -> WhatSomebodyMay:
    rules = settings.policy.rules
    store = Store(settings.database.database_url, tenant_id=settings.tenant.tenant_id)
    try:
        client = build_client(settings.slack)
        await _demand_known(client, user)
        directory = build_directory(settings.slack, client, store, rules=rules)
        person = await directory.person(user, within=PATIENT)
    finally:
        await store.close()
    if person.doubt is not None:
        raise person.doubt
    for error in person.unread.values():
        raise error
    return what_they_may(person, rules, settings.slack)


async def _demand_known(client: AsyncWebClient, user: str) -> None:
    """Raises InvalidInput for an id that Slack doesn't know, and SlackError where Slack can't be asked.

    Without the scope to look people up, nobody can tell.
    """
    try:
        await call(client, "users.info", {"user": user})
    except SlackError as error:
        if error.code in _UNKNOWN:
            raise InvalidInput(f"Slack knows nobody with the id {user}.", "Copy it from their profile.") from error
        if error.code != "missing_scope":
            raise


def what_they_may(person: Person, rules: RulesFile, slack: env.SlackSettings) -> WhatSomebodyMay:
    """All that somebody may do, by the settings and the rules."""
    return WhatSomebodyMay(
        user=person.user_id,
        roles=tuple(sorted(person.roles)),
        rights=tuple(sorted(person.rights)),
        because=tuple(_because(person, slack)),
        may=tuple(
            _may(person, About(act, name), rules) for name in ListName for act in Act if _there_is(About(act, name))
        ),
    )


def _because(person: Person, slack: env.SlackSettings) -> Iterator[str]:
    named = {
        "APPROVERS": slack.approvers,
        "REQUESTERS": slack.requesters,
        "AUDITORS": slack.auditors,
        "EMERGENCY": slack.emergency,
    }
    roles = {"APPROVERS": "approver", "REQUESTERS": "requester", "AUDITORS": "auditor", "EMERGENCY": "emergency"}
    for setting, names in named.items():
        if person.user_id in names:
            yield f"{setting} names {person.user_id}"
        elif roles[setting] in person.roles:
            groups = ", ".join(name for name in names if name.startswith("S"))
            yield f"{setting} names a user group that they are in ({groups})"
    for group in sorted(person.groups):
        yield f"rules name {group}, in which they are"


def _there_is(change: About) -> bool:
    """Whether there is such a change to such a list at all."""
    traits = change.list.traits
    if change.act is Act.SAFE_LIST_OFF:
        return change.list is ListName.CONNECTION_FILTER
    if change.act is Act.SUBMIT:
        return traits.takes_submissions
    return True


def _may(person: Person, change: About, rules: RulesFile) -> May:
    answer = by_rules(person, [change], rules.approvers)
    return May(
        list=change.list.value.replace("_", "-"),
        does=change.act.value,
        decide=answer.may,
        why=answer.why,
        approvals=approvals_by_rules({change}, rules.approvers),
        without_approval=tuple(rule.name for rule in rules.need_nobody if _needs_nobody(person, change, rule)),
    )


def _needs_nobody(person: Person, change: About, rule: NobodyRule) -> bool:
    return (
        change.act is Act.BLOCK
        and change.list in rule.lists
        and person.has(Right.PROPOSE)
        and person.among(rule.requesters) is not None
    )


def show(found: WhatSomebodyMay) -> None:
    """Print it for people: the short answer first, and list by list only what isn't the same for all of them."""
    console = console_for()
    say(console, f"{found.user}: {', '.join(found.roles) or 'no role'}", hang=2)
    for why in found.because:
        say(console, printable(why), before="  ", hang=4)
    if found.rights:
        may_do = ", ".join(right.replace("_", " ") for right in found.rights)
        say(console, f"may {may_do}", before="  ", hang=4)
    decisions = _together({(may.list, may.does): _decision(may) for may in found.may})
    if len(decisions) == 1:
        [(_, [(_, decision)])] = decisions
        say(console, printable(f"{decision}, whatever the change"), before="  ", hang=4)
    for line in _unapproved(found.may):
        say(console, printable(line), before="  ", hang=4)
    if len(decisions) == 1:
        return
    for lists, answers in decisions:
        console.print()
        say(console, ", ".join(lists), hang=2)
        for acts, decision in answers:
            said = f"{', '.join(acts)}: {decision}" if len(answers) > 1 else decision
            say(console, printable(said), before="  ", hang=4)


def _decision(may: May) -> str:
    if not may.decide:
        return f"doesn't decide ({may.why})"
    return f"decides ({may.why}); takes {plural(may.approvals, 'approval')} or more"


def _unapproved(may: Iterable[May]) -> Iterator[str]:
    """Which of their own changes need nobody, by which rules."""
    lists: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for each in may:
        if each.without_approval:
            lists[each.without_approval].append(each.list)
    for rules, named in lists.items():
        by = ", ".join(f"“{rule}”" for rule in rules)
        yield f"blocks in {', '.join(named)}: their own need nobody by {by}"


def _together(told: Mapping[tuple[str, str], str]) -> list[tuple[list[str], list[tuple[list[str], str]]]]:
    """What is told of each list and act: the lists for which the same is told together, and so the acts of a list.

    Where the same is told of all acts of a list, it doesn't matter which those are.
    """
    of_list: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (name, act), said in told.items():
        of_list[name][said].append(act)
    found: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for name, answers in of_list.items():
        same = len(answers) == 1
        found[tuple((said, () if same else tuple(acts)) for said, acts in answers.items())].append(name)
    return [(lists, [(list(acts), said) for said, acts in answers]) for answers, lists in found.items()]
