"""What the cmdlets of policies and connectors return, read into overrides: anti-spam, connectors, and the like.

Source: Microsoft's pages Get-HostedContentFilterPolicy, Get-HostedContentFilterRule, Get-InboundConnector,
Get-PhishSimOverridePolicy, Get-ExoPhishSimOverrideRule, Get-SecOpsOverridePolicy and Get-AntiPhishPolicy. How the
properties are spelled over REST is not documented: see `override_values`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.domain.overrides.override import Condition, ConditionKind, Does, Override
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import NO_OTHER_POLICY, either
from bot.tenant.exchange.fields import plain_keys, read_switch, shortened
from bot.tenant.exchange.override_values import (
    ReadValues,
    is_given,
    read_addresses,
    read_domains,
    read_guid,
    read_spans,
    read_words,
)

Records: TypeAlias = Sequence[Mapping[str, object]]
_OFF = frozenset({"disabled", "false", "0", "pendingdeletion"})


@dataclass(slots=True)
class Found:
    """What was read so far: the overrides, and how many things could not be."""

    overrides: list[Override] = field(default_factory=list)
    unread: int = 0

    def add(self, values: ReadValues, kind: ConditionKind, build: Callable[[Condition], Override]) -> None:
        """An override of these values, if there are any; what can't be read of them is counted."""
        self.unread += values.unread
        if values.values:
            self.overrides.append(build(Condition(kind=kind, values=values.values)))

    def conditions(self, *of: tuple[ReadValues, ConditionKind]) -> tuple[Condition, ...]:
        """Conditions of these values, as far as there are any."""
        self.unread += sum(values.unread for values, _ in of)
        return tuple(Condition(kind=kind, values=values.values) for values, kind in of if values.values)

    def switch(self, given: object) -> bool:
        """A switch; one that can't be read is counted, and taken for off."""
        try:
            return read_switch(given)
        except ValueError:
            self.unread += 1
            return False

    def records(self, given: object) -> Iterator[Mapping[str, object]]:
        """Each record with plain keys; what is none is counted."""
        for record in given if isinstance(given, list | tuple) else [given]:
            plain = plain_keys(record)
            if isinstance(plain, Mapping) and plain:
                yield plain
            else:
                self.unread += 1


def read_anti_spam(found: Found, policies: object, rules: object | None) -> None:
    """The allowed and blocked senders and domains of the policies that are in use; `rules` None: they can't be read."""
    scopes = None if rules is None else _scopes(found, rules)
    read = list(found.records(policies))
    # The preset security policies come before all others; for whom they are stands in rules of their own.
    has_presets = any(str(policy.get("recommendedpolicytype")).lower() in _PRESETS for policy in read)
    for policy in read:
        name, guid = _name(policy), read_guid(policy)
        is_default = found.switch(policy.get("isdefault")) or name.casefold() == "default"
        when = _scope_of(name, scopes, is_default=is_default, has_presets=has_presets)
        if when is None:
            continue
        for key, detail, does, how, kind, read_values in _SENDER_LISTS:
            found.add(
                read_values(policy.get(key)),
                kind,
                _override(Place.ANTI_SPAM, name, does, how, detail=detail, when=when, guid=guid),
            )


_PRESETS = frozenset({"standard", "strict"})
_SENDER_LISTS = (
    (
        "allowedsenders",
        "allowed senders",
        Does.LETS_THROUGH,
        "spam filtering is skipped",
        ConditionKind.ADDRESS,
        read_addresses,
    ),
    (
        "allowedsenderdomains",
        "allowed domains",
        Does.LETS_THROUGH,
        "spam filtering is skipped",
        ConditionKind.DOMAIN,
        read_domains,
    ),
    ("blockedsenders", "blocked senders", Does.STOPS, "it is taken for spam", ConditionKind.ADDRESS, read_addresses),
    ("blockedsenderdomains", "blocked domains", Does.STOPS, "it is taken for spam", ConditionKind.DOMAIN, read_domains),
)


def _scopes(found: Found, rules: object) -> dict[str, tuple[str, ...]]:
    """For each policy that a rule puts in use, by name: for whom, in words."""
    scopes: dict[str, tuple[str, ...]] = {}
    for rule in found.records(rules):
        policy = read_words(rule.get("hostedcontentfilterpolicy")).values
        if not policy:
            found.unread += 1
        elif _is_on(rule):
            scopes[policy[0].casefold()] = tuple(_recipients(rule)) or ("the policy is that of the recipient",)
    return scopes


_RECIPIENTS = {
    "sentto": "it is sent to {}",
    "senttomemberof": "it is sent to a member of {}",
    "recipientdomainis": "the recipient's domain is {}",
}


def _recipients(rule: Mapping[str, object]) -> Iterator[str]:
    for key, phrase in _RECIPIENTS.items():
        if values := read_words(rule.get(key)).values:
            yield phrase.format(either(values))
    if any(is_given(rule.get(f"exceptif{key}")) for key in _RECIPIENTS):
        yield "the recipient is no exception of the policy"


def _scope_of(
    name: str, scopes: Mapping[str, tuple[str, ...]] | None, *, is_default: bool, has_presets: bool
) -> tuple[str, ...] | None:
    """For whom a policy is, in words: nothing for everybody; None where it is not in use."""
    if scopes is None:
        return ("the policy is that of the recipient",)
    if is_default:
        return (NO_OTHER_POLICY,) if scopes or has_presets else ()
    return scopes.get(name.casefold())


