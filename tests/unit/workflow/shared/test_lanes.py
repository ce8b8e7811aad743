"""The lanes: each kind of job has one, and every lane says how much runs at once and when a job is late."""

from __future__ import annotations

import pytest

from bot.workflow.shared.job_definition import KindOfJob
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.lanes import Lane, Urgency


def test_a_kind_without_a_lane_is_none() -> None:
    with pytest.raises(TypeError, match="lane"):
        KindOfJob("made.up", NothingPayload)  # type: ignore[call-arg]


@pytest.mark.parametrize("lane", Lane)
def test_each_lane_has_places_and_a_time(lane: Lane) -> None:
    assert lane.traits.places >= 1
    assert lane.traits.late_after.total_seconds() >= 60


def test_what_calls_the_tenant_and_what_calls_slack_share_no_places() -> None:
    lanes = {
        Lane.APPLYING: {JobKind.APPLY, JobKind.EXPIRE},
        Lane.READING: {JobKind.WATCH, JobKind.CONFIRM, JobKind.FOLLOW, JobKind.REMIND},
        Lane.ASKING: {JobKind.CHECK},
        Lane.TELLING: {
            JobKind.NOTIFY,
            JobKind.TELL_REQUESTER,
            JobKind.TELL_BELOW,
            JobKind.ALERT,
            JobKind.REPLY,
            JobKind.TELL_PREVIEW,
        },
        Lane.FETCHING: {JobKind.GIVE_OUTCOME},
        Lane.IMPORTING: {JobKind.SHOW_PREVIEW, JobKind.REQUEST_PREVIEW},
    }
    assert all(kind.lane is lane for lane, kinds in lanes.items() for kind in kinds)


def test_an_approved_change_comes_before_an_end_and_a_card_before_a_file() -> None:
    assert JobKind.APPLY.urgency is Urgency.FIRST < JobKind.EXPIRE.urgency
    assert JobKind.RESULT.lane is Lane.FETCHING


def test_imports_are_worked_off_one_at_a_time_for_a_tenant() -> None:
    assert (Lane.IMPORTING.traits.places, Lane.IMPORTING.traits.of_all) == (1, 1)
