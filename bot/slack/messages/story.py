"""The story of a request, a sentence for each step: for the card's thread, the requester and the alert channel.

Every function gives one message. None has buttons that decide: those are on the card alone. Of a large request only
the items that matter most are at hand: the rest is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ended_by_portcullis
from bot.domain.requests.request import HOLDS, Decision, Item, ItemState, Request, Review, Status
from bot.domain.telling.headlines import counted_of, headline, ip_allow_words, subject
from bot.domain.telling.places import place
from bot.domain.telling.request_facts import end_facts, item_facts, request_facts
from bot.domain.telling.sentence import until
from bot.domain.telling.standing import approvals_so_far, standing
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import escaped, lines_that_fit, mention, plain, unlinked, when
from bot.slack.messages.card import details_button
from bot.slack.messages.lines import item_lines
from bot.slack.messages.marks import status_mark
from bot.slack.messages.sentences import seen

_ITEMS_SHOWN = 10
_KINDS: dict[Action, str] = {Action.BLOCK: "blocked", Action.ALLOW: "allowed"}
_HAS_OUTCOME = frozenset({Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED})


def reviewed(request: Request, review: Review) -> Message:
    """In the thread: one approver's decision, and what it leads to."""
    comment = f": “{escaped(review.comment, limit=300)}”" if review.comment.strip() else ""
    if review.decision is Decision.DENY:
        return _step(request, "denied", f"*Denied* by {mention(review.reviewer)}{comment}. Nothing was changed.")
    approved = f"*Approved* by {mention(review.reviewer)}{comment}."
    if request.is_open:
        return _step(request, "reviewed", f"{approved} {approvals_so_far(request)}: one more person must agree.")
    return _step(request, "approved", f"{approved} Queued: nothing has been changed yet.")


def withdrawn(request: Request) -> Message:
    """In the thread: the requester took it back."""
    return _step(request, "withdrawn", f"*Withdrawn* by {mention(request.requester)}. Nothing was changed.")


def lapsed(request: Request) -> Message:
    """In the thread: nobody decided in time."""
    return _step(request, "lapsed", "*Lapsed*: nobody decided in time. Nothing was changed.")


def applying(request: Request) -> Message:
    """In the thread: a worker talks to the tenant."""
    if request.operation is Operation.SUBMIT:
        return _step(request, "applying", f"*Filing* with Microsoft: {seen(subject(request))}.")
    return _step(request, "applying", f"*Applying* to the tenant: {seen(subject(request))}.")


def settled(request: Request) -> Message:
    """In the thread: how it went, with the service's words for each item that was refused."""
    return _step(
        request,
        "settled",
        f"{seen(standing(request))}{_failure(request)}",
        mark=status_mark(request_facts(request)),
        items=_telling(request),
        total=_telling_total(request),
    )


def confirmed(request: Request) -> Message:
    """In the thread: some time after it was applied, the tenant was read again and is as asked."""
    which = [item for item in request.items if item.state is ItemState.CONFIRMED]
    what = seen(subject(request, which, total=request.counts.get(ItemState.CONFIRMED, 0)))
    sentence = f"*Confirmed*: read again some time later, {what} as asked."
    return _step(request, "confirmed", sentence, mark=":white_check_mark:")


def gone_again(request: Request, items: Sequence[Item], *, total: int | None = None) -> Message:
    """In the thread and to the alert channel: these had been applied, and the tenant no longer has them as asked.

    `total` is how many they are when `items` holds only the first of them; so it is in what follows.
    """
    sentence = (
        f"*Gone again*: {_how_many(request, items, total)} of request {request.id} no longer as asked. "
        "Somebody or something else changed the list: find out who before you ask again."
    )
    return _step(request, "gone", sentence, mark=":rotating_light:", items=items, total=total, details=True)


def ended(request: Request, items: Sequence[Item], *, total: int | None = None) -> Message:
    """In the thread and to the requester: the end date came, and the entries are off the list."""
    count, verb = _how_many(request, items, total), "is" if (total or len(items)) == 1 else "are"
    ours = ended_by_portcullis(request.list, request.action, expires=request.expires, since=request.created_at)
    who = "Portcullis saw to it." if ours else "The service saw to it."
    sentence = f"*Ended*: the end date came, and {count} of request {request.id} {verb} no longer on the list. {who}"
    return _step(request, "ended", sentence, mark=":hourglass:", items=items, total=total)


def reminded(request: Request, items: Sequence[Item], *, total: int | None = None) -> Message:
    """To the requester: the end is near, and whoever still needs these entries can ask for another one now.

    The button opens the form of `/extend` with what still stands; the new end takes an approval like everything else.
    """
    many = (total or len(items)) != 1
    what = seen(subject(request, items, total=total))
    where = place(request.operation, request.action, request.list)
    kept = f"{what} of request {request.id}, {_KINDS[request.action]} in {where}"
    if many:
        ends, need = "end", "they are"
    else:
        ends, need = "ends", "it is"
    sentence = (
        f"*Ends soon*: {kept}, {ends} {seen(until(request.expires))}. If {need} still needed, ask for another end; "
        "otherwise there is nothing to do."
    )
    again = elements.button(
        "Extend",
        action_id=ActionId.EXTEND,
        value=str(request.id),
        spoken=f"Ask for another end for request {request.id}",
    )
    return _step(
        request,
        "reminder",
        sentence,
        mark=":hourglass_flowing_sand:",
        items=items if many else (),
        total=total,
        more=[elements.buttons([again, details_button(request.id)])],
    )


