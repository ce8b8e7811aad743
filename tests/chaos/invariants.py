"""What has to hold when a trial has come to rest, whatever befell it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.emergency import is_reviewable
from bot.domain.requests.parts import Parts, by_proposal
from bot.domain.requests.request import Request
from bot.domain.telling.audience import told_below_the_card, told_to_the_requester
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.step_facts import StepFacts, StepKind
from bot.playground.slack.ledger import Finding
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.jobs.preview_teller import OUTCOME_TITLE
from bot.slack.messages.card import card, requester_message
from bot.store import PostedMessage
from tests.chaos.approvals import Breach, approvals
from tests.chaos.entries import entries
from tests.chaos.found import Found, Shown
from tests.chaos.hands import Act, buttons
from tests.support.installation import ALERTS, APPROVALS

DECIDING = (ActionId.APPROVE, ActionId.DENY, ActionId.WITHDRAW, ActionId.KEEP, ActionId.TAKE_OUT)
_FORMS = frozenset({"approve form", "approve several form", "deny form", "take out form"})
#: What carries what was decided on; and of these, what opens a form that decides.
_DECIDED = frozenset({"approve", "deny", "withdraw", "keep", "take out"} | _FORMS)
_OPENS_A_FORM = frozenset({"deny", "take out"})

#: Acknowledgements and forms that were late or never came, as those of a bot that is killed or slow; and a form that a
#: repeated delivery opens once more, which only Slack can tell.
_NO_FAULT = frozenset(
    {
        "ack_too_late",
        "dispatch_failed",
        "http_service_error",
        "socket_ack",
        "expired_trigger_id",
        "exchanged_trigger_id",
    }
)


def breaches(found: Found, acts: list[Act]) -> Iterator[Breach]:
    """Everything that should not be."""
    yield from _acknowledged(found, acts)
    yield from entries(found)
    for trouble in found.log_trouble:
        yield Breach(kind="the log doesn't prove the state", what=trouble)
    for job in found.dead:
        yield Breach(kind="a job was given up", what=f"{job.kind} #{job.id}: {job.error}")
    for parts in by_proposal(sorted(found.requests, key=lambda request: (request.proposal_id, request.id))):
        yield from _copies(found, parts, Purpose.CARD, APPROVALS)
        yield from _copies(found, parts, Purpose.COPY, f"D{parts.requester[1:]}")
        yield from _steps(found, parts)
    yield from approvals(found)
    yield from _alerts(found)
    yield from _imports(found)


def broken_rules(violations: list[Finding]) -> Iterator[Breach]:
    """Rules of Slack's that the bot broke; not those that a bot breaks by being killed."""
    for broken in violations:
        if broken.rule not in _NO_FAULT:
            yield Breach(kind=f"broke a rule of Slack's: {broken.rule}", what=f"{broken.call}: {broken.what}")


def strays(found: Found) -> list[Shown]:
    """The messages that look like a card or a copy, and that the bot doesn't have on record."""
    known = {(posted.channel, posted.ts) for each in found.posted.values() for posted in each}
    return [
        shown
        for shown in found.shown
        if shown.name.startswith(("card-", "copy-")) and (shown.channel, shown.message.ts) not in known
    ]


def live_buttons(shown: Shown) -> list[str]:
    """The buttons of a message that decide something."""
    return [action for action in DECIDING if buttons(shown.message.blocks, action)]


def _acknowledged(found: Found, acts: list[Act]) -> Iterator[Breach]:
    """What was acknowledged is on record."""
    requests = {request.id: request for request in found.requests}
    by_actor: dict[tuple[str, int | None], list[Event]] = defaultdict(list)
    for event in found.events:
        by_actor[event.actor, event.request_id].append(event)
    for act in acts:
        if not act.was_acknowledged:
            continue
        for number in map(int, re.findall(r"^(?:Emergency block )?#(\d+): ", act.said, re.MULTILINE)):
            made = requests.get(number)
            if made is None or made.requester != act.who:
                yield Breach(kind="a request was acknowledged and isn't there", what=f"{act}")
        if act.what in _DECIDED:
            for carried in filter(None, map(Carried.read, act.carried.split())):
                yield from _decided(found, act, requests.get(carried.request_id), by_actor)


