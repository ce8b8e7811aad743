"""A proposal of several lists as facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.parts import Parts
from bot.domain.requests.question import Question
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.telling import headlines
from bot.domain.telling.audience import told_below_the_card, told_to_the_requester
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import request_facts
from bot.domain.telling.sentence import Day, Value
from tests.support.samples import NOW, ip_allow, item, request, review


def two(first: Request | None = None, second: Request | None = None) -> Parts:
    """Senders and URLs, of proposal 7."""
    senders = first or request(request_id=7, items=[item(1), item(2)])
    urls = second or request(request_id=8, items=[item(3, value="evil.example/login")], list_name=ListName.URL)
    return Parts(requests=(replace(senders, id=7), replace(urls, id=8, part_of=7)))


def test_one_list_is_told_as_its_request() -> None:
    made = request()
    assert parts_facts(Parts(requests=(made,))) == request_facts(made)


def test_of_several_lists_told_as_one_nothing_is_counted_as_if_it_were_of_the_first_list() -> None:
    url = replace(item(3, value="evil.example/login"), kind=Kind.URL)
    parts = two(second=request(request_id=8, items=[url], list_name=ListName.URL))
    assert headlines.headline(parts.as_one) == ("Block ", "3 indicators")
    assert headlines.headline(two().requests[0]) == ("Block ", "2 senders")


def test_what_was_asked_stands_with_all_of_it_wherever_the_first_stands() -> None:
    """It is on record with the first request, which may be left out of what waits."""
    question = Question(number=1, by="U0APPROVER", text="Which mail?", at=NOW)
    for status in (Status.PENDING, Status.WITHDRAWN):
        parts = two()
        first = replace(parts.requests[0], asked_back=question, status=status)
        assert parts_facts(Parts(requests=(first, parts.requests[1]))).asked_back == question


def test_several_are_told_as_one_with_a_part_for_each() -> None:
    told = parts_facts(two())
    assert (told.id, told.number, told.total, told.counted) == (7, 7, 3, "3 indicators")
    assert "".join(map(str, told.headline)) == "Block 3 indicators"
    assert [(part.label, part.outcome) for part in told.parts] == [("Senders", ""), ("URLs", "")]
    assert Value("evil.example/login") in told.named_headline
    assert told.short_place == "Senders, URLs"
    assert told.consequence == "", "each list has its own"


def test_an_end_is_told_once_where_all_have_it() -> None:
    assert parts_facts(two()).until_when
    later = request(items=[item(3)], list_name=ListName.URL, expires=NOW + timedelta(days=90))
    told = parts_facts(two(second=later))
    assert told.until_when == ()
    assert all(part.request.until_when for part in told.parts)


@pytest.mark.parametrize("lasts", [None, timedelta(days=30)])
def test_it_is_one_end_also_where_portcullis_removes_a_part_alone(lasts: timedelta | None) -> None:
    """The connection filter keeps no end dates, so that ours goes with it."""
    both = two(
        first=request(items=[item(1)], lasts=lasts),
        second=request(items=[item(3, value="203.0.113.9")], list_name=ListName.CONNECTION_FILTER, lasts=lasts),
    )
    told = parts_facts(both)
    assert told.until_when
    assert told.end is not None
    assert "".join(map(str, told.end.words)).endswith(", when Portcullis removes the IPs")


def test_the_end_of_what_goes_ahead_is_the_end_of_it() -> None:
    """A length counts from the approval: what was turned down keeps the end that was guessed."""
    done = request(items=[replace(item(1), state=ItemState.APPLIED)], status=Status.APPLIED, reviews=[review()])
    turned_down = request(
        items=[item(3)], status=Status.DENIED, list_name=ListName.URL, expires=NOW + timedelta(days=29)
    )
    told = parts_facts(two(done, turned_down))
    assert told.end == request_facts(done).end
    assert any(isinstance(part, Day) for part in told.one_line)


def test_the_gravest_part_names_the_whole() -> None:
    told = parts_facts(two(first=ip_allow(), second=request(action=Action.ALLOW, list_name=ListName.URL)))
    assert told.alarm == "IP ALLOW"
    assert told.question


def test_how_it_went_is_told_of_each() -> None:
    done = request(status=Status.APPLIED, reviews=[review()], items=[replace(item(1), state=ItemState.APPLIED)])
    failed = request(
        status=Status.FAILED,
        reviews=[review()],
        items=[replace(item(3), state=ItemState.REFUSED)],
        list_name=ListName.URL,
        failure="The list is full.",
    )
    told = parts_facts(two(done, failed))
    assert told.status is Status.PARTLY_APPLIED
    assert [(part.label, part.outcome) for part in told.parts] == [("Senders", "1 blocked"), ("URLs", "failed")]
    assert told.failure == "URLs: The list is full."


def test_a_removal_is_told_as_one() -> None:
    gone = replace(item(1), state=ItemState.APPLIED)
    done = request(operation=Operation.REMOVE, status=Status.APPLIED, reviews=[review()], items=[gone])
    assert [part.outcome for part in parts_facts(two(done, done)).parts] == ["1 removed"] * 2


def test_nothing_is_told_where_nothing_happened() -> None:
    stories = {7: [], 8: []}
    assert told_below_the_card(two(), stories) == told_to_the_requester(two(), stories) == []