def read_connectors(found: Found, connectors: object) -> None:
    """What the inbound connectors that are on let through or refuse."""
    for connector in found.records(connectors):
        if not _is_on(connector):
            continue
        name, guid = _name(connector), read_guid(connector)
        domains, addresses = (
            read_domains(connector.get("senderdomains")),
            read_spans(connector.get("senderipaddresses")),
        )
        its_domains = ReadValues(() if "*" in domains.values else domains.values, domains.unread)
        certificate = read_words(connector.get("tlssendercertificatename")).values
        by_certificate = tuple(f"it comes with the certificate of {value}" for value in certificate)
        if found.switch(connector.get("treatmessagesasinternal")):
            found.overrides.append(
                _override(
                    Place.CONNECTORS,
                    name,
                    Does.LETS_THROUGH,
                    "it is treated as mail from inside",
                    when=() if addresses.values else by_certificate,
                    guid=guid,
                )(*found.conditions((addresses, ConditionKind.IP), (its_domains, ConditionKind.DOMAIN)))
            )
        found.add(
            read_spans(connector.get("efskipips")),
            ConditionKind.IP,
            _override(
                Place.CONNECTORS,
                name,
                Does.LETS_THROUGH,
                "the filter passes this address over and judges the one before it",
                detail="enhanced filtering",
                is_partial=True,
                guid=guid,
            ),
        )
        by_address = found.switch(connector.get("restrictdomainstoipaddresses"))
        if by_address or found.switch(connector.get("restrictdomainstocertificate")):
            found.overrides.append(
                Override(
                    place=Place.CONNECTORS,
                    name=name,
                    does=Does.STOPS,
                    how="it is refused",
                    detail="restriction",
                    conditions=found.conditions((its_domains, ConditionKind.DOMAIN)),
                    exceptions=found.conditions((addresses, ConditionKind.IP)) if by_address else (),
                    unless=() if by_address else by_certificate,
                    guid=guid,
                )
            )


def read_phishing_simulations(found: Found, policies: object | None, rules: object) -> None:
    """The senders of phishing simulations; `policies` None: they can't be read, and count as on."""
    if policies is not None and all(not _is_on(policy) for policy in found.records(policies)):
        return
    for rule in found.records(rules):
        if not _is_on(rule):
            continue
        domains = read_domains(rule.get("domains") if is_given(rule.get("domains")) else rule.get("senderdomainis"))
        conditions = found.conditions(
            (domains, ConditionKind.DOMAIN), (read_spans(rule.get("senderipranges")), ConditionKind.IP)
        )
        if not conditions:
            found.unread += 1
            continue
        build = _override(
            Place.ADVANCED_DELIVERY,
            _name(rule),
            Does.LETS_THROUGH,
            "nothing is filtered",
            detail="phishing simulation",
            guid=read_guid(rule),
        )
        found.overrides.append(build(*conditions))


def read_security_mailboxes(found: Found, policies: object) -> None:
    """The mailboxes of the security team, which get everything."""
    for policy in found.records(policies):
        if not _is_on(policy):
            continue
        mailboxes = read_words(policy.get("sentto"))
        found.unread += mailboxes.unread
        if mailboxes.values:
            build = _override(
                Place.ADVANCED_DELIVERY,
                _name(policy),
                Does.LETS_THROUGH,
                "nothing is filtered",
                detail="security mailboxes",
                when=(f"it is sent to {either(mailboxes.values)}",),
                guid=read_guid(policy),
            )
            found.overrides.append(build())


def read_anti_phishing(found: Found, policies: object) -> None:
    """The trusted senders and domains of the policies that are on."""
    for policy in found.records(policies):
        if not _is_on(policy):
            continue
        for key, detail, kind, read in (
            ("excludedsenders", "trusted senders", ConditionKind.ADDRESS, read_addresses),
            ("excludeddomains", "trusted domains", ConditionKind.DOMAIN, read_domains),
        ):
            found.add(
                read(policy.get(key)),
                kind,
                _override(
                    Place.ANTI_PHISHING,
                    _name(policy),
                    Does.LETS_THROUGH,
                    "it is not taken for impersonation",
                    detail=detail,
                    is_partial=True,
                    guid=read_guid(policy),
                ),
            )


def _override(
    place: Place,
    name: str,
    does: Does,
    how: str,
    *,
    detail: str = "",
    when: tuple[str, ...] = (),
    is_partial: bool = False,
    guid: str = "",
) -> Callable[..., Override]:
    def build(*conditions: Condition) -> Override:
        return Override(
            place=place,
            name=name,
            does=does,
            how=how,
            detail=detail,
            conditions=conditions,
            when=when,
            is_partial=is_partial,
            guid=guid,
        )

    return build


def _name(record: Mapping[str, object]) -> str:
    for key in ("name", "identity", "id", "guid"):
        if values := read_words(record.get(key)).values:
            return shortened(", ".join(values))
    return "(no name)"


def _is_on(record: Mapping[str, object]) -> bool:
    """Whether it is in use: what says nothing of it is."""
    said = (record.get(key) for key in ("enabled", "state", "mode"))
    return not any(str(value).strip().lower() in _OFF for value in said if value is not None)
