"""App Home: what it shows to whom, that it fits, and that nothing of what was typed works in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.requests.browsing import ListedEntry
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.parts import by_proposal
from bot.domain.requests.people import Person, Right, Role
from bot.domain.requests.renewal import Renewal
from bot.domain.telling.home_facts import HomeFacts, home_facts
from bot.domain.telling.overview_facts import overview_facts
from bot.domain.telling.renewal_facts import due_line
from bot.slack.block_kit.blocks import Home
from bot.slack.messages.home import SHOWN, home_failed, home_view, home_without_role
from bot.workflow.asking.home import MOST_DUE
from tests.support.samples import HOSTILE, any_text, request
from tests.unit.slack.rendered import texts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTRY = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example", expires=NOW + timedelta(days=2))
KNOWN = KnownEntry(
    list=ListName.SENDER,
    action=Action.BLOCK,
    value="evil.example",
    requester="U0REQUEST1",
    request_id=42,
    reason="Spray",
    since=NOW,
    expires=ENTRY.expires,
)
LISTS = Snapshot(
    as_of=NOW - timedelta(minutes=20),
    policies=(FilterPolicy(identity="Default", allow=("203.0.113.7",)),),
    entries=(ENTRY,),
    unreadable={ListName.URL: "no answer"},
)


def facts(*, requests: int = 1, reason: str = "Phishing wave", value: str = "evil.example", rows: int = 1) -> HomeFacts:
    made = [request(reason=reason)] * requests
    row = ListedEntry(replace(ENTRY, value=value, notes=reason), KNOWN)
    overview = overview_facts(by_proposal(made), by_proposal(made))
    asked = Renewal(
        id=3,
        list=ListName.SENDER,
        action=Action.ALLOW,
        value=value,
        request_id=42,
        owner="U0REQUEST1",
        asked_at=NOW,
        answer_by=NOW,
    )
    due = [due_line(asked, number=42, reason=reason)] * min(rows, MOST_DUE)
    return home_facts(overview, [row] * rows, LISTS, plan=Plan.NONE, at_most=SHOWN, due=due, all_due=rows)


def options(home: Home) -> list[str]:
    """What the menus beside entries offer."""
    menus = [block["accessory"] for block in home.blocks if block.get("accessory", {}).get("type") == "overflow"]
    return [option["text"]["text"] for menu in menus for option in menu["options"]]


def test_it_shows_what_waits_what_ends_and_how_the_lists_are() -> None:
    seen = texts(home_view(facts(), rights=Right, now=NOW))
    assert "*1 request waits for you. 1 of yours is under way.*" in seen
    assert "*Due for renewal: keep or end?*" in seen
    assert "*Ends within a week*" in seen
    assert "`evil[.]example` · block · Tenant Allow/Block List, senders\nends <!date" in seen
    assert "asked by <@U0REQUEST1>, #42" in seen
    assert ":warning: Not met: IP allow lists SHOULD NOT be created" in seen
    assert ":white_check_mark: Met: Safe lists SHOULD NOT be enabled" in seen
    assert "Tenant Allow/Block List, senders, blocks: 1 of 500" in seen
    assert ":warning: Tenant Allow/Block List, URLs: could not be read" in seen
    assert "Lists read 20 minutes ago." in seen


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.REQUESTER, ["Check", "Unblock…", "New expiry date…", "Another note…", "Details of #42"]),
        (Role.AUDITOR, ["Check", "Details of #42"]),
    ],
)
def test_an_entrys_menu_offers_what_a_role_may_do(role: Role, offered: list[str]) -> None:
    rights = Person(user_id="U0PERSON01", roles=frozenset({role})).rights
    assert options(home_view(facts(), rights=rights, now=NOW)) == offered


def test_before_the_first_snapshot_it_says_so() -> None:
    told = home_facts(overview_facts([], []), [], None, plan=Plan.NONE, at_most=SHOWN)
    assert "The lists have not been read yet." in texts(home_view(told, rights=Right, now=NOW))


def test_what_is_not_shown_is_counted() -> None:
    seen = texts(home_view(facts(rows=1_000), rights=Right, now=NOW))
    assert "…and 992 more: `/lists ends 7d`" in seen


@given(any_text)
@settings(max_examples=30, deadline=None)
def test_whatever_was_typed_it_fits(text: str) -> None:
    home_view(facts(requests=50, reason=text, value=text or "x", rows=100), rights=Right, now=NOW)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_is_harmless(text: str) -> None:
    assert "<!channel>" not in texts(home_view(facts(reason=text, value=text), rights=Right, now=NOW))


def test_who_has_no_role_is_told_whom_to_ask() -> None:
    assert "`U0VISITOR1`" in texts(home_without_role("U0VISITOR1"))
    assert "Ask <@U0OPERATOR> to give" in texts(home_without_role("U0VISITOR1", contact="U0OPERATOR"))
    assert "Ask the &lt;help&gt; desk to give" in texts(home_without_role("U0VISITOR1", contact="the <help> desk"))


def test_what_failed_is_told() -> None:
    assert "Reference a1b2" in texts(home_failed("The database is away.", "Try again.", "a1b2"))
