"""With which bot tokens Portcullis serves, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SlackError, WrongInstall
from bot.slack.install import workspace_of


@pytest.mark.parametrize("team_id", [None, "T0X"])
@pytest.mark.parametrize("flag", [{}, {"is_enterprise_install": False}, {"enterprise_id": "E0GRID"}])
def test_one_workspace(team_id: str | None, flag: dict[str, Any]) -> None:
    assert workspace_of({"team_id": "T0X", **flag}, team_id=team_id) == "T0X"


@pytest.mark.parametrize("team_id", [None, "T0X", "E0GRID"])
def test_a_whole_organization_is_refused_whatever_is_set(team_id: str | None) -> None:
    answer = {"team_id": "E0GRID", "enterprise_id": "E0GRID", "is_enterprise_install": True}
    with pytest.raises(WrongInstall) as refused:
        workspace_of(answer, team_id=team_id)
    assert "organization" in refused.value.what
    assert "Install it in one workspace" in refused.value.remedy


def test_another_workspace_is_refused_with_both_names() -> None:
    with pytest.raises(WrongInstall, match=r"workspace T0X, and SLACK_TEAM_ID is T0OTHER.*that workspace"):
        workspace_of({"team_id": "T0X"}, team_id="T0OTHER")


@pytest.mark.parametrize("answer", [{}, {"team_id": ""}, {"team_id": None}])
def test_an_answer_without_a_workspace_is_no_refusal_of_the_token(answer: dict[str, Any]) -> None:
    with pytest.raises(SlackError, match="names no workspace") as refused:
        workspace_of(answer, team_id="T0X")
    assert not isinstance(refused.value, WrongInstall)