def _decided(
    found: Found, act: Act, request: Request | None, by_actor: Mapping[tuple[str, int | None], Sequence[Event]]
) -> Iterator[Breach]:
    """What somebody decided on a request is on record, or they were told why not."""
    if request is None:
        yield Breach(kind="a click was acknowledged on a request that isn't there", what=f"{act}")
    elif not (act.what in _OPENS_A_FORM or (request.is_grave and act.what == "approve")):
        since = float(act.since) - 1
        on_record = any(event.at.timestamp() >= since for event in by_actor[act.who, request.id])
        if not on_record and not act.said and not _told_since(found, act):
            yield Breach(kind="a click was acknowledged and nothing came of it", what=f"{act}")


def _told_since(found: Found, act: Act) -> bool:
    """Whether somebody was told anything, alone or by direct message, after what they did."""
    alone = (message.ts > act.since for message in found.private if message.ephemeral_for == act.who)
    direct = (shown.message.ts > act.since for shown in found.shown if shown.channel == f"D{act.who[1:]}")
    return any(alone) or any(direct)


def _copies(found: Found, parts: Parts, purpose: Purpose, channel: str) -> Iterator[Breach]:
    """One card, one copy; each on record and as it would be rendered now."""
    facts = parts_facts(parts)
    due = card(facts) if purpose is Purpose.CARD else requester_message(facts)
    name = "card" if purpose is Purpose.CARD else "copy"
    shown = [each for each in found.shown if each.channel == channel and each.name == f"{name}-{parts.id}"]
    known = {posted.ts for posted in found.posted[parts.id] if posted.purpose == purpose}
    ours = [each for each in shown if each.message.ts in known]
    where = f"request {parts.id} ({parts.status})"
    if not ours:
        yield Breach(kind=f"no {name} on record", what=f"{where}; {len(shown)} shown")
    if len(ours) > 1:
        yield Breach(kind=f"a {name} stands twice", what=f"{where}: {[each.message.ts for each in ours]}")
    for each in shown:
        if each not in ours:
            yield Breach(kind=f"a stray {name}", what=f"{where}: {each.message.ts}")
    for each in ours:
        if purpose is Purpose.COPY:
            due = requester_message(replace(facts, card_url=_link_to_card(found, parts, each)))
        if (each.message.text, each.message.blocks) != (due.text, due.to_dict()["blocks"]):
            yield Breach(kind=f"a {name} is stale", what=f"{where}: {_other(each.message.blocks, due.blocks)}")
        is_live = bool(live_buttons(each))
        if is_live and not parts.open and not (purpose is Purpose.CARD and is_reviewable(parts)):
            yield Breach(kind=f"a {name} of a decided request has live buttons", what=where)
        if purpose is Purpose.CARD and is_reviewable(parts) and not is_live:
            yield Breach(kind="a card of an emergency block can't be reviewed", what=where)


def _link_to_card(found: Found, parts: Parts, copy: Shown) -> str:
    """The link to the card that a copy shows, where it leads there. One that was shown before the card has none."""
    linked = re.search(r"<(http[^|>]+/archives/([^/|>]+)/p([0-9]+))\|", str(copy.message.blocks))
    cards = {
        (each.channel, each.ts.replace(".", "")) for each in found.posted[parts.id] if each.purpose == Purpose.CARD
    }
    return linked[1] if linked is not None and (linked[2], linked[3]) in cards else ""


def _other(shown: Sequence[Mapping[str, object]], due: Sequence[Mapping[str, object]]) -> str:
    """The first block that isn't as it should be, as it is and as it is due."""
    nothing: Mapping[str, object] = {}
    for is_now, is_due in zip_longest(shown, due, fillvalue=nothing):
        if {**is_now, "block_id": ""} != {**is_due, "block_id": ""}:
            return f"{is_now} and not {is_due}"
    return "its text"


