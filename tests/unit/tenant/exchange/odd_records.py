"""Records as live tenants have returned them, or might: each has to be read, judged and shown, or named in an error.

Whatever a test holds against them, they come straight from a reader or over HTTP from the stand-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.lists.traits import ListName

Record = Mapping[str, object]

HASH = "ab" * 32
UNPRINTABLE = "bad\x00\n\u202e'; Remove-Item x; '.example"


@dataclass(frozen=True)
class Odd:
    """Records of one list, and how many entries they are."""

    name: str
    list: ListName
    records: tuple[Record, ...]
    entries: int = 1

    @property
    def cmdlet(self) -> str:
        if self.list is ListName.CONNECTION_FILTER:
            return "Get-HostedConnectionFilterPolicy"
        return f"Get-TenantAllowBlockList{'SpoofItems' if self.list is ListName.SPOOF else 'Items'}"

    @property
    def list_type(self) -> str | None:
        return self.list.traits.list_type or None


def item(value: object, **more: object) -> Record:
    """A block entry, with the keys that the service always has."""
    return {"Identity": "RgAAAAAI8gSyI", "Value": value, "Action": "Block", "ListSubType": "Tenant", **more}


def policy(**keys: object) -> Record:
    return {"Identity": "Default", "IsDefault": True, **keys}


def pair(user: object, infrastructure: object, **more: object) -> Record:
    return {"Identity": "id", "SpoofedUser": user, "SendingInfrastructure": infrastructure, "Action": "Block", **more}


ODD: tuple[Odd, ...] = (
    Odd(
        "sidecars, a malformed key and seven fraction digits",
        ListName.SENDER,
        (
            item(
                "bad.example",
                **{
                    "CreatedDateTime@data.type": "System.DateTime",
                    "CreatedDateTime": "2026-03-01T12:00:00.1234567Z",
                    "ExpirationDate@data.type": "System.DateTime",
                    "ExpirationDate": "2099-03-31T12:00:00.7654321Z",
                    "LastUsedDate(DateTime])": "2026-03-02T01:02:03.0000001Z",
                    "RemoveAfter": None,
                    "Error": None,
                    "EntryValueHash": "x",
                    "SysManaged": False,
                },
            ),
        ),
    ),
    Odd("no dates at all", ListName.URL, (item("bad.example/*"),)),
    Odd("every date null", ListName.FILE, (item(HASH, ExpirationDate=None, CreatedDateTime=None, LastUsedDate=None),)),
    Odd(
        "an expired entry that is still listed",
        ListName.SENDER,
        (item("old.example", ExpirationDate="2020-01-01T00:00:00.0000000Z"),),
    ),
    Odd(
        "an end beyond every calendar",
        ListName.IP,
        (item("2001:db8::1", ExpirationDate="9999-12-31T23:59:59.9999999"),),
    ),
    Odd(
        "bounded by use, with a last use",
        ListName.URL,
        (item("good.example", Action="Allow", RemoveAfter=45, LastUsedDate="x"),),
    ),
    Odd(
        "nobody's hand, no notes",
        ListName.SENDER,
        (item("bad.example", ModifiedBy=None, Notes=None, SubmissionID=None),),
    ),
    Odd(
        "of a submission",
        ListName.FILE,
        (item(HASH, Action="Allow", ListSubType="Submission", SubmissionID="0d3f1c9e-0000-4000-8000-000000000001"),),
    ),
    Odd("a value with unprintable characters and quotes", ListName.SENDER, (item(UNPRINTABLE, Notes=UNPRINTABLE),)),
    Odd("a value of any length", ListName.URL, (item("bad.example/" + "a" * 20_000, Notes="n" * 20_000),)),
    Odd("a value that is a number", ListName.SENDER, (item(42),)),
    Odd("junk in the IPv6 list", ListName.IP, (item("not an address"), item("203.0.113.7"), item("2001:db8::/129")), 3),
    Odd(
        "one value in two spellings", ListName.IP, (item("2001:db8::1"), item("2001:0DB8:0::1/128", Action="Allow")), 2
    ),
    Odd(
        "a removed entry among others",
        ListName.SENDER,
        (item("gone.example", Action="0", ObjectState="Deleted"), item("a.example")),
    ),
    Odd("phishing simulation", ListName.URL, (item("*.fabrikam.com", Action="Allow", ListSubType="AdvancedDelivery"),)),
    Odd("IP lists that are null", ListName.CONNECTION_FILTER, (policy(IPAllowList=None, IPBlockList=None),), 0),
    Odd("no IP lists at all", ListName.CONNECTION_FILTER, (policy(),), 0),
    Odd("an IP list that is a bare text", ListName.CONNECTION_FILTER, (policy(IPAllowList="203.0.113.7"),)),
    Odd(
        "junk in an IP list",
        ListName.CONNECTION_FILTER,
        (policy(IPAllowList=["203.0.113.7", "not an address", None, "", 7, "203.0.113.9-203.0.113.1", UNPRINTABLE]),),
        5,
    ),
    Odd(
        "several policies, two of one name, one of none",
        ListName.CONNECTION_FILTER,
        (
            policy(IsDefault=False, IPBlockList=["203.0.113.7"], EnableSafeList="True"),
            policy(IPBlockList=["203.0.113.7"]),
            {"IPBlockList": ["203.0.113.7", "203.0.113.0/24"], "EnableSafeList": 1},
        ),
        4,
    ),
    Odd(
        "a policy whose name is hostile",
        ListName.CONNECTION_FILTER,
        (policy(Identity=UNPRINTABLE, IPBlockList=["203.0.113.7"], EnableSafeList=True),),
    ),
    Odd(
        "no policy is the default one",
        ListName.CONNECTION_FILTER,
        (policy(IsDefault=None, Identity="Branch", IPAllowList=["192.0.2.1"]),),
    ),
    Odd(
        "a pair with neither type nor id",
        ListName.SPOOF,
        ({"SpoofedUser": "*", "SendingInfrastructure": "b.example", "Action": "allow"},),
    ),
    Odd("a pair with junk on both sides", ListName.SPOOF, (pair("not a user, at all", UNPRINTABLE),)),
    Odd("a pair that may not exist", ListName.SPOOF, (pair("*", "*"), pair("a.example", "203.0.113.0/24")), 2),
)

#: Records that can't be read for certain: the list as a whole is then not known, and no entry of it is dropped.
UNREADABLE: tuple[Odd, ...] = (
    Odd("an entry without a value", ListName.SENDER, (item("a.example"), {"Action": "Block"})),
    Odd("an entry of neither action", ListName.SENDER, (item("a.example", Action="Quarantine"),)),
    Odd("an end that is no date", ListName.URL, (item("a.example", ExpirationDate="soon"),)),
    Odd("a safe list that is neither on nor off", ListName.CONNECTION_FILTER, (policy(EnableSafeList="perhaps"),)),
    Odd("a record with nothing of a policy", ListName.CONNECTION_FILTER, ({"Something": "else"},)),
    Odd("half a pair", ListName.SPOOF, ({"SpoofedUser": "a.example", "Action": "Block"},)),
)
