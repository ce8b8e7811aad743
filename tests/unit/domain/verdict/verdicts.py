"""Asking for a verdict in tests: of lists that were read a minute ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.verdict.verdict import Verdict, judge
from tests.unit.domain.tenant_lists import NOW, tenant

READ_AT = NOW - timedelta(minutes=1)


def verdict_on(
    kind: Kind,
    value: str,
    *entries: Entry,
    safe_lists: Iterable[str] = (),
    unreadable: dict[ListName, str] | None = None,
    known: Sequence[KnownEntry] = (),
) -> Verdict:
    """What the lists say of an indicator. The tenant has the policies Default and Second."""
    lists = tenant(*entries, policies=("Default", "Second"), safe_lists=safe_lists, unreadable=unreadable)
    return judge(Indicator(kind=kind, value=value), replace(lists, as_of=READ_AT), now=NOW, known=known)
