"""Mail figures in words: a line on a card or beside a value, at most fifteen words, and the lines of the details."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.figures.figures import DAYS, FiguresOf, Found, MailFigures, MailSource, Unseen
from bot.domain.figures.together import ProposalFigures
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import Sentence, Value, sentence

#: What stands before a count that goes on.
_OVER = "over "

_WHY: dict[Unseen, str] = {
    Unseen.URLS: "message trace can't see links",
    Unseen.FILES: "message trace can't see attached files",
    Unseen.RANGES: "message trace can't see ranges of IPs",
    Unseen.WILDCARDS: "message trace can't see senders with a star",
    Unseen.DOMAINS: "message trace shows none, and may not see whole domains",
    Unseen.SPOOFING: "nothing tells of spoofed senders",
    Unseen.NO_MAIL: "there is no mail to count",
}
_SOURCES = {MailSource.TRACE: "message trace", MailSource.HUNTING: "advanced hunting"}


def of_mail(found: Found) -> Sentence:
    """The line about one indicator: `Last 10 days: 412 messages to 38 people, 12 quarantined; 3 sent to it`."""
    return (f"Last {DAYS} days: {beside(found)}",)


def beside(found: Found, *, lets_skip: bool = False) -> str:
    """The same where it stands beside the indicator under a heading of its own, or why nothing can be seen.

    `lets_skip` is whether such mail would skip the filters.
    """
    return _WHY[found] if isinstance(found, Unseen) else _of_one(found, lets_skip=lets_skip)


def with_figures(facts: RequestFacts, figures: ProposalFigures) -> RequestFacts:
    """What is told of a proposal, with its mail figures: all of them in a line, and each beside its indicator."""
    each: dict[tuple[Kind | None, str], Found] = {
        (one.indicator.kind, one.indicator.value): one.found for one in figures.of_each
    }
    items = tuple(
        item
        if (found := each.get((item.kind, item.value))) is None
        else replace(item, mail=beside(found, lets_skip=figures.lets_skip))
        for item in facts.items
    )
    return replace(facts, figures=on_card(figures), items=items)


def on_card(figures: ProposalFigures) -> Sentence:
    """The line on a card: `Last 10 days: 412 messages to 38 people, 12 quarantined; 3 sent to it`.

    Empty where there is nothing to tell.
    """
    if not figures.of_each:
        return ()
    since = f"Last {DAYS} days"
    if not figures.seen:
        return (f"{since}: {_WHY[figures.unseen[0]]}",)
    if figures.total > 1:
        return _of_several(figures, since)
    ((_, found),) = figures.seen
    return (f"{since}: {_of_one(found, lets_skip=figures.lets_skip)}",)


def _of_one(found: MailFigures, *, lets_skip: bool) -> str:
    if not found.messages:
        return f"no mail seen{_sent_to(found, 'it')}"
    count = f"{_mail(found)} to {plural(found.people, 'person', 'people')}"
    if lets_skip:
        return f"{count} would skip filtering{_stopped_before(found)}"
    held = f", {_held(found)}" if found.held_back else ""
    return f"{count}{held}{_sent_to(found, 'it')}"


def _mail(found: MailFigures) -> str:
    return f"{'' if found.is_whole else _OVER}{plural(found.messages, 'message')}"


def _held(found: MailFigures) -> str:
    """How many reached no inbox; in one word where that is one thing for all."""
    word = "quarantined" if found.quarantined == found.held_back else "filtered"
    return f"{found.held_back:,} {word}"


def _stopped_before(found: MailFigures) -> str:
    """Of mail that would skip the filters, what has to be known of it most."""
    if found.failed_dmarc:
        return f"; {found.failed_dmarc:,} failed DMARC"
    return f"; {_held(found)}" if found.held_back else ""


def _sent_to(figures: MailFigures | ProposalFigures, whom: str) -> str:
    more = "" if figures.written_is_whole else "+"
    return f"; {figures.written_to:,}{more} sent to {whom}" if figures.written_to else ""


def _of_several(figures: ProposalFigures, since: str) -> Sentence:
    looked_up = len(figures.of_each)
    first = f", first {looked_up} of {figures.total:,}" if looked_up < figures.total else ""
    hidden = len(figures.of_each) - len(figures.seen)
    rest = "" if first else _sent_to(figures, "them")
    rest += f"; {hidden:,} unseen" if hidden else ""
    if figures.largest is None:
        return (f"{since}{first}: no mail seen{rest}",)
    most, found = figures.largest
    count = f"{'' if figures.is_whole else _OVER}{plural(figures.messages, 'message')}"
    if found.messages == figures.messages:
        return sentence(f"{since}{first}: {count}, all of ", Value(most.value), rest)
    return sentence(f"{since}{first}: {count}, {found.messages:,} of ", Value(most.value), rest)


def in_full(each: FiguresOf) -> Sentence:
    """All that the figures say of one indicator, for the details: a sentence or two."""
    found = each.found
    if isinstance(found, Unseen):
        return sentence(Value(each.indicator.value), f": {_WHY[found]}")
    told = [
        f"{count:,} {word}"
        for count, word in (
            (found.delivered, "delivered"),
            (found.junk, "to the junk folder"),
            (found.quarantined, "quarantined"),
            (found.stopped, "stopped"),
        )
        if count
    ]
    split = f" ({', '.join(told)})" if told else ""
    mail = f"{_mail(found)} to {plural(found.people, 'person', 'people')}{split}" if found.messages else "no mail seen"
    over = "" if found.written_is_whole else _OVER
    more = (
        [] if found.written_to is None else [f"{over}{plural(found.written_to, 'message')} sent to it by your people"]
    )
    if found.failed_dmarc is not None and found.messages:
        more.append(f"{found.failed_dmarc:,} failed DMARC")
    return sentence(Value(each.indicator.value), f": {'; '.join([mail, *more])}")


def how_counted(figures: ProposalFigures) -> tuple[str, ...]:
    """What has to be known of the figures themselves, a sentence each, for the details."""
    sources = dict.fromkeys(_SOURCES[found.source] for _, found in figures.seen)
    said = [f"Counted over the last {DAYS} days by {' and '.join(sources)}."] if sources else []
    kinds = {indicator.kind for indicator, _ in figures.seen}
    if kinds & {Kind.ADDRESS, Kind.DOMAIN}:
        said.append("Senders are counted as the envelope or the From address.")
    if any(_is_ip(indicator) for indicator, _ in figures.seen):
        said.append("What the IP Block List refuses never shows.")
    if figures.lets_skip:
        said.append("Such mail would skip spam filtering, SPF, DKIM and DMARC; malware is still stopped.")
    if len(figures.of_each) < figures.total:
        said.append(f"Only the first {len(figures.of_each)} of {figures.total:,} were looked up.")
    return tuple(said)


def _is_ip(indicator: Indicator) -> bool:
    return indicator.kind in {Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK}
