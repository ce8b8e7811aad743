"""The preview of an import: nothing is requested before the person who gave it has seen what would be, and says so.

What was given is kept in the database until the preview is over, so that what is requested is what was shown. Each
click is bound to the message that Portcullis posted of it, and to the version that this shows. One on anything else
changes nothing: the person is told to look again, and a job brings the message up to date, which is also how every
change gets into it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.importing.outcomes import Imported
from bot.domain.importing.preview import MOST_OPEN, ImportPreview, PreviewState, Shown, shown_lines
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_reading import Given
from bot.domain.requests.binding import ShownCard, unbound_import_event
from bot.domain.requests.people import Person, Right
from bot.errors import Conflict, InvalidInput, NotPermitted
from bot.store import UnitOfWork
from bot.store.previews import prepare_shown
from bot.workflow.importing.importer import request_import
from bot.workflow.importing.judge import ImportOptions, JudgedImport, as_shown, judge
from bot.workflow.shared.context import Context
from bot.workflow.shared.early_clicks import once_on_record
from bot.workflow.shared.job_kinds import JobKind, MessageParts, PreviewPayload, TellPreviewPayload
from bot.workflow.shared.jobs import enqueue, enqueue_newest, retire_preview
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.rights import log_refused, proposer

#: The jobs of imports that are kept: what one person has of them is limited, and they are done one at a time.
IMPORT_KINDS = (JobKind.SHOW_PREVIEW, JobKind.REQUEST_PREVIEW)

#: So long may somebody think about it.
KEPT_FOR = timedelta(days=7)
#: So long is remembered that one is over, for whoever still clicks on it.
REMEMBERED_FOR = timedelta(days=30)

_LOOK_AGAIN = "Look at the message again: it shows what would be requested now."
_OVER: Mapping[PreviewState, str] = {
    PreviewState.ASKED: "It is being requested already.",
    PreviewState.REQUESTED: "It has been requested already.",
    PreviewState.CANCELLED: "This import was cancelled.",
    PreviewState.DROPPED: f"This import was dropped, because you had {MOST_OPEN} others open.",
    PreviewState.EXPIRED: f"This import was dropped, because nobody asked for it within {KEPT_FOR.days} days.",
}
_TOLD = "Its message shows what comes of it, or has come of it."
_GIVE_AGAIN = "Import it once more if you still need it."
#: What to do then.
_NEXT: Mapping[PreviewState, str] = {
    PreviewState.ASKED: _TOLD,
    PreviewState.REQUESTED: _TOLD,
    PreviewState.CANCELLED: _GIVE_AGAIN,
    PreviewState.DROPPED: _GIVE_AGAIN,
    PreviewState.EXPIRED: _GIVE_AGAIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewClick:
    """A click under a preview: which one, in which version, delivered as what, on which message."""

    preview_id: int
    version: int
    delivery: str
    channel: str
    ts: str

    def is_under(self, preview: ImportPreview) -> bool:
        """Whether it was made on the message that Portcullis posted of this preview."""
        return bool(self.ts) and (self.channel, self.ts) == (preview.channel, preview.ts)

    @property
    def shown(self) -> ShownCard:
        """What the person had before them."""
        return ShownCard(channel=self.channel, ts=self.ts, version=self.version)


async def open_preview(
    context: Context,
    given: Given,
    *,
    owner: str,
    operation: Operation,
    action: Action,
    end: str,
    reason: str,
    delivery: str,
) -> ImportPreview:
    """Keep what somebody gave, and have it shown to them by a job. `end` is as they wrote it, or empty.

    Given again under the same `delivery`, it is the same preview. Who has `MOST_OPEN` open already loses the oldest,
    whose message says so.
    """
    async with context.store.write() as uow:
        preview = await uow.previews.add(
            given, owner=owner, delivery=delivery, operation=operation, action=action, end=end, reason=reason
        )
        others = [other for other in await uow.previews.open_of(owner) if other.id != preview.id]
        for oldest in others[: max(0, len(others) - MOST_OPEN + 1)]:
            await uow.previews.move(oldest, PreviewState.DROPPED)
            await show_later(uow, oldest)
        await show_later(uow, preview)
    return preview


async def look_at(context: Context, preview: ImportPreview) -> tuple[ImportPreview, JudgedImport]:
    """Judge an open preview by the last snapshot, and keep what its next version shows; that version with it.

    Raises Conflict when it has changed meanwhile, and InvalidInput for what can't be read at all.
    """
    judged = await judge(context, _options(context, preview), await _given(context, preview))
    columns = tuple(choice.key for choice in judged.reading.choices)
    shown = Shown(lines=await asyncio.to_thread(shown_lines, judged.parts), columns=columns)
    prepared = await prepare_shown(shown)
    async with context.store.write() as uow:
        if not await uow.previews.show(preview, prepared):
            raise Conflict("This import has changed while it was read.", _LOOK_AGAIN)
        return await uow.previews.get(preview.id), judged


async def choose_column(context: Context, click: PreviewClick, *, actor: Person, position: int) -> None:
    """Have it read by another of the ways that were shown, by its place among them, from 0.

    The message follows by a job. Raises NotPermitted (their right is gone, or it isn't theirs), NotFound, Conflict (it
    is over, or another version is shown by now) and InvalidInput (there is no such way). Delivered again, it changes
    nothing.
    """
    await proposer(context, actor, delivery=click.delivery)
    async with _clicked(context, click, actor) as (uow, preview):
        if preview is not None:
            shown = await uow.previews.shown(click.preview_id) or Shown()
            if not 0 <= position < len(shown.columns):
                raise InvalidInput("There is no such column.", _LOOK_AGAIN)
            await uow.previews.read_otherwise(preview, column=shown.columns[position], takes_ends=False)


async def take_ends(context: Context, click: PreviewClick, *, actor: Person, take: bool) -> None:
    """Have the ends that the rows give count, or not. Otherwise as `choose_column`."""
    await proposer(context, actor, delivery=click.delivery)
    async with _clicked(context, click, actor) as (uow, preview):
        if preview is not None:
            await uow.previews.read_otherwise(preview, takes_ends=take)


async def ask_for(context: Context, click: PreviewClick, *, actor: Person) -> None:
    """Have what was shown requested, by a job. Otherwise as `choose_column`."""
    await proposer(context, actor, delivery=click.delivery)
    # Before the transaction, as there may be thousands: what a version shows is never changed, and only one counts.
    async with context.store.read() as uow:
        shown = await uow.previews.shown(click.preview_id)
    async with _clicked(context, click, actor, shows=False) as (uow, preview):
        if preview is not None:
            if shown is None or not shown.lines:
                raise Conflict("Nothing of this import can be requested.", _LOOK_AGAIN)
            await uow.previews.move(preview, PreviewState.ASKED)
            await enqueue(
                uow,
                JobKind.REQUEST_PREVIEW,
                PreviewPayload(preview_id=click.preview_id),
                key=f"{JobKind.REQUEST_PREVIEW}:{click.preview_id}",
                person=preview.owner,
            )


async def cancel(context: Context, click: PreviewClick, *, actor: Person) -> None:
    """Drop it. No role is needed: who may no longer propose may still cancel. Otherwise as `choose_column`."""
    async with _clicked(context, click, actor) as (uow, preview):
        if preview is not None:
            await uow.previews.move(preview, PreviewState.CANCELLED)


async def request_preview(context: Context, preview: ImportPreview, *, actor: Person) -> tuple[Imported, Shown]:
    """Judge anew what somebody asked for, and propose of it what was shown and may still go ahead; with what was shown.

    Whatever comes of it, the preview has to be ended afterwards: `finish` or `reopen`. Raises NotPermitted, after it
    was logged, and InvalidInput.
    """
    async with context.store.read() as uow:
        shown = await uow.previews.shown(preview.id) or Shown()
    judged = await judge(context, _options(context, preview), await _given(context, preview))
    source = {"by": "slack", "sha256": preview.sha256, **({"file": preview.name} if preview.name else {})}
    imported = await request_import(
        context,
        actor=actor,
        judged=await asyncio.to_thread(as_shown, judged, shown.lines),
        delivery=preview.delivery,
        source={**source, "shown": len(shown.lines)},
    )
    return imported, shown


async def finish(
    context: Context, preview: ImportPreview, state: PreviewState, message: MessageParts, *, outcome: str = ""
) -> None:
    """End a preview, with nobody's click, and have it told: what was given is no longer kept."""
    async with context.store.write() as uow:
        await uow.previews.move(preview, state)
        await tell_later(uow, await uow.previews.get(preview.id), message, outcome=outcome)


