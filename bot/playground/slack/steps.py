"""Steps for Workflow Builder: what the app declares, and each run of one, from its start until the app says it is over.

The stand-in has no workflows of its own: somebody runs a workflow of one step, and types what its builder would have
filled in. Sources: https://docs.slack.dev/reference/app-manifest#functions,
https://docs.slack.dev/reference/events/function_executed and https://docs.slack.dev/reference/types/user_context-type
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.playground.slack.ledger import KEPT

#: The type of what nobody types: Slack fills in who started the workflow.
USER_CONTEXT = "slack#/types/user_context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An input or output of a step, as the app's manifest declares it."""

    name: str
    type: str = "string"
    title: str = ""
    description: str = ""
    is_required: bool = False

    def as_slack(self) -> dict[str, Any]:
        """The same in a payload."""
        return {
            "type": self.type,
            "name": self.name,
            "description": self.description,
            "title": self.title,
            "is_required": self.is_required,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as the app's manifest declares it."""

    callback_id: str
    title: str
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()

    @property
    def typed(self) -> tuple[Parameter, ...]:
        """The inputs that whoever builds a workflow fills in."""
        return tuple(given for given in self.inputs if given.type != USER_CONTEXT)


@dataclass(slots=True, kw_only=True)
class StepRun:
    """One run of a step. `outputs` or `error` is what the app said at its end."""

    id: str
    step: Step
    user_id: str
    inputs: dict[str, Any]
    workflow: str
    at: str
    status: Literal["running", "completed", "failed"] = "running"
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def as_shown(self) -> dict[str, Any]:
        """The same for the page: without what proves who started it."""
        return {
            "id": self.id,
            "callback_id": self.step.callback_id,
            "title": self.step.title,
            "user": self.user_id,
            "at": self.at,
            "status": self.status,
            "outputs": [
                {"name": output.name, "title": output.title, "value": self.outputs.get(output.name, "")}
                for output in self.step.outputs
            ],
            "error": self.error,
        }


class StepRuns:
    """Every run, the newest last."""

    def __init__(self) -> None:
        self._runs: deque[StepRun] = deque(maxlen=KEPT)

    def begin(self, step: Step, *, user_id: str, typed: Mapping[str, str], at: str) -> StepRun:
        """Somebody started a workflow that has come to its step."""
        inputs: dict[str, Any] = {name: value for name, value in typed.items() if value}
        for given in step.inputs:
            if given.type == USER_CONTEXT:
                inputs[given.name] = {"id": user_id, "secret": secrets.token_urlsafe(24)}
        run = StepRun(
            id=f"Fx{secrets.token_hex(5).upper()}",
            step=step,
            user_id=user_id,
            inputs=inputs,
            workflow=f"Wx{secrets.token_hex(5).upper()}",
            at=at,
        )
        self._runs.append(run)
        return run

    def find(self, run_id: str) -> StepRun | None:
        """A run by its id, or None."""
        return next((run for run in self._runs if run.id == run_id), None)

    def report(self) -> list[dict[str, Any]]:
        """Every run, for the page."""
        return [run.as_shown() for run in self._runs]


def wrong_outputs(step: Step, outputs: object) -> list[str]:
    """What Slack has against a step's outputs; empty: nothing."""
    if not isinstance(outputs, dict):
        return ["outputs is not an object"]
    known = {output.name: output for output in step.outputs}
    unknown = sorted(outputs.keys() - known.keys())
    missing = sorted(name for name, output in known.items() if output.is_required and name not in outputs)
    no_text = sorted(name for name, value in outputs.items() if name in known and not isinstance(value, str))
    return [
        *(f"the step has no output {name}" for name in unknown),
        *(f"the output {name} is missing" for name in missing),
        *(f"the output {name} is not a text" for name in no_text),
    ]
