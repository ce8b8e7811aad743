"""Another end for an entry: it has to be there, and its new end keeps to the rules of its list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Field, IpAllow, Rules
from bot.domain.requests.known_entry import KnownEntry
from tests.unit.domain.policies.proposals import GOOD_REASON, assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import NOW, entry, on_record, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER, URL, FILE, IP, SPOOF = (
    ListName.CONNECTION_FILTER,
    ListName.SENDER,
    ListName.URL,
    ListName.FILE,
    ListName.IP,
    ListName.SPOOF,
)
VALUES = {CF: "203.0.113.7", SENDER: "evil.example", URL: "evil.example/a", FILE: "ab" * 32, IP: "2001:db8::1"}
VALUES[SPOOF] = "evil.example, *"
ENDS_OF_CHANGE = {"lasts_longer", "ends_sooner", "made_endless", "gets_an_end", "end_by_use_replaced"}


def extended(
    action: Action,
    text: str,
    lists: Snapshot,
    *,
    days: float | None,
    reason: str = GOOD_REASON,
    acknowledged: bool = True,
    rules: Rules | None = None,
    known: list[KnownEntry] | None = None,
) -> Assessment:
    proposal = propose(action, text, operation=Operation.EXTEND, days=days, reason=reason, acknowledged=acknowledged)
    return assessed(proposal, lists, rules, known=known)


NEW_ENDS = [
    # list, action, the end now and the end wanted in days (None: never), what is refused, what is said of the change
    (SENDER, BLOCK, 5, 60, None, "lasts_longer"),
    (SENDER, BLOCK, 60, 5, None, "ends_sooner"),
    (SENDER, BLOCK, 5, None, None, "made_endless"),
    (SENDER, BLOCK, None, 5, None, "gets_an_end"),
    (SENDER, BLOCK, 5, 5, "same_end", None),
    (SENDER, BLOCK, 5, 5 + 30 / 86400, "same_end", None),
    (SENDER, BLOCK, None, None, "same_end", None),
    (SENDER, BLOCK, 5, 300, None, "lasts_longer"),
    (SENDER, BLOCK, 5, 0, "end_passed", "ends_sooner"),
    (URL, BLOCK, 5, 60, None, "lasts_longer"),
    (FILE, BLOCK, 5, 60, None, "lasts_longer"),
    (IP, BLOCK, 5, None, None, "made_endless"),
    (URL, ALLOW, 5, 30, None, "lasts_longer"),
    (URL, ALLOW, 5, 31, "end_too_late", "lasts_longer"),
    (URL, ALLOW, 5, None, "end_required", "made_endless"),
    (FILE, ALLOW, 25, 5, None, "ends_sooner"),
    (IP, ALLOW, 2, 7, None, "lasts_longer"),
    (IP, ALLOW, 2, 8, "end_too_late", "lasts_longer"),
    (IP, ALLOW, 2, None, "end_required", "made_endless"),
]


@pytest.mark.parametrize(("name", "action", "now", "then", "refused", "said"), NEW_ENDS)
def test_new_ends(
    name: ListName, action: Action, now: float | None, then: float | None, refused: str | None, said: str | None
) -> None:
    lists = tenant(entry(name, action, VALUES[name], days=now))
    assessment = extended(action, VALUES[name], lists, days=then)
    assert refusals(assessment) == ({refused} if refused else set())
    assert warnings(assessment) & ENDS_OF_CHANGE == ({said} if said else set())


def test_an_entry_can_be_kept_with_the_end_that_it_has() -> None:
    lists = tenant(entry(SENDER, BLOCK, VALUES[SENDER], days=5))
    proposal = propose(BLOCK, VALUES[SENDER], operation=Operation.EXTEND, days=5, reason=GOOD_REASON)
    kept = assessed(replace(proposal, keeps_end=True), lists)
    assert not kept.refusals
    assert "nothing is sent to the tenant" in warning(kept, "end_stays").text
    assert warnings(kept) & ENDS_OF_CHANGE == set()
    # What holds for any end holds for this one: a reason, and no longer than the list lets.
    too_long = propose(ALLOW, VALUES[IP], operation=Operation.EXTEND, days=30, reason=GOOD_REASON, acknowledged=True)
    lists = tenant(entry(IP, ALLOW, VALUES[IP], days=30))
    assert refusals(assessed(replace(too_long, keeps_end=True), lists)) == {"end_too_late"}


@pytest.mark.parametrize("refused", [("same_end", 5), ("end_too_late", 31)])
def test_a_refused_end_stands_at_the_field_of_the_end(refused: tuple[str, float]) -> None:
    code, days = refused
    assessment = extended(ALLOW, "evil.example/a", tenant(entry(URL, ALLOW, "evil.example/a", days=5)), days=days)
    assert [(refusal.code, refusal.field) for refusal in assessment.refusals] == [(code, Field.EXPIRES)]


def test_the_same_end_is_refused_by_the_name_of_the_entry() -> None:
    lists = tenant(entry(SENDER, BLOCK, "evil.example", days=5), entry(SENDER, BLOCK, "bad.example", days=6))
    proposal = propose(BLOCK, "evil.example", "bad.example", operation=Operation.EXTEND, days=5)
    (refusal,) = assessed(proposal, lists).refusals
    assert (refusal.code, refusal.indicator) == ("same_end", "evil.example")


def test_an_entry_that_ends_by_its_use_gets_a_date() -> None:
    lists = tenant(entry(URL, ALLOW, "evil.example/a", by_use=True))
    said = warning(extended(ALLOW, "evil.example/a", lists, days=30), "end_by_use_replaced").text
    assert "45 days after its last use" in said


OUR_ENDS = [
    # where the tenant keeps no end, what Portcullis has on record counts
    (CF, BLOCK, None, 5, 60, None, "lasts_longer"),
    (CF, BLOCK, None, 60, 5, None, "ends_sooner"),
    (CF, BLOCK, None, 5, 5, "same_end", None),
    (CF, BLOCK, None, 5, None, None, "made_endless"),
    (SPOOF, BLOCK, None, 5, 500, None, "lasts_longer"),
    (CF, ALLOW, None, 3, 7, None, "lasts_longer"),
    # so it does beyond what the service keeps
    (SENDER, BLOCK, None, 300, 200, None, "ends_sooner"),
    (SENDER, BLOCK, None, 300, 300, "same_end", None),
    # but not where somebody has set an end since
    (SENDER, BLOCK, 40, 300, 200, None, "lasts_longer"),
]


@pytest.mark.parametrize(("name", "action", "in_tenant", "kept", "then", "refused", "said"), OUR_ENDS)
def test_ends_that_portcullis_keeps(
    name: ListName,
    action: Action,
    in_tenant: float | None,
    kept: float,
    then: float | None,
    refused: str | None,
    said: str | None,
) -> None:
    lists = tenant(entry(name, action, VALUES[name], days=in_tenant))
    known = [on_record(name, action, VALUES[name], days=kept)]
    assessment = extended(action, VALUES[name], lists, days=then, known=known)
    assert refusals(assessment) == ({refused} if refused else set())
    assert warnings(assessment) & ENDS_OF_CHANGE == ({said} if said else set())


def test_nothing_is_said_of_an_end_that_nobody_has_looked_up() -> None:
    lists = tenant(entry(CF, BLOCK, "203.0.113.7"))
    unknown = extended(BLOCK, "203.0.113.7", lists, days=None)
    assert unknown.may_proceed
    assert warnings(unknown).isdisjoint(ENDS_OF_CHANGE | {"made_by_hand"})


BY_HAND = [
    (CF, BLOCK, "", [], True),
    (CF, BLOCK, "", [on_record(CF, BLOCK, "203.0.113.7")], False),
    (CF, BLOCK, "", [on_record(CF, ALLOW, "203.0.113.7")], True),
    (CF, BLOCK, "", None, False),
    (SENDER, BLOCK, "", None, True),
    (SENDER, BLOCK, "Blocked in May", [], True),
    (SENDER, BLOCK, "Portcullis request 12", [], False),
    (SENDER, BLOCK, "Phishing wave (Portcullis request 12)", None, False),
    (SENDER, BLOCK, "", [on_record(SENDER, BLOCK, "evil.example")], False),
]


@pytest.mark.parametrize(("name", "action", "notes", "known", "told"), BY_HAND)
def test_an_entry_made_by_hand_is_taken_into_keeping(
    name: ListName, action: Action, notes: str, known: list[KnownEntry] | None, told: bool
) -> None:
    lists = tenant(entry(name, action, VALUES[name], notes=notes, modified_by="admin@fabrikam.com"))
    assessment = extended(action, VALUES[name], lists, days=60, known=known)
    assert assessment.may_proceed
    assert ("made_by_hand" in warnings(assessment)) is told
    if told:
        assert "admin@fabrikam.com" in warning(assessment, "made_by_hand").text


NOT_THERE = [
    ([], "not_listed", "/check"),
    ([entry(SENDER, ALLOW, "evil.example", days=5)], "not_listed", "the word allow"),
    ([entry(SENDER, BLOCK, "*.example", days=5)], "not_listed", "*[.]example"),
    ([entry(SENDER, BLOCK, "evil.example", days=-1)], "ended", "/block"),
]


@pytest.mark.parametrize(("entries", "code", "hint"), NOT_THERE)
def test_what_is_not_there_any_more_is_refused_with_a_hint(entries: list, code: str, hint: str) -> None:
    (refusal,) = extended(BLOCK, "evil.example", tenant(*entries), days=60).refusals
    assert (refusal.code, refusal.indicator) == (code, "evil.example")
    assert hint in refusal.remedy


def test_without_the_list_nothing_is_refused() -> None:
    proposal = propose(BLOCK, "evil.example", operation=Operation.EXTEND)
    unknown = assess(proposal, None, Rules(), now=NOW)
    assert unknown.may_proceed
    assert "lists_unread" in warnings(unknown)
    assert assessed(proposal, tenant(unreadable={SENDER: "HTTP 503"})).may_proceed


def test_an_extension_needs_a_reason() -> None:
    lists = tenant(entry(SENDER, BLOCK, "evil.example", days=5))
    assert refusals(extended(BLOCK, "evil.example", lists, days=60, reason="")) == {"reason_missing"}


def test_who_keeps_the_new_end_is_said() -> None:
    block = tenant(entry(SENDER, BLOCK, "evil.example", days=5))
    assert "end_beyond_service" in warnings(extended(BLOCK, "evil.example", block, days=91))
    assert "end_beyond_service" not in warnings(extended(BLOCK, "evil.example", block, days=89))
    connection_filter = tenant(entry(CF, BLOCK, "203.0.113.7"))
    assert "end_kept_by_portcullis" in warnings(extended(BLOCK, "203.0.113.7", connection_filter, days=91))


@pytest.mark.parametrize("name", [CF, IP])
def test_an_ip_allow_goes_on_only_as_it_began(name: ListName) -> None:
    lists = tenant(entry(name, ALLOW, VALUES[name], days=1 if name is IP else None))
    assessment = extended(ALLOW, VALUES[name], lists, days=7)
    assert assessment.may_proceed
    assert assessment.approvals_needed == 2
    assert assessment.needs_acknowledgement
    assert any(warning.serious for warning in assessment.warnings)
    assert assessment.better_ways
    assert assessment.latest_expiry is not None
    assert refusals(extended(ALLOW, VALUES[name], lists, days=7, acknowledged=False)) == {"not_acknowledged"}
    assert extended(ALLOW, VALUES[name], lists, days=7, rules=Rules(ip_allow=IpAllow.WARN)).approvals_needed == 1


SWITCHED_OFF = [
    # the end now, the end wanted, refused
    (5, 6, True),
    (5, 4, False),
    (None, 4, False),
]


@pytest.mark.parametrize(("now", "then", "refused"), SWITCHED_OFF)
def test_where_ip_allows_are_switched_off_one_may_still_end_sooner(
    now: float | None, then: float, refused: bool
) -> None:
    rules = Rules(ip_allow=IpAllow.DENY)
    lists = tenant(entry(CF, ALLOW, "203.0.113.7"))
    known = [on_record(CF, ALLOW, "203.0.113.7", days=now)] if now else []
    assessment = extended(ALLOW, "203.0.113.7", lists, days=then, rules=rules, known=known)
    assert refusals(assessment) == ({"ip_allow_denied"} if refused else set())
    unknown = extended(ALLOW, "203.0.113.7", lists, days=then, rules=rules)
    assert refusals(unknown) == {"ip_allow_denied"}


def test_a_longer_allow_is_not_what_microsoft_learns_from() -> None:
    lists = tenant(entry(SENDER, ALLOW, "evil.example", days=5))
    assert any("new submission" in way for way in extended(ALLOW, "evil.example", lists, days=30).better_ways)
