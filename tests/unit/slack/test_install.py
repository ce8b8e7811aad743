"""With which bot tokens Portcullis serves, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SlackError, WrongInstall
from bot.slack.install import workspace_of


@pytest.mark.parametrize("team_id", [None, "T0X"])
@pytest.mark.parametrize("flag", [{}, {"is_enterprise_install": False}, {"enterprise_id": "E0GRID"}])
def test_one_workspace(team_id: str | None, flag: dict[str, Any]) -> None:
    served = workspace_of({"team_id": "T0X", **flag}, team_id=team_id)
    assert (served.team_id, served.by_organization, served.others) == ("T0X", False, ())
    assert served.enterprise_id == flag.get("enterprise_id", "")


BY_ORGANIZATION = {"team_id": "E0GRID", "enterprise_id": "E0GRID", "is_enterprise_install": True}
OURS, SALES, NAMELESS = {"id": "T0X", "name": "Ours"}, {"id": "T0S", "name": "Sales"}, {"id": "T0N"}


@pytest.mark.parametrize(
    ("granted", "others"),
    [([OURS], ()), ([SALES, OURS], ("Sales",)), ([OURS, NAMELESS, SALES], ("T0N", "Sales"))],
)
def test_one_workspace_of_an_organization_with_the_others_that_its_token_reaches(
    granted: list[dict[str, Any]], others: tuple[str, ...]
) -> None:
    served = workspace_of(BY_ORGANIZATION, granted, team_id="T0X")
    assert (served.team_id, served.enterprise_id, served.by_organization) == ("T0X", "E0GRID", True)
    assert served.others == others


@pytest.mark.parametrize(
    ("granted", "team_id", "remedy"),
    [
        ([OURS], None, "Set SLACK_TEAM_ID"),
        ([OURS], "", "Set SLACK_TEAM_ID"),
        ([SALES], "T0X", "add the app to that workspace"),
        ([], "T0X", "add the app to that workspace"),
        ([OURS], "E0GRID", "set the right SLACK_TEAM_ID"),
    ],
)
def test_an_organization_is_refused_where_no_workspace_of_it_is_set_or_the_app_isnt_in_it(
    granted: list[dict[str, Any]], team_id: str | None, remedy: str
) -> None:
    with pytest.raises(WrongInstall) as refused:
        workspace_of(BY_ORGANIZATION, granted, team_id=team_id)
    assert "whole organization" in refused.value.what
    assert remedy in refused.value.remedy


def test_an_organization_without_a_name_is_no_refusal_of_the_token() -> None:
    with pytest.raises(SlackError, match="names no organization") as refused:
        workspace_of({"is_enterprise_install": True}, [OURS], team_id="T0X")
    assert not isinstance(refused.value, WrongInstall)


def test_another_workspace_is_refused_with_both_names() -> None:
    with pytest.raises(WrongInstall, match=r"workspace T0X, and SLACK_TEAM_ID is T0OTHER.*that workspace"):
        workspace_of({"team_id": "T0X"}, team_id="T0OTHER")


@pytest.mark.parametrize("answer", [{}, {"team_id": ""}, {"team_id": None}])
def test_an_answer_without_a_workspace_is_no_refusal_of_the_token(answer: dict[str, Any]) -> None:
    with pytest.raises(SlackError, match="names no workspace") as refused:
        workspace_of(answer, team_id="T0X")
    assert not isinstance(refused.value, WrongInstall)
