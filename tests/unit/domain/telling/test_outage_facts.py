"""What the alert channel is told of a connection to Slack that was lost."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.telling.alert_facts import AlertKind
from bot.domain.telling.outage_facts import socket_lost
from bot.domain.telling.sentence import Moment
from tests.unit.domain.telling.plain_text import in_words

BEGAN, ENDED = datetime(2030, 1, 2, 3, 4, tzinfo=UTC), datetime(2030, 1, 2, 3, 9, tzinfo=UTC)


def test_while_it_lasts_it_says_since_when_what_goes_on_and_what_to_do() -> None:
    facts = socket_lost("host:7", number=3, began_at=BEGAN, ended_at=None)
    assert (facts.kind, facts.now, facts.request) == (AlertKind.SOCKET, (), None)
    assert Moment(BEGAN) in facts.sentence
    said = in_words(facts.sentence)
    assert said.startswith("What people type and click in Slack doesn't arrive: since ")
    assert "(host:7)" in said
    assert "what was approved is applied" in said
    assert "portcullis doctor" in in_words(facts.remedy)


def test_afterwards_it_says_so_and_what_people_have_to_do() -> None:
    facts = socket_lost("host:7", number=3, began_at=BEGAN, ended_at=ENDED)
    assert Moment(BEGAN) in facts.sentence
    assert Moment(ENDED) in facts.now
    assert in_words(facts.now).startswith("connected again since ")
    assert "has to be repeated" in in_words(facts.now)
    assert facts.remedy == ()
