"""The files in deploy/ that give Portcullis its rights: they name none themselves, but read the one table of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.rights import for_deployment
from bot.tenant.optional_rights import RIGHTS, rights_for

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRIPT = DEPLOY / "Set-PortcullisRights.ps1"
TERRAFORM = DEPLOY / "terraform" / "main.tf"


def test_the_file_of_rights_is_what_is_needed_with_every_optional_setting_off() -> None:
    written = json.loads((DEPLOY / "rights.json").read_text(encoding="utf-8"))
    assert written == for_deployment(rights_for({})), (
        "write it anew, in an environment without settings: portcullis rights --json > deploy/rights.json"
    )


@pytest.mark.parametrize("file", [SCRIPT, TERRAFORM], ids=lambda file: file.name)
def test_no_right_is_named_beside_the_table(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    named = [what for right in RIGHTS for what in (right.permission, *right.cmdlets) if what and what in text]
    named += [str(right.role) for right in RIGHTS if right.role and f"'{right.role}'" in text]
    assert named == []


@pytest.mark.parametrize(
    ("file", "reads"),
    [
        (SCRIPT, ("$rights.permissions", "$rights.applications", "$rights.roles", ".parent", ".cmdlets", ".api")),
        (TERRAFORM, ("local.rights.permissions", "local.rights.applications", "right.permission", "right.api")),
    ],
    ids=lambda given: given.name if isinstance(given, Path) else "",
)
def test_each_key_of_the_file_of_rights_is_read(file: Path, reads: tuple[str, ...]) -> None:
    text = file.read_text(encoding="utf-8")
    assert [key for key in reads if key not in text] == []


def test_nothing_is_changed_without_being_asked_for() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert "[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]" in text
    body = text.partition("Set-StrictMode")[2]
    # Each function that changes something asks at least as often as it changes.
    for function in body.split("\nfunction ")[1:]:
        code = function.partition("\n}\n")[0]
        changes = sum(
            code.count(f" {verb}-M") + code.count(f" {verb}-R") for verb in ("New", "Add", "Update", "Remove")
        )
        if changes:
            assert "ShouldProcess" in code, function.partition("(")[0]


def test_no_application_is_taken_for_ours_by_its_name() -> None:
    looked_up = SCRIPT.read_text(encoding="utf-8").partition("function Get-Application")[2].partition("\n}\n")[0]
    by_name, _, after = looked_up.partition("if ($found -and -not $ClientId) {")
    assert "displayName eq" in by_name
    assert "Get-MgApplication -ApplicationId" not in by_name
    assert after.partition("    }\n")[0].strip().splitlines()[-1].strip().startswith("throw ")
