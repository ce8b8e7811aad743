"""A proposal of several lists as facts: told like one request, with a part for each list.

A proposal of one list is told just as its request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.lists.traits import Action
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import TURNED_DOWN, Request
from bot.domain.telling import headlines
from bot.domain.telling.counting import plural
from bot.domain.telling.decided import OfAll, in_one_line
from bot.domain.telling.request_facts import EndFacts, PartFacts, RequestFacts, list_label, request_facts
from bot.domain.telling.request_status import part_outcome, status_sentence
from bot.domain.telling.sentence import Sentence, sentence


def parts_facts(parts: Parts) -> RequestFacts:
    """What there is to say of a proposal, whose requests may be summaries with some of their items."""
    if len(parts.requests) == 1:
        return request_facts(parts.requests[0])
    whole, each = parts.as_one, [request_facts(request) for request in parts.requests]
    counted = plural(whole.total, "indicator")
    about: Sentence = (counted,)
    alarm = next((part.alarm for part in each if part.alarm), "")
    pattern = f"{alarm} {{}}" if alarm else headlines.pattern(whole)
    headline = headlines.about(pattern, about)
    named = sentence(headline, ": ", headlines.named(whole))
    going_ahead = [part for part in each if part.status not in TURNED_DOWN] or each
    has_one_end = len({_end(part) for part in going_ahead}) == 1
    of_all = OfAll(headline=headline, named_headline=named, alarm=alarm, has_one_end=has_one_end)
    return replace(
        request_facts(whole),
        subject=about,
        headline=headline,
        named_headline=named,
        short_headline=headlines.about(pattern, headlines.named(headlines.without_left_out(whole), at_most=1)),
        one_line=in_one_line(whole, of_all=of_all),
        alarm=alarm,
        short_place=", ".join(_distinct(part.short_place for part in each)),
        consequence="" if whole.action is Action.BLOCK else ". ".join(_distinct(part.consequence for part in each)),
        place="; ".join(_distinct(part.place for part in each)),
        effect="\n".join(f"{list_label(part)}: {part.effect}" for part in _by_effect(each)),
        question=_joined(part.question for part in each),
        end=_one_end(going_ahead) if has_one_end else None,
        until_when=going_ahead[0].until_when if has_one_end else (),
        evidence=tuple(line for part in each for line in part.evidence),
        evidence_holds=tuple(line for part in each for line in part.evidence_holds),
        can_be_tried_again=any(part.can_be_tried_again for part in each),
        can_be_asked_again=any(part.can_be_asked_again for part in each),
        offers_subdomains=any(part.offers_subdomains for part in each),
        status_sentence=status_sentence(whole, counted=counted),
        items=tuple(item for part in each for item in part.items),
        counted=counted,
        failure="; ".join(f"{list_label(part)}: {part.failure}" for part in each if part.failure.strip()),
        parts=tuple(_part(request, facts) for request, facts in zip(parts.requests, each, strict=True)),
    )


def _end(part: RequestFacts) -> tuple[datetime | None, timedelta | None] | None:
    """When a part ends, whoever sees to that."""
    return None if part.end is None else (part.end.at, part.end.lasts)


def _one_end(parts: Sequence[RequestFacts]) -> EndFacts | None:
    """The end that all parts have. That Portcullis removes some of them alone is said of their lists."""
    if (end := parts[0].end) is None:
        return None
    removed = [part for part in parts if part.end is not None and part.end.removed_by_portcullis]
    if len(removed) in {0, len(parts)}:
        return end
    of_lists = " and ".join(_distinct(part.list.traits.words.nouns for part in removed))
    return replace(end, removed_by_portcullis=True, removed=f"the {of_lists}")


def _part(request: Request, facts: RequestFacts) -> PartFacts:
    return PartFacts(label=list_label(facts), outcome=part_outcome(request), request=facts)


def _by_effect(parts: Iterable[RequestFacts]) -> list[RequestFacts]:
    """One part for each list: those that differ in their end do the same."""
    return list({part.effect: part for part in parts}.values())


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _joined(sentences: Iterable[Sentence]) -> Sentence:
    said = [each for each in dict.fromkeys(sentences) if each]
    return sentence(*(part for each in said for part in (" ", each)))[1:] if said else ()
