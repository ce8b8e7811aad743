"""Reading the places beside the lists that let mail through or stop it, each by itself: none costs another anything.

A place that the app may not read, or that gives no answer, says so in its own reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

import structlog

from bot.domain.overrides.override import Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.errors import PermissionMissing, TenantError, TenantUnavailable
from bot.tenant.calling.transport import Transport
from bot.tenant.exchange.override_policies import (
    Found,
    read_anti_phishing,
    read_anti_spam,
    read_connectors,
    read_phishing_simulations,
    read_security_mailboxes,
)
from bot.tenant.exchange.override_rules import read_rules

#: What each place is read by. Without one of several its reading has a gap.
PLACE_CMDLETS: Mapping[Place, tuple[str, ...]] = {
    Place.ADVANCED_DELIVERY: ("Get-PhishSimOverridePolicy", "Get-ExoPhishSimOverrideRule", "Get-SecOpsOverridePolicy"),
    Place.MAIL_FLOW_RULES: ("Get-TransportRule",),
    Place.CONNECTORS: ("Get-InboundConnector",),
    Place.ANTI_SPAM: ("Get-HostedContentFilterPolicy", "Get-HostedContentFilterRule"),
    Place.ANTI_PHISHING: ("Get-AntiPhishPolicy",),
}

#: So long a place may take, in seconds: whoever waits for the lists must not wait for it longer.
PLACE_WITHIN = 20.0

log = structlog.get_logger(__name__)

_Answer: TypeAlias = list[dict[str, object]] | TenantError
_Records: TypeAlias = Mapping[str, list[dict[str, object]]]
_Reader: TypeAlias = Callable[[_Records, datetime], tuple[tuple[Override, ...], int]]


async def read_places(transport: Transport, *, now: datetime) -> tuple[PlaceReading, ...]:
    """Every place, read at the same time. Raises no TenantError."""
    return tuple(await asyncio.gather(*(read_place(transport, place, now=now) for place in Place)))


async def read_place(transport: Transport, place: Place, *, now: datetime) -> PlaceReading:
    """One place, or why it can't be seen. Raises no TenantError."""
    answers = dict(
        zip(
            PLACE_CMDLETS[place],
            await asyncio.gather(*(_ask(transport, cmdlet) for cmdlet in PLACE_CMDLETS[place])),
            strict=True,
        )
    )
    refused = {cmdlet: answer for cmdlet, answer in answers.items() if isinstance(answer, TenantError)}
    for cmdlet, error in refused.items():
        log.warning("place unreadable", place=place.value, cmdlet=cmdlet, error=type(error).__name__)
    lacks = tuple(cmdlet for cmdlet, error in refused.items() if isinstance(error, PermissionMissing))
    why = " ".join(dict.fromkeys(error.what for error in refused.values()))
    if len(refused) == len(answers):
        sight = Sight.NO_RIGHT if len(lacks) == len(refused) else Sight.UNREADABLE
        return PlaceReading(place=place, sight=sight, why=why, lacks=lacks)
    records = {cmdlet: answer for cmdlet, answer in answers.items() if not isinstance(answer, TenantError)}
    try:
        overrides, unread = await asyncio.to_thread(_READERS[place], records, now)
    except (ValueError, TypeError) as error:
        log.warning("place unreadable", place=place.value, error=type(error).__name__)
        return PlaceReading(place=place, sight=Sight.UNREADABLE, why="The tenant's answer could not be understood.")
    return PlaceReading(place=place, overrides=overrides, unread=unread + len(refused), why=why, lacks=lacks)


async def _ask(transport: Transport, cmdlet: str) -> _Answer:
    try:
        async with asyncio.timeout(PLACE_WITHIN):
            return list((await transport.invoke(cmdlet, {}, write=False)).values)
    except TenantError as error:
        return error
    except TimeoutError:
        return TenantUnavailable(f"The tenant gave no answer within {PLACE_WITHIN:g} seconds.")


def _advanced_delivery(records: _Records, _now: datetime) -> tuple[tuple[Override, ...], int]:
    found = Found()
    if "Get-ExoPhishSimOverrideRule" in records:
        policies = records.get("Get-PhishSimOverridePolicy")
        read_phishing_simulations(found, policies, records["Get-ExoPhishSimOverrideRule"])
    read_security_mailboxes(found, records.get("Get-SecOpsOverridePolicy", []))
    return tuple(found.overrides), found.unread


def _mail_flow_rules(records: _Records, now: datetime) -> tuple[tuple[Override, ...], int]:
    return read_rules(records["Get-TransportRule"], now=now)


def _connectors(records: _Records, _now: datetime) -> tuple[tuple[Override, ...], int]:
    found = Found()
    read_connectors(found, records["Get-InboundConnector"])
    return tuple(found.overrides), found.unread


def _anti_spam(records: _Records, _now: datetime) -> tuple[tuple[Override, ...], int]:
    found = Found()
    policies = records.get("Get-HostedContentFilterPolicy", [])
    read_anti_spam(found, policies, records.get("Get-HostedContentFilterRule"))
    return tuple(found.overrides), found.unread


def _anti_phishing(records: _Records, _now: datetime) -> tuple[tuple[Override, ...], int]:
    found = Found()
    read_anti_phishing(found, records["Get-AntiPhishPolicy"])
    return tuple(found.overrides), found.unread


_READERS: Mapping[Place, _Reader] = {
    Place.ADVANCED_DELIVERY: _advanced_delivery,
    Place.MAIL_FLOW_RULES: _mail_flow_rules,
    Place.CONNECTORS: _connectors,
    Place.ANTI_SPAM: _anti_spam,
    Place.ANTI_PHISHING: _anti_phishing,
}
