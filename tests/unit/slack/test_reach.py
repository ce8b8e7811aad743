"""What calls show of Slack: out of reach after a while, a token refused until it is taken again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from bot.slack.reach import TOKEN_REFUSED, UNREACHABLE_AFTER, SlackReach

POST, SOCKET = "chat.postMessage", "apps.connections.open"


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def reach(clock: Seconds) -> SlackReach:
    return SlackReach(now=clock)


def test_before_any_call_nothing_is_wrong(reach: SlackReach, clock: Seconds) -> None:
    clock.now += 3600
    assert reach.problems() == ()
    assert not reach.is_in_doubt
    assert reach.quiet_for == 3600


def test_it_is_out_of_reach_once_every_call_has_failed_for_a_while(reach: SlackReach, clock: Seconds) -> None:
    reach.note_failure(began=clock.now)
    assert reach.is_in_doubt
    clock.now += UNREACHABLE_AFTER - 1
    reach.note_failure(began=clock.now - 1)
    assert reach.problems() == ()
    clock.now += 1
    assert reach.problems() == ("Slack has not been reachable for 20 seconds.",)
    reach.note_answer(POST)
    assert (reach.problems(), reach.is_in_doubt, reach.quiet_for) == ((), False, 0)


@pytest.mark.parametrize("code", ["", "channel_not_found", "ratelimited", "internal_error", "token_revoked"])
def test_any_answer_shows_that_it_is_there(reach: SlackReach, clock: Seconds, code: str) -> None:
    reach.note_failure(began=clock.now)
    reach.note_answer(POST, code=code)
    reach.note_failure(began=clock.now)
    clock.now += UNREACHABLE_AFTER - 1
    assert not any("reachable" in problem for problem in reach.problems())


def test_the_log_has_each_refusal_once_and_its_end(reach: SlackReach) -> None:
    with capture_logs() as logged:
        for code in ("token_revoked", "token_revoked", "", ""):
            reach.note_answer(POST, code=code)
    assert [(record["log_level"], record.get("code")) for record in logged] == [
        ("error", "token_revoked"),
        ("info", None),
    ]


@pytest.mark.parametrize("code", sorted(TOKEN_REFUSED))
def test_a_refused_token_is_told_until_it_is_taken_again(reach: SlackReach, code: str) -> None:
    reach.note_answer(POST, code=code)
    assert reach.is_in_doubt
    [told] = reach.problems()
    assert told.startswith(f"Slack refuses the bot token ({code}). ")
    for busy in ("ratelimited", "internal_error"):  # it didn't look at the token
        reach.note_answer(POST, code=busy)
    assert reach.problems() == (told,)
    reach.note_answer(POST, code="channel_not_found")
    assert reach.problems() == ()


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("token_revoked", "Install the app again"),
        ("accesslimited", "add this machine's address"),
        ("team_access_not_granted", "Have the app approved for this workspace"),
        ("enterprise_is_restricted", "ask them"),
        ("two_factor_setup_required", "two-factor"),
    ],
)
def test_it_says_what_helps(reach: SlackReach, code: str, remedy: str) -> None:
    reach.note_answer(POST, code=code)
    [told] = reach.problems()
    assert remedy in told
    assert ("Install the app again" in told) is (code == "token_revoked")


def test_each_token_stands_for_itself(reach: SlackReach) -> None:
    reach.note_answer(SOCKET, code="invalid_auth")
    reach.note_answer(POST)
    [told] = reach.problems()
    assert "app-level token (invalid_auth)" in told
    assert "set SLACK_APP_TOKEN" in told
    assert not reach.is_in_doubt  # auth.test, by the bot token, would tell nothing of it
    reach.note_answer(POST, code="token_revoked")
    assert len(reach.problems()) == 2
    reach.note_answer(SOCKET)
    assert ["bot token" in told for told in reach.problems()] == [True]
