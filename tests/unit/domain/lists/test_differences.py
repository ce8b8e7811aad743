"""What differs between two readings of a place, as a table; and what by itself is no change of anybody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.differences import ORDER, SAFE_LIST_PLACE, UNREAD, Happening, Held, differences, places
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import NO_OTHER_POLICY, begins_words

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

BLOCK = Held(place="sender", value="evil.example", action="block", expires=NOW + 30 * DAY, note="Wave")
IP = Held(place="connection_filter", value="203.0.113.0/25", within="Default", action="allow")


@pytest.mark.parametrize(
    ("before", "after", "what", "fields"),
    [
        (None, BLOCK, Happening.ADDED, ()),
        (BLOCK, None, Happening.REMOVED, ()),
        (BLOCK, replace(BLOCK, expires=NOW + 60 * DAY), Happening.CHANGED, ("end",)),
        (BLOCK, replace(BLOCK, expires=None), Happening.CHANGED, ("end",)),
        (BLOCK, replace(BLOCK, expires=None, bounded_by_use=True), Happening.CHANGED, ("end",)),
        (BLOCK, replace(BLOCK, note="Another"), Happening.CHANGED, ("note",)),
        (BLOCK, replace(BLOCK, action="allow", note=""), Happening.CHANGED, ("action", "note")),
        (BLOCK, replace(BLOCK, more={"sender ip": "any"}), Happening.CHANGED, ("sender ip",)),
        (IP, replace(IP, within="Second"), Happening.ADDED, ()),
        # Where the end is the service's, its coming is nobody's doing.
        (replace(BLOCK, expires=NOW - DAY), None, Happening.ENDED, ()),
        (replace(BLOCK, expires=NOW + DAY), None, Happening.REMOVED, ()),
        (replace(BLOCK, expires=None, bounded_by_use=True, used=date(2026, 1, 1)), None, Happening.ENDED, ()),
        (replace(BLOCK, expires=None, bounded_by_use=True, used=date(2026, 2, 1)), None, Happening.REMOVED, ()),
        (replace(BLOCK, expires=None, bounded_by_use=True), None, Happening.REMOVED, ()),
    ],
)
def test_what_differs(before: Held | None, after: Held | None, what: Happening, fields: tuple[str, ...]) -> None:
    found = differences([before] if before else [], [after] if after else [], now=NOW)
    assert (found[0].what, found[0].fields) == (what, fields)
    assert found[0].held == (after or before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BLOCK, BLOCK),
        (BLOCK, replace(BLOCK, value="EVIL.example")),
        (IP, replace(IP, value="203.0.113.5/25")),  # the same network
        (BLOCK, replace(BLOCK, expires=NOW + 30 * DAY + timedelta(seconds=30))),  # the service rounds
        (BLOCK, replace(BLOCK, note=" Wave \r\n")),
        (BLOCK, replace(BLOCK, used=date(2026, 2, 28), submission="x")),
    ],
)
def test_what_is_the_same_to_the_service_is_no_difference(before: Held, after: Held) -> None:
    assert differences([before], [after], now=NOW) == ()


def test_a_list_that_could_not_be_read_says_nothing() -> None:
    lists = Snapshot(as_of=NOW, unreadable={ListName.CONNECTION_FILTER: "403", ListName.URL: "503"})
    told = places(lists)
    assert "connection_filter" not in told
    assert SAFE_LIST_PLACE not in told
    assert "url" not in told
    assert told["sender"] == ()
    assert set(places(lists, {ListName.SENDER, ListName.URL})) == {"sender"}


def test_a_safe_list_is_there_while_it_is_on() -> None:
    policies = (FilterPolicy(identity="Default", safe_list=True, block=("192.0.2.1",)), FilterPolicy(identity="B"))
    told = places(Snapshot(as_of=NOW, policies=policies, entries=policy_entries(policies)))
    assert [held.value for held in told[SAFE_LIST_PLACE]] == ["Default"]
    assert [(held.within, held.value) for held in told["connection_filter"]] == [("Default", "192.0.2.1")]
    [off] = differences(told[SAFE_LIST_PLACE], [], now=NOW)
    assert (off.what, off.held.value) == (Happening.REMOVED, "Default")


@given(st.lists(st.text(min_size=1, max_size=12)), st.lists(st.text(min_size=1, max_size=12)))
def test_any_values_differ_only_where_they_differ(before: list[str], after: list[str]) -> None:
    def held(values: list[str]) -> list[Held]:
        entries = tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in values)
        return list(places(Snapshot(as_of=NOW, entries=entries))["sender"])

    assert differences(held(before), held(before), now=NOW) == ()
    found = differences(held(before), held(after), now=NOW)
    assert len({(each.what, each.held.key) for each in found}) == len(found)
    back = differences(held(after), held(before), now=NOW)
    assert {each.held.key for each in found} == {each.held.key for each in back}


class TestThePlacesBesideTheLists:
    """What mail flow rules and the like hold is compared in the same way."""

    RULE = Override(
        place=Place.MAIL_FLOW_RULES,
        name="Partner",
        does=Does.LETS_THROUGH,
        how="spam filtering is skipped",
        conditions=(Condition(kind=ConditionKind.DOMAIN, values=("evil.example",)),),
    )
    SENDERS = Override(
        place=Place.ANTI_SPAM,
        name="Default",
        detail="allowed domains",
        does=Does.LETS_THROUGH,
        how="spam filtering is skipped",
        conditions=(Condition(kind=ConditionKind.DOMAIN, values=("a.example", "b.example")),),
    )

    def held(self, *overrides: Override, unread: int = 0) -> dict[str, tuple[Held, ...]]:
        readings = tuple(PlaceReading(place=each.place, overrides=(each,), unread=unread) for each in overrides)
        return places(Snapshot(as_of=NOW, places=readings))

    @pytest.mark.parametrize(
        ("after", "fields"),
        [
            (replace(RULE, when=("the subject has “x”",)), ("when",)),
            (replace(RULE, unless=("the subject has “x”",)), ("exceptions",)),
            (replace(RULE, conditions=()), ("conditions",)),
            (replace(RULE, does=Does.STOPS), ("action",)),
        ],
    )
    def test_a_rule_that_changes_is_one_difference(self, after: Override, fields: tuple[str, ...]) -> None:
        place = Place.MAIL_FLOW_RULES.value
        [found] = differences(self.held(self.RULE)[place], self.held(after)[place], now=NOW)
        assert (found.what, found.fields) == (Happening.CHANGED, fields)

    def test_each_sender_of_a_policy_is_one_of_its_own(self) -> None:
        condition = Condition(kind=ConditionKind.DOMAIN, values=("b.example", "c.example"))
        place = Place.ANTI_SPAM.value
        before, after = self.held(self.SENDERS), self.held(replace(self.SENDERS, conditions=(condition,)))
        found = differences(before[place], after[place], now=NOW)
        assert {(each.what, each.held.value, each.held.action) for each in found} == {
            (Happening.ADDED, "c.example", "allow"),
            (Happening.REMOVED, "a.example", "allow"),
        }

    def test_another_policy_changes_nothing_in_the_senders_of_the_default_one(self) -> None:
        place = Place.ANTI_SPAM.value
        before, after = self.held(self.SENDERS), self.held(replace(self.SENDERS, when=(NO_OTHER_POLICY,)))
        assert differences(before[place], after[place], now=NOW) == ()

    def test_one_value_of_very_many_is_seen_to_change(self) -> None:
        def rule(*more: str) -> Override:
            values = (*(f"evil{number}.example" for number in range(500)), *more)
            return replace(self.RULE, conditions=(Condition(kind=ConditionKind.DOMAIN, values=values),))

        place = Place.MAIL_FLOW_RULES.value
        before, after = self.held(rule("a.example"))[place], self.held(rule("b.example"))[place]
        assert len(before[0].more["conditions"]) < 1_000
        assert [each.fields for each in differences(before, after, now=NOW)] == [("conditions",)]

    def test_a_rule_that_acts_before_another_than_it_did_is_a_change(self) -> None:
        def rules(*names: str) -> tuple[Held, ...]:
            overrides = tuple(
                replace(self.RULE, name=name, position=position)
                for position, name in enumerate(names)
                if not name.startswith("other")
            )
            reading = PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=overrides)
            return places(Snapshot(as_of=NOW, places=(reading,)))[Place.MAIL_FLOW_RULES.value]

        before = rules("A", "B", "C")
        [found] = differences(before, rules("C", "A", "B"), now=NOW)
        assert (found.what, found.held.value, found.fields) == (Happening.CHANGED, "C", (ORDER,))
        # A rule in front moves all of them, and none past another.
        assert differences(before, rules("other", "A", "B", "C"), now=NOW) == ()
        assert [each.what for each in differences(before, rules("new", "A", "B", "C"), now=NOW)] == [Happening.ADDED]
        # What says no priority, as readings of older versions, says nothing of the order.
        assert differences([replace(each, position=None) for each in before], rules("C", "A", "B"), now=NOW) == ()

    def test_a_rule_that_does_several_things_moves_once(self) -> None:
        rule = replace(self.RULE, position=0)
        both = (rule, replace(rule, how="Safe Links is skipped", is_partial=True))
        other = replace(self.RULE, name="Other", position=1)

        def held(*overrides: Override) -> tuple[Held, ...]:
            reading = PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=overrides)
            return places(Snapshot(as_of=NOW, places=(reading,)))[Place.MAIL_FLOW_RULES.value]

        after = (replace(other, position=0), *(replace(each, position=1) for each in both))
        assert [each.fields for each in differences(held(*both, other), held(*after), now=NOW)] == [(ORDER,)]

    def test_another_pattern_is_told_with_what_cant_be_judged(self) -> None:
        """As it was told before patterns were conditions: a reading that is kept shows no change by a new version."""

        def rule(pattern: str) -> Override:
            return replace(self.RULE, conditions=(Condition(kind=ConditionKind.PATTERN, values=(pattern,)),))

        place = Place.MAIL_FLOW_RULES.value
        before = self.held(rule("^a@"))[place]
        assert (
            before == self.held(replace(self.RULE, conditions=(), when=("the sender's address matches “^a@”",)))[place]
        )
        [found] = differences(before, self.held(rule("^b@"))[place], now=NOW)
        assert found.fields == ("when",)

    def test_a_place_of_which_a_part_gave_no_answer_says_nothing(self) -> None:
        reading = PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=(self.RULE,), unread=1, why="403")
        assert places(Snapshot(as_of=NOW, places=(reading,))).keys() & set(Place) == set()

    def test_what_cant_be_read_hides_no_change_and_is_told_itself(self) -> None:
        """Somebody could blind the watch of a place by one value that nobody can read."""
        place = Place.MAIL_FLOW_RULES.value
        whole, partly = self.held(self.RULE)[place], self.held(replace(self.RULE, name="Another"), unread=1)[place]
        found = differences(whole, partly, now=NOW)
        assert [(each.what, each.held.value) for each in found] == [
            (Happening.ADDED, "Another"),
            (Happening.ADDED, UNREAD),
            (Happening.REMOVED, "Partner"),
        ]
        more = self.held(replace(self.RULE, name="Another"), unread=2)[place]
        assert [(each.held.value, each.fields) for each in differences(partly, more, now=NOW)] == [
            (UNREAD, ("how many",))
        ]

    @pytest.mark.parametrize(
        ("before", "after", "found"),
        [
            (RULE, replace(RULE, ends=NOW + DAY), [(Happening.CHANGED, ("end",))]),
            (replace(RULE, ends=NOW + DAY), replace(RULE, ends=NOW + 90 * DAY), [(Happening.CHANGED, ("end",))]),
            (RULE, replace(RULE, begins=NOW), [(Happening.CHANGED, ("begins",))]),
            (RULE, replace(RULE, unshown="1f"), [(Happening.CHANGED, ("what is not shown here",))]),
            # The rule's own dates come by themselves.
            (replace(RULE, ends=NOW), None, [(Happening.ENDED, ())]),
            (replace(RULE, begins=NOW, when=(begins_words(NOW),)), replace(RULE, begins=NOW), []),
        ],
    )
    def test_the_dates_of_a_rule_are_nobodys_doing_but_their_change_is(
        self, before: Override, after: Override | None, found: list[tuple[Happening, tuple[str, ...]]]
    ) -> None:
        place = Place.MAIL_FLOW_RULES.value
        now = () if after is None else self.held(after)[place]
        assert [(each.what, each.fields) for each in differences(self.held(before)[place], now, now=NOW)] == found
