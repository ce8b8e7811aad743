"""The step of Slack's Workflow Builder that proposes a block: what it was run with goes onto disk, and a job does it.

Who asks is the person that Slack names as the one who started the workflow: the input has the type `user_context`,
which nobody can fill in who builds a workflow, and Slack proves to itself what stands there. An input of the type
`user_id` is whatever the builder put into it.

Sources: https://docs.slack.dev/reference/events/function_executed and
https://docs.slack.dev/reference/types/user_context-type
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.errors import AnswerUntold, InvalidInput, PortcullisError, StoreError
from bot.slack.answering import told
from bot.slack.block_kit.ids import StepId
from bot.slack.delivery_keys import delivery_key
from bot.slack.jobs.step_runner import StepPayload, queue_failed_step, queue_step
from bot.slack.listeners.doubts import ANSWERED_WITHIN
from bot.slack.listeners.routes import Listener, Route
from bot.slack.origins import is_of
from bot.store.awaited import awaited
from bot.workflow.shared.context import Context

#: Longer texts belong in an import.
LONGEST_INPUT = 10_000
LONGEST_REASON = 1_000

_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,64}$")]
_UserId = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{1,30}$")]


class _Outside(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _WhoStarted(_Outside):
    id: _UserId


class _Inputs(_Outside):
    indicators: Annotated[str, StringConstraints(max_length=LONGEST_INPUT)]
    reason: Annotated[str, StringConstraints(max_length=LONGEST_REASON)]
    lasts: Annotated[str, StringConstraints(max_length=100)] | None = None
    requester: _WhoStarted


#: The step's inputs in app.yaml, by their names.
INPUTS = _Inputs.model_fields
#: What people see of their names: the titles in app.yaml.
TITLES = {"indicators": "What to block", "reason": "Why", "lasts": "How long", "requester": "Who asks"}


def _or_none(given: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(given)
    except ValidationError:
        return None


class _Run(_Outside):
    function_execution_id: _Id
    #: For the log alone: what is no name is left out of it, and the step ends all the same.
    workflow_execution_id: Annotated[_Id | None, WrapValidator(_or_none)] = None


def _on_step(step: StepId) -> Route:
    """The route of a run of the step. It is acknowledged once it is on disk, or Slack delivers it again."""

    def listener(workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext) -> None:
            try:
                with awaited(context["delivery"], within=ANSWERED_WITHIN):
                    await _queued(workflow, event)
            except StoreError as error:
                told(error, doing=step)
                raise AnswerUntold("A step of a workflow isn't on disk, so it isn't acknowledged.") from error
            await ack()

        return listen

    return Route(subject=step, listener=listener)


async def end_elsewhere(
    context: Context, body: Mapping[str, Any], error: PortcullisError, *, organization: str
) -> bool:
    """Have a step that ran in a workspace that isn't served end with why; what is no step is left alone. False where
    that isn't on disk, so that Slack has to deliver it again.

    `organization` is the one for which the app is installed, if it is: its token ends the step there as well. Nobody
    here can end one of another.
    """
    return await _ended(context, body, error) if is_of(organization, body) else True


async def end_unknown(context: Context, body: Mapping[str, Any]) -> bool:
    """Have a step that this version doesn't have end with what to do, as nobody else would ever end it; what is no step
    is left alone. False where that isn't on disk, so that Slack has to deliver it again."""
    error = InvalidInput(
        "This Portcullis has no such step.",
        "The app in Slack and the bot may be of different versions: whoever runs Portcullis compares it with app.yaml.",
    )
    return await _ended(context, body, error)


async def _ended(context: Context, body: Mapping[str, Any], error: PortcullisError) -> bool:
    """Whether a step that can't be run has its end on disk, or nothing is to be ended."""
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") != "function_executed":
        return True
    try:
        run = _Run.model_validate(event)
        with awaited(delivery_key(body), within=ANSWERED_WITHIN):
            await queue_failed_step(context, run.function_execution_id, error)
    except StoreError as failed:
        told(failed, doing="step")
        return False
    except ValidationError:
        pass  # nobody can be told
    return True


async def _queued(workflow: Context, event: Mapping[str, Any]) -> None:
    try:
        run = _Run.model_validate(event)
    except ValidationError:
        told(InvalidInput("Slack ran a step without saying which run it is."), doing="step")
        return  # nobody can be told
    try:
        given = _Inputs.model_validate(event.get("inputs"))
    except ValidationError as error:
        await queue_failed_step(workflow, run.function_execution_id, _unusable(error))
        return
    await queue_step(
        workflow,
        StepPayload(
            user=given.requester.id,
            indicators=given.indicators,
            reason=given.reason,
            lasts=given.lasts or "",
            run=run.function_execution_id,
            workflow=run.workflow_execution_id or "",
        ),
    )


def _unusable(error: ValidationError) -> InvalidInput:
    """What is wrong with a step's inputs, by the first that is; never what stands in it."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    title = TITLES.get(name, name)
    if name == "requester":
        return InvalidInput(
            "Slack doesn't say who started this workflow, so nothing was requested.",
            "Have somebody start it: with a link, a form or a button.",
        )
    if problem["type"] == "string_too_long":
        most = {"indicators": LONGEST_INPUT, "reason": LONGEST_REASON}.get(name, 100)
        return InvalidInput(
            f"The step's input “{title}” is longer than {most:,} characters, so nothing was requested.",
            "Shorten it. Many indicators at once go through /import.",
        )
    return InvalidInput(
        f"The step's input “{title}” is missing or can't be read, so nothing was requested."
        if name
        else "The step's inputs can't be read, so nothing was requested.",
        "Open the workflow in Workflow Builder and fill in the step's inputs.",
    )


ROUTES = (_on_step(StepId.PROPOSE_BLOCK),)
