"""What the cmdlets of the places return, in all their spellings, read into overrides."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.overrides.override import Does, Override
from bot.domain.overrides.words import NO_OTHER_POLICY
from bot.tenant.exchange.override_policies import (
    Found,
    read_anti_phishing,
    read_anti_spam,
    read_connectors,
    read_phishing_simulations,
    read_security_mailboxes,
)
from bot.tenant.exchange.override_rules import read_rules
from bot.tenant.exchange.override_values import ReadValues, read_addresses, read_domains, read_spans
from tests.unit.domain.overrides.making import addresses, domains, ips, patterns, words

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def rule(**properties: object) -> dict[str, object]:
    return {"Name": "Partner", "State": "Enabled", "Mode": "Enforce", "SetSCL": -1, **properties}


def only(*records: dict[str, object]) -> Override:
    [found], unread = read_rules(list(records), now=NOW)
    assert unread == 0
    return found


@pytest.mark.parametrize(
    ("given", "values", "unread"),
    [
        (None, (), 0),
        ([], (), 0),
        ({}, (), 0),
        ("", (), 0),
        ("Evil.Example", ("evil.example",), 0),
        ("evil.example, other.example", ("evil.example", "other.example"), 0),
        (["evil.example", "@other.example"], ("evil.example", "other.example"), 0),
        ("bücher.example", ("xn--bcher-kva.example",), 0),
        ([{"Domain": "evil.example", "IncludeSubDomains": False}], ("evil.example",), 0),
        ([{"Domain": "evil.example", "IncludeSubDomains": True}], ("evil.example", "*.evil.example"), 0),
        ({"Domain": "evil.example"}, ("evil.example",), 0),
        ([{"Name": "evil.example"}], ("evil.example",), 0),
        ({"Domain": {}, "Name": "evil.example"}, ("evil.example",), 0),
        ({"Domain": [" "], "Value": ["evil.example"]}, ("evil.example",), 0),
        ({"Domain": {}}, (), 0),
        ({"Something": {"Else": []}, "Odd": 0}, (), 0),
        ({"@odata.type": "#Collection(String)", "value": ["evil.example"]}, ("evil.example",), 0),
        ("smtp:*.evil.example;1", ("*.evil.example",), 0),
        (["*"], ("*",), 0),
        ([None, ""], (), 0),
        (["no domain at all"], (), 1),
        ([{"Something": "evil.example"}], (), 1),
        (["evil.example", 7, ["other.example", {"Odd": 1}]], ("evil.example", "other.example"), 2),
        ("x" * 400 + ".example", (), 1),
    ],
)
def test_domains_are_read_in_every_spelling(given: object, values: tuple[str, ...], unread: int) -> None:
    assert read_domains(given) == ReadValues(values, unread)


@pytest.mark.parametrize(
    ("given", "values", "unread"),
    [
        ("Info@Evil.Example", ("info@evil.example",), 0),
        ([{"Sender": {"Address": "info@evil.example"}}], ("info@evil.example",), 0),
        ([{"Sender": "info@evil.example"}], ("info@evil.example",), 0),
        ([{"Name": "info@evil.example"}], ("info@evil.example",), 0),
        (["Somebody"], (), 1),
        (["@evil.example"], (), 1),
    ],
)
def test_addresses_are_read_in_every_spelling(given: object, values: tuple[str, ...], unread: int) -> None:
    assert read_addresses(given) == ReadValues(values, unread)


def test_what_is_no_ip_is_counted() -> None:
    assert read_spans(["203.0.113.7", "198.51.100.0/24", "somewhere"]) == ReadValues(
        ("203.0.113.7", "198.51.100.0/24"), 1
    )


class TestMailFlowRules:
    """Which rules let mail through or stop it, and under which conditions."""

    @pytest.mark.parametrize(
        ("properties", "does"),
        [
            ({"SetSCL": -1}, Does.LETS_THROUGH),
            ({"SetSCL": "-1"}, Does.LETS_THROUGH),
            ({"SetSCL": 9}, Does.STOPS),
            ({"SetSCL": None, "DeleteMessage": True}, Does.STOPS),
            ({"SetSCL": None, "RejectMessageReasonText": "No."}, Does.STOPS),
            ({"SetSCL": None, "RejectMessageEnhancedStatusCode": "5.7.1"}, Does.STOPS),
            ({"SetSCL": None, "Quarantine": "True"}, Does.STOPS),
            ({"SetSCL": None, "RedirectMessageTo": ["soc@contoso.example"]}, Does.STOPS),
        ],
    )
    def test_what_it_does(self, properties: dict[str, object], does: Does) -> None:
        assert only(rule(**properties)).does is does

    @pytest.mark.parametrize(
        "properties",
        [
            {"State": "Disabled"},
            {"Mode": "Audit"},
            {"Mode": "AuditAndNotify"},
            {"SetSCL": 0},
            {"SetSCL": None},
            {"SetSCL": None, "PrependSubject": "[EXTERNAL]", "DeleteMessage": False},
            {"ExpiryDate": "2026-02-01T00:00:00Z"},
        ],
    )
    def test_one_that_is_off_tried_out_over_or_about_something_else_is_none(
        self, properties: dict[str, object]
    ) -> None:
        assert read_rules([rule(**properties)], now=NOW) == ((), 0)

    def test_a_header_that_skips_a_part_of_the_filter_may_let_it_through(self) -> None:
        header = "X-MS-Exchange-Organization-SkipSafeLinksProcessing"
        found = only(rule(SetSCL=None, SetHeaderName=header, SetHeaderValue="1"))
        assert (found.does, found.is_partial, found.how) == (Does.LETS_THROUGH, True, "Safe Links is skipped")

    def test_its_conditions_are_read(self) -> None:
        found = only(
            rule(
                SenderDomainIs=["Evil.example"],
                From=[{"Address": "Info@evil.example"}],
                FromAddressContainsWords="Evil",
                SenderIpRanges=["203.0.113.0/24"],
                FromScope="NotInOrganization",
                SentToScope="InOrganization",
                SenderAddressLocation="Header",
                Conditions=[
                    "Microsoft.Exchange.MessagingPolicies.Rules.Tasks.SenderDomainIsPredicate",
                    "Microsoft.Exchange.MessagingPolicies.Rules.Tasks.FromScopePredicate",
                ],
                ExceptIfSenderDomainIs="good.example",
            )
        )
        assert found.conditions == (
            domains("evil.example"),
            addresses("info@evil.example"),
            words("evil"),
            ips("203.0.113.0/24"),
        )
        assert found.exceptions == (domains("good.example"),)
        assert (found.when, found.unless) == ((), ())

    def test_its_patterns_are_read_as_they_stand(self) -> None:
        found = only(
            rule(
                FromAddressMatchesPatterns=[r"^\D+@Evil\.example$"],
                SenderIpRanges=["203.0.113.0/24"],
                ExceptIfFromAddressMatchesPatterns="x$",
            )
        )
        assert found.conditions == (ips("203.0.113.0/24"), patterns(r"^\D+@Evil\.example$"))
        assert found.exceptions == (patterns("x$"),)
        [unreadable], unread = read_rules([rule(FromAddressMatchesPatterns=[{"Odd": 1}])], now=NOW)
        assert unreadable.when == ("the sender is somebody who can't be read from the rule",)
        assert unread == 1

    @pytest.mark.parametrize(
        ("given", "position"),
        [
            (0, 0),
            (7, 7),
            ("12", 12),
            (None, None),
            ("", None),
            ("first", None),
            (True, None),
            (-1, None),
            ("9" * 9, None),
        ],
    )
    def test_its_priority_is_read_and_what_is_none_says_nothing(self, given: object, position: int | None) -> None:
        assert only(rule(Priority=given)).position == position

    @pytest.mark.parametrize(
        ("given", "guid"),
        [
            ("0F0E0D0C-0000-4000-8000-000000000001", "0f0e0d0c-0000-4000-8000-000000000001"),
            ("Partner", ""),
            (None, ""),
            (7, ""),
        ],
    )
    def test_by_which_id_the_tenant_may_name_it(self, given: object, guid: str) -> None:
        assert only(rule(Guid=given)).guid == guid

    @pytest.mark.parametrize(
        ("properties", "when", "unless"),
        [
            ({"SubjectContainsWords": ["invoice", "offer"]}, ("the subject has “invoice” or “offer”",), ()),
            ({"SentTo": ["vip@contoso.example"]}, ("it is sent to “vip@contoso[.]example”",), ()),
            ({"FromScope": "InOrganization"}, ("it comes from inside the organization",), ()),
            ({"Conditions": ["Rules.Tasks.BrandNewPredicate"]}, ("its condition BrandNew holds",), ()),
            ({"ExceptIfSubjectContainsWords": "x"}, (), ("the subject has “x”",)),
            ({"Exceptions": ["Rules.Tasks.BrandNewPredicate"]}, (), ("its condition BrandNew holds",)),
            ({"ActivationDate": "2026-04-01T00:00:00Z"}, ("it is later than 2026-04-01 00:00 UTC",), ()),
        ],
    )
    def test_what_cant_be_judged_for_a_sender_is_said(
        self, properties: dict[str, object], when: tuple[str, ...], unless: tuple[str, ...]
    ) -> None:
        found = only(rule(**properties))
        assert (found.when, found.unless) == (when, unless)

    SECRET: ClassVar[dict[str, object]] = {"HeaderContainsMessageHeader": "X-Key", "HeaderContainsWords": "7f2c"}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"SubjectContainsWords": ["a", "b", "c", "d"]}, {"SubjectContainsWords": ["a", "b", "c", "e"]}),
            ({"SubjectMatchesPatterns": "x" * 90 + "1"}, {"SubjectMatchesPatterns": "x" * 90 + "2"}),
            ({"ExceptIfSentTo": ["a", "b", "c", "d"]}, {"ExceptIfSentTo": ["a", "b", "c", "e"]}),
            (SECRET, {**SECRET, "HeaderContainsMessageHeader": "From"}),
            ({"Conditions": ["Tasks.NewPredicate"], "New": "a"}, {"Conditions": ["Tasks.NewPredicate"], "New": "b"}),
            ({"SenderAddressLocation": "Header"}, {"SenderAddressLocation": "Envelope"}),
            (
                {"SetSCL": None, "RedirectMessageTo": ["a@contoso.example"]},
                {"SetSCL": None, "RedirectMessageTo": ["b@contoso.example"]},
            ),
        ],
    )
    def test_whatever_somebody_changes_in_it_makes_it_another(
        self, before: dict[str, object], after: dict[str, object]
    ) -> None:
        assert only(rule(**before)) != only(rule(**after))

    def test_it_is_the_same_in_another_order_and_says_which_header(self) -> None:
        one, other = ({"SubjectContainsWords": words} for words in (["d", "a", "b", "c"], ["a", "b", "d", "c"]))
        assert only(rule(**one)).unshown == only(rule(**other)).unshown
        assert only(rule(**self.SECRET)).when == ("the header “X-Key” has “7f2c”",)
        assert only(rule(SubjectContainsWords=["a"], SenderAddressLocation="Header")).unshown == ""

    def test_a_sender_who_cant_be_read_makes_no_rule_for_everybody(self) -> None:
        [found], unread = read_rules([rule(From=["Somebody"])], now=NOW)
        assert found.when == ("the sender is somebody who can't be read from the rule",)
        assert unread == 1

    def test_what_cant_be_read_is_counted_and_costs_no_other(self) -> None:
        records: list[Any] = [rule(SetSCL="loud"), "no record", {"SetSCL": -1}, rule(Name="Good")]
        found, unread = read_rules(records, now=NOW)
        assert [each.name for each in found] == ["Good"]
        assert unread == 3


class TestAntiSpam:
    """The allowed and blocked senders of policies, and for whom a policy is."""

    POLICY: ClassVar[dict[str, object]] = {
        "Name": "Default",
        "IsDefault": True,
        "AllowedSenders": [{"Sender": {"Address": "info@evil.example"}}],
        "AllowedSenderDomains": [{"Domain": "evil.example"}],
        "BlockedSenders": "bad@other.example",
        "BlockedSenderDomains": ["other.example"],
    }

    def test_all_four_lists_are_read(self) -> None:
        found = Found()
        read_anti_spam(found, [self.POLICY], [])
        assert [(each.detail, each.does, each.conditions, each.when) for each in found.overrides] == [
            ("allowed senders", Does.LETS_THROUGH, (addresses("info@evil.example"),), ()),
            ("allowed domains", Does.LETS_THROUGH, (domains("evil.example"),), ()),
            ("blocked senders", Does.STOPS, (addresses("bad@other.example"),), ()),
            ("blocked domains", Does.STOPS, (domains("other.example"),), ()),
        ]

    def test_a_policy_of_some_recipients_says_of_whom(self) -> None:
        found = Found()
        custom = {"Name": "VIP", "AllowedSenderDomains": ["evil.example"]}
        unused = {"Name": "Unused", "AllowedSenderDomains": ["evil.example"]}
        rules = [
            {"HostedContentFilterPolicy": "VIP", "State": "Enabled", "RecipientDomainIs": ["vip.example"]},
            {"HostedContentFilterPolicy": "Unused", "State": "Disabled"},
        ]
        read_anti_spam(found, [custom, unused, {**self.POLICY, "AllowedSenders": []}], rules)
        assert {each.name: each.when for each in found.overrides} == {
            "VIP": ("the recipient's domain is vip[.]example",),
            "Default": ("no other anti-spam policy is that of the recipient",),
        }

    @pytest.mark.parametrize(("kind", "when"), [("Standard", (NO_OTHER_POLICY,)), ("Custom", ()), (None, ())])
    def test_a_preset_policy_comes_before_the_default_one(self, kind: str | None, when: tuple[str, ...]) -> None:
        found = Found()
        preset = {"Name": "Preset Security Policy 1", "RecommendedPolicyType": kind, "AllowedSenderDomains": []}
        read_anti_spam(found, [preset, {**self.POLICY, "AllowedSenders": []}], [])
        assert {each.when for each in found.overrides} == {when}

    def test_without_the_rules_no_policy_counts_for_everybody(self) -> None:
        found = Found()
        read_anti_spam(found, [self.POLICY], None)
        assert {each.when for each in found.overrides} == {("the policy is that of the recipient",)}


def test_connectors_that_let_mail_in_and_that_refuse_it() -> None:
    found = Found()
    read_connectors(
        found,
        [
            {
                "Name": "Relay",
                "Enabled": True,
                "SenderDomains": ["smtp:*;1"],
                "SenderIPAddresses": ["203.0.113.0/24"],
                "TreatMessagesAsInternal": True,
                "EFSkipIPs": ["198.51.100.7"],
            },
            {
                "Name": "Gateway",
                "SenderDomains": ["evil.example"],
                "SenderIPAddresses": ["203.0.113.9"],
                "RestrictDomainsToIPAddresses": "True",
            },
            {"Name": "Off", "Enabled": False, "TreatMessagesAsInternal": True},
        ],
    )
    internal, skipped, refused = found.overrides
    assert (internal.name, internal.does, internal.conditions) == ("Relay", Does.LETS_THROUGH, (ips("203.0.113.0/24"),))
    assert (skipped.conditions, skipped.is_partial) == ((ips("198.51.100.7"),), True)
    assert (refused.does, refused.conditions, refused.exceptions) == (
        Does.STOPS,
        (domains("evil.example"),),
        (ips("203.0.113.9"),),
    )


def test_phishing_simulations_security_mailboxes_and_trusted_senders() -> None:
    found = Found()
    simulation = {"Name": "_Exe:PhishSimOverr:1", "Domains": ["evil.example"], "SenderIpRanges": ["203.0.113.7"]}
    read_phishing_simulations(found, [{"Name": "PhishSimOverridePolicy", "Enabled": True}], [simulation])
    read_phishing_simulations(found, [{"Name": "PhishSimOverridePolicy", "Enabled": False}], [simulation])
    read_security_mailboxes(found, [{"Name": "SecOps", "SentTo": ["soc@contoso.example"], "Enabled": True}])
    read_anti_phishing(found, [{"Name": "Office365", "ExcludedDomains": ["evil.example"], "ExcludedSenders": None}])
    simulated, mailbox, trusted = found.overrides
    assert simulated.conditions == (domains("evil.example"), ips("203.0.113.7"))
    assert (mailbox.conditions, mailbox.when) == ((), ("it is sent to soc@contoso[.]example",))
    assert (trusted.conditions, trusted.is_partial) == ((domains("evil.example"),), True)
    assert found.unread == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8) | st.sampled_from(["evil.example", "-1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Domain", "Name", "Sender", "value", "@odata.type", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["Name", "State", "Mode", "SetSCL", "SenderDomainIs", "From", "SenderIpRanges", "Conditions", "DeleteMessage"]
KEYS += ["AllowedSenders", "IsDefault", "Enabled", "SentTo", "Domains", "EFSkipIPs", "ExcludedDomains", "ExpiryDate"]
RECORDS = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5), max_size=3)


def _without_sidecars(given: object) -> object:
    """What says something: `@odata.type` and the like are about the spelling."""
    if isinstance(given, list):
        return [_without_sidecars(item) for item in given]
    if isinstance(given, dict):
        return {key: _without_sidecars(item) for key, item in given.items() if "@" not in key}
    return given


@given(RECORDS)
def test_whatever_is_answered_nothing_breaks_and_what_is_left_out_is_counted(records: list[dict[str, object]]) -> None:
    kept = json.loads(json.dumps(records))
    read_rules(records, now=NOW)
    found = Found()
    read_anti_spam(found, records, records)
    read_connectors(found, records)
    read_phishing_simulations(found, records, records)
    read_security_mailboxes(found, records)
    read_anti_phishing(found, records)
    assert records == kept
    for given_domains in (record.get("SenderDomainIs") for record in records):
        read = read_domains(given_domains)
        if "evil.example" in json.dumps(_without_sidecars(given_domains)).replace('"Name"', "").split('"'):
            assert read, "a domain that is there is either read or counted"
