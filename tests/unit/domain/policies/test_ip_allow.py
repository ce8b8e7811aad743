"""IP allows: who must agree, for how long, and what everybody must know first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Field, IpAllow, Refusal, Rules
from bot.domain.policies.ip_allow import BASELINE, BETTER_WAYS
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import NOW, entry, on_record, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF = ListName.CONNECTION_FILTER


@pytest.mark.parametrize("text", ["203.0.113.7", "2001:db8::1"])
@pytest.mark.parametrize(
    ("mode", "may_proceed", "approvals"),
    [(IpAllow.TWO_PERSON, True, 2), (IpAllow.WARN, True, 1), (IpAllow.DENY, False, 2)],
)
def test_modes(text: str, mode: IpAllow, may_proceed: bool, approvals: int) -> None:
    assessment = assessed(propose(ALLOW, text), rules=Rules(ip_allow=mode))
    assert assessment.may_proceed is may_proceed
    assert assessment.approvals_needed == approvals
    assert assessment.needs_acknowledgement


def test_denied_gives_the_baselines_reason_and_nothing_else_to_mend() -> None:
    assessment = assessed(
        propose(ALLOW, "203.0.113.7", reason="", acknowledged=False), rules=Rules(ip_allow=IpAllow.DENY)
    )
    assert assessment.refusals == (
        Refusal(
            code="ip_allow_denied",
            text=f"IP allow entries are switched off here. {BASELINE}",
            remedy="Take one of the better ways, or ask whoever runs Portcullis.",
        ),
    )
    assert assessment.better_ways == BETTER_WAYS


def test_the_tick_is_required() -> None:
    assessment = assessed(propose(ALLOW, "203.0.113.7", acknowledged=False))
    assert assessment.refusals == (
        Refusal(
            code="not_acknowledged",
            text="The warning has not been acknowledged.",
            remedy="Read the warning, and tick the box if you still want the entry.",
            field=Field.ACKNOWLEDGED,
        ),
    )


@pytest.mark.parametrize(("ends_now", "may_proceed"), [(6, True), (4, False)])
def test_where_ip_allows_are_switched_off_many_may_be_made_to_end_sooner_together(
    ends_now: float, may_proceed: bool
) -> None:
    addresses = [f"203.0.113.{last}" for last in range(1, 8)]
    lists = tenant(*(entry(CF, ALLOW, address) for address in addresses))
    known = [on_record(CF, ALLOW, address, days=6) for address in addresses[:-1]]
    known.append(on_record(CF, ALLOW, addresses[-1], days=ends_now))
    proposal = propose(ALLOW, *addresses, operation=Operation.EXTEND, days=5)
    assessment = assessed(proposal, lists, Rules(ip_allow=IpAllow.DENY), known=known)
    assert assessment.may_proceed is may_proceed


def test_the_operators_limit_is_the_latest_end() -> None:
    rules = Rules(ip_allow_max_days=2)
    assert assessed(propose(ALLOW, "203.0.113.7", days=2), rules=rules).may_proceed
    late = assessed(propose(ALLOW, "203.0.113.7", days=3), rules=rules)
    assert refusals(late) == {"end_too_late"}
    assert late.latest_expiry == NOW + timedelta(days=2)


FOR_ONE_IPV4 = [("ip_allow_skips_filtering", True), ("ip_allow_baseline", True)]
FOR_ONE_IPV6 = [("ipv6_allow_overrides_ip_filters", True)]
FOR_ANYBODY = [("ip_allow_shared", False), ("documentation", False)]
WARNED = [
    ("203.0.113.7", [*FOR_ONE_IPV4, *FOR_ANYBODY]),
    ("203.0.113.8/31", [*FOR_ONE_IPV4, ("ip_allow_range", True), *FOR_ANYBODY]),
    ("203.0.113.0/24", [*FOR_ONE_IPV4, ("ip_allow_range", True), ("ip_allow_wide", True), *FOR_ANYBODY]),
    ("2001:db8::1", [*FOR_ONE_IPV6, *FOR_ANYBODY]),
    ("2001:db8::/48", [*FOR_ONE_IPV6, ("ip_allow_range", True), ("ip_allow_wide", True), *FOR_ANYBODY]),
]


@pytest.mark.parametrize(("text", "warned"), WARNED)
def test_what_everybody_must_know_and_how_serious_it_is(text: str, warned: list[tuple[str, bool]]) -> None:
    """Only what is serious stands on a card before anything else, and is told to the alert channel."""
    about_the_end = "end_kept_by_portcullis"
    said = [(known.code, known.serious) for known in assessed(propose(ALLOW, text)).warnings]
    assert [(code, serious) for code, serious in said if code != about_the_end] == warned


def test_what_an_allow_skips_is_said_in_full() -> None:
    said = warning(assessed(propose(ALLOW, "203.0.113.7")), "ip_allow_skips_filtering")
    assert said.serious
    for word in ("spam filtering", "SPF", "DKIM", "DMARC", "From", "Malware", "high-confidence phishing"):
        assert word in said.text


def test_the_baseline_is_named_by_both_its_names() -> None:
    said = warning(assessed(propose(ALLOW, "203.0.113.7")), "ip_allow_baseline")
    assert "SHOULD NOT" in said.text
    assert "MS.SECURITYSUITE.8.1v1" in said.text
    assert "MS.EXO.12.1v1" in said.text


def test_shared_infrastructure_is_always_mentioned() -> None:
    for text in ("203.0.113.7", "2001:db8::1"):
        assert "NAT" in warning(assessed(propose(ALLOW, text)), "ip_allow_shared").text


def test_an_ipv6_allow_does_something_else_and_says_so() -> None:
    assessment = assessed(propose(ALLOW, "2001:db8::1"))
    said = warning(assessment, "ipv6_allow_overrides_ip_filters")
    assert said.serious
    assert "IP filters only" in said.text
    assert warnings(assessment).isdisjoint({"ip_allow_skips_filtering", "ip_allow_baseline"})


def test_better_ways_stand_in_microsofts_order() -> None:
    ways = assessed(propose(ALLOW, "203.0.113.7")).better_ways
    found = [
        next(number for number, way in enumerate(ways) if word in way)
        for word in ("reportsubmission", "mail flow rule", "safe senders")
    ]
    assert found == sorted(found)


WIDTHS = [
    ("203.0.113.7", set()),
    ("203.0.113.7/32", set()),
    ("203.0.113.8/31", {"ip_allow_range"}),
    ("203.0.113.1-203.0.113.9", {"ip_allow_range"}),
    ("203.0.113.0/26", {"ip_allow_range"}),
    ("203.0.113.0/25", {"ip_allow_range", "ip_allow_wide"}),
    ("203.0.113.0/24", {"ip_allow_range", "ip_allow_wide"}),
    ("2001:db8::/64", {"ip_allow_range"}),
    ("2001:db8::/63", {"ip_allow_range", "ip_allow_wide"}),
]


@pytest.mark.parametrize(("text", "codes"), WIDTHS)
def test_widths(text: str, codes: set[str]) -> None:
    assessment = assessed(propose(ALLOW, text))
    assert warnings(assessment) & {"ip_allow_range", "ip_allow_wide"} == codes
    assert assessment.may_proceed


def test_a_range_says_how_many_addresses_and_that_they_are_many() -> None:
    assessment = assessed(propose(ALLOW, "203.0.113.0/24"))
    assert warning(assessment, "ip_allow_range").text == (
        "203.0.113[.]0/24 allows 256 addresses. Microsoft advises against ranges: name the one server that sends."
    )
    assert warning(assessment, "ip_allow_wide").text == (
        "203.0.113[.]0/24 is wide: so many addresses are hardly one sender's, and any of them may change hands."
    )


NEVER_SEEN = [
    ("10.1.2.3", "private"),
    ("192.168.0.0/24", "private"),
    ("127.0.0.1", "loopback"),
    ("224.0.0.5", "multicast"),
    ("169.254.1.1", "link_local"),
    ("100.64.0.1", "shared"),
    ("fd00::1", "private"),
    ("::1", "loopback"),
    ("ff02::1", "multicast"),
    ("fe80::1", "link_local"),
]


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize(("text", "code"), NEVER_SEEN)
def test_addresses_that_never_reach_the_service_are_refused(action: Action, text: str, code: str) -> None:
    assert refusals(assessed(propose(action, text))) == {code}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("text", ["203.0.113.7", "198.51.100.0/24", "192.0.2.1", "2001:db8::1"])
def test_documentation_ranges_are_only_mentioned(action: Action, text: str) -> None:
    assessment = assessed(propose(action, text))
    assert assessment.may_proceed
    assert not warning(assessment, "documentation").serious


def test_host_bits() -> None:
    said = warning(assessed(propose(ALLOW, "203.0.113.77/25")), "host_bits").text
    assert "203.0.113[.]0 to 203.0.113[.]127" in said
    assert "host_bits" not in warnings(assessed(propose(ALLOW, "203.0.113.0/25")))


def test_the_allow_that_overrules_a_block_is_serious() -> None:
    assessment = assessed(propose(ALLOW, "203.0.113.7"), tenant(entry(CF, BLOCK, "203.0.113.0/24")))
    assert assessment.may_proceed
    said = warning(assessment, "contradicted")
    assert said.serious
    assert "allow wins: this entry would overrule the block" in said.text
