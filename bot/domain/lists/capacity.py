"""How many entries a list holds, and which entries count against that figure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.lists.traits import Action, ListName, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much a list holds, and what counts against that figure."""

    limit: int  #: entries
    counted: frozenset[Action]  #: whose entries share the limit: one action, or both together
    per_policy: bool  #: the limit stands for each connection filter policy by itself


def capacity(name: ListName, action: Action, plan: Plan) -> Capacity:
    """How many entries fit, and which entries count. The plan matters for the Tenant Allow/Block List only."""
    traits = name.traits
    return Capacity(
        limit=traits.limits[plan][action],
        counted=frozenset(Action) if traits.shares_limit else frozenset({action}),
        per_policy=traits.in_policies,
    )
