"""Blocks: what they stop beside what was meant, and what must not be blocked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Rules
from tests.unit.domain.policies.proposals import OWN, assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import entry, tenant

BLOCK = Action.BLOCK

NAMES = [
    # senders; the tenant's own domain is fabrikam.com
    ("evil.example", None, None),
    ("*.evil.example", None, None),
    ("fabrikam.com", "own_domain", None),
    ("mail.fabrikam.com", "own_domain", None),
    ("*.fabrikam.com", "own_domain", None),
    ("someone@fabrikam.com", "own_domain", None),
    ("someone@mail.fabrikam.com", "own_domain", None),
    ("notfabrikam.com", None, None),
    ("gmail.com", "public_provider", None),
    ("*.gmail.com", "public_provider", None),
    ("outlook.com", "public_provider", None),
    ("someone@gmail.com", None, None),
    ("mail.gmail.com.evil.example", None, None),
    ("co.uk", "public_suffix", None),
    ("*.co.uk", "public_suffix", None),
    ("*.de", "public_suffix", None),
    ("*.top", None, "whole_suffix"),
    ("*.ru", None, "whole_suffix"),
    ("nam02.safelinks.protection.outlook.com", "wrapper_host", None),
    ("*.safelinks.protection.outlook.com", "wrapper_host", None),
    ("bounce@urldefense.com", None, None),
    ("sharepoint.com", None, "shared_host"),
    ("mine.sharepoint.com", None, None),
    # URLs
    ("https://evil.example", None, "url_block_reach"),
    ("https://evil.example/a", None, None),
    ("https://fabrikam.com", "own_domain", None),
    ("https://shop.fabrikam.com", "own_domain", None),
    ("https://fabrikam.com/hacked/page", None, "own_site"),
    ("https://gmail.com", "public_provider", None),
    ("https://gmail.com/a/b", None, None),
    ("https://docs.google.com", None, "shared_host"),
    ("https://docs.google.com/forms/d/e/1", None, None),
    ("~sharepoint.com~", None, "shared_host"),
    ("*.top/*", None, "whole_suffix"),
    ("https://nam02.safelinks.protection.outlook.com/", "wrapper_host", None),
    ("https://nam02.safelinks.protection.outlook.com/*", "wrapper_host", None),
    ("~urldefense.com", "wrapper_host", None),
    ("https://mimecast.com", "wrapper_host", None),
    ("https://mimecast.com/a", None, None),
    ("https://www.google.com/*", None, "shared_host"),
    ("https://teams.microsoft.com/*", None, "shared_host"),
    ("https://www.google.com/url", None, "redirecting_host"),
    ("https://www.google.com/url/*", None, "redirecting_host"),
    ("https://www.google.de/amp/*", None, "redirecting_host"),
    ("https://statics.teams.cdn.office.net/*", None, "redirecting_host"),
    ("https://statics.teams.cdn.office.net/evergreen-assets/*", None, "redirecting_host"),
    ("https://www.linkedin.com/redir/redirect", None, "redirecting_host"),
    ("*.cdn.office.net/*", None, "redirecting_host"),
    ("https://slack-redir.net", None, "redirecting_host"),
    ("https://slack-redir.net/*", None, "redirecting_host"),
    ("https://l.facebook.com/*", None, "redirecting_host"),
    ("https://l.facebook.com/l.php", None, "redirecting_host"),
    ("https://out.reddit.com/*", None, "redirecting_host"),
    ("https://www.google.com/maps/*", None, None),
    ("https://www.google.com/amp/s/evil.example/*", None, None),
    ("https://www.google.com/url?q=evil", None, None),
    ("https://facebook.com/some.page", None, None),
    ("https://evil.example/#/login", None, "fragment_widened"),
    ("https://evil.example/a#login", None, None),
]
NAME_CODES = {"own_site", "shared_host", "whole_suffix", "fragment_widened", "redirecting_host"}


@pytest.mark.parametrize(("text", "refused", "warned"), NAMES)
def test_names(text: str, refused: str | None, warned: str | None) -> None:
    assessment = assessed(propose(BLOCK, text))
    assert refusals(assessment) == ({refused} if refused else set())
    if warned:
        assert warned in warnings(assessment)
        assert warning(assessment, warned).serious is (warned in NAME_CODES)
    assert (warnings(assessment) & NAME_CODES) <= {warned}


SUFFIXES = [
    ("*.top", set(), True),
    ("*.xn--p1ai", set(), True),
    ("*.com", {"public_suffix"}, False),
    ("*.org", {"public_suffix"}, False),
    ("*.ch", {"public_suffix"}, False),
]


@pytest.mark.parametrize(("value", "refused", "warned"), SUFFIXES)
def test_a_whole_top_level_domain(value: str, refused: set[str], warned: bool) -> None:
    assessment = assessed(propose(BLOCK, value, kind=Kind.DOMAIN), rules=Rules())
    assert refusals(assessment) == refused
    assert ("whole_suffix" in warnings(assessment)) is warned


def test_the_top_level_domain_of_the_tenants_own_is_refused_whichever_it_is() -> None:
    rules = Rules(accepted_domains=frozenset({"contoso.top"}))
    assert refusals(assessed(propose(BLOCK, "*.top"), rules=rules)) == {"own_domain"}


@pytest.mark.parametrize("text", ["*.com", "nam02.safelinks.protection.outlook.com", "https://urldefense.com/*"])
def test_what_is_no_longer_blocked_so_can_still_be_unblocked(text: str) -> None:
    removal = propose(BLOCK, text, operation=Operation.REMOVE)
    held = tenant(entry(removal.list, BLOCK, removal.indicators[0].value))
    assert assessed(removal, held).may_proceed


def test_what_holds_the_own_domain_is_refused_like_it() -> None:
    rules = Rules(accepted_domains=frozenset({"eu.contoso.example"}))
    for value in ("*.contoso.example", "contoso.example", "*.example"):
        assert refusals(assessed(propose(BLOCK, value, kind=Kind.DOMAIN), rules=rules)) == {"own_domain"}
    assert assessed(propose(BLOCK, "us.contoso.example"), rules=rules).may_proceed


def test_accepted_domains_come_from_the_tenant_and_from_the_readers_note_too() -> None:
    by_tenant = assessed(
        propose(BLOCK, "Contoso.com"), tenant(accepted_domains=frozenset({"CONTOSO.com"})), rules=Rules()
    )
    assert refusals(by_tenant) == {"own_domain"}
    noted = propose(BLOCK, "evil.example")
    own = read("contoso.com", accepted_domains=frozenset({"contoso.com"}))
    by_note = assessed(replace(noted, indicators=(own,)), rules=Rules())
    assert refusals(by_note) == {"own_domain"}


def test_a_sender_block_says_that_it_stops_outbound_mail() -> None:
    for text in ("evil.example", "someone@evil.example"):
        said = warning(assessed(propose(BLOCK, text)), "stops_outbound").text
        assert (
            "550 5.7.703 Your message can't be delivered because messages to XXX, YYY are blocked by your organization "
            "using Tenant Allow Block List."
        ) in said
    assert "stops_outbound" not in warnings(assessed(propose(BLOCK, "https://evil.example")))


def test_look_alike_letters_are_mentioned() -> None:
    assert "punycode" in warnings(assessed(propose(BLOCK, "bücher.example")))
    mixed = assessed(propose(BLOCK, "раypal.example"))
    assert "mixed_scripts" in warnings(mixed)
    assert "punycode" not in warnings(assessed(propose(BLOCK, "evil.example")))


WIDTHS = [
    ("203.0.113.7", None, set()),
    ("203.0.113.0/28", "several_addresses", set()),
    ("203.0.113.0/24", "wide_network", set()),
    ("2001:db8::1", None, set()),
    ("2001:db8::/64", "several_addresses", set()),
    ("2001:db8::/63", "wide_network", set()),
    ("2001:db8::/32", "wide_network", set()),
    ("2001:d00::/31", "wide_network", {"too_wide"}),
    ("2a00::/12", "wide_network", {"too_wide"}),
]


@pytest.mark.parametrize(("text", "warned", "refused"), WIDTHS)
def test_widths(text: str, warned: str | None, refused: set[str]) -> None:
    assessment = assessed(propose(BLOCK, text))
    assert refusals(assessment) == refused
    assert warnings(assessment) & {"several_addresses", "wide_network"} == ({warned} if warned else set())


def test_a_network_says_how_many_addresses() -> None:
    assert "256 addresses" in warning(assessed(propose(BLOCK, "203.0.113.0/24")), "wide_network").text
    assert "2^64 addresses" in warning(assessed(propose(BLOCK, "2001:db8::/64")), "several_addresses").text


def test_a_bare_url_block_says_how_far_it_reaches() -> None:
    said = warning(assessed(propose(BLOCK, "https://evil.example")), "url_block_reach")
    assert not said.serious
    assert "subdomains" in said.text
    for text in ("https://evil.example/a", "~evil.example", "https://203.0.113.7"):
        assert "url_block_reach" not in warnings(assessed(propose(BLOCK, text)))


def test_a_file_block_quarantines_as_malware() -> None:
    assert "quarantined as malware" in warning(assessed(propose(BLOCK, "ab" * 32)), "file_block").text


def test_an_ip_block_is_refused_at_the_edge() -> None:
    for text in ("203.0.113.7", "2001:db8::1"):
        assert "message trace" in warning(assessed(propose(BLOCK, text)), "refused_at_edge").text


PAIRS = [
    ("evil.example, 203.0.113.0/24", set()),
    ("*, evil.example", {"spoof_block_any_sender"}),
    ("fabrikam.com, *", {"spoof_block_own_domain"}),
    ("ceo@fabrikam.com, *", {"spoof_block_own_domain"}),
    ("fabrikam.com, evil.example", set()),
    ("evil.example, *", set()),
]


@pytest.mark.parametrize(("text", "codes"), PAIRS)
def test_spoof_pairs(text: str, codes: set[str]) -> None:
    assessment = assessed(propose(BLOCK, text), rules=Rules(accepted_domains=OWN))
    assert assessment.may_proceed, "a pair of one's own domain is how spoofing of it is stopped"
    assert "spoof_block" in warnings(assessment)
    assert {code for code in warnings(assessment) if code.startswith("spoof_block_")} == codes


def test_an_indicator_that_could_not_be_read_as_a_name_is_left_to_the_service() -> None:
    odd = propose(BLOCK, "evil.example")
    assessment = assessed(replace(odd, indicators=(Indicator(kind=Kind.DOMAIN, value="a b"),)))
    assert assessment.may_proceed


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_hash_of_an_empty_file_is_refused_in_its_own_words() -> None:
    (refusal,) = assessed(propose(BLOCK, EMPTY)).refusals
    assert (refusal.code, refusal.indicator) == ("empty_file", EMPTY)
    assert "SHA-256 of an empty file" in refusal.text


def test_where_it_is_listed_it_can_be_taken_out() -> None:
    listed = tenant(entry(ListName.FILE, BLOCK, EMPTY))
    assert assessed(propose(BLOCK, EMPTY, operation=Operation.REMOVE), listed).may_proceed
