"""Which deliveries are ours, and who acts from elsewhere: the shapes that Slack sends, and some that it doesn't."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.origins import is_for, not_served, visitor_of

OURS, OTHER, ORG = "T0PORTCULL", "T0OTHER", "E0ORG"


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        # a command
        ({"command": "/block", "team_id": OURS, "enterprise_id": ORG, "is_enterprise_install": "false"}, True),
        ({"command": "/block", "team_id": OTHER}, False),
        # a click, and a form
        ({"type": "block_actions", "team": {"id": OURS, "enterprise_id": ORG}, "is_enterprise_install": False}, True),
        ({"type": "block_actions", "team": {"id": OTHER}}, False),
        ({"type": "view_submission", "team": {"id": OURS}, "view": {"app_installed_team_id": OURS}}, True),
        # in a shared channel: a form names the workspace of whoever sends it, and that of the app
        ({"type": "view_submission", "team": {"id": OTHER}, "view": {"app_installed_team_id": OURS}}, True),
        ({"type": "block_actions", "team": {"id": OTHER}, "view": {"app_installed_team_id": OURS}}, True),
        ({"type": "view_submission", "team": {"id": OURS}, "view": {"app_installed_team_id": OTHER}}, False),
        ({"type": "view_submission", "team": {"id": OTHER}, "view": {"team_id": OURS}}, False),
        # an event
        ({"type": "event_callback", "team_id": OTHER, "authorizations": [{"team_id": OURS}]}, True),
        ({"type": "event_callback", "team_id": OURS, "authorizations": [{"team_id": OTHER}]}, False),
        ({"type": "event_callback", "team_id": OURS, "authorizations": []}, True),
        # an installation for a whole organization
        ({"type": "block_actions", "team": None, "enterprise": {"id": ORG}, "is_enterprise_install": True}, False),
        ({"type": "event_callback", "authorizations": [{"team_id": None, "is_enterprise_install": True}]}, False),
        # what Slack doesn't send
        ({"team": {"id": OURS}, "team_id": OTHER}, False),
        ({"team": OURS}, False),
        ({"team": {"id": None}}, False),
        ({"view": {"app_installed_team_id": [OURS]}, "team": {"id": OURS}}, False),
        ({"authorizations": "x", "team_id": OURS}, True),
        ({}, False),
    ],
)
def test_which_workspace_a_delivery_is_for(body: dict[str, Any], ours: bool) -> None:
    assert is_for(OURS, body) is ours
    assert not is_for(None, body)
    assert not is_for("", body)


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        # a command
        ({"command": "/block", "team_id": OURS, "enterprise_id": ORG, "is_enterprise_install": "true"}, True),
        ({"command": "/block", "team_id": OTHER, "enterprise_id": ORG}, False),
        ({"command": "/block", "team_id": OURS, "enterprise_id": "E0OTHER"}, False),
        ({"command": "/block", "team_id": OURS}, True),  # its id is no other workspace's
        # what people click and send needn't name the workspace
        ({"team": None, "enterprise": {"id": ORG}, "user": {"id": "U1", "team_id": OURS}}, True),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"id": "U1", "team_id": ORG}}, True),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"id": "U1"}}, True),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"team_id": OURS}, "view": {"team_id": OURS}}, True),
        ({"team": {"id": OURS}, "enterprise": {"id": ORG}, "user": {"team_id": OTHER}}, True),
        ({"team": {"id": OTHER}, "enterprise": {"id": ORG}, "user": {"team_id": OURS}}, False),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"team_id": OTHER}}, False),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"team_id": OURS}, "view": {"team_id": OTHER}}, False),
        ({"team": None, "enterprise": {"id": "E0OTHER"}, "user": {"team_id": OURS}}, False),
        ({"team": None, "enterprise": None, "user": {"team_id": OURS}}, False),
        # an event names the workspace in which it happened, whichever its authorization names
        ({"team_id": OURS, "authorizations": [{"enterprise_id": ORG, "team_id": None}]}, True),
        ({"team_id": OURS, "authorizations": [{"enterprise_id": ORG, "team_id": OTHER}]}, True),
        ({"team_id": OTHER, "authorizations": [{"enterprise_id": ORG, "team_id": OURS}]}, False),
        ({"team_id": None, "authorizations": [{"enterprise_id": ORG, "team_id": OURS}]}, False),
        ({"team_id": OURS, "authorizations": [{"enterprise_id": "E0OTHER"}]}, False),
        ({"team": None, "enterprise": {"id": ORG}, "view": {"app_installed_team_id": OTHER}}, False),
        ({"team": None, "enterprise": {"id": ORG}, "view": {"app_installed_team_id": ORG}}, True),
        # the step's event, as Slack's own example has it
        ({"team_id": OURS, "event": {"type": "function_executed"}, "authed_users": ["U1"]}, True),
        ({"team_id": OTHER, "event": {"type": "function_executed"}, "authed_users": ["U1"]}, False),
        # what Slack doesn't send
        ({"team": {"id": OURS}, "user": {"id": "U1"}}, True),
        ({"team": None, "user": {"id": "U1", "team_id": OURS}}, False),
        ({"team_id": OURS, "enterprise_id": {"id": ORG}}, False),
        ({"team": None, "enterprise": {"id": [ORG]}, "user": {"team_id": OURS}}, False),
        ({"team": None, "enterprise": {"id": ORG}, "user": {"team_id": {"id": OURS}}}, False),
        ({"authorizations": "x", "team_id": OURS}, True),
        ({"authorizations": "x", "enterprise": "x", "team": None}, False),
        ({}, False),
    ],
)
def test_which_workspace_a_delivery_to_an_organizations_installation_is_for(body: dict[str, Any], ours: bool) -> None:
    assert is_for(OURS, body, organization=ORG) is ours
    assert not is_for(None, body, organization=ORG)


@pytest.mark.parametrize(
    ("user", "visitor"),
    [
        ({"id": "U1", "team_id": OURS}, ""),
        ({"id": "U1", "team_id": ORG}, ""),
        ({"id": "U1"}, ""),
        ({"id": "U1", "team_id": None}, ""),
        ({"id": "U1", "team_id": OTHER}, "U1"),
        ({"id": "U1", "team_id": "E0OTHER"}, "U1"),
        ({"team_id": OTHER}, ""),
        ("U1", ""),
        (None, ""),
    ],
)
def test_who_acts_from_elsewhere(user: object, visitor: str) -> None:
    assert visitor_of({OURS, ORG}, {"user": user, "team": {"id": OURS}}) == visitor


def test_what_is_told_names_the_organization_where_it_is_one() -> None:
    assert "whole organization" in str(not_served({"is_enterprise_install": True}))
    assert "whole organization" in str(not_served({"is_enterprise_install": "true"}))
    assert "doesn't serve the workspace" in str(not_served({"is_enterprise_install": "false"}))
    assert "doesn't serve the workspace" in str(not_served({"is_enterprise_install": "true"}, organization=ORG))
