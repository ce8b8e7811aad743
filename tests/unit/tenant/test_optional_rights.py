"""Every right in one table: sound rows, nothing asked for that is off, and documents that tell of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from bot import settings as env
from bot.cli.commands.rights import rights
from bot.cli.rights import chosen_rights, for_deployment
from bot.domain.lists.traits import Cmdlets
from bot.tenant.exchange.override_reading import PLACE_CMDLETS
from bot.tenant.optional_rights import MESSAGE_TRACE_APP, RIGHTS, TenantRight, rights_for
from tests.unit.cli.commands import alone, run

ROOT = Path(__file__).parents[3]
OFF: dict[str, str] = {}


def names(chosen: dict[str, str]) -> set[str]:
    return {right.name for right in rights_for(chosen)}


def test_a_name_stands_once() -> None:
    assert len({right.name for right in RIGHTS}) == len(RIGHTS)


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.name)
def test_a_right_is_a_permission_of_an_interface_or_cmdlets_of_a_role(right: TenantRight) -> None:
    assert (right.api is None) == (right.permission == "")
    assert (right.role is None) == (right.cmdlets == ())
    assert bool(right.permission) != bool(right.cmdlets)
    assert right.buys
    assert right.lines


def test_what_is_off_by_default_only_reads() -> None:
    optional = [right for right in RIGHTS if right.switch is not None and right.name != "submissions"]
    assert all(cmdlet.startswith("Get-") for right in optional for cmdlet in right.cmdlets)
    assert all(right.permission.endswith(".Read.All") for right in optional if right.permission)


@pytest.mark.parametrize("right", [right for right in RIGHTS if right.switch], ids=lambda right: right.name)
def test_a_switch_is_a_setting_with_just_these_values(right: TenantRight) -> None:
    assert right.switch is not None
    fields = {**env.PolicySettings.model_fields, **env.LookingSettings.model_fields}
    field = fields[right.switch.setting.lower()]
    values = {"off", "on"} if field.annotation is bool else set(get_args(field.annotation))
    assert right.switch.values < values
    assert field.default in {False, "off"}


def test_without_settings_nothing_but_the_lists_is_asked_for() -> None:
    assert names(OFF) == {"sign-in", "connection filter", "Tenant Allow/Block List", "own domains"}


@pytest.mark.parametrize(
    ("chosen", "added"),
    [
        ({"SUBMISSIONS": "on"}, {"submissions"}),
        ({"AUDIT_LOG": "on"}, {"audit log"}),
        ({"MAIL_FIGURES": "trace"}, {"message trace"}),
        ({"MAIL_FIGURES": "hunting"}, {"hunting"}),
        ({"MAIL_FIGURES": "both"}, {"message trace", "hunting"}),
        (
            {"OVERRIDES": "on"},
            {
                "mail flow rules",
                "anti-spam policies",
                "inbound connectors",
                "advanced delivery",
                "anti-phishing policies",
            },
        ),
        ({"SAFE_SENDERS": "on"}, {"safe senders"}),
        ({"WHO_IS": "on"}, set()),
        ({"AUDIT_LOG": "off", "MAIL_FIGURES": "off", "OVERRIDES": "off"}, set()),
    ],
    ids=lambda given: " ".join(sorted(given)),
)
def test_a_setting_adds_its_rights_and_no_others(chosen: dict[str, str], added: set[str]) -> None:
    assert names(chosen) == names(OFF) | added


def test_the_cmdlets_that_change_lists_are_those_that_changes_are_made_of() -> None:
    needed = {cmdlet for right in rights_for(OFF) for cmdlet in right.cmdlets}
    assert {f"Set-{Cmdlets.FILTER_POLICY}", f"New-{Cmdlets.ITEMS}", f"Remove-{Cmdlets.SPOOF_ITEMS}"} < needed


def test_for_deployment_each_thing_stands_once() -> None:
    everything = for_deployment(RIGHTS)
    permissions, roles = everything["permissions"], everything["roles"]
    assert isinstance(permissions, list)
    assert isinstance(roles, list)
    assert len({str(each) for each in permissions}) == len(permissions) == 5
    cmdlets = [cmdlet for role in roles for cmdlet in role["cmdlets"]]
    assert len(set(cmdlets)) == len(cmdlets) == sum(len(right.cmdlets) for right in RIGHTS)
    assert everything["applications"] == [MESSAGE_TRACE_APP]


def test_the_security_page_has_a_row_for_each() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for right in RIGHTS:
        what = f"`{right.permission}`" if right.permission else ", ".join(f"`{cmdlet}`" for cmdlet in right.cmdlets)
        assert f" | {what} | {right.buys} |" in text, right.name


def test_the_command_prints_what_the_settings_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCULLIS_MAIL_FIGURES", "trace")
    printed = run(alone(rights), "--json")
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == for_deployment(rights_for({"MAIL_FIGURES": "trace"}))
    lines = run(alone(rights), "--powershell").stdout
    assert f"New-MgServicePrincipal -AppId {MESSAGE_TRACE_APP}" in lines
    told = run(alone(rights)).stdout
    assert "ExchangeMessageTrace.Read.All" in told
    assert "audit log (AUDIT_LOG)" in told.partition("Off: ")[2]


def test_each_switch_is_read_from_the_settings() -> None:
    chosen = chosen_rights(env.load(env.PolicySettings), env.load(env.LookingSettings))
    assert {right.switch.setting for right in RIGHTS if right.switch} <= set(chosen)


def test_the_places_are_read_by_the_cmdlets_that_the_table_has_for_them() -> None:
    asked = {cmdlet for right in rights_for({"OVERRIDES": "on"}) if right.switch for cmdlet in right.cmdlets}
    assert asked == {cmdlet for cmdlets in PLACE_CMDLETS.values() for cmdlet in cmdlets}
