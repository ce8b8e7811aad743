"""Where a trial happens: the stand-ins in this process, the bots in processes of their own, and their database."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from bot.playground.server import Playground
from bot.playground.slack.delivery import Delivery, Outcome
from bot.playground.slack.workspace import Person, Workspace
from bot.playground.tenant import TenantStandIn
from bot.store import Store
from tests.chaos.bots import Bots
from tests.chaos.faults import Kill, Tally, Wire
from tests.chaos.launcher import Launcher
from tests.chaos.plan import Plan
from tests.support.installation import APPROVER, REQUESTER, SECOND, VISITOR, free_port, installed_workspace

_OTHER_REQUESTER, _THIRD = Person(id="U0REQUEST2", name="Second requester"), Person(id="U0APPROVE3", name="Approver 3")

REQUESTERS = (REQUESTER, _OTHER_REQUESTER.id)
APPROVERS = (APPROVER, SECOND, _THIRD.id)
OTHERS = (VISITOR,)
#: Who may block at once: somebody who may review nothing, and an approver, who doesn't review their own either.
AT_ONCE = (REQUESTER, SECOND)
AT_ONCE_PER_HOUR = 4

#: Whose blocks of the rule's lists need nobody, up to so many an hour: fewer than are asked for in most trials.
BY_RULE, BY_RULE_PER_HOUR = _OTHER_REQUESTER.id, 3
_RULES = f"""
[[no_approval]]
name = "Phishing"
lists = ["sender", "url"]
requesters = ["{BY_RULE}"]
per_hour = {BY_RULE_PER_HOUR}
"""

#: A queue behind a busy machine may hold an acknowledgement up; how long it takes is looked at elsewhere.
_ACK_LIMIT = 10.0


class _Playground(Playground):
    """The stand-ins, behind what befalls the bots' calls."""

    wire: Wire

    def __init__(self, *, plan: Plan, tally: Tally, kill: Kill, tenant: TenantStandIn) -> None:
        super().__init__(
            port=0,
            mode=plan.mode,
            bot_url="http://127.0.0.1:9/slack/events",
            workspace=_workspace(),
            tenant=tenant,
            ack_limit=_ACK_LIMIT,
        )
        self._around = (plan, tally, kill)

    def app(self) -> ASGIApp:
        plan, tally, kill = self._around
        self.wire = Wire(super().app(), plan=plan, tally=tally, kill=kill)
        return self.wire


@dataclass(slots=True, kw_only=True)
class Place:
    """What a trial needs at hand."""

    plan: Plan
    playground: Playground
    wire: Wire
    tenant: TenantStandIn
    bots: Bots
    tally: Tally
    database_url: str
    tenant_id: str
    log: Path
    #: How each delivery was taken, by its id: one outcome for each time that it came.
    outcomes: dict[str, list[Outcome]]

    def store(self) -> Store:
        """The bots' database, from outside."""
        return Store(self.database_url, tenant_id=self.tenant_id)

    def reach_a_bot(self) -> None:
        """Have the next delivery by HTTP taken to a bot that lives, as a load balancer would."""
        if living := self.bots.living:
            self.playground.reach_bot_at(f"{random.choice(living).url}/slack/events")  # noqa: S311 - any will do


@asynccontextmanager
async def place_of(plan: Plan, *, launcher: Launcher, database_url: str, folder: Path) -> AsyncIterator[Place]:
    """Everything set up, with no bot started yet; and everything ended afterwards."""
    tally = Tally()
    tenant = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24)
    )
    log = folder / "bots.log"
    chance = random.Random(f"bots {plan.seed}")  # noqa: S311 - to be had again
    bots = Bots(launcher=launcher, log=log, chance=chance, rates=plan.rates)
    playground = _Playground(plan=plan, tally=tally, kill=bots.kill, tenant=tenant)
    async with playground:
        rules = folder / "rules.toml"
        rules.write_text(_RULES, encoding="utf-8")
        environment = _environment(playground, database_url, rules)
        for number in range(1, plan.bots + 1):
            port = free_port()
            own = {name: value.replace(playground.url, f"{playground.url}/bot{number}") for name, value in environment}
            bots.add(port, own | {"PORTCULLIS_HTTP_PORT": str(port)})
        outcomes: dict[str, list[Outcome]] = {}
        _listen(playground, outcomes)
        try:
            yield Place(
                plan=plan,
                playground=playground,
                wire=playground.wire,
                tenant=tenant,
                bots=bots,
                tally=tally,
                database_url=database_url,
                tenant_id=dict(environment)["PORTCULLIS_TENANT_ID"],
                log=log,
                outcomes=outcomes,
            )
        finally:
            await bots.end()


def _workspace() -> Workspace:
    more = installed_workspace(requesters=(*REQUESTERS, *APPROVERS)).with_extra_people((_THIRD,), approvers=True)
    return more.with_extra_people((_OTHER_REQUESTER,))


def _environment(playground: Playground, database_url: str, rules: Path) -> list[tuple[str, str]]:
    settings = {
        **playground.environment(),
        "PORTCULLIS_DATABASE_URL": database_url,
        "PORTCULLIS_WATCH_EVERY": "1d",
        "PORTCULLIS_CONFIRM_AFTER": "1s",
        # A trial has as many checks and imports in some seconds as somebody has in a week.
        "PORTCULLIS_CHECKS_PER_PERSON": "1000",
        "PORTCULLIS_IMPORTS_PER_PERSON": "1000",
        "PORTCULLIS_RULES_FILE": str(rules),
        "PORTCULLIS_EMERGENCY": ",".join(AT_ONCE),
        "PORTCULLIS_EMERGENCY_PER_HOUR": str(AT_ONCE_PER_HOUR),
        "PORTCULLIS_ACCEPTED_DOMAINS": "contoso.example",
    }
    return [*settings.items()]


def _listen(playground: Playground, outcomes: dict[str, list[Outcome]]) -> None:
    """Have every outcome of a delivery kept: the stand-in shows people what came of it, and forgets the answer."""
    make = playground.slack.deliveries.make

    async def listened(delivery: Delivery) -> Outcome:
        outcome = await make(delivery)
        outcomes.setdefault(delivery.id, []).append(outcome)
        return outcome

    playground.slack.deliveries.make = listened  # type: ignore[method-assign]
