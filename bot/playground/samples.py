"""A message that was blocked wrongly, for people to submit in the demo, and mail to count; and what is known of both.

The message as a file lies beside the page: `/static/blocked-message.eml`.
"""

from __future__ import annotations

from pathlib import Path

from bot.playground.tenant import Known, SubmissionItem, TenantStandIn

#: What blocks it, and what its submission lets through.
DOMAIN = "fabrikam.example"
RECIPIENT = "user@contoso.example"
#: Where it lies, by its address in Microsoft Graph.
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
MESSAGE_FILE = Path(__file__).parent / "page" / "blocked-message.eml"

_MESSAGE_ID = "invoice-0042@fabrikam.example"


def seed(tenant: TenantStandIn) -> None:
    """Have the stand-in know the message, under both of its names, and have some mail to count."""
    tenant.seed_mail()
    for name in (MESSAGE_URL, _MESSAGE_ID):
        tenant.know(
            Known(
                name=name,
                sender=f"billing@{DOMAIN}",
                subject="Your invoice",
                blocked_by=(SubmissionItem(list_type="Sender", value=DOMAIN),),
            )
        )
