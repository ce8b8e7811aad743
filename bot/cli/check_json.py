"""A verdict as `portcullis check --json` prints it: plain values, for machines."""

from __future__ import annotations

from typing import Any

from bot.domain.overrides.concern import Concern
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.telling.verdict_facts import EntryFacts, OnRecord, verdict_facts
from bot.domain.verdict.judgement import Match
from bot.domain.verdict.verdict import Verdict


def as_object(verdict: Verdict, on_record: OnRecord | None = None, *, is_dated: bool = True) -> dict[str, Any]:
    """The verdict as machines get it: plain values, dates in ISO 8601. Lists that don't say when they were read have
    none.
    """
    entries = verdict_facts(verdict, on_record).entries
    owner = on_record.owners.get(verdict.indicator.value) if on_record is not None else None
    return {
        "indicator": verdict.indicator.value,
        "kind": verdict.indicator.kind.value,
        "verdict": verdict.judgement.value,
        "because": verdict.because,
        "entries": [_entry(match, facts) for match, facts in zip(verdict.matches, entries, strict=True)],
        "elsewhere": [_override(concern) for concern in verdict.elsewhere.concerns],
        "last_word": list(verdict.elsewhere.last_word),
        "whose": {"names": list(owner.names), "shared_by": list(owner.shared_by)} if owner is not None else None,
        "limits": [*verdict.limits, *verdict.elsewhere.limits],
        "unseen": [*verdict.unseen, *verdict.elsewhere.unseen],
        "as_of": verdict.as_of.isoformat() if is_dated else None,
    }


def _override(concern: Concern) -> dict[str, Any]:
    """An override of another place, and what it means for what was asked about."""
    override = concern.override
    return {
        "place": override.place.value,
        "name": override.name,
        "detail": override.detail,
        "bearing": concern.bearing.value,
        "how": override.how,
        "when": list(concern.when),
        "unless": list(concern.unless),
        "any_mail": concern.is_general,
    }


def _entry(match: Match, facts: EntryFacts) -> dict[str, Any]:
    entry = match.entry
    return {
        "list": entry.list.value,
        "action": entry.action.value,
        "value": entry.value,
        "policy": entry.policy,
        "effect": match.effect.value,
        "wins": match.wins,
        "expires": entry.expires.isoformat() if entry.expires is not None else None,
        "notes": entry.notes,
        "recorded": _recorded(match.known, facts) if match.known is not None else None,
    }


def _recorded(known: KnownEntry, facts: EntryFacts) -> dict[str, Any]:
    """What Portcullis has on record of an entry."""
    return {
        "request": known.request_id,
        "proposal": facts.number,
        "requester": known.requester,
        "approvers": list(facts.approvers),
        "named": known.is_named,
        "reason": known.reason,
        "since": known.since.isoformat(),
        "expires": known.expires.isoformat() if known.expires is not None else None,
        "notes": known.notes,
    }