async def reopen(uow: UnitOfWork, preview_id: int) -> None:
    """Open a preview again that was to be requested and could not be; its message shows its buttons anew."""
    preview = await uow.previews.get(preview_id, lock=True)
    if preview.state is PreviewState.ASKED:
        await uow.previews.move(preview, PreviewState.OPEN)
        await show_later(uow, preview)


async def clear(uow: UnitOfWork, context: Context) -> None:
    """End the previews that nobody asked for in time, and forget those that have long been over."""
    now = context.now()
    for preview in await uow.previews.unfinished_since(now - KEPT_FOR):
        await uow.previews.move(preview, PreviewState.EXPIRED)
        await show_later(uow, preview)
    await uow.previews.forget(now - REMEMBERED_FOR)


async def show_later(uow: UnitOfWork, preview: ImportPreview) -> None:
    """Have a preview's message brought up to date. Several calls before it runs are one run."""
    await enqueue(
        uow,
        JobKind.SHOW_PREVIEW,
        PreviewPayload(preview_id=preview.id),
        key=f"{JobKind.SHOW_PREVIEW}:{preview.id}",
        person=preview.owner,
    )


async def tell_later(uow: UnitOfWork, preview: ImportPreview, message: MessageParts, *, outcome: str = "") -> None:
    """Have a message stand in the place of a preview, as long as it is in this version; and a file given after it.

    It is told in a lane of its own: a Slack that is silent keeps no import from being read.
    """
    payload = TellPreviewPayload(preview_id=preview.id, version=preview.version, message=message, outcome=outcome)
    await enqueue_newest(uow, JobKind.TELL_PREVIEW, payload, key=f"{JobKind.TELL_PREVIEW}:{preview.id}")