def for_requester(request: Request) -> Message:
    """To the requester: where their request stands now, with the items that need a look."""
    sentence = f"Your request {request.id}, {seen(headline(request))}. {seen(standing(request))}{_failure(request)}"
    mark = status_mark(request_facts(request))
    return _step(
        request, "yours", sentence, mark=mark, items=_telling(request), total=_telling_total(request), details=True
    )


def ip_allow_alert(request: Request) -> Message:
    """To the alert channel: somebody proposes an IP allow."""
    sentence = (
        f"*{ip_allow_words(request)} proposed* by {mention(request.requester)}: {seen(subject(request))}, "
        f"request {request.id}. {approvals_so_far(request)}; nothing has been changed."
    )
    end = f"{end_facts(request).label}: {seen(until(request.expires))}"
    facts = f"{end}. Lapses {when(request.lapses_at)}. It is decided on its card."
    return _step(
        request,
        "ip-allow",
        sentence,
        mark=":rotating_light:",
        items=request.items if request.total > 1 else (),
        total=request.total,
        more=[elements.reason(request.reason, limit=500), elements.context(facts)],
        aloud=f"Why: {unlinked(request.reason) or '(no reason given)'}",
        details=True,
    )


def request_failed_alert(request: Request) -> Message:
    """To the alert channel: an approved request did not go through, whole or in part."""
    sentence = (
        f"*Request {request.id}* by {mention(request.requester)}, {seen(headline(request))}. "
        f"{seen(standing(request))}{_failure(request)}"
    )
    return _step(
        request, "failed", sentence, mark=":x:", items=_telling(request), total=_telling_total(request), details=True
    )


def dead_job_alert(*, kind: str, what: str, remedy: str, reference: str, request_id: int | None = None) -> Message:
    """To the alert channel: a job was given up after its last attempt, and somebody has to look.

    `kind` is the job's kind, `what` and `remedy` are the last error's, `reference` stands in the log as well.
    """
    about = f" for request {request_id}" if request_id is not None else ""
    sentences = [
        f"*A job was given up*: {escaped(kind, limit=80) or 'unnamed'}{about}.",
        escaped(what, limit=1_200),
        escaped(remedy, limit=600),
    ]
    said = "\n".join(sentence for sentence in sentences if sentence)
    named = f"Reference {escaped(reference, limit=100) or 'none'}, also in the log."
    blocks: list[Block] = [elements.section(f":rotating_light: {said}"), elements.context(named)]
    if request_id is not None:
        blocks.append(elements.buttons([details_button(request_id)]))
    name = f"dead-{plain(reference, limit=60)}"
    return Message.build(name=name, text=f"{said.replace('*', '')}\n{named}", blocks=blocks)


def _failure(request: Request) -> str:
    return f" {escaped(request.failure, limit=600)}" if request.failure.strip() else ""


def _telling(request: Request) -> list[Item]:
    """The items that a reader has to know of: not as asked, or with words of the service, once it has answered."""
    if request.status not in _HAS_OUTCOME:
        return []
    return [item for item in request.items if item.state not in HOLDS or item.outcome.strip()]


def _telling_total(request: Request) -> int:
    """How many items are not as asked, those among them that were not given; never less than those that are told."""
    not_as_asked = sum(count for state, count in request.counts.items() if state not in HOLDS)
    return max(len(_telling(request)), not_as_asked if request.status in _HAS_OUTCOME else 0)


def _how_many(request: Request, items: Sequence[Item], total: int | None) -> str:
    return counted_of(request, len(items) if total is None else total)


def _step(
    request: Request,
    step: str,
    sentence: str,
    *,
    mark: str = "",
    items: Sequence[Item] = (),
    total: int | None = None,
    more: Sequence[Block] = (),
    aloud: str = "",
    details: bool = False,
) -> Message:
    """One step as a message: what is seen has marks, what is read aloud has none, and `aloud` instead of `more`."""
    settled_now = request.status in _HAS_OUTCOME
    seen = [f"{mark} {sentence}".strip(), *_lines(request, items, total, settled=settled_now)]
    read = [sentence.replace("*", ""), *_lines(request, items, total, settled=False), aloud]
    blocks: list[Block] = [elements.section("\n".join(seen)), *more]
    if details:
        blocks.append(elements.buttons([details_button(request.id)]))
    return Message.build(name=f"{step}-{request.id}", text="\n".join(filter(None, read)), blocks=blocks)


def _lines(request: Request, items: Sequence[Item], total: int | None, *, settled: bool) -> list[str]:
    if not items:
        return []
    lines = item_lines([item_facts(item, request.operation) for item in items[:_ITEMS_SHOWN]], marked=settled)
    return [lines_that_fit(lines, total=max(len(items), total or 0), limit=1_700)]
