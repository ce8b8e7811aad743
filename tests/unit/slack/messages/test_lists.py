"""The answers to /requests and /audit: pages of lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auditing.events import PORTCULLIS, Event, EventKind
from bot.domain.requests.people import Right
from bot.domain.requests.request import Status
from bot.domain.telling.event_facts import event_facts
from bot.domain.telling.overview_facts import OverviewFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import Value, Who
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages import audit_page as audit
from bot.slack.messages import request_list
from bot.slack.messages.event_line import event_line
from bot.slack.messages.overview import overview_message
from tests.support import samples
from tests.support.samples import HOSTILE, event, facts, ip_allow_facts, item, review
from tests.unit.slack.rendered import buttons, texts


def details_values(message: request_list.Message) -> list[str]:
    return [block["accessory"]["value"] for block in message.to_dict()["blocks"] if "accessory" in block]


def older(message: request_list.Message) -> str | None:
    last = message.to_dict()["blocks"][-1]
    return last["elements"][0]["value"] if last["type"] == "actions" else None


def test_each_request_has_a_line_its_status_and_a_button() -> None:
    made = [facts(request_id=43, items=3), facts(request_id=42, status=Status.DENIED, reviews=[review()])]
    message = request_list.request_list(made, heading="Open requests")
    seen = texts(message)
    assert "Open requests" in seen
    assert "*#43* · Block `sender1[.]example` and 2 more\nwaits for approval, 0 of 1 approval · <@U0REQUESTER>" in seen
    assert ":no_entry_sign: *#42*" in seen
    assert details_values(message) == ["43.57", "42.57"]
    assert older(message) is None
    assert "#43: Block `sender1[.]example` and 2 more, waits for approval." in message.text


@pytest.mark.parametrize(("numbers", "can"), [({42}, True), ({43}, False), (set(), False)])
def test_what_somebody_can_decide_has_a_button_for_that(numbers: set[int], can: bool) -> None:
    message = request_list.request_list([facts(request_id=42)], to_decide=numbers)
    assert (ActionId.DECIDE in buttons(message)) is can
    assert ActionId.DETAILS in buttons(message)


def test_an_ip_allow_stands_out_in_the_list() -> None:
    assert "IP ALLOW `203.0.113[.]7`" in texts(request_list.request_list([ip_allow_facts()]))


def test_an_empty_list_says_what_to_do() -> None:
    message = request_list.request_list([], heading="Your requests")
    assert "Your requests: none." in message.text


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (8, 8), (9, 8), (1000, 8)])
def test_a_page_ends_with_the_way_to_the_next(count: int, shown: int) -> None:
    large = facts(items=1000)
    made = [replace(large, id=number, number=number) for number in range(2_000, 2_000 - count, -1)]
    message = request_list.request_list(made)
    assert len(details_values(message)) == shown
    assert older(message) == (str(2_000 - shown + 1) if count > shown else None)
    assert older(request_list.request_list(made, scope="mine")) == (
        f"{2_000 - shown + 1} mine" if count > shown else None
    )


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing_in_lists(hostile: str) -> None:
    made = [
        replace(
            facts(request_id=10**15 + n, reason=hostile, requester=hostile, items=[item(value=hostile)] * 3),
            card_url=samples.LONGEST_CARD_LINK,
        )
        for n in range(20)
    ]
    events = [
        event(10**12 + n, kind=hostile, actor=hostile, target=hostile, payload={"reason": hostile}) for n in range(30)
    ]
    for message in (
        request_list.request_list(made),
        request_list.request_list(made, to_decide=range(10**15, 10**15 + 20), scope="mine"),
        overview_message(OverviewFacts(for_me=tuple(made), mine=tuple(made), more_for_me=True), rights=Right),
        request_list.request_list([], heading=hostile),
        audit_page(events, looked_for=(Value(hostile),), query=hostile, before_seq=7),
        audit_page([], looked_for=(Value(hostile),), query=hostile),
    ):
        assert "<!channel>" not in texts(message) + message.text
        assert "\u202e" not in texts(message) + message.text


@given(st.lists(samples.any_request_facts, max_size=17), samples.any_text)
@settings(max_examples=40, deadline=None)
def test_no_requests_make_a_list_that_slack_refuses(made: list[RequestFacts], heading: str) -> None:
    linked = [replace(each, card_url=samples.LONGEST_CARD_LINK) for each in made]
    numbers = {each.id for each in linked}
    assert request_list.request_list(linked, heading=heading, to_decide=numbers).text
    told = OverviewFacts(for_me=tuple(linked), mine=tuple(linked), more_for_me=True)
    assert overview_message(told, rights=Right).text


def test_an_event_tells_when_who_what_and_which_request() -> None:
    line = event_line(event_facts(event(7, kind=EventKind.REQUEST_REVIEWED, payload={"decision": "deny", "n": 1})))
    assert line.startswith("7 · <!date^1772366400^")
    assert line.endswith("<@U0REQUESTER> *voted to deny* · `sender1[.]example` · #42")


def test_read_aloud_an_event_keeps_the_stars_that_are_part_of_a_value() -> None:
    spoken = audit_page([event(9, target="*.evil.example")]).text
    assert "`*[.]evil[.]example`" in spoken
    assert spoken.count("*") == 1


def test_an_event_about_a_request_names_it_once() -> None:
    line = event_line(event_facts(event(kind=EventKind.REQUEST_APPROVED, target="request 42")))
    assert line.endswith("<@U0REQUESTER> *gave the deciding approval* · #42")
    assert "`request" not in line


def test_a_review_whose_payload_is_odd_still_has_its_line() -> None:
    line = event_line(event_facts(event(kind=EventKind.REQUEST_REVIEWED, payload={"decision": ["x"]})))
    assert "*reviewed*" in line


def test_the_bot_itself_is_named_and_an_unknown_kind_stands_as_it_is() -> None:
    line = event_line(event_facts(event(actor=PORTCULLIS, kind="request.reopened", target="", request_id=None)))
    assert line.endswith("Portcullis *request.reopened*")


def audit_page(events: list[Event], **more: Any) -> Message:  # noqa: ANN401 — the fields of the facts
    told = [event_facts(logged) for logged in events]
    return audit.audit_page(audit.PageFacts(events=told, **more))


def ways(message: Message) -> dict[str, str]:
    last = message.to_dict()["blocks"][-1]
    return {each["text"]["text"]: each["value"] for each in last["elements"]} if last["type"] == "actions" else {}


def test_a_file_of_the_log_says_what_was_looked_for_as_it_was_understood() -> None:
    message = audit.export_message("2 events as CSV", looked_for=("denied · by ", Who("U0ANNA")))
    assert texts(message) == "Audit log (denied · by <@U0ANNA>): 2 events as CSV."
    assert audit.export_message("2 events as CSV", looked_for=()).text == "Audit log: 2 events as CSV."


def test_an_audit_page_leads_to_the_pages_beside_it_with_the_same_query() -> None:
    message = audit_page(
        [event(9), event(8)],
        looked_for=("denied · ", Value("evil.example")),
        query="203.0.113.7 30d",
        after_seq=9,
        before_seq=8,
    )
    assert "*Audit log*: denied · `evil[.]example`\n2 events, the newest first" in texts(message)
    export = {"Export": "0 203.0.113.7 30d"}
    assert ways(message) == {"Newer": "9 203.0.113.7 30d", "Older": "8 203.0.113.7 30d"} | export
    assert audit.place_from("8 203.0.113.7 30d") == (8, "203.0.113.7 30d")
    assert ways(audit_page([event(9)])) == {"Export": "0"}
    assert ways(audit_page([event(9)], before_seq=9)) == {"Older": "9", "Export": "0"}
    assert "*" not in message.text


@pytest.mark.parametrize("events", [[], [event(9)]])
def test_an_audit_page_says_where_it_has_not_looked(events: list[Event]) -> None:
    assert "looked for in" not in texts(audit_page(events))
    message = audit_page(events, looked_among=100_000)
    assert "What lies within it was looked for in 100,000 events." in texts(message)
    assert "such as until 2030-01-31, or add export for" in message.text
    message = audit_page(events, requests_among=300)
    assert "Of the requests that name it the newest 300 were looked at." in texts(message)
    assert "add export, for a file of all" in message.text


def test_each_event_opens_the_story_of_its_request() -> None:
    message = audit_page([event(9, request_id=6), event(8, request_id=None)])
    assert details_values(message) == ["6"]


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "٣ a", "1" * 30, " 7"])
def test_a_value_that_is_not_ours_leads_nowhere(value: str) -> None:
    assert audit.place_from(value) is None


def test_a_query_that_a_button_cannot_hold_as_it_is_leads_nowhere() -> None:
    assert ways(audit_page([event(9)], query="x" * 500, before_seq=9)) == {}


def test_events_at_their_longest_are_all_on_the_page() -> None:
    long = "x" * 20_000
    events = [
        event(10**12 + n, kind=long, actor=long, target=long, payload={"reason": long}) for n in range(audit.PAGE)
    ]
    seen = texts(audit_page(events, query="x" * 390, before_seq=10**12))
    assert seen.count("1,000,000,000,0") == audit.PAGE
    assert "more" not in seen


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_an_audit_page_holds_so_many_events_and_no_more(count: int) -> None:
    message = audit_page([event(number) for number in range(1, count + 1)])
    assert texts(message).count("*proposed*") == min(count, audit.PAGE)


def test_an_empty_audit_page_says_what_was_looked_for_and_how_to_look() -> None:
    message = audit_page([], looked_for=("denied",), query="denied")
    assert "denied" in texts(message)
    assert "No events" in message.text
    assert "/audit help" in message.text


@given(st.lists(samples.any_event, max_size=24), samples.any_text, st.none() | st.integers(1, 10**12))
@settings(max_examples=40, deadline=None)
def test_no_events_make_a_page_that_slack_refuses(events: list[Event], query: str, before_seq: int | None) -> None:
    message = audit_page(events, looked_for=(Value(query),), query=query, before_seq=before_seq)
    for words, value in ways(message).items():
        found = audit.place_from(value)
        assert found is not None
        assert found[0] == (0 if words == "Export" else before_seq)
