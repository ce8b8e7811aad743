"""By which cmdlets somebody changes what a place holds, as the tenant's own audit log names them.

Source: Microsoft's pages of the cmdlets. Which of a place's objects a record is about stands in what it names: see
`bot.domain.requests.attributing`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.overrides.places import Place

#: The nouns of the cmdlets that change each place.
_NOUNS: Mapping[Place, tuple[str, ...]] = {
    Place.ADVANCED_DELIVERY: (
        "PhishSimOverridePolicy",
        "ExoPhishSimOverrideRule",
        "SecOpsOverridePolicy",
        "ExoSecOpsOverrideRule",
    ),
    Place.MAIL_FLOW_RULES: ("TransportRule",),
    Place.CONNECTORS: ("InboundConnector",),
    Place.ANTI_SPAM: ("HostedContentFilterPolicy", "HostedContentFilterRule"),
    Place.ANTI_PHISHING: ("AntiPhishPolicy", "AntiPhishRule"),
}
#: What exists is switched on and off by a cmdlet of its own, where it is a rule.
_VERBS = ("New", "Set", "Remove")
_SWITCHES = ("Enable", "Disable")
_SWITCHED = frozenset({"TransportRule", "HostedContentFilterRule", "AntiPhishRule"})

#: The parameter by which the senders of a policy are set, by what they are called in it.
SENDER_PARAMETERS: Mapping[str, str] = {
    "allowed senders": "AllowedSenders",
    "allowed domains": "AllowedSenderDomains",
    "blocked senders": "BlockedSenders",
    "blocked domains": "BlockedSenderDomains",
    "trusted senders": "ExcludedSenders",
    "trusted domains": "ExcludedDomains",
}


def operations_of(place: Place) -> frozenset[str]:
    """Every cmdlet by which what a place holds can have come, gone or changed."""
    return frozenset(
        f"{verb}-{noun}" for noun in _NOUNS[place] for verb in (*_VERBS, *(_SWITCHES if noun in _SWITCHED else ()))
    )
