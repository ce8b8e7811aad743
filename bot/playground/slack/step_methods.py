"""The Web API's `functions.*` methods, by which an app says that a step is over.

Source: https://docs.slack.dev/reference/methods/functions.completeSuccess and functions.completeError beside it.
"""

from __future__ import annotations

from typing import Any

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.state import SlackState
from bot.playground.slack.steps import StepRun, wrong_outputs


def _running(state: SlackState, args: Arguments) -> StepRun:
    run = state.steps.find(args.required("function_execution_id"))
    if run is None:
        raise Refused("function_execution_not_found", broke="no step was ever run with this id")
    if run.status != "running":
        raise Refused("execution_not_in_running_state")
    return run


def _complete_success(state: SlackState, args: Arguments) -> dict[str, Any]:
    run = _running(state, args)
    outputs = args.structure("outputs", error="invalid_arguments")
    if wrong := wrong_outputs(run.step, outputs):
        raise Refused("parameter_validation_failed", broke="; ".join(wrong), messages=wrong)
    run.status, run.outputs = "completed", dict(outputs)
    state.changes.bump()
    return {}


def _complete_error(state: SlackState, args: Arguments) -> dict[str, Any]:
    run = _running(state, args)
    run.status, run.error = "failed", args.required("error")
    state.changes.bump()
    return {}


METHODS: dict[str, Method] = {
    "functions.completeSuccess": method(_complete_success, "function_execution_id outputs"),
    "functions.completeError": method(_complete_error, "function_execution_id error"),
}
