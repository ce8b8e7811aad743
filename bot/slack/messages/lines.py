"""Lines that several messages have: an item, a warning, a review, the lines that were set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.indicators.defanging import defanged_words
from bot.domain.lists.traits import Action
from bot.domain.requests.request import Decision, ItemState, RequestWarning, Review, SetAside
from bot.domain.telling.counting import plural, with_the_last
from bot.domain.telling.evidence_facts import EvidenceLine
from bot.domain.telling.request_facts import ItemFacts, PartFacts, RequestFacts
from bot.slack.block_kit.text import code, escaped, indicator, mention, when
from bot.slack.messages.marks import STATE_MARKS, status_mark, warning_mark
from bot.slack.messages.sentences import seen

#: A header of a message, or another value of it, has so much room. Its SHA-256 and its sender fit.
_EVIDENCE_VALUE = 120
#: A time in the text of a warning or of an outcome. So many of them at most are shown by the reader's clock: each
#: takes room.
_UTC = re.compile(r"\b(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) UTC\b", re.ASCII)
_MOST_TIMES = 3
#: So many values of one list are named in its line.
_NAMED = 5
#: So many items have room for their whole outcome.
_ROOM_FOR = 3
#: What was set aside is named in so much.
_ASIDE = 60


def item_line(item: ItemFacts, *, marked: bool, limit: int = 300) -> str:
    """An item and how it went with it, with the service's words.

    `marked` is for items that have an outcome, as they are seen: each reader's clock shows the times in it. Without it,
    an item of which nothing was sent stands alone, and times stay as they are, to be read aloud.
    """
    value = f"{indicator(item.value)} ({item.width})" if item.width else indicator(item.value)
    if item.state is ItemState.PROPOSED and not marked:
        return f"• {value}"
    mark = STATE_MARKS[item.state] if marked else "•"
    said = escaped(item.outcome, limit=limit) if item.outcome.strip() else ""
    outcome = f": {_with_own_times(said) if marked else said}" if said else ""
    return f"{mark} {value} {item.word}{outcome}"


def item_lines(items: Sequence[ItemFacts], *, marked: bool) -> list[str]:
    """A line for each item. Few of them have room for all that the service said."""
    limit = 400 if len(items) <= _ROOM_FOR else 120
    return [item_line(item, marked=marked, limit=limit) for item in items]


def part_lines(facts: RequestFacts) -> list[str]:
    """A line for each list of a proposal of several: what is asked for, or how it went.

    What an approver left out of one that still waits isn't named here: the card names it on a line of its own.
    """
    told = [part for part in facts.parts if part.outcome or _asked(part.request)]
    return [_part_line(part, own_end=not facts.until_when) for part in told]


def _asked(request: RequestFacts) -> int:
    """How many items there are without those that were left out."""
    return request.total - request.counts.get(ItemState.LEFT_OUT, 0)


def _part_line(part: PartFacts, *, own_end: bool) -> str:
    request = part.request
    items = [item for item in request.items if item.state is not ItemState.LEFT_OUT]
    at_most = with_the_last(_NAMED, len(items), of=_asked(request))
    shown = (
        f"{indicator(item.value)} ({item.width})" if item.width else indicator(item.value) for item in items[:at_most]
    )
    left = _asked(request) - min(len(items), at_most)
    named = ", ".join(shown) + (f" and {left:,} more" if left > 0 else "")
    if part.outcome:
        failure = (
            escaped(request.failure, limit=200) if request.failure.strip() and not request.items_to_look_at else ""
        )
        return f"{status_mark(request)} *{part.label}:* {': '.join(filter(None, [part.outcome, failure]))}"
    bounces = f"({request.consequence})" if request.consequence and request.action is Action.BLOCK else ""
    end = f"· {seen(request.until_when)}" if own_end and request.until_when else ""
    return " ".join(filter(None, [f"*{part.label}:*", named, bounces, end]))


def note_lines(items: Sequence[ItemFacts], *, limit: int = 300) -> list[str]:
    """A line for each item that was not taken just as it was given: what was noticed, and changed on the way."""
    return [f"• {indicator(item.value)}: {notes_text(item.notes, limit=limit)}" for item in items if item.notes]


def notes_text(notes: Sequence[str], *, limit: int = 300) -> str:
    """What was noticed of one value when it was read."""
    return escaped(defanged_words(" ".join(notes)), limit=limit)


def evidence_texts(lines: Sequence[EvidenceLine]) -> list[str]:
    """A line for each thing that is known of what a submission hands over. Nothing in it is a link or has a look."""
    return [f"*{line.label}:* {seen(line.said, value=_EVIDENCE_VALUE)}" for line in lines]


def warning_line(warning: RequestWarning, *, limit: int = 500) -> str:
    """A warning with its mark."""
    said = escaped(warning.text, limit=limit) or escaped(warning.code, limit=80) or "Warning"
    return f"{warning_mark(warning)} {_with_own_times(said)}"


def _with_own_times(said: str) -> str:
    """An escaped text, whose first few times each reader sees by their own clock."""
    return _UTC.sub(_by_the_readers_clock, said, count=_MOST_TIMES)


def _by_the_readers_clock(found: re.Match[str]) -> str:
    """A time as policy and outcomes write it, in the place of which Slack shows each reader their own."""
    try:
        return when(datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC))
    except ValueError:
        return found[0]


def review_line(review: Review, *, of_emergency: bool = False) -> str:
    """Who decided what, and when, with the comment if there is one."""
    yes, no = ("kept it", "had it taken out") if of_emergency else ("approved", "denied")
    decided = yes if review.decision is Decision.APPROVE else no
    comment = f": “{escaped(review.comment, limit=200)}”" if review.comment.strip() else ""
    return f"• {mention(review.reviewer)} {decided}, {when(review.at)}{comment}"


def no_rule_approves(why: str, *, limit: int) -> str:
    """Why something waits for approval, though a rule is about such blocks. `why` is a clause, cut to `limit`."""
    return f"No rule approves it: {escaped(why, limit=limit)}."


def set_aside_line(facts: RequestFacts, *, named: bool = True) -> str:
    """That lines of what was given became no item, which ones where they are few, and where a file says why, if one
    does; empty when none did.

    What was turned down, withdrawn or not decided in time gets no file.
    """
    if not facts.set_aside:
        return ""
    verb, why = ("was", "why") if facts.set_aside == 1 else ("were", "why for each")
    which = f": {', '.join(map(_what_was_aside, facts.named_aside))}" if named and facts.named_aside else ""
    said = f"{plural(facts.set_aside, 'line')} of what was given {verb} set aside{which}."
    if facts.is_answered:
        return f"{said} A file under the card says {why}."
    return said if facts.is_concluded else f"{said} Once this is applied, a file under the card says {why}."


def aside_lines(facts: RequestFacts) -> list[str]:
    """What was set aside, a line each with the reason, where they are few; none where they are many."""
    return [f"• {_what_was_aside(line)}: {escaped(line.reason, limit=250) or '…'}" for line in facts.named_aside]


def _what_was_aside(line: SetAside) -> str:
    """The value that was set aside; where it could not be read, the line as it was given."""
    return indicator(line.value, limit=_ASIDE) if line.value else code(line.typed, limit=_ASIDE)
