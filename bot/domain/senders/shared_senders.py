"""Services that send mail for everybody, and the domains whose SPF records name the addresses that they send from.

An address in such a record is nobody's own: whoever is a customer of that service sends from it. The records are read
live, because the addresses change; the domains are those that each service tells its customers to include.

Sources: each service's own page on SPF; Microsoft 365, "Set up SPF"; Google Workspace, "Set up SPF".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSender:
    """One such service."""

    name: str
    domains: tuple[str, ...]


SHARED_SENDERS: tuple[SharedSender, ...] = (
    SharedSender(name="Google", domains=("_spf.google.com",)),
    SharedSender(name="Microsoft 365", domains=("spf.protection.outlook.com",)),
    SharedSender(name="Amazon SES", domains=("amazonses.com",)),
    SharedSender(name="SendGrid", domains=("sendgrid.net",)),
    SharedSender(name="Mailchimp", domains=("servers.mcsv.net", "spf.mandrillapp.com")),
    SharedSender(name="Mailgun", domains=("mailgun.org",)),
    SharedSender(name="Mailjet", domains=("spf.mailjet.com",)),
    SharedSender(name="Brevo", domains=("spf.brevo.com",)),
    SharedSender(name="Salesforce", domains=("_spf.salesforce.com",)),
    SharedSender(name="Zendesk", domains=("mail.zendesk.com",)),
    SharedSender(name="HubSpot", domains=("hubspotemail.net",)),
    SharedSender(name="Postmark", domains=("spf.mtasv.net",)),
    SharedSender(name="SparkPost", domains=("_netblocks.sparkpostmail.com",)),
    SharedSender(name="Constant Contact", domains=("spf.constantcontact.com",)),
)
