"""The invariants notice what should not be: each of these has one thing that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.playground.slack.conversations import Message
from tests.chaos.found import Found, Shown
from tests.chaos.invariants import breaches
from tests.chaos.people import Act
from tests.support.installation import ALERTS, REQUESTER

NOTHING = Found(
    requests=(),
    stories={},
    events=(),
    posted={},
    waiting=(),
    dead=(),
    log_trouble=(),
    shown=(),
    private=(),
    listed=Counter(),
    added=Counter(),
)
ENTRY = ("Sender", "Block", "evil.example")


def shown(channel: str, name: str, *, file: str = "") -> Shown:
    files = [{"title": file}] if file else []
    return Shown(channel=channel, message=Message(ts="1.0", user="U0BOT", text="", files=files), name=name)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (replace(NOTHING, listed=Counter([ENTRY])), "an entry is in effect and not approved"),
        (replace(NOTHING, added=Counter([ENTRY])), "an entry was added twice"),
        (replace(NOTHING, log_trouble=["row 3"]), "the log doesn't prove the state"),
        (replace(NOTHING, shown=[shown(ALERTS, "ip-allow-1")] * 2), "an alert was told twice"),
        (replace(NOTHING, shown=[shown("D0", "import-preview-1")] * 2), "an import's preview stands twice"),
        (replace(NOTHING, shown=[shown("D0", "", file="Result of request 1")]), "a result file isn't logged once"),
    ],
)
def test_what_should_not_be_is_noticed(found: Found, kind: str) -> None:
    assert [breach.kind for breach in breaches(found, [])] == [kind]


@pytest.mark.parametrize(
    ("what", "said", "carried", "kind"),
    [
        ("block", "Request 7: Block evil[.]example.", "", "a request was acknowledged and isn't there"),
        ("approve", "", "7.12", "a click was acknowledged on a request that isn't there"),
    ],
)
@pytest.mark.parametrize("problem", [None, "operation_timeout"])
def test_what_was_acknowledged_has_to_be_there(
    what: str, said: str, carried: str, kind: str, problem: str | None
) -> None:
    act = Act(
        what=what,
        who=REQUESTER,
        about="evil.example",
        since="1.0",
        problem=problem,
        delivery="Dv1",
        carried=carried,
        said=said,
    )
    assert [breach.kind for breach in breaches(NOTHING, [act])] == ([] if problem else [kind])


def test_where_nothing_is_nothing_is_wrong() -> None:
    assert [*breaches(NOTHING, [])] == []
