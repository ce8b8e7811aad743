"""The answer to `/requests`: a line for each, with a button for its details."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.requests.request import Request
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, mention, plain, when
from bot.slack.messages import wording
from bot.slack.messages.card import details_button

OLDER = "requests_older"
#: So many requests stand in one answer.
PAGE = 15


def request_list(
    requests: Sequence[Request], *, heading: str = "Requests", scope: str = "", older_than: int | None = None
) -> Message:
    """At most `PAGE` requests, the newest first. `older_than` is the id to go on from when there are more.

    The Older button's value is that id and `scope`, a word that says which requests are listed (`mine`).
    """
    shown = requests[:PAGE]
    title = plain(heading, limit=100) or "Requests"
    if not shown:
        text = f"{escaped(title)}: none. `/block` and its sisters make one; `/requests all` shows those of the past."
        return Message.build(name="requests", text=text, blocks=[elements.section(text)])
    blocks: list[Block] = [elements.header(title)]
    blocks += [elements.section(_lines(request), accessory=details_button(request.id)) for request in shown]
    if len(requests) > PAGE and older_than is None:
        older_than = shown[-1].id
    if older_than is not None:
        blocks.append(
            elements.buttons(
                [elements.button("Older", action_id=OLDER, value=f"{older_than} {plain(scope, limit=40)}".strip())]
            )
        )
    spoken = [f"{escaped(title)}:", *(_spoken(request) for request in shown)]
    return Message.build(name="requests", text="\n".join(spoken), blocks=blocks)


def _lines(request: Request) -> str:
    first = f"{wording.status_mark(request)} *{request.id}* · {_change(request)}"
    status = wording.STATUS_WORDS[request.status]
    if request.is_open:
        status = f"{status}, {wording.approvals_so_far(request)}"
    elif far := wording.progress(request):
        status = f"{status}, {far}"
    second = f"{status} · {mention(request.requester)}, {when(request.created_at)}"
    return f"{first}\n{second}\n{code(request.reason, limit=100) or '(no reason given)'}"


def _change(request: Request) -> str:
    """`Block evil[.]example`, or `Block evil[.]example and 3 more`."""
    pattern = wording.CHANGES[request.operation, request.action]
    if wording.is_ip_allow(request):
        pattern = f"{wording.ip_allow_words(request)} {{}}"
    return pattern.format(wording.named(request, at_most=1))


def _spoken(request: Request) -> str:
    return f"{request.id}: {_change(request)}, {wording.STATUS_WORDS[request.status]}."
