"""The explanation, word for word: people read it, and nothing else tells them why."""

from __future__ import annotations

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.verdict.explanation import IP_ALLOW_SKIPS
from tests.unit.domain.tenant_lists import entry, on_record
from tests.unit.domain.verdict.verdicts import verdict_on

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER, SPOOF, URL = ListName.CONNECTION_FILTER, ListName.SENDER, ListName.SPOOF, ListName.URL
NETWORK = Kind.IPV4_NETWORK

EXPLANATIONS: list[tuple[Kind, str, list[Entry], str]] = [
    (Kind.IPV4, "203.0.113.7", [], "No entry of the connection filter covers 203.0.113[.]7."),
    (
        Kind.DOMAIN,
        "contoso.com",
        [],
        "No entry of the Tenant Allow/Block List for domains and addresses covers contoso[.]com.",
    ),
    (
        Kind.IPV4,
        "203.0.113.7",
        [entry(CF, ALLOW, "203.0.113.7", policy="")],
        (
            "203.0.113[.]7 is allowed: it is in the IP Allow List. "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC."
        ),
    ),
    (
        Kind.IPV4,
        "203.0.113.7",
        [entry(CF, ALLOW, "203.0.113.7", policy="Second"), entry(CF, ALLOW, "203.0.113.7")],
        (
            "203.0.113[.]7 is allowed: it is in the IP Allow List (policy Default, Second). "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC."
        ),
    ),
    (
        Kind.IPV4,
        "203.0.113.7",
        [entry(CF, BLOCK, "203.0.113.0/24")],
        "203.0.113[.]7 is blocked: it is covered by 203.0.113[.]0/24 in the IP Block List (policy Default).",
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, "203.0.113.0/25"), entry(CF, BLOCK, "203.0.113.128/25")],
        "203.0.113[.]0/24 is blocked: entries of the IP Block List (policy Default) cover it together.",
    ),
    # An IPv6 allow skips none of it: it overrides the IP filters only.
    (
        Kind.IPV6,
        "2001:db8::7",
        [entry(ListName.IP, ALLOW, "2001:db8::7")],
        "2001:db8::7 is allowed: it is in the Tenant Allow/Block List's allowed IPv6 addresses.",
    ),
    # What an entry of just this could be taken to cover, and doesn't.
    (
        Kind.DOMAIN,
        "evil.example",
        [entry(SENDER, BLOCK, "evil.example")],
        (
            "evil[.]example is blocked: it is in the Tenant Allow/Block List's blocked domains and addresses. "
            "Mail from its subdomains isn't covered."
        ),
    ),
    (
        Kind.DOMAIN,
        "evil.example",
        [entry(SENDER, BLOCK, "evil.example"), entry(SENDER, BLOCK, "*.evil.example")],
        "evil[.]example is blocked: it is in the Tenant Allow/Block List's blocked domains and addresses.",
    ),
    (
        Kind.ADDRESS,
        "someone@evil.example",
        [entry(SENDER, BLOCK, "someone@evil.example")],
        (
            "someone@evil[.]example is blocked: it is in the Tenant Allow/Block List's blocked domains and addresses. "
            "Other addresses of evil[.]example aren't covered."
        ),
    ),
    # What could be taken for the reason, and isn't.
    (
        Kind.DOMAIN,
        "sub.evil.example",
        [entry(SENDER, BLOCK, "evil.example")],
        (
            "No entry of the Tenant Allow/Block List for domains and addresses covers sub[.]evil[.]example. A domain's "
            "entry doesn't cover its subdomains, so this one does not count: evil[.]example (Tenant Allow/Block List's "
            "blocked domains and addresses)."
        ),
    ),
    (
        Kind.ADDRESS,
        "someone@sub.evil.example",
        [entry(SENDER, BLOCK, "evil.example"), entry(SENDER, BLOCK, "sub.evil.example")],
        (
            "someone@sub[.]evil[.]example is blocked: it is covered by sub[.]evil[.]example in the Tenant Allow/Block "
            "List's blocked domains and addresses."
        ),
    ),
    (
        Kind.DOMAIN,
        "evil.example",
        [entry(SENDER, BLOCK, "*.evil.example")],
        (
            "No entry of the Tenant Allow/Block List for domains and addresses covers evil[.]example. An entry with *. "
            "in front is for the subdomains: *[.]evil[.]example (Tenant Allow/Block List's blocked domains and "
            "addresses). Microsoft doesn't say clearly whether it also covers the domain itself."
        ),
    ),
    (
        Kind.DOMAIN,
        "sub.evil.example",
        [entry(SENDER, BLOCK, "evil.example", days=-1)],
        "No entry of the Tenant Allow/Block List for domains and addresses covers sub[.]evil[.]example.",
    ),
    (
        Kind.DOMAIN,
        "evil.top",
        [entry(SENDER, BLOCK, "*.top")],
        (
            "evil[.]top is blocked: it is covered by *[.]top in the Tenant Allow/Block List's blocked domains and "
            "addresses."
        ),
    ),
    (
        Kind.ADDRESS,
        "someone@mail.evil.top",
        [entry(SENDER, BLOCK, "*.top")],
        (
            "someone@mail[.]evil[.]top is blocked: it is covered by *[.]top in the Tenant Allow/Block List's blocked "
            "domains and addresses."
        ),
    ),
    # The entries that say otherwise, and the rule by which they lose.
    (
        Kind.IPV4,
        "203.0.113.7",
        [entry(CF, ALLOW, "203.0.113.0/24"), entry(CF, BLOCK, "203.0.113.7")],
        (
            "203.0.113[.]7 is allowed: it is covered by 203.0.113[.]0/24 in the IP Allow List (policy Default). "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC. "
            "203.0.113[.]7 (IP Block List) says otherwise, but in the connection filter the allow list wins over the "
            "block list."
        ),
    ),
    (
        Kind.DOMAIN,
        "contoso.com",
        [entry(SENDER, BLOCK, "contoso.com"), entry(SENDER, ALLOW, "contoso.com")],
        (
            "contoso[.]com is blocked: it is in the Tenant Allow/Block List's blocked domains and addresses. "
            "contoso[.]com (Tenant Allow/Block List's allowed domains and addresses) says otherwise, but in the Tenant "
            "Allow/Block List a block wins over an allow. Mail from its subdomains isn't covered."
        ),
    ),
    # What holds for a part only.
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, "203.0.113.64/26")],
        (
            "No entry of the connection filter covers 203.0.113[.]0/24 as a whole. "
            "Only a part of it is blocked: 203.0.113[.]64/26 (IP Block List)."
        ),
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, "203.0.113.64/26"), entry(CF, ALLOW, "203.0.113.7")],
        (
            "No entry of the connection filter covers 203.0.113[.]0/24 as a whole. "
            "Only a part of it is allowed: 203.0.113[.]7 (IP Allow List). "
            "Only a part of it is blocked: 203.0.113[.]64/26 (IP Block List)."
        ),
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, "203.0.113.0/24"), entry(CF, ALLOW, "203.0.113.7")],
        (
            "203.0.113[.]0/24 is blocked: it is in the IP Block List (policy Default). "
            "A part of it is allowed all the same, because allow wins: 203.0.113[.]7 (IP Allow List)."
        ),
    ),
    (
        Kind.DOMAIN,
        "*.contoso.com",
        [entry(SENDER, ALLOW, "*.contoso.com"), entry(SENDER, BLOCK, "www.contoso.com")],
        (
            "*[.]contoso[.]com is allowed: it is in the Tenant Allow/Block List's allowed domains and addresses. "
            "A part of it is blocked all the same, because block wins: www[.]contoso[.]com (Tenant Allow/Block List's "
            "blocked domains and addresses)."
        ),
    ),
    # A part says nothing more where the whole has the same action, or the stronger one.
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, "203.0.113.0/24"), entry(CF, BLOCK, "203.0.113.7")],
        "203.0.113[.]0/24 is blocked: it is in the IP Block List (policy Default).",
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, ALLOW, "203.0.113.0/24"), entry(CF, ALLOW, "203.0.113.7")],
        (
            "203.0.113[.]0/24 is allowed: it is in the IP Allow List (policy Default). "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC."
        ),
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, ALLOW, "203.0.113.0/24"), entry(CF, BLOCK, "203.0.113.7")],
        (
            "203.0.113[.]0/24 is allowed: it is in the IP Allow List (policy Default). "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC."
        ),
    ),
    # What has ended, and what stands in another list.
    (
        Kind.DOMAIN,
        "contoso.com",
        [entry(SENDER, BLOCK, "contoso.com", days=0), entry(URL, BLOCK, "contoso.com")],
        (
            "No entry of the Tenant Allow/Block List for domains and addresses covers contoso[.]com. "
            "Not counted, because its end date has passed: contoso[.]com (Tenant Allow/Block List's blocked domains "
            "and addresses). "
            "Related, in another list: contoso[.]com (Tenant Allow/Block List's blocked URLs)."
        ),
    ),
    (
        Kind.ADDRESS,
        "a@contoso.com",
        [entry(SPOOF, BLOCK, "a@contoso.com, fabrikam.com")],
        (
            "No entry of the Tenant Allow/Block List for domains and addresses covers a@contoso[.]com. "
            "Related, in another list: a@contoso[.]com, fabrikam[.]com (Tenant Allow/Block List's blocked spoofed "
            "senders)."
        ),
    ),
    # Three are named, of more the rest is counted.
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, f"203.0.113.{last}") for last in (1, 2, 3)],
        (
            "No entry of the connection filter covers 203.0.113[.]0/24 as a whole. Only a part of it is blocked: "
            "203.0.113[.]1 (IP Block List), 203.0.113[.]2 (IP Block List), 203.0.113[.]3 (IP Block List)."
        ),
    ),
    (
        NETWORK,
        "203.0.113.0/24",
        [entry(CF, BLOCK, f"203.0.113.{last}") for last in (1, 2, 3, 4, 5)],
        (
            "No entry of the connection filter covers 203.0.113[.]0/24 as a whole. Only a part of it is blocked: "
            "203.0.113[.]1 (IP Block List), 203.0.113[.]2 (IP Block List), 203.0.113[.]3 (IP Block List) and 2 more."
        ),
    ),
]


