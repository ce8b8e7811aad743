"""A judgement explained in sentences: the entry that brings it about, its list, the rule, and what else was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import Effect
from bot.domain.lists.traits import Action, ListName, list_for, title
from bot.domain.verdict.judgement import Judgement, Match

#: What it means that an IPv4 address is allowed. Source: Microsoft, "Configure connection filtering".
IP_ALLOW_SKIPS = "Mail from there skips spam filtering, SPF, DKIM and DMARC."


def explain(
    indicator: Indicator,
    judgement: Judgement,
    matches: Sequence[Match],
    *,
    now: datetime,
    unreadable: bool,
    below: bool = False,
) -> str:
    """Why the lists come to this judgement, in one or more sentences of plain text, with values defanged.

    `matches` has every entry that matters, the winners first. With `unreadable` the indicator's own list could not be
    read, so that what was found may not be all. `below`: an entry with *. in front is listed for a domain's subdomains.
    """
    name = list_for(indicator.kind)
    winners = [match for match in matches if match.wins]
    others = [match for match in matches if not match.wins]
    sentences = [_main_sentence(indicator, judgement, winners, others, unreadable=unreadable)]
    if winners:
        if name is ListName.CONNECTION_FILTER and judgement is Judgement.ALLOWED:
            sentences.append(IP_ALLOW_SKIPS)
        sentences.extend(_overruled(name, winners[0].entry.action, others))
        sentences.extend(_left_out(indicator, winners[0], below=below))
        sentences.extend(_overdue(winners, now))
    if others:
        sentences.extend(_of_others(others, judgement, name))
    if unreadable and winners:
        sentences.append(f"The {title(name)} could not be read in full.")
    return " ".join(sentences)


def _main_sentence(
    indicator: Indicator,
    judgement: Judgement,
    winners: Sequence[Match],
    others: Sequence[Match],
    *,
    unreadable: bool,
) -> str:
    shown, name = defanged(indicator.value), list_for(indicator.kind)
    if not winners:
        if unreadable:
            return f"The {title(name)} could not be read, so nothing can be said about {shown}."
        return f"No entry of the {title(name)} covers {shown}{_as_a_whole(others)}."
    place = title(name, winners[0].entry.action)
    policies = sorted({match.entry.policy for match in winners if match.entry.policy})
    where = f"{place} (policy {', '.join(policies)})" if policies else place
    if winners[0].effect is Effect.EXACT:
        return f"{shown} is {judgement.value}: it is in the {where}."
    if winners[0].effect is Effect.COVERS:
        return f"{shown} is {judgement.value}: it is covered by {defanged(winners[0].entry.value)} in the {where}."
    return f"{shown} is {judgement.value}: entries of the {where} cover it together."


def _of_others(others: Sequence[Match], judgement: Judgement, name: ListName) -> Iterable[str]:
    """What was found beside what decides."""
    yield from _parts(others, judgement, name)
    expired = [match for match in others if match.effect is Effect.EXPIRED]
    if expired:
        yield f"Not counted, because its end date has passed: {_named(expired)}."
    related = [match for match in others if match.effect is Effect.RELATED]
    if related:
        yield f"Related, in another list: {_named(related)}."
    yield from _beside(others)


def _as_a_whole(others: Sequence[Match]) -> str:
    return " as a whole" if any(match.effect is Effect.PART for match in others) else ""


def _left_out(indicator: Indicator, winner: Match, *, below: bool) -> Iterable[str]:
    """What an entry of just this could be taken to cover, and doesn't."""
    if winner.effect is not Effect.EXACT:
        return
    if indicator.kind is Kind.DOMAIN and not below and not indicator.value.startswith("*."):
        yield "Mail from its subdomains isn't covered."
    elif indicator.kind is Kind.ADDRESS:
        yield f"Other addresses of {defanged(indicator.value.rpartition('@')[2])} aren't covered."


def _overruled(name: ListName, winning: Action, others: Sequence[Match]) -> Iterable[str]:
    losers = [
        match for match in others if match.entry.action is not winning and match.effect in {Effect.EXACT, Effect.COVERS}
    ]
    if not losers:
        return
    rule = _PRECEDENCE[name.traits.stronger_action]
    yield f"{_named(losers)} says otherwise, but in the {name.traits.words.family} {rule}."


_PRECEDENCE = {
    Action.ALLOW: "the allow list wins over the block list",
    Action.BLOCK: "a block wins over an allow",
}


def _overdue(winners: Sequence[Match], now: datetime) -> Iterable[str]:
    """Where Portcullis alone keeps the end date, an entry goes on acting until Portcullis has removed it."""
    overdue = [
        match for match in winners if match.known and match.known.expires is not None and match.known.expires <= now
    ]
    if overdue:
        yield f"It was to end before now, but the tenant still has it: {_named(overdue)}."


def _parts(others: Sequence[Match], judgement: Judgement, name: ListName) -> Iterable[str]:
    """What holds for a part only: of a range, a network, or a domain with some of its addresses."""
    strong = name.traits.stronger_action
    for action in Action:
        parts = [match for match in others if match.effect is Effect.PART and match.entry.action is action]
        if not parts:
            continue
        word = "allowed" if action is Action.ALLOW else "blocked"
        if judgement is Judgement.NOT_LISTED:
            yield f"Only a part of it is {word}: {_named(parts)}."
        elif judgement.value != word and action is strong:
            yield f"A part of it is {word} all the same, because {action.value} wins: {_named(parts)}."


def _beside(others: Sequence[Match]) -> Iterable[str]:
    """What could be taken for the reason and isn't: said, so that nobody relies on it."""
    beside = [match for match in others if match.effect is Effect.BESIDE]
    domains = [match for match in beside if not match.entry.value.startswith("*.")]
    if domains:
        yield f"A domain's entry doesn't cover its subdomains, so this one does not count: {_named(domains)}."
    below = [match for match in beside if match.entry.value.startswith("*.")]
    if below:
        yield (
            f"An entry with *. in front is for the subdomains: {_named(below)}. Microsoft doesn't say clearly whether "
            "it also covers the domain itself."
        )


def _named(matches: Sequence[Match], most: int = 3) -> str:
    """Entries by value and list, the first few of them."""
    names = [
        f"{defanged(match.entry.value)} ({title(match.entry.list, match.entry.action)})" for match in matches[:most]
    ]
    more = f" and {len(matches) - most} more" if len(matches) > most else ""
    return f"{', '.join(names)}{more}"
