"""Reading the junk e-mail settings of one mailbox, and of no other.

Microsoft's page of the cmdlet warns that a value which names no mailbox may return all of them. So two are asked for at
most, and an answer of more than one is refused unread. How the lists come over REST is documented nowhere: texts,
arrays, objects and collections are read, and what can't be is never taken for nothing.

Source: "Get-MailboxJunkEmailConfiguration" and "Set-MailboxJunkEmailConfiguration".
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from bot.domain.overrides.safe_senders import JunkSettings, SenderList
from bot.errors import TenantUnavailable, ValueRefused
from bot.tenant.calling.transport import Transport
from bot.tenant.exchange.fields import is_cut_short, plain_keys, read_switch
from bot.tenant.exchange.override_values import read_addresses, read_domains, read_words
from bot.tenant.optional_rights import JUNK_SETTINGS

#: So long a mailbox may take, in seconds: somebody waits.
MAILBOX_WITHIN = 20.0

_NOT_FOUND = ("couldn't be found", "could not be found", "wasn't found", "was not found")
_SAFE, _BLOCKED = "trustedsendersanddomains", "blockedsendersanddomains"
_NOT_UNDERSTOOD = "The tenant's answer about this mailbox could not be understood."


async def read_junk_settings(transport: Transport, mailbox: str) -> JunkSettings:
    """The settings of the mailbox with this address.

    Raises ValueRefused where there is none, and otherwise a TenantError; none of them has anything of the settings.
    """
    try:
        async with asyncio.timeout(MAILBOX_WITHIN):
            answer = await transport.invoke(JUNK_SETTINGS, {"Identity": mailbox, "ResultSize": 2}, write=False)
    except TimeoutError:
        what = f"The tenant gave no answer about this mailbox within {MAILBOX_WITHIN:g} seconds."
        raise TenantUnavailable(what, "Ask again later.") from None
    except ValueRefused as error:
        if is_not_found(error):
            raise _nowhere(error) from error
        raise
    if not answer.values:
        raise _nowhere()
    if len(answer.values) > 1:
        what = "The tenant answered with the settings of several mailboxes. None of them was read."
        raise TenantUnavailable(what, "Tell whoever runs Portcullis.")
    # In a thread: to read thousands of entries takes a moment.
    return await asyncio.to_thread(read_record, answer.values[0])


def is_not_found(error: ValueRefused) -> bool:
    """Whether the service says that there is no such mailbox, which it says only of a cmdlet that it ran."""
    said = error.service_text.lower().replace("\u2019", "'")
    return error.status == HTTPStatus.NOT_FOUND or any(words in said for words in _NOT_FOUND)


def _nowhere(error: ValueRefused | None = None) -> ValueRefused:
    return ValueRefused(
        "The tenant has no such mailbox, or none that the app may look into.",
        "Check the address: groups and contacts have no mailbox.",
        status=error.status if error is not None else None,
    )


def read_record(record: Mapping[str, object]) -> JunkSettings:
    """What the cmdlet returned of one mailbox. Raises TenantUnavailable where that is something else altogether."""
    plain = plain_keys(record)
    if not isinstance(plain, Mapping) or not {_SAFE, _BLOCKED} & set(plain):
        raise TenantUnavailable(_NOT_UNDERSTOOD, "Tell whoever runs Portcullis.")
    return JunkSettings(
        safe=_list(plain, _SAFE),
        blocked=_list(plain, _BLOCKED),
        contacts_trusted=_switch(plain, "contactstrusted"),
        trusted_only=_switch(plain, "trustedlistsonly"),
    )


def _list(plain: Mapping[object, object], name: str) -> SenderList:
    """One list. A property that isn't there, or is no list at all, leaves open what stands in it."""
    given = plain.get(name)
    if name not in plain or isinstance(given, bool | int | float):
        return SenderList(is_whole=False)
    words = read_words(given)
    addresses: set[str] = set()
    domains: set[str] = set()
    unread = words.unread
    for text in words.values:
        if is_cut_short(text):  # the name of a type, in place of what is in it
            unread += 1
            continue
        is_address = "@" in text.lstrip("@")
        read = read_addresses(text) if is_address else read_domains(text)
        (addresses if is_address else domains).update(read.values)
        unread += read.unread or not read.values
    return SenderList(addresses=frozenset(addresses), domains=frozenset(domains), is_whole=not unread)


def _switch(plain: Mapping[object, object], name: str) -> bool | None:
    try:
        return read_switch(plain[name]) if name in plain else None
    except ValueError:
        return None