@pytest.mark.parametrize(("kind", "value", "entries", "explanation"), EXPLANATIONS)
def test_explanation(kind: Kind, value: str, entries: list[Entry], explanation: str) -> None:
    assert verdict_on(kind, value, *entries).because == explanation


UNREAD = [
    ([], "The connection filter could not be read, so nothing can be said about 203.0.113[.]7."),
    (
        [entry(CF, ALLOW, "203.0.113.7")],
        (
            "203.0.113[.]7 is allowed: it is in the IP Allow List (policy Default). "
            "Mail from there skips spam filtering, SPF, DKIM and DMARC. "
            "The connection filter could not be read in full."
        ),
    ),
]


@pytest.mark.parametrize(("entries", "explanation"), UNREAD)
def test_a_list_that_could_not_be_read_is_said_to_be_so(entries: list[Entry], explanation: str) -> None:
    assert verdict_on(Kind.IPV4, "203.0.113.7", *entries, unreadable={CF: "HTTP 503"}).because == explanation


def test_an_unread_related_list_is_not_what_the_explanation_is_about() -> None:
    because = verdict_on(Kind.DOMAIN, "contoso.com", unreadable={URL: "HTTP 403"}).because
    assert because == "No entry of the Tenant Allow/Block List for domains and addresses covers contoso[.]com."


@pytest.mark.parametrize(("days", "overdue"), [(None, False), (1 / 24, False), (0, True), (-1 / 24, True)])
def test_an_entry_that_portcullis_should_have_removed_is_named(days: float | None, overdue: bool) -> None:
    known = [on_record(CF, ALLOW, "203.0.113.7", days=days)]
    because = verdict_on(Kind.IPV4, "203.0.113.7", entry(CF, ALLOW, "203.0.113.7"), known=known).because
    told = "It was to end before now, but the tenant still has it: 203.0.113[.]7 (IP Allow List)."
    first = f"203.0.113[.]7 is allowed: it is in the IP Allow List (policy Default). {IP_ALLOW_SKIPS}"
    assert because == (f"{first} {told}" if overdue else first)
