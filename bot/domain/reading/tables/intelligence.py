"""Documents of threat intelligence as records: STIX bundles, MISP events, OTX pulses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.tables.json_records import Fields, Record, objects_in, text_of, values_in
from bot.domain.reading.tables.row_words import yes_or_no
from bot.domain.reading.tables.stix_patterns import read_pattern

#: Objects of a STIX bundle that say only that something was seen.
_OBSERVED = frozenset({"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "observed-data"})

#: What an indicator can be called by that is none of harm.
_HARMLESS = frozenset(
    {
        *("benign", "allowlist", "allowlisted", "whitelist", "whitelisted", "falsepositive", "knowngood", "goodware"),
        *("harmless", "legitimate", "clean", "safe", "trusted", "exception", "notmalicious", "donotblock"),
    }
)


def is_stix(document: Fields) -> bool:
    return document.get("type") == "bundle" or any("pattern" in part for part in objects_in(document.get("objects")))


def stix(objects: Sequence[Fields]) -> Iterator[Record]:
    for part in objects:
        kind = text_of(part.get("type"))
        if kind in _OBSERVED:
            fields = {"stix type": kind, "stix value": text_of(part.get("value") or part.get("id"))}
            text = "The bundle only says that it was seen, not that it is an indicator."
            yield Record(fields, part, Aside("only_observed", text))
        elif kind == "indicator":
            yield from _stix_indicator(part)


def _stix_indicator(part: Fields) -> Iterator[Record]:
    beside = {
        "name": text_of(part.get("name")),
        "description": text_of(part.get("description")),
        "valid_from": text_of(part.get("valid_from")),
        "valid_until": text_of(part.get("valid_until")),
    }
    pattern = text_of(part.get("pattern"))
    aside: Aside | None = None
    kinds = {text_of(kind) for kind in (*values_in(part.get("indicator_types")), *values_in(part.get("labels")))}
    harmless = next((kind for kind in sorted(kinds) if normal_name(kind) in _HARMLESS), None)
    if yes_or_no(text_of(part.get("revoked"))):
        aside = Aside("row_revoked", "The indicator was revoked.")
    elif harmless is not None:
        aside = Aside("row_false_positive", f"The indicator says that it is harmless ({harmless[:40]}).")
    elif text_of(part.get("confidence")) in {"0", "0.0"}:
        aside = Aside("row_unverified", "The indicator says that nobody is sure of it (confidence 0).")
    elif text_of(part.get("pattern_type")) not in {"", "stix"}:
        aside = Aside("pattern", f"The pattern is of {text_of(part.get('pattern_type'))[:40]}, which can't be read.")
    values = read_pattern(pattern) if aside is None else aside
    if isinstance(values, Aside):
        yield Record({"stix type": "", "stix value": pattern, **beside}, part, values)
        return
    for kind, value in values:
        yield Record({"stix type": kind, "stix value": value, **beside}, part)


def misp_events(document: Fields) -> list[Fields]:
    event = document.get("Event")
    if isinstance(event, Mapping):
        return [event]
    response = document.get("response")
    if isinstance(response, Mapping) and isinstance(response.get("Attribute"), list):
        return [response]
    if isinstance(response, list):
        return [event for part in objects_in(response) for event in misp_events(part)]
    return []


def misp(event: Fields) -> Iterator[Record]:
    attributes = objects_in(event.get("Attribute"))
    for part in objects_in(event.get("Object")):
        attributes += objects_in(part.get("Attribute"))
    for attribute in attributes:
        names = ("type", "value", "category", "to_ids", "deleted", "comment")
        fields = {name: text_of(attribute.get(name)) for name in names}
        yield Record({**fields, "event_info": text_of(event.get("info"))}, attribute)


def otx_pulses(document: Fields) -> list[Fields]:
    def is_pulse(part: Fields) -> bool:
        return any("indicator" in found and "type" in found for found in objects_in(part.get("indicators")))

    if is_pulse(document):
        return [document]
    return [part for part in objects_in(document.get("results")) if is_pulse(part)]


def otx(pulse: Fields) -> Iterator[Record]:
    for part in objects_in(pulse.get("indicators")):
        names = ("title", "description", "expiration", "is_active")
        fields = {name: text_of(part.get(name)) for name in names}
        fields |= {"Indicator type": text_of(part.get("type")), "Indicator": text_of(part.get("indicator"))}
        yield Record({**fields, "pulse": text_of(pulse.get("name"))}, part)
