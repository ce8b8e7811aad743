"""What a run writes: documentation values with a label of its own, each of which it can find again and take out."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.lists.comparison import same_value
from bot.domain.lists.traits import ListName
from tests.contract.service import FILTER, ITEMS, LIST_OF_TYPE, LIST_TYPES, SPOOF, Record, Service

LISTS = ("IPAllowList", "IPBlockList")

_ENDS = {"ExpirationDate", "NoExpiration", "RemoveAfter"}


class Writing:
    """Adds, and takes out again. The label is in every name, in every note, and in the IPv6 network."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._token = secrets.token_hex(4)
        self.label = f"portcullis-contract-{self._token}"
        self._values: dict[str, set[str]] = {list_type: set() for list_type in LIST_TYPES}
        self._addresses: dict[str, set[str]] = {name: set() for name in LISTS}

    def value(self, list_type: str, name: str = "one") -> str:
        """A value that nobody else has in their lists; whatever entry has it is this run's to take out."""
        value = self._value(list_type, name)
        self._values[list_type].add(value)
        return value

    def odd(self, list_type: str, value: str) -> str:
        """A value of another form than `value` gives, which is this run's all the same, and its to take out."""
        self._values[list_type].add(value)
        return value

    @property
    def letters(self) -> str:
        """A made-up top-level domain of this run: letters alone."""
        return "portcullis" + self._token.translate(str.maketrans("0123456789", "ghijklmnop"))

    @property
    def ipv6(self) -> str:
        """An address of this run's documentation network."""
        return self._value("IP", "host")

    def _value(self, list_type: str, name: str) -> str:
        match list_type:
            case "Sender":
                return f"{name}.{self.label}.example.com"
            case "Url":
                return f"{self.label}.example.com/{name}"
            case "FileHash":
                return hashlib.sha256(f"{self.label} {name}".encode()).hexdigest()
            case _:
                host = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
                network = int(ipaddress.IPv6Address(f"2001:db8:{self._token[:4]}:{self._token[4:]}::"))
                return str(ipaddress.IPv6Address(network + host))

    def user(self, name: str = "one") -> str:
        """A spoofed user that nobody else has in their lists."""
        return f"{name}@{self.label}.example.com"

    def addresses(self, name: str, count: int) -> list[str]:
        """Documentation addresses that the connection filter list doesn't hold in any spelling."""
        taken = self.listed(name)
        free = [str(host) for host in ipaddress.IPv4Network("192.0.2.0/24").hosts() if not is_among(str(host), taken)]
        return secrets.SystemRandom().sample(free, count)

    def address(self, name: str) -> str:
        (address,) = self.addresses(name, 1)
        return address

    def add(
        self, list_type: str, *values: str, action: str = "Block", end: bool = True, **more: object
    ) -> dict[str, Any]:
        """Add entries of the block list and wait for them.

        They end after a day, unless `more` says something else or `end` is false: then nothing is said of it.
        """
        parameters: dict[str, object] = {action: True, "Notes": self.label} | more
        if end and not _ENDS & parameters.keys():
            parameters["ExpirationDate"] = in_days(1)
        body = self._service.run(f"New-{ITEMS}", ListType=list_type, Entries=list(values), **parameters)
        for value in values:
            self._service.eventually(lambda value=value: self._service.entry(list_type, value) is not None, value)
        return body

    def refused(self, list_type: str, *values: str, **parameters: object) -> str:
        """The service's words for an addition that it has to refuse; should it not, it is taken out again."""
        refusal = self._service.refusal(f"New-{ITEMS}", ListType=list_type, Entries=list(values), **parameters)
        assert refusal.status == 400
        return refusal.words

    def add_pair(self, user: str, infrastructure: str, *, action: str = "Block") -> Record:
        self._service.run(
            f"New-{SPOOF}",
            Identity="Default",
            Action=action,
            SpoofedUser=user,
            SendingInfrastructure=infrastructure,
            SpoofType="External",
        )
        self._service.eventually(lambda: self._service.pair(user) is not None, user)
        pair = self._service.pair(user)
        assert pair is not None
        return pair

    def refused_edit(self, name: str, *values: str) -> str:
        """The service's words for values that it has to refuse; should it not, they are taken out again."""
        listed = self.listed(name)
        self._addresses[name] |= {value for value in values if not is_among(value, listed)}
        table = {"@odata.type": "#Exchange.GenericHashTable", "Add": list(values)}
        refusal = self._service.refusal(f"Set-{FILTER}", Identity=self._service.policy()["Identity"], **{name: table})
        assert refusal.status == 400
        return refusal.words

    def edit_filter(self, name: str, **edits: list[str]) -> dict[str, Any]:
        """Edit a list of the default connection filter policy: never the list as a whole."""
        self._addresses[name] |= set(edits.get("Add", ()))
        table = {"@odata.type": "#Exchange.GenericHashTable", **edits}
        body = self._service.run(f"Set-{FILTER}", Identity=self._service.policy()["Identity"], **{name: table})
        self._service.eventually(
            lambda: self._shows(name, held=edits.get("Add", ()), gone=edits.get("Remove", ())), f"{name} {edits}"
        )
        return body

    def _shows(self, name: str, *, held: Iterable[str], gone: Iterable[str]) -> bool:
        listed = self.listed(name)
        return all(is_among(value, listed) for value in held) and not any(is_among(value, listed) for value in gone)

    def listed(self, name: str) -> list[str]:
        return list(self._service.policy().get(name) or ())

    def take_out(self) -> None:
        """Take out everything of this run that the lists show."""
        for list_type, value in self._items():
            self._service.post(f"Remove-{ITEMS}", ListType=list_type, Entries=[value])
        for pair in self._pairs():
            self._service.post(f"Remove-{SPOOF}", Identity="Default", Ids=[pair["Identity"]])
        for name, addresses in self._listed_addresses().items():
            table = {"@odata.type": "#Exchange.GenericHashTable", "Remove": addresses}
            self._service.post(f"Set-{FILTER}", Identity=self._service.policy()["Identity"], **{name: table})

    def left(self) -> list[str]:
        """What of this run the lists show, for people."""
        return [
            *(f"{list_type} {value}" for list_type, value in self._items()),
            *(f"spoof pair {pair['SpoofedUser']}" for pair in self._pairs()),
            *(f"{name} {', '.join(addresses)}" for name, addresses in self._listed_addresses().items()),
        ]

    def _items(self) -> list[tuple[str, str]]:
        return [
            (list_type, record["Value"])
            for list_type, values in self._values.items()
            if values
            for record in self._service.read(f"Get-{ITEMS}", ListType=list_type)
            if self.label in record["Value"]
            or any(same_value(LIST_OF_TYPE[list_type], record["Value"], value) for value in values)
        ]

    def _pairs(self) -> list[Record]:
        return [pair for pair in self._service.read(f"Get-{SPOOF}") if self.label in pair["SpoofedUser"]]

    def _listed_addresses(self) -> dict[str, list[str]]:
        found = {
            name: [address for address in self.listed(name) if is_among(address, added)]
            for name, added in self._addresses.items()
            if added
        }
        return {name: addresses for name, addresses in found.items() if addresses}


def is_among(address: str, others: Iterable[str]) -> bool:
    """Whether a list of the connection filter would take two of these for one, however they are spelled."""
    return any(same_value(ListName.CONNECTION_FILTER, address, other) for other in others)


def in_days(days: float) -> str:
    """A moment from now, as the service reads it."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
