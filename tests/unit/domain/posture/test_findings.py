"""What the posture finds fault with: a table of entries, switches and overrides, each with its faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.domain.posture.finding import Fault, Finding, Gravity, Remedy, as_record, of_record
from bot.domain.posture.findings import find, seen_places, unseen
from bot.domain.requests.known_entry import KnownEntry
from tests.support.samples import KNOWN, NOW

OWN = frozenset({"contoso.example"})
LATELY, LONG_AGO = NOW - timedelta(days=89), NOW - timedelta(days=91)
ENDS = NOW + timedelta(days=7)
FILTER, SENDER, URL, FILE, IP, SPOOF = ListName


def entry(name: ListName, value: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an entry
    return Entry(list=name, action=Action.ALLOW, value=value, **fields)


def well_kept(name: ListName, value: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an entry
    """An entry with all that an allow should have, but for what a test changes."""
    return entry(name, value, **{"expires": ENDS, "notes": "why", "created": LATELY, **fields})


def found(*entries: Entry, known: tuple[KnownEntry, ...] = (), **lists: Any) -> tuple[Finding, ...]:  # noqa: ANN401 - any field of a snapshot
    return find(Snapshot(as_of=NOW, entries=entries, **lists), known, now=NOW, own_domains=OWN)


def on_record(name: ListName, value: str, *, expires: datetime | None = ENDS, reason: str = "Scanner") -> KnownEntry:
    return KnownEntry(
        list=name,
        action=Action.ALLOW,
        value=value,
        requester="U0REQUEST1",
        request_id=7,
        reason=reason,
        since=NOW,
        expires=expires,
    )


ENTRIES: list[tuple[str, Entry, tuple[Fault, ...]]] = [
    ("a sender as it should be", well_kept(SENDER, "fabrikam.example"), ()),
    ("no end", well_kept(SENDER, "fabrikam.example", expires=None), (Fault.NO_END,)),
    ("it ends 45 days after its last use", well_kept(SENDER, "a.example", expires=None, bounded_by_use=True), ()),
    ("no note", well_kept(SENDER, "fabrikam.example", notes=" "), (Fault.NO_NOTE,)),
    (
        "long made, used and changed lately",
        well_kept(SENDER, "a.example", created=LONG_AGO, last_used=LATELY, modified=LATELY),
        (),
    ),
    ("never used", well_kept(SENDER, "a.example", created=LONG_AGO, modified=LATELY), (Fault.UNUSED,)),
    ("long unused", well_kept(SENDER, "a.example", last_used=LONG_AGO, modified=LATELY), (Fault.UNUSED,)),
    ("long unchanged", well_kept(SENDER, "a.example", created=LONG_AGO, last_used=LATELY), (Fault.UNCHANGED,)),
    (
        "made by a submission, long unchanged",
        well_kept(SENDER, "a.example", created=LONG_AGO, last_used=LATELY, subtype="Submission"),
        (),
    ),
    (
        "of advanced delivery, long unchanged",
        well_kept(URL, "a.example", created=LONG_AGO, last_used=LATELY, subtype="AdvancedDelivery"),
        (),
    ),
    ("a top-level domain", well_kept(SENDER, "*.example"), (Fault.WIDE,)),
    ("subdomains of a URL", well_kept(URL, "~fabrikam.example"), (Fault.WIDE,)),
    ("every path of a URL", well_kept(URL, "fabrikam.example/*"), (Fault.WIDE,)),
    ("one URL", well_kept(URL, "fabrikam.example/a"), ()),
    ("a file", well_kept(FILE, "a" * 64), ()),
    ("one IPv6 address", well_kept(IP, "2001:db8::1"), ()),
    ("an IPv6 network", well_kept(IP, "2001:db8::/64"), (Fault.WIDE,)),
    ("an IP allow", entry(FILTER, "203.0.113.7"), (Fault.IP_ALLOW, Fault.NO_END, Fault.NO_NOTE)),
    ("a network", entry(FILTER, "203.0.113.0/24"), (Fault.IP_ALLOW, Fault.WIDE, Fault.NO_END, Fault.NO_NOTE)),
    ("a range", entry(FILTER, "203.0.113.1-203.0.113.9"), (Fault.IP_ALLOW, Fault.WIDE, Fault.NO_END, Fault.NO_NOTE)),
    ("junk on the IP Allow List", entry(FILTER, "mail server"), (Fault.IP_ALLOW, Fault.NO_END, Fault.NO_NOTE)),
    ("a spoof pair", entry(SPOOF, "fabrikam.example, 203.0.113.0/24"), (Fault.NO_END, Fault.NO_NOTE)),
    ("anybody as the sender", entry(SPOOF, "*, 203.0.113.0/24"), (Fault.ANYBODY, Fault.NO_END, Fault.NO_NOTE)),
    ("anybody's servers", entry(SPOOF, "a.example, *"), (Fault.ANYBODY, Fault.NO_END, Fault.NO_NOTE)),
    ("an own domain", entry(SPOOF, "user@contoso.example, mail.example"), (Fault.ANYBODY, Fault.NO_END, Fault.NO_NOTE)),
    (
        "below an own domain",
        entry(SPOOF, "News.Contoso.example, mail.example"),
        (Fault.ANYBODY, Fault.NO_END, Fault.NO_NOTE),
    ),
    ("a pair that is none", entry(SPOOF, "junk"), (Fault.NO_END, Fault.NO_NOTE)),
    ("it has ended", entry(SENDER, "a.example", expires=NOW), ()),
    ("a block", Entry(list=SENDER, action=Action.BLOCK, value="evil.example"), ()),
]


@pytest.mark.parametrize(("given", "faults"), [case[1:] for case in ENTRIES], ids=[case[0] for case in ENTRIES])
def test_the_faults_of_an_entry(given: Entry, faults: tuple[Fault, ...]) -> None:
    assert tuple(fault for finding in found(given) for fault in finding.faults) == faults


RULES = Place.MAIL_FLOW_RULES
IPS = (Condition(kind=ConditionKind.IP, values=("203.0.113.7",)),)
ANY = (Condition(kind=ConditionKind.DOMAIN, values=("*",)),)


def override(place: Place, *, does: Does = Does.LETS_THROUGH, **fields: Any) -> Override:  # noqa: ANN401 - any field of an override
    return Override(**{"place": place, "name": "Partner", "does": does, "how": "spam filtering is skipped", **fields})


OVERRIDES: list[tuple[str, Override, tuple[Fault, ...]]] = [
    ("a rule that bypasses filtering", override(RULES, conditions=IPS), (Fault.BYPASS,)),
    ("the same for every domain", override(RULES, conditions=ANY), (Fault.BYPASS, Fault.WIDE)),
    ("a rule that skips one check", override(RULES, is_partial=True), (Fault.SPARED,)),
    ("a rule that stops mail", override(RULES, does=Does.STOPS), ()),
    ("mail as from inside", override(Place.CONNECTORS), (Fault.BYPASS,)),
    ("enhanced filtering", override(Place.CONNECTORS, is_partial=True), ()),
    ("allowed senders of a policy", override(Place.ANTI_SPAM, detail="allowed senders"), (Fault.POLICY_ALLOW,)),
    ("trusted senders", override(Place.ANTI_PHISHING, is_partial=True), (Fault.SPARED,)),
    ("phishing simulations", override(Place.ADVANCED_DELIVERY), (Fault.SPARED,)),
]


@pytest.mark.parametrize(("given", "faults"), [case[1:] for case in OVERRIDES], ids=[case[0] for case in OVERRIDES])
def test_the_faults_of_an_override(given: Override, faults: tuple[Fault, ...]) -> None:
    findings = found(places=(PlaceReading(place=given.place, overrides=(given,)),))
    assert tuple(fault for finding in findings for fault in finding.faults) == faults
    assert all(finding.remedy is Remedy.PORTAL for finding in findings)


def test_each_policy_with_the_safe_list_on_is_a_finding() -> None:
    policies = tuple(FilterPolicy(identity=name, safe_list=name != "Second") for name in ("Default", "Second", "Third"))
    findings = found(policies=policies)
    assert [(finding.value, finding.faults) for finding in findings] == [
        ("Default", (Fault.SAFE_LIST,)),
        ("Third", (Fault.SAFE_LIST,)),
    ]


def test_what_portcullis_has_on_record_is_an_end_and_a_note_where_the_tenant_keeps_none() -> None:
    [finding] = found(entry(FILTER, "203.0.113.7"), known=(on_record(FILTER, "203.0.113.7"),))
    assert finding.faults == (Fault.IP_ALLOW,)
    assert found(entry(SPOOF, "a.example, b.example"), known=(on_record(SPOOF, "a.example, b.example"),)) == ()
    endless = on_record(SPOOF, "a.example, b.example", expires=None, reason="")
    [finding] = found(entry(SPOOF, "a.example, b.example"), known=(endless,))
    assert finding.faults == (Fault.NO_END, Fault.NO_NOTE)


def test_where_the_tenant_keeps_no_dates_the_request_on_record_tells_how_old_it_is() -> None:
    old = replace(on_record(FILTER, "203.0.113.7"), since=LONG_AGO)
    [finding] = found(entry(FILTER, "203.0.113.7"), known=(old,))
    assert finding.faults == (Fault.IP_ALLOW, Fault.UNCHANGED)


def test_what_was_renewed_as_it_is_was_looked_after() -> None:
    given = well_kept(SENDER, "a.example", created=LONG_AGO, last_used=LATELY)
    assert found(given, known=(on_record(SENDER, "a.example"),)) == ()
    long_kept = replace(on_record(SENDER, "a.example"), since=LONG_AGO)
    assert [finding.faults for finding in found(given, known=(long_kept,))] == [(Fault.UNCHANGED,)]


def test_an_entry_in_several_policies_is_one_finding() -> None:
    entries = [entry(FILTER, "203.0.113.7", policy=name) for name in ("Default", "Second")]
    policies = tuple(FilterPolicy(identity=each.policy, allow=("203.0.113.7",)) for each in entries)
    [finding] = found(*entries, policies=policies)
    assert finding.detail == "policy Default"


def test_the_gravest_comes_first_and_then_what_has_most_faults() -> None:
    entries = [
        well_kept(SENDER, "no-note.example", notes=""),
        entry(FILTER, "203.0.113.7"),
        well_kept(SENDER, "endless.example", expires=None),
        entry(FILTER, "203.0.113.0/24"),
    ]
    findings = found(*entries, policies=(FilterPolicy(identity="Default", safe_list=True),))
    assert [finding.value for finding in findings] == [
        "Default",
        "203.0.113.0/24",
        "203.0.113.7",
        "endless.example",
        "no-note.example",
    ]
    assert [finding.gravity for finding in findings] == [
        Gravity.GRAVE,
        Gravity.GRAVE,
        Gravity.GRAVE,
        Gravity.SERIOUS,
        Gravity.MINOR,
    ]


def test_each_fault_has_its_remedy() -> None:
    assert {fault: fault.traits.remedy for fault in Fault} == {
        Fault.SAFE_LIST: Remedy.SWITCH_OFF,
        Fault.IP_ALLOW: Remedy.REMOVE,
        Fault.ANYBODY: Remedy.REMOVE,
        Fault.BYPASS: Remedy.PORTAL,
        Fault.POLICY_ALLOW: Remedy.PORTAL,
        Fault.WIDE: Remedy.REMOVE,
        Fault.SPARED: Remedy.PORTAL,
        Fault.UNUSED: Remedy.REMOVE,
        Fault.NO_END: Remedy.END,
        Fault.UNCHANGED: Remedy.REMOVE,
        Fault.NO_NOTE: Remedy.NOTE,
    }


def test_what_could_not_be_seen_is_said() -> None:
    off = Snapshot(as_of=NOW, unreadable={URL: "HTTP 403"})
    said = unseen(off)
    assert said[0] == "Tenant Allow/Block List, URLs: it could not be read. HTTP 403"
    assert "PORTCULLIS_OVERRIDES" in said[1]
    partly = (
        *(PlaceReading(place=place) for place in Place if place is not RULES),
        PlaceReading(place=RULES, sight=Sight.NO_RIGHT),
    )
    assert unseen(Snapshot(as_of=NOW, places=partly)) == (
        "Mail flow rules: Portcullis has no right to read them, and isn't told when they change.",
    )
    assert unseen(Snapshot(as_of=NOW, places=tuple(PlaceReading(place=place) for place in Place))) == ()


def test_what_was_seen() -> None:
    lists = Snapshot(
        as_of=NOW,
        unreadable={FILTER: "HTTP 403"},
        places=(PlaceReading(place=RULES), PlaceReading(place=Place.CONNECTORS, sight=Sight.UNREADABLE)),
    )
    assert seen_places(lists) == {"sender", "url", "file", "ip", "spoof", "mail_flow_rules"}


def test_a_name_stays_as_long_as_the_entry_and_two_rules_of_one_name_are_two() -> None:
    one, other = (found(entry(FILTER, "203.0.113.7", notes=note))[0] for note in ("", "why"))
    assert one.name == other.name
    rules = (override(RULES, conditions=IPS), override(RULES, conditions=ANY))
    names = {finding.name for finding in found(places=(PlaceReading(place=RULES, overrides=rules),))}
    assert len(names) == 2


def test_a_record_gives_back_what_is_told() -> None:
    [finding] = found(entry(FILTER, KNOWN.value, policy="Default"), known=(KNOWN,))
    seen = Finding(
        place=finding.place, value=finding.value, faults=finding.faults, since={Fault.IP_ALLOW: NOW}, detail="d"
    )
    assert of_record(as_record(seen)) == seen
    with pytest.raises(ValueError, match="no fault"):
        of_record({**as_record(seen), "faults": ["of a later version"]})
