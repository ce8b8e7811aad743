"""A strict stand-in for a Microsoft 365 tenant: Entra's tokens, Exchange Online's InvokeCommand, and Graph.

It keeps everything in memory, is for loopback only, and judges the bot from outside: it knows the wire and nothing
else of Portcullis.
"""

from .errors import CmdletRefused
from .faults import Fault
from .mail import MailRights, StagedMail
from .standin import TenantStandIn
from .submissions import Known, SubmissionItem
from .tenant import Roles

__all__ = ["CmdletRefused", "Fault", "Known", "MailRights", "Roles", "StagedMail", "SubmissionItem", "TenantStandIn"]
