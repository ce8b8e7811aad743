"""What the demo's tenant has from the start.

A message that was blocked wrongly, for people to submit, and what is known of it; mail to count; one mailbox with safe
and blocked senders; what somebody has left in the lists and rules, for the posture to find; an audit log that says a
little later who edited what; and what DNS says of the addresses that the mail comes from.

The message as a file lies beside the page: `/static/blocked-message.eml`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.playground.dns_standin import Records
from bot.playground.tenant import Known, Roles, SubmissionItem, TenantStandIn

#: What blocks it, and what its submission lets through.
DOMAIN = "fabrikam.example"
RECIPIENT = "user@contoso.example"
#: A mailbox whose person trusts one domain and blocks one address.
MAILBOX = "ana@contoso.example"
#: Where it lies, by its address in Microsoft Graph.
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
MESSAGE_FILE = Path(__file__).parent / "page" / "blocked-message.eml"

#: One address sends for everybody who is a customer of that service, and says who it is; the other is a printer's own.
DNS: Records = {
    ("7.100.51.198.in-addr.arpa", "PTR"): ("news.mailings.example.",),
    ("news.mailings.example", "A"): ("198.51.100.7",),
    ("_spf.google.com", "TXT"): ('"v=spf1 ip4:198.51.100.128/26 -all"',),  # `portcullis doctor` asks for it
    ("sendgrid.net", "TXT"): ('"v=spf1 ip4:198.51.100.0/26 -all"',),
    ("7.113.0.203.in-addr.arpa", "PTR"): ("scan.printer.example.",),
    ("scan.printer.example", "A"): ("203.0.113.7",),
}

_MESSAGE_ID = "invoice-0042@fabrikam.example"
#: So late are the records of who edited what: in a real tenant it is hours.
RECORDS_LATE = timedelta(seconds=5)


def _seed_posture(tenant: TenantStandIn) -> None:
    """What somebody has left in the lists and rules over the years."""
    tenant.hold("192.0.2.0/24", action="Allow")
    tenant.edit(
        "New-TenantAllowBlockListSpoofItems",
        {
            "Identity": "Default",
            "Action": "Allow",
            "SpoofedUser": "*",
            "SendingInfrastructure": "192.0.2.0/24",
            "SpoofType": "External",
        },
    )
    tenant.edit(
        "New-TenantAllowBlockListItems",
        {"ListType": "Sender", "Entries": ["newsletter.example"], "Allow": True, "RemoveAfter": 45},
    )
    tenant.edit("New-TransportRule", {"Name": "Old scanner", "SetSCL": -1, "SenderIpRanges": ["192.0.2.25"]})


def seed(tenant: TenantStandIn) -> None:
    """Have the stand-in know the message, under both of its names, have some mail to count, and let its audit log be
    asked.
    """
    tenant.seed_mail()
    tenant.hold_mailbox(
        MAILBOX,
        TrustedSendersAndDomains=[DOMAIN],
        BlockedSendersAndDomains=["billing@evil.example"],
        ContactsTrusted=True,
    )
    _seed_posture(tenant)
    tenant.set_roles(Roles(audit_role=True))
    tenant.audit_log.late = RECORDS_LATE
    for name in (MESSAGE_URL, _MESSAGE_ID):
        tenant.know(
            Known(
                name=name,
                sender=f"billing@{DOMAIN}",
                subject="Your invoice",
                blocked_by=(SubmissionItem(list_type="Sender", value=DOMAIN),),
            )
        )
