"""What each list can do: the whole table, and that nothing else in the house is without a word for one of the lists."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import pytest

import bot
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action, Cmdlets, ListName, Plan, label, list_for, title

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER, URL, FILE, IP, SPOOF = ListName
EVERY_LIST = pytest.mark.parametrize("name", list(ListName))

#: What is true of which lists.
TRAITS = [
    ("holds_ips", {CF, IP}),
    ("in_policies", {CF}),
    ("one_entry_a_value", {SENDER, URL, FILE, IP, SPOOF}),
    ("spellings_vary", {CF, SPOOF}),
    ("keeps_ends", {SENDER, URL, FILE, IP}),
    ("keeps_notes", {SENDER, URL, FILE, IP}),
    ("allows_end_by_use", {SENDER, URL, FILE}),
    ("takes_direct_allows", {CF, SENDER, URL, IP, SPOOF}),
    ("takes_submissions", {SENDER, URL, FILE}),
    ("shares_limit", {SPOOF}),
    ("adds_by_value_alone", {SENDER, URL, FILE, IP}),
]


@pytest.mark.parametrize(("trait", "lists"), TRAITS)
def test_which_lists_have_a_trait(trait: str, lists: set[ListName]) -> None:
    assert {name for name in ListName if getattr(name.traits, trait)} == lists


def test_the_table_above_has_every_yes_or_no_that_is_asked_of_a_list() -> None:
    answered = {name for name in dir(CF.traits) if isinstance(getattr(CF.traits, name), bool)}
    assert answered == {trait for trait, _ in TRAITS}


OTHER_TRAITS = [
    # list, cmdlets, -ListType, values in one addition and in any other call, what wins
    (CF, Cmdlets.FILTER_POLICY, "", 20, 20, ALLOW),
    (SENDER, Cmdlets.ITEMS, "Sender", 20, 20, BLOCK),
    (URL, Cmdlets.ITEMS, "Url", 20, 20, BLOCK),
    (FILE, Cmdlets.ITEMS, "FileHash", 20, 20, BLOCK),
    (IP, Cmdlets.ITEMS, "IP", 20, 20, BLOCK),
    (SPOOF, Cmdlets.SPOOF_ITEMS, "", 1, 20, BLOCK),
]


@pytest.mark.parametrize(("name", "cmdlets", "list_type", "additions", "others", "wins"), OTHER_TRAITS)
def test_how_a_list_is_changed_and_what_wins_in_it(
    name: ListName, cmdlets: Cmdlets, list_type: str, additions: int, others: int, wins: Action
) -> None:
    traits = name.traits
    assert (traits.cmdlets, traits.list_type) == (cmdlets, list_type)
    assert (traits.values_per_addition, traits.values_per_call) == (additions, others)
    assert traits.stronger_action is wins


KINDS = [
    (Kind.IPV4, CF),
    (Kind.IPV4_RANGE, CF),
    (Kind.IPV4_NETWORK, CF),
    (Kind.IPV6, IP),
    (Kind.IPV6_NETWORK, IP),
    (Kind.DOMAIN, SENDER),
    (Kind.ADDRESS, SENDER),
    (Kind.URL, URL),
    (Kind.FILE, FILE),
    (Kind.SPOOF_PAIR, SPOOF),
    (Kind.FILTER_POLICY, CF),
]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_where_a_kind_of_indicator_goes(kind: Kind, name: ListName) -> None:
    assert list_for(kind) is name


def test_every_kind_goes_to_one_list() -> None:
    assert {kind for kind, _ in KINDS} == set(Kind)
    assert sorted(kind for name in ListName for kind in name.traits.kinds) == sorted(Kind)


WORDS = [
    # list, in a sentence, its allows, its blocks, by itself, its allows by themselves, one, several
    (
        CF,
        "connection filter",
        "IP Allow List",
        "IP Block List",
        "connection filter",
        "IP Allow List (connection filter)",
        "IP",
        "IPs",
    ),
    (
        SENDER,
        "Tenant Allow/Block List for domains and addresses",
        "Tenant Allow/Block List's allowed domains and addresses",
        "Tenant Allow/Block List's blocked domains and addresses",
        "Tenant Allow/Block List, senders",
        "Tenant Allow/Block List, senders",
        "sender",
        "senders",
    ),
    (
        IP,
        "Tenant Allow/Block List for IPv6 addresses",
        "Tenant Allow/Block List's allowed IPv6 addresses",
        "Tenant Allow/Block List's blocked IPv6 addresses",
        "Tenant Allow/Block List, IPv6 addresses",
        "Tenant Allow/Block List, IPv6 addresses",
        "IPv6 address or network",
        "IPv6 addresses or networks",
    ),
]


@pytest.mark.parametrize(("name", "whole", "allows", "blocks", "alone", "alone_allows", "noun", "nouns"), WORDS)
def test_what_people_call_a_list(
    name: ListName,
    whole: str,
    allows: str,
    blocks: str,
    alone: str,
    alone_allows: str,
    noun: str,
    nouns: str,
) -> None:
    assert (title(name), title(name, ALLOW), title(name, BLOCK)) == (whole, allows, blocks)
    assert (label(name), label(name, ALLOW)) == (alone, alone_allows)
    assert (name.traits.words.noun, name.traits.words.nouns) == (noun, nouns)


def test_no_two_lists_are_called_the_same() -> None:
    for called in (title, label):
        assert len({called(name) for name in ListName}) == len(ListName)


@EVERY_LIST
def test_a_list_answers_for_both_actions_and_every_plan(name: ListName) -> None:
    traits = name.traits
    assert set(traits.limits) == set(Plan)
    assert all(set(limits) == set(Action) for limits in traits.limits.values())
    assert set(traits.words.titles) == set(traits.words.labels) == set(Action)
    assert set(traits.kept_days) in (set(), set(Action)), "a list keeps ends or it doesn't"
    assert bool(traits.list_type) is (traits.cmdlets is Cmdlets.ITEMS)


@pytest.mark.parametrize(("action", "other"), [(ALLOW, BLOCK), (BLOCK, ALLOW)])
def test_the_other_action(action: Action, other: Action) -> None:
    assert action.other is other


def test_every_table_by_list_has_a_row_for_each() -> None:
    found = dict(_tables_by_list())
    assert len(found) >= 5, "the tables were not found where they are: this test would see nothing"
    submitted = {name for name in ListName if name.traits.takes_submissions}
    lacking = {place: names for place, names in found.items() if names not in (set(ListName), submitted)}
    assert not lacking


def _tables_by_list() -> Iterator[tuple[str, set[ListName]]]:
    """The tables of the house that have a list in their keys, with the lists that they have a row for."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.startswith("bot.playground") or module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Mapping):
                names = {part for key in value for part in _parts(key) if isinstance(part, ListName)}
                if names:
                    yield f"{module.name}.{name}", names


def _parts(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)