@asynccontextmanager
async def _clicked(
    context: Context, click: PreviewClick, actor: Person, *, shows: bool = True
) -> AsyncIterator[tuple[UnitOfWork, ImportPreview | None]]:
    """One transaction for a click, with the preview, locked, open, and in the message and version that were clicked on.

    None: this delivery has been dealt with. At the end the message is brought up to date, if it `shows` the change; and
    also where the click came too late, because then it shows something else than the database has. A click on a message
    that isn't on record, such as one that a crash came after or that somebody else posted, is logged, and that message
    loses its buttons.
    """
    await _let_record_catch_up(context, click)
    try:
        async with context.store.write() as uow:
            preview = await uow.previews.get(click.preview_id, lock=True)
            if not await uow.deliveries.first_time(click.delivery):
                yield uow, None
                return
            if preview.owner != actor.user_id:
                raise NotPermitted("This import was given by somebody else.", "Only they can go on with it.")
            if preview.state is not PreviewState.OPEN:
                raise Conflict(_OVER[preview.state], _NEXT[preview.state])
            if not click.is_under(preview):
                raise Conflict(
                    "This message isn't the one that Portcullis has on record for this import: what it says may be "
                    "false. Your click changed nothing.",
                    "Look at your direct messages with Portcullis, where the import is shown anew, and click there.",
                )
            if preview.version != click.version:
                raise Conflict("This preview is no longer what would be requested.", _LOOK_AGAIN)
            yield uow, preview
            if shows:
                await show_later(uow, preview)
    except NotPermitted as error:
        why = "not who gave the import"
        await log_refused(context, actor, Right.PROPOSE, error=error, why=why, delivery=click.delivery)
        raise
    except Conflict as error:
        await _turn_down(context, click, actor, error)
        raise


async def _turn_down(context: Context, click: PreviewClick, actor: Person, error: Conflict) -> None:
    """Have the message on record show how the preview is now; any other that was clicked on is logged, and retired."""
    async with context.store.write() as uow:
        preview = await uow.previews.get(click.preview_id)
        if not click.is_under(preview) and await uow.deliveries.first_time(f"refused:{click.delivery}"):
            event = unbound_import_event(preview.id, click.shown, actor=actor.user_id, at=context.now())
            await uow.audit.append_all([event])
            if click.channel and click.ts:
                await retire_preview(uow, preview.id, channel=click.channel, ts=click.ts)
        await show_later(uow, preview)
        await owe(uow, error)


async def _let_record_catch_up(context: Context, click: PreviewClick) -> None:
    """Wait, a second at most, while a message that was just posted isn't on record yet. Raises NotFound."""

    async def look() -> ImportPreview:
        async with context.store.read() as uow:
            return await uow.previews.get(click.preview_id)

    def is_early(preview: ImportPreview) -> bool:
        return not click.is_under(preview) and preview.version == click.version and not preview.state.is_over

    await once_on_record(look, is_early=is_early)


async def _given(context: Context, preview: ImportPreview) -> Given:
    async with context.store.read() as uow:
        given = await uow.previews.given(preview.id)
    if given is None:
        said = _OVER.get(preview.state, "What was given is no longer kept.")
        raise Conflict(said, _NEXT.get(preview.state, _GIVE_AGAIN))
    return given


def _options(context: Context, preview: ImportPreview) -> ImportOptions:
    return ImportOptions(
        operation=preview.operation,
        action=preview.action,
        reason=preview.reason,
        lifetime=read_lifetime(preview.end, today=context.now().date()) if preview.end else None,
        column=preview.column,
        take_ends=preview.takes_ends,
    )
