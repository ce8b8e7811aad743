"""Whose the addresses of a request are, in words: a line for each, beside the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.senders.owner import AddressOwner, in_words
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import Quoted, Value, sentence


def with_owners(facts: RequestFacts, owners: Sequence[AddressOwner]) -> RequestFacts:
    """What is told of a proposal, with whose its addresses are. Where it is about one, that isn't named again."""
    several = facts.total > 1
    return replace(
        facts,
        owners=tuple(
            sentence(Value(owner.address), ": ", Quoted(in_words(owner))) if several else (Quoted(in_words(owner)),)
            for owner in owners
        ),
    )
