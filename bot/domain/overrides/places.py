"""The places beside the lists that can hold overrides: their words, in the order in which they are told.

Sources: Microsoft, "Create safe sender lists", "How policies and protections are combined for email" and the pages of
the cmdlets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """One kind of thing that can hold overrides. The values stand in the database and in JSON: they stay."""

    ADVANCED_DELIVERY = "advanced_delivery"
    MAIL_FLOW_RULES = "mail_flow_rules"
    CONNECTORS = "inbound_connectors"
    ANTI_SPAM = "anti_spam_policies"
    ANTI_PHISHING = "anti_phishing_policies"

    @property
    def words(self) -> PlaceWords:
        """How people know it."""
        return _WORDS[self]

    @property
    def rank(self) -> int:
        """Its position in what is told: what gets past more comes first."""
        return list(Place).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWords:
    """What a place is called."""

    singular: str  #: one of what it holds, without an article
    plural: str


_WORDS: Mapping[Place, PlaceWords] = {
    Place.ADVANCED_DELIVERY: PlaceWords(singular="advanced delivery rule", plural="advanced delivery rules"),
    Place.MAIL_FLOW_RULES: PlaceWords(singular="mail flow rule", plural="mail flow rules"),
    Place.CONNECTORS: PlaceWords(singular="inbound connector", plural="inbound connectors"),
    Place.ANTI_SPAM: PlaceWords(singular="anti-spam policy", plural="anti-spam policies"),
    Place.ANTI_PHISHING: PlaceWords(singular="anti-phishing policy", plural="anti-phishing policies"),
}
