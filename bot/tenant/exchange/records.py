"""What the Exchange Online cmdlets return, read into the domain's types.

The records come over REST, or out of a file that an administrator exported (see `lists_file`). Their fields are odd in
many ways (see `fields`); what can't be read for certain is an error that names the record, and is never left out: a
list that misses an entry would give a false verdict.

Source: the output of Get-HostedConnectionFilterPolicy, Get-TenantAllowBlockListItems and
Get-TenantAllowBlockListSpoofItems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Action, ListName, label
from bot.errors import IncompleteAnswer
from bot.tenant.exchange.fields import (
    OddDate,
    ShownDate,
    Switch,
    Text,
    Values,
    plain_keys,
    shortened,
)

_REMEDY = "Nothing is taken from a list that can't be read whole. Look at this record in the Defender portal."
_ACTIONS = {"allow": Action.ALLOW, "block": Action.BLOCK}

#: What stands in SubmissionID when no submission made the entry.
_NO_SUBMISSION = frozenset({"", "non-submission", "00000000-0000-0000-0000-000000000000"})

#: What of a record's values tells it from every other: numbers are left out, as 1 is as good as True to Python.
_PLAIN = frozenset({str, bool, type(None)})
_Words: TypeAlias = tuple[tuple[object, object], ...]

#: Of each list so many entries are kept with their records' words, about a kilobyte each.
_MOST_KEPT = 1_000


class _Record(BaseModel):
    """One record, its keys made plain before. Keys that nobody here needs are passed over."""

    model_config = ConfigDict(extra="ignore")


RecordType = TypeVar("RecordType", bound=_Record)


class _PolicyRecord(_Record):
    identity: Text = ""
    name: Text = ""
    id: Text = ""
    guid: Text = ""
    is_default: Switch = Field(default=False, alias="isdefault")
    allow: Values = Field(default=(), alias="ipallowlist")
    block: Values = Field(default=(), alias="ipblocklist")
    safe_list: Switch = Field(default=False, alias="enablesafelist")

    @model_validator(mode="after")
    def _is_a_policy(self) -> _PolicyRecord:
        if not self.model_fields_set:
            raise ValueError("has no key of a connection filter policy")
        return self


class _ItemRecord(_Record):
    identity: Text = ""
    value: Text = Field(min_length=1)
    action: Text
    notes: Text = ""
    subtype: Text = Field(default="", alias="listsubtype")
    submission_id: Text = Field(default="", alias="submissionid")
    created: ShownDate = Field(default=None, alias="createddatetime")
    modified: ShownDate = Field(default=None, alias="lastmodifieddatetime")
    expires: OddDate = Field(default=None, alias="expirationdate")
    remove_after: Text = Field(default="", alias="removeafter")
    last_used: ShownDate = Field(default=None, alias="lastuseddate")
    modified_by: Text = Field(default="", alias="modifiedby")


class _SpoofRecord(_Record):
    identity: Text = ""
    user: Text = Field(min_length=1, alias="spoofeduser")
    infrastructure: Text = Field(min_length=1, alias="sendinginfrastructure")
    spoof_type: Text = Field(default="", alias="spooftype")
    action: Text


def read_policies(data: object) -> tuple[FilterPolicy, ...]:
    """The connection filter policies: one object, a list of them, or `{"value": [...]}`.

    Raises IncompleteAnswer for a record that can't be read.
    """
    title = label(ListName.CONNECTION_FILTER)
    policies = []
    for position, record in records_of(title, data):
        read = _read(_PolicyRecord, record, title=title, position=position)
        name = read.identity or read.name or read.id or read.guid or f"unnamed policy {position}"
        policies.append(
            FilterPolicy(
                identity=name,
                is_default=read.is_default,
                allow=read.allow,
                block=read.block,
                safe_list=read.safe_list,
            )
        )
    return tuple(policies)


class EntryReader:
    """Reads the entries of one tenant's lists of the Tenant Allow/Block List (not the spoof pairs), again and again.

    An approval reads its list before and after its change, and nearly all of it is as before: what the list's last
    reading had in just the same words comes from memory, as the same objects.
    """

    def __init__(self) -> None:
        self._last: dict[ListName, Mapping[_Words, Entry]] = {}

    def begin(self, list_name: ListName) -> EntryReading:
        """A reading of one list. The records don't say which list they are of: the caller does."""
        return EntryReading(list_name, self._last)

    def read(self, list_name: ListName, records: object) -> tuple[Entry, ...]:
        """The entries of one list whose records are all there. Raises IncompleteAnswer for one that can't be read."""
        reading = self.begin(list_name)
        reading.take(records)
        return reading.end()


