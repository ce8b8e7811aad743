"""`portcullis rights`: the rights that this installation's settings need in the tenant, for whoever gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from bot import settings as env
from bot.cli.failures import told
from bot.cli.terminal import console_for, say
from bot.tenant.optional_rights import RIGHTS, TenantRight, rights_for


def rights(*, as_json: bool, powershell: bool) -> None:
    """Do what `portcullis rights` is asked for."""
    with told(as_json=as_json):
        chosen = chosen_rights(env.load(env.PolicySettings), env.load(env.LookingSettings))
    needed = rights_for(chosen)
    if as_json:
        print(json.dumps(for_deployment(needed), indent=2))
    elif powershell:
        print("\n\n".join(f"# {right.name}: {right.buys}\n" + "\n".join(right.lines) for right in needed))
    else:
        _show(needed)


def chosen_rights(policy: env.PolicySettings, looking: env.LookingSettings) -> Mapping[str, str]:
    """The value of each setting that switches rights on, as the table of rights reads it."""
    return {
        "SUBMISSIONS": _switch(policy.submissions),
        "AUDIT_LOG": _switch(looking.audit_log),
        "OVERRIDES": _switch(looking.overrides),
        "MAIL_FIGURES": looking.mail_figures,
        "SAFE_SENDERS": _switch(looking.safe_senders),
        "WHO_IS": _switch(looking.who_is),  # which needs no right: only DNS is asked
    }


def for_deployment(needed: Iterable[TenantRight]) -> dict[str, object]:
    """The rights as the files in deploy/ read them: each permission, application and cmdlet once.

    `permissions` are application permissions, by the id of the application whose they are; `applications` have to exist
    in the tenant; `roles` are built-in roles of Exchange, each with the cmdlets that a role derived from it keeps.
    """
    needed = tuple(needed)
    roles: dict[str, list[str]] = {}
    for right in needed:
        if right.role is not None:
            roles.setdefault(right.role.value, []).extend(right.cmdlets)
    return {
        "permissions": [{"api": right.api.value, "permission": right.permission} for right in needed if right.api],
        "applications": sorted({application for right in needed for application in right.applications}),
        "roles": [{"parent": parent, "cmdlets": cmdlets} for parent, cmdlets in roles.items()],
    }


def _show(needed: tuple[TenantRight, ...]) -> None:
    console = console_for()
    for right in needed:
        say(console, f"{right.name}: {right.buys}", hang=2)
        say(console, right.permission or ", ".join(right.cmdlets), before="    ")
    off = [right for right in RIGHTS if right not in needed]
    if off:
        console.print()
        named = ", ".join(f"{right.name} ({right.switch.setting})" for right in off if right.switch)
        say(console, named, before="Off: ")


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"
