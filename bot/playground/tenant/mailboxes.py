"""The junk e-mail settings of single mailboxes: whom their people trust, and whom they block.

A tenant has no mailbox until one is put into it. How these records come over REST is documented nowhere: here they have
the properties that users of the PowerShell module see.

Source: Microsoft Learn, "Get-MailboxJunkEmailConfiguration".
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from .cmdlets import Call, Cmdlet, Outcome, Record
from .overrides import one_of
from .parameters import Kind, Parameter
from .state import State

_MAILBOX = "MailboxJunkEmailConfiguration"


def hold_mailbox(state: State, address: str, **properties: object) -> None:
    """A mailbox that its person has opened, with these junk e-mail settings beside those that it comes with."""
    record: Record = {
        "Identity": address.partition("@")[0],
        "MailboxOwnerId": address.partition("@")[0],
        "Enabled": True,
        "TrustedSendersAndDomains": [],
        "TrustedRecipientsAndDomains": [],
        "BlockedSendersAndDomains": [],
        "ContactsTrusted": False,
        "TrustedListsOnly": False,
        "IsValid": True,
        "ObjectState": "Changed",
        **properties,
    }
    state.overrides[_MAILBOX] = {**state.overrides.get(_MAILBOX, {}), address.lower(): record}


def _junk_settings(call: Call) -> Outcome:
    """Of one mailbox; `*` in its identity stands for anything, as Microsoft's page says."""
    held = call.state.overrides.get(_MAILBOX, {})
    identity = call.arguments.text("Identity") or ""
    if "*" in identity:
        records = [record for address, record in held.items() if fnmatchcase(address, identity.lower())]
        return Outcome(records=records[: call.arguments.number("ResultSize")])
    return Outcome(records=[one_of(held, identity)])


CMDLETS = (
    Cmdlet(
        name=f"Get-{_MAILBOX}",
        parameters=(Parameter("Identity", required=True), Parameter("ResultSize", Kind.NUMBER)),
        run=_junk_settings,
    ),
)
