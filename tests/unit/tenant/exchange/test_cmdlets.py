"""What a change runs, on the wire and as PowerShell: one set of commands, two ways to write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.lists.change import Change, Operation, reaches_tenant, values_per_call
from bot.domain.lists.entries import Entry, FilterPolicy, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.domain.lists.traits import Action, ListName
from bot.errors import IncompleteAnswer
from bot.tenant.exchange.change_parts import cmdlets_to_send
from bot.tenant.exchange.cmdlets import Cmdlet, ListEdit, cmdlets_for, on_the_wire
from bot.tenant.exchange.powershell import as_powershell, literal

ENDS = datetime(2026, 4, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE
ALLOW, BLOCK = Action.ALLOW, Action.BLOCK


def change(operation: Operation, action: Action, name: ListName, *values: str, **more: object) -> Change:
    return Change(operation=operation, action=action, list=name, values=values, **more)  # type: ignore[arg-type]


def reading(
    name: ListName, *entries: Entry, policies: tuple[FilterPolicy, ...] = (), own: frozenset[str] = frozenset()
) -> ListSnapshot:
    return ListSnapshot(
        list=name,
        as_of=NOW,
        policies=policies,
        entries=entries or policy_entries(policies),
        accepted_domains=own,
    )


def wire(command: Cmdlet) -> tuple[str, dict[str, object]]:
    return command.cmdlet, {name: on_the_wire(value) for name, value in command.parameters.items()}


@pytest.mark.parametrize(
    ("asked", "cmdlet", "parameters"),
    [
        (
            change(ADD, ALLOW, ListName.CONNECTION_FILTER, "203.0.113.7", "198.51.100.0/24", notes="n", expires=ENDS),
            "Set-HostedConnectionFilterPolicy",
            {
                "Identity": "Default",
                "IPAllowList": {"@odata.type": "#Exchange.GenericHashTable", "Add": ["203.0.113.7", "198.51.100.0/24"]},
            },
        ),
        (
            change(REMOVE, BLOCK, ListName.CONNECTION_FILTER, "203.0.113.7"),
            "Set-HostedConnectionFilterPolicy",
            {
                "Identity": "Default",
                "IPBlockList": {"@odata.type": "#Exchange.GenericHashTable", "Remove": ["203.0.113.7"]},
            },
        ),
        (
            change(ADD, BLOCK, ListName.SENDER, "evil.example", notes="request 7", expires=ENDS),
            "New-TenantAllowBlockListItems",
            {
                "ListType": "Sender",
                "Entries": ["evil.example"],
                "Block": True,
                "ExpirationDate": "2026-04-01T12:00:00Z",
                "Notes": "request 7",
            },
        ),
        (
            change(ADD, BLOCK, ListName.URL, "evil.example/*"),
            "New-TenantAllowBlockListItems",
            {"ListType": "Url", "Entries": ["evil.example/*"], "Block": True, "NoExpiration": True},
        ),
        (
            change(ADD, ALLOW, ListName.IP, "2001:db8::1"),
            "New-TenantAllowBlockListItems",
            {"ListType": "IP", "Entries": ["2001:db8::1"], "Allow": True, "NoExpiration": True},
        ),
        (
            change(ADD, ALLOW, ListName.SENDER, "good.example"),
            "New-TenantAllowBlockListItems",
            {"ListType": "Sender", "Entries": ["good.example"], "Allow": True, "RemoveAfter": 45},
        ),
        (
            change(REMOVE, BLOCK, ListName.FILE, "ab" * 32),
            "Remove-TenantAllowBlockListItems",
            {"ListType": "FileHash", "Entries": ["ab" * 32]},
        ),
        (
            change(ADD, ALLOW, ListName.SPOOF, "ceo@fabrikam.com, contoso.com"),
            "New-TenantAllowBlockListSpoofItems",
            {
                "Identity": "Default",
                "Action": "Allow",
                "SpoofedUser": "ceo@fabrikam.com",
                "SendingInfrastructure": "contoso.com",
                "SpoofType": "External",
            },
        ),
        (
            change(EXTEND, BLOCK, ListName.SENDER, "evil.example", "worse.example", expires=ENDS, notes="not sent"),
            "Set-TenantAllowBlockListItems",
            {
                "ListType": "Sender",
                "Entries": ["evil.example", "worse.example"],
                "ExpirationDate": "2026-04-01T12:00:00Z",
            },
        ),
        (
            change(EXTEND, BLOCK, ListName.FILE, "ab" * 32),
            "Set-TenantAllowBlockListItems",
            {"ListType": "FileHash", "Entries": ["ab" * 32], "NoExpiration": True},
        ),
        (
            change(EXTEND, ALLOW, ListName.IP, "2001:db8::1"),
            "Set-TenantAllowBlockListItems",
            {"ListType": "IP", "Entries": ["2001:db8::1"], "NoExpiration": True},
        ),
        (
            change(EXTEND, ALLOW, ListName.URL, "good.example"),
            "Set-TenantAllowBlockListItems",
            {"ListType": "Url", "Entries": ["good.example"], "RemoveAfter": 45},
        ),
        (
            change(ANNOTATE, BLOCK, ListName.URL, "evil.example/*", notes="why (Portcullis request 7)", expires=ENDS),
            "Set-TenantAllowBlockListItems",
            {"ListType": "Url", "Entries": ["evil.example/*"], "Notes": "why (Portcullis request 7)"},
        ),
        (
            change(Operation.SAFE_LIST_OFF, ALLOW, ListName.CONNECTION_FILTER, "Head office"),
            "Set-HostedConnectionFilterPolicy",
            {"Identity": "Head office", "EnableSafeList": False},
        ),
    ],
)
def test_the_cmdlet_and_its_parameters(asked: Change, cmdlet: str, parameters: dict[str, object]) -> None:
    (command,) = cmdlets_for(asked)
    assert wire(command) == (cmdlet, parameters)


@pytest.mark.parametrize(
    ("user", "spoof_type"),
    [("ceo@contoso.com", "Internal"), ("CONTOSO.com", "Internal"), ("mail.contoso.com", "External"), ("*", "External")],
)
def test_a_spoof_of_the_tenants_own_domain_is_internal(user: str, spoof_type: str) -> None:
    asked = change(ADD, BLOCK, ListName.SPOOF, f"{user}, fabrikam.com")
    (command,) = cmdlets_for(asked, accepted_domains={"contoso.com"})
    assert command.parameters["SpoofType"] == spoof_type


def test_many_values_go_in_chunks() -> None:
    values = [f"host{number}.example" for number in range(45)]
    commands = cmdlets_for(change(ADD, BLOCK, ListName.SENDER, *values))
    chunks = [command.parameters["Entries"] for command in commands]
    assert [len(chunk) for chunk in chunks if isinstance(chunk, tuple)] == [20, 20, 5]
    assert [value for chunk in chunks if isinstance(chunk, tuple) for value in chunk] == values
    assert len(cmdlets_for(change(ADD, BLOCK, ListName.SPOOF, "a.example, *", "b.example, *"))) == 2
    assert [values_per_call(name) for name in (ListName.SENDER, ListName.SPOOF)] == [20, 1]
    assert values_per_call(ListName.SPOOF, REMOVE) == 20


def test_spoof_ids_cannot_be_sent_before_they_were_looked_up() -> None:
    (command,) = cmdlets_for(change(REMOVE, BLOCK, ListName.SPOOF, "*, fabrikam.com"))
    with pytest.raises(TypeError):
        on_the_wire(command.parameters["Ids"])


class TestConnectionFilter:
    """Which policy a change goes to."""

    default = FilterPolicy(identity="Main", is_default=True, allow=("203.0.113.5/24",), block=("203.0.113.7",))
    named = FilterPolicy(identity="Default", allow=("203.0.113.0/24", "192.0.2.1"))
    other = FilterPolicy(identity="Other")

    @pytest.mark.parametrize(
        ("policies", "expected"),
        [((named, default), "Main"), ((other, named), "Default"), ((other,), "Other")],
    )
    def test_additions_go_to_the_default_policy(self, policies: tuple[FilterPolicy, ...], expected: str) -> None:
        asked = change(ADD, ALLOW, ListName.CONNECTION_FILTER, "192.0.2.9")
        (command,) = cmdlets_to_send(asked, reading(ListName.CONNECTION_FILTER, policies=policies))
        assert command.parameters["Identity"] == expected

    def test_without_a_policy_nothing_is_guessed(self) -> None:
        with pytest.raises(IncompleteAnswer, match="no connection filter policy"):
            cmdlets_to_send(
                change(ADD, ALLOW, ListName.CONNECTION_FILTER, "192.0.2.9"), reading(ListName.CONNECTION_FILTER)
            )

    def test_removals_go_to_every_policy_that_holds_the_value_in_its_own_spelling(self) -> None:
        asked = change(REMOVE, ALLOW, ListName.CONNECTION_FILTER, "203.0.113.0/24", "192.0.2.77")
        policies = (self.default, self.other, self.named)
        commands = cmdlets_to_send(asked, reading(ListName.CONNECTION_FILTER, policies=policies))
        assert [(each.parameters["Identity"], each.parameters["IPAllowList"]) for each in commands] == [
            ("Main", ListEdit(remove=("203.0.113.5/24",))),
            ("Default", ListEdit(remove=("203.0.113.0/24",))),
        ]

    def test_a_removal_looks_at_the_right_list(self) -> None:
        asked = change(REMOVE, ALLOW, ListName.CONNECTION_FILTER, "203.0.113.7")
        assert cmdlets_to_send(asked, reading(ListName.CONNECTION_FILTER, policies=(self.default,))) == ()

    def test_only_safe_lists_that_are_on_are_switched_off_one_call_a_policy(self) -> None:
        policies = (
            FilterPolicy(identity="Main", is_default=True, safe_list=True, allow=("198.51.100.1",)),
            FilterPolicy(identity="Branch; Exit", safe_list=True),
            FilterPolicy(identity="Other"),
        )
        asked = change(Operation.SAFE_LIST_OFF, ALLOW, ListName.CONNECTION_FILTER, "MAIN", "Branch; Exit", "Other")
        on = reading(ListName.CONNECTION_FILTER, *safe_lists_on(policies), policies=policies)
        assert [wire(command) for command in cmdlets_to_send(asked, on)] == [
            ("Set-HostedConnectionFilterPolicy", {"Identity": "Main", "EnableSafeList": False}),
            ("Set-HostedConnectionFilterPolicy", {"Identity": "Branch; Exit", "EnableSafeList": False}),
        ]


class TestBlockList:
    """What a removal or an edit names."""

    entries = (
        Entry(list=ListName.SENDER, action=BLOCK, value="Evil.Example"),
        Entry(list=ListName.SENDER, action=ALLOW, value="good.example"),
    )

    def test_a_removal_names_the_value_as_the_list_spells_it(self) -> None:
        asked = change(REMOVE, BLOCK, ListName.SENDER, "evil.example", "gone.example")
        (command,) = cmdlets_to_send(asked, reading(ListName.SENDER, *self.entries))
        assert command.parameters["Entries"] == ("Evil.Example",)

    def test_an_edit_names_the_value_as_the_list_spells_it(self) -> None:
        asked = change(EXTEND, BLOCK, ListName.SENDER, "gone.example", "evil.example", "good.example", expires=ENDS)
        (command,) = cmdlets_to_send(asked, reading(ListName.SENDER, *self.entries))
        assert wire(command) == (
            "Set-TenantAllowBlockListItems",
            {"ListType": "Sender", "Entries": ["Evil.Example"], "ExpirationDate": "2026-04-01T12:00:00Z"},
        )

    def test_a_removal_of_a_block_leaves_an_allow_alone(self) -> None:
        asked = change(REMOVE, BLOCK, ListName.SENDER, "good.example")
        assert cmdlets_to_send(asked, reading(ListName.SENDER, *self.entries)) == ()


class TestSpoof:
    """What a removal names."""

    def test_a_removal_gives_the_services_ids(self) -> None:
        pairs = (
            Entry(list=ListName.SPOOF, action=ALLOW, value="*, fabrikam.com", identity="wrong-action"),
            Entry(list=ListName.SPOOF, action=BLOCK, value="*, Fabrikam.com", identity="the-id"),
        )
        asked = change(REMOVE, BLOCK, ListName.SPOOF, "*, fabrikam.com")
        (command,) = cmdlets_to_send(asked, reading(ListName.SPOOF, *pairs))
        assert wire(command) == (
            "Remove-TenantAllowBlockListSpoofItems",
            {"Identity": "Default", "Ids": ["the-id"]},
        )
        assert cmdlets_to_send(asked, reading(ListName.SPOOF, *pairs[:1])) == ()

    def test_several_pairs_are_removed_by_one_call(self) -> None:
        values = [f"host{number}.example, 203.0.113.0/24" for number in range(20)]
        pairs = [Entry(list=ListName.SPOOF, action=BLOCK, value=value, identity=f"id of {value}") for value in values]
        asked = change(REMOVE, BLOCK, ListName.SPOOF, *values)
        (command,) = cmdlets_to_send(asked, reading(ListName.SPOOF, *pairs))
        assert command.parameters["Ids"] == tuple(f"id of {value}" for value in values)

    def test_an_addition_asks_the_reading_for_the_own_domains(self) -> None:
        asked = change(ADD, BLOCK, ListName.SPOOF, "ceo@contoso.com, fabrikam.com")
        (command,) = cmdlets_to_send(asked, reading(ListName.SPOOF, own=frozenset({"contoso.com"})))
        assert command.parameters["SpoofType"] == "Internal"

    def test_a_pair_without_an_id_cannot_be_removed(self) -> None:
        pairs = (Entry(list=ListName.SPOOF, action=BLOCK, value="*, fabrikam.com"),)
        with pytest.raises(IncompleteAnswer, match="no id"):
            cmdlets_to_send(change(REMOVE, BLOCK, ListName.SPOOF, "*, fabrikam.com"), reading(ListName.SPOOF, *pairs))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            change(ADD, ALLOW, ListName.CONNECTION_FILTER, "203.0.113.7"),
            "Set-HostedConnectionFilterPolicy -Identity Default -IPAllowList @{ Add = @('203.0.113.7') }",
        ),
        (
            change(REMOVE, BLOCK, ListName.CONNECTION_FILTER, "203.0.113.7"),
            "Set-HostedConnectionFilterPolicy -Identity Default -IPBlockList @{ Remove = @('203.0.113.7') }",
        ),
        (
            change(ADD, BLOCK, ListName.SENDER, "evil.example", "worse.example", notes="request 7", expires=ENDS),
            (
                "New-TenantAllowBlockListItems `\n"
                "    -ListType Sender `\n"
                "    -Entries @(\n"
                "        'evil.example',\n"
                "        'worse.example'\n"
                "    ) `\n"
                "    -Block `\n"
                "    -ExpirationDate '2026-04-01T12:00:00Z' `\n"
                "    -Notes 'request 7'"
            ),
        ),
        (
            change(ADD, ALLOW, ListName.SENDER, "good.example"),
            "New-TenantAllowBlockListItems -ListType Sender -Entries @('good.example') -Allow -RemoveAfter 45",
        ),
        (
            change(REMOVE, BLOCK, ListName.SPOOF, "*, fabrikam.com"),
            (
                "$ids = (Get-TenantAllowBlockListSpoofItems | Where-Object {\n"
                "    ($_.SpoofedUser -eq '*' -and $_.SendingInfrastructure -eq 'fabrikam.com'"
                " -and $_.Action -eq 'Block')\n"
                "}).Identity\n"
                "Remove-TenantAllowBlockListSpoofItems -Identity Default -Ids $ids"
            ),
        ),
        (
            change(EXTEND, BLOCK, ListName.SENDER, "evil.example", expires=ENDS),
            (
                "Set-TenantAllowBlockListItems `\n"
                "    -ListType Sender `\n"
                "    -Entries @('evil.example') `\n"
                "    -ExpirationDate '2026-04-01T12:00:00Z'"
            ),
        ),
        (
            change(EXTEND, BLOCK, ListName.IP, "2001:db8::1"),
            "Set-TenantAllowBlockListItems -ListType IP -Entries @('2001:db8::1') -NoExpiration",
        ),
        (
            change(ANNOTATE, BLOCK, ListName.IP, "2001:db8::1", notes="it's new"),
            "Set-TenantAllowBlockListItems -ListType IP -Entries @('2001:db8::1') -Notes 'it''s new'",
        ),
        (
            change(Operation.SAFE_LIST_OFF, ALLOW, ListName.CONNECTION_FILTER, "Default", "Head office"),
            (
                "Set-HostedConnectionFilterPolicy -Identity Default -EnableSafeList $false\n\n"
                "Set-HostedConnectionFilterPolicy -Identity 'Head office' -EnableSafeList $false"
            ),
        ),
    ],
)
def test_as_powershell(asked: Change, text: str) -> None:
    assert as_powershell(asked) == text


@pytest.mark.parametrize("name", [ListName.CONNECTION_FILTER, ListName.SPOOF])
@pytest.mark.parametrize(("operation", "kept"), [(EXTEND, "keeps no end"), (ANNOTATE, "keeps no notes")])
def test_what_the_tenant_does_not_keep_is_a_comment(name: ListName, operation: Operation, kept: str) -> None:
    asked = change(operation, BLOCK, name, "x\nGet-Process, y", notes="x\nGet-Process", expires=ENDS)
    assert not reaches_tenant(asked)
    assert cmdlets_for(asked) == ()
    text = as_powershell(asked, policy="x\nGet-Process")
    assert kept in text
    assert all(line.startswith("#") for line in text.splitlines())


def test_a_submission_runs_no_cmdlet() -> None:
    asked = change(Operation.SUBMIT, ALLOW, ListName.URL, "good.example")
    assert not reaches_tenant(asked)
    assert "Microsoft Graph" in as_powershell(asked)


def test_the_policy_is_quoted_when_its_name_needs_it() -> None:
    asked = change(ADD, BLOCK, ListName.CONNECTION_FILTER, "203.0.113.7")
    assert "-Identity 'Head office; Exit'" in as_powershell(asked, policy="Head office; Exit")


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("O'Neil", "'O''Neil'"),
        ("a\u2018b\u2019c\u201ad\u201be", "'a\u2018\u2018b\u2019\u2019c\u201a\u201ad\u201b\u201be'"),
        ("'; Remove-Item x; '", "'''; Remove-Item x; '''"),
        ('$(Get-Secret) `n $env:X "q" \u201cq\u201d', "'$(Get-Secret) `n $env:X \"q\" \u201cq\u201d'"),
        ("a\nb", "(-join ('a', [char]0x000A, 'b'))"),
        ("\r", "([string][char]0x000D)"),
        ("a\u202eb", "(-join ('a', [char]0x202E, 'b'))"),
        ("a\u061cb\xad", "(-join ('a', [char]0x061C, 'b', [char]0x00AD))"),
        ("it's\x00", "(-join ('it''s', [char]0x0000))"),
    ],
)
def test_hostile_text_stays_a_literal(hostile: str, expected: str) -> None:
    assert literal(hostile) == expected


HOSTILE = ["x' ; Get-Process '", "x\u2019 ; Get-Process \u2019", "$(Get-Process)", "a`'b", "line\nGet-Process"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_value_cannot_leave_its_literal(hostile: str) -> None:
    text = as_powershell(change(ADD, BLOCK, ListName.SENDER, hostile, notes=hostile), policy=hostile)
    # A literal is a quote, then anything but quotes or quotes in pairs, then a quote.
    outside = re.sub("'(?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\\1)*'", "LITERAL", text)
    assert "Get-Process" not in outside
    assert not re.search("['\u2018\u2019\u201a\u201b]", outside)


def test_the_powershell_names_every_parameter_of_the_wire() -> None:
    for name in ListName:
        for operation in Operation:
            for action in Action:
                value = "contoso.com, fabrikam.com" if name is ListName.SPOOF else "203.0.113.7"
                asked = change(operation, action, name, value, notes="n o", expires=datetime(2026, 4, 1, tzinfo=UTC))
                text = as_powershell(asked)
                for command in cmdlets_for(asked):
                    assert command.cmdlet in text
                    assert all(f"-{parameter}" in text for parameter in command.parameters)