class EntryReading:
    """One reading of a list, part by part."""

    def __init__(self, list_name: ListName, last: dict[ListName, Mapping[_Words, Entry]]) -> None:
        self._list = list_name
        self._last = last
        self._before = dict(last.get(list_name, {}))
        self._kept: dict[_Words, Entry] = {}
        self._entries: list[Entry] = []
        self._records = 0

    def take(self, records: object) -> None:
        """Read the next records. Those of removed entries are left out, expired ones are not.

        Raises IncompleteAnswer for a record that can't be read: nothing counts of this reading then.
        """
        title = label(self._list)
        for record in _each(title, records):
            self._records += 1
            words = _words(record)
            # Each once: what a list has twice are two entries, also for those who tell them by which object they are.
            entry = None if words is None else self._before.pop(words, None)
            if entry is None:
                entry = _entry(self._list, plain_keys(record), title=title, position=self._records)
            if entry is None:
                continue
            self._entries.append(entry)
            if words is not None and len(self._kept) < _MOST_KEPT:
                self._kept[words] = entry

    def end(self) -> tuple[Entry, ...]:
        """Every entry of the list, once all its records were taken."""
        self._last[self._list] = self._kept
        return tuple(self._entries)


def read_entries(list_name: ListName, records: object) -> tuple[Entry, ...]:
    """The entries of one list, for who reads it once. Raises IncompleteAnswer for a record that can't be read."""
    return EntryReader().read(list_name, records)


def _entry(list_name: ListName, record: object, *, title: str, position: int) -> Entry | None:
    """The entry in a record with plain keys; None for a removed one."""
    if _is_deleted(record):
        return None
    read = _read(_ItemRecord, record, title=title, position=position)
    return Entry(
        list=list_name,
        action=_action(read.action, title=title, position=position, value=read.value),
        value=read.value,
        expires=read.expires,
        bounded_by_use=read.expires is None and read.remove_after not in {"", "0"},
        last_used=read.last_used,
        created=read.created,
        modified=read.modified,
        notes=read.notes,
        modified_by=read.modified_by,
        identity=read.identity,
        subtype=read.subtype,
        submission_id="" if read.submission_id.lower() in _NO_SUBMISSION else read.submission_id,
    )


def _words(record: object) -> _Words | None:
    """All that a record says, to be told from others by; None where it says more than texts and switches."""
    if not isinstance(record, Mapping) or not _PLAIN.issuperset(map(type, record.values())):
        return None
    return tuple(record.items())


def read_spoof(records: object) -> tuple[Entry, ...]:
    """The spoof pairs, each with the value `<spoofed user>, <sending infrastructure>`.

    Raises IncompleteAnswer for a record that can't be read.
    """
    title = label(ListName.SPOOF)
    entries = []
    for position, record in records_of(title, records):
        if _is_deleted(record):
            continue
        read = _read(_SpoofRecord, record, title=title, position=position)
        value = f"{read.user}, {read.infrastructure}"
        entries.append(
            Entry(
                list=ListName.SPOOF,
                action=_action(read.action, title=title, position=position, value=value),
                value=value,
                identity=read.identity,
                spoof_type=read.spoof_type,
            )
        )
    return tuple(entries)


def records_of(title: str, data: object) -> Iterator[tuple[int, object]]:
    """Each record with its place in the list, from 1, and with plain keys.

    Raises IncompleteAnswer where it is no list of records.
    """
    for position, record in enumerate(_each(title, data), start=1):
        yield position, plain_keys(record)


def _each(title: str, data: object) -> Sequence[object]:
    if isinstance(data, Mapping):
        data = data["value"] if "value" in data and isinstance(data["value"], list | tuple) else [data]
    if not isinstance(data, list | tuple):
        raise IncompleteAnswer(f"The list “{title}” is no list of records.", _REMEDY)
    return data


def _is_deleted(record: object) -> bool:
    """A removed entry comes back with Action "0" and ObjectState "Deleted"."""
    if not isinstance(record, Mapping):
        return False
    return str(record.get("action")).strip() == "0" or str(record.get("objectstate")).strip().lower() == "deleted"


def _action(text: str, *, title: str, position: int, value: str) -> Action:
    action = _ACTIONS.get(text.lower())
    if action is None:
        raise IncompleteAnswer(
            f"Record {position} of the list “{title}” ({shortened(value)}) has the action “{shortened(text)}”, which "
            "is neither Allow nor Block.",
            _REMEDY,
        )
    return action


def _read(model: type[RecordType], record: object, *, title: str, position: int) -> RecordType:
    try:
        return model.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the record"
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise IncompleteAnswer(
            f"Record {position} of the list “{title}”{_name_of(record)} can't be read: {where}: {reason}.", _REMEDY
        ) from None


def _name_of(record: object) -> str:
    if isinstance(record, Mapping):
        for key in ("value", "spoofeduser", "name", "identity"):
            if isinstance(record.get(key), str) and record[key]:
                return f" ({shortened(record[key])})"
    return ""