def _steps(found: Found, parts: Parts) -> Iterator[Breach]:
    """Each step was told below the card and to the requester once. One message may tell several that follow."""
    posted = found.posted[parts.id]
    for what, purpose, channel, due in (
        ("a step below the card", Purpose.THREAD, APPROVALS, told_below_the_card(parts, found.stories)),
        ("a direct message", Purpose.DIRECT, f"D{parts.requester[1:]}", told_to_the_requester(parts, found.stories)),
    ):
        shown = [each for each in found.shown if each.channel == channel]
        if purpose is Purpose.THREAD:
            shown = [each for each in shown if each.message.thread_ts]
        yield from _told(what, parts, due, shown, [each for each in posted if each.purpose == purpose])


def _told(
    what: str, parts: Parts, steps: Sequence[StepFacts], shown: Sequence[Shown], posted: Sequence[PostedMessage]
) -> Iterator[Breach]:
    """Each step is one of those that a message tells which stands where it is on record, and tells no more or less.

    A step is known by its number: what is due changes with its request, such as the first of two approvals.
    """
    if not steps:
        return
    # What is about one part alone is called by that part.
    names = {f"{kind}-{request.id}" for kind in StepKind for request in parts.requests}
    on_record = {each.ts: (each.version, *each.joined) for each in posted}
    # Of what nobody knows where it stands, as the bot could not look, one message may stand anywhere.
    told = Counter(each.version for each in posted if not _is_time_stamp(each.ts))
    anywhere = told.total()
    for each in shown:
        if each.name not in names:
            continue
        numbers = on_record.get(each.message.ts)
        where = f"{each.name} at {each.message.ts}"
        if numbers is None:
            anywhere -= 1
            if anywhere < 0:
                yield Breach(kind=f"{what} was told twice", what=f"{where}, which is not on record: {on_record}")
            continue
        told.update(numbers)
        sections = sum(block["type"] == "section" for block in each.message.blocks)
        if sections != len(numbers):
            yield Breach(kind=f"{what} is not what is on record", what=f"{where}: {sections} steps, not {numbers}")
    for step in steps:
        where = f"{step.kind} of request {parts.id}, {step.seq} of {on_record}"
        if told[step.seq] > 1:
            yield Breach(kind=f"{what} was told twice", what=where)
        elif not told[step.seq]:
            yield Breach(kind=f"{what} was not told", what=where)


def _is_time_stamp(ts: str) -> bool:
    return ts.replace(".", "", 1).isdecimal()


def _alerts(found: Found) -> Iterator[Breach]:
    """No alert about a request twice, but of what was tried again and failed again; and one of each IP allow."""
    again = Counter(event.request_id for event in found.events if event.kind == EventKind.REQUEST_TRIED_AGAIN)
    told = Counter(shown.name for shown in found.shown if shown.channel == ALERTS and shown.request_id)
    for name, times in told.items():
        number = int(name.rpartition("-")[2])
        if times > 1 + again[number]:
            yield Breach(kind="an alert was told twice", what=f"{name}: {times} times")
    for request in found.requests:
        if request.is_ip_allow and not any(
            name.endswith((f"-{request.id}", f"-{request.proposal_id}")) for name in told
        ):
            yield Breach(kind="an IP allow was not alerted", what=f"request {request.id}")


def _imports(found: Found) -> Iterator[Breach]:
    """One preview of each import; one result file in each place, which the log has."""
    previews = Counter(shown.name for shown in found.shown if shown.name.startswith("import-preview-"))
    for name, times in previews.items():
        if times > 1:
            yield Breach(kind="an import's preview stands twice", what=f"{name}: {times} times")
    files = Counter((shown.channel, str(file["title"])) for shown in found.shown for file in shown.message.files)
    shown_to = Counter(shown.channel for shown in found.shown if shown.name in previews)
    logged = Counter(  # one for each list of what the file's title names
        (str(event.payload["channel"]), f"Result of #{event.target.removeprefix('request ')}")
        for event in found.events
        if event.kind == EventKind.RESULT_SHARED
    )
    for (channel, title), times in files.items():
        if title == OUTCOME_TITLE:
            # What was set aside is given with the preview, and logged as the import's.
            if times > shown_to[channel]:
                yield Breach(kind="an import's file was posted twice", what=f"{title}: {times} times")
            continue
        told = logged[channel, title]
        if times > told > 0:
            yield Breach(kind="a result file was posted twice", what=f"{title}: {times} times")
        elif times != told:
            yield Breach(kind="a result file isn't logged once", what=f"{title}: {told} times")
